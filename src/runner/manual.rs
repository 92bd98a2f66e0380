//! A clock that stands still until it is told otherwise, for tests: no threads, no sleep, the same every time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures::channel::oneshot;

use super::platform::{Boxed, Shared};
use super::ports::{Clock, Spawn, Timer};
use super::sync::Lock;
use crate::engine::Now;

/// A virtual clock and a queue of futures. Clones are the same.
///
/// Futures run within [`run`](Self::run), [`step`](Self::step) and [`advance`](Self::advance) alone, in the order in which
/// they were woken. The wall clock starts at 0 and may be set; the monotonic clock only advances.
///
/// ```
/// use std::time::Duration;
/// use offstage_core::runner::{BackgroundRunner, Failure, Manual, Options, Timer};
/// use offstage_core::task::{Spec, Status};
///
/// let time = Manual::new();
/// let runner = BackgroundRunner::new(time.clone(), Options::default())?;
/// let sleep = time.clone();
/// let task = runner.submit_with("nap", move |_| {
///     let nap = sleep.after(Duration::from_secs(60));
///     async move { Ok::<_, Failure>(nap.await) }
/// })?;
///
/// time.advance(Duration::from_secs(59));
/// assert_eq!(task.status(), Status::Running);
/// time.advance(Duration::from_secs(1));
/// assert_eq!(task.status(), Status::Completed);
/// # Ok::<(), offstage_core::error::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Manual(Shared<Inner>);

#[derive(Default)]
struct Inner {
    state: Lock<State>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct State {
    mono: i64,
    /// What the wall clock shows besides, in milliseconds.
    offset: i64,
    timers: BTreeMap<(i64, u64), oneshot::Sender<()>>,
    futures: BTreeMap<u64, Boxed<()>>,
    /// The number of the next timer or future.
    next: u64,
}

/// Futures that want to be polled.
#[derive(Default)]
struct Woken(Lock<VecDeque<u64>>);

struct Ticket {
    future: u64,
    woken: Arc<Woken>,
}

impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut woken = self.woken.0.lock();
        if !woken.contains(&self.future) {
            woken.push_back(self.future);
        }
    }
}

impl Manual {
    /// Both clocks at 0, nothing to run.
    pub fn new() -> Self {
        Self::default()
    }

    /// Polls the future that was woken first; answers false when there is none.
    pub fn step(&self) -> bool {
        self.step_nth(0)
    }

    /// Polls another one of those that were woken, counted from 0: executors promise no order.
    pub fn step_nth(&self, nth: usize) -> bool {
        let Some(number) = self.0.woken.0.lock().remove(nth) else { return false };
        let future = self.0.state.lock().futures.remove(&number);
        let Some(mut future) = future else { return true };
        let waker = Waker::from(Arc::new(Ticket { future: number, woken: self.0.woken.clone() }));
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.0.state.lock().futures.insert(number, future);
        }
        true
    }

    /// Polls until nothing is left to poll at this time.
    pub fn run(&self) {
        while self.step() {}
    }

    /// Lets time pass by both clocks: stops at each timer on the way and runs what it wakes.
    pub fn advance(&self, span: Duration) {
        self.run();
        let until = self.0.until(span);
        while let Some(timer) = self.0.fire(until) {
            let _ = timer.send(());
            self.run();
        }
        self.run();
    }

    /// Lets time pass by both clocks and wakes what waits for it, but runs nothing.
    pub fn elapse(&self, span: Duration) {
        let until = self.0.until(span);
        while let Some(timer) = self.0.fire(until) {
            let _ = timer.send(());
        }
    }

    /// Sets the wall clock forward or, with a negative number, back. Nothing is woken by that.
    pub fn step_wall(&self, ms: i64) {
        self.0.state.lock().offset += ms;
    }

    /// How long it takes until the next timer rings; none: nobody waits for one.
    pub fn next_timer(&self) -> Option<Duration> {
        let mut state = self.0.state.lock();
        state.timers.retain(|_, timer| !timer.is_canceled());
        let (at, _) = *state.timers.first_key_value()?.0;
        Some(Duration::from_micros(at.saturating_sub(state.mono).max(0).unsigned_abs()))
    }

    /// How many futures were woken and not polled since.
    pub fn woken(&self) -> usize {
        self.0.woken.0.lock().len()
    }

    /// How many timers somebody waits for.
    pub fn timers(&self) -> usize {
        self.0.state.lock().timers.values().filter(|timer| !timer.is_canceled()).count()
    }

    /// How many futures are not ready.
    pub fn futures(&self) -> usize {
        self.0.state.lock().futures.len()
    }
}

impl Inner {
    fn until(&self, span: Duration) -> i64 {
        self.state.lock().after(span)
    }

    /// Goes on to the next timer until that time, or to that time.
    fn fire(&self, until: i64) -> Option<oneshot::Sender<()>> {
        let mut state = self.state.lock();
        state.timers.retain(|_, timer| !timer.is_canceled());
        match state.timers.first_key_value().map(|(&key, _)| key) {
            Some(key) if key.0 <= until => {
                state.mono = state.mono.max(key.0);
                state.timers.remove(&key)
            }
            _ => {
                state.mono = until;
                None
            }
        }
    }
}

impl State {
    fn after(&self, span: Duration) -> i64 {
        self.mono.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl Clock for Manual {
    fn now(&self) -> Now {
        let state = self.0.state.lock();
        Now { wall: state.mono / 1_000 + state.offset, mono: state.mono }
    }
}

impl Timer for Manual {
    fn after(&self, span: Duration) -> Boxed<()> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.0.state.lock();
        let at = state.after(span);
        let number = state.number();
        state.timers.insert((at, number), sender);
        drop(state);
        Box::pin(async move {
            let _ = receiver.await;
        })
    }
}

impl Spawn for Manual {
    fn spawn(&self, future: Boxed<()>) {
        let mut state = self.0.state.lock();
        let number = state.number();
        state.futures.insert(number, future);
        drop(state);
        self.0.woken.0.lock().push_back(number);
    }
}
