//! The sentence that comes first: does it fit, what breaks first, what to do.

use crate::finding::{Finding, Severity};
use crate::pool::Pool;
use crate::pool::findings::{self, excess};
use crate::quantity::{Margin, Quantity, grouped};
use crate::verdict::{more, most_important};

pub(crate) fn verdict(pool: &Pool<'_>, findings: &[Finding]) -> String {
    let link = pool.steady.binding();
    let limit = link.limit.unwrap_or_default();
    let name = link.kind.name();
    // What grows and what the secret store lacks is told after this sentence.
    let is_told_here = |finding: &&Finding| !finding.code.starts_with("growth.") && !finding.code.starts_with("nodes.");
    let (worst, others) = most_important(findings.iter().filter(is_told_here));
    let more = more(others);
    if link.is_exceeded() {
        let remedy = findings::options(pool, link).into_iter().take(2).collect::<Vec<_>>().join(", or ");
        let exceeded = connections(excess(link));
        return format!("The {name} of {} is exceeded by {exceeded}: {remedy}.{more}", grouped(limit));
    }
    let taken = format!(
        "{} of the {} {} are taken ({})",
        grouped(link.demand),
        grouped(limit),
        link.kind.connections(),
        link.utilization()
    );
    let is_tight = link.severity() >= Some(Severity::Warning);
    // That a limit is nearly used up is what the sentence for a tight one says with its numbers.
    let is_told = |finding: &&Finding| link.severity() == Some(Severity::Error) && finding.is_near_pool_limit();
    match worst.filter(|finding| !is_told(finding)) {
        Some(finding) => format!("The connections fit, but: {} {}{more}", finding.message, finding.remedy),
        None if is_tight => {
            let left = Quantity::from(Margin::between(limit, link.demand));
            format!("It fits, but tightly: {taken}, {left} are left.{more}")
        }
        None => format!("It fits: {taken}, and {}.", findings::room(pool)),
    }
}

fn connections(number: u64) -> String {
    format!("{} connection{}", grouped(number), if number == 1 { "" } else { "s" })
}
