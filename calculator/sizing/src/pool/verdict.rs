//! The sentence that comes first: does it fit, what breaks first, what to do.

use crate::finding::{Finding, Severity};
use crate::pool::Pool;
use crate::pool::findings::{self, excess};
use crate::quantity::{Margin, Quantity, grouped};

pub(crate) fn verdict(pool: &Pool<'_>, findings: &[Finding]) -> String {
    let link = pool.steady.binding();
    let limit = link.limit.unwrap_or_default();
    let name = link.kind.name();
    if link.is_exceeded() {
        let remedy = findings::options(pool, link).into_iter().take(2).collect::<Vec<_>>().join(", or ");
        return format!("The {name} of {} is exceeded by {}: {remedy}.", grouped(limit), connections(excess(link)));
    }
    let taken = format!(
        "{} of the {} {} are taken ({})",
        grouped(link.demand),
        grouped(limit),
        link.kind.connections(),
        link.utilization()
    );
    // What grows and what the secret store lacks is told after this sentence.
    let is_told_here = |finding: &&Finding| !finding.code.starts_with("growth.") && !finding.code.starts_with("nodes.");
    let worst = findings.iter().find(is_told_here).filter(|finding| finding.severity == Severity::Error);
    match (worst, link.severity()) {
        (Some(finding), None | Some(Severity::Info)) => format!("The connections fit, but: {}", finding.message),
        (_, Some(Severity::Error | Severity::Warning)) => {
            format!("It fits, but tightly: {taken}, {} are left.", Quantity::from(Margin::between(limit, link.demand)))
        }
        _ => format!("It fits: {taken}, and {}.", findings::room(pool)),
    }
}

fn connections(number: u64) -> String {
    format!("{} connection{}", grouped(number), if number == 1 { "" } else { "s" })
}
