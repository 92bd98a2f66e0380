//! Which tasks are to be looked at when.

use std::collections::BTreeSet;

use super::slots::{NEVER, Slots};
use crate::time::Ms;

/// Wall time may be set: what waits for it is looked at this often, in microseconds.
const WALL_LOOK: i64 = 60_000_000;

/// The moments of all tasks, each task at most once a clock.
#[derive(Default)]
pub(super) struct Timers {
    /// The end of an attempt's time or of the grace it got: `(monotonic microseconds, slot)`.
    mono: BTreeSet<(i64, u32)>,
    /// A start that is due or too late, a request that expires: `(wall milliseconds, slot)`.
    wall: BTreeSet<(Ms, u32)>,
}

impl Timers {
    /// Sets when the task is due by the monotonic clock, or `NEVER`.
    pub(super) fn set_mono(&mut self, slots: &mut Slots, slot: u32, at: i64) {
        let before = std::mem::replace(&mut slots.get_mut(slot).at, at);
        if before != NEVER {
            self.mono.remove(&(before, slot));
        }
        if at != NEVER {
            self.mono.insert((at, slot));
        }
    }

    /// Sets when the task is due by the wall clock, if ever.
    pub(super) fn set_wall(&mut self, slots: &mut Slots, slot: u32, at: Option<Ms>) {
        let Some(full) = slots.full_mut(slot) else { return };
        if let Some(before) = std::mem::replace(&mut full.wall_at, at) {
            self.wall.remove(&(before, slot));
        }
        if let Some(at) = at {
            self.wall.insert((at, slot));
        }
    }

    pub(super) fn mono_due(&self, mono: i64) -> Option<u32> {
        self.mono.first().filter(|(at, _)| *at <= mono).map(|(_, slot)| *slot)
    }

    pub(super) fn wall_due(&self, wall: Ms) -> Option<u32> {
        self.wall.first().filter(|(at, _)| *at <= wall).map(|(_, slot)| *slot)
    }

    /// How many moments there are.
    pub(super) fn len(&self) -> usize {
        self.mono.len() + self.wall.len()
    }

    /// Microseconds from now until the first of them.
    pub(super) fn sleep(&self, now: super::Now) -> Option<i64> {
        let mono = self.mono.first().map(|(at, _)| at.saturating_sub(now.mono));
        let wall = self.wall.first().map(|(at, _)| at.saturating_sub(now.wall).saturating_mul(1_000).min(WALL_LOOK));
        mono.into_iter().chain(wall).min()
    }
}
