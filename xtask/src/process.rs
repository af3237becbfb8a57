//! Runs a command with progress: what is being done, for how long, and the end of its output when it fails.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::paths;

/// How much of a failed command's output is repeated; the log has all of it.
const TAIL_LINES: usize = 60;
/// How often a long step says that it is still at work, where there is no terminal to draw on.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long a process may take to end when asked to.
const GRACE: Duration = Duration::from_secs(3);

/// Process groups under way.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());
/// Set once everything is to end: nothing new starts, and what ends now is no failure to report.
static ENDING: AtomicBool = AtomicBool::new(false);

/// What a command left behind.
#[derive(Debug)]
pub struct Finished {
    /// Whether it ended with status 0.
    pub success: bool,
    /// Everything it wrote, to standard output and standard error, in the order written.
    pub output: String,
    /// Where all of that is kept.
    pub log: PathBuf,
    /// How long it ran.
    pub elapsed: Duration,
}

impl Finished {
    /// The last lines of the output that say more than that cargo is at work, and where the rest is.
    #[must_use]
    pub fn tail(&self) -> String {
        let lines: Vec<&str> = self.output.lines().filter(|line| !is_progress(line)).collect();
        self.excerpt(lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default())
    }

    /// These lines, and where the rest is.
    #[must_use]
    pub fn excerpt(&self, lines: &[&str]) -> String {
        let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        format!("{lines}    (all of it: {})", self.log.display())
    }
}

/// A cargo command in the workspace, free of what an outer `cargo run` says about its own package.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root());
    for (name, _) in env::vars_os() {
        let of_outer_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_BIN_NAME"
        });
        if of_outer_package {
            command.env_remove(name);
        }
    }
    command
}

/// Adds a flag for every crate that a command compiles for its target.
pub fn flag(command: &mut Command, flag: &str) {
    const NAME: &str = "CARGO_ENCODED_RUSTFLAGS";
    let before = command.get_envs().find_map(|(name, value)| (name == NAME).then_some(value)?);
    let before = before.map_or_else(|| env::var_os(NAME).unwrap_or_default(), OsStr::to_owned);
    let mut flags = before.to_string_lossy().into_owned();
    if !flags.is_empty() {
        flags.push('\u{1f}');
    }
    flags.push_str(flag);
    command.env(NAME, flags);
}

/// Keeps the paths of this machine out of what a command compiles: panics name the source files of every crate.
pub fn without_paths(command: &mut Command) {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    if let Some(home) = home {
        flag(command, &format!("--remap-path-prefix={}=", home.join("registry").join("src").display()));
    }
}

/// Runs `command`, showing `what` is done; its failure is an error that shows the end of its output.
///
/// # Errors
/// When it cannot be started or ends with another status than 0.
pub fn check(what: &str, command: &mut Command) -> Result<Finished> {
    let finished = run(what, command)?;
    if finished.success {
        return Ok(finished);
    }
    bail!("{what}: failed after {}\n{}", seconds(finished.elapsed), finished.tail())
}

/// Runs `command`, showing `what` is done, and leaves the judgement to the caller.
///
/// # Errors
/// When it cannot be started or its output cannot be kept.
pub fn run(what: &str, command: &mut Command) -> Result<Finished> {
    run_marking(what, command, "FAIL")
}

/// As [`run`], for a step whose failure only means that another way is taken.
///
/// # Errors
/// As [`run`].
pub fn attempt(what: &str, command: &mut Command) -> Result<Finished> {
    run_marking(what, command, "no  ")
}

fn run_marking(what: &str, command: &mut Command, failure: &str) -> Result<Finished> {
    let folder = paths::scratch().join("logs");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let log = folder.join(log_name(what));
    let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let also = file.try_clone().context("cannot share the log between two streams")?;
    command.stdin(Stdio::null()).stdout(file).stderr(also).process_group(0);

    let started = Instant::now();
    let mut progress = Progress::start(what);
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = spawn(command).with_context(|| format!("{what}: cannot run `{program}`"))?;
    let status = wait(&mut child, || progress.tick())?;
    let elapsed = started.elapsed();
    progress.finish(if status.success() { "ok  " } else { failure }, elapsed);
    let output = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
    Ok(Finished { success: status.success(), output: String::from_utf8_lossy(&output).into_owned(), log, elapsed })
}

