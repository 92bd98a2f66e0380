//! What a runner keeps of tasks that have ended, and for how long.

use std::sync::{Arc, Weak};

use futures::FutureExt;
use offstage_core::runner::{Context, Failure};
use offstage_core::task::Spec;

use super::rig::{Rig, named, secs};
use crate::support::test;

/// A result, and whether somebody still has it.
fn watched() -> (Arc<()>, Weak<()>) {
    let result = Arc::new(());
    let weak = Arc::downgrade(&result);
    (result, weak)
}

#[test]
fn a_result_goes_with_the_last_handle() {
    let rig = Rig::new(1);
    let (result, weak) = watched();
    let first = rig.runner.submit(async move { Ok::<_, Failure>(result) }).unwrap();
    let second = first.clone();
    rig.time.run();
    drop(first);
    assert!(weak.upgrade().is_some(), "somebody has a handle");
    drop(second);
    assert!(weak.upgrade().is_none(), "nobody can ask for it any more");
    assert_eq!(rig.runner.tasks().len(), 1, "the record is kept");
}

#[test]
fn a_result_that_nobody_can_ask_for_is_not_kept() {
    let rig = Rig::new(1);
    let (result, weak) = watched();
    drop(rig.runner.submit(async move { Ok::<_, Failure>(result) }).unwrap());
    rig.time.run();
    assert!(weak.upgrade().is_none());
    let task = rig.runner.tasks().remove(0);
    task.stopped().now_or_never().expect("it has stopped");
    rig.runner.clear();
    assert_eq!(task.record().name, "task", "the record outlives its drop");
}

#[test]
fn a_key_keeps_the_result_for_the_next_submit() {
    let rig = Rig::new(1);
    let spec = Spec { idempotency_key: Some("once".into()), ..named("t") };
    drop(rig.runner.submit_with(spec.clone(), |_| async { Ok::<_, Failure>(7) }).unwrap());
    rig.time.run();
    let again = rig.runner.submit_with(spec, |_| async { Ok::<_, Failure>(8) }).unwrap();
    assert_eq!((again.is_deduplicated(), again.now_or_never()), (true, Some(Ok(7))));
}

#[test]
fn each_record_is_kept_as_long_as_its_spec_says() {
    let rig = Rig::new(4);
    let submit = |name: &str, delay: Option<f64>| {
        let spec = Spec { cleanup_delay_ms: delay, ..named(name) };
        drop(rig.runner.submit_with(spec, |_: Context| async { Ok::<_, Failure>(()) }).unwrap());
    };
    submit("long", Some(7_200_000.0));
    submit("usual", None);
    submit("short", Some(1_000.0));
    submit("not", Some(0.0));
    rig.time.run();
    let names = || rig.runner.tasks().iter().map(|task| task.record().name.clone()).collect::<Vec<_>>();
    assert_eq!(names(), ["long", "usual", "short"]);
    rig.time.advance(secs(1));
    assert_eq!(names(), ["long", "usual"]);
    rig.time.advance(secs(3_600));
    assert_eq!(names(), ["long"]);
    submit("later", None);
    rig.time.run();
    rig.time.advance(secs(3_600));
    assert_eq!(names(), Vec::<String>::new());
}
