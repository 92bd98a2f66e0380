//! Keys under which a task is submitted once.

use serde::Serialize;

use super::{Engine, Key, Submission};
use crate::error::Error;

impl Engine {
    /// The live or completed task under the same key.
    ///
    /// # Errors
    /// `conflict` when that task was given something else.
    pub(super) fn deduplicate(&self, submission: &Submission) -> Result<Option<Key>, Error> {
        let Some(key) = &submission.spec.idempotency_key else { return Ok(None) };
        let found = self.idempotency.get(&name(&submission.spec.recipe, key)).and_then(|tasks| tasks.keys().next());
        let Some(found) = found else { return Ok(None) };
        let same = self.slots.full(found.slot).and_then(|full| full.fingerprint.as_deref());
        if same == submission.fingerprint.as_deref() {
            return Ok(Some(found));
        }
        let id = self.ids.id_of(found.order);
        let message = format!("idempotency key '{key}' belongs to task {id}, which was given another input");
        Err(Error::conflict(message, &Taken { idempotency_key: key, task_id: id.as_str() }))
    }

    pub(super) fn take_idempotency_key(&mut self, slot: u32) {
        if let Some(name) = self.idempotency_name(slot) {
            self.idempotency.join(name, self.slots.key(slot));
        }
    }

    pub(super) fn free_idempotency_key(&mut self, slot: u32) {
        if let Some(name) = self.idempotency_name(slot) {
            self.idempotency.leave(&name, self.slots.key(slot));
        }
    }

    fn idempotency_name(&self, slot: u32) -> Option<String> {
        let record = &self.slots.full(slot)?.record;
        Some(name(&record.recipe, record.idempotency_key.as_deref()?))
    }
}

/// A key belongs to its recipe.
fn name(recipe: &str, key: &str) -> String {
    format!("{}:{recipe}{key}", recipe.len())
}

/// Details of a refusal.
#[derive(Serialize)]
struct Taken<'a> {
    idempotency_key: &'a str,
    task_id: &'a str,
}
