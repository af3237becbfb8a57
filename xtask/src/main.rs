//! `cargo xtask`: the one entry to set-up, build, serve and test.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;
use xtask::command::{Command, HELP};
use xtask::{bench, build, doctor, pictures, places, process, settings, setup, test};

/// Bad arguments.
const USAGE: u8 = 2;

/// How long steps under way may take to notice that everything ends.
const GRACE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let command = match Command::parse(env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("cargo xtask: {error}");
            return ExitCode::from(USAGE);
        }
    };
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cargo xtask: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        tokio::select! {
            outcome = run(command) => match outcome {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) => ExitCode::FAILURE,
                Err(error) => {
                    eprintln!("\ncargo xtask: {error:#}");
                    ExitCode::FAILURE
                }
            },
            code = interrupted() => code,
        }
    });
    // Whatever was started ends here, also what a dropped step was waiting for.
    process::end_all();
    // What is just being started has to come back to be ended, too.
    runtime.shutdown_timeout(GRACE);
    code
}

/// Carries out the command; the answer is whether all is well.
async fn run(command: Command) -> Result<bool> {
    match command {
        Command::Help => {
            print!("{HELP}");
            Ok(true)
        }
        Command::TestList => {
            print!("{}", test::list());
            Ok(true)
        }
        Command::Doctor => blocking(|| Ok(doctor::examine())).await,
        Command::Settings => blocking(|| settings::write().map(|()| true)).await,
        Command::Pictures => blocking(|| pictures::take().map(|()| true)).await,
        Command::Places => blocking(|| places::write().map(|()| true)).await,
        Command::Setup => blocking(|| setup::ensure(setup::Need::ALL).map(|()| true)).await,
        Command::Bench(benches) => blocking(move || bench::run(&benches)).await,
        Command::Build(parts) => blocking(move || build::run(&parts).map(|()| true)).await,
        Command::Test(groups) => blocking(move || test::run(&groups)).await,
        Command::Serve(options) => xtask::serve::run(options).await.map(|()| true),
    }
}

async fn blocking(work: impl FnOnce() -> Result<bool> + Send + 'static) -> Result<bool> {
    spawn_blocking(work).await.context("a step ended early")?
}

/// Waits until somebody wants this to end, by Ctrl-C or otherwise, and gives the customary exit status.
async fn interrupted() -> ExitCode {
    let wait = async |kind: SignalKind| {
        if let Ok(mut signals) = signal(kind) {
            signals.recv().await;
        } else {
            std::future::pending::<()>().await;
        }
        ExitCode::from(u8::try_from(128 + kind.as_raw_value()).unwrap_or(1))
    };
    tokio::select! {
        code = wait(SignalKind::interrupt()) => code,
        code = wait(SignalKind::terminate()) => code,
        code = wait(SignalKind::hangup()) => code,
    }
}
