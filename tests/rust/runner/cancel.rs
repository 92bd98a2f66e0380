//! Cancel: before the start, while it runs, as it completes.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use offstage_core::engine::Why;
use offstage_core::runner::{Ended, Failure};
use offstage_core::task::{Body, CancelledBy, Spec, Status};

use super::rig::{Gauge, Rig, for_ever, named, secs, until_told};
use crate::support::test;

fn cancelled(reason: Option<&str>) -> Ended {
    Ended::Cancelled { by: CancelledBy::Caller, reason: reason.map(str::to_owned) }
}

fn kinds(task: &offstage_core::runner::Task) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    let mut events = task.events(0);
    while let Some(Some(event)) = futures::StreamExt::next(&mut events).now_or_never() {
        kinds.push(event.body.kind());
    }
    kinds
}

#[test]
fn before_the_start_it_never_starts() {
    let rig = Rig::new(1);
    let gauge = Gauge::default();
    let (first, strings) = rig.puppet("first");
    let inside = gauge.clone();
    let second = rig.runner.submit_with("second", move |_| {
        let busy = inside.enter();
        async move {
            drop(busy);
            Ok::<_, Failure>(())
        }
    });
    let second = second.unwrap();
    rig.time.run();
    assert!(second.cancel(Some("not needed")));
    assert!(!second.cancel(None));
    assert_eq!(second.clone().now_or_never(), Some(Err(cancelled(Some("not needed")))));
    strings.end(Ok(1));
    rig.time.run();
    assert_eq!((gauge.all(), second.status(), first.status()), (0, Status::Cancelled, Status::Completed));
    assert_eq!(kinds(&second), ["submitted", "cancelled"]);
    rig.assert_clean();
}

#[test]
fn started_but_not_polled_it_is_not_called() {
    let rig = Rig::new(1);
    let gauge = Gauge::default();
    let inside = gauge.clone();
    let task = rig.runner.submit_with("t", move |_| {
        let busy = inside.enter();
        async move {
            drop(busy);
            Ok::<_, Failure>(())
        }
    });
    let task = task.unwrap();
    assert_eq!(task.status(), Status::Running);
    assert!(task.cancel(None));
    rig.time.run();
    assert_eq!((gauge.all(), task.status()), (0, Status::Cancelled));
    assert_eq!(kinds(&task), ["submitted", "started", "cancelled", "stopped"]);
    rig.assert_clean();
}

#[test]
fn while_it_runs_its_code_is_told_and_keeps_the_slot_until_it_ends() {
    let rig = Rig::new(1);
    let (end, ended) = futures::channel::oneshot::channel::<()>();
    let (ended, why) = (Arc::new(Mutex::new(Some(ended))), Arc::new(Mutex::new(None)));
    let told = why.clone();
    let task = rig.runner.submit_with("t", move |task| {
        let (ended, told) = (ended.lock().unwrap().take().unwrap(), told.clone());
        async move {
            *told.lock().unwrap() = Some(task.cancelled().await);
            let _ = ended.await;
            task.check()
        }
    });
    let task = task.unwrap();
    let next = rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
    rig.time.run();
    task.cancel(None);
    rig.time.run();
    assert_eq!(*why.lock().unwrap(), Some(Why::Cancelled));
    assert_eq!(task.clone().now_or_never(), Some(Err(cancelled(None))), "cancel is now");
    assert_eq!(task.stopped().now_or_never(), None, "its code has not ended");
    assert_eq!((next.status(), rig.runner.counts().stopping), (Status::Pending, 1));
    end.send(()).unwrap();
    rig.time.run();
    assert_eq!(task.stopped().now_or_never(), Some(()));
    assert_eq!((next.status(), rig.runner.counts().abandoned), (Status::Completed, 0));
    assert_eq!(kinds(&task), ["submitted", "started", "cancelled", "stopped"]);
    rig.assert_clean();
}

#[test]
fn a_future_alone_is_dropped_at_once() {
    let rig = Rig::new(1);
    let held = Arc::new(());
    let inside = held.clone();
    let task = rig.runner.submit(async move {
        let _inside = inside;
        std::future::pending::<Result<(), Failure>>().await
    });
    let task = task.unwrap();
    rig.time.run();
    task.cancel(None);
    rig.time.run();
    assert_eq!(Arc::strong_count(&held), 1);
    assert_eq!(kinds(&task), ["submitted", "started", "cancelled", "stopped"]);
    rig.assert_clean();
}

#[test]
fn code_that_does_not_listen_is_dropped_after_the_grace() {
    let rig = Rig::new(1);
    let (task, strings) = rig.puppet(Spec { kill_grace_ms: Some(2_000.0), ..named("t") });
    let next = rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
    rig.time.run();
    task.cancel(None);
    rig.time.advance(secs(1));
    assert_eq!((strings.is_cut(), next.status(), rig.runner.counts().stopping), (false, Status::Pending, 1));
    rig.time.advance(secs(1));
    assert_eq!((strings.is_cut(), next.status(), rig.runner.counts().abandoned), (true, Status::Completed, 1));
    assert_eq!(task.stopped().now_or_never(), Some(()));
    assert_eq!(kinds(&task), ["submitted", "started", "cancelled", "abandoned"]);
    rig.assert_clean();
}

#[test]
fn a_result_that_comes_after_the_cancel_is_late() {
    let rig = Rig::new(1);
    let (task, strings) = rig.puppet("t");
    rig.time.run();
    task.cancel(None);
    strings.end(Ok(1));
    rig.time.run();
    assert_eq!(task.clone().now_or_never(), Some(Err(cancelled(None))));
    assert_eq!(kinds(&task), ["submitted", "started", "cancelled", "late_result", "stopped"]);
    rig.assert_clean();
}

#[test]
fn an_error_of_its_own_after_the_cancel_is_late_too() {
    let rig = Rig::new(1);
    let (task, strings) = rig.puppet(Spec { retries: Some(3.0), ..named("t") });
    rig.time.run();
    task.cancel(None);
    strings.end(Err(Failure::new("broken pipe")));
    rig.time.run();
    let mut events = task.events(3);
    let late = futures::StreamExt::next(&mut events).now_or_never().flatten().unwrap();
    let Body::LateResult(data) = &late.body else { panic!("{late:?}") };
    assert_eq!(data.error.as_ref().unwrap().message, "broken pipe");
    assert_eq!(task.status(), Status::Cancelled);
}

#[test]
fn after_the_completion_it_changes_nothing() {
    let rig = Rig::new(1);
    let (task, strings) = rig.puppet("t");
    rig.time.run();
    strings.end(Ok(9));
    rig.time.run();
    assert!(!task.cancel(None));
    assert_eq!(kinds(&task), ["submitted", "started", "completed"]);
    assert_eq!(task.now_or_never(), Some(Ok(9)));
}

#[test]
fn cancel_all_ends_all_that_live() {
    let rig = Rig::new(2);
    let running = [rig.runner.submit_with("a", until_told).unwrap(), rig.runner.submit_with("b", for_ever).unwrap()];
    let queued: Vec<_> = (0..50).map(|_| rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap()).collect();
    rig.time.run();
    assert_eq!(rig.runner.cancel_all(Some("enough")), 52);
    assert_eq!(rig.runner.cancel_all(Some("enough")), 0);
    rig.time.advance(secs(5));
    for task in running.into_iter().chain(queued) {
        assert_eq!(task.now_or_never(), Some(Err(cancelled(Some("enough")))));
    }
    assert_eq!(rig.runner.counts().abandoned, 1, "the one that does not listen");
    rig.assert_clean();
}
