//! The entries of an engine: a table that grows in pieces, so that nothing in it ever moves and no growth is felt.

use super::Key;
use super::full::Full;
use super::plain::Noted;
use crate::task::Status;

/// Entries of the first piece.
const FIRST: u32 = 1 << FIRST_BITS;
const FIRST_BITS: u32 = 4;
/// Each piece has twice as many as the one before, up to this: a host may collect garbage whenever memory grows, so it
/// grows in large steps.
const LARGEST_BITS: u32 = 16;
/// Pieces before the first of the largest ones, and their entries.
const SMALLER: u32 = LARGEST_BITS - FIRST_BITS;
const IN_SMALLER: u32 = (1 << LARGEST_BITS) - FIRST;

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
    pieces: Vec<Vec<Entry>>,
    /// How many there are, free ones included.
    count: u32,
    free: u32,
}

/// Which piece an entry is in, and where.
fn place_of(slot: u32) -> (usize, usize) {
    if slot >= IN_SMALLER {
        let beyond = slot - IN_SMALLER;
        return ((SMALLER + (beyond >> LARGEST_BITS)) as usize, (beyond & ((1 << LARGEST_BITS) - 1)) as usize);
    }
    let piece = (slot / FIRST + 1).ilog2();
    (piece as usize, (slot + FIRST - (FIRST << piece)) as usize)
}

fn size_of_piece(piece: usize) -> usize {
    1 << (FIRST_BITS as usize + piece).min(LARGEST_BITS as usize)
}

impl Slots {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new(), count: 0, free: NONE }
    }

    pub(super) fn get(&self, slot: u32) -> &Entry {
        let (piece, at) = place_of(slot);
        &self.pieces[piece][at]
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> &mut Entry {
        let (piece, at) = place_of(slot);
        &mut self.pieces[piece][at]
    }

    /// The entry of that task, if it was not dropped.
    pub(super) fn find(&self, key: Key) -> Option<u32> {
        self.entry(key.slot).filter(|entry| entry.order == key.order).map(|_| key.slot)
    }

    pub(super) fn in_use(&self, slot: u32) -> bool {
        self.entry(slot).is_some_and(|entry| entry.order != 0)
    }

    fn entry(&self, slot: u32) -> Option<&Entry> {
        let (piece, at) = place_of(slot);
        self.pieces.get(piece)?.get(at)
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
        let slot = self.free;
        if slot == NONE {
            return self.append(Entry { order, life, ..Entry::free(NONE) });
        }
        let entry = self.get_mut(slot);
        let next = entry.next;
        *entry = Entry { order, life, ..Entry::free(NONE) };
        self.free = next;
        slot
    }

    /// Adds an entry behind all others.
    fn append(&mut self, entry: Entry) -> u32 {
        let slot = self.count;
        let (piece, _) = place_of(slot);
        if piece == self.pieces.len() {
            self.pieces.push(Vec::with_capacity(size_of_piece(piece)));
        }
        debug_assert!(self.pieces[piece].len() < self.pieces[piece].capacity(), "entries never move");
        self.pieces[piece].push(entry);
        self.count += 1;
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

    /// The entries that are in use.
    pub(super) fn used(&self) -> impl Iterator<Item = (u32, &Entry)> {
        let all = self.pieces.iter().flat_map(|piece| piece.iter());
        (0..).zip(all).filter(|(_, entry)| entry.order != 0)
    }
}
