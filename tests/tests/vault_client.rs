//! Real Vault clients on one side of the router, real servers on the other.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::path::Path;
use std::process::Command;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use tests::router::{Scripted, World, client, own, start};
use tests::vault::{Make, Vault, environment};
use xtask::cluster::{Content, Script};
use xtask::demo::{CF_HEADER, City, FRANKFURT, VIRGINIA};
use xtask::paths;
use xtask::workerd::Workerd;

/// A router in front of these servers: the first is the primary, in Virginia, the second a replica in Frankfurt that
/// forwards writes itself.
fn router(vaults: &[&Vault], mode: &str) -> Workerd {
    let sites = [("us-east", "primary", VIRGINIA), ("eu-central", "replica", FRANKFURT)];
    let clusters: Vec<Value> = sites
        .iter()
        .zip(vaults)
        .map(|((id, role, City { latitude, longitude, .. }), vault)| {
            json!({ "id": id, "role": role, "url": vault.url(), "latitude": latitude, "longitude": longitude,
                    "forwards_writes": true })
        })
        .collect();
    // The one path that all of these servers answer with 200, whatever their state.
    let health = json!({ "dialect": "http", "path": "/v1/sys/init" });
    let topology = json!({ "version": 1, "mode": mode, "clusters": clusters, "health": health });
    start(own(&[("TOPOLOGY", &topology.to_string())]))
}

/// What a command writes to standard output.
#[track_caller]
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// What the journey of `hvac_journey.py` saw on its way through the router, and the root token it got.
fn hvac(address: &str, folder: &Path) -> (Value, String) {
    let script = paths::root().join("tests").join("clients").join("hvac_journey.py");
    // What hvac would only warn of is an error here.
    let mut command = environment(&paths::python_tool("python"), folder);
    let text = output(command.args(["-W", "error"]).arg(script).arg(address));
    let mut steps: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let token = steps.as_object_mut().unwrap().remove("token").unwrap();
    (steps, token.as_str().unwrap().to_owned())
}

fn raised(name: &str) -> Value {
    json!({ "raised": name })
}

/// The journey where a list says this, and after a deletion that.
fn journey(list: &Value, list_deleted: &Value) -> Value {
    json!({
        "initialized_before": false, "initialized": true, "sealed_before": true, "sealed": false,
        "read": { "one": "first, rewritten", "two": "zweites, mit Ümlaut" },
        "list": list,
        // The runtime refuses the method with 501, which hvac takes for a server that is not initialised.
        "list_by_method": raised("VaultNotInitialized"),
        "delete": 204, "read_deleted": raised("InvalidPath"), "list_deleted": list_deleted,
        "read_as_stranger": raised("Forbidden"),
    })
}

#[tokio::test]
async fn hvac_keeps_its_secrets_in_openbao() {
    let vault = Vault::start(Make::OpenBao).await;
    let router = router(&[&vault], "affinity");
    let (steps, token) = hvac(&router.url(), vault.folder());
    assert_eq!(steps, journey(&json!(["one", "two"]), &json!(["two"])));
    // What came through the router is what the server has.
    let secret = vault.ask("GET", "/v1/journey/app/two", &token, &Value::Null).await;
    assert_eq!(secret["data"]["value"], "zweites, mit Ümlaut");
}

#[tokio::test]
async fn hvac_keeps_its_secrets_in_rvault_but_cannot_list_them() {
    let vault = Vault::start(Make::Rvault).await;
    let router = router(&[&vault], "split");
    let (steps, token) = hvac(&router.url(), vault.folder());
    // RustyVault knows the method only: GET is a read to it, whatever the query says.
    assert_eq!(steps, journey(&raised("InvalidPath"), &raised("InvalidPath")));
    let list = vault.ask("LIST", "/v1/journey/app", &token, &Value::Null).await;
    assert_eq!(list["data"]["keys"], json!(["two"]));
}

#[tokio::test]
async fn the_go_client_lists_without_further_ado() {
    let vault = Vault::start(Make::OpenBao).await;
    let token = vault.unseal().await;
    let router = router(&[&vault], "split");
    let bao = |arguments: &str| {
        let mut command = environment(&paths::python_tool("bao"), vault.folder());
        command.args(arguments.split(' ')).env("BAO_FORMAT", "json");
        command.env("BAO_ADDR", router.url()).env("BAO_TOKEN", &token);
        command
    };
    let told = |arguments: &str| -> Value { serde_json::from_str(&output(&mut bao(arguments))).unwrap() };

    output(&mut bao("secrets enable -path=secret kv-v2"));
    for name in ["one", "two"] {
        assert_eq!(told(&format!("kv put secret/app/{name} value={name}"))["data"]["version"], 1);
    }
    assert_eq!(told("kv get secret/app/two")["data"]["data"], json!({ "value": "two" }));
    for (arguments, expected) in [
        ("kv list secret/app", json!(["one", "two"])),
        ("list secret/metadata", json!(["app/"])),
        ("kv scan secret", json!(["app/one", "app/two"])), // a method of OpenBao's own, sent as GET likewise
        ("policy list", json!(["default", "root"])),
    ] {
        assert_eq!(told(arguments), expected, "{arguments}");
    }
    output(&mut bao("kv metadata delete secret/app/one"));
    assert_eq!(told("kv list secret/app"), json!(["two"]));
    let gone = bao("kv get secret/app/one").output().unwrap();
    assert_eq!(gone.status.code(), Some(2), "{}", String::from_utf8_lossy(&gone.stderr));
}

