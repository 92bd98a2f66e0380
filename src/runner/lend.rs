//! The slot of a task that awaits a child of its own.

use super::core::State;
use super::live::Live;
use crate::engine::Key;

impl State {
    /// Lends the slot, unless a child that is awaited has ended meanwhile: the code was woken by that and goes on.
    pub(super) fn lend(&mut self, key: Key, live: &Live) -> bool {
        let ended = |child: Key| self.engine.status(child).is_none_or(|status| status.is_terminal());
        if live.awaited().into_iter().any(ended) || !self.engine.lend(key).unwrap_or(false) {
            return false;
        }
        live.lend();
        true
    }

    /// Asks for the slot, if nobody did.
    pub(super) fn reclaim(&mut self, key: Key, live: &Live) {
        if live.reclaim() {
            self.engine.reclaim(key);
        }
    }

    /// Asks for the slot of a task whose child has ended, before anything else starts in it.
    pub(super) fn reclaim_for(&mut self, child: Key) {
        let Some((key, live)) = self.job(child).and_then(|job| job.parent.clone()) else { return };
        if live.awaited().contains(&child) {
            self.reclaim(key, &live);
        }
    }
}
