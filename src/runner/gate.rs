use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::acts::Acts;
use super::platform::Shared;
use super::sync::Lock;

/// A value that comes once, and those who wait for it. Wakers are cloned, called and dropped without its lock.
pub(super) struct Gate<T>(Shared<Lock<State<T>>>);

struct State<T> {
    value: Option<T>,
    waiters: Vec<(u64, Waker)>,
    /// The number of the next waiter.
    next: u64,
}

impl<T> Clone for Gate<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone> Gate<T> {
    pub(super) fn new() -> Self {
        Self(Shared::new(Lock::new(State { value: None, waiters: Vec::new(), next: 0 })))
    }

    /// One that is open from the beginning.
    pub(super) fn opened(value: T) -> Self {
        Self(Shared::new(Lock::new(State { value: Some(value), waiters: Vec::new(), next: 0 })))
    }

    /// The value, if it came.
    pub(super) fn get(&self) -> Option<T> {
        self.0.lock().value.clone()
    }

    /// Lets all pass who wait and will wait. The first value stays.
    pub(super) fn open(&self, value: T, acts: &mut Acts) {
        let mut state = self.0.lock();
        if state.value.is_none() {
            state.value = Some(value);
            acts.wake(state.waiters.drain(..).map(|(_, waker)| waker));
        }
    }

    /// A future of the value. Cancel safe: dropped, it is forgotten; the value is for all.
    pub(super) fn wait(&self) -> Wait<T> {
        Wait { gate: self.clone(), id: None }
    }
}

impl<T> State<T> {
    /// Answers with the waker of that waiter that is needed no more.
    fn register(&mut self, id: &mut Option<u64>, waker: Waker) -> Option<Waker> {
        let id = *id.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        match self.waiters.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => Some(std::mem::replace(known, waker)),
            None => {
                self.waiters.push((id, waker));
                None
            }
        }
    }

    fn forget(&mut self, id: u64) -> Option<Waker> {
        let at = self.waiters.iter().position(|(known, _)| *known == id)?;
        Some(self.waiters.remove(at).1)
    }
}

pub(super) struct Wait<T> {
    gate: Gate<T>,
    id: Option<u64>,
}

impl<T: Clone> Clone for Wait<T> {
    fn clone(&self) -> Self {
        self.gate.wait()
    }
}

impl<T: Clone> Future for Wait<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let waker = cx.waker().clone();
        let this = &mut *self;
        let mut state = this.gate.0.lock();
        if let Some(value) = state.value.clone() {
            drop(state);
            return Poll::Ready(value);
        }
        let needless = state.register(&mut this.id, waker);
        drop(state);
        drop(needless);
        Poll::Pending
    }
}

impl<T> Drop for Wait<T> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let needless = self.gate.0.lock().forget(id);
            drop(needless);
        }
    }
}
