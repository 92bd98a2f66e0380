//! Timeouts, and what becomes of code that does not end.

use futures::FutureExt;
use offstage_core::runner::Failure;
use offstage_core::task::{FailureCode, Spec, Status};

use super::rig::{Rig, for_ever, named, secs, until_told};
use crate::support::test;

fn within(seconds: f64) -> Spec {
    Spec { timeout_ms: Some(seconds * 1_000.0), ..named("t") }
}

#[test]
fn a_task_that_never_ends_frees_its_slot_after_the_grace_and_counts_as_abandoned() {
    let rig = Rig::new(2);
    let stuck: Vec<_> = (0..2).map(|_| rig.runner.submit_with(within(1.0), for_ever).unwrap()).collect();
    let later: Vec<_> = (0..4).map(|_| rig.puppet("later")).collect();
    rig.time.advance(secs(1));
    for task in &stuck {
        let ended = task.clone().now_or_never().unwrap().unwrap_err();
        let failure = ended.failure().unwrap();
        assert_eq!((failure.code, failure.message.as_str()), (FailureCode::Timeout, "timed out after 1s"));
    }
    assert_eq!((rig.runner.counts().slots, rig.runner.counts().stopping), (2, 2));
    rig.time.advance(secs(4));
    assert!(later.iter().all(|(task, _)| task.status() == Status::Pending));
    rig.time.advance(secs(1));
    let counts = rig.runner.counts();
    assert_eq!((counts.abandoned, counts.running, counts.pending), (2, 2, 2), "full concurrency again");
    for (_, strings) in later {
        strings.end(Ok(0));
        rig.time.run();
    }
    rig.assert_clean();
}

#[test]
fn the_time_in_the_queue_does_not_count() {
    let rig = Rig::new(1);
    let (first, strings) = rig.puppet(Spec { timeout_ms: Some(0.0), ..named("first") });
    let (second, second_strings) = rig.puppet(within(1.0));
    rig.time.advance(secs(100));
    strings.end(Ok(1));
    rig.time.run();
    rig.time.advance(secs(1) - std::time::Duration::from_micros(1));
    assert_eq!((first.status(), second.status()), (Status::Completed, Status::Running));
    second_strings.end(Ok(2));
    rig.time.run();
    assert_eq!(second.now_or_never(), Some(Ok(2)));
    rig.assert_clean();
}

#[test]
fn the_default_is_300_seconds_and_0_is_none() {
    let rig = Rig::new(4);
    let default = rig.runner.submit_with("t", until_told).unwrap();
    let alone = rig.runner.submit(std::future::pending::<Result<(), Failure>>()).unwrap();
    let none = rig.runner.submit_with(within(0.0), until_told).unwrap();
    rig.time.advance(secs(299));
    assert_eq!((default.status(), alone.status()), (Status::Running, Status::Running));
    rig.time.advance(secs(1));
    assert_eq!((default.status(), alone.status()), (Status::Failed, Status::Failed));
    rig.time.advance(secs(1_000_000));
    assert_eq!(none.status(), Status::Running);
    none.cancel(None);
    rig.time.run();
    rig.assert_clean();
    assert_eq!(rig.runner.counts().abandoned, 0);
}

#[test]
fn a_timed_out_attempt_that_ends_in_time_is_tried_again() {
    let rig = Rig::new(1);
    let spec = Spec { retries: Some(1.0), ..within(1.0) };
    let task = rig.runner.submit_with(spec, |task| async move {
        match task.attempt() {
            1 => Err(until_told(task).await.unwrap_err()),
            _ => Ok("second"),
        }
    });
    let task = task.unwrap();
    rig.time.advance(secs(1));
    assert_eq!((task.status(), rig.runner.counts().slots), (Status::Pending, 0));
    rig.time.advance(secs(1));
    assert_eq!(task.now_or_never(), Some(Ok("second")));
    rig.assert_clean();
}

#[test]
fn the_next_attempt_waits_until_the_one_before_has_ended() {
    let rig = Rig::new(2);
    let gauge = super::rig::Gauge::default();
    let inside = gauge.clone();
    let spec = Spec { retries: Some(1.0), ..within(1.0) };
    let task = rig.runner.submit_with(spec, move |task| {
        let busy = inside.enter();
        async move {
            let _busy = busy;
            match task.attempt() {
                1 => std::future::pending().await,
                _ => Ok::<_, Failure>(()),
            }
        }
    });
    let task = task.unwrap();
    rig.time.advance(secs(5));
    assert_eq!((task.status(), gauge.all()), (Status::Pending, 1), "the backoff is over, the grace is not");
    rig.time.advance(secs(1));
    assert_eq!(task.now_or_never(), Some(Ok(())));
    assert_eq!((gauge.all(), gauge.peak(), rig.runner.counts().abandoned), (2, 1, 1));
    rig.assert_clean();
}
