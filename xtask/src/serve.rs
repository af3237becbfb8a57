//! Serve: the page and the router on loopback, as they would be in production, rebuilt when their sources change.

use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::build::Part;
use crate::cluster::Cluster;
use crate::command::Serve;
use crate::demo::{
    self, ADMIN_TOKEN, CF_HEADER, CONTROL_PORT, City, Control, FRANKFURT, Ports, SITES, STANDBY, SYDNEY,
};
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
    let control = Control::serve(Arc::clone(&router.clusters), router.status(), control_port().await?)?;
    println!("{}", welcome(&site.url(), &control.url(), &router));

    if options.watch { rebuild_on_change(watch, router).await } else { pending().await }
}

/// The demo clusters and the worker in front of them.
struct Router {
    port: u16,
    clusters: Arc<Vec<Cluster>>,
    /// None while a build of it does not run.
    worker: Option<Workerd>,
}

impl Router {
    fn start(port: u16) -> Result<Self> {
        let mut router = Self { port, clusters: Arc::new(demo::start(Ports::Usual)?), worker: None };
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

    /// The address of its status page.
    fn status(&self) -> String {
        format!("http://127.0.0.1:{}/_headroom/status", self.port)
    }

    fn options(&self) -> Options {
        let urls: Vec<String> = self.clusters.iter().map(Cluster::url).collect();
        let topology = demo::topology(urls.iter().map(String::as_str)).to_string();
        Options {
            port: Some(self.port),
            variables: vec![("TOPOLOGY".to_owned(), topology), ("ADMIN_TOKEN".to_owned(), ADMIN_TOKEN.to_owned())],
            ..Options::default()
        }
    }
}

/// The usual port of the demo's control, or a free one.
async fn control_port() -> Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, CONTROL_PORT)).await {
        Ok(listener) => Ok(listener),
        Err(_) => listen(0, "the control's port").await,
    }
}

fn welcome(page: &str, control: &str, router: &Router) -> String {
    let url = format!("http://127.0.0.1:{}", router.port);
    let mut text = format!("\npage    {page}\nrouter  {url}, in front of\n");
    for (site, cluster) in SITES.iter().zip(router.clusters.iter()) {
        text.push_str(&format!("        {} in {} ({}) at {}\n", site.id, site.city.name, site.role, cluster.url()));
    }
    if router.clusters.iter().zip(&SITES).any(|(cluster, site)| !cluster.url().ends_with(&format!(":{}", site.port))) {
        text.push_str("        (a usual port was taken: `npx wrangler dev` will not find these clusters)\n");
    }
    if let Some(worker) = &router.worker {
        text.push_str(&format!("log     {}\n", worker.log_path().display()));
    }
    text.push_str(&format!("control {control}, to kill, slow, seal and promote these clusters\n"));
    text.push_str(&format!("status  {} (any user, password `{ADMIN_TOKEN}`)\n", router.status()));
    let value = format!("{url}/v1/kv/data/app");
    let from = |city: City| format!("-H '{CF_HEADER}: {}'", city.cf());
    let (frankfurt, sydney) = (from(FRANKFURT), from(SYDNEY));
    text.push_str(&format!(
        "
# Frankfurt writes, and Sydney reads
curl -i {frankfurt} -d '{{\"data\": {{\"color\": \"blue\"}}}}' {value}
curl -i {sydney} {value}

# what the router knows, and why it would do what it does
curl -H 'authorization: Bearer {ADMIN_TOKEN}' {url}/_headroom/status
curl -H 'authorization: Bearer {ADMIN_TOKEN}' '{url}/_headroom/explain?method=GET&path=/v1/kv/data/app&lat=50&lon=8'

# Frankfurt's nearest cluster dies, and it reads from another one
curl --json '{{\"condition\": \"killed\"}}' {control}/clusters/eu-central
curl -i {frankfurt} {value}
curl --json '{{\"condition\": \"alive\"}}' {control}/clusters/eu-central

# the primary dies, the standby is promoted in Vault, and then in the router
curl --json '{{\"condition\": \"killed\"}}' {control}/clusters/us-east
curl --json '{{\"state\": \"active\"}}' {control}/clusters/{STANDBY}
curl -H 'authorization: Bearer {ADMIN_TOKEN}' -d '{{\"cluster\": \"{STANDBY}\"}}' {url}/_headroom/promote

Ctrl-C ends all of it."
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
