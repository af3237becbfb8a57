//! Kubernetes manifests: the pools as a `ConfigMap`, and an autoscaler that stops before the connections do.

use sizing::Quantity;
use sizing::pool::chain::{Chain, Fleet};
use sizing::quantity::{Connections, Number};

use super::application::{heading, said};
use super::{Document, Export, Language, Subject, Takes, hikari_env};

pub(super) const EXPORT: Export = Export {
    kind: "kubernetes",
    title: "Kubernetes",
    file: "headroom.yaml",
    language: Language::Yaml,
    about: "A ConfigMap with the pools, an autoscaler within the connection limit, and a disruption budget for the \
        secret store's quorum; the names stand for your own.",
    write,
};

/// What a manifest begins with.
fn manifest(file: &mut Document, version: &str, kind: &str, name: &str) {
    file.line("---");
    file.line(["apiVersion: ", version].concat());
    file.line(["kind: ", kind].concat());
    file.line("metadata:");
    file.line(["  name: ", name].concat());
}

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let mut file = heading(subject, EXPORT.title);
    if subject.scenario.has_database() {
        config_map(&mut file, subject);
        autoscaler(&mut file, subject)?;
    }
    let is_kept = disruption_budget(&mut file, subject);
    if !subject.scenario.has_database() && !is_kept {
        return Err("one voter of a secret store is lost with every restart: no disruption budget keeps a quorum");
    }
    Ok(file)
}

/// The pools, by the names that the plan's commands use for them.
fn config_map(file: &mut Document, subject: Subject<'_>) {
    let scenario = subject.scenario;
    manifest(file, "v1", "ConfigMap", "app-database-pool");
    file.line("data:");
    let mut set = |name: &str, value: &str, default: &str| {
        file.assign(["  ", name, ": \"", value, "\""].concat(), name, value, Some(default), Takes::Restart);
    };
    if scenario.max_overflow == Some(Connections(0)) {
        for (name, value, default, _) in hikari_env::variables(subject) {
            set(&name, &value, default);
        }
        return;
    }
    for pool in super::application::pools(scenario) {
        let prefix = match &*pool.name {
            "" => "DATABASE".to_owned(),
            name => name.replace('-', "_").to_ascii_uppercase(),
        };
        let overflow = pool.overflow.map_or_else(|| "-1".to_owned(), |overflow| overflow.to_string());
        // SQLAlchemy's defaults.
        set(&[&prefix, "_POOL_SIZE"].concat(), &pool.size.to_string(), "5");
        set(&[&prefix, "_MAX_OVERFLOW"].concat(), &overflow, "10");
    }
}

/// A whole number of the plan; `None` where there is none.
fn whole(subject: Subject<'_>, id: &str) -> Option<u64> {
    match subject.plan.value(id)?.quantity.number()? {
        Number::Whole(whole) => Some(whole),
        Number::Signed(_) | Number::Real(_) => None,
    }
}

/// An autoscaler whose maximum is what the first limit allows.
fn autoscaler(file: &mut Document, subject: Subject<'_>) -> Result<(), &'static str> {
    let Subject { scenario, plan } = subject;
    let fitting = whole(subject, "pool.max_pods");
    let wished = scenario.pods_max.map(sizing::quantity::Count::get);
    let Some(most) = fitting.into_iter().chain(wished).min() else {
        file.comment("", "Nothing limits the pods, and no maximum is given: there is none to write down.");
        return Ok(());
    };
    if most == 0 {
        return Err("not even one pod fits the connection limit: the verdict says which, and what to do first");
    }
    let least = scenario.pods.get().min(most);
    manifest(file, "autoscaling/v2", "HorizontalPodAutoscaler", "app");
    file.line("spec:");
    file.line("  scaleTargetRef:");
    file.line("    apiVersion: apps/v1");
    file.line("    kind: Deployment");
    file.line("    name: app");
    if least < scenario.pods.get() {
        let pods = Quantity::from(scenario.pods).to_string();
        file.comment("  ", &[&pods, " pods are said to run; that many do not fit."].concat());
    }
    file.assign(
        ["  minReplicas: ", &least.to_string()].concat(),
        "minReplicas",
        &least.to_string(),
        Some("1"),
        Takes::Restart,
    );
    file.comment("  ", &reason(subject, fitting, wished));
    if let Some(during) = plan.value("pool.max_pods_during_update") {
        file.comment("  ", &[&during.name, ": ", &during.quantity.to_string(), "."].concat());
    }
    file.assign(
        ["  maxReplicas: ", &most.to_string()].concat(),
        "maxReplicas",
        &most.to_string(),
        None,
        Takes::Restart,
    );
    file.line("  metrics:");
    file.line("    - type: Resource");
    file.line("      resource:");
    file.line("        name: cpu");
    file.line("        target:");
    file.line("          type: Utilization");
    // What Kubernetes aims at where no metric is given.
    // https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
    file.assign("          averageUtilization: 80".to_owned(), "averageUtilization", "80", Some("80"), Takes::Restart);
    Ok(())
}

/// Which limit the maximum comes from.
fn reason(Subject { scenario, plan }: Subject<'_>, fitting: Option<u64>, wished: Option<u64>) -> String {
    let pods = |pods: u64| Quantity::from(sizing::quantity::Count(pods)).to_string();
    let first = fitting.and_then(|fitting| {
        let fleet = Fleet { pods: fitting.saturating_add(1), instances: scenario.instances() };
        let chain = Chain::of(scenario, fleet);
        let link = chain.links().find(|link| link.is_exceeded())?;
        let (demand, limit) = (pods(link.demand), link.limit().to_string());
        Some([" With one more the ", link.kind.name(), " is exceeded: ", &demand, " of ", &limit, "."].concat())
    });
    let fits = plan.value("pool.max_pods").map(|value| [&value.name, ": ", &value.quantity.to_string(), "."].concat());
    let mut text = fits.unwrap_or_default() + &first.unwrap_or_default();
    if let Some(wished) = wished {
        let rule = match fitting {
            Some(fitting) if fitting < wished => " are asked for, more than fit.",
            _ => " are asked for.",
        };
        text += &[" ", &pods(wished), rule].concat();
    }
    text
}

/// What must stay of the secret store's voters while nodes are drained; false where none may be lost.
fn disruption_budget(file: &mut Document, subject: Subject<'_>) -> bool {
    let spare = whole(subject, "nodes.fault_tolerance").filter(|spare| *spare > 0);
    let Some(quorum) = spare.and_then(|_| whole(subject, "nodes.quorum")) else { return false };
    said(file, subject.plan, "nodes.quorum");
    manifest(file, "policy/v1", "PodDisruptionBudget", "vault");
    file.line("spec:");
    let value = quorum.to_string();
    file.assign(["  minAvailable: ", &value].concat(), "minAvailable", &value, None, Takes::Restart);
    file.line("  selector:");
    file.line("    matchLabels:");
    file.line("      app.kubernetes.io/name: vault");
    true
}
