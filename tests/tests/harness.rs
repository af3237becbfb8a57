//! The harness around the health object, with a worker of a few lines in place of the router.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::time::Duration;

use serde_json::{Value, json};
use tests::harness::Harness;
use tests::router::{client, own};
use xtask::paths;
use xtask::workerd::{Options, Workerd};

fn stand_in(isolates: usize, harness: bool) -> Workerd {
    let variables = own(&[("GREETING", "\"hello\"\n")]);
    let worker = paths::harness().join("stand_in");
    Workerd::start(&Options { worker, variables, isolates, harness, ..Options::default() }).unwrap()
}

async fn ask(workerd: &Workerd, isolate: usize) -> Value {
    let text = client().get(&workerd.urls()[isolate]).send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{}", workerd.log()))
}

#[tokio::test]
async fn isolates_share_no_memory_and_one_object() {
    for harness in [false, true] {
        let workerd = stand_in(2, harness);
        assert_eq!(ask(&workerd, 0).await["object"]["calls"], 1);
        let second = ask(&workerd, 1).await;
        assert_eq!((&second["requests"], &second["object"]["calls"]), (&json!(1), &json!(2)));
        assert_eq!(second["greeting"], "\"hello\"\n");
    }
}

#[tokio::test]
async fn one_isolate_can_be_cut_off() {
    let (workerd, client) = (stand_in(2, true), client());
    let harness = Harness::new(&workerd, &client);
    harness.cut(1).await;
    assert_eq!(ask(&workerd, 0).await["object"]["calls"], 1);
    assert_eq!(ask(&workerd, 1).await["error"], "cut off by the test");
    harness.mend(1).await;
    assert_eq!(ask(&workerd, 1).await["object"]["calls"], 2);
}

#[tokio::test]
async fn an_alarm_can_be_lost_and_the_cron_handler_called() {
    let (workerd, client) = (stand_in(1, true), client());
    let harness = Harness::new(&workerd, &client);
    ask(&workerd, 0).await;
    assert!(harness.alarm().await.is_some());
    harness.delete_alarm().await;
    assert_eq!(harness.alarm().await, None);
    harness.set_alarm(4_000_000_000_000).await;
    assert_eq!(harness.alarm().await, Some(4_000_000_000_000));
    harness.cron().await;
    workerd.wait_for_log("the cron handler was called", Duration::from_secs(10)).unwrap();
}

#[tokio::test]
async fn objects_keep_what_they_stored_over_restarts() {
    let (mut workerd, client) = (stand_in(2, true), client());
    assert_eq!(ask(&workerd, 1).await["object"]["starts"], 1);
    Harness::new(&workerd, &client).restart_object().await;
    assert_eq!(ask(&workerd, 1).await["object"]["starts"], 2);

    let (urls, pid) = (workerd.urls(), workerd.pid());
    workerd.restart_with(own(&[("GREETING", "again")])).unwrap();
    assert!(workerd.urls() == urls && workerd.pid() != pid);
    let anew = ask(&workerd, 1).await;
    assert_eq!(
        (&anew["requests"], &anew["greeting"], &anew["object"]["calls"]),
        (&json!(1), &json!("again"), &json!(3))
    );

    // The alarm that was set before fires after.
    for _ in 0..100 {
        if ask(&workerd, 0).await["object"]["alarms"].as_u64() > Some(2) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(ask(&workerd, 0).await["object"]["alarms"].as_u64() > Some(2), "{}", workerd.log());
    assert!(workerd.resident_bytes().unwrap() > 10_000_000);
}
