//! The account of a chaos run: what the clients say against what the clusters say, request by request.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::schedule::{Condition, History, Schedule};

/// A request as its client saw it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Its own, and sent along.
    pub(super) id: u64,
    pub(super) is_write: bool,
    /// Where the client is.
    pub(super) city: &'static str,
    pub(super) sent: Duration,
    pub(super) ended: Duration,
    pub(super) outcome: Outcome,
}

/// What a client got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A response: what its headers say of the route or, where the router answered itself, its own reason.
    Answered { status: u16, cluster: String, reason: String },
    /// Nothing; why.
    Nothing(String),
}

/// A request that arrived at a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) id: u64,
    pub(super) cluster: String,
}

/// Both sides of a run.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) asked: Vec<Asked>,
    pub(super) arrived: Vec<Arrived>,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) reads: usize,
    pub(super) writes: usize,
    /// Requests that the clusters received: some of the reads more than once.
    pub(super) arrived: usize,
    /// Reads that ended without an answer, or with an error of the router's.
    pub(super) reads_failed: usize,
    /// Reads answered 500 by a cluster that answers 500: passed on as they are.
    pub(super) reads_passed_on: usize,
    /// Writes that were refused or failed, as they must while nobody can take them.
    pub(super) writes_failed: usize,
    /// What must not be, in words.
    pub(super) violations: Vec<String>,
}

impl Asked {
    fn status(&self) -> Option<u16> {
        if let Outcome::Answered { status, .. } = self.outcome { Some(status) } else { None }
    }

    fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    fn kind(&self) -> &'static str {
        if self.is_write { "write" } else { "read" }
    }

    fn words(&self) -> String {
        let outcome = match &self.outcome {
            Outcome::Answered { status, cluster, reason } => format!("{status} {cluster} {reason}"),
            Outcome::Nothing(why) => why.clone(),
        };
        let (at, took) = (self.sent.as_secs_f64(), self.ended.saturating_sub(self.sent).as_millis());
        format!("{} {} from {}, sent at {at:.3} s, {took} ms: {}", self.kind(), self.id, self.city, outcome.trim())
    }
}

impl Account {
    /// Settles it.
    pub(super) fn totals(&self, history: &History) -> Totals {
        let mut places: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for Arrived { id, cluster } in &self.arrived {
            places.entry(*id).or_default().push(cluster);
        }
        let mut totals = Totals { arrived: self.arrived.len(), ..Totals::default() };
        for asked in &self.asked {
            let places = places.remove(&asked.id).unwrap_or_default();
            if let Outcome::Answered { cluster, .. } = &asked.outcome
                && asked.succeeded()
                && !places.contains(&cluster.as_str())
            {
                totals.violations.push(format!("not in the log of the cluster that is named: {}", asked.words()));
            }
            if asked.is_write {
                totals.write(asked, &places, history);
            } else {
                totals.read(asked, history);
            }
        }
        for (id, places) in places {
            totals.violations.push(format!("nobody sent what arrived at {}: {id}", places.join(", ")));
        }
        totals
    }

    /// What happened in each second, and what came of the requests sent in it.
    pub(super) fn timeline(&self, schedule: &Schedule) -> String {
        let mut text = format!("{:>4}  {:>5} {:>6} {:>6}  answers\n", "s", "reads", "writes", "errors");
        for second in 0..schedule.seconds {
            let sent: Vec<&Asked> = self.asked.iter().filter(|asked| asked.sent.as_secs() == second).collect();
            let writes = sent.iter().filter(|asked| asked.is_write).count();
            let errors = sent.iter().filter(|asked| !asked.succeeded()).count();
            let words = schedule.words(second);
            if !words.is_empty() {
                let _ = writeln!(text, "{second:>4}  ── {words}");
            }
            let reads = sent.len() - writes;
            let _ = writeln!(text, "{second:>4}  {reads:>5} {writes:>6} {errors:>6}  {}", answers(&sent));
        }
        text
    }
}

/// How many answers came from where and why.
fn answers(sent: &[&Asked]) -> String {
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for asked in sent {
        let key = match &asked.outcome {
            Outcome::Answered { cluster, reason, .. } if asked.succeeded() => (cluster.as_str(), reason.clone()),
            // The router's own answers sort behind those of the clusters.
            Outcome::Answered { status, cluster, reason } if cluster.is_empty() => ("~", format!("{status} {reason}")),
            Outcome::Answered { status, cluster, reason } => ("~", format!("{status} {cluster} {reason}")),
            Outcome::Nothing(why) => ("~", why.clone()),
        };
        *counts.entry(key).or_default() += 1;
    }
    let mut text = String::new();
    let mut last = "";
    for ((cluster, why), count) in &counts {
        let separator = if text.is_empty() { "" } else { "; " };
        match *cluster {
            same if same == last => _ = write!(text, ", {why} {count}"),
            "~" => _ = write!(text, "{separator}errors: {why} {count}"),
            other => _ = write!(text, "{separator}{other}: {why} {count}"),
        }
        last = cluster;
    }
    text
}

