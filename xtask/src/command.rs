//! The command line of `cargo xtask`.

use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};

use crate::bench::Bench;
use crate::build::Part;
use crate::test::Group;

/// What `cargo xtask help` prints.
pub const HELP: &str = "\
cargo xtask COMMAND

  serve   set up, build what is stale, serve the page and the router, rebuild on change
            --port N          the page's port on 127.0.0.1 (8080)
            --router-port N   the router's port on 127.0.0.1 (8787)
            --no-watch        do not rebuild when a source changes
  test    set up, then every check and test
            --only NAME       one group; may be given several times
            --list            name the groups
  build   set up, then make what is deployed: target/site/ and edge-router/worker/build/
            page | worker     only this one
  settings
          write the table of PostgreSQL's settings anew, from servers of every major
  pictures  take the pictures of the page's views in docs/screenshots anew
  places  write the tables of data centres and countries and the map's outline anew, from public-domain data
  bench   measure what must be fast, each against its baseline in the same run
            sizing | routing | router | chaos | page     only this one
  setup   install everything that is missing
  doctor  say what is installed, what is missing and what it is needed for
  help    this text
";

/// One of the commands.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print [`HELP`].
    Help,
    /// Write the table of PostgreSQL's settings anew.
    Settings,
    /// Take the pictures of the page anew.
    Pictures,
    /// Write the tables of places anew.
    Places,
    /// Install everything.
    Setup,
    /// Say what is installed.
    Doctor,
    /// Build these.
    Build(Vec<Part>),
    /// Measure these.
    Bench(Vec<Bench>),
    /// Serve the page and the router.
    Serve(Serve),
    /// Run these groups, in their own order.
    Test(Vec<Group>),
    /// Name the groups.
    TestList,
}

/// Options of `cargo xtask serve`.
#[derive(Debug, PartialEq, Eq)]
pub struct Serve {
    /// Where the page is.
    pub port: u16,
    /// Where the router is.
    pub router_port: u16,
    /// Whether a change of the sources is built at once.
    pub watch: bool,
}

impl Default for Serve {
    fn default() -> Self {
        Self { port: 8080, router_port: 8787, watch: true }
    }
}

