use super::now::micros;
use super::{Engine, Now};
use crate::task::Status;
use crate::time::Ms;

/// What tasks are told that a stop cancels.
const STOPPED: &str = "the runner was stopped";

impl Engine {
    /// Takes no more tasks, cancels those that do not run now, and the others after `drain_ms`.
    pub fn stop(&mut self, drain_ms: Ms, now: Now) {
        self.close(STOPPED, now);
        let until = now.mono.saturating_add(micros(drain_ms));
        self.drain_until = Some(self.drain_until.map_or(until, |before| before.min(until)));
        self.end_drain(now);
    }

    /// Takes no more tasks and cancels those that do not run now, for that reason. What
    /// runs goes on. Again, it cancels what came to wait since.
    pub fn close(&mut self, reason: &str, now: Now) {
        self.closed = true;
        for key in self.keys_where(|status| matches!(status, Status::Pending | Status::InputRequired)) {
            self.cancel(key, Some(reason.into()), now);
        }
    }

    /// Whether no task lives and no execution is stopping.
    pub fn is_idle(&self) -> bool {
        self.counts.live() == 0 && self.counts.stopping == 0
    }

    pub(super) fn end_drain(&mut self, now: Now) {
        if self.drain_until.is_some_and(|until| until <= now.mono) {
            self.drain_until = None;
            self.cancel_all(Some(STOPPED), now);
        }
    }
}
