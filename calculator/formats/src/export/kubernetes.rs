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
    // A maximum at which no new version can be rolled out is none, unless that holds for every number of pods.
    let updated = whole(subject, "pool.max_pods_during_update").filter(|updated| *updated > 0);
    let wished = scenario.pods_max.map(sizing::quantity::Count::get);
    // Where the plan finds that the autoscaler goes too far, it says where to stop.
    let advised = plan.findings.iter().filter(|finding| finding.code.starts_with("pool.autoscaled_"));
    let advised = advised.flat_map(|finding| &finding.fix).find(|(input, _)| *input == "pods_max");
    let advised = advised.and_then(|(_, pods)| pods.parse().ok());
    let limits = [fitting, updated, wished, advised];
    let Some(most) = limits.into_iter().flatten().min() else {
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
    for sentence in reasons(subject, most, limits) {
        file.comment("  ", &sentence);
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

/// Where the maximum comes from, the rule that bound it last.
fn reasons(Subject { scenario, plan }: Subject<'_>, most: u64, limits: [Option<u64>; 4]) -> Vec<String> {
    let pods = |pods: u64| Quantity::from(sizing::quantity::Count(pods)).to_string();
    let [fitting, updated, wished, advised] = limits;
    let of_plan = |id, fits: Option<u64>, running: &dyn Fn(u64) -> u64, beyond| {
        let value = plan.value(id)?;
        let mut text = [&value.name, ": ", &value.quantity.to_string(), "."].concat();
        if fits == Some(most) {
            let chain =
                Chain::of(scenario, Fleet { pods: running(most.saturating_add(1)), instances: scenario.instances() });
            if let Some(link) = chain.links().find(|link| link.is_exceeded()) {
                let (demand, limit) = (pods(link.demand), link.limit().to_string());
                text += &[beyond, link.kind.name(), " is exceeded: ", &demand, " of ", &limit, "."].concat();
            }
        }
        Some(text)
    };
    let with_surge = |pods: u64| pods.saturating_add(scenario.surge.of(pods));
    let during = if fitting.is_some() && updated.is_none() {
        Some(
            "Not even one pod leaves room for a rolling update: set maxSurge: 0 and maxUnavailable: 1 in the \
             Deployment."
                .to_owned(),
        )
    } else {
        let updated = updated.filter(|_| updated != fitting);
        of_plan("pool.max_pods_during_update", updated, &with_surge, " With one more and its surge the ")
    };
    let asked = wished.map(|wished| {
        let fits = fitting.into_iter().chain(updated).all(|fits| wished <= fits);
        [&*pods(wished), if fits { " are asked for." } else { " are asked for, more than fit." }].concat()
    });
    let cap = advised.filter(|advised| *advised == most && wished != Some(most));
    let cap =
        cap.map(|cap| ["The plan advises a maximum of ", &pods(cap), ", which leaves some of every limit."].concat());
    let fits = of_plan("pool.max_pods", fitting, &|pods| pods, " With one more the ");
    [fits, during, asked, cap].into_iter().flatten().collect()
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

#[cfg(test)]
mod tests {
    use sizing::Scenario;

    use super::*;

    #[test]
    fn the_maximum_and_the_rule_it_comes_from() {
        type Row<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str, &'a str);
        let rows: &[Row<'_>] = &[
            (&[], "7", "Pods that still allow a rolling update: 7. With one more and its surge", "the surge counts"),
            (&[("surge", "0")], "9", "Pods until the first limit: 9. With one more the database limit", "no surge"),
            (&[("pods_max", "4")], "4", "4 are asked for.", "fewer are asked for"),
            (&[("pods_max", "40")], "6", "The plan advises a maximum of 6", "more are asked for than is advised"),
            (
                &[("pods", "1"), ("pool_size", "60")],
                "1",
                "Not even one pod leaves room for a rolling update: set maxSurge: 0",
                "one pod fits, its surge does not",
            ),
        ];
        for (inputs, expected, words, reason) in rows {
            let mut scenario = Scenario::default();
            for (id, text) in [("max_connections", "100")].iter().chain(*inputs) {
                scenario.set(id, text).unwrap();
            }
            let plan = sizing::plan(&scenario);
            let document = write(Subject { scenario: &scenario, plan: &plan }).unwrap();
            let settings = document.lines.iter().filter_map(|line| line.setting.as_ref());
            let most: Vec<&str> =
                settings.filter(|it| it.name == "maxReplicas").map(|setting| &*setting.value).collect();
            assert_eq!(most, [*expected], "{reason}");
            let text = document.text().replace("\n  # ", " ");
            assert!(text.contains(words), "{reason}: {text}");
            // The finding's answer is the file's number.
            let findings = plan.findings.iter().filter(|finding| finding.code.starts_with("pool.autoscaled_"));
            for (_, cap) in findings.flat_map(|finding| &finding.fix).filter(|(input, _)| *input == "pods_max") {
                assert_eq!(cap, expected, "{reason}");
            }
        }
    }
}
