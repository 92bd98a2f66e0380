//! Looking at tasks changes nothing.

use std::sync::Arc;

use super::plain::Noted;
use super::set::Tasks;
use super::slots::Life;
use super::{Counts, Engine, Key};
use crate::error::Error;
use crate::id::TaskId;
use crate::task::{Event, Record, Status};

impl Engine {
    /// The id of a task, also of one that was dropped.
    pub fn id(&self, key: Key) -> TaskId {
        self.ids.id_of(key.order)
    }

    /// The key of the task in that entry now.
    pub fn key_in(&self, slot: u32) -> Option<Key> {
        self.slots.in_use(slot).then(|| self.slots.key(slot))
    }

    /// The status of a task that was not dropped.
    pub fn status(&self, key: Key) -> Option<Status> {
        self.slots.find(key).map(|slot| self.slots.get(slot).status())
    }

    /// The record of a task that was not dropped.
    pub fn record(&self, key: Key) -> Option<Record> {
        let entry = self.slots.get(self.slots.find(key)?);
        match &entry.life {
            Life::Noted(noted) => self.record_of(key, noted).ok(),
            Life::Full(full) => Some(full.record.clone()),
            Life::Free => None,
        }
    }

    /// The record that a plain task's life amounts to, also of one that was dropped.
    ///
    /// # Errors
    /// What [`submit`](crate::task::submit) refuses: a name that cannot be used.
    pub fn record_of(&self, key: Key, noted: &Noted) -> Result<Record, Error> {
        Ok(noted.replay(self.ids.id_of(key.order), &self.options)?.0)
    }

    /// What happened to a task after that `seq`; nothing for a dropped one.
    pub fn events(&self, key: Key, after: u64) -> Vec<Arc<Event>> {
        let Some(slot) = self.slots.find(key) else { return Vec::new() };
        match &self.slots.get(slot).life {
            Life::Noted(noted) => {
                let replayed = noted.replay(self.ids.id_of(key.order), &self.options).map(|(_, events)| events);
                let events = replayed.into_iter().flatten().filter(|event| event.seq > after);
                events.map(Arc::new).collect()
            }
            Life::Full(full) => full.history.after(after).cloned().collect(),
            Life::Free => Vec::new(),
        }
    }

    /// How many tasks there are and were.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The tasks of such a status, in the order of creation.
    pub fn keys_where(&self, wanted: impl Fn(Status) -> bool) -> Vec<Key> {
        self.keys_of(&wanted)
    }

    /// Compiled once, not for each condition: 2.5 KB of wasm each.
    fn keys_of(&self, wanted: &dyn Fn(Status) -> bool) -> Vec<Key> {
        let found = self.slots.used().filter(|(_, entry)| wanted(entry.status()));
        let keys: Vec<Key> = found.map(|(slot, entry)| Key { order: entry.order, slot }).collect();
        // Entries are used in the order of creation until the first ones are used again.
        match keys.is_sorted() {
            true => keys,
            false => keys.into_iter().collect::<Tasks>().keys().collect(),
        }
    }
}
