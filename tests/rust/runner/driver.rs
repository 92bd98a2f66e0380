//! The driver alone: when it looks, what it waits for, and that it is the same on every executor.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{FutureExt, ready};
use offstage_core::runner::driver::{Deadline, Driven, Look, Next, drive};
use offstage_core::runner::{Boxed, Manual, Pace, Spawn, Timer};

use super::rig::secs;

/// What a script is driven by, and what came of it.
#[derive(Default)]
struct Seen {
    /// What each look answers with.
    next: VecDeque<Next>,
    looks: Vec<Look>,
    /// How long each alarm was set for.
    alarms: Vec<Duration>,
    told: Option<oneshot::Sender<()>>,
}

/// Answers what it was told to answer; then it is over.
#[derive(Clone)]
struct Script<R> {
    runtime: R,
    seen: Arc<Mutex<Seen>>,
}

impl<R: Timer + Clone> Driven for Script<R> {
    type Told = Boxed<()>;
    type Pause = Boxed<()>;

    fn look(&mut self, why: Look) -> Next {
        let mut seen = self.seen.lock().unwrap();
        seen.looks.push(why);
        seen.next.pop_front().unwrap_or(Next::Over)
    }

    fn told(&mut self) -> Boxed<()> {
        let (sender, told) = oneshot::channel();
        self.seen.lock().unwrap().told = Some(sender);
        Box::pin(told.map(drop))
    }

    fn after(&mut self, span: Duration) -> Boxed<()> {
        self.seen.lock().unwrap().alarms.push(span);
        self.runtime.after(span)
    }

    fn defer(&mut self) -> Boxed<()> {
        Box::pin(ready(()))
    }
}

impl<R: Timer + Clone> Script<R> {
    fn new(runtime: R, next: impl Into<VecDeque<Next>>) -> Self {
        let seen = Seen { next: next.into(), ..Seen::default() };
        Self { runtime, seen: Arc::new(Mutex::new(seen)) }
    }

    fn tell(&self) {
        let told = self.seen.lock().unwrap().told.take();
        told.expect("the driver waits").send(()).expect("it listens");
    }

    fn looks(&self) -> Vec<Look> {
        self.seen.lock().unwrap().looks.clone()
    }

    fn alarms(&self) -> Vec<Duration> {
        self.seen.lock().unwrap().alarms.clone()
    }
}

fn until(at: u64, now: u64) -> Next {
    let micros = |seconds: u64| (seconds * 1_000_000) as i64;
    Next::Wait(Some(Deadline { at: micros(at), now: micros(now) }))
}

fn driven(next: impl Into<VecDeque<Next>>) -> (Manual, Script<Manual>) {
    let time = Manual::new();
    let script = Script::new(time.clone(), next);
    time.spawn(Box::pin(drive(script.clone())));
    time.run();
    (time, script)
}

#[test]
fn what_is_told_comes_before_the_alarm_and_leaves_it_where_it_was() {
    let (time, script) = driven([until(10, 0), until(30, 0), until(30, 10)]);
    script.tell();
    time.run();
    assert_eq!(script.alarms(), [secs(10)], "something later sets no alarm");
    time.advance(secs(10));
    assert_eq!(script.looks(), [Look::Told, Look::Told, Look::Rung]);
    assert_eq!(script.alarms(), [secs(10), secs(20)], "what rang too early is set again");
    time.advance(secs(20));
    assert_eq!(script.looks().last(), Some(&Look::Rung));
    assert_eq!((time.timers(), time.futures()), (0, 0));
}

#[test]
fn something_earlier_moves_the_alarm() {
    let (time, script) = driven([until(10, 0), until(5, 0)]);
    script.tell();
    time.run();
    assert_eq!((script.alarms(), time.timers()), (vec![secs(10), secs(5)], 1));
    time.advance(secs(5));
    assert_eq!(script.looks(), [Look::Told, Look::Told, Look::Rung]);
}

#[test]
fn without_a_deadline_it_waits_to_be_told() {
    let (time, script) = driven([Next::Wait(None)]);
    time.advance(secs(1_000_000));
    assert_eq!((script.looks().len(), time.timers()), (1, 0));
    script.tell();
    time.run();
    assert_eq!(script.looks(), [Look::Told, Look::Told]);
    assert_eq!(time.futures(), 0);
}

#[test]
fn an_alarm_that_is_no_longer_needed_rings_once() {
    let (time, script) = driven([until(10, 0), Next::Wait(None), Next::Wait(None)]);
    script.tell();
    time.advance(secs(100));
    assert_eq!(script.looks(), [Look::Told, Look::Told, Look::Rung]);
    assert_eq!((script.alarms().len(), time.timers()), (1, 0));
}

#[test]
fn others_have_their_turn_before_the_next_look() {
    let (_, script) = driven([Next::Defer, Next::Defer]);
    assert_eq!(script.looks(), [Look::Told, Look::Turned, Look::Turned]);
}

#[test]
fn nobody_sleeps_for_more_than_a_day_or_less_than_nothing() {
    let long = Next::Wait(Some(Deadline { at: i64::MAX, now: 0 }));
    let past = Next::Wait(Some(Deadline { at: i64::MIN, now: i64::MAX }));
    let (time, script) = driven([long]);
    assert_eq!(script.alarms(), [secs(86_400)]);
    time.advance(secs(86_400));
    assert_eq!(script.looks(), [Look::Told, Look::Rung]);
    let (_, script) = driven([past]);
    assert_eq!(script.alarms(), [Duration::ZERO]);
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn it_is_the_same_on_tokio_and_on_futures() {
    use futures::executor::block_on;
    use offstage_core::runner::native::Native;

    let steps = || [Next::Defer, until(0, 0), Next::Wait(None)];
    let expected = [Look::Told, Look::Turned, Look::Rung, Look::Told];
    let run = |script: Script<Native>, drive: &mut dyn FnMut(Script<Native>)| {
        drive(script.clone());
        assert_eq!(script.looks(), expected);
    };
    let native = Native::with_threads(1).unwrap();
    let both = |script: Script<Native>| async move {
        let teller = async {
            while script.looks().len() < 3 || script.seen.lock().unwrap().told.is_none() {
                futures_yield().await;
            }
            script.tell();
        };
        futures::future::join(drive(script.clone()), teller).await;
    };
    run(Script::new(native.clone(), steps()), &mut |script| block_on(both(script)));
    let mut tokio = tokio::runtime::Builder::new_current_thread();
    run(Script::new(native, steps()), &mut |script| tokio.build().unwrap().block_on(both(script)));
}

/// Lets the other one have its turn.
#[cfg(not(target_arch = "wasm32"))]
async fn futures_yield() {
    let mut again = true;
    std::future::poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::take(&mut again) { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
}

#[test]
fn after_ten_milliseconds_others_have_their_turn() {
    let mut pace = Pace::default();
    pace.begin(0);
    let within = (0..63).all(|_| pace.may_start(1_000_000));
    assert!(within, "the time that has gone is looked at with every 64th start");
    assert!(!pace.may_start(10_000) && pace.is_over(), "the 64th");
    assert!(!pace.may_start(10_001));
    pace.begin(10_002);
    let again = (0..128).all(|_| pace.may_start(20_001));
    assert!(again && !pace.is_over(), "not yet 10 ms");
}

#[test]
fn a_turn_that_nobody_began_is_over_at_the_first_glance() {
    let mut pace = Pace::default();
    assert!((0..63).all(|_| pace.may_start(0)));
    assert!(!pace.may_start(0));
}
