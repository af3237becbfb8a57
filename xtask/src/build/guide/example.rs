//! Worked examples: what a block of the guide asks, answered by the code itself when the site is built.
//!
//! A block marked `headroom` holds a command and, in a line that begins with `show`, the ids of values to show:
//!
//! ```text
//! pool --pods 4 --pool-size 20
//! show pool.database_demand pool.limit
//! ```
//!
//! It has to end with status 0; marked `headroom broken`, with status 1.  Marked `headroom text`, any command is followed
//! by what it prints, and by nothing else.  A block marked `routing` holds requests, one
//! a line (`GET /v1/x from Frankfurt 50.11 8.68`), and the topology they go through.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use routing::{
    ClusterSnapshot, Coordinates, Health, Moment, Repeatable, RequestFacts, Role, Snapshot, Topology, explain,
};
use serde_json::Value as Json;

use super::markdown::{block, escape};
use crate::paths;
use crate::process;

/// The view of the page that answers what a command does.
const VIEWS: &[(&str, &str)] = &[
    ("plan", "advisor"),
    ("pool", "pool"),
    ("queue", "queue"),
    ("memory", "memory"),
    ("nodes", "nodes"),
    ("storage", "storage"),
    ("growth", "growth"),
];

/// What runs the commands of examples.
pub(super) struct Examples {
    /// The program and its first arguments.
    program: Vec<String>,
}

/// What a command printed, and its exit status.
struct Run {
    text: String,
    status: i32,
}

impl Examples {
    /// Compiles the command line.
    ///
    /// # Errors
    /// When it does not compile.
    pub(super) fn of_command_line() -> Result<Self> {
        process::check("compile the command line", process::cargo().args(["build", "--package", "headroom"]))?;
        let program = paths::cargo_target().join("debug").join("headroom");
        Ok(Self::of(vec![program.with_extension(std::env::consts::EXE_EXTENSION).to_string_lossy().into_owned()]))
    }

    /// Examples that this program answers.
    pub(super) fn of(program: Vec<String>) -> Self {
        Self { program }
    }

    /// The example that a block of code asks for; nothing where it is ordinary code.
    ///
    /// # Errors
    /// When the example fails.
    pub(super) fn show(&self, info: &str, text: &str) -> Result<Option<String>> {
        let shown = match info {
            "headroom" => self.command(text, 0),
            "headroom broken" => self.command(text, 1),
            "headroom text" => self.text(text),
            "routing" => decisions(text),
            _ if info.starts_with("headroom") => {
                bail!("`{info}`: allowed are headroom, headroom broken and headroom text")
            }
            _ => return Ok(None),
        };
        shown.map(Some).with_context(|| format!("the example `{}`", text.lines().next().unwrap_or_default()))
    }

    fn command(&self, text: &str, status: i32) -> Result<String> {
        let (mut command, mut ids) = (Vec::new(), Vec::new());
        for line in text.lines() {
            match line.strip_prefix("show ") {
                Some(line) => ids.extend(line.split_whitespace()),
                None => command.extend(line.split_whitespace()),
            }
        }
        let name = command.first().copied().unwrap_or_default();
        let (_, view) = VIEWS.iter().find(|(other, _)| *other == name).with_context(|| format!("no command {name}"))?;
        let printed = self.run(&command)?;
        ensure!(printed.status == status, "ends with status {}, not {status}:\n{}", printed.status, printed.text);
        let plan = self.run(&[command.as_slice(), &["--json"]].concat())?.text;
        let plan: Json = serde_json::from_str(&plan).context("its --json is no JSON")?;
        let link = self.run(&[command.as_slice(), &["--format", "link"]].concat())?.text;

        let verdict = plan.get("verdict").and_then(Json::as_str).context("it has no verdict")?;
        let call = block(&format!("$ headroom {}\n", wrapped(text)));
        let mut html = format!(
            "<div class=\"example\">\n<p class=\"label\">Worked example, computed when this page was built</p>\n{call}"
        );
        html.push_str(&format!("<p class=\"verdict\">{}</p>\n", escape(verdict)));
        html.push_str(&values(&plan, &ids)?);
        html.push_str(&format!(
            "<details><summary>Everything the command prints</summary>\n{}</details>\n\
             <p><a class=\"open\" href=\"../?view={view}{}\">Open this scenario in the calculator</a></p>\n</div>\n",
            block(&printed.text),
            escape(link.trim())
        ));
        Ok(html)
    }

