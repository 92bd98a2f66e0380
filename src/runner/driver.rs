//! The future that drives a runner: it waits until it is told something or a deadline has come, and then looks what there is
//! to do.
//!
//! It is the same one on every executor and in JavaScript, and knows no task: what there is to do is the affair of the
//! [`Driven`].
//!
//! 1. There is one alarm, for the earliest deadline. It is moved only when something earlier comes up; what rings too early
//!    is set again. So a task that starts and ends in time costs no timer.
//! 2. What is told several times between two looks counts once; what is told during a look leads to another one.
//! 3. When others are to have their turn, nothing is looked at before they had it.

use std::future::Future;
use std::time::Duration;

use futures::future::{Either, select};

use super::platform::Move;

/// What a driver drives.
pub trait Driven: Move {
    /// Waits until something is told.
    type Told: Future<Output = ()> + Unpin + Move;
    /// Waits for a time, or for others.
    type Pause: Future<Output = ()> + Unpin + Move;

    /// Does what there is to do now.
    fn look(&mut self, why: Look) -> Next;

    /// Ready once something was told since the last look began; at once when that was before.
    fn told(&mut self) -> Self::Told;

    /// Ready after that time. Too early is allowed. Dropped, it waits no more.
    fn after(&mut self, span: Duration) -> Self::Pause;

    /// Ready when whatever else there is to do had its turn.
    fn defer(&mut self) -> Self::Pause;
}

/// Why a driver looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It was told something, or this is its first look.
    Told,
    /// The alarm rang.
    Rung,
    /// Others had their turn.
    Turned,
}

/// What comes after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next look, once something is told or the deadline has come.
    Wait(Option<Deadline>),
    /// The next look, once others had their turn.
    Defer,
    /// Nothing: the driver ends.
    Over,
}

/// A moment to come, in microseconds of a monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When it is.
    pub at: i64,
    /// What time it is.
    pub now: i64,
}

/// Longer than this nobody sleeps: timers refuse what their clock cannot name.
const LONGEST: i64 = 24 * 3_600 * 1_000_000;

impl Deadline {
    /// How long an alarm is set that cannot be set for longer than a day.
    fn span(self) -> i64 {
        self.at.saturating_sub(self.now).clamp(0, LONGEST)
    }
}

/// An alarm that is set.
struct Alarm<P> {
    /// The moment it stands for. It may ring a little later: the same deadline must not set it again.
    at: i64,
    pause: P,
}

/// Drives until the driven one says that it is over.
pub async fn drive<D: Driven>(mut driven: D) {
    let mut alarm: Option<Alarm<D::Pause>> = None;
    let mut why = Look::Told;
    loop {
        match driven.look(why) {
            Next::Over => return,
            Next::Defer => {
                driven.defer().await;
                why = Look::Turned;
                continue;
            }
            Next::Wait(Some(deadline)) if alarm.as_ref().is_none_or(|set| deadline.at < set.at) => {
                drop(alarm.take()); // at no time are there two
                let span = deadline.span();
                let pause = driven.after(Duration::from_micros(span as u64));
                alarm = Some(Alarm { at: deadline.now.saturating_add(span), pause });
            }
            Next::Wait(_) => {}
        }
        why = wait(&mut driven, &mut alarm).await;
    }
}

/// Waits for whatever comes first.
async fn wait<D: Driven>(driven: &mut D, alarm: &mut Option<Alarm<D::Pause>>) -> Look {
    let told = driven.told();
    let Some(set) = alarm else {
        told.await;
        return Look::Told;
    };
    match select(&mut set.pause, told).await {
        Either::Left(_) => {
            *alarm = None;
            Look::Rung
        }
        Either::Right(_) => Look::Told,
    }
}
