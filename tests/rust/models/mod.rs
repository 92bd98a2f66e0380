//! Models of a runner that threads share: `shuttle` runs each of them in thousands of interleavings of its lock.
//!
//! They live in the crate's own test build, in which that lock is shuttle's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use shuttle::future::block_on;
use shuttle::thread;

use super::{BackgroundRunner, Boxed, Context, Failure, Options, Ports, Question, Runtime};
use crate::engine::{self, Now};
use crate::task::{Action, Answer, Spec, Status};

const ITERATIONS: usize = 1_000;

fn explore(model: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(model.clone(), ITERATIONS);
    shuttle::check_pct(model, ITERATIONS, 3);
}

/// Every task on a thread of its own; time stands still.
fn runner(limit: usize) -> BackgroundRunner<impl Runtime> {
    let runtime = Ports {
        clock: || Now::at(0),
        timer: |_: Duration| std::future::pending::<()>(),
        spawn: |future: Boxed<()>| drop(thread::spawn(move || block_on(future))),
    };
    let engine = engine::Options { limit, ..Default::default() };
    BackgroundRunner::new(runtime, Options { engine, seed: Some([7; 16]), default_timeout: Duration::ZERO }).unwrap()
}

#[test]
fn cancel_against_settle() {
    explore(|| {
        let runner = runner(1);
        let task = runner.submit(async { Ok::<_, Failure>(7) }).unwrap();
        let other = task.task();
        let cancels = thread::spawn(move || other.cancel(None));
        let outcome = block_on(task.clone());
        match cancels.join().unwrap() {
            true => assert!(outcome.unwrap_err().is_cancelled()),
            false => assert_eq!(outcome, Ok(7)),
        }
        block_on(task.stopped());
        let terminal = task.core.look(|state| state.engine.events(task.key(), 0));
        assert_eq!(terminal.iter().filter(|event| event.body.is_terminal()).count(), 1);
        assert_eq!((runner.counts().slots, runner.counts().stopping), (0, 0));
    });
}

#[test]
fn two_submits_against_one_slot() {
    explore(|| {
        let runner = runner(1);
        let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let submits: Vec<_> = (0..2)
            .map(|_| {
                let (runner, now, peak) = (runner.clone(), now.clone(), peak.clone());
                thread::spawn(move || {
                    let task = runner.submit(async move {
                        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                        Ok::<_, Failure>(())
                    });
                    block_on(task.unwrap()).unwrap();
                })
            })
            .collect();
        for submit in submits {
            submit.join().unwrap();
        }
        assert_eq!((peak.load(Ordering::SeqCst), runner.counts().completed), (1, 2));
    });
}

#[test]
fn stop_against_submit() {
    explore(|| {
        let runner = runner(1);
        let first = runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
        let late = runner.clone();
        let submits = thread::spawn(move || late.submit(async { Ok::<_, Failure>(()) }));
        let counts = block_on(runner.stop(Duration::ZERO));
        assert_eq!((counts.live(), counts.stopping), (0, 0));
        assert!(first.now().is_some(), "all have ended when it has stopped");
        match submits.join().unwrap() {
            Ok(task) => assert!(task.now().is_some(), "what was taken has ended"),
            Err(error) => assert!(error.is_conflict()),
        }
        assert_eq!((runner.counts().live(), runner.counts().slots), (0, 0));
    });
}

#[test]
fn wait_against_settle() {
    explore(|| {
        let runner = runner(1);
        let task = runner.submit(async { Ok::<_, Failure>(7) }).unwrap();
        let waits: Vec<_> = (0..2)
            .map(|_| {
                let task = task.clone();
                thread::spawn(move || block_on(task))
            })
            .collect();
        // Somebody who loses interest meanwhile.
        let mut brief = task.clone();
        let _ = (&mut brief).now_or_never();
        drop(brief);
        let all = block_on(runner.wait_all());
        assert_eq!((all.completed, runner.counts().completed), (1, 1));
        for wait in waits {
            assert_eq!(wait.join().unwrap(), Ok(7));
        }
        assert_eq!(block_on(task), Ok(7));
    });
}

#[test]
fn respond_against_cancel() {
    explore(|| {
        let runner = runner(1);
        let task = runner.submit_with("asks", |task: Context| async move { task.ask(Question::new("ok", "?")).await });
        let task = task.unwrap();
        let (answers, cancels) = (task.task(), task.task());
        let answer = || Answer { action: Action::Accept, content: None };
        let responds = thread::spawn(move || {
            while answers.status() == Status::Running {
                thread::yield_now();
            }
            answers.respond("ok", answer()).is_ok()
        });
        let cancels = thread::spawn(move || cancels.cancel(None));
        let outcome = block_on(task.clone());
        let (answered, cancelled) = (responds.join().unwrap(), cancels.join().unwrap());
        assert_eq!(outcome.is_err(), cancelled);
        assert!(answered || cancelled);
        block_on(task.stopped());
        assert_eq!((runner.counts().slots, runner.counts().abandoned), (0, 0));
    });
}

#[test]
fn a_lent_slot_against_the_child_that_ends() {
    explore(|| {
        let runner = runner(1);
        let parent = runner.submit_with("parent", |task: Context| async move {
            let first = task.submit(async { Ok::<_, Failure>(1) })?;
            let second = task.submit(async { Ok::<_, Failure>(2) })?;
            Ok::<_, Failure>(first.await? + second.await?)
        });
        assert_eq!(block_on(parent.unwrap()), Ok(3));
        assert_eq!((runner.counts().completed, runner.counts().slots), (3, 0));
    });
}

/// The other two fill both slots and end after the parent. Were its slot lent once the child has ended, all would wait.
#[test]
fn a_slot_is_not_lent_for_a_child_that_has_ended() {
    explore(|| {
        let runner = runner(2);
        let (sender, receiver) = futures::channel::oneshot::channel::<()>();
        let parent = runner.submit_with("parent", |task: Context| async move {
            let first = Spec { priority: Some(10.0), ..Spec::new("child") };
            let child = task.submit_with(first, |_| async { Ok::<_, Failure>(1) })?;
            Ok::<_, Failure>(child.await?)
        });
        let receiver = receiver.shared();
        let others: Vec<_> = (0..2)
            .map(|_| {
                let ended = receiver.clone();
                runner.submit(async move { ended.await.map_err(|_| Failure::new("nobody ended")) }).unwrap()
            })
            .collect();
        assert_eq!(block_on(parent.unwrap()), Ok(1));
        sender.send(()).unwrap();
        for other in others {
            assert_eq!(block_on(other), Ok(()));
        }
        assert_eq!(runner.counts().slots, 0);
    });
}
