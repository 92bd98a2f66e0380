//! A runtime that goes away under a runner: each task is told the truth, however many wait.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as Waking, Waker};
use std::time::Duration;

use futures::executor::{ThreadPool, block_on};
use offstage_core::engine;
use offstage_core::runner::native;
use offstage_core::runner::{BackgroundRunner, Boxed, Ended, Failure, Options, Ports, Runtime, TaskHandle};
use offstage_core::task::{FailureCode, OnLost, Spec, Status};

use super::rig::until_told;

const QUEUED: usize = 100_000;

fn options() -> Options {
    let engine = engine::Options { limit: 2, max_retained: usize::MAX, ..Default::default() };
    Options { engine, default_timeout: Duration::ZERO, ..Options::default() }
}

/// A runtime of that spawn; nobody waits for a time.
fn spawning(spawn: impl Fn(Boxed<()>) + Send + Sync + 'static) -> impl Runtime {
    Ports { clock: native::now, timer: |_: Duration| std::future::pending::<()>(), spawn }
}

fn busy<R: Runtime>(runner: &BackgroundRunner<R>, on_lost: OnLost) -> Vec<TaskHandle<()>> {
    let spec = |name| Spec { on_lost: Some(on_lost), retries: Some(1_000.0), ..Spec::new(name) };
    let running = (0..2).map(|_| runner.submit_with(spec("runs"), until_told));
    let handles: Vec<_> = running.map(Result::unwrap).collect();
    let queued = (0..QUEUED).map(|_| runner.submit_with(spec("waits"), until_told));
    handles.into_iter().chain(queued.map(Result::unwrap)).collect()
}

/// What ran is lost, or cancelled where another attempt was to follow; what waited is cancelled, and never ran.
#[track_caller]
fn assert_told<R: Runtime>(runner: &BackgroundRunner<R>, handles: Vec<TaskHandle<()>>, on_lost: OnLost) {
    let mut lost = 0;
    for handle in handles {
        let record = handle.record();
        assert!(record.attempt <= 2, "an attempt for each of {QUEUED} tasks: {}", record.attempt);
        match block_on(handle).unwrap_err() {
            Ended::Failed(failure) => {
                assert_eq!((failure.code, record.attempt), (FailureCode::Lost, 1));
                lost += 1;
            }
            Ended::Cancelled { reason, .. } => assert_eq!(reason.unwrap(), "the runtime of the runner is gone"),
        }
    }
    assert!(lost <= if on_lost == OnLost::Fail { 2 } else { 0 }, "{lost} are lost, 2 ran");
    let counts = runner.counts();
    assert_eq!((counts.live(), counts.stopping, counts.slots), (0, 0, 0));
    assert!(runner.submit(async { Ok::<_, Failure>(()) }).unwrap_err().is_conflict());
}

fn dropped_with_tasks(pool: tokio::runtime::Runtime, on_lost: OnLost) {
    let handle = pool.handle().clone();
    let runner = BackgroundRunner::new(spawning(move |future| drop(handle.spawn(future))), options()).unwrap();
    let handles = busy(&runner, on_lost);
    drop(pool);
    assert_told(&runner, handles, on_lost);
}

#[test]
fn tokio_with_threads() {
    for on_lost in [OnLost::Fail, OnLost::Retry] {
        dropped_with_tasks(tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap(), on_lost);
    }
}

#[test]
fn tokio_on_one_thread() {
    for on_lost in [OnLost::Fail, OnLost::Retry] {
        let pool = tokio::runtime::Builder::new_current_thread().build().unwrap();
        pool.block_on(tokio::task::yield_now());
        dropped_with_tasks(pool, on_lost);
    }
}

/// The bare `tokio::spawn` panics where there is no runtime any more.
#[test]
fn a_spawn_that_panics() {
    let runner = BackgroundRunner::new(spawning(|future| drop(tokio::spawn(future))), options()).unwrap();
    let task = runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
    assert!(block_on(task).unwrap_err().is_cancelled());
}

