use std::collections::BTreeSet;

use super::Key;

/// Tasks in the order of creation.
///
/// Inside are pairs like those of the timers and of the ready tasks: the code of such a set is large, so there is one.
#[derive(Clone, Default)]
pub(super) struct Tasks(BTreeSet<(i64, u32)>);

impl Tasks {
    pub(super) fn insert(&mut self, key: Key) {
        self.0.insert((key.order as i64, key.slot));
    }

    pub(super) fn remove(&mut self, key: Key) {
        self.0.remove(&(key.order as i64, key.slot));
    }

    pub(super) fn contains(&self, key: Key) -> bool {
        self.0.contains(&(key.order as i64, key.slot))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.0.iter().map(|&(order, slot)| Key { order: order as u64, slot })
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|&(_, slot)| slot)
    }

    /// Those that were created before that one.
    pub(super) fn slots_before(&self, order: u64) -> impl Iterator<Item = u32> {
        self.0.range(..(order as i64, 0)).map(|&(_, slot)| slot)
    }
}

impl FromIterator<Key> for Tasks {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        let mut tasks = Self::default();
        keys.into_iter().for_each(|key| tasks.insert(key));
        tasks
    }
}