impl Command {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// When they are not as [`HELP`] says.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, lexopt::Error> {
        let mut parser = Parser::from_args(arguments);
        let name = match parser.next()? {
            None | Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Self::Help),
            Some(Arg::Value(name)) => name.string()?,
            Some(other) => return Err(other.unexpected()),
        };
        match name.as_str() {
            "help" => Self::without_options(&mut parser, Self::Help),
            "setup" => Self::without_options(&mut parser, Self::Setup),
            "settings" => Self::without_options(&mut parser, Self::Settings),
            "pictures" => Self::without_options(&mut parser, Self::Pictures),
            "places" => Self::without_options(&mut parser, Self::Places),
            "doctor" => Self::without_options(&mut parser, Self::Doctor),
            "build" => Self::parse_build(&mut parser),
            "bench" => Self::parse_bench(&mut parser),
            "serve" => Self::parse_serve(&mut parser),
            "test" => Self::parse_test(&mut parser),
            other => Err(format!("unknown command `{other}`; `cargo xtask help` lists them").into()),
        }
    }

    fn without_options(parser: &mut Parser, command: Self) -> Result<Self, lexopt::Error> {
        match parser.next()? {
            None => Ok(command),
            Some(Arg::Short('h') | Arg::Long("help")) => Ok(Self::Help),
            Some(other) => Err(other.unexpected()),
        }
    }

    fn parse_build(parser: &mut Parser) -> Result<Self, lexopt::Error> {
        let mut parts = Vec::new();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Value(name) if name == "page" => parts.push(Part::Page),
                Arg::Value(name) if name == "worker" => parts.push(Part::Worker),
                other => return Err(other.unexpected()),
            }
        }
        if parts.is_empty() {
            parts.extend_from_slice(Part::ALL);
        }
        parts.sort_unstable();
        parts.dedup();
        Ok(Self::Build(parts))
    }

    fn parse_bench(parser: &mut Parser) -> Result<Self, lexopt::Error> {
        let mut benches = Vec::new();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Value(name) => {
                    let bench = name.to_str().and_then(Bench::named);
                    benches.push(bench.ok_or_else(|| Arg::Value(name).unexpected())?);
                }
                other => return Err(other.unexpected()),
            }
        }
        if benches.is_empty() {
            benches.extend_from_slice(Bench::ALL);
        }
        benches.sort_unstable();
        benches.dedup();
        Ok(Self::Bench(benches))
    }

    fn parse_serve(parser: &mut Parser) -> Result<Self, lexopt::Error> {
        let mut options = Serve::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Long("port") => options.port = parser.value()?.parse()?,
                Arg::Long("router-port") => options.router_port = parser.value()?.parse()?,
                Arg::Long("no-watch") => options.watch = false,
                other => return Err(other.unexpected()),
            }
        }
        if options.port == options.router_port && options.port != 0 {
            return Err("--port and --router-port must differ".into());
        }
        Ok(Self::Serve(options))
    }

    fn parse_test(parser: &mut Parser) -> Result<Self, lexopt::Error> {
        let mut groups = Vec::new();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Long("list") => return Self::without_options(parser, Self::TestList),
                Arg::Long("only") => {
                    let name = parser.value()?.string()?;
                    let group = Group::named(&name)
                        .ok_or_else(|| format!("unknown group `{name}`; `cargo xtask test --list` names them"))?;
                    groups.push(group);
                }
                other => return Err(other.unexpected()),
            }
        }
        if groups.is_empty() {
            groups.extend_from_slice(Group::ALL);
        }
        groups.sort_unstable();
        groups.dedup();
        Ok(Self::Test(groups))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn command_lines() {
        let serve = |port, router_port, watch| Command::Serve(Serve { port, router_port, watch });
        for (line, expected) in [
            ("", Command::Help),
            ("--help", Command::Help),
            ("serve --help", Command::Help),
            ("setup", Command::Setup),
            ("settings", Command::Settings),
            ("pictures", Command::Pictures),
            ("places", Command::Places),
            ("doctor", Command::Doctor),
            ("build", Command::Build(vec![Part::Page, Part::Worker])),
            ("build worker page worker", Command::Build(vec![Part::Page, Part::Worker])),
            ("build worker", Command::Build(vec![Part::Worker])),
            ("serve", serve(8080, 8787, true)),
            ("serve --port 9000 --router-port=9001 --no-watch", serve(9000, 9001, false)),
            ("bench", Command::Bench(Bench::ALL.to_vec())),
            ("bench sizing", Command::Bench(vec![Bench::Sizing])),
            ("bench router routing router", Command::Bench(vec![Bench::Routing, Bench::Router])),
            ("test", Command::Test(Group::ALL.to_vec())),
            ("test --only wasm --only fmt", Command::Test(vec![Group::Fmt, Group::Wasm])),
            ("test --list", Command::TestList),
        ] {
            assert_eq!(parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (line, complaint) in [
            ("sreve", "unknown command `sreve`; `cargo xtask help` lists them"),
            ("setup now", "unexpected argument \"now\""),
            ("build site", "unexpected argument \"site\""),
            ("bench pages", "unexpected argument \"pages\""),
            ("serve --port", "missing argument for option '--port'"),
            ("serve --port 70000", "cannot parse argument \"70000\": number too large to fit in target type"),
            ("serve --port 8787", "--port and --router-port must differ"),
            ("serve --prot 1", "invalid option '--prot'"),
            ("test --only units", "unknown group `units`; `cargo xtask test --list` names them"),
        ] {
            assert_eq!(parse(line), Err(complaint.to_owned()), "{line}");
        }
    }

    #[test]
    fn the_help_names_every_command() {
        for name in ["serve", "test", "build", "bench", "settings", "pictures", "places", "setup", "doctor", "help"] {
            assert!(HELP.lines().any(|line| line.trim_start().starts_with(name)), "{name}");
        }
    }
}
