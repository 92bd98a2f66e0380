//! Who starts next, and how many at once.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use offstage_core::engine::{OnConflict, Submission};
use offstage_core::runner::{Boxed, Context, Failure, Question, Timer};
use offstage_core::task::{Action, Answer, Spec, Status};

use super::rig::{Gauge, Rig, accept, named, secs};
use crate::support::{Rng, test};

type Log = Arc<Mutex<Vec<String>>>;

fn logs(rig: &Rig, log: &Log, name: &str, priority: f64) {
    let (log, line) = (log.clone(), name.to_owned());
    let spec = Spec { priority: Some(priority), ..named(name) };
    let task = rig.runner.submit_with(spec, move |_| {
        log.lock().unwrap().push(line.clone());
        async { Ok::<_, Failure>(()) }
    });
    drop(task.unwrap());
}

#[test]
fn by_priority_then_in_the_order_of_creation() {
    let rig = Rig::new(1);
    let log = Log::default();
    rig.runner.pause();
    for (name, priority) in [("low", -10.0), ("a", 0.0), ("b", 0.0), ("high", 10.0), ("c", 0.0), ("high 2", 10.0)] {
        logs(&rig, &log, name, priority);
    }
    rig.time.run();
    assert_eq!(log.lock().unwrap().len(), 0, "paused");
    rig.runner.resume();
    rig.run_within(1);
    assert_eq!(*log.lock().unwrap(), ["high", "high 2", "a", "b", "c", "low"]);
    rig.assert_clean();
}

#[test]
fn a_changed_limit_counts_for_the_next_start() {
    let rig = Rig::new(3);
    let mut puppets: Vec<_> = (0..6).map(|_| rig.puppet("t")).collect();
    rig.run_within(3);
    rig.runner.set_concurrency(1);
    assert_eq!(rig.runner.counts().slots, 3, "those that run go on");
    for left in [2, 1, 1] {
        puppets.remove(0).1.end(Ok(0));
        rig.time.run();
        assert_eq!(rig.runner.counts().slots, left);
    }
    rig.runner.set_concurrency(10);
    assert_eq!(rig.runner.counts().slots, 3);
    rig.runner.set_concurrency(0);
    for (_, strings) in puppets {
        strings.end(Ok(0));
    }
    let (never, _strings) = rig.puppet("never");
    rig.time.run();
    assert_eq!(never.status(), Status::Pending);
    never.cancel(None);
    rig.time.run();
    rig.assert_clean();
}

#[test]
fn a_session_runs_one_after_another() {
    let rig = Rig::new(5);
    let queued = |name: &str| Submission {
        on_conflict: OnConflict::Enqueue,
        ..Spec { session_id: Some("s".into()), ..named(name) }.into()
    };
    let (first, first_strings) = rig.puppet(queued("first"));
    let (second, second_strings) = rig.puppet(queued("second"));
    rig.time.run();
    assert_eq!((first.status(), second.status()), (Status::Running, Status::Pending));
    let refused = Submission { on_conflict: OnConflict::Reject, ..queued("third") };
    assert!(rig.runner.submit_with(refused, |_| async { Ok::<_, Failure>(()) }).unwrap_err().is_conflict());
    first_strings.end(Ok(1));
    rig.time.run();
    assert_eq!(second.status(), Status::Running);
    let (third, third_strings) = rig.puppet(Submission { on_conflict: OnConflict::Interrupt, ..queued("third") });
    rig.time.run();
    assert_eq!((second.status(), third.status()), (Status::Cancelled, Status::Pending), "it has not stopped");
    second_strings.end(Err(Failure::new("told to end")));
    rig.time.run();
    assert_eq!(third.status(), Status::Running);
    third_strings.end(Ok(3));
    rig.time.run();
    rig.assert_clean();
}

/// What a task of the storm does: naps, fails, asks, awaits children; busy only while it may be.
fn storm(task: Context, gauge: Gauge, rig: Rig, seed: u64, depth: u32) -> Boxed<Result<u64, Failure>> {
    Box::pin(async move {
        let mut rng = Rng::new(seed ^ u64::from(task.attempt()));
        for round in 0..rng.below(4) {
            match rng.below(4) {
                0 => {
                    let busy = gauge.enter();
                    rig.time.after(secs(rng.below(3))).await;
                    drop(busy);
                }
                1 => drop(task.ask(Question::new(format!("q{round}"), "?")).await?),
                2 if depth < 2 => {
                    let (gauge, rig, seed) = (gauge.clone(), rig.clone(), rng.next());
                    let child = task
                        .submit_with("child", move |child| storm(child, gauge.clone(), rig.clone(), seed, depth + 1));
                    let _ = child?.await;
                }
                _ if rng.chance(40) => return Err(Failure::new("again")),
                _ => {}
            }
        }
        Ok(seed)
    })
}

#[test]
fn never_more_than_the_limit_whatever_tasks_do() {
    for seed in 0..60 {
        let rig = Rig::new(1 + seed as usize % 3);
        let mut limit = 1 + seed as usize % 3;
        let gauge = Gauge::default();
        let mut rng = Rng::new(seed);
        let mut tasks = Vec::new();
        for _ in 0..12 {
            let (gauge, inside, own) = (gauge.clone(), rig.clone(), rng.next());
            let spec =
                Spec { retries: Some(2.0), kill_grace_ms: Some(500.0), timeout_ms: Some(20_000.0), ..named("t") };
            let task = rig.runner.submit_with(spec, move |task| storm(task, gauge.clone(), inside.clone(), own, 0));
            tasks.push(task.unwrap());
        }
        for _ in 0..200 {
            rig.run_within(limit);
            for task in rig.runner.tasks() {
                let record = task.record();
                let open: Vec<String> = record.requests.open().map(|(key, _)| key.to_owned()).collect();
                for key in open {
                    let action = if rng.chance(90) { Action::Accept } else { Action::Cancel };
                    let _ = task.respond(key, Answer { action, content: None });
                }
            }
            if rng.chance(5) {
                rng.pick(&tasks).cancel(None);
            }
            if rng.chance(5) {
                limit = limit.max(2) + rng.below(2) as usize;
                rig.runner.set_concurrency(limit);
            }
            rig.time.advance(secs(rng.below(3)));
        }
        rig.time.advance(secs(10_000));
        for task in rig.runner.tasks() {
            assert!(task.status().is_terminal(), "seed {seed}: {task:?}");
        }
        for task in tasks {
            assert!(task.now_or_never().is_some(), "seed {seed}");
        }
        assert!(gauge.peak() <= limit, "seed {seed}: {} at once", gauge.peak());
        rig.assert_clean();
    }
}

#[test]
fn a_lowered_limit_starts_nothing_while_too_many_run() {
    let rig = Rig::new(2);
    let asking = rig.runner.submit_with("t", |task: Context| async move { task.ask(Question::new("ok", "?")).await });
    let asking = asking.unwrap();
    let (_a, a) = rig.puppet("a");
    rig.time.run();
    let (_b, b) = rig.puppet("b");
    rig.time.run();
    rig.runner.set_concurrency(1);
    asking.respond("ok", accept()).unwrap();
    rig.time.run();
    assert_eq!((asking.status(), rig.runner.counts().slots), (Status::Pending, 2));
    a.end(Ok(0));
    rig.time.run();
    assert_eq!((asking.status(), rig.runner.counts().slots), (Status::Pending, 1));
    b.end(Ok(0));
    rig.time.run();
    assert_eq!(asking.status(), Status::Completed);
    rig.assert_clean();
}
