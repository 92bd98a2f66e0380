use std::fmt;

use super::Engine;

/// What is kept, as numbers: for whoever looks for what was forgotten.
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("entries", &self.slots.used().count())
            .field("lanes", &self.ready.lanes())
            .field("timers", &self.timers.len())
            .field("sessions", &self.sessions.len())
            .field("keys", &self.idempotency.len())
            .field("wanted", &self.wanted.len())
            .field("retained", &self.retained_count)
            .field("effects", &self.effects.len())
            .finish_non_exhaustive()
    }
}
