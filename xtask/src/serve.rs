//! Serve: the page and the router on loopback, as they would be in production, rebuilt when their sources change.

use std::future::pending;

use anyhow::{Context, Result};
use tokio::task::spawn_blocking;

use crate::build::Part;
use crate::cluster::Cluster;
use crate::command::Serve;
use crate::demo::{self, CF_HEADER, City, FRANKFURT, SITES, SYDNEY};
use crate::paths;
use crate::setup::{self, Need};
use crate::site::{Site, listen};
use crate::watch::Watch;
use crate::workerd::{Options, Workerd};

/// Serves until it is dropped.
///
/// # Errors
/// When a port is busy, something cannot be installed or built, or a server does not start.
pub async fn run(options: Serve) -> Result<()> {
    // Both ports before a long build.
    let page_port = listen(options.port, "--port").await?;
    let router_port = listen(options.router_port, "--router-port").await?;

    let watch = Watch::new();
    aside(set_up_and_build).await?;

    let site = Site::serve(&paths::site(), page_port)?;
    let port = router_port.local_addr().context("the router's port has no address")?.port();
    drop(router_port);
    let router = aside(move || Router::start(port)).await?;
    println!("{}", welcome(&site.url(), &router));

    if options.watch { rebuild_on_change(watch, router).await } else { pending().await }
}

/// The demo clusters and the worker in front of them.
struct Router {
    port: u16,
    clusters: Vec<Cluster>,
    /// None while a build of it does not run.
    worker: Option<Workerd>,
}

impl Router {
    fn start(port: u16) -> Result<Self> {
        let mut router = Self { port, clusters: demo::start()?, worker: None };
        router.worker = Some(Workerd::start(&router.options())?);
        Ok(router)
    }

    /// Runs the worker as it is built now in place of the one before, with the same clusters.
    fn restart(mut self) -> (Self, Result<()>) {
        // The port is free only when the old one has ended.
        self.worker = None;
        let started = Workerd::start(&self.options()).map(|worker| self.worker = Some(worker));
        (self, started)
    }

    fn options(&self) -> Options {
        let urls: Vec<String> = self.clusters.iter().map(Cluster::url).collect();
        let topology = demo::topology(urls.iter().map(String::as_str)).to_string();
        Options { port: Some(self.port), variables: vec![("TOPOLOGY".to_owned(), topology)] }
    }
}

fn welcome(page: &str, router: &Router) -> String {
    let url = format!("http://127.0.0.1:{}", router.port);
    let mut text = format!("\npage    {page}\nrouter  {url}, in front of\n");
    for (site, cluster) in SITES.iter().zip(&router.clusters) {
        text.push_str(&format!("        {} in {} ({}) at {}\n", site.id, site.city.name, site.role, cluster.url()));
    }
    let from = |city: City| format!("-H '{CF_HEADER}: {}'", city.cf());
    if router.clusters.iter().zip(&SITES).any(|(cluster, site)| !cluster.url().ends_with(&format!(":{}", site.port))) {
        text.push_str("        (a usual port was taken: `npx wrangler dev` will not find these clusters)\n");
    }
    if let Some(worker) = &router.worker {
        text.push_str(&format!("log     {}\n", worker.log_path().display()));
    }
    text.push_str(&format!(
        "\n# Frankfurt reads\ncurl -i {} {url}/v1/secret/data/app\n\
         # Sydney reads\ncurl -i {} {url}/v1/secret/data/app\n\
         # Frankfurt writes\ncurl -i {} -d '{{\"value\": 1}}' {url}/v1/secret/data/app\n\n\
         Ctrl-C ends all of it.",
        from(FRANKFURT),
        from(SYDNEY),
        from(FRANKFURT)
    ));
    text
}

fn set_up_and_build() -> Result<()> {
    let needs: Vec<Need> = Part::ALL.iter().flat_map(|part| part.needs().iter().copied()).collect();
    setup::ensure(&needs)?;
    for part in Part::ALL {
        build(*part)?;
    }
    Ok(())
}

/// Builds what is stale; a budget that is exceeded is pointed out, and no reason not to serve.
fn build(part: Part) -> Result<bool> {
    let built = part.ensure()?;
    if let Err(over) = part.report()?.check() {
        eprintln!("warning: {over:#}");
    }
    Ok(built)
}

async fn rebuild_on_change(mut watch: Watch, mut router: Router) -> Result<()> {
    loop {
        let change = watch.changed().await?;
        eprintln!("\n{} changed", change.file.display());
        for part in change.parts {
            match aside(move || build(part)).await {
                Ok(false) => eprintln!("the {part} is the same as before"),
                Ok(true) if part == Part::Worker => router = restart(router).await?,
                Ok(true) => eprintln!("the {part} is rebuilt"),
                Err(error) => eprintln!("{error:#}\nthe {part} stays as it was built last"),
            }
        }
    }
}

async fn restart(router: Router) -> Result<Router> {
    let (router, started) = aside(move || Ok(router.restart())).await?;
    match started {
        Ok(()) => eprintln!("the worker is rebuilt and runs"),
        Err(error) => eprintln!("{error:#}\nthe worker is rebuilt, but does not run"),
    }
    Ok(router)
}

/// Does what takes long where it holds up nothing else.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.context("a step ended early")?
}
