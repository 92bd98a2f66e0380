//! On the event loop of JavaScript, with its clocks; nothing here measures time.

use std::time::Duration;

use futures::future::join_all;
use offstage_core::engine;
use offstage_core::runner::web::Web;
use offstage_core::runner::{BackgroundRunner, Clock, Context, Failure, Options, Timer};
use offstage_core::task::{BackoffSpec, FailureCode, Spec};
use wasm_bindgen_test::wasm_bindgen_test;

use super::rig::{for_ever, until_told};

fn runner(limit: usize) -> BackgroundRunner<Web> {
    let engine = engine::Options { limit, kill_grace_ms: 20, ..Default::default() };
    BackgroundRunner::new(Web, Options { engine, ..Options::default() }).unwrap()
}

#[wasm_bindgen_test]
async fn a_bit_of_everything() {
    let runner = runner(3);
    let sums: Vec<_> =
        (0..500_u64).map(|number| runner.submit(async move { Ok::<_, Failure>(number) }).unwrap()).collect();
    let backoff = Some(BackoffSpec { initial: Some(0.001), ..Default::default() });
    let spec = Spec { retries: Some(2.0), backoff, ..Spec::new("flaky") };
    let flaky = runner.submit_with(spec, |task: Context| async move {
        match task.attempt() {
            3 => Ok("third"),
            _ => Err(Failure::new("again")),
        }
    });
    let slow = runner.submit_with(Spec { timeout_ms: Some(10.0), ..Spec::new("slow") }, for_ever).unwrap();
    let parent = runner.submit_with("parent", |task: Context| async move {
        let child = task.submit(async { Ok::<_, Failure>(1) })?;
        Ok::<_, Failure>(child.await? + 1)
    });
    let told = runner.submit_with("told", until_told).unwrap();

    assert_eq!(join_all(sums).await.into_iter().map(Result::unwrap).sum::<u64>(), 124_750);
    assert_eq!(flaky.unwrap().await, Ok("third"));
    assert_eq!(slow.await.unwrap_err().failure().unwrap().code, FailureCode::Timeout);
    assert_eq!(parent.unwrap().await, Ok(2));
    assert!(told.cancel(None));
    told.stopped().await;
    let counts = runner.stop(Duration::ZERO).await;
    assert_eq!((counts.completed, counts.failed, counts.cancelled, counts.abandoned), (503, 1, 1, 1));
}

#[wasm_bindgen_test]
async fn clocks_go_on_and_ids_differ() {
    let before = Web.now();
    Web.after(Duration::from_millis(5)).await;
    let after = Web.now();
    assert!(after.mono > before.mono && after.wall >= before.wall && before.wall > 1_600_000_000_000);
    let ids = [runner(1), runner(1)].map(|runner| runner.submit(async { Ok::<_, Failure>(()) }).unwrap().id());
    assert_ne!(ids[0], ids[1]);
}

#[wasm_bindgen_test]
async fn a_wait_longer_than_a_timer_can_be_is_not_over_at_once() {
    let runner = runner(1);
    let year = 365.0 * 86_400_000.0;
    let late = runner.submit_with(Spec { delay_ms: Some(year), ..Spec::new("late") }, until_told).unwrap();
    Web.after(Duration::from_millis(5)).await;
    assert_eq!(late.record().attempt, 0);
    let counts = runner.stop(Duration::ZERO).await;
    assert_eq!(counts.cancelled, 1);
}
