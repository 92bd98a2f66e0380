//! Where the runner of a scenario lives: an executor whose time is virtual.

use std::time::Duration;

use offstage_core::runner::{Manual, Runtime};

/// Clones are the same.
pub trait Executor: Runtime + Clone + 'static {
    fn new() -> Self;
    /// Polls until nothing is left to poll at this moment.
    fn run(&self);
    /// Lets time pass, from one moment at which something is due to the next.
    fn advance(&self, span: Duration);
    /// Sets the wall clock; nothing is told.
    fn step_wall(&self, ms: i64);
}

impl Executor for Manual {
    fn new() -> Self {
        Self::new()
    }

    fn run(&self) {
        self.run();
    }

    fn advance(&self, span: Duration) {
        self.advance(span);
    }

    fn step_wall(&self, ms: i64) {
        self.step_wall(ms);
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub use native::{OnFutures, OnTokio};

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::cell::RefCell;
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll};
    use std::time::Duration;

    use futures::executor::LocalPool;
    use futures::task::LocalSpawnExt;
    use offstage_core::engine::Now;
    use offstage_core::runner::{Boxed, Clock, Manual, Spawn, Timer};
    use tokio::runtime::{Builder, Runtime};
    use tokio::task::yield_now;
    use tokio::time::{Instant, sleep};

    use super::Executor;

    thread_local! {
        /// The pool of this thread's scenario. It cannot be shared between threads, as what a runner is given must be.
        static POOL: RefCell<LocalPool> = RefCell::new(LocalPool::new());
    }

    /// The executor of `futures`, with the clock and the timers of [`Manual`]: it has none of its own.
    #[derive(Clone)]
    pub struct OnFutures {
        time: Manual,
        spawned: Arc<Mutex<Vec<Boxed<()>>>>,
    }

    impl Executor for OnFutures {
        fn new() -> Self {
            POOL.set(LocalPool::new());
            Self { time: Manual::new(), spawned: Arc::default() }
        }

        fn run(&self) {
            POOL.with_borrow_mut(|pool| {
                let mut spawned = std::mem::take(&mut *self.spawned.lock().unwrap());
                loop {
                    for future in spawned {
                        pool.spawner().spawn_local(future).unwrap();
                    }
                    pool.run_until_stalled();
                    spawned = std::mem::take(&mut *self.spawned.lock().unwrap());
                    if spawned.is_empty() {
                        break;
                    }
                }
            });
        }

        fn advance(&self, span: Duration) {
            self.run();
            let until = self.now().mono + i64::try_from(span.as_micros()).unwrap();
            while let Some(next) = self.time.next_timer() {
                if self.now().mono + i64::try_from(next.as_micros()).unwrap() > until {
                    break;
                }
                self.time.elapse(next);
                self.run();
            }
            self.time.elapse(Duration::from_micros((until - self.now().mono).unsigned_abs()));
            self.run();
        }

        fn step_wall(&self, ms: i64) {
            self.time.step_wall(ms);
        }
    }

    impl Clock for OnFutures {
        fn now(&self) -> Now {
            self.time.now()
        }
    }

    impl Timer for OnFutures {
        fn after(&self, span: Duration) -> Boxed<()> {
            self.time.after(span)
        }
    }

    impl Spawn for OnFutures {
        fn spawn(&self, future: Boxed<()>) {
            self.spawned.lock().unwrap().push(future);
        }
    }

    /// Tokio, its own timers included; its clock stands still and goes on to the next timer when there is nothing else to do.
    #[derive(Clone)]
    pub struct OnTokio(Arc<House>);

    struct House {
        tokio: Runtime,
        start: Instant,
        wall: AtomicI64,
        polls: Arc<AtomicUsize>,
    }

    /// How often it lets all others have their turn, to know that none of them has anything to do.
    const TURNS: usize = 4;

    impl Executor for OnTokio {
        fn new() -> Self {
            let tokio = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let start = tokio.block_on(async { Instant::now() });
            Self(Arc::new(House { tokio, start, wall: AtomicI64::new(0), polls: Arc::default() }))
        }

        fn run(&self) {
            self.0.tokio.block_on(async {
                loop {
                    let before = self.0.polls.load(Relaxed);
                    for _ in 0..TURNS {
                        yield_now().await;
                    }
                    if self.0.polls.load(Relaxed) == before {
                        break;
                    }
                }
            });
        }

        fn advance(&self, span: Duration) {
            self.run();
            self.0.tokio.block_on(async { sleep(span).await });
            self.run();
        }

        fn step_wall(&self, ms: i64) {
            self.0.wall.fetch_add(ms, Relaxed);
        }
    }

    impl Clock for OnTokio {
        fn now(&self) -> Now {
            let _entered = self.0.tokio.enter();
            let mono = i64::try_from((Instant::now() - self.0.start).as_micros()).unwrap();
            Now { wall: mono / 1_000 + self.0.wall.load(Relaxed), mono }
        }
    }

    impl Timer for OnTokio {
        fn after(&self, span: Duration) -> Boxed<()> {
            let _entered = self.0.tokio.enter();
            Box::pin(sleep(span))
        }
    }

    impl Spawn for OnTokio {
        fn spawn(&self, future: Boxed<()>) {
            self.0.tokio.spawn(Counted { future, polls: self.0.polls.clone() });
        }
    }

    /// Counts when it is polled: where nothing was polled, there was nothing to do.
    struct Counted {
        future: Boxed<()>,
        polls: Arc<AtomicUsize>,
    }

    impl Future for Counted {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            self.polls.fetch_add(1, Relaxed);
            self.future.as_mut().poll(context)
        }
    }
}
