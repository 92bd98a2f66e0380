use std::sync::Arc;

use super::link::Link;
use super::waits::{Times, Waits};
use super::words::Words;
use crate::engine::{Engine, Key, Now};
use crate::error::Error;
use crate::runner::Pace;

/// What is borrowed while a call of JavaScript changes a runner. Nothing in here calls JavaScript.
pub(super) struct State {
    pub(super) engine: Engine,
    /// Names that JavaScript calls by number.
    pub(super) names: Vec<Arc<str>>,
    pub(super) words: Words,
    /// Why the last plain submit, or the last result, was refused.
    pub(super) refusal: Option<Error>,
    /// Tasks that are to be cancelled, the last one first.
    pub(super) cancelling: Vec<Key>,
    pub(super) pace: Pace,
    pub(super) waits: Waits,
    pub(super) times: Times,
    /// Whether what is to be done keeps the process.
    pub(super) holds: bool,
}

impl State {
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine,
            names: Vec::new(),
            words: Words::default(),
            refusal: None,
            cancelling: Vec::new(),
            pace: Pace::default(),
            waits: Waits::default(),
            times: Times::default(),
            holds: true,
        }
    }

    /// # Errors
    /// `conflict` when the entry is empty.
    pub(super) fn key(&self, slot: u32) -> Result<Key, Error> {
        self.engine.key_in(slot).ok_or_else(|| Error::conflict("the task was dropped", &()))
    }

    /// Starts the next task, if there is one and a slot, unless others are to have their turn first; answers with how many
    /// words say what is to be done.
    pub(super) fn go_on(&mut self, now: Now, link: &Link) -> usize {
        let goes_on = self.engine.has_next() && self.pace.may_start(now.mono);
        let started = if goes_on { self.engine.next(now) } else { None };
        self.report(started, now, link)
    }

    /// Whether another task can start now.
    pub(super) fn has_more(&self) -> bool {
        !self.pace.is_over() && self.engine.has_next()
    }

    /// Has the driver look when it has something to start, when others are to have their turn, when it would come too late,
    /// and when somebody has what he waits for.
    pub(super) fn call_driver(&self, more: bool, now: Now, link: &Link) {
        if more || self.pace.is_over() || (!link.looking.get() && self.has_turned(now, link)) {
            link.tell();
        }
    }

    fn has_turned(&self, now: Now, link: &Link) -> bool {
        let wake = self.engine.sleep(now);
        self.waits.has_some_for(&self.engine)
            || wake.is_some_and(|micros| now.mono.saturating_add(micros) < link.comes_at.get())
    }
}