impl Totals {
    fn read(&mut self, asked: &Asked, history: &History) {
        self.reads += 1;
        if asked.succeeded() {
            return;
        }
        if let Outcome::Answered { status: 500, cluster, .. } = &asked.outcome
            && history.was(cluster, Condition::Failing, asked.sent, asked.ended)
        {
            self.reads_passed_on += 1;
            return;
        }
        self.reads_failed += 1;
        if history.reads_were_possible(asked.sent, asked.ended) {
            self.violations.push(format!("failed although a cluster was usable: {}", asked.words()));
        }
    }

    fn write(&mut self, asked: &Asked, places: &[&str], history: &History) {
        self.writes += 1;
        self.writes_failed += usize::from(!asked.succeeded());
        if places.len() > 1 {
            self.violations.push(format!("sent more than once, to {}: {}", places.join(", "), asked.words()));
        }
        for place in places.iter().filter(|place| !history.was_writer(place, asked.sent, asked.ended)) {
            self.violations.push(format!("sent to {place}, which took no writes: {}", asked.words()));
        }
    }

    /// A few lines for people.
    pub(super) fn words(&self) -> String {
        let mut text = format!(
            "{} reads: {} failed, {} were answered 500 by a cluster that answers 500\n\
             {} writes: {} failed or were refused\n\
             {} requests in the logs of the clusters\n",
            self.reads, self.reads_failed, self.reads_passed_on, self.writes, self.writes_failed, self.arrived
        );
        let _ = match self.violations.len() {
            0 => writeln!(text, "no write misplaced or sent twice, no read failed while a cluster was usable"),
            count => writeln!(text, "VIOLATIONS: {count}"),
        };
        const SHOWN: usize = 20;
        for violation in self.violations.iter().take(SHOWN) {
            let _ = writeln!(text, "  {violation}");
        }
        if self.violations.len() > SHOWN {
            let _ = writeln!(text, "  and {} more", self.violations.len() - SHOWN);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::schedule::{ASIA, EUROPE, Event, PRIMARY, STANDBY};
    use super::*;

    fn answered(status: u16, cluster: &str, reason: &str) -> Outcome {
        Outcome::Answered { status, cluster: cluster.to_owned(), reason: reason.to_owned() }
    }

    /// A request sent in this second, answered half a second later.
    fn asked(id: u64, is_write: bool, second: u64, outcome: Outcome) -> Asked {
        let sent = Duration::from_secs(second);
        Asked { id, is_write, city: "Frankfurt", sent, ended: sent + Duration::from_millis(500), outcome }
    }

    fn history(events: &[(u64, Event)]) -> History {
        let mut history = History::default();
        for (at, event) in events {
            history.note(Duration::from_secs(*at), *event);
        }
        history
    }

    fn account(asked: Vec<Asked>, arrived: &[(u64, &str)]) -> Account {
        let arrived = arrived.iter().map(|(id, cluster)| Arrived { id: *id, cluster: (*cluster).to_owned() });
        Account { asked, arrived: arrived.collect() }
    }

    #[track_caller]
    fn check(events: &[(u64, Event)], asked: Asked, arrived: &[(u64, &str)], violation: Option<&str>) {
        let totals = account(vec![asked], arrived).totals(&history(events));
        match violation {
            None => assert_eq!(totals.violations, [""; 0]),
            Some(words) => {
                assert_eq!(totals.violations.len(), 1, "{totals:?}");
                assert!(totals.violations[0].contains(words), "{totals:?}");
            }
        }
    }

    #[test]
    fn a_write_belongs_to_the_writer_and_is_sent_once() {
        let write = |outcome| asked(7, true, 1, outcome);
        let nothing = || Outcome::Nothing("reset".to_owned());
        check(&[], write(answered(200, PRIMARY, "write-primary")), &[(7, PRIMARY)], None);
        check(&[], write(answered(503, "", "")), &[], None); // refused
        check(&[], write(answered(502, PRIMARY, "write-primary")), &[(7, PRIMARY)], None); // done or not: said so
        check(&[], write(nothing()), &[], None);
        check(&[], write(answered(200, EUROPE, "")), &[(7, EUROPE)], Some("took no writes"));
        check(&[], write(answered(200, PRIMARY, "")), &[(7, PRIMARY), (7, PRIMARY)], Some("more than once"));
        check(&[], write(nothing()), &[(7, PRIMARY), (7, PRIMARY)], Some("more than once"));
        check(&[], write(answered(200, PRIMARY, "")), &[], Some("not in the log"));
        check(&[], write(answered(200, PRIMARY, "")), &[(7, PRIMARY), (8, PRIMARY)], Some("nobody sent"));
    }

    #[test]
    fn a_write_belongs_to_the_writer_of_its_moment() {
        for (second, cluster, is_misplaced) in
            [(5, PRIMARY, false), (5, STANDBY, true), (9, PRIMARY, true), (9, STANDBY, false)]
        {
            let mut history = history(&[(4, Event::Promote(STANDBY))]);
            history.activate(Duration::from_secs(8), STANDBY);
            let write = asked(1, true, second, answered(200, cluster, "write-primary"));
            let totals = account(vec![write], &[(1, cluster)]).totals(&history);
            assert_eq!(totals.violations.len(), usize::from(is_misplaced), "{cluster} in {second}: {totals:?}");
        }
    }

    #[test]
    fn a_read_must_succeed_while_it_can() {
        let read = |outcome| asked(7, false, 5, outcome);
        let dead = |id| (1, Event::Become(id, Condition::Killed));
        let failing = (1, Event::Become(ASIA, Condition::Failing));
        let nobody = [dead(PRIMARY), dead(EUROPE), dead(ASIA)];
        check(&[], read(answered(200, EUROPE, "nearest")), &[(7, EUROPE)], None);
        check(&[], read(answered(200, EUROPE, "retry")), &[(7, ASIA), (7, EUROPE)], None); // a read may be repeated
        check(&[], read(answered(503, "", "")), &[], Some("although"));
        check(&[], read(answered(502, EUROPE, "nearest")), &[(7, EUROPE)], Some("although"));
        check(&[], read(Outcome::Nothing("reset".to_owned())), &[], Some("although"));
        check(&[dead(EUROPE), dead(ASIA)], read(answered(503, "", "")), &[], Some("although"));
        check(&nobody, read(answered(503, "", "")), &[], None);
        check(&[failing], read(answered(500, ASIA, "nearest")), &[(7, ASIA)], None);
        check(&[failing], read(answered(500, EUROPE, "nearest")), &[(7, EUROPE)], Some("although"));
        check(&[], read(answered(200, EUROPE, "nearest")), &[(7, ASIA)], Some("not in the log"));
    }

    #[test]
    fn everything_is_counted() {
        let dead = [PRIMARY, EUROPE, ASIA].map(|id| (3, Event::Become(id, Condition::Killed)));
        let account = account(
            vec![
                asked(1, false, 0, answered(200, EUROPE, "nearest")),
                asked(2, true, 0, answered(200, PRIMARY, "write-primary")),
                asked(3, true, 4, answered(502, "", "")),
                asked(4, false, 4, answered(503, "", "")),
            ],
            &[(1, EUROPE), (2, PRIMARY)],
        );
        let expected = Totals {
            reads: 2,
            writes: 2,
            arrived: 2,
            reads_failed: 1,
            reads_passed_on: 0,
            writes_failed: 1,
            violations: Vec::new(),
        };
        assert_eq!(account.totals(&history(&dead)), expected);
    }

    #[test]
    fn the_timeline_tells_a_second_in_a_line() {
        const SCHEDULE: Schedule = Schedule { events: &[(1, Event::Become(EUROPE, Condition::Killed))], seconds: 3 };
        let account = account(
            vec![
                asked(1, false, 0, answered(200, EUROPE, "nearest")),
                asked(2, false, 0, answered(200, EUROPE, "nearest")),
                asked(3, true, 0, answered(200, PRIMARY, "write-primary")),
                asked(4, false, 1, answered(200, PRIMARY, "fallback-primary")),
                asked(5, false, 1, answered(200, PRIMARY, "retry")),
                asked(6, true, 1, answered(503, "", "lease-over")),
            ],
            &[],
        );
        let expected = "   s  reads writes errors  answers\n   \
                           0      2      1      0  eu-central: nearest 2; us-east: write-primary 1\n   \
                           1  ── eu-central is killed\n   \
                           1      2      1      1  us-east: fallback-primary 1, retry 1; errors: 503 lease-over 1\n   \
                           2      0      0      0  \n";
        assert_eq!(account.timeline(&SCHEDULE), expected);
    }
}
