//! Handles: before, during and after; whatever becomes of the record.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use offstage_core::engine::Submission;
use offstage_core::runner::{Ended, Failure};
use offstage_core::task::{FailureCode, Spec, Status};

use super::rig::{Rig, named, secs};
use crate::support::test;

#[test]
fn a_waiter_gets_the_same_answer_before_during_and_after() {
    let rig = Rig::new(1);
    let (handle, strings) = rig.puppet("t");
    let mut before = handle.clone();
    assert_eq!((&mut before).now_or_never(), None);
    rig.time.run();
    let mut during = handle.clone();
    assert_eq!((&mut during).now_or_never(), None);
    strings.end(Ok(7));
    rig.time.run();
    assert_eq!(before.now_or_never(), Some(Ok(7)));
    assert_eq!(during.now_or_never(), Some(Ok(7)));
    assert_eq!(handle.clone().now_or_never(), Some(Ok(7)));
    assert_eq!(handle.now_or_never(), Some(Ok(7)));
    rig.assert_clean();
}

#[test]
fn waiters_inside_the_executor_are_woken() {
    let rig = Rig::new(1);
    let (handle, strings) = rig.puppet("t");
    let seen = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let (handle, seen) = (handle.clone(), seen.clone());
        let waits = async move {
            assert_eq!(handle.await, Ok(5));
            seen.fetch_add(1, Ordering::SeqCst);
        };
        offstage_core::runner::Spawn::spawn(&rig.time, Box::pin(waits));
    }
    rig.time.run();
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    strings.end(Ok(5));
    rig.time.run();
    assert_eq!(seen.load(Ordering::SeqCst), 3);
}

#[test]
fn a_handle_answers_after_600_later_completions() {
    let rig = Rig::new(5);
    let first = rig.runner.submit(async { Ok::<_, Failure>("first") }).unwrap();
    let named_one = rig.runner.submit_with("named", |_| async { Ok::<_, Failure>(1) }).unwrap();
    let failed = rig.runner.submit(async { Err::<(), _>(Failure::new("no")) }).unwrap();
    rig.time.run();
    let (id, record) = (first.id(), first.record());
    for number in 0..600 {
        drop(rig.runner.submit(async move { Ok::<_, Failure>(number) }).unwrap());
    }
    rig.time.run();
    assert_eq!(rig.runner.tasks().len(), 500);
    assert!(rig.runner.tasks().iter().all(|task| task.key() != first.key()), "its record is gone");
    assert_eq!(rig.runner.counts().completed, 602);
    assert_eq!((first.id(), first.status()), (id, Status::Completed));
    assert_eq!(first.record(), record);
    assert_eq!(named_one.record().name, "named");
    assert!(!first.cancel(None));
    assert!(first.respond("key", super::rig::accept()).unwrap_err().is_conflict());
    assert_eq!(first.now_or_never(), Some(Ok("first")));
    assert_eq!(failed.status(), Status::Failed);
    assert_eq!(failed.now_or_never().unwrap().unwrap_err().failure().unwrap().message, "no");
}

#[test]
fn records_go_an_hour_after_the_end_and_an_idle_runner_holds_no_timer() {
    let rig = Rig::new(1);
    drop(rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap());
    rig.time.run();
    rig.assert_clean();
    rig.time.advance(secs(3_599));
    assert_eq!(rig.runner.tasks().len(), 1);
    rig.time.advance(secs(1));
    assert_eq!(rig.runner.tasks().len(), 0);
}

#[test]
fn clear_drops_what_has_ended() {
    let rig = Rig::new(1);
    let done = rig.runner.submit(async { Ok::<_, Failure>(3) }).unwrap();
    rig.time.run();
    let (running, _strings) = rig.puppet("t");
    rig.time.run();
    assert_eq!(rig.runner.clear(), 1);
    assert_eq!(rig.runner.tasks().len(), 1);
    assert_eq!((running.status(), done.status()), (Status::Running, Status::Completed));
    assert_eq!(done.now_or_never(), Some(Ok(3)));
}

#[test]
fn a_result_that_cannot_be_cloned_is_shared() {
    struct Big(u32);
    let rig = Rig::new(1);
    let mut handle = rig.runner.submit(async { Ok::<_, Failure>(Big(4)) }).unwrap();
    assert!(handle.now().is_none());
    rig.time.run();
    assert_eq!(handle.outcome().now_or_never().unwrap().unwrap().0, 4);
    assert_eq!(handle.now().unwrap().unwrap().0, 4);
}

#[test]
fn any_error_becomes_a_failure() {
    let rig = Rig::new(1);
    let parse = rig.runner.submit(async { "x".parse::<u32>() }).unwrap();
    rig.time.run();
    let Err(Ended::Failed(failure)) = parse.now_or_never().unwrap() else { panic!("it failed") };
    assert_eq!((failure.code, failure.name.as_str()), (FailureCode::Failed, "ParseIntError"));
    assert_eq!(failure.message, "invalid digit found in string");
}

