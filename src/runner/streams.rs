//! Events as streams.

use std::collections::VecDeque;
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
pub(super) struct Streams(Vec<Listener>);

struct Listener {
    /// To one task, or to all.
    to: Option<Key>,
    queue: Shared<Lock<Queue>>,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<(Key, Arc<Event>)>,
    ended: bool,
    waiter: Option<Waker>,
}

impl Streams {
    pub(super) fn tell(&mut self, key: Key, event: Arc<Event>, acts: &mut Acts) {
        for listener in self.0.iter().filter(|listener| listener.to.is_none_or(|to| to == key)) {
            let mut queue = listener.queue.lock();
            queue.events.push_back((key, event.clone()));
            acts.wake(queue.waiter.take());
        }
    }

    /// Nothing more comes of that task.
    pub(super) fn end(&mut self, key: Key, acts: &mut Acts) {
        for listener in self.0.iter().filter(|listener| listener.to == Some(key)) {
            let mut queue = listener.queue.lock();
            queue.ended = true;
            acts.wake(queue.waiter.take());
        }
    }
}

/// Both kinds of stream. Events that nobody takes are kept until somebody does, or it is dropped.
struct Tap {
    core: Shared<Core>,
    queue: Shared<Lock<Queue>>,
}

impl Tap {
    fn open(core: &Shared<Core>, to: Option<Key>, first: impl FnOnce(&State) -> Queue) -> Self {
        let queue = core.change(|state, _, _| {
            let queue = Shared::new(Lock::new(first(state)));
            state.streams.0.push(Listener { to, queue: queue.clone() });
            state.engine.observe(true);
            queue
        });
        Self { core: core.clone(), queue }
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
            let streams = &mut state.streams.0;
            streams.retain(|listener| !Shared::ptr_eq(&listener.queue, &self.queue));
            state.engine.observe(!state.streams.0.is_empty());
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
