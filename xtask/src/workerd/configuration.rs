//! The runtime's configuration: which services there are, what each is bound to, and where it listens.
//!
//! Without a harness, the first isolate's service has the Durable Objects and the others are bound to them.  With one,
//! the harness's service has them, and between it and each isolate stands a link that can be cut:
//!
//! ```text
//! router ──► link-0 ──► object ──► (cron) router
//! router-1 ──► link-1 ──┘
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Options;
use crate::demo::CF_HEADER;
use crate::paths;

/// The service that has the Durable Objects where there is a harness.
pub(super) const OBJECT: &str = "object";

/// Where the worker's modules are, in the runtime's folder.
const WORKER: &str = "worker";
/// The harness's modules, in the tests' folder and in the runtime's.
const HARNESS: [&str; 2] = ["object.js", "link.js"];
/// The class of a link, in place of that of the object behind it.
const LINK_CLASS: &str = "Link";

/// What the runtime takes from the worker's `wrangler.toml`, so that all of them agree.
#[derive(Debug, Deserialize)]
pub(super) struct Wrangler {
    main: PathBuf,
    compatibility_date: String,
    #[serde(default)]
    compatibility_flags: Vec<String>,
    #[serde(default)]
    durable_objects: DurableObjects,
    /// The modules beside `main`, that one first.
    #[serde(skip)]
    modules: Vec<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
struct DurableObjects {
    bindings: Vec<DurableObject>,
}

#[derive(Debug, Deserialize)]
struct DurableObject {
    name: String,
    class_name: String,
}

impl Wrangler {
    /// Reads the `wrangler.toml` in a folder and looks for the modules that it names.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("wrangler.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut wrangler: Self = toml::from_str(&text).with_context(|| path.display().to_string())?;
        let main = folder.join(&wrangler.main);
        ensure!(main.is_file(), "{} is missing: run `cargo xtask build worker`", main.display());
        let beside = main.parent().context("a file in no folder")?;
        let mut modules = Vec::new();
        for entry in fs::read_dir(beside)? {
            let path = entry?.path();
            if path != main && path.is_file() && kind(&path).is_some() {
                modules.push(path);
            }
        }
        modules.sort();
        modules.insert(0, main);
        wrangler.modules = modules;
        Ok(wrangler)
    }

    pub(super) fn copy_modules(&self, folder: &Path) -> Result<()> {
        let folder = folder.join(WORKER);
        fs::create_dir(&folder)?;
        for module in &self.modules {
            copy(module, &folder.join(name(module)))?;
        }
        Ok(())
    }
}

/// Copies the harness's modules from the tests' folder.
pub(super) fn copy_harness(folder: &Path) -> Result<()> {
    HARNESS.iter().try_for_each(|name| copy(&paths::harness().join(name), &folder.join(name)))
}

/// The services that listen: the isolates in order, then what the harness has.
pub(super) fn services(options: &Options) -> Vec<String> {
    let mut services: Vec<String> = (0..options.isolates).map(router).collect();
    if options.harness {
        services.push(OBJECT.to_owned());
        services.extend((0..options.isolates).map(link));
    }
    services
}

/// The service of an isolate.
pub(super) fn router(isolate: usize) -> String {
    if isolate == 0 { "router".to_owned() } else { format!("router-{isolate}") }
}

/// The service between an isolate and the Durable Objects.
pub(super) fn link(isolate: usize) -> String {
    format!("link-{isolate}")
}

/// The whole configuration; the worker may reach this machine and nothing else.
pub(super) fn text<'s>(
    options: &Options,
    wrangler: &Wrangler,
    storage: &Path,
    ports: impl Iterator<Item = (&'s str, u16)>,
) -> String {
    let mut services = String::new();
    let mut workers = String::new();
    for (number, service) in services_of(options, wrangler).iter().enumerate() {
        // Constants have names without hyphens.
        let _ = writeln!(services, "    (name = {}, worker = .worker{number}),", quoted(&service.name));
        workers.push_str(&service.text(number, wrangler));
    }
    let mut sockets = String::new();
    for (service, port) in ports {
        let (name, address) = (quoted(service), quoted(&format!("127.0.0.1:{port}")));
        let http = if service.starts_with("router") { format!("cfBlobHeader = {CF_HEADER:?}") } else { String::new() };
        let _ = writeln!(sockets, "    (name = {name}, address = {address}, http = ({http}), service = {name}),");
    }
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
{services}    (name = "loopback", network = (allow = ["local"])),
    (name = "storage", disk = (path = {storage}, writable = true)),
  ],
  sockets = [
{sockets}  ],
);
{workers}"#,
        storage = quoted(&storage.to_string_lossy()),
    )
}

