//! Code of others is never called or dropped under the runner's lock: whatever it is, it may call the runner.
//!
//! Where that does not hold, these hang natively, and panic in WebAssembly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use offstage_core::engine::{self, Submission};
use offstage_core::runner::{BackgroundRunner, Failure, Manual};
use offstage_core::task::Spec;

use super::rig::{Rig, named, secs};
use crate::support::test;

/// Calls the runner when it is dropped, cloned or woken.
struct Nosy(BackgroundRunner<Manual>, Arc<AtomicUsize>);

impl Nosy {
    fn looks(&self) {
        let _ = self.0.counts();
        self.0.tasks().iter().for_each(|task| drop(task.record()));
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

impl Clone for Nosy {
    fn clone(&self) -> Self {
        self.looks();
        Self(self.0.clone(), self.1.clone())
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.looks();
    }
}

fn nosy(rig: &Rig) -> (impl Fn() -> Nosy + use<>, Arc<AtomicUsize>) {
    let (runner, count) = (rig.runner.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    (move || Nosy(runner.clone(), counted.clone()), count)
}

#[test]
fn results_that_are_taken_late_or_dropped() {
    let rig = Rig::new(3);
    let (nosy, count) = nosy(&rig);
    let make = nosy();
    let taken = rig.runner.submit_with("taken", move |_| {
        let value = make.clone();
        async move { Ok::<_, Failure>(value) }
    });
    let make = nosy();
    let late = rig.runner.submit_with("late", move |task| {
        let value = make.clone();
        async move {
            task.cancelled().await;
            Ok::<_, Failure>(value)
        }
    });
    let make = nosy();
    drop(rig.runner.submit(async move { Ok::<_, Failure>(make) }).unwrap());
    let (taken, late) = (taken.unwrap(), late.unwrap());
    rig.time.run();
    late.cancel(None);
    rig.time.run();
    assert!(taken.clone().now_or_never().unwrap().is_ok());
    assert!(late.now_or_never().unwrap().is_err());
    assert_eq!(rig.runner.clear(), 3);
    drop(taken);
    assert!(count.load(Ordering::SeqCst) >= 7, "{count:?}");
    rig.assert_clean();
}

#[test]
fn work_that_is_refused_cancelled_or_given_up() {
    let rig = Rig::with(engine::Options { limit: 1, max_queued: 2, ..Default::default() });
    let (nosy, count) = nosy(&rig);
    let held = nosy();
    let stuck = rig.runner.submit_with("stuck", move |_| {
        let held = held.clone();
        async move {
            let _held = held;
            std::future::pending::<Result<(), Failure>>().await
        }
    });
    let stuck = stuck.unwrap();
    rig.time.run();
    let held = nosy();
    let queued = rig.runner.submit(async move {
        drop(held);
        Ok::<_, Failure>(())
    });
    let held = nosy();
    let keyed = || Submission::from(Spec { idempotency_key: Some("k".into()), ..named("keyed") });
    let first = rig.runner.submit_with(keyed(), |_| async { Ok::<_, Failure>(()) }).unwrap();
    let second = rig.runner.submit_with(keyed(), move |_| {
        let _held = &held;
        async { Ok::<_, Failure>(()) }
    });
    assert_eq!(second.unwrap().id(), first.id());
    let held = nosy();
    let full = rig.runner.submit(async move {
        drop(held);
        Ok::<_, Failure>(())
    });
    assert!(full.unwrap_err().is_queue_full());
    let before = count.load(Ordering::SeqCst);
    queued.unwrap().cancel(None);
    assert!(count.load(Ordering::SeqCst) > before, "what was never started is dropped at once");
    stuck.cancel(None);
    rig.time.advance(secs(5));
    assert_eq!(rig.runner.counts().abandoned, 1);
    rig.assert_clean();
}

/// Wakers, and what this runtime shares, must be what threads can share.
#[cfg(not(target_arch = "wasm32"))]
mod shared {
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::OnceLock;
    use std::task::{Context as Waking, Wake, Waker};
    use std::time::Duration;

    use futures::Stream;
    use offstage_core::runner::{Boxed, Clock, Options, Ports, Spawn, Timer};

    use crate::runner::rig::until_told;

    use super::*;

    impl Wake for Nosy {
        fn wake(self: Arc<Self>) {
            self.looks();
        }
    }

    #[test]
    fn wakers_of_all_kinds() {
        let rig = Rig::new(2);
        let (nosy, count) = nosy(&rig);
        let waker = Waker::from(Arc::new(nosy()));
        let mut waking = Waking::from_waker(&waker);
        let mut task = rig.runner.submit_with("t", until_told).unwrap();
        let other = task.task();
        let mut events = task.events(0);
        let mut all = Box::pin(rig.runner.wait_all());
        let mut stopped = Box::pin(other.stopped());
        rig.time.run();
        while Stream::poll_next(Pin::new(&mut events), &mut waking).is_ready() {}
        assert!(Pin::new(&mut task).poll(&mut waking).is_pending());
        assert!(Pin::new(&mut task).poll(&mut waking).is_pending(), "and again: the waker before is dropped");
        assert!(all.as_mut().poll(&mut waking).is_pending());
        assert!(stopped.as_mut().poll(&mut waking).is_pending());
        task.cancel(None);
        rig.time.run();
        assert!(count.load(Ordering::SeqCst) >= 4, "each waiter was woken: {count:?}");
        let mut idle = Box::pin(rig.runner.stop(Duration::ZERO));
        assert!(idle.as_mut().poll(&mut waking).is_ready());
    }

    #[test]
    fn a_runtime_that_calls_the_runner() {
        let time = Manual::new();
        let calls: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>> = Arc::default();
        let (on_clock, on_spawn) = (time.clone(), time.clone());
        let (in_spawn, in_timer, on_timer) = (calls.clone(), calls.clone(), time.clone());
        let call = |of: &OnceLock<Box<dyn Fn() + Send + Sync>>| of.get().map(|call| call());
        let ports = Ports {
            clock: move || on_clock.now(),
            timer: move |span: Duration| {
                call(&in_timer);
                on_timer.after(span)
            },
            spawn: move |future: Boxed<()>| {
                call(&in_spawn);
                on_spawn.spawn(future);
            },
        };
        let runner = BackgroundRunner::new(ports, Options::limit(1)).unwrap();
        let (inner, count) = (runner.clone(), Arc::new(AtomicUsize::new(0)));
        let counted = count.clone();
        let look = move || {
            let _ = inner.counts();
            counted.fetch_add(1, Ordering::SeqCst);
        };
        assert!(calls.set(Box::new(look)).is_ok());
        let task = runner.submit_with(Spec { delay_ms: Some(10.0), ..named("t") }, |_| async { Ok::<_, Failure>(1) });
        time.advance(secs(1));
        assert_eq!(task.unwrap().now_or_never(), Some(Ok(1)));
        assert!(count.load(Ordering::SeqCst) >= 1);
    }
}
