use std::collections::BTreeMap;

use super::Key;
use super::set::Tasks;

/// Tasks that share a text: those of a session, the one under an idempotency key.
#[derive(Default)]
pub(super) struct Groups(BTreeMap<String, Tasks>);

impl Groups {
    pub(super) fn get(&self, text: &str) -> Option<&Tasks> {
        self.0.get(text)
    }

    pub(super) fn join(&mut self, text: String, key: Key) {
        self.0.entry(text).or_default().insert(key);
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// A group without members is none.
    pub(super) fn leave(&mut self, text: &str, key: Key) {
        let Some(members) = self.0.get_mut(text) else { return };
        members.remove(key);
        if members.is_empty() {
            self.0.remove(text);
        }
    }
}
