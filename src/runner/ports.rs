//! What a runner needs from where it runs: a clock, a timer, a place for futures. Closures do.

use std::future::Future;
use std::time::Duration;

use super::platform::{Boxed, Move, Share};
use crate::engine::Now;

/// Says what time it is. `Fn() -> Now` is one.
pub trait Clock: Share {
    /// The time by both clocks. The monotonic one must not go back.
    fn now(&self) -> Now;
}

/// Waits. `Fn(Duration) -> impl Future<Output = ()>` is one.
pub trait Timer: Share {
    /// A future that is ready after that time. Too early is allowed: the runner looks at the clock. Dropped, it waits no more.
    fn after(&self, span: Duration) -> Boxed<()>;
}

/// Runs futures. `Fn(Boxed<()>)` is one.
pub trait Spawn: Share {
    /// Has a future polled until it is ready, not within this call if that can be helped.
    ///
    /// The futures that a runner gives do not panic. One that is dropped before it is ready costs its task the attempt:
    /// the task is `lost`.
    fn spawn(&self, future: Boxed<()>);
}

/// All three. Whatever implements them is one; of closures [`Ports`] makes one.
pub trait Runtime: Clock + Timer + Spawn {}

impl<R: Clock + Timer + Spawn> Runtime for R {}

impl<F: Fn() -> Now + Share> Clock for F {
    fn now(&self) -> Now {
        self()
    }
}

impl<F: Fn(Duration) -> W + Share, W: Future<Output = ()> + Move> Timer for F {
    fn after(&self, span: Duration) -> Boxed<()> {
        Box::pin(self(span))
    }
}

impl<F: Fn(Boxed<()>) + Share> Spawn for F {
    fn spawn(&self, future: Boxed<()>) {
        self(future);
    }
}

/// A runtime of three parts.
///
/// ```
/// # #[cfg(not(target_arch = "wasm32"))]
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use offstage_core::runner::{BackgroundRunner, Boxed, Failure, Options, Ports, native};
///
/// let tokio = Ports {
///     clock: native::now,
///     timer: tokio::time::sleep,
///     spawn: |future: Boxed<()>| drop(tokio::spawn(future)),
/// };
/// let runner = BackgroundRunner::new(tokio, Options::default()).unwrap();
/// let task = runner.submit(async { Ok::<_, Failure>("done") }).unwrap();
/// assert_eq!(task.await.unwrap(), "done");
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ports<C, T, S> {
    /// Says what time it is.
    pub clock: C,
    /// Waits.
    pub timer: T,
    /// Runs futures.
    pub spawn: S,
}

impl<C: Clock, T: Timer, S: Spawn> Clock for Ports<C, T, S> {
    fn now(&self) -> Now {
        self.clock.now()
    }
}

impl<C: Clock, T: Timer, S: Spawn> Timer for Ports<C, T, S> {
    fn after(&self, span: Duration) -> Boxed<()> {
        self.timer.after(span)
    }
}

impl<C: Clock, T: Timer, S: Spawn> Spawn for Ports<C, T, S> {
    fn spawn(&self, future: Boxed<()>) {
        self.spawn.spawn(future);
    }
}
