//! The sources of the standard library: from rustup, or from Debian's package of the same compiler.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Status, Step};
use crate::paths;
use crate::process::{self, answer};

/// Debian's suites that may carry the compiler's own version, the likeliest first.
const SUITES: &[&str] = &["trixie-backports", "sid", "trixie"];

/// Where a Debian machine says which mirror it uses, as of now and as of old.
const APT_SOURCES: &[&str] = &["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];

pub(super) struct RustSrc;

impl Step for RustSrc {
    fn name(&self) -> String {
        "the sources of Rust's standard library".to_owned()
    }

    fn why(&self) -> &'static str {
        "page and worker are compiled together with a standard library made small for them"
    }

    fn expected(&self) -> &'static str {
        "10 s from rustup, 1 minute from Debian"
    }

    fn status(&self) -> Status {
        match folder() {
            Ok(folder) if folder.join("library").join("std").is_dir() => {
                Status::Present(rustc_version().unwrap_or_else(|| "of this compiler".to_owned()))
            }
            Ok(folder) => Status::Missing(format!("no library/std in {}", folder.display())),
            Err(error) => Status::Missing(format!("{error:#}")),
        }
    }

    fn install(&self) -> Result<()> {
        if let Err(refusal) = from_rustup() {
            eprintln!("{refusal:#}");
            eprintln!("        rustup cannot provide it here: taking Debian's package of this compiler's version");
            from_debian().context(
                "ways out: `rustup component add rust-src` where rustup's server can be reached; \
                 or a compiler whose sources Debian carries",
            )?;
        }
        Ok(())
    }
}

/// Where the compiler looks for the sources.
fn folder() -> Result<PathBuf> {
    Ok(sysroot()?.join("lib").join("rustlib").join("src").join("rust"))
}

fn from_rustup() -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(paths::root()).args(["component", "add", "rust-src"]).env("RUST_BACKTRACE", "0");
    let added = process::attempt("rustup component add rust-src", &mut rustup)?;
    if !added.success {
        bail!("{}", added.tail());
    }
    match RustSrc.status() {
        Status::Present(_) => Ok(()),
        Status::Missing(found) => bail!("rustup ended well, but {found}"),
    }
}

fn from_debian() -> Result<()> {
    let version = rustc_version().context("`rustc --version` does not answer")?;
    let work = paths::scratch().join("rust-src");
    remove(&work)?;
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    let unpacked = unpack(&version, &work)?;
    let folder = folder()?;
    let refused = || format!("cannot write {}: run this as the user who owns the compiler", folder.display());
    // All of it or none: half a copy would look like the whole.
    let fresh = folder.with_extension("new");
    remove(&fresh)?;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).with_context(refused)?;
    }
    process::check("copy the sources to the compiler", Command::new("cp").arg("-r").arg(unpacked).arg(&fresh))
        .with_context(refused)?;
    remove(&folder)?;
    fs::rename(&fresh, &folder).with_context(refused)?;
    remove(&work)
}

/// Fetches Debian's `rust-src` of this compiler's version without touching the system's own apt configuration.
fn unpack(version: &str, work: &Path) -> Result<PathBuf> {
    let apt = Apt::new(work)?;
    // One suite that cannot be fetched does not matter as long as another has the version.
    let update = process::attempt("apt-get update (private lists for rust-src)", apt.get().arg("update"))?;
    let listing = answer(apt.command("apt-cache").args(["madison", "rust-src"])).unwrap_or_default();
    let Some(package) = package_version(&listing, version) else {
        let offered: Vec<&str> = listing.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).collect();
        let offered = if offered.is_empty() { update.tail() } else { format!("offered: {}", offered.join(", ")) };
        bail!("Debian offers no rust-src {version}\n{offered}");
    };
    let package = format!("rust-src={package}");
    process::check(&format!("apt-get download {package}"), apt.get().current_dir(work).args(["download", &package]))?;
    let archive = entries(work)?
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get downloaded no package")?;
    let unpacked = work.join("unpacked");
    process::check("dpkg -x rust-src", Command::new("dpkg").arg("-x").arg(archive).arg(&unpacked))?;
    let sources = unpacked.join("usr").join("src");
    entries(&sources)?
        .into_iter()
        .find(|path| path.join("library").is_dir())
        .with_context(|| format!("no `library` under {}", sources.display()))
}

/// apt with lists, cache and sources of its own.
struct Apt {
    options: Vec<OsString>,
}

