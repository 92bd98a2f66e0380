//! Children of a task.

use std::future::Future;

use super::context::Context;
use super::handle::TaskHandle;
use super::job::Draft;
use super::platform::{Move, Share};
use super::task::Task;
use crate::engine::Submission;
use crate::error::Error;
use crate::task::{Failure, Spec};

impl Context {
    /// Adds a child of this task. While its handle is awaited, the slot of this task is lent to others.
    ///
    /// A child is cancelled when this task is cancelled or fails, and before another attempt of it starts; a completed
    /// task leaves its children running.
    ///
    /// # Errors
    /// As [`submit_with`](super::BackgroundRunner::submit_with); `conflict` also when this execution has ended, or tasks
    /// are nested 16 deep.
    pub fn submit_with<T, E, F, W>(&self, what: impl Into<Submission>, work: W) -> Result<TaskHandle<T>, Error>
    where
        T: Share,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Move,
        W: Fn(Context) -> F + Share,
    {
        self.child(what.into(), Draft::new(work, Some((self.key, self.live.clone()))), false)
    }

    /// Adds a future as a child of this task, as [`submit_with`](Self::submit_with) does.
    ///
    /// # Errors
    /// The same.
    pub fn submit<T, E, F>(&self, future: F) -> Result<TaskHandle<T>, Error>
    where
        T: Share,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Move,
    {
        self.child(Spec::new("task").into(), Draft::once(future, Some((self.key, self.live.clone()))), true)
    }

    /// Adds a child once for all attempts of this task: a further attempt that comes with the same key goes on with it,
    /// unless it failed or was cancelled.
    ///
    /// # Errors
    /// As [`submit_with`](Self::submit_with); `conflict` also when the child has a result of another type.
    pub fn submit_keyed<T, E, F, W>(
        &self,
        key: &str,
        what: impl Into<Submission>,
        work: W,
    ) -> Result<TaskHandle<T>, Error>
    where
        T: Share,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Move,
        W: Fn(Context) -> F + Share,
    {
        let draft = Draft::new(work, Some((self.key, self.live.clone())));
        if let Some(child) = self.known_child(key).filter(|child| !matches!(child.entry.outcome.get(), Some(Err(_)))) {
            return match child.entry.kind == draft.kind {
                true => Ok(TaskHandle::new(child, Some(self.live.clone()), true)),
                false => Err(Error::conflict(format!("child '{key}' has a result of another type"), &())),
            };
        }
        let handle = self.child(Submission { keyed: true, ..what.into() }, draft, false)?;
        self.core.change(|state, acts, _| {
            let before = state.job(self.key).and_then(|job| job.children.insert(key.to_owned(), handle.task()));
            acts.discard(before);
        });
        Ok(handle)
    }

    fn known_child(&self, key: &str) -> Option<Task> {
        self.core.look(|state| state.jobs.get(&self.key.order)?.children.get(key).cloned())
    }

    fn child<T: Share>(&self, what: Submission, draft: Draft, bare: bool) -> Result<TaskHandle<T>, Error> {
        let (task, deduplicated) = self.core.add(what, draft, bare)?;
        // Only a child of its own runs in the slot that a task lends.
        let parent = (!deduplicated).then(|| self.live.clone());
        Ok(TaskHandle::new(task, parent, deduplicated))
    }
}
