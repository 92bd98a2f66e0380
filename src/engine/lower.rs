use std::sync::Arc;

use super::full::Full;
use super::now::micros;
use super::plain::Stage;
use super::slots::Life;
use super::{Effect, Engine};
use crate::error::Error;
use crate::task::Event;

impl Engine {
    /// Gives a plain task its record and its events, as if it had had them from the beginning.
    ///
    /// # Errors
    /// What [`submit`](crate::task::submit) refuses: a name that cannot be used.
    pub(super) fn lower(&mut self, slot: u32) -> Result<&mut Full, Error> {
        let entry = self.slots.get(slot);
        if let Life::Noted(noted) = &entry.life {
            let (record, events) = noted.replay(self.ids.id_of(entry.order), &self.options)?;
            let mut full = Full::new(record);
            if let (Stage::Running, Some(timeout)) = (noted.stage, noted.plain.timeout_ms) {
                full.since = entry.at.saturating_sub(micros(timeout));
            }
            for event in events {
                full.history.push(Arc::new(event));
            }
            self.slots.get_mut(slot).life = Life::Full(Box::new(full));
        }
        match &mut self.slots.get_mut(slot).life {
            Life::Full(full) => Ok(full),
            _ => unreachable!("a task that was found has a life"),
        }
    }

    /// Takes over one decided event.
    pub(super) fn apply(&mut self, slot: u32, event: Event) {
        let key = self.slots.key(slot);
        let Some(full) = self.slots.full_mut(slot) else { return };
        full.record.apply(&event);
        let event = Arc::new(event);
        full.history.push(event.clone());
        if self.observed {
            self.effects.push_back(Effect::Event { key, event });
        }
    }
}
