//! What requests of Vault's API do other than their method says: the rules that follow the configured ones with a Vault
//! dialect.

use super::{Methods, Operation, OperationRule, Treatment};
use crate::pattern::PathPattern;

/// A row of the table.
#[cfg_attr(any(not(test), target_arch = "wasm32"), expect(dead_code, reason = "two columns are for the reference"))]
pub(crate) struct VaultRule {
    pub(crate) path: &'static str,
    /// What requests there do that are not what their method says.
    pub(crate) what: &'static str,
    /// Page of Vault's documentation, or file of the sources that it shares with `OpenBao`, that says so.
    pub(crate) source: &'static str,
}

/// Paths where every method writes. They are wide: what is taken for a write goes to the cluster that can do both.
pub(crate) const WRITES: &[VaultRule] = &[
    VaultRule {
        path: "/v1/*/creds/*",
        what: "creates a credential with a lease: databases, AWS, Azure, Consul, Nomad, RabbitMQ, Kubernetes, Terraform, \
               LDAP, Active Directory, MongoDB Atlas, AliCloud",
        source: "docs/enterprise/consistency; api-docs/secret/databases and its neighbours",
    },
    VaultRule { path: "/v1/*/sts/*", what: "creates a credential with a lease: AWS", source: "api-docs/secret/aws" },
    VaultRule { path: "/v1/gcp/token/*", what: "creates an access token", source: "api-docs/secret/gcp" },
    VaultRule { path: "/v1/gcp/key/*", what: "creates a key with a lease", source: "api-docs/secret/gcp" },
    VaultRule { path: "/v1/gcp/*/*/token", what: "creates an access token", source: "api-docs/secret/gcp" },
    VaultRule { path: "/v1/gcp/*/*/key", what: "creates a key with a lease", source: "api-docs/secret/gcp" },
    VaultRule {
        path: "/v1/transit/backup/*",
        what: "notes the time of the backup in the key",
        source: "sdk/helper/keysutil/policy.go, Policy.Backup",
    },
    VaultRule { path: "/v1/*/crl/rotate*", what: "makes a new CRL or delta CRL", source: "api-docs/secret/pki" },
    VaultRule {
        path: "/v1/auth/*/oidc/callback",
        what: "ends a login, which creates a token",
        source: "docs/enterprise/consistency; api-docs/auth/jwt",
    },
    VaultRule {
        path: "/v1/auth/*/login/*",
        what: "is a login, which creates a token",
        source: "docs/enterprise/consistency",
    },
    VaultRule {
        path: "/v1/identity/oidc/provider/*/authorize",
        what: "creates an authorisation code",
        source: "api-docs/secret/identity/oidc-provider",
    },
];

/// Paths where POST and PUT read. They are narrow, with the usual mounts only: a write taken for a read may be sent twice.
///
/// Encryption counts as one though it creates a key that is missing: the cluster that gets it forwards just that to its
/// primary, and a second time finds the key there.
pub(crate) const READS: &[VaultRule] = &[
    VaultRule { path: "/v1/transit/encrypt/*", what: "computes; a missing key is created once", source: TRANSIT },
    VaultRule { path: "/v1/transit/decrypt/*", what: "computes", source: TRANSIT },
    VaultRule { path: "/v1/transit/rewrap/*", what: "computes", source: TRANSIT },
    VaultRule { path: "/v1/transit/datakey/*", what: "computes; the key it makes is stored nowhere", source: TRANSIT },
    VaultRule { path: "/v1/transit/hmac/*", what: "computes", source: TRANSIT },
    VaultRule { path: "/v1/transit/sign/*", what: "computes", source: TRANSIT },
    VaultRule { path: "/v1/transit/verify/*", what: "computes", source: TRANSIT },
    VaultRule { path: "/v1/transit/random/*", what: "computes", source: TRANSIT },
    VaultRule { path: "/v1/transit/hash/*", what: "computes", source: TRANSIT },
    VaultRule { path: "/v1/auth/token/lookup", what: "looks a token up", source: "api-docs/auth/token" },
    VaultRule { path: "/v1/auth/token/lookup-self", what: "looks a token up", source: "api-docs/auth/token" },
    VaultRule { path: "/v1/auth/token/lookup-accessor", what: "looks a token up", source: "api-docs/auth/token" },
    VaultRule { path: "/v1/sys/capabilities", what: "looks up", source: "api-docs/system/capabilities" },
    VaultRule { path: "/v1/sys/capabilities-self", what: "looks up", source: "api-docs/system/capabilities-self" },
    VaultRule {
        path: "/v1/sys/capabilities-accessor",
        what: "looks up",
        source: "api-docs/system/capabilities-accessor",
    },
    VaultRule {
        path: "/v1/sys/wrapping/lookup",
        what: "looks a wrapping token up and leaves it as it is",
        source: "api-docs/system/wrapping-lookup",
    },
    VaultRule { path: "/v1/sys/leases/lookup", what: "looks a lease up", source: "api-docs/system/leases" },
    VaultRule { path: "/v1/sys/tools/hash/*", what: "computes", source: "api-docs/system/tools" },
    VaultRule { path: "/v1/sys/tools/random/*", what: "computes", source: "api-docs/system/tools" },
    VaultRule { path: "/v1/identity/lookup/*", what: "looks up", source: "api-docs/secret/identity/lookup" },
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
