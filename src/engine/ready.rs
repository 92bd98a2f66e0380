//! Tasks that can start as soon as there is a slot.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::order::List;
use super::slots::{NONE, Place, Slots};

/// By priority, and within one: first those that go on after an answer, then by the order of creation.
pub(super) struct Ready(BTreeMap<Reverse<i32>, Lane>);

struct Lane {
    /// Those that are ready since they were submitted; nearly all.
    fresh: List,
    /// Those that came to it later than younger ones: `(rank, slot)`.
    late: BTreeSet<(i64, u32)>,
}

impl Lane {
    fn new() -> Self {
        Self { fresh: List::new(Place::Fresh), late: BTreeSet::new() }
    }

    fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.late.is_empty()
    }

    fn push(&mut self, slots: &mut Slots, slot: u32, head: bool) {
        let order = slots.get(slot).order;
        let tail = self.fresh.tail;
        if !head && (tail == NONE || slots.get(tail).order < order) {
            return self.fresh.push(slots, slot);
        }
        self.late.insert((rank(order, head), slot));
        slots.get_mut(slot).place = if head { Place::Head } else { Place::Late };
    }

    fn remove(&mut self, slots: &mut Slots, slot: u32) {
        let (place, order) = (slots.get(slot).place, slots.get(slot).order);
        if place == Place::Fresh {
            return self.fresh.remove(slots, slot);
        }
        self.late.remove(&(rank(order, place == Place::Head), slot));
        slots.get_mut(slot).place = Place::Nowhere;
    }

    fn first(&self, slots: &Slots) -> Option<u32> {
        let fresh = (!self.fresh.is_empty()).then(|| (rank(slots.get(self.fresh.head).order, false), self.fresh.head));
        self.late.first().copied().into_iter().chain(fresh).min().map(|(_, slot)| slot)
    }
}

/// The order of creation, those at the head before all others. (A set of pairs like the timers': no code of its own.)
fn rank(order: u64, head: bool) -> i64 {
    order as i64 - if head { i64::MAX } else { 0 }
}

impl Ready {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// How many priorities there are.
    pub(super) fn lanes(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `head`: it goes before others of its priority.
    pub(super) fn push(&mut self, slots: &mut Slots, slot: u32, head: bool) {
        let priority = Reverse(slots.get(slot).priority());
        self.0.entry(priority).or_insert_with(Lane::new).push(slots, slot, head);
    }

    /// Takes one out that is in here.
    pub(super) fn remove(&mut self, slots: &mut Slots, slot: u32) {
        let priority = Reverse(slots.get(slot).priority());
        if let Some(lane) = self.0.get_mut(&priority) {
            lane.remove(slots, slot);
            if lane.is_empty() {
                self.0.remove(&priority);
            }
        }
    }

    /// Takes the next one out.
    pub(super) fn pop(&mut self, slots: &mut Slots) -> Option<u32> {
        let mut lane = self.0.first_entry()?;
        let slot = lane.get().first(slots)?;
        lane.get_mut().remove(slots, slot);
        if lane.get().is_empty() {
            lane.remove();
        }
        Some(slot)
    }
}