/// A worker of the configuration.
struct Service<'w> {
    name: String,
    /// Paths in the runtime's folder, the main module first.
    modules: Vec<String>,
    flags: Vec<&'w str>,
    bindings: Vec<String>,
    /// The classes of Durable Objects that it has.
    classes: Vec<&'w str>,
    /// Whether these are kept on disk.
    is_kept: bool,
}

impl Service<'_> {
    fn text(&self, number: usize, wrangler: &Wrangler) -> String {
        let list = |items: &[String]| items.join(", ");
        let modules: Vec<String> = self.modules.iter().map(|path| module(path)).collect();
        let flags: Vec<String> = self.flags.iter().map(|flag| quoted(flag)).collect();
        let name = &self.name;
        let namespace = |class: &&str| {
            // The key is where objects are kept, so that they are found again by whichever service has the class.
            let key = if self.is_kept { (*class).to_owned() } else { format!("{name}-{class}") };
            format!("(className = {}, uniqueKey = {}, enableSql = true)", quoted(class), quoted(&key))
        };
        let namespaces: Vec<String> = self.classes.iter().map(namespace).collect();
        let storage = match (self.classes.is_empty(), self.is_kept) {
            (true, _) => "none = void",
            (false, true) => "localDisk = \"storage\"",
            (false, false) => "inMemory = void",
        };
        format!(
            r#"
const worker{number} :Workerd.Worker = (
  modules = [{modules}],
  compatibilityDate = {date},
  compatibilityFlags = [{flags}],
  bindings = [{bindings}],
  globalOutbound = "loopback",
  durableObjectNamespaces = [{namespaces}],
  durableObjectStorage = ({storage}),
);
"#,
            modules = list(&modules),
            date = quoted(&wrangler.compatibility_date),
            flags = list(&flags),
            bindings = list(&self.bindings),
            namespaces = list(&namespaces),
        )
    }
}

fn services_of<'w>(options: &Options, wrangler: &'w Wrangler) -> Vec<Service<'w>> {
    let objects = &wrangler.durable_objects.bindings;
    let classes: Vec<&str> = objects.iter().map(|object| object.class_name.as_str()).collect();
    let modules: Vec<String> = wrangler.modules.iter().map(|path| format!("{WORKER}/{}", name(path))).collect();
    let flags: Vec<&str> = wrangler.compatibility_flags.iter().map(String::as_str).collect();
    let variables = options.variables.iter();
    let variables: Vec<String> =
        variables.map(|(name, value)| format!("(name = {}, text = {})", quoted(name), quoted(value))).collect();
    let objects_of = |service: &str| -> Vec<String> {
        objects.iter().map(|object| namespace_binding(&object.name, &object.class_name, service)).collect()
    };

    let cut = format!("(name = \"CUT\", text = {})", quoted(if options.cut { "yes" } else { "no" }));

    let mut services = Vec::new();
    for isolate in 0..options.isolates {
        let objects = if options.harness {
            objects.iter().map(|object| namespace_binding(&object.name, LINK_CLASS, &link(isolate))).collect()
        } else {
            objects_of(&router(0))
        };
        services.push(Service {
            name: router(isolate),
            modules: modules.clone(),
            flags: flags.clone(),
            bindings: [variables.clone(), objects].concat(),
            classes: if isolate == 0 && !options.harness { classes.clone() } else { Vec::new() },
            is_kept: true,
        });
        if options.harness {
            services.push(Service {
                name: link(isolate),
                modules: vec!["link.js".to_owned()],
                flags: Vec::new(),
                bindings: [objects_of(OBJECT), vec![cut.clone()]].concat(),
                classes: vec![LINK_CLASS],
                is_kept: false,
            });
        }
    }
    if options.harness {
        let router = format!("(name = \"ROUTER\", service = {})", quoted(&router(0)));
        services.push(Service {
            name: OBJECT.to_owned(),
            modules: [vec!["object.js".to_owned()], modules].concat(),
            flags: [flags, vec!["service_binding_extra_handlers"]].concat(),
            bindings: [variables, objects_of(OBJECT), vec![router]].concat(),
            classes,
            is_kept: true,
        });
    }
    services
}

fn namespace_binding(name: &str, class: &str, service: &str) -> String {
    let (name, class, service) = (quoted(name), quoted(class), quoted(service));
    format!("(name = {name}, durableObjectNamespace = (className = {class}, serviceName = {service}))")
}

fn module(path: &str) -> String {
    let kind = kind(Path::new(path)).unwrap_or("esModule");
    format!("(name = {path}, {kind} = embed {path})", path = quoted(path))
}

/// What the runtime calls a module of this name; nothing for what is no module.
fn kind(path: &Path) -> Option<&'static str> {
    match path.extension()?.to_str()? {
        "js" | "mjs" => Some("esModule"),
        "wasm" => Some("wasm"),
        _ => None,
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// A text in the syntax of the configuration, which is that of C.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