    fn text(&self, text: &str) -> Result<String> {
        let printed = self.run(&text.split_whitespace().collect::<Vec<_>>())?;
        ensure!(printed.status == 0, "ends with status {}, not 0:\n{}", printed.status, printed.text);
        Ok(block(&format!("$ headroom {}\n{}", wrapped(text), printed.text)))
    }

    fn run(&self, arguments: &[&str]) -> Result<Run> {
        let (program, first) = self.program.split_first().context("there is nothing to run examples with")?;
        let output = Command::new(program).args(first).args(arguments).output();
        let output = output.with_context(|| format!("cannot run {program}"))?;
        let status = output.status.code().context("it was ended from outside")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(status < 2 && errors.is_empty(), "{}", errors.trim_end());
        let text = String::from_utf8(output.stdout).context("what it printed is no text")?;
        Ok(Run { text, status })
    }
}

/// The command over several lines, as it is written in the text.
fn wrapped(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("show "));
    lines.map(str::trim).collect::<Vec<_>>().join(" \\\n    ")
}

/// Values of a plan, each with how it came about.
fn values(plan: &Json, ids: &[&str]) -> Result<String> {
    if ids.is_empty() {
        return Ok(String::new());
    }
    let mut html = "<div class=\"scroll\" role=\"group\" aria-label=\"Values of the example\" tabindex=\"0\"><table>\n\
                    <thead><tr><th scope=\"col\">value</th><th scope=\"col\">is</th><th scope=\"col\">because</th>\
                    <th scope=\"col\">source</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for id in ids {
        let value = plan.get("values").and_then(|values| values.get(id));
        let value = value.with_context(|| format!("its plan has no value {id}"))?;
        let class = if value.get("value").is_some_and(Json::is_number) { " class=\"quantity\"" } else { "" };
        let part = |name: &str| escape(value.get(name).and_then(Json::as_str).unwrap_or_default());
        html.push_str(&format!(
            "<tr><th scope=\"row\">{}<br><a href=\"reference-values.html#{id}\"><code>{id}</code></a></th>\
             <td{class}>{}</td><td>{}</td><td>{}</td></tr>\n",
            part("name"),
            part("text"),
            part("formula"),
            part("source")
        ));
    }
    html.push_str("</tbody>\n</table></div>\n");
    Ok(html)
}

