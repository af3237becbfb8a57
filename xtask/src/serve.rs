//! Serve: the page and the router on loopback, as they would be in production, rebuilt when their sources change.

use std::future::pending;

use anyhow::{Context, Result};
use tokio::task::spawn_blocking;

use crate::build::Part;
use crate::command::Serve;
use crate::paths;
use crate::setup::{self, Need};
use crate::site::{Site, listen};
use crate::watch::Watch;

/// Serves until it is dropped.
///
/// # Errors
/// When a port is busy, something cannot be installed or built, or a server ends by itself.
pub async fn run(options: Serve) -> Result<()> {
    // Both ports before a long build; whoever connects meanwhile is answered after it.
    let page_port = listen(options.port, "--port").await?;
    let router_port = listen(options.router_port, "--router-port").await?;

    let watch = Watch::new();
    spawn_blocking(set_up_and_build).await.context("the build ended early")??;

    let site = Site::serve(&paths::site(), page_port)?;
    drop(router_port);
    println!("\npage    {}", site.url());

    if options.watch { rebuild_on_change(watch).await } else { pending().await }
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

async fn rebuild_on_change(mut watch: Watch) -> Result<()> {
    loop {
        let change = watch.changed().await?;
        eprintln!("\n{} changed", change.file.display());
        for part in change.parts {
            match spawn_blocking(move || build(part)).await.context("the build ended early")? {
                Ok(true) => eprintln!("the {part} is rebuilt"),
                Ok(false) => eprintln!("the {part} is the same as before"),
                Err(error) => eprintln!("{error:#}\nthe {part} stays as it was built last"),
            }
        }
    }
}
