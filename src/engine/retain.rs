//! Records of ended tasks: kept for a while, and so many at most.

use std::collections::BTreeSet;

use super::effect::Dropped;
use super::now::micros;
use super::slots::{Life, NONE, Place};
use super::{Effect, Engine, Key, Now};
use crate::task::Record;
use crate::time::{MAX_SPAN, Ms};

impl Engine {
    /// Drops an ended task; answers false when it has not ended, is still stopping, or is not there.
    pub fn drop(&mut self, key: Key) -> bool {
        match self.slots.find(key).filter(|&slot| self.slots.get(slot).place == Place::Retained) {
            Some(slot) => {
                self.discard(slot);
                true
            }
            None => false,
        }
    }

    /// When the record of a task is dropped at the latest, in wall time as it is now: it is measured by the monotonic clock.
    /// None while the task lives or its execution stops, and where records are kept for ever.
    pub fn drop_at(&self, record: &Record) -> Option<Ms> {
        let gone = record.stopped_at.or_else(|| record.completed_at.map(|_| record.updated_at));
        let gone = gone.filter(|_| self.options.auto_cleanup && record.hold.is_none())?;
        let delay = Some(self.options.cleanup_delay_ms).filter(|&delay| delay < MAX_SPAN)?;
        Some(gone.saturating_add(delay))
    }

    /// Keeps an ended task.
    pub(super) fn retain(&mut self, slot: u32, now: Now) {
        let usual = self.options.cleanup_delay_ms;
        let delay = self.slots.full(slot).map_or(usual, |full| full.record.cleanup_delay_ms);
        let at = now.mono.saturating_add(micros(delay));
        self.slots.get_mut(slot).at = at;
        self.retained.push(&mut self.slots, slot);
        self.retained_count += 1;
        if let Some(outdated) = &mut self.outdated {
            outdated.insert((at, slot));
        } else if delay != usual {
            // One by one: a whole set made at once brings a sort along, 5 KB of wasm for what hardly ever happens.
            let mut outdated = BTreeSet::new();
            for slot in self.retained.iter(&self.slots) {
                outdated.insert((self.slots.get(slot).at, slot));
            }
            self.outdated = Some(outdated);
        }
        while self.options.auto_cleanup && self.retained_count > self.options.max_retained {
            self.discard(self.retained.head);
        }
    }

    pub(super) fn drop_outdated(&mut self, now: Now) {
        while let Some(slot) = self.first_outdated().filter(|&slot| self.slots.get(slot).at <= now.mono) {
            self.discard(slot);
        }
    }

    /// The kept task that goes first.
    fn first_outdated(&self) -> Option<u32> {
        let first = match &self.outdated {
            Some(outdated) => outdated.first().map(|&(_, slot)| slot),
            None => Some(self.retained.head).filter(|&head| head != NONE),
        };
        first.filter(|_| self.options.auto_cleanup)
    }

    /// Microseconds until the next one goes.
    pub(super) fn outdated_in(&self, now: Now) -> Option<i64> {
        self.first_outdated().map(|slot| self.slots.get(slot).at.saturating_sub(now.mono))
    }

    fn forget_outdated(&mut self, slot: u32) {
        let Some(outdated) = &mut self.outdated else { return };
        outdated.remove(&(self.slots.get(slot).at, slot));
        if outdated.is_empty() {
            self.outdated = None;
        }
    }

    fn discard(&mut self, slot: u32) {
        self.free_idempotency_key(slot);
        self.forget_outdated(slot);
        self.retained.remove(&mut self.slots, slot);
        self.retained_count -= 1;
        let key = self.slots.key(slot);
        let task = match self.slots.remove(slot) {
            Life::Noted(noted) => Dropped::Noted(noted),
            Life::Full(full) => Dropped::Record(Box::new(full.record)),
            Life::Free => return,
        };
        self.effects.push_back(Effect::Dropped { key, task });
    }
}
