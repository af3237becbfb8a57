//! How a standby takes over, step by step, and where the documented procedure goes wrong.

use std::borrow::Cow;

use crate::Scenario;
use crate::action::Step;
use crate::source::{SECRET_MANAGEMENT, Source};

/// Where the documented procedure stands.
pub const PROCEDURE: Source = SECRET_MANAGEMENT.at("DR Promotion Procedure");

/// A step and its command.
type Row = (&'static str, &'static str);

const POSTGRESQL: [Row; 6] = [
    (
        "Be sure that the primary is gone, from more than one place: a network that is cut looks the same.",
        "pg_isready -h PRIMARY -t 2",
    ),
    (
        "Fence it: stop the server or cut it off, so that it takes no more writes when it comes back.",
        "pg_ctl stop -D $PGDATA -m immediate",
    ),
    (
        "See how far each standby got and take the one that is furthest; what it lacks is lost.",
        "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()",
    ),
    ("Promote it; true means that it takes writes.", "SELECT pg_promote(true, 60)"),
    (
        "Lead clients there: change the address in the pooler or the DNS, and wait for its time to live.",
        "SELECT pg_is_in_recovery()",
    ),
    (
        "Make the old primary a standby; pg_rewind needs checksums or wal_log_hints, else take a new base backup.",
        "pg_rewind --target-pgdata=$PGDATA --source-server='host=NEW_PRIMARY user=postgres dbname=postgres' -R",
    ),
];

const VAULT_DR: [Row; 7] = [
    (
        "Beforehand: a batch token that may promote, kept like the recovery keys, so that nobody collects key holders \
         during the incident.",
        "vault token create -type=batch -orphan -policy=dr-secondary-promotion -ttl=8h",
    ),
    (
        "Be sure that the primary cluster is gone, from more than one place: one checker may be cut off itself.",
        "curl -sS -m 2 -o /dev/null -w '%{http_code}\\n' https://PRIMARY:8200/v1/sys/health",
    ),
    (
        "Fence it: take it out of the load balancer and the DNS; demote it as soon as it can be reached.",
        "vault write -f sys/replication/dr/primary/demote",
    ),
    (
        "Without a batch token, make a DR operation token: begin, let each key holder give a share with the nonce, \
         decode the result.",
        "vault operator generate-root -dr-token -init\nvault operator generate-root -dr-token -nonce=NONCE\n\
         vault operator generate-root -dr-token -decode=ENCODED -otp=OTP",
    ),
    (
        "Promote the DR cluster, then see that it is active and primary.",
        "vault write sys/replication/dr/secondary/promote dr_operation_token=TOKEN\n\
         vault read sys/replication/status",
    ),
    (
        "Lead clients there, and wait for the DNS record's time to live. Performance secondaries follow the promoted \
         cluster; tell each that does not.",
        "vault write sys/replication/performance/secondary/update-primary token=ACTIVATION_TOKEN \
         primary_api_addr=https://NEW_PRIMARY:8200",
    ),
    (
        "Make the old primary the secondary of the new one, and exercise the way back.",
        "vault read sys/replication/dr/status",
    ),
];

const RESTORE: [Row; 5] = [
    (
        "Be sure that the cluster is gone, from more than one place, and fence it.",
        "curl -sS -m 2 -o /dev/null -w '%{http_code}\\n' https://PRIMARY:8200/v1/sys/health",
    ),
    (
        "Start a new cluster, initialize it and unseal it with its own new keys: only an unsealed cluster restores.",
        "vault operator init\nvault operator unseal",
    ),
    (
        "Restore the latest snapshot; -force, because it was sealed with other keys.",
        "vault operator raft snapshot restore -force backup.snap",
    ),
    ("Unseal every node with the keys of the lost cluster: they are in force again.", "vault operator unseal"),
    (
        "Lead clients there. What was written after the snapshot is lost, and credentials leased since are not known: \
         revoke them at the backends.",
        "vault list sys/leases/lookup/PREFIX",
    ),
];

/// How the standby takes over in this scenario; where there is none, how a snapshot is restored.
#[must_use]
pub fn promotion_steps(scenario: &Scenario) -> Vec<Step> {
    let mut rows: Vec<&[Row]> = Vec::new();
    if scenario.has_database() {
        rows.push(&POSTGRESQL);
    }
    if scenario.has_secret_store() {
        rows.push(if scenario.edition.replicates() { &VAULT_DR } else { &RESTORE });
    }
    let step = |(what, command): &Row| Step { what: Cow::Borrowed(what), command: Cow::Borrowed(command) };
    rows.into_iter().flatten().map(step).collect()
}

/// What is wrong with the documented procedures: the documented step, what to do instead, and why.
pub static MISTAKES: [(&str, &str, &str); 6] = [
    (
        "raft remove-peer of the primary's nodes on the DR cluster",
        "leave it out",
        "A DR cluster has a Raft peer set of its own; the primary's nodes were never in it.",
    ),
    (
        "generate_dr_operation_token(), then generate-root -dr-token",
        "-init, shares with -nonce, -decode; or a batch token made beforehand",
        "generate-root is what makes the token: it comes first, in three calls, with a quorum of key holders.",
    ),
    (
        "is_reachable() three times",
        "ask from more than one place",
        "One checker that is cut off itself promotes beside a living primary.",
    ),
    ("nothing stops the old primary", "fence it", "It takes writes when it comes back: two primaries."),
    (
        "update_dns_records(), and done",
        "wait for the record's time to live",
        "Clients keep the old address so long, and the objective must count it.",
    ),
    (
        "restore: initialize, restore, unseal",
        "initialize, unseal, restore -force, unseal with the old keys",
        "A sealed cluster cannot restore, and a snapshot of another cluster is refused without -force.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_steps() {
        let rows: [(&[(&str, &str)], _, _); 3] = [
            (&[], "pg_promote", "a database"),
            (&[("leases", "1"), ("edition", "vault-enterprise")], "dr/secondary/promote", "a store that replicates"),
            (&[("leases", "1")], "snapshot restore -force", "a store that does not"),
        ];
        for (inputs, command, reason) in rows {
            let mut scenario = Scenario::default();
            for (id, text) in inputs {
                scenario.set(id, text).unwrap();
            }
            let steps = promotion_steps(&scenario);
            assert_eq!(steps.iter().filter(|step| step.command.contains(command)).count(), 1, "{reason}");
            assert!(steps.iter().all(|step| !step.command.contains("remove-peer")), "{reason}");
        }
    }

    #[test]
    fn the_token_comes_before_the_promotion() {
        let at = |part| VAULT_DR.iter().position(|(_, command)| command.contains(part)).unwrap();
        assert!(at("generate-root -dr-token -init") < at("secondary/promote"));
    }
}
