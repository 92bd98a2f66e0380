//! A task that awaits a child of its own lends its slot, so that the child can run in it.

use super::full::Lent;
use super::{Effect, Engine, Key};
use crate::error::Error;
use crate::task::Status;

impl Engine {
    /// Lends the slot of a task that begins to await a child; answers whether it had one to lend.
    ///
    /// # Errors
    /// None for a driver that checks names.
    pub fn lend(&mut self, key: Key) -> Result<bool, Error> {
        let Some(slot) = self.slots.find(key).filter(|&slot| self.slots.get(slot).has_slot) else { return Ok(false) };
        let full = self.lower(slot)?;
        if full.record.status != Status::Running {
            return Ok(false);
        }
        full.lent = Lent::Out;
        self.free_slot(slot);
        Ok(true)
    }

    /// Asks for the slot back: [`Restored`](Effect::Restored) says when the task has it again, before any other task starts.
    /// At once when the task has no use for it any more.
    pub fn reclaim(&mut self, key: Key) {
        let Some(slot) = self.slots.find(key) else { return self.restored(key) };
        let has_slot = self.slots.get(slot).has_slot;
        match self.slots.full_mut(slot) {
            Some(full) if full.lent == Lent::Out && full.record.status == Status::Running && !has_slot => {
                full.lent = Lent::Wanted;
                self.wanted.push_back(key);
            }
            // Asked for twice: one answer.
            Some(full) if full.lent == Lent::Wanted => {}
            Some(full) => {
                full.lent = Lent::No;
                self.restored(key);
            }
            None => self.restored(key),
        }
    }

    /// Gives lent slots back while there are free ones.
    pub(super) fn give_back(&mut self) {
        while self.counts.slots < self.options.limit
            && let Some(key) = self.wanted.pop_front()
        {
            let Some(slot) = self.slots.find(key) else { continue };
            let Some(full) = self.slots.full_mut(slot).filter(|full| full.lent == Lent::Wanted) else { continue };
            full.lent = Lent::No;
            self.take_slot(slot);
            self.restored(key);
        }
    }

    /// Code that is told to end, has ended or asks a person does not wait for a slot.
    pub(super) fn give_back_at_once(&mut self, slot: u32) {
        let key = self.slots.key(slot);
        if let Some(full) = self.slots.full_mut(slot).filter(|full| full.lent == Lent::Wanted) {
            full.lent = Lent::No;
            self.wanted.retain(|&wanted| wanted != key);
            self.restored(key);
        }
    }

    fn restored(&mut self, key: Key) {
        self.effects.push_back(Effect::Restored { key });
    }
}
