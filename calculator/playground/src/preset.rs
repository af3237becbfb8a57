//! Topologies to start from.

/// A topology to start from.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// The first is the one that the playground opens with.
pub(crate) const PRESETS: &[Preset] = &[
    Preset { name: "Three regions and a standby", text: THREE_REGIONS },
    Preset { name: "Vault with a disaster-recovery secondary", text: VAULT },
    Preset { name: "One region", text: ONE_REGION },
];

/// Reads near, writes to one: each fault shows.
const THREE_REGIONS: &str = r#"{ "version": 1, "mode": "split",
    "clusters": [
        { "id": "us-east", "role": "primary", "url": "https://us-east.example.com", "latitude": 38.95, "longitude": -77.45 },
        { "id": "eu-west", "role": "replica", "url": "https://eu-west.example.com", "latitude": 53.35, "longitude": -6.26 },
        { "id": "ap-southeast", "role": "replica", "url": "https://ap-southeast.example.com", "latitude": 1.35, "longitude": 103.99 },
        { "id": "us-west", "role": "standby", "url": "https://us-west.example.com", "latitude": 45.5, "longitude": -122.7 } ],
    "fallback": "next",
    "health": { "dialect": "http", "path": "/health", "lag_pointer": "/lag_ms", "interval_ms": 5000, "timeout_ms": 2000 },
    "lag": { "max_ms": 10000 },
    "consistency": { "read_your_writes_ms": 5000 },
    "retry": { "attempt_timeout_ms": 3000 } }"#;

/// Tokens belong to the cluster that issued them: everything goes to the nearest that forwards writes itself.
const VAULT: &str = r#"{ "version": 1, "mode": "affinity",
    "clusters": [
        { "id": "us-east", "role": "primary", "url": "https://vault-us.example.com", "latitude": 38.95, "longitude": -77.45 },
        { "id": "eu-west", "role": "replica", "url": "https://vault-eu.example.com", "latitude": 53.35, "longitude": -6.26,
          "max_in_flight": 1000, "forwards_writes": true },
        { "id": "us-west-dr", "role": "standby", "url": "https://vault-dr.example.com", "latitude": 45.5, "longitude": -122.7 } ],
    "fallback": "primary",
    "operations": [ { "method": "POST", "path": "/v1/transit/*", "operation": "read" } ],
    "deny": [ "/v1/sys/seal" ],
    "health": { "dialect": "vault", "path": "/v1/sys/health?standbyok=true&perfstandbyok=true",
                "interval_ms": 5000, "timeout_ms": 2000, "unhealthy_threshold": 3, "healthy_threshold": 2 },
    "breaker": { "failures": 5, "window_ms": 60000, "cooldown_ms": 30000, "half_open_requests": 1, "successes": 3 },
    "lag": { "max_ms": 10000 },
    "bulkheads": [ { "path": "/v1/database/*", "max_in_flight": 500 } ],
    "retry": { "max_attempts": 3, "budget_share": 0.2 },
    "promotion": { "checks": 3, "interval_ms": 10000, "lease_ms": 30000 },
    "headers": { "expose": true },
    "all_unhealthy": "try" }"#;

/// Three zones a few kilometres apart.
const ONE_REGION: &str = r#"{ "version": 1, "mode": "split",
    "clusters": [
        { "id": "zone-a", "role": "primary", "url": "https://a.example.com", "latitude": 50.11, "longitude": 8.68 },
        { "id": "zone-b", "role": "replica", "url": "https://b.example.com", "latitude": 52.52, "longitude": 13.4 },
        { "id": "zone-c", "role": "replica", "url": "https://c.example.com", "latitude": 48.14, "longitude": 11.58 } ],
    "fallback": "next",
    "health": { "dialect": "http", "path": "/health", "interval_ms": 2000, "timeout_ms": 1000 } }"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_valid_topology() {
        for preset in PRESETS {
            let topology = routing::Topology::parse(preset.text);
            assert_eq!(topology.as_ref().err(), None, "{}", preset.name);
            assert_eq!(topology.unwrap().warnings(), [], "{}", preset.name);
        }
    }
}
