//! Lists of entries in an order, linked through the entries themselves: to leave one costs no search and no memory.

use super::slots::{NONE, Place, Slots};

pub(super) struct List {
    pub(super) head: u32,
    pub(super) tail: u32,
    place: Place,
}

impl List {
    pub(super) fn new(place: Place) -> Self {
        Self { head: NONE, tail: NONE, place }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head == NONE
    }

    pub(super) fn push(&mut self, slots: &mut Slots, slot: u32) {
        let tail = std::mem::replace(&mut self.tail, slot);
        let entry = slots.get_mut(slot);
        entry.prev = tail;
        entry.next = NONE;
        entry.place = self.place;
        match tail {
            NONE => self.head = slot,
            _ => slots.get_mut(tail).next = slot,
        }
    }

    /// The entries in their order.
    pub(super) fn iter<'a>(&self, slots: &'a Slots) -> impl Iterator<Item = u32> + use<'a> {
        let next = |slot: &u32| Some(slots.get(*slot).next).filter(|&next| next != NONE);
        std::iter::successors(Some(self.head).filter(|&head| head != NONE), next)
    }

    pub(super) fn remove(&mut self, slots: &mut Slots, slot: u32) {
        let entry = slots.get_mut(slot);
        let (prev, next) = (entry.prev, entry.next);
        entry.place = Place::Nowhere;
        match prev {
            NONE => self.head = next,
            _ => slots.get_mut(prev).next = next,
        }
        match next {
            NONE => self.tail = prev,
            _ => slots.get_mut(next).prev = prev,
        }
    }
}
