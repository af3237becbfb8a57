//! The standard library of wasm32-unknown-unknown: from rustup, or built from Debian's sources of the same compiler.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Status, Step};
use crate::paths;
use crate::process::{self, answer};

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's suites that may carry the compiler's own version, the likeliest first.
const SUITES: &[&str] = &["trixie-backports", "sid", "trixie"];

/// Where a Debian machine says which mirror it uses, as of now and as of old.
const APT_SOURCES: &[&str] = &["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];

pub(super) struct WasmStd;

impl Step for WasmStd {
    fn name(&self) -> String {
        format!("the {TARGET} standard library")
    }

    fn why(&self) -> &'static str {
        "the page and the worker are WebAssembly"
    }

    fn expected(&self) -> &'static str {
        "20 s from rustup, 2 minutes from Debian's sources"
    }

    fn status(&self) -> Status {
        let Some(folder) = library_folder() else {
            return Status::Missing(format!("`rustc` does not run, or does not know {TARGET}"));
        };
        if has_std(&folder) {
            Status::Present(rustc_version().unwrap_or_else(|| "of this compiler".to_owned()))
        } else {
            Status::Missing(format!("no libstd in {}", folder.display()))
        }
    }

    fn install(&self) -> Result<()> {
        let from_rustup = from_rustup();
        if let Err(refusal) = from_rustup {
            eprintln!("{refusal:#}");
            eprintln!("        rustup cannot provide it here: building it from Debian's sources of this compiler");
            from_debian().with_context(|| {
                format!(
                    "ways out: `rustup target add {TARGET}` where rustup's server can be reached; \
                     or a compiler whose sources Debian carries"
                )
            })?;
        }
        // What was compiled against another standard library does not link with this one.
        remove(&paths::cargo_target().join(TARGET))
    }
}

fn from_rustup() -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(paths::root()).args(["target", "add", TARGET]).env("RUST_BACKTRACE", "0");
    let added = process::attempt("rustup target add", &mut rustup)?;
    if !added.success {
        bail!("{}", added.tail());
    }
    let found = library_folder().is_some_and(|folder| has_std(&folder));
    if found { Ok(()) } else { bail!("rustup ended well, but installed no {TARGET} for the compiler in use") }
}

fn from_debian() -> Result<()> {
    let version = rustc_version().context("`rustc --version` does not answer")?;
    let folder = library_folder().context("`rustc` does not say where its libraries are")?;
    let work = paths::scratch().join("wasm-std");
    remove(&work)?;
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;

    let source = sysroot()?.join("lib").join("rustlib").join("src").join("rust");
    // A `rust-src` that is already there is of this compiler, and is left as it was.
    let linked =
        if source.join("library").is_dir() { None } else { Some(Link::new(&unpack(&version, &work)?, &source)?) };
    let libraries = compile(&work)?;
    drop(linked);
    install_libraries(&libraries, &folder)?;
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

/// Compiles the standard library and gives the files to install.
fn compile(work: &Path) -> Result<Vec<PathBuf>> {
    let package = work.join("nothing");
    fs::create_dir_all(package.join("src")).context("cannot make an empty crate")?;
    fs::write(package.join("src").join("lib.rs"), "#![no_std]\n").context("cannot write an empty crate")?;
    let manifest = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest).context("cannot write an empty crate")?;
    let target = work.join("target");
    let mut build = process::cargo();
    build
        .current_dir(&package)
        .args(["build", "--release", "-Z", "build-std=std,panic_abort,test", "--target", TARGET])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTC_BOOTSTRAP", "1")
        // Without the bitcode no later build could use link-time optimization.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes");
    process::check("compile the standard library for wasm32", &mut build)?;
    let mut libraries = entries(&target.join(TARGET).join("release").join("deps"))?;
    libraries.retain(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.ends_with(".rlib") && !name.starts_with("libnothing-")
    });
    if libraries.is_empty() {
        bail!("the build left no library behind")
    }
    Ok(libraries)
}

/// Puts the libraries where rustup would have, all of them or none.
fn install_libraries(libraries: &[PathBuf], folder: &Path) -> Result<()> {
    let parent = folder.parent().context("the library folder has no parent")?;
    let fresh = parent.join("lib.new");
    remove(&fresh)?;
    fs::create_dir_all(&fresh)
        .with_context(|| format!("cannot write to {}: run this as the user who owns the compiler", parent.display()))?;
    for library in libraries {
        let name = library.file_name().context("a library without a name")?;
        fs::copy(library, fresh.join(name)).with_context(|| format!("cannot copy {}", library.display()))?;
    }
    remove(folder)?;
    fs::rename(&fresh, folder).with_context(|| format!("cannot make {}", folder.display()))
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

/// A symbolic link that is there while something is compiled.
struct Link(PathBuf);

impl Link {
    fn new(to: &Path, at: &Path) -> Result<Self> {
        let parent = at.parent().context("a link needs a folder")?;
        let refused = || format!("cannot link the sources at {}: run this as the owner of the compiler", at.display());
        fs::create_dir_all(parent).with_context(refused)?;
        if at.is_symlink() {
            fs::remove_file(at).with_context(refused)?;
        }
        symlink(to, at).with_context(refused)?;
        Ok(Self(at.to_owned()))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        // Only goes where it is empty: then it was made for this.
        let _ = self.0.parent().map(fs::remove_dir);
    }
}

fn rustc() -> Command {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(paths::root());
    rustc
}

fn rustc_version() -> Option<String> {
    let text = answer(rustc().arg("-vV"))?;
    text.lines().find_map(|line| line.strip_prefix("release: ")).map(str::to_owned)
}

fn sysroot() -> Result<PathBuf> {
    answer(rustc().args(["--print", "sysroot"])).map(PathBuf::from).context("`rustc --print sysroot` does not answer")
}

fn library_folder() -> Option<PathBuf> {
    answer(rustc().args(["--print", "target-libdir", "--target", TARGET])).map(PathBuf::from)
}

fn has_std(folder: &Path) -> bool {
    entries(folder)
        .unwrap_or_default()
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .any(|name| name.starts_with("libstd-") && name.ends_with(".rlib"))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    read.map(|entry| Ok(entry.with_context(|| format!("cannot list {}", folder.display()))?.path())).collect()
}

fn remove(folder: &Path) -> Result<()> {
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