#[test]
fn work_gives_its_failure_a_code_of_its_own_only() {
    use FailureCode::{BudgetExceeded, Expired, Failed, InputExpired, Lost, Timeout, Unserializable};
    for code in [Failed, BudgetExceeded, Unserializable, Expired, InputExpired, Lost, Timeout] {
        let rig = Rig::new(1);
        let ends = async move { Err::<(), _>(Failure { code, ..Failure::new("no") }) };
        let task = rig.runner.submit(ends).unwrap();
        rig.time.run();
        let own = matches!(code, BudgetExceeded | Unserializable);
        let ended = task.now_or_never().unwrap().unwrap_err();
        assert_eq!(ended.failure().unwrap().code, if own { code } else { Failed });
    }
}

/// In WebAssembly a panic ends the instance.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn a_panic_fails_the_task_and_the_runner_goes_on() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }
    let rig = Rig::new(1);
    let in_poll = rig.runner.submit(async { if true { panic!("in poll") } else { Ok::<(), Failure>(()) } }).unwrap();
    let in_work = rig.runner.submit_with("t", |_| -> std::future::Ready<Result<(), Failure>> { panic!("in work") });
    let in_drop = rig.runner.submit_with("t", |_| {
        let bomb = Bomb;
        async move {
            let _bomb = &bomb;
            std::future::pending::<Result<(), Failure>>().await
        }
    });
    let (in_work, in_drop) = (in_work.unwrap(), in_drop.unwrap());
    rig.time.run();
    in_drop.cancel(None);
    rig.time.advance(secs(6));
    assert_eq!(in_poll.now_or_never().unwrap().unwrap_err().to_string(), "the task failed: in poll");
    assert_eq!(in_work.now_or_never().unwrap().unwrap_err().to_string(), "the task failed: in work");
    assert_eq!(in_drop.status(), Status::Cancelled);
    rig.assert_clean();
    assert_eq!(rig.runner.counts().abandoned, 1);
}

#[test]
fn one_idempotency_key_is_one_task() {
    let rig = Rig::new(1);
    let keyed = || Submission::from(Spec { idempotency_key: Some("k".into()), ..named("t") });
    let first = rig.runner.submit_with(keyed(), |_| async { Ok::<_, Failure>(1) }).unwrap();
    let again = rig.runner.submit_with(keyed(), |_| async { Ok::<_, Failure>(2) }).unwrap();
    let other = rig.runner.submit_with(keyed(), |_| async { Ok::<_, Failure>("text") });
    assert!(other.unwrap_err().is_conflict(), "its result is of another type");
    assert_eq!((first.is_deduplicated(), again.is_deduplicated()), (false, true));
    assert_eq!(first.id(), again.id());
    rig.time.run();
    assert_eq!(first.now_or_never(), Some(Ok(1)));
    assert_eq!(again.now_or_never(), Some(Ok(1)));
    assert_eq!(rig.runner.counts().total, 1);
}

#[test]
fn a_full_queue_and_a_bad_spec_are_refused_and_what_was_given_is_dropped() {
    let options = offstage_core::engine::Options { limit: 1, max_queued: 0, ..Default::default() };
    let rig = Rig::with(options);
    let (_running, _strings) = rig.puppet("t");
    let given = Arc::new(());
    let held = given.clone();
    let refused = rig.runner.submit(async move {
        drop(held);
        Ok::<_, Failure>(())
    });
    assert_eq!(refused.unwrap_err().message(), "max concurrent tasks reached (1)");
    let held = given.clone();
    let bad = rig.runner.submit_with("", move |_| {
        let _held = &held;
        async { Ok::<_, Failure>(()) }
    });
    assert!(bad.is_err());
    assert_eq!(Arc::strong_count(&given), 1);
}

#[test]
fn dropping_handles_and_runner_cancels_nothing() {
    let rig = Rig::new(1);
    let done = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let (done, nap) = (done.clone(), rig.after(secs(1)));
        let task = rig.runner.submit(async move {
            nap.await;
            done.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Failure>(())
        });
        drop(task.unwrap());
    }
    let time = rig.time.clone();
    drop(rig);
    time.advance(secs(2));
    assert_eq!(done.load(Ordering::SeqCst), 3);
    assert_eq!((time.timers(), time.futures()), (0, 0));
}

#[test]
fn what_a_task_holds_is_dropped_when_it_has_ended() {
    let rig = Rig::new(1);
    let held = Arc::new(());
    let inside = held.clone();
    let handle = rig.runner.submit_with("t", move |_| {
        let inside = inside.clone();
        async move {
            drop(inside);
            Ok::<_, Failure>(())
        }
    });
    let handle = handle.unwrap();
    assert_eq!(Arc::strong_count(&held), 2);
    rig.time.run();
    assert_eq!(Arc::strong_count(&held), 1, "the work went with the end of its task");
    assert_eq!(handle.now_or_never(), Some(Ok(())));
}