/// A server that lets the user `app` in.
async fn with_user() -> Vault {
    let vault = Vault::start(Make::OpenBao).await;
    let root = vault.unseal().await;
    vault.ask("POST", "/v1/sys/auth/userpass", &root, &json!({ "type": "userpass" })).await;
    vault.ask("POST", "/v1/auth/userpass/users/app", &root, &json!({ "password": "open sesame" })).await;
    vault
}

#[tokio::test]
async fn a_token_is_good_where_it_was_issued() {
    // What two regions have in common is who may log in; a token is known to the cluster that issued it.
    let (us, eu) = (with_user().await, with_user().await);
    for (mode, city, expected) in [
        ("split", VIRGINIA, ("us-east", "us-east", 200)),
        ("split", FRANKFURT, ("us-east", "eu-central", 403)), // logged in there, asked here
        ("affinity", VIRGINIA, ("us-east", "us-east", 200)),
        ("affinity", FRANKFURT, ("eu-central", "eu-central", 200)),
    ] {
        let router = router(&[&us, &eu], mode);
        let ask = |method: Method, path: &str| {
            client().request(method, format!("{}{path}", router.url())).header(CF_HEADER, city.cf())
        };
        let cluster = |response: &Response| response.headers()["x-headroom-cluster"].to_str().unwrap().to_owned();

        let password = json!({ "password": "open sesame" }).to_string();
        let login = ask(Method::POST, "/v1/auth/userpass/login/app").body(password).send().await.unwrap();
        let login_at = cluster(&login);
        let auth: Value = serde_json::from_str(&login.text().await.unwrap()).unwrap();
        let token = auth["auth"]["client_token"].as_str().unwrap_or_else(|| panic!("{auth}"));

        let lookup = ask(Method::GET, "/v1/auth/token/lookup-self").header("x-vault-token", token);
        let lookup = lookup.send().await.unwrap();
        let found = (login_at.as_str(), &*cluster(&lookup), lookup.status().as_u16());
        assert_eq!(found, expected, "{mode} from {}", city.name);
    }
}

#[tokio::test]
async fn the_method_list_is_refused_before_the_router_sees_it() {
    let world = World::start();
    for method in ["LIST", "SCAN"] {
        let request = format!("{method} /v1/secret/metadata HTTP/1.1\r\nHost: vault.example\r\n\r\n");
        assert!(world.raw(&request).starts_with("HTTP/1.1 501 "), "{method}");
    }
    assert_eq!(world.counts(), [0, 0, 0, 0]);
    let list = world.from(FRANKFURT, "GET", "/v1/secret/metadata?list=true").send().await.unwrap();
    assert_eq!(list.headers()["x-headroom-cluster"], "eu-central", "a list is a read");
    assert_eq!(world.clusters[1].received()[0].target, "/v1/secret/metadata?list=true");
}

#[tokio::test]
async fn what_vault_and_its_clients_tell_each_other_passes() {
    let world = World::start();
    let asked = [
        ("x-vault-token", "hvs.CAESIJ"),
        ("x-vault-namespace", "team/a"),
        ("x-vault-request", "true"),
        ("x-vault-wrap-ttl", "5m"),
        ("x-vault-index", "djE6ZWU="),
        ("x-vault-inconsistent", "forward-active-node"),
        ("x-vault-forward", "active-node"),
        ("x-vault-no-request-forwarding", "true"),
        ("x-vault-policy-override", "true"),
        ("x-vault-mfa", "totp:695452"),
    ];
    // The replica has not seen yet what the client knows of: clients take 412 as a reason to ask again.
    let script = Script {
        status: 412,
        headers: vec![("x-vault-index".to_owned(), "djE6ZWY=".to_owned())],
        body: Content::Report,
        ..Script::default()
    };
    let mut request = world.from(FRANKFURT, "GET", "/v1/secret/data/app").script(&script);
    for (name, value) in asked {
        request = request.header(name, value);
    }
    let response = request.send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["x-vault-index"]), (412, &"djE6ZWY=".parse().unwrap()));
    let received = &world.clusters[1].received()[0];
    for (name, value) in asked {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    assert_eq!(world.counts(), [0, 1, 0, 0], "412 is the client's to handle, not a failure of the cluster");
}
