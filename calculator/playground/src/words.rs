//! What happened, in sentences.

use routing::{Coordinates, Milliseconds, Outcome};

use crate::projection::number;
use crate::simulation::Attempt;
use crate::state::Sent;
use crate::tally::{Tally, per_mille};

/// `48.9° N, 2.4° E`.
pub(crate) fn place(at: Coordinates) -> String {
    let half = |degrees: f64, positive: &'static str, negative: &'static str| {
        [&*number(degrees.abs()), "° ", if degrees < 0.0 { negative } else { positive }].concat()
    };
    [half(at.latitude(), "N", "S"), half(at.longitude(), "E", "W")].join(", ")
}

/// `850 ms`, `3 s`, `2.5 s`.
pub(crate) fn span(span: Milliseconds) -> String {
    match span.get() {
        millis @ 0..1_000 => [&millis.to_string(), " ms"].concat(),
        millis => {
            let tenths = millis.saturating_add(50) / 100;
            let fraction = if tenths % 10 == 0 { String::new() } else { [".", &(tenths % 10).to_string()].concat() };
            [&(tenths / 10).to_string(), &fraction, " s"].concat()
        }
    }
}

/// `1:05`: minutes and seconds.
pub(crate) fn clock(elapsed: Milliseconds) -> String {
    let seconds = elapsed.get() / 1_000;
    let rest = seconds % 60;
    [&*(seconds / 60).to_string(), if rest < 10 { ":0" } else { ":" }, &rest.to_string()].concat()
}

/// `1 cluster`, `3 clusters`.
pub(crate) fn count(count: usize, one: &str, many: &str) -> String {
    [&*count.to_string(), " ", if count == 1 { one } else { many }].concat()
}

/// `12.5 %`.
pub(crate) fn share(part: u64, all: u64) -> String {
    let tenths = per_mille(part, all);
    [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), " %"].concat()
}

/// How an attempt ended.
pub(crate) fn ended(attempt: &Attempt) -> String {
    let Some((outcome, took)) = attempt.ended else { return "is under way".to_owned() };
    let took = span(took);
    match outcome {
        Outcome::Answered(status) => ["answered ", &status.to_string(), " after ", &took].concat(),
        Outcome::Unreachable(_) | Outcome::Failed => ["refused the connection after ", &took].concat(),
        Outcome::TimedOut => ["said nothing for ", &took].concat(),
        Outcome::Cancelled => "was called off".to_owned(),
    }
}

/// Where a request went, and why.
pub(crate) fn sentence(sent: &Sent) -> String {
    let journey = &sent.journey;
    let explanation = &journey.explanation;
    let kind = if journey.request.is_write { "A write" } else { "A read" };
    let Some(cluster) = &explanation.cluster else {
        let parts =
            [kind, " from ", &sent.from, " goes nowhere: ", &explanation.detail, " (", explanation.reason, ")."];
        return parts.concat();
    };
    let mut text =
        [kind, " from ", &sent.from, " goes to ", cluster, ": ", &explanation.detail, " (", explanation.reason, ")."]
            .concat();
    match journey.attempts.as_slice() {
        [] => {}
        [only] => {
            for part in [" It ", &ended(only), "."] {
                text.push_str(part);
            }
        }
        [first, rest @ ..] => {
            for part in [" ", first.cluster.as_str(), " ", &ended(first)] {
                text.push_str(part);
            }
            for attempt in rest {
                for part in ["; then ", &attempt.cluster, " ", &ended(attempt)] {
                    text.push_str(part);
                }
            }
            for part in [", ", &span(journey.took), " in all."] {
                text.push_str(part);
            }
        }
    }
    text
}

/// What became of the traffic.
pub(crate) fn traffic(tally: &Tally) -> String {
    let all = tally.all();
    let percentile = |percent| all.percentile(percent).map_or_else(|| "no time".to_owned(), span);
    [
        &tally.requests().to_string(),
        " requests: half of them ended within ",
        &percentile(50),
        ", 95 % within ",
        &percentile(95),
        "; ",
        &all.errors.to_string(),
        " errors, ",
        &tally.refused_reads.to_string(),
        " refused reads, ",
        &tally.refused_writes.to_string(),
        " refused writes.",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_places() {
        for (millis, expected) in [(7, "7 ms"), (999, "999 ms"), (1_000, "1 s"), (2_540, "2.5 s"), (30_000, "30 s")] {
            assert_eq!(span(Milliseconds::new(millis)), expected);
        }
        assert_eq!(clock(Milliseconds::new(65_900)), "1:05");
        let rio = Coordinates::from_degrees(-22.91, -43.17).unwrap();
        assert_eq!(place(rio), "22.9° S, 43.2° W");
        assert_eq!(share(1, 3), "33.3 %");
        assert_eq!(share(0, 0), "0.0 %");
    }
}
