use std::fmt;
use std::future::Future;

use super::context::Context;
use super::core::Core;
use super::handle::TaskHandle;
use super::job::Draft;
use super::options::Options;
use super::platform::{Move, Share, Shared};
use super::ports::Runtime;
use crate::engine::Submission;
use crate::error::Error;
use crate::task::Failure;

/// Runs futures in the background, so many at once. See [the module](super).
///
/// Clones are the same runner. Dropping all of them cancels nothing: what was submitted runs to its end.
pub struct BackgroundRunner<R> {
    pub(super) core: Shared<Core>,
    runtime: Shared<R>,
}

impl<R: Runtime> BackgroundRunner<R> {
    /// A runner without tasks.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option, for a span that is negative or over 100 years.
    pub fn new(runtime: R, options: Options) -> Result<Self, Error> {
        let runtime = Shared::new(runtime);
        Ok(Self { core: Core::new(runtime.clone(), options)?, runtime })
    }

    /// What it runs on.
    pub fn runtime(&self) -> &R {
        &self.runtime
    }

    /// Adds a future, which runs once, with the default timeout. It starts when a slot is free.
    ///
    /// Cancelled or timed out, it is dropped, for nothing else can end it.
    ///
    /// # Errors
    /// `queue_full`; `conflict` once the runner was stopped. The future is dropped then.
    pub fn submit<T, E, F>(&self, future: F) -> Result<TaskHandle<T>, Error>
    where
        T: Share,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Move,
    {
        let task = self.core.add_bare(Draft::once(future, None))?;
        Ok(TaskHandle::new(task, None, false))
    }

    /// Adds a task with all that can be asked for: a name, a [`Spec`](crate::task::Spec) or a whole [`Submission`]. Each
    /// attempt calls `work`.
    ///
    /// Without a `timeout_ms` it has the runner's default; 0 is no limit.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option; `queue_full`; `conflict` when its session, its idempotency key or the
    /// runner's stop forbid it. Nothing changed then.
    pub fn submit_with<T, E, F, W>(&self, what: impl Into<Submission>, work: W) -> Result<TaskHandle<T>, Error>
    where
        T: Share,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Move,
        W: Fn(Context) -> F + Share,
    {
        let (task, deduplicated) = self.core.add(what.into(), Draft::new(work, None), false)?;
        Ok(TaskHandle::new(task, None, deduplicated))
    }
}

impl<R> Clone for BackgroundRunner<R> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), runtime: self.runtime.clone() }
    }
}

impl<R> fmt::Debug for BackgroundRunner<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackgroundRunner").field("counts", &self.core.look(|state| state.engine.counts())).finish()
    }
}
