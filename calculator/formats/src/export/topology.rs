//! The edge router's topology: clusters of a secret store, or regions of an application with a read replica each.

use sizing::choice::{Distance, Flag, Replication};
use sizing::{Quantity, Scenario};

use super::application::whole_ms;
use super::{Document, Export, Language, Subject, Takes};

pub(super) const EXPORT: Export = Export {
    kind: "topology",
    title: "Edge router",
    file: "topology.json",
    language: Language::Json,
    about: "The edge router's topology; urls and places stand for your own, and a headroom check says what is wrong.",
    write,
};

/// Most clusters of a topology.
const MOST: u64 = 200;

/// Places to begin with: an id, degrees north and degrees east.
const PLACES: [(&str, &str, &str); 8] = [
    ("us-east", "38.95", "-77.45"),
    ("eu-west", "53.35", "-6.26"),
    ("us-west", "45.5", "-122.7"),
    ("ap-southeast", "1.35", "103.99"),
    ("sa-east", "-23.43", "-46.47"),
    ("ap-northeast", "35.55", "139.78"),
    ("eu-central", "50.03", "8.57"),
    ("ap-south", "19.09", "72.87"),
];

/// What is spread over the clusters.
struct Shape {
    replicas: u64,
    has_standby: bool,
    dialect: &'static str,
    /// Whether a replica passes writes on itself.
    forwards: bool,
}

fn shape(scenario: &Scenario) -> Result<Shape, &'static str> {
    let has_standby = !matches!(scenario.replication, None | Some(Replication::None));
    if scenario.has_secret_store() {
        let clusters = scenario.replication_clusters.get();
        if !scenario.edition.replicates() {
            return Err("this edition of the secret store replicates to no other cluster: there is one to route to");
        }
        if clusters == 0 {
            return Err("no cluster replicates from the secret store's: there is one to route to");
        }
        let replicas = clusters - u64::from(has_standby);
        return Ok(Shape { replicas, has_standby, dialect: "vault", forwards: true });
    }
    if scenario.replicas.get() == 0 || scenario.replica_distance == Distance::SameRegion {
        return Err("no replica stands in another region: there is one place to route to");
    }
    Ok(Shape { replicas: scenario.replicas.get(), has_standby: false, dialect: "http", forwards: false })
}

fn write(Subject { scenario, plan }: Subject<'_>) -> Result<Document, &'static str> {
    let shape = shape(scenario)?;
    if shape.replicas.saturating_add(1 + u64::from(shape.has_standby)) > MOST {
        return Err("a topology has 200 clusters at most");
    }
    let mut file = Json(Document::default());
    file.0.line("{");
    file.0.line("  \"version\": 1,");
    clusters(&mut file, &shape);
    // https://developer.hashicorp.com/vault/api-docs/system/health for the dialect; the rest is the router's reference.
    file.open("health");
    file.set("dialect", &["\"", shape.dialect, "\""].concat(), Some("http"));
    file.number("interval_ms", whole_ms(scenario.health_interval_ms).clamp(1_000, 3_600_000), "5000");
    file.number("timeout_ms", whole_ms(scenario.health_timeout_ms).clamp(100, 60_000), "2000");
    file.number("unhealthy_threshold", scenario.unhealthy_threshold.get().min(100), "3");
    file.number("healthy_threshold", scenario.healthy_threshold.get().min(100), "2");
    file.close();
    file.open("breaker");
    file.number("failures", scenario.breaker_failures.get(), "5");
    file.number("window_ms", whole_ms(scenario.breaker_window_ms).clamp(1_000, 3_600_000), "60000");
    file.number("cooldown_ms", whole_ms(scenario.breaker_cooldown_ms).clamp(100, 3_600_000), "30000");
    file.close();
    if shape.dialect == "vault" {
        file.open("lag");
        file.number("max_ms", whole_ms(scenario.lag_limit_ms).min(86_400_000), "");
        file.close();
    } else if scenario.read_your_writes == Flag::Yes {
        // As long as a replica may be behind.
        let lag = plan.value("replica.lag_ms").and_then(|value| match value.quantity {
            Quantity::Millis(lag) => Some(lag),
            _ => None,
        });
        file.open("consistency");
        let lag = whole_ms(lag.unwrap_or(scenario.lag_limit_ms)).min(3_600_000);
        file.number("read_your_writes_ms", lag, "");
        file.close();
    }
    Ok(file.finish())
}

fn clusters(file: &mut Json, shape: &Shape) {
    file.0.line("  \"clusters\": [");
    let standby = u64::from(shape.has_standby);
    let last = shape.replicas + standby;
    let places = PLACES.iter().cycle();
    for (number, (place, latitude, longitude)) in (0..=last).zip(places) {
        let round = number / PLACES.len() as u64;
        let id = if round == 0 { (*place).to_owned() } else { [place, "-", &(round + 1).to_string()].concat() };
        let role = match number {
            0 => "primary",
            number if number == last && shape.has_standby => "standby",
            _ => "replica",
        };
        let forwards = if role == "replica" && shape.forwards { ", \"forwards_writes\": true" } else { "" };
        let end = if number == last { "" } else { "," };
        let text = [
            "    { \"id\": \"",
            &id,
            "\", \"role\": \"",
            role,
            "\", \"url\": \"https://",
            &id,
            ".example.com\", \"latitude\": ",
            latitude,
            ", \"longitude\": ",
            longitude,
            forwards,
            " }",
            end,
        ];
        file.0.assign(text.concat(), &id, role, None, Takes::Reload);
    }
    file.0.line("  ],");
}

/// An object of objects of numbers and words.
struct Json(Document);

impl Json {
    fn open(&mut self, key: &str) {
        self.0.line(["  \"", key, "\": {"].concat());
    }

    fn close(&mut self) {
        self.end_last();
        self.0.line("  },");
    }

    fn number(&mut self, key: &str, value: u64, default: &str) {
        self.set(key, &value.to_string(), Some(default).filter(|default| !default.is_empty()));
    }

    fn set(&mut self, key: &str, value: &str, default: Option<&str>) {
        let text = ["    \"", key, "\": ", value, ","].concat();
        self.0.assign(text, key, value.trim_matches('"'), default, Takes::Reload);
    }

    /// The last entry of an object or of the file has no comma.
    fn end_last(&mut self) {
        if let Some(line) = self.0.lines.last_mut() {
            line.text.truncate(line.text.trim_end_matches(',').len());
        }
    }

    fn finish(mut self) -> Document {
        self.end_last();
        self.0.line("}");
        self.0
    }
}
