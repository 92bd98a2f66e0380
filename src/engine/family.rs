//! Parents and children.

use super::{Engine, Key};
use crate::error::Error;
use crate::task::{CancelledBy, Command};

/// How many ancestors a task may have.
const DEPTH: u8 = 16;

impl Engine {
    /// The parent of a new task; its record exists from here on.
    pub(super) fn checked_parent(&mut self, key: Key) -> Result<u32, Error> {
        let over = || Error::conflict("the parent has ended and submits no more", &());
        let slot = self.slots.find(key).ok_or_else(over)?;
        let parent = self.lower(slot)?;
        if !parent.record.is_underway() {
            return Err(over());
        }
        if parent.depth >= DEPTH {
            let message = format!("parent: tasks are nested {DEPTH} deep, which is the limit");
            return Err(Error::conflict(message, &()));
        }
        Ok(slot)
    }

    pub(super) fn adopt(&mut self, parent: Option<u32>, child: u32) {
        let Some(parent) = parent else { return };
        let (parent, key) = (self.slots.key(parent), self.slots.key(child));
        let Some(above) = self.slots.full_mut(parent.slot) else { return };
        above.children.insert(key);
        let depth = above.depth + 1;
        if let Some(full) = self.slots.full_mut(child) {
            full.parent = Some(parent);
            full.depth = depth;
        }
    }

    /// Its children belong to its own parent from here on, so that descendants of one that ended are still found.
    pub(super) fn leave_family(&mut self, slot: u32) {
        let key = self.slots.key(slot);
        let Some(full) = self.slots.full_mut(slot) else { return };
        let (parent, keyed, left) = (full.parent, full.keyed, std::mem::take(&mut full.children));
        for child in left.slots() {
            let Some(full) = self.slots.full_mut(child) else { continue };
            full.parent = parent;
            full.keyed = keyed;
        }
        let parent = parent.and_then(|key| self.slots.find(key));
        if let Some(above) = parent.and_then(|parent| self.slots.full_mut(parent)) {
            above.children.remove(key);
            left.keys().for_each(|key| above.children.insert(key));
        }
    }

    /// Cancels the live children, and theirs; `keyed`: also those that a further attempt would go on with.
    pub(super) fn cancel_children(&mut self, slot: u32, keyed: bool, now: super::Now) {
        let Some(full) = self.slots.full(slot) else { return };
        let children: Vec<Key> = full.children.keys().collect();
        for key in children {
            let child =
                self.slots.find(key).filter(|&child| keyed || !self.slots.full(child).is_some_and(|it| it.keyed));
            if let Some(child) = child {
                let cancel = Command::Cancel { reason: None, by: CancelledBy::Parent };
                // A cancel is never refused.
                let _ = self.change(child, cancel, now);
            }
        }
    }

    /// The tasks above this one whose work has not ended, nearest first.
    pub(super) fn ancestors(&self, slot: u32) -> impl Iterator<Item = u32> {
        let above = |slot: u32| self.slots.full(slot)?.parent.and_then(|key| self.slots.find(key));
        std::iter::successors(above(slot), move |&slot| above(slot))
    }
}
