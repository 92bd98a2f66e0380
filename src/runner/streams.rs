//! Who listens to events.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use super::acts::Acts;
use super::platform::Shared;
use super::sync::Lock;
use crate::engine::Key;
use crate::task::Event;

/// Those who listen.
#[derive(Default)]
pub(super) struct Streams {
    /// To all tasks.
    to_all: Vec<Listener>,
    /// To one task, by the order of its key: an event finds its own listeners only.
    to_one: BTreeMap<u64, Vec<Listener>>,
}

pub(super) type Listener = Shared<Lock<Queue>>;

/// What one of them has not taken yet.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) events: VecDeque<(Key, Arc<Event>)>,
    pub(super) ended: bool,
    pub(super) waiter: Option<Waker>,
}

impl Streams {
    pub(super) fn tell(&mut self, key: Key, event: Arc<Event>, acts: &mut Acts) {
        for listener in self.to_one.get(&key.order).into_iter().flatten().chain(&self.to_all) {
            let mut queue = listener.lock();
            queue.events.push_back((key, event.clone()));
            acts.wake(queue.waiter.take());
        }
    }

    /// Nothing more comes of that task.
    pub(super) fn end(&mut self, key: Key, acts: &mut Acts) {
        for listener in self.to_one.get(&key.order).into_iter().flatten() {
            let mut queue = listener.lock();
            queue.ended = true;
            acts.wake(queue.waiter.take());
        }
    }

    pub(super) fn add(&mut self, to: Option<Key>, listener: Listener) {
        match to {
            Some(key) => self.to_one.entry(key.order).or_default().push(listener),
            None => self.to_all.push(listener),
        }
    }

    pub(super) fn remove(&mut self, to: Option<Key>, gone: &Listener) {
        let others = |listener: &Listener| !Shared::ptr_eq(listener, gone);
        match to {
            Some(key) => {
                let listeners = self.to_one.entry(key.order).or_default();
                listeners.retain(others);
                if listeners.is_empty() {
                    self.to_one.remove(&key.order);
                }
            }
            None => self.to_all.retain(others),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.to_all.is_empty() && self.to_one.is_empty()
    }
}
