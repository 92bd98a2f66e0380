//! Records of ended tasks: kept for a while, and so many at most.

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
        self.slots.get_mut(slot).at = now.mono.saturating_add(micros(self.options.cleanup_delay_ms));
        self.retained.push(&mut self.slots, slot);
        self.retained_count += 1;
        while self.options.auto_cleanup && self.retained_count > self.options.max_retained {
            self.discard(self.retained.head);
        }
    }

    pub(super) fn drop_outdated(&mut self, now: Now) {
        while self.outdated_in(now).is_some_and(|micros| micros <= 0) {
            self.discard(self.retained.head);
        }
    }

    /// Microseconds until the next one goes.
    pub(super) fn outdated_in(&self, now: Now) -> Option<i64> {
        let head = self.retained.head;
        (self.options.auto_cleanup && head != NONE).then(|| self.slots.get(head).at.saturating_sub(now.mono))
    }

    fn discard(&mut self, slot: u32) {
        self.free_idempotency_key(slot);
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
