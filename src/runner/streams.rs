//! Events as streams.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::stream::Stream;

use super::acts::Acts;
use super::core::{Core, State};
use super::platform::Shared;
use super::sync::Lock;
use super::task::Task;
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

type Listener = Shared<Lock<Queue>>;

#[derive(Default)]
struct Queue {
    events: VecDeque<(Key, Arc<Event>)>,
    ended: bool,
    waiter: Option<Waker>,
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

    fn add(&mut self, to: Option<Key>, listener: Listener) {
        match to {
            Some(key) => self.to_one.entry(key.order).or_default().push(listener),
            None => self.to_all.push(listener),
        }
    }

    fn remove(&mut self, to: Option<Key>, gone: &Listener) {
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

    fn is_empty(&self) -> bool {
        self.to_all.is_empty() && self.to_one.is_empty()
    }
}

/// Both kinds of stream. Events that nobody takes are kept until somebody does, or it is dropped.
struct Tap {
    core: Shared<Core>,
    /// One task, or all.
    to: Option<Key>,
    queue: Shared<Lock<Queue>>,
}

impl Tap {
    fn open(core: &Shared<Core>, to: Option<Key>, first: impl FnOnce(&State) -> Queue) -> Self {
        let queue = core.change(|state, _, _| {
            let queue = Shared::new(Lock::new(first(state)));
            state.streams.add(to, queue.clone());
            state.engine.observe(true);
            queue
        });
        Self { core: core.clone(), to, queue }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Key, Arc<Event>)>> {
        let waker = cx.waker().clone();
        let mut queue = self.queue.lock();
        if let Some(event) = queue.events.pop_front() {
            drop(queue);
            return Poll::Ready(Some(event));
        }
        if queue.ended {
            drop(queue);
            return Poll::Ready(None);
        }
        let needless = queue.waiter.replace(waker);
        drop(queue);
        drop(needless);
        Poll::Pending
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.core.change(|state, acts, _| {
            state.streams.remove(self.to, &self.queue);
            state.engine.observe(!state.streams.is_empty());
            acts.discard(self.queue.lock().waiter.take());
        });
    }
}

/// What happens to one task: the stream that [`Task::events`] gives.
#[must_use = "streams do nothing unless polled"]
pub struct Events(Tap);

impl Events {
    pub(super) fn of(task: &Task, after: u64) -> Self {
        Self(Tap::open(&task.core, Some(task.key), |state| {
            let events = state.engine.events(task.key, after).into_iter().map(|event| (task.key, event)).collect();
            Queue { events, ended: task.entry.stopped.get().is_some(), waiter: None }
        }))
    }
}

impl Stream for Events {
    type Item = Arc<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Arc<Event>>> {
        self.0.poll(cx).map(|next| next.map(|(_, event)| event))
    }
}

/// What happens to all tasks from its making on: the stream that [`BackgroundRunner::events`](super::BackgroundRunner::events)
/// gives. It does not end.
#[must_use = "streams do nothing unless polled"]
pub struct AllEvents(Tap);

impl AllEvents {
    pub(super) fn of(core: &Shared<Core>) -> Self {
        Self(Tap::open(core, None, |_| Queue::default()))
    }
}

impl Stream for AllEvents {
    type Item = (Key, Arc<Event>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll(cx)
    }
}
