use super::plain::Stage;
use super::slots::Life;
use super::{Effect, Engine, Key, Now};
use crate::task::{CancelledBy, Command, Status};

impl Engine {
    /// Cancels a task and its children now; answers false when it had ended already, or was dropped.
    pub fn cancel(&mut self, key: Key, reason: Option<String>, now: Now) -> bool {
        let Some(slot) = self.slots.find(key) else { return false };
        if reason.is_none() && !self.observed && self.cancel_noted(slot, now) {
            return true;
        }
        // A cancel is never refused.
        self.change(slot, Command::Cancel { reason, by: CancelledBy::Caller }, now).unwrap_or(false)
    }

    /// Cancels every live task, in the order of creation; answers how many.
    pub fn cancel_all(&mut self, reason: Option<&str>, now: Now) -> usize {
        let live = self.keys_where(|status| !status.is_terminal());
        live.into_iter().filter(|&key| self.cancel(key, reason.map(str::to_owned), now)).count()
    }

    /// Writes down that a plain task was cancelled before it started.
    fn cancel_noted(&mut self, slot: u32, now: Now) -> bool {
        let entry = self.slots.get_mut(slot);
        let order = entry.order;
        let Life::Noted(noted) = &mut entry.life else { return false };
        if noted.stage != Stage::Queued {
            return false;
        }
        noted.stage = Stage::Cancelled;
        noted.ended_at = now.wall;
        self.unqueue(slot);
        self.counts.moved(Status::Pending, Status::Cancelled);
        self.effects.push_back(Effect::Ended { key: Key { order, slot }, status: Status::Cancelled, stopped: true });
        self.retain(slot, now);
        true
    }
}
