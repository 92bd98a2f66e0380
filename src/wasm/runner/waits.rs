//! Those who wait: for the runner, and for one task, but not for ever.
//!
//! What is waited for of a runner is looked at once all that could be done is done: what the callback of the last task submits,
//! they wait for as well. That a task has ended JavaScript is told anyway, so here is the time of such a wait alone.

use std::collections::BTreeSet;

use futures::channel::oneshot::{self, Receiver, Sender};

use crate::engine::Engine;

/// What somebody waits for.
pub(super) enum Wanted {
    AllEnded,
    Idle,
    Room(f64),
}

struct Waiting {
    wanted: Wanted,
    /// When the wait is over, in microseconds of the monotonic clock.
    until: i64,
    told: Sender<bool>,
}

#[derive(Default)]
pub(super) struct Waits(Vec<Waiting>);

impl Waits {
    pub(super) fn add(&mut self, wanted: Wanted, until: i64) -> Receiver<bool> {
        let (told, answer) = oneshot::channel();
        self.0.push(Waiting { wanted, until, told });
        answer
    }

    /// When the first of them is over.
    pub(super) fn until(&self) -> Option<i64> {
        self.0.iter().map(|waiting| waiting.until).min().filter(|&until| until != i64::MAX)
    }

    /// Whether one of them has what it waits for.
    pub(super) fn has_some_for(&self, engine: &Engine) -> bool {
        self.0.iter().any(|waiting| waiting.wanted.is_so(engine))
    }

    /// Tells those who have what they wait for, and those whose time is over.
    pub(super) fn serve(&mut self, engine: &Engine, mono: i64) {
        for waiting in self.0.extract_if(.., |waiting| waiting.until <= mono || waiting.wanted.is_so(engine)) {
            let is_so = waiting.wanted.is_so(engine);
            let _ = waiting.told.send(is_so); // who waited may be gone
        }
    }
}

impl Wanted {
    fn is_so(&self, engine: &Engine) -> bool {
        match self {
            Self::AllEnded => engine.counts().live() == 0,
            Self::Idle => engine.is_idle(),
            Self::Room(below) => (engine.counts().pending as f64) < *below,
        }
    }
}

/// The times of waits for single tasks, each by its number: `(microseconds of the monotonic clock, number)`.
#[derive(Default)]
pub(super) struct Times(BTreeSet<(i64, u32)>);

impl Times {
    pub(super) fn add(&mut self, id: u32, until: i64) {
        self.0.insert((until, id));
    }

    pub(super) fn remove(&mut self, id: u32, until: i64) {
        self.0.remove(&(until, id));
    }

    /// When the first of them is over.
    pub(super) fn until(&self) -> Option<i64> {
        self.0.first().map(|&(until, _)| until)
    }

    /// Takes out one that is over.
    pub(super) fn take_over(&mut self, mono: i64) -> Option<u32> {
        let &first = self.0.first().filter(|(until, _)| *until <= mono)?;
        self.0.remove(&first); // taken out as all sets of pairs do it: no code of its own
        Some(first.1)
    }
}
