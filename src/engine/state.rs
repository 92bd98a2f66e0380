use std::collections::{BTreeSet, VecDeque};

use super::groups::Groups;
use super::ids::Ids;
use super::order::List;
use super::ready::Ready;
use super::slots::{Place, Slots};
use super::timers::Timers;
use super::{Counts, Effect, Key, Options};
use crate::error::Error;

/// The tasks of one runner, and what is to be done about them. See [the module](super).
pub struct Engine {
    pub(super) options: Options,
    pub(super) ids: Ids,
    /// How many tasks there ever were.
    pub(super) order: u64,
    pub(super) slots: Slots,
    pub(super) ready: Ready,
    pub(super) timers: Timers,
    pub(super) sessions: Groups,
    pub(super) idempotency: Groups,
    /// Tasks that want their lent slot back.
    pub(super) wanted: VecDeque<Key>,
    /// Ended tasks, in the order in which their work ended.
    pub(super) retained: List,
    pub(super) retained_count: usize,
    /// When each of them goes, as `(monotonic microseconds, slot)`; none while all are kept equally long, for then their
    /// order says it.
    pub(super) outdated: Option<BTreeSet<(i64, u32)>>,
    pub(super) counts: Counts,
    pub(super) effects: VecDeque<Effect>,
    pub(super) paused: bool,
    pub(super) closed: bool,
    /// When a stop cancels what runs.
    pub(super) drain_until: Option<i64>,
    /// Somebody asks for events.
    pub(super) observed: bool,
}

impl Engine {
    /// An engine without tasks. Ids and the random share of backoff come from `seed`: 16 bytes that nobody can guess.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option, for a span that is negative or over 100 years.
    pub fn new(options: Options, seed: [u8; 16]) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            options,
            ids: Ids::new(seed),
            order: 0,
            slots: Slots::new(),
            ready: Ready::new(),
            timers: Timers::default(),
            sessions: Groups::default(),
            idempotency: Groups::default(),
            wanted: VecDeque::new(),
            retained: List::new(Place::Retained),
            retained_count: 0,
            outdated: None,
            counts: Counts::default(),
            effects: VecDeque::new(),
            paused: false,
            closed: false,
            drain_until: None,
            observed: false,
        })
    }

    /// What its ids are made of: a function of the seed alone.
    pub fn ids(&self) -> Ids {
        self.ids.clone()
    }

    /// The next thing to do, if there is one. The entry of a dropped task is used again from here on, not before: a driver
    /// that keeps something of its own for each entry can clear it in time.
    pub fn take_effect(&mut self) -> Option<Effect> {
        let effect = self.effects.pop_front();
        if let Some(Effect::Dropped { key, .. }) = &effect {
            self.slots.release(key.slot);
        }
        effect
    }

    /// How many things are to be done.
    pub fn effects(&self) -> usize {
        self.effects.len()
    }

    /// From now on at most so many executions hold a slot. Those that hold one keep it.
    pub fn set_limit(&mut self, limit: usize) {
        self.options.limit = limit;
    }

    /// Starts nothing until [`resume`](Self::resume). What runs goes on.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// Starts tasks again.
    pub fn resume(&mut self) {
        self.paused = false;
    }

    /// Whether every event is to become an [`Effect::Event`]. What happened before is in [`events`](Self::events).
    pub fn observe(&mut self, observed: bool) {
        self.observed = observed;
    }
}