/// The pool of `futures` ends its threads when its last clone goes, and drops nothing before: whoever spawns then finds no
/// pool any more.
#[test]
fn a_pool_of_futures() {
    let pool = Arc::new(Mutex::new(Some(ThreadPool::builder().pool_size(1).create().unwrap())));
    let here = pool.clone();
    let spawn = move |future| {
        if let Some(pool) = &*here.lock().unwrap() {
            pool.spawn_ok(future);
        }
    };
    let runner = BackgroundRunner::new(spawning(spawn), options()).unwrap();
    let handles = busy(&runner, OnLost::Retry);
    drop(pool.lock().unwrap().take());
    runner.cancel_all(None); // the two that run end, and what waits has ended already
    for handle in handles {
        assert!(block_on(handle).unwrap_err().is_cancelled());
    }
    assert!(runner.submit(async { Ok::<_, Failure>(()) }).unwrap_err().is_conflict(), "a spawn came back dropped");
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A spawner that polls at once, and leaves what is not ready then to a pool; answers also with how deep it was within
/// itself at most.
fn inline() -> (impl Runtime, Arc<AtomicUsize>) {
    let deepest = Arc::new(AtomicUsize::new(0));
    let seen = deepest.clone();
    let pool = ThreadPool::builder().pool_size(1).create().unwrap();
    let runtime = spawning(move |mut future| {
        DEPTH.set(DEPTH.get() + 1);
        seen.fetch_max(DEPTH.get(), Ordering::SeqCst);
        if future.as_mut().poll(&mut Waking::from_waker(Waker::noop())).is_pending() {
            pool.spawn_ok(future);
        }
        DEPTH.set(DEPTH.get() - 1);
    });
    (runtime, deepest)
}

#[test]
fn a_spawner_that_runs_everything_at_once_needs_no_stack_for_each_task() {
    let (runtime, deepest) = inline();
    let runner = BackgroundRunner::new(runtime, options()).unwrap();
    runner.pause();
    let handles: Vec<_> = (0..QUEUED).map(|number| runner.submit(async move { Ok::<_, Failure>(number) })).collect();
    runner.resume();
    for (number, handle) in handles.into_iter().enumerate() {
        assert_eq!(block_on(handle.unwrap()), Ok(number));
    }
    assert_eq!(deepest.load(Ordering::SeqCst), 1);
}

#[test]
fn a_child_runs_within_its_parent_where_everything_runs_at_once() {
    let (runtime, _) = inline();
    let runner = BackgroundRunner::new(runtime, Options::limit(1)).unwrap();
    runner.pause();
    let parent = runner.submit_with("parent", |task: offstage_core::runner::Context| async move {
        let child = task.submit(async { Ok::<_, Failure>(1) })?;
        Ok::<_, Failure>(child.await? + 1)
    });
    let other = runner.submit(async { Ok::<_, Failure>(5) });
    runner.resume();
    assert_eq!((block_on(parent.unwrap()), block_on(other.unwrap())), (Ok(2), Ok(5)));
}

#[test]
fn a_runtime_that_goes_away_while_all_wait_for_a_time() {
    let pool = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let handle = pool.handle().clone();
    let sleeper = pool.handle().clone();
    let ports = Ports {
        clock: native::now,
        timer: move |span: Duration| {
            let _within = sleeper.enter();
            tokio::time::sleep(span)
        },
        spawn: move |future: Boxed<()>| drop(handle.spawn(future)),
    };
    let runner = BackgroundRunner::new(ports, options()).unwrap();
    let spec = Spec { delay_ms: Some(3_600_000.0), ..Spec::new("later") };
    let later = runner.submit_with(spec, until_told).unwrap();
    assert_eq!(later.status(), Status::Pending);
    drop(pool);
    assert!(block_on(later).unwrap_err().is_cancelled(), "nobody would tell it the time");
}