/// Where requests go through a topology where all is well.
fn decisions(text: &str) -> Result<String> {
    let at = text.find('{').context("no topology follows the requests")?;
    let (requests, file) = text.split_at_checked(at).unwrap_or_default();
    let topology = Topology::parse(file).map_err(|errors| {
        anyhow::anyhow!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    let mut html = format!(
        "<div class=\"example\">\n<p class=\"label\">Worked example, decided when this page was built</p>\n{}\
         <div class=\"scroll\" role=\"group\" aria-label=\"Decisions of the example\" tabindex=\"0\"><table>\n\
         <thead><tr><th scope=\"col\">request</th><th scope=\"col\">from</th><th scope=\"col\">goes to</th>\
         <th scope=\"col\">because</th><th scope=\"col\">every cluster</th></tr></thead>\n<tbody>\n",
        block(file)
    );
    for line in requests.lines().filter(|line| !line.is_empty()) {
        html.push_str(&decision(&topology, line).with_context(|| format!("`{line}`"))?);
    }
    html.push_str(
        "</tbody>\n</table></div>\n\
         <p><a class=\"open\" href=\"../?view=routing\">Try it in the playground</a></p>\n</div>\n",
    );
    Ok(html)
}

/// What is known where every cluster is up and the primary takes writes.
fn all_well(topology: &Topology, now: Moment) -> Health {
    let clusters = topology.clusters().map(|cluster| ClusterSnapshot {
        id: cluster.id.to_string(),
        up: true,
        lag_ms: None,
        draining: false,
        fenced: false,
        is_standby: cluster.role == Role::Standby,
        suspect: false,
    });
    let snapshot = Snapshot {
        topology: String::new(),
        sequence: 1,
        writer: Some(topology.primary().id.to_string()),
        lease_ms: None,
        clusters: clusters.collect(),
    };
    let mut health = Health::new(topology, 0);
    health.adopt(topology, &snapshot, now);
    health
}

fn decision(topology: &Topology, line: &str) -> Result<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [method, path, "from", place @ .., latitude, longitude] = words.as_slice() else {
        bail!("a request is written `GET /path from Place LATITUDE LONGITUDE`");
    };
    let location = Coordinates::from_text(latitude, longitude).context("no such place on Earth")?;
    let request =
        RequestFacts { method, path, location: Some(location), repeatable: Repeatable::Now, ..RequestFacts::default() };
    let now = Moment::from_millis(0);
    let explained = explain(topology, &all_well(topology, now), &request, now);
    let clusters: Vec<String> = explained
        .candidates
        .iter()
        .map(|candidate| {
            let distance = candidate.distance_km.map(|distance| format!(", {distance:.0} km")).unwrap_or_default();
            format!("<code>{}</code>{distance}: {}", escape(&candidate.cluster), escape(&candidate.verdict))
        })
        .collect();
    Ok(format!(
        "<tr><th scope=\"row\"><code>{} {}</code></th><td>{}</td><td><code>{}</code></td><td>{} (<code>{}</code>)</td><td>{}</td></tr>\n",
        escape(method),
        escape(path),
        escape(&place.join(" ")),
        escape(explained.cluster.as_deref().unwrap_or("nowhere")),
        escape(&explained.detail),
        escape(explained.reason),
        clusters.join("<br>")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers as the command line would.
    fn stand_in() -> Examples {
        let script = r#"
            case "$*" in
                *--pods\ 0*) echo 'pods: read "0"' >&2; exit 2;;
                *--json) echo '{ "verdict": "It <fits>.", "values": { "a.b": { "name": "A", "value": 3, "text": "3", "formula": "1 + 2", "source": "S" } } }';;
                *link) echo '#v=1&pods=4';;
                *) echo "all of it: $*";;
            esac
            case "$*" in *--pods\ 9*) exit 1;; esac"#;
        Examples::of(["sh", "-c", script, "headroom"].map(str::to_owned).to_vec())
    }

    #[test]
    fn a_command_is_shown_with_what_it_says() {
        let html =
            stand_in().show("headroom", "pool --pods 4\n  --x 1\nshow a.b\n").expect("it works").expect("an example");
        for part in [
            "$ headroom pool --pods 4 \\\n    --x 1\n",
            "<p class=\"verdict\">It &lt;fits&gt;.</p>",
            "<th scope=\"row\">A<br><a href=\"reference-values.html#a.b\"><code>a.b</code></a></th><td class=\"quantity\">3</td><td>1 + 2</td><td>S</td>",
            "all of it: pool --pods 4 --x 1\n",
            "href=\"../?view=pool#v=1&amp;pods=4\"",
        ] {
            assert!(html.contains(part), "no {part} in {html}");
        }
    }

    #[test]
    fn a_command_can_be_shown_with_what_it_prints_alone() {
        let html = stand_in().show("headroom text", "export --list\n").expect("it works");
        let expected = "<pre tabindex=\"0\"><code>$ headroom export --list\nall of it: export --list\n</code></pre>\n";
        assert_eq!(html.as_deref(), Some(expected));
    }

    #[test]
    fn an_example_that_fails_is_an_error() {
        for (info, text, part) in [
            ("headroom", "pool --pods 0", "pods: read \"0\""),
            ("headroom", "pool --pods 9", "ends with status 1, not 0"),
            ("headroom broken", "pool --pods 4", "ends with status 0, not 1"),
            ("headroom", "pool\nshow a.c", "no value a.c"),
            ("headroom", "check x", "no command check"),
            ("headroom text", "pool --pods 9", "ends with status 1, not 0"),
            ("headroom quiet", "pool", "allowed are"),
            ("routing", "GET / from X 1 2", "no topology"),
            ("routing", "GET /\n{ \"version\": 1, \"clusters\": [] }", "clusters"),
            (
                "routing",
                "GET / from X 91 2\n{ \"version\": 1, \"clusters\": [ { \"id\": \"a\", \"role\": \"primary\", \
                 \"url\": \"https://a.example\", \"latitude\": 1, \"longitude\": 2 } ] }",
                "no such place",
            ),
        ] {
            let error = stand_in().show(info, text).expect_err(text);
            assert!(format!("{error:#}").contains(part), "{info}: {text}: {error:#}");
        }
        assert_eq!(stand_in().show("console", "$ ls").expect("no example"), None);
    }
}
