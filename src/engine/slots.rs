//! The entries of an engine: a table that grows in pieces, so that nothing in it ever moves and no growth is felt.

use super::Key;
use super::full::Full;
use super::plain::Noted;
use crate::task::Status;

const PIECE: usize = 1 << PIECE_BITS;
const PIECE_BITS: u32 = 10;

/// No entry.
pub(super) const NONE: u32 = u32::MAX;
/// No moment.
pub(super) const NEVER: i64 = i64::MAX;

/// One task, or a place for one.
pub(super) struct Entry {
    /// The task's number; 0 for a free entry.
    pub(super) order: u64,
    /// Its moment among the timers, and the one at which it is dropped once it has ended. Monotonic microseconds.
    pub(super) at: i64,
    /// Its neighbours in the list it is in.
    pub(super) prev: u32,
    pub(super) next: u32,
    pub(super) place: Place,
    /// Its execution holds a slot.
    pub(super) has_slot: bool,
    pub(super) life: Life,
}

/// Which list or set it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nowhere,
    /// Ready, in the order of creation.
    Fresh,
    /// Ready, but came to it late.
    Late,
    /// Ready to go on after an answer.
    Head,
    /// Ended.
    Retained,
}

pub(super) enum Life {
    Free,
    Noted(Noted),
    Full(Box<Full>),
}

impl Entry {
    fn free(next: u32) -> Self {
        Self { order: 0, at: NEVER, prev: NONE, next, place: Place::Nowhere, has_slot: false, life: Life::Free }
    }

    pub(super) fn status(&self) -> Status {
        match &self.life {
            Life::Noted(noted) => noted.stage.status(),
            Life::Full(full) => full.record.status,
            Life::Free => unreachable!("a free entry has no status"),
        }
    }

    pub(super) fn priority(&self) -> i32 {
        match &self.life {
            Life::Noted(noted) => noted.plain.priority,
            Life::Full(full) => full.record.priority,
            Life::Free => unreachable!("a free entry has no priority"),
        }
    }

    /// The record and what is around it, if it has one already.
    pub(super) fn full(&self) -> Option<&Full> {
        match &self.life {
            Life::Full(full) => Some(full),
            _ => None,
        }
    }
}

/// All entries.
pub(super) struct Slots {
    pieces: Vec<Box<[Entry]>>,
    free: u32,
}

impl Slots {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new(), free: NONE }
    }

    pub(super) fn get(&self, slot: u32) -> &Entry {
        &self.pieces[slot as usize >> PIECE_BITS][slot as usize & (PIECE - 1)]
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> &mut Entry {
        &mut self.pieces[slot as usize >> PIECE_BITS][slot as usize & (PIECE - 1)]
    }

    /// The entry of that task, if it was not dropped.
    pub(super) fn find(&self, key: Key) -> Option<u32> {
        let piece = self.pieces.get(key.slot as usize >> PIECE_BITS)?;
        (piece[key.slot as usize & (PIECE - 1)].order == key.order).then_some(key.slot)
    }

    pub(super) fn in_use(&self, slot: u32) -> bool {
        let piece = self.pieces.get(slot as usize >> PIECE_BITS);
        piece.is_some_and(|piece| piece[slot as usize & (PIECE - 1)].order != 0)
    }

    pub(super) fn key(&self, slot: u32) -> Key {
        Key { order: self.get(slot).order, slot }
    }

    pub(super) fn full(&self, slot: u32) -> Option<&Full> {
        self.get(slot).full()
    }

    pub(super) fn full_mut(&mut self, slot: u32) -> Option<&mut Full> {
        match &mut self.get_mut(slot).life {
            Life::Full(full) => Some(full),
            _ => None,
        }
    }

    pub(super) fn insert(&mut self, order: u64, life: Life) -> u32 {
        if self.free == NONE {
            self.grow();
        }
        let slot = self.free;
        let entry = self.get_mut(slot);
        let next = entry.next;
        *entry = Entry { order, life, ..Entry::free(NONE) };
        self.free = next;
        slot
    }

    /// Takes out what is in an entry. The entry is not used again before it is released.
    pub(super) fn remove(&mut self, slot: u32) -> Life {
        std::mem::replace(self.get_mut(slot), Entry::free(NONE)).life
    }

    /// Lets an empty entry be used again.
    pub(super) fn release(&mut self, slot: u32) {
        let free = std::mem::replace(&mut self.free, slot);
        self.get_mut(slot).next = free;
    }

    fn grow(&mut self) {
        let first = (self.pieces.len() * PIECE) as u32;
        let last = first + PIECE as u32 - 1;
        let piece = (first..=last).map(|slot| Entry::free(if slot == last { NONE } else { slot + 1 }));
        self.pieces.push(piece.collect());
        self.free = first;
    }

    /// The entries that are in use.
    pub(super) fn used(&self) -> impl Iterator<Item = (u32, &Entry)> {
        let all = self.pieces.iter().flat_map(|piece| piece.iter());
        (0..).zip(all).filter(|(_, entry)| entry.order != 0)
    }
}
