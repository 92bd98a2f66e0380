use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ended::Ended;
use super::gate::Wait;
use super::job::Outcome;
use super::live::Live;
use super::platform::{Share, Shared};
use super::task::Task;

/// A task with a result. Dropping it cancels nothing.
///
/// It is a future of the result, ready before, during and after completion alike, also once the runner dropped the
/// task's record: it owns its outcome. A result that cannot be cloned comes by [`outcome`](Self::outcome).
///
/// # Cancel safety
/// Awaiting it changes nothing, nor does giving up: the task runs on, and the handle can be awaited again by `&mut`.
#[must_use = "without it nobody knows what became of the task"]
pub struct TaskHandle<T> {
    task: Task,
    outcome: Wait<Outcome>,
    /// The execution of the parent whose slot is lent while this is awaited.
    parent: Option<Shared<Live>>,
    /// The parent knows that this is awaited.
    awaited: bool,
    deduplicated: bool,
    result: PhantomData<fn() -> T>,
}

impl<T: Share> TaskHandle<T> {
    pub(super) fn new(task: Task, parent: Option<Shared<Live>>, deduplicated: bool) -> Self {
        let outcome = task.entry.outcome.wait();
        Self { task, outcome, parent, awaited: false, deduplicated, result: PhantomData }
    }

    /// The task, without its type.
    pub fn task(&self) -> Task {
        self.task.clone()
    }

    /// Whether the task was there before, under the same idempotency key.
    pub fn is_deduplicated(&self) -> bool {
        self.deduplicated
    }

    /// The outcome, if the task has ended.
    pub fn now(&self) -> Option<Result<Shared<T>, Ended>> {
        self.task.entry.outcome.get().map(typed)
    }

    /// Waits for the outcome, and shares the result with whoever else waits.
    ///
    /// # Errors
    /// How the task ended otherwise.
    pub async fn outcome(&mut self) -> Result<Shared<T>, Ended> {
        poll_fn(|cx| self.poll_outcome(cx)).await
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<Shared<T>, Ended>> {
        let polled = Pin::new(&mut self.outcome).poll(cx).map(typed);
        self.set_awaited(polled.is_pending());
        polled
    }
}

impl<T> TaskHandle<T> {
    fn set_awaited(&mut self, awaited: bool) {
        let Some(parent) = self.parent.as_ref().filter(|_| awaited != self.awaited) else { return };
        match awaited {
            true => parent.begin_await(self.task.key),
            false => parent.end_await(self.task.key),
        }
        self.awaited = awaited;
    }
}

/// A task's type was looked at when its handle was made.
fn typed<T: Share>(outcome: Outcome) -> Result<Shared<T>, Ended> {
    Ok(outcome?.downcast().unwrap_or_else(|_| unreachable!("a handle has the type of its task")))
}

impl<T: Share + Clone> Future for TaskHandle<T> {
    type Output = Result<T, Ended>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_outcome(cx).map_ok(|result| T::clone(&result))
    }
}

impl<T> Deref for TaskHandle<T> {
    type Target = Task;

    fn deref(&self) -> &Task {
        &self.task
    }
}

impl<T> Clone for TaskHandle<T> {
    fn clone(&self) -> Self {
        let (task, outcome, parent) = (self.task.clone(), self.outcome.clone(), self.parent.clone());
        Self { task, outcome, parent, awaited: false, deduplicated: self.deduplicated, result: PhantomData }
    }
}

impl<T> Drop for TaskHandle<T> {
    fn drop(&mut self) {
        self.set_awaited(false);
    }
}

impl<T> fmt::Debug for TaskHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.task.fmt(f)
    }
}
