//! Events as streams.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::stream::Stream;

use super::core::{Core, State};
use super::platform::Shared;
use super::streams::{Listener, Queue};
use super::sync::Lock;
use super::task::Task;
use crate::engine::Key;
use crate::task::Event;

/// Both kinds of stream. Events that nobody takes are kept until somebody does, or it is dropped.
struct Tap {
    core: Shared<Core>,
    /// One task, or all.
    to: Option<Key>,
    queue: Listener,
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

impl Task {
    /// What happened to it after that `seq`, and what happens from now on; ends when its work has ended.
    pub fn events(&self, after: u64) -> Events {
        Events(Tap::open(&self.core, Some(self.key), |state| {
            let events = state.engine.events(self.key, after).into_iter().map(|event| (self.key, event)).collect();
            Queue { events, ended: self.entry.stopped.get().is_some(), waiter: None }
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
