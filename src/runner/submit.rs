//! From code to tasks.

use std::any::TypeId;
use std::future::Future;

use super::acts::Acts;
use super::context::Context;
use super::core::{Core, State};
use super::job::{Call, Draft, Job, Nature, Parent, Work};
use super::platform::{AnyValue, Move, Share, Shared};
use super::sync::Lock;
use super::task::Task;
use crate::engine::{Key, Plain, Submission, Submitted};
use crate::error::Error;
use crate::task::{Failure, Spec};

/// What a task is called that was given no name.
const NAME: &str = "task";

impl Draft {
    pub(super) fn new<T, E, F, W>(work: W, parent: Option<Parent>) -> Self
    where
        T: Share,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Move,
        W: Fn(Context) -> F + Share,
    {
        let work: Work = Shared::new(move |Call { core, key, live }| {
            let code = work(Context::new(core, key, live));
            Box::pin(async move { code.await.map(|value| Shared::new(value) as AnyValue).map_err(Into::into) })
        });
        Self { kind: TypeId::of::<T>(), work, parent }
    }

    /// Of a future, which runs once.
    pub(super) fn once<T, E, F>(future: F, parent: Option<Parent>) -> Self
    where
        T: Share,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Move,
    {
        let only = Lock::new(Some(future));
        Self::new(
            move |_| {
                let future = only.lock().take();
                async move {
                    match future {
                        Some(future) => future.await.map_err(Into::into),
                        None => Err(Failure::new("a future runs once").for_good()),
                    }
                }
            },
            parent,
        )
    }
}

impl Core {
    /// Adds a future that knows nothing of its runner.
    pub(super) fn add_bare(self: &Shared<Self>, draft: Draft) -> Result<Task, Error> {
        let timeout_ms = Some(self.default_timeout_ms).filter(|&ms| ms > 0);
        let plain = Plain { timeout_ms, ..Plain::new(NAME) };
        self.change(|state, acts, now| {
            let submitted = state.engine.submit_plain(plain, now);
            self.adopt(state, acts, submitted, draft, Nature { bare: true, has_idempotency_key: false })
        })
    }

    /// Adds a task; answers also whether it was there before.
    ///
    /// `bare`: its code is a future alone.
    pub(super) fn add(
        self: &Shared<Self>,
        mut submission: Submission,
        draft: Draft,
        bare: bool,
    ) -> Result<(Task, bool), Error> {
        let nature = Nature { bare, has_idempotency_key: submission.spec.idempotency_key.is_some() };
        submission.spec.timeout_ms = submission.spec.timeout_ms.or(Some(self.default_timeout_ms as f64));
        submission.parent = draft.parent.as_ref().map_or(submission.parent, |(key, _)| Some(*key));
        self.change(|state, acts, now| {
            let submitted = match state.check_parent(&draft) {
                Ok(()) => state.engine.submit(submission, now),
                Err(error) => Err(error),
            };
            match submitted {
                Ok(Submitted { key, deduplicated: true }) => {
                    acts.discard(draft.work);
                    Ok((state.task_of(self, key, draft.kind)?, true))
                }
                submitted => {
                    let key = submitted.map(|submitted| submitted.key);
                    Ok((self.adopt(state, acts, key, draft, nature)?, false))
                }
            }
        })
    }

    fn adopt(
        self: &Shared<Self>,
        state: &mut State,
        acts: &mut Acts,
        key: Result<Key, Error>,
        draft: Draft,
        nature: Nature,
    ) -> Result<Task, Error> {
        match key {
            Ok(key) => {
                let mut job = Job::new(draft, nature);
                let entry = job.entry();
                state.jobs.insert(key.order, job);
                Ok(Task { core: self.clone(), key, entry })
            }
            Err(error) => {
                acts.discard(draft.work);
                Err(error)
            }
        }
    }
}

impl State {
    /// An execution that was given up submits nothing, though its task may run again.
    fn check_parent(&mut self, draft: &Draft) -> Result<(), Error> {
        let Some((parent, live)) = &draft.parent else { return Ok(()) };
        let now = self.job(*parent).and_then(|job| job.live.as_ref());
        match now.is_some_and(|now| Shared::ptr_eq(now, live)) {
            true => Ok(()),
            false => Err(Error::conflict("the parent has ended and submits no more", &())),
        }
    }

    /// A task that is there already.
    ///
    /// # Errors
    /// `conflict` when its result is of another type.
    fn task_of(&mut self, core: &Shared<Core>, key: Key, kind: TypeId) -> Result<Task, Error> {
        match self.job(key).map(Job::entry).filter(|entry| entry.kind == kind) {
            Some(entry) => Ok(Task { core: core.clone(), key, entry }),
            None => Err(Error::conflict("the task of that idempotency key has a result of another type", &())),
        }
    }
}

impl From<Spec> for Submission {
    fn from(spec: Spec) -> Self {
        Self { spec, ..Self::default() }
    }
}

impl From<&str> for Submission {
    fn from(name: &str) -> Self {
        Spec::new(name).into()
    }
}
