//! On threads, with the real clock; nothing here measures time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::executor::block_on;
use futures::future::join_all;
use offstage_core::engine;
use offstage_core::runner::native::{self, Native};
use offstage_core::runner::{BackgroundRunner, Boxed, Context, Failure, Options, Ports, Runtime};
use offstage_core::task::{BackoffSpec, FailureCode, Spec, Status};

use super::rig::{Gauge, until_told};

fn quick(limit: usize) -> Options {
    let engine = engine::Options { limit, kill_grace_ms: 20, ..Default::default() };
    Options { engine, ..Options::default() }
}

fn tokio() -> impl Runtime {
    Ports { clock: native::now, timer: tokio::time::sleep, spawn: |future: Boxed<()>| drop(tokio::spawn(future)) }
}

/// A bit of everything.
async fn everything<R: Runtime>(runtime: R) {
    let runner = BackgroundRunner::new(runtime, quick(4)).unwrap();
    let gauge = Gauge::default();
    let sums: Vec<_> = (0..1_000_u64)
        .map(|number| {
            let busy = gauge.clone();
            runner.submit(async move { Ok::<_, Failure>((drop(busy.enter()), number).1) }).unwrap()
        })
        .collect();
    let backoff = Some(BackoffSpec { initial: Some(0.001), ..Default::default() });
    let spec = Spec { retries: Some(2.0), backoff, ..Spec::new("flaky") };
    let flaky = runner.submit_with(spec, |task: Context| async move {
        match task.attempt() {
            3 => Ok("third"),
            _ => Err(Failure::new("again")),
        }
    });
    let spec = Spec { timeout_ms: Some(10.0), ..Spec::new("slow") };
    let slow = runner.submit_with(spec, super::rig::for_ever).unwrap();
    let parent = runner.submit_with("parent", |task: Context| async move {
        let child = task.submit(async { Ok::<_, Failure>(1) })?;
        Ok::<_, Failure>(child.await? + 1)
    });
    let told = runner.submit_with("told", until_told).unwrap();

    assert_eq!(join_all(sums).await.into_iter().map(Result::unwrap).sum::<u64>(), 499_500);
    assert_eq!(flaky.unwrap().await, Ok("third"));
    assert_eq!(slow.await.unwrap_err().failure().unwrap().code, FailureCode::Timeout);
    assert_eq!(parent.unwrap().await, Ok(2));
    assert!(told.cancel(None));
    told.stopped().await;
    let counts = runner.stop(Duration::ZERO).await;
    assert_eq!((counts.completed, counts.failed, counts.cancelled, counts.abandoned), (1_003, 1, 1, 1));
    assert!(gauge.peak() <= 4);
}

#[test]
fn on_the_pool_of_the_futures_crate() {
    block_on(everything(Native::with_threads(3).unwrap()));
}

#[test]
fn on_tokio() {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_time()
        .build()
        .unwrap()
        .block_on(everything(tokio()));
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(everything(tokio()));
}

#[test]
fn code_that_blocks_its_thread_is_abandoned_and_others_go_on() {
    let runner = BackgroundRunner::new(Native::with_threads(2).unwrap(), quick(1)).unwrap();
    let free = Arc::new(AtomicBool::new(false));
    let inside = free.clone();
    let spec = Spec { timeout_ms: Some(5.0), ..Spec::new("blocks") };
    let blocks = runner.submit_with(spec, move |_| {
        let free = inside.clone();
        async move {
            while !free.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            Ok::<_, Failure>(())
        }
    });
    let next = runner.submit(async { Ok::<_, Failure>("next") }).unwrap();
    assert_eq!(block_on(next), Ok("next"), "while the other one still blocks");
    assert_eq!(runner.counts().abandoned, 1);
    free.store(true, Ordering::SeqCst);
    let blocks = blocks.unwrap();
    assert_eq!(blocks.record().error.as_ref().unwrap().code, FailureCode::Timeout);
    let rest = block_on(runner.stop(Duration::ZERO));
    assert_eq!((rest.failed, rest.completed), (1, 1));
}

/// Panics where nobody hears it.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("in a drop");
        }
    }
}

/// The one thread of the pool is alive after each of them.
#[test]
fn a_panic_in_a_drop_of_others_costs_no_thread() {
    let runner = BackgroundRunner::new(Native::with_threads(1).unwrap(), quick(1)).unwrap();
    let assert_alive = || assert_eq!(block_on(runner.submit(async { Ok::<_, Failure>(1) }).unwrap()), Ok(1));

    drop(runner.submit(async { Ok::<_, Failure>(Bomb) }).unwrap()); // a result that nobody keeps
    assert_alive();
    let held = Bomb;
    let work = runner.submit_with("work", move |_| {
        let _ = &held;
        async { Ok::<_, Failure>(()) }
    });
    assert_eq!(block_on(work.unwrap()), Ok(()));
    assert_alive();
    let payload = runner.submit(async { if true { std::panic::panic_any(Bomb) } else { Ok::<(), Failure>(()) } });
    assert_eq!(block_on(payload.unwrap()).unwrap_err().failure().unwrap().name, "PanicError");
    assert_alive();
    let step = runner.submit_with("late", |task: Context| async move {
        task.cancelled().await;
        Ok::<_, Failure>(Bomb) // too late: dropped by the runner
    });
    let step = step.unwrap();
    assert!(step.cancel(None));
    block_on(step.stopped());
    assert_alive();
}

#[test]
fn many_threads_submit_cancel_and_wait_at_once() {
    let runner = BackgroundRunner::new(Native::with_threads(2).unwrap(), quick(3)).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let runner = runner.clone();
            std::thread::spawn(move || {
                for number in 0..300 {
                    let task = runner.submit(async move { Ok::<_, Failure>(number) }).unwrap();
                    let cancelled = (number + thread) % 3 == 0 && task.cancel(None);
                    match block_on(task.clone()) {
                        Ok(value) => assert!(!cancelled && value == number),
                        Err(ended) => assert!(cancelled && ended.is_cancelled()),
                    }
                    assert!(task.status() != Status::Running);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let counts = block_on(runner.stop(Duration::ZERO));
    assert_eq!((counts.total, counts.completed + counts.cancelled, counts.slots), (1_200, 1_200, 0));
}
