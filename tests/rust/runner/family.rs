//! Parents and children.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::{join_all, select};
use offstage_core::runner::{Boxed, Clock, Context, Failure, Question, TaskHandle, Timer};
use offstage_core::task::{CancelledBy, Spec, Status};

use super::rig::{Gauge, Rig, named, secs, until_told};
use crate::support::test;

type Slot<T> = Arc<Mutex<Option<T>>>;

#[test]
fn a_child_runs_in_the_slot_of_the_parent_that_awaits_it() {
    let rig = Rig::new(1);
    let gauge = Gauge::default();
    let inside = gauge.clone();
    let parent = rig.runner.submit_with("parent", move |task: Context| {
        let gauge = inside.clone();
        async move {
            let busy = gauge.enter();
            let within = gauge.clone();
            let child = task.submit_with("child", move |_| {
                let busy = within.enter();
                async move {
                    drop(busy);
                    Ok::<_, Failure>(20)
                }
            })?;
            drop(busy);
            let answer = child.await?;
            let _busy = gauge.enter();
            Ok::<_, Failure>(answer + 1)
        }
    });
    let parent = parent.unwrap();
    rig.run_within(1);
    assert_eq!(parent.now_or_never(), Some(Ok(21)));
    assert_eq!((gauge.peak(), gauge.all()), (1, 3));
    rig.assert_clean();
}

#[test]
fn many_children_are_awaited_at_once_in_one_slot() {
    for reversed in [false, true] {
        let rig = Rig::new(1);
        let time = rig.time.clone();
        let parent = rig.runner.submit_with("parent", move |task: Context| {
            let time = time.clone();
            async move {
                let mut children = Vec::new();
                for number in 0..40_u64 {
                    let time = time.clone();
                    children.push(task.submit_with("child", move |_| {
                        let nap = time.after(secs(number % 3));
                        async move { Ok::<_, Failure>((nap.await, number).1) }
                    })?);
                }
                if reversed {
                    children.reverse();
                }
                let ended = join_all(children).await;
                Ok::<_, Failure>(ended.into_iter().map(Result::unwrap).sum::<u64>())
            }
        });
        let parent = parent.unwrap();
        rig.run_within(1);
        rig.time.advance(secs(100));
        assert_eq!(parent.now_or_never(), Some(Ok(780)));
        rig.assert_clean();
    }
}

#[test]
fn whoever_awaits_has_its_slot_back_before_it_goes_on() {
    let rig = Rig::new(1);
    let parent = rig.runner.submit_with("parent", |task: Context| async move {
        let child = task.submit(async { Ok::<_, Failure>(1) })?;
        Ok::<_, Failure>(child.await?)
    });
    let parent = parent.unwrap();
    assert!(rig.time.step(), "the parent awaits");
    let (other, strings) = rig.puppet("other");
    rig.run_within(1);
    assert_eq!((parent.now_or_never(), other.status()), (Some(Ok(1)), Status::Running), "the parent went first");
    strings.end(Ok(0));
    rig.time.run();
    rig.assert_clean();
}

/// A task with a child that it does not await.
fn with_child(
    rig: &Rig,
    spec: Spec,
    end: fn(Context) -> Boxed<Result<(), Failure>>,
) -> (TaskHandle<()>, TaskHandle<()>) {
    let slot: Slot<TaskHandle<()>> = Slot::default();
    let inside = slot.clone();
    let parent = rig.runner.submit_with(spec, move |task: Context| {
        let child = task.submit_with("child", until_told);
        *inside.lock().unwrap() = child.ok();
        end(task)
    });
    let parent = parent.unwrap();
    rig.time.run();
    let child = slot.lock().unwrap().take().unwrap();
    (parent, child)
}

fn by_parent(child: TaskHandle<()>) -> bool {
    matches!(child.now_or_never(), Some(Err(offstage_core::runner::Ended::Cancelled { by: CancelledBy::Parent, .. })))
}

#[test]
fn a_cancelled_parent_takes_its_children_along() {
    let rig = Rig::new(3);
    let (parent, child) = with_child(&rig, named("parent"), |task| Box::pin(until_told(task)));
    assert_eq!(child.status(), Status::Running);
    parent.cancel(None);
    rig.time.run();
    assert!(by_parent(child));
    rig.assert_clean();
}

#[test]
fn a_completed_parent_leaves_its_children_running() {
    let rig = Rig::new(3);
    let (parent, child) = with_child(&rig, named("parent"), |_| Box::pin(async { Ok(()) }));
    assert_eq!((parent.status(), child.status()), (Status::Completed, Status::Running));
    child.cancel(None);
    rig.time.run();
    rig.assert_clean();
}

#[test]
fn children_without_a_key_are_cancelled_before_the_next_attempt() {
    let rig = Rig::new(3);
    let spec = Spec { retries: Some(1.0), ..named("parent") };
    let (parent, child) = with_child(&rig, spec, |_| Box::pin(async { Err(Failure::new("again")) }));
    assert_eq!(parent.status(), Status::Pending);
    assert!(by_parent(child));
    parent.cancel(None);
    rig.time.run();
    rig.assert_clean();
}