/// What a short command prints on standard output, trimmed; `None` where it is missing or fails.
#[must_use]
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Ends every command under way together with what it started, first politely.
pub fn end_all() {
    ENDING.store(true, Ordering::SeqCst);
    let groups: Vec<Pid> = running().clone();
    for group in &groups {
        let _ = kill_process_group(*group, Signal::TERM);
    }
    let asked = Instant::now();
    while groups.iter().any(|group| test_kill_process_group(*group).is_ok()) && asked.elapsed() < GRACE {
        thread::sleep(Duration::from_millis(20));
    }
    for group in &groups {
        let _ = kill_process_group(*group, Signal::KILL);
    }
}

/// A duration as people say it.
#[must_use]
pub fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        whole @ 10..120 => format!("{whole} s"),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

/// Starts a command and notes it, in one step as `end_all` sees it.
fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut running = running();
    if ENDING.load(Ordering::SeqCst) {
        drop(running);
        wait_for_the_end();
    }
    let child = command.spawn()?;
    running.push(Pid::from_child(&child));
    Ok(child)
}

fn wait(child: &mut Child, mut tick: impl FnMut()) -> Result<ExitStatus> {
    let group = Pid::from_child(child);
    let mut pause = Duration::from_millis(5);
    let status = loop {
        if let Some(status) = child.try_wait().context("cannot wait for a command")? {
            break status;
        }
        tick();
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    };
    if ENDING.load(Ordering::SeqCst) {
        wait_for_the_end();
    }
    running().retain(|other| *other != group);
    Ok(status)
}

fn running() -> MutexGuard<'static, Vec<Pid>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything is being ended by another thread: it will end this process too.
fn wait_for_the_end() -> ! {
    loop {
        thread::park();
    }
}

/// `   Compiling serde v1.0.0`: cargo puts its verbs at the right of twelve columns.
fn is_progress(line: &str) -> bool {
    const VERBS: &[&str] =
        &["Blocking", "Checking", "Compiling", "Documenting", "Downloaded", "Downloading", "Updating"];
    VERBS.iter().any(|verb| line.starts_with(&format!("{verb:>12} ")))
}

fn log_name(what: &str) -> String {
    let words: Vec<&str> = what.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{}.log", words.join("-").to_ascii_lowercase())
}

/// One line on a terminal, redrawn; elsewhere a line at the start, now and then, and at the end.
struct Progress {
    what: String,
    started: Instant,
    drawn: Instant,
    terminal: bool,
}

impl Progress {
    fn start(what: &str) -> Self {
        let now = Instant::now();
        let progress = Self { what: what.to_owned(), started: now, drawn: now, terminal: io::stderr().is_terminal() };
        if progress.terminal {
            progress.draw();
        } else {
            eprintln!("  …    {what}");
        }
        progress
    }

    fn tick(&mut self) {
        let every = if self.terminal { Duration::from_secs(1) } else { HEARTBEAT };
        if self.drawn.elapsed() < every {
            return;
        }
        self.drawn = Instant::now();
        if self.terminal {
            self.draw();
        } else {
            eprintln!("  …    {}: {} so far", self.what, seconds(self.started.elapsed()));
        }
    }

    fn draw(&self) {
        eprint!("\r\x1b[K  …    {} ({})", self.what, seconds(self.started.elapsed()));
        let _ = io::stderr().flush();
    }

    fn finish(self, mark: &str, elapsed: Duration) {
        let start = if self.terminal { "\r\x1b[K" } else { "" };
        eprintln!("{start}  {mark} {} ({})", self.what, seconds(elapsed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (millis, text) in
            [(0, "0.0 s"), (1_250, "1.2 s"), (10_900, "10 s"), (119_999, "119 s"), (123_000, "2 min 03 s")]
        {
            assert_eq!(seconds(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn a_log_is_named_after_its_step() {
        assert_eq!(log_name("wasm-opt -Oz (the page)"), "wasm-opt-oz-the-page.log");
    }

    #[test]
    fn a_failure_shows_the_end_of_the_output() {
        let error = check("shell that fails", Command::new("sh").args(["-c", "echo before; echo after >&2; exit 3"]))
            .expect_err("status 3 is a failure");
        let text = format!("{error:#}");
        assert!(text.contains("    before\n    after\n"), "{text}");
    }

    #[test]
    fn that_cargo_is_at_work_is_not_worth_repeating() {
        for (line, expected) in [
            ("   Compiling serde v1.0.0", true),
            ("  Downloaded serde v1.0.0", true),
            ("error: could not compile `x`", false),
            ("Compiling is what failed", false),
        ] {
            assert_eq!(is_progress(line), expected, "{line}");
        }
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run("missing program", &mut Command::new("no-such-program-here")).expect_err("nothing to run");
        assert!(format!("{error:#}").contains("`no-such-program-here`"));
    }
}
