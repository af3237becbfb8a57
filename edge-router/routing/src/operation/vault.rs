//! What requests of Vault's API do other than their method says: the rules that follow the configured ones with a Vault
//! dialect.

use super::{Methods, Operation, OperationRule, Treatment};
use crate::pattern::PathPattern;
use crate::topology::field::referenced;

/// A row of the table.
#[cfg_attr(
    not(all(test, feature = "reference", not(target_arch = "wasm32"))),
    expect(dead_code, reason = "two columns are for the reference")
)]
pub(crate) struct VaultRule {
    pub(crate) path: &'static str,
    /// What requests there do that are not what their method says.
    pub(crate) what: &'static str,
    /// Page of Vault's documentation, or file of the sources that it shares with `OpenBao`, that says so.
    pub(crate) source: &'static str,
}

const fn rule(path: &'static str, what: &'static str, source: &'static str) -> VaultRule {
    VaultRule { path, what: referenced(what), source: referenced(source) }
}

/// Paths where every method writes. They are wide: what is taken for a write goes to the cluster that can do both.
pub(crate) const WRITES: &[VaultRule] = &[
    rule(
        "/v1/*/creds/*",
        "creates a credential with a lease: databases, AWS, Azure, Consul, Nomad, RabbitMQ, Kubernetes, \
               Terraform, LDAP, Active Directory, MongoDB Atlas, AliCloud",
        "docs/enterprise/consistency; api-docs/secret/databases and its neighbours",
    ),
    rule("/v1/*/sts/*", "creates a credential with a lease: AWS", "api-docs/secret/aws"),
    rule("/v1/gcp/token/*", "creates an access token", "api-docs/secret/gcp"),
    rule("/v1/gcp/key/*", "creates a key with a lease", "api-docs/secret/gcp"),
    rule("/v1/gcp/*/*/token", "creates an access token", "api-docs/secret/gcp"),
    rule("/v1/gcp/*/*/key", "creates a key with a lease", "api-docs/secret/gcp"),
    rule(
        "/v1/transit/backup/*",
        "notes the time of the backup in the key",
        "sdk/helper/keysutil/policy.go, Policy.Backup",
    ),
    rule("/v1/*/crl/rotate*", "makes a new CRL or delta CRL", "api-docs/secret/pki"),
    rule(
        "/v1/auth/*/oidc/callback",
        "ends a login, which creates a token",
        "docs/enterprise/consistency; api-docs/auth/jwt",
    ),
    rule("/v1/auth/*/login/*", "is a login, which creates a token", "docs/enterprise/consistency"),
    rule(
        "/v1/identity/oidc/provider/*/authorize",
        "creates an authorisation code",
        "api-docs/secret/identity/oidc-provider",
    ),
];

/// Paths where POST and PUT read. They are narrow, with the usual mounts only: a write taken for a read may be sent
/// twice.
///
/// Encryption counts as one though it creates a key that is missing: the cluster that gets it forwards just that to its
/// primary, and a second time finds the key there.
pub(crate) const READS: &[VaultRule] = &[
    rule("/v1/transit/encrypt/*", "computes; a missing key is created once", TRANSIT),
    rule("/v1/transit/decrypt/*", "computes", TRANSIT),
    rule("/v1/transit/rewrap/*", "computes", TRANSIT),
    rule("/v1/transit/datakey/*", "computes; the key it makes is stored nowhere", TRANSIT),
    rule("/v1/transit/hmac/*", "computes", TRANSIT),
    rule("/v1/transit/sign/*", "computes", TRANSIT),
    rule("/v1/transit/verify/*", "computes", TRANSIT),
    rule("/v1/transit/random/*", "computes", TRANSIT),
    rule("/v1/transit/hash/*", "computes", TRANSIT),
    rule("/v1/auth/token/lookup", "looks a token up", "api-docs/auth/token"),
    rule("/v1/auth/token/lookup-self", "looks a token up", "api-docs/auth/token"),
    rule("/v1/auth/token/lookup-accessor", "looks a token up", "api-docs/auth/token"),
    rule("/v1/sys/capabilities", "looks up", "api-docs/system/capabilities"),
    rule("/v1/sys/capabilities-self", "looks up", "api-docs/system/capabilities-self"),
    rule("/v1/sys/capabilities-accessor", "looks up", "api-docs/system/capabilities-accessor"),
    rule(
        "/v1/sys/wrapping/lookup",
        "looks a wrapping token up and leaves it as it is",
        "api-docs/system/wrapping-lookup",
    ),
    rule("/v1/sys/leases/lookup", "looks a lease up", "api-docs/system/leases"),
    rule("/v1/sys/tools/hash/*", "computes", "api-docs/system/tools"),
    rule("/v1/sys/tools/random/*", "computes", "api-docs/system/tools"),
    rule("/v1/identity/lookup/*", "looks up", "api-docs/secret/identity/lookup"),
];

