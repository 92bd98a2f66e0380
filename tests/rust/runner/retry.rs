//! Attempts.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use offstage_core::runner::{Clock, Failure};
use offstage_core::task::{BackoffSpec, Spec, Status};

use super::rig::{Gauge, Rig, named, secs};
use crate::support::test;

fn flaky(retries: f64) -> Spec {
    let backoff = BackoffSpec { jitter: Some(0.0), max: Some(6.0), ..Default::default() };
    Spec { retries: Some(retries), backoff: Some(backoff), ..named("flaky") }
}

#[test]
fn attempts_follow_by_the_backoff_to_the_millisecond() {
    let rig = Rig::new(1);
    let starts = Arc::new(Mutex::new(Vec::new()));
    let (seen, clock) = (starts.clone(), rig.time.clone());
    let task = rig.runner.submit_with(flaky(4.0), move |task| {
        seen.lock().unwrap().push((task.attempt(), clock.now().wall));
        async { Err::<(), _>(Failure::new("again")) }
    });
    let task = task.unwrap();
    rig.time.advance(secs(60));
    assert_eq!(*starts.lock().unwrap(), [(1, 0), (2, 1_000), (3, 3_000), (4, 7_000), (5, 13_000)]);
    assert_eq!(task.now_or_never().unwrap().unwrap_err().failure().unwrap().message, "again");
    rig.assert_clean();
}

#[test]
fn a_failure_for_good_is_not_tried_again() {
    let rig = Rig::new(1);
    let gauge = Gauge::default();
    let inside = gauge.clone();
    let task = rig.runner.submit_with(flaky(4.0), move |_| {
        drop(inside.enter());
        async { Err::<(), _>(Failure::new("no").for_good()) }
    });
    let task = task.unwrap();
    rig.time.advance(secs(60));
    assert_eq!((gauge.all(), task.status()), (1, Status::Failed));
}

#[test]
fn while_one_backs_off_others_have_its_slot() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with(flaky(1.0), |task| async move {
        match task.attempt() {
            1 => Err(Failure::new("again")),
            _ => Ok("second"),
        }
    });
    let task = task.unwrap();
    let other = rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
    rig.time.run();
    assert_eq!((task.status(), other.status()), (Status::Pending, Status::Completed));
    assert!(task.cancel(None), "cancelled while it backs off");
    rig.time.advance(secs(60));
    assert_eq!(task.record().attempt, 1);
    rig.assert_clean();
}

#[test]
fn a_step_is_done_once_for_all_attempts() {
    let rig = Rig::new(1);
    let gauge = Gauge::default();
    let inside = gauge.clone();
    let task = rig.runner.submit_with(flaky(3.0), move |task| {
        let gauge = inside.clone();
        async move {
            let paid = task
                .step("pay", || async move {
                    drop(gauge.enter());
                    Ok::<_, Failure>(42)
                })
                .await?;
            let wrong = task.step("pay", || async { Ok::<_, Failure>("text") }).await;
            assert!(wrong.unwrap_err().message.contains("another type"));
            if task.attempt() < 3 { Err(Failure::new("after the step")) } else { Ok(paid) }
        }
    });
    let task = task.unwrap();
    rig.time.advance(secs(60));
    assert_eq!(task.now_or_never(), Some(Ok(42)));
    assert_eq!(gauge.all(), 1);
}

#[test]
fn a_step_that_failed_is_done_again() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with(flaky(1.0), |task| async move {
        let attempt = task.attempt();
        task.step("try", || async move {
            match attempt {
                1 => Err(Failure::new("not yet")),
                _ => Ok(attempt),
            }
        })
        .await
    });
    let task = task.unwrap();
    rig.time.advance(secs(60));
    assert_eq!(task.now_or_never(), Some(Ok(2)));
}