#[test]
fn a_further_attempt_goes_on_with_a_child_that_has_a_key() {
    let rig = Rig::new(3);
    let gauge = Gauge::default();
    let inside = gauge.clone();
    let spec = Spec { retries: Some(1.0), ..named("parent") };
    let time = rig.time.clone();
    let parent = rig.runner.submit_with(spec, move |task: Context| {
        let (gauge, time) = (inside.clone(), time.clone());
        async move {
            let child = task.submit_keyed("once", "child", move |_| {
                drop(gauge.enter());
                let nap = time.after(secs(10));
                async move { Ok::<_, Failure>((nap.await, 7).1) }
            })?;
            let wrong = task.submit_keyed("once", "child", |_| async { Ok::<_, Failure>("text") });
            assert!(wrong.unwrap_err().is_conflict());
            if task.attempt() == 1 { Err(Failure::new("again")) } else { Ok(child.await?) }
        }
    });
    let parent = parent.unwrap();
    rig.time.advance(secs(60));
    assert_eq!(parent.now_or_never(), Some(Ok(7)));
    assert_eq!((gauge.all(), rig.runner.counts().total), (1, 2));
    rig.assert_clean();
}

#[test]
fn a_parent_that_is_cancelled_while_it_awaits_hears_of_it_without_a_slot() {
    let rig = Rig::new(1);
    let parent = rig.runner.submit_with("parent", |task: Context| async move {
        let child = task.submit_with("child", super::rig::for_ever)?;
        select(child, task.cancelled()).await;
        task.check()
    });
    let parent = parent.unwrap();
    rig.time.run();
    assert_eq!((rig.runner.counts().running, rig.runner.counts().slots), (2, 1));
    parent.cancel(None);
    rig.run_within(1);
    assert_eq!(parent.stopped().now_or_never(), Some(()), "it did not wait for the child's slot");
    rig.time.advance(secs(5));
    assert_eq!(rig.runner.counts().abandoned, 1, "the child");
    rig.assert_clean();
}

#[test]
fn a_task_that_has_ended_submits_no_more() {
    let rig = Rig::new(3);
    let slot: Slot<Context> = Slot::default();
    let inside = slot.clone();
    let parent = rig.runner.submit_with("parent", move |task: Context| {
        *inside.lock().unwrap() = Some(task);
        async { Ok::<_, Failure>(()) }
    });
    let parent = parent.unwrap();
    rig.time.run();
    let context = slot.lock().unwrap().take().unwrap();
    assert!(context.submit(async { Ok::<_, Failure>(()) }).unwrap_err().is_conflict());
    context.progress(0.5, None);
    context.log("too late");
    assert_eq!(parent.record().progress, 1.0);
    assert_eq!(rig.runner.counts().total, 1);
}

#[test]
fn nesting_ends_at_16() {
    fn nest(task: Context) -> Boxed<Result<u32, Failure>> {
        Box::pin(async move {
            match task.submit_with("deeper", nest) {
                Ok(child) => Ok(child.await? + 1),
                Err(error) => {
                    assert!(error.is_conflict());
                    Ok(0)
                }
            }
        })
    }
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("top", nest).unwrap();
    rig.run_within(1);
    assert_eq!(task.now_or_never(), Some(Ok(16)));
    rig.assert_clean();
}

#[test]
fn woken_by_something_else_it_waits_for_its_slot() {
    let rig = Rig::new(1);
    let time = rig.time.clone();
    let parent = rig.runner.submit_with("parent", move |task: Context| {
        let time = time.clone();
        async move {
            let inside = time.clone();
            let child = task.submit_with("child", move |_| {
                let nap = inside.after(secs(5));
                async move {
                    nap.await;
                    Ok::<_, Failure>(())
                }
            })?;
            select(child, time.after(secs(1))).await;
            Ok::<_, Failure>(time.now().wall)
        }
    });
    let parent = parent.unwrap();
    rig.time.advance(secs(4));
    assert_eq!((parent.status(), rig.runner.counts().slots), (Status::Running, 1), "the child has the slot");
    rig.time.advance(secs(1));
    assert_eq!(parent.now_or_never(), Some(Ok(5_000)));
    rig.assert_clean();
}

#[test]
fn an_execution_that_was_given_up_has_no_say_in_the_next_one() {
    let rig = Rig::new(1);
    let slot: Slot<Context> = Slot::default();
    let inside = slot.clone();
    let spec = Spec { retries: Some(1.0), timeout_ms: Some(1_000.0), ..named("parent") };
    let parent = rig.runner.submit_with(spec, move |task: Context| {
        inside.lock().unwrap().get_or_insert(task);
        std::future::pending::<Result<(), Failure>>()
    });
    let parent = parent.unwrap();
    rig.time.advance(secs(6));
    assert_eq!((parent.status(), parent.record().attempt), (Status::Running, 2));
    let first = slot.lock().unwrap().take().unwrap();
    assert_eq!((first.attempt(), first.is_cancelled()), (1, true));
    assert!(first.submit(async { Ok::<_, Failure>(()) }).unwrap_err().is_conflict());
    assert!(first.ask(Question::new("ok", "?")).now_or_never().unwrap().is_err());
    assert!(first.step("s", || async { Ok::<_, Failure>(()) }).now_or_never().unwrap().is_err());
    first.progress(0.5, None);
    assert_eq!((parent.record().progress, parent.status(), rig.runner.counts().total), (0.0, Status::Running, 1));
    parent.cancel(None);
    rig.time.advance(secs(6));
    rig.assert_clean();
}