const TRANSIT: &str = "docs/enterprise/replication/performance; api-docs/secret/transit";

/// The rows as rules.
pub(crate) fn rules() -> impl Iterator<Item = OperationRule> {
    let writes = WRITES.iter().map(|row| (row, Methods::Every, Operation::Write));
    let reads = READS.iter().map(|row| (row, Methods::PostOrPut, Operation::Read));
    writes.chain(reads).filter_map(|(row, methods, operation)| {
        let path = PathPattern::parse(row.path).ok()?;
        Some(OperationRule { methods, path, treatment: Treatment::As(operation) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::classify;
    use crate::path::Readings;

    #[test]
    fn every_row_is_a_rule() {
        assert_eq!(rules().count(), WRITES.len() + READS.len());
    }

    #[test]
    fn requests() {
        use Operation::{Read, Write};

        #[track_caller]
        fn check(method: &str, path: &str, expected: Operation) {
            let rules: Vec<OperationRule> = rules().collect();
            assert_eq!(classify(&rules, method, &Readings::of(path)), Ok(expected), "{method} {path}");
        }
        for mount in ["database", "aws", "azure", "consul", "nomad", "rabbitmq", "ldap", "terraform", "my-database"] {
            check("GET", &format!("/v1/{mount}/creds/app"), Write); // a dynamic credential
        }
        check("GET", "/v1/database/static-creds/app", Read); // nothing is created
        check("GET", "/v1/database/roles/app", Read);
        check("GET", "/v1/secret/data/creds/app", Read); // a secret that is called so
        check("GET", "/v1/aws/sts/deploy", Write);
        check("GET", "/v1/gcp/key/deploy", Write);
        check("GET", "/v1/gcp/token/deploy", Write);
        check("GET", "/v1/gcp/roleset/deploy/token", Write);
        check("GET", "/v1/gcp/static-account/deploy/key", Write);
        check("GET", "/v1/gcp/roleset/deploy", Read);
        check("GET", "/v1/transit/backup/app", Write);
        check("GET", "/v1/transit/keys/app", Read);
        check("GET", "/v1/pki/crl/rotate", Write);
        check("GET", "/v1/pki/crl/rotate-delta", Write);
        check("GET", "/v1/pki/crl", Read);
        check("GET", "/v1/auth/oidc/oidc/callback", Write); // a login by GET
        check("POST", "/v1/auth/userpass/login/me", Write);
        check("PUT", "/v1/auth/approle/login", Write);
        check("GET", "/v1/identity/oidc/provider/default/authorize", Write);
        check("POST", "/v1/transit/encrypt/app", Read);
        check("PUT", "/v1/transit/decrypt/app", Read); // PUT is POST to Vault
        check("POST", "/v1/transit/datakey/plaintext/app", Read);
        check("POST", "/v1/transit/random/32", Read);
        check("POST", "/v1/transit/keys/app/rotate", Write);
        check("POST", "/v1/transit/keys/app", Write);
        check("DELETE", "/v1/transit/encrypt/app", Write); // POST and PUT only
        check("POST", "/v1/other/encrypt/app", Write); // of another mount nothing is known
        check("POST", "/v1/auth/token/lookup", Read);
        check("POST", "/v1/auth/token/lookup-self", Read);
        check("POST", "/v1/auth/token/renew-self", Write);
        check("PUT", "/v1/sys/capabilities-self", Read);
        check("POST", "/v1/sys/wrapping/lookup", Read);
        check("POST", "/v1/sys/wrapping/unwrap", Write); // uses the token up
        check("PUT", "/v1/sys/leases/lookup", Read);
        check("POST", "/v1/sys/leases/renew", Write);
        check("POST", "/v1/sys/tools/hash/sha2-256", Read);
        check("POST", "/v1/identity/lookup/entity", Read);
        check("POST", "/v1/transit/encrypt/..%2fkeys%2fapp", Write); // not what every server reads
        for status in ["/v1/sys/health", "/v1/sys/seal-status", "/v1/sys/leader"] {
            check("GET", status, Read); // of whichever cluster is nearest
            check("HEAD", status, Read);
        }
        check("PURGE", "/v1/sys/health", Write); // an unknown method
        check("GET", "/v1/secret/data/app?list=true", Read);
    }
}