impl Apt {
    fn new(work: &Path) -> Result<Self> {
        let sources = APT_SOURCES
            .iter()
            .find_map(|path| mirror(&fs::read_to_string(path).ok()?))
            .with_context(|| format!("no Debian mirror is named in {}", APT_SOURCES.join(" or ")))?;
        let list = work.join("sources.list");
        fs::write(&list, sources_list(&sources)).with_context(|| format!("cannot write {}", list.display()))?;
        let (lists, cache) = (work.join("lists"), work.join("cache"));
        for folder in [lists.join("partial"), cache.join("archives").join("partial")] {
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let mut options = Vec::new();
        for (name, value) in [
            ("Dir::Etc::sourcelist", list.as_os_str()),
            ("Dir::Etc::sourceparts", "-".as_ref()),
            ("Dir::State::lists", lists.as_os_str()),
            ("Dir::Cache", cache.as_os_str()),
            ("Acquire::Languages", "none".as_ref()),
        ] {
            let mut option = OsString::from(format!("{name}="));
            option.push(value);
            options.push("-o".into());
            options.push(option);
        }
        Ok(Self { options })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(&self.options);
        command
    }

    fn get(&self) -> Command {
        self.command("apt-get")
    }
}

/// Where this machine gets Debian packages from, and the keyring that vouches for them.
#[derive(Debug, PartialEq, Eq)]
struct Mirror {
    uri: String,
    keyring: Option<String>,
}

/// Reads either format of apt's sources: stanzas of fields, or one `deb` line a source.
fn mirror(text: &str) -> Option<Mirror> {
    text.split("\n\n").find_map(mirror_of_stanza).or_else(|| text.lines().find_map(mirror_of_line))
}

fn mirror_of_stanza(stanza: &str) -> Option<Mirror> {
    let field = |wanted: &str| {
        stanza.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let uri = field("URIs")?.split_whitespace().next()?.to_owned();
    let archive = field("Types")?.split_whitespace().any(|kind| kind == "deb");
    let ordinary = field("Suites")?.split_whitespace().any(|suite| !suite.contains("security"));
    let keyring = field("Signed-By").filter(|path| path.starts_with('/'));
    (archive && ordinary).then_some(Mirror { uri, keyring })
}

fn mirror_of_line(line: &str) -> Option<Mirror> {
    let rest = line.trim().strip_prefix("deb ")?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let (uri, suite) = (words.next()?, words.next()?);
    let keyring = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by=")).map(str::to_owned);
    (!suite.contains("security")).then(|| Mirror { uri: uri.to_owned(), keyring })
}

fn sources_list(mirror: &Mirror) -> String {
    let options = mirror.keyring.as_ref().map(|keyring| format!("[signed-by={keyring}] ")).unwrap_or_default();
    SUITES.iter().map(|suite| format!("deb {options}{} {suite} main\n", mirror.uri)).collect()
}

/// The package version of the wanted upstream version, from what `apt-cache madison` lists.
fn package_version(listing: &str, upstream: &str) -> Option<String> {
    listing.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).find_map(|version| {
        let without_epoch = version.split_once(':').map_or(version, |(_, rest)| rest);
        let own = without_epoch.split(['+', '-', '~']).next()?;
        (own == upstream).then(|| version.to_owned())
    })
}

pub(super) fn rustc() -> Command {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(paths::root());
    rustc
}

pub(super) fn rustc_version() -> Option<String> {
    let text = answer(rustc().arg("-vV"))?;
    text.lines().find_map(|line| line.strip_prefix("release: ")).map(str::to_owned)
}

fn sysroot() -> Result<PathBuf> {
    answer(rustc().args(["--print", "sysroot"])).map(PathBuf::from).context("`rustc --print sysroot` does not answer")
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    read.map(|entry| Ok(entry.with_context(|| format!("cannot list {}", folder.display()))?.path())).collect()
}

pub(super) fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_s_own_mirror_is_used() {
        let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
        let stanzas = "Types: deb\n# a comment: here\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n\
                       Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
        let security =
            "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n";
        let mirror_with = |keyring: Option<&str>| {
            Some(Mirror { uri: "http://mirror.example/debian".to_owned(), keyring: keyring.map(str::to_owned) })
        };
        for (text, expected, reason) in [
            (stanzas.to_owned(), mirror_with(Some(keyring)), "stanzas"),
            (format!("{security}\n{stanzas}"), mirror_with(Some(keyring)), "the security archive has no rust-src"),
            (security.to_owned(), None, "nothing but the security archive"),
            ("deb-src http://mirror.example/debian bookworm main\n".to_owned(), None, "sources only"),
            ("# old\ndeb http://mirror.example/debian bookworm main\n".to_owned(), mirror_with(None), "one line"),
            (
                format!("deb [arch=amd64 signed-by={keyring}] http://mirror.example/debian bookworm main\n"),
                mirror_with(Some(keyring)),
                "one line with options",
            ),
            (String::new(), None, "an empty file"),
        ] {
            assert_eq!(mirror(&text), expected, "{reason}");
        }
    }

    #[test]
    fn the_private_list_names_every_suite() {
        let mirror = Mirror { uri: "http://mirror.example/debian".to_owned(), keyring: Some("/k.gpg".to_owned()) };
        assert_eq!(
            sources_list(&mirror),
            "deb [signed-by=/k.gpg] http://mirror.example/debian trixie-backports main\n\
             deb [signed-by=/k.gpg] http://mirror.example/debian sid main\n\
             deb [signed-by=/k.gpg] http://mirror.example/debian trixie main\n"
        );
    }

    #[test]
    fn the_package_has_the_compiler_s_own_version() {
        let listing = " rust-src | 1.97.0+dfsg1-1 | mirror sid/main\n rust-src | 1.95.0+dfsg1-1~bpo13+1 | mirror bpo\n \
                       rust-src | 1.85.0+dfsg3-1 | mirror trixie/main\n";
        for (upstream, expected) in [
            ("1.95.0", Some("1.95.0+dfsg1-1~bpo13+1")),
            ("1.85.0", Some("1.85.0+dfsg3-1")),
            ("1.9", None),
            ("1.95.1", None),
        ] {
            assert_eq!(package_version(listing, upstream).as_deref(), expected, "{upstream}");
        }
        assert_eq!(package_version("", "1.95.0"), None);
    }
}
