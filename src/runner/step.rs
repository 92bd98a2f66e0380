use std::future::Future;

use super::context::Context;
use super::platform::{AnyValue, Share, Shared};
use crate::error::Error;
use crate::task::{Command, Failure, Run};

impl Context {
    /// Does a part of the task once: a further attempt that comes to the same key gets its result again.
    ///
    /// Kept as long as the task lives, in this process alone. Errors are not kept.
    ///
    /// # Errors
    /// What `step` answers; a failure when the execution is to end, or when the key was that of a step with a result of
    /// another type.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the step is not done, and what it did so far is done again.
    pub async fn step<T, E, F>(&self, key: &str, step: impl FnOnce() -> F) -> Result<T, Failure>
    where
        T: Share + Clone,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>>,
    {
        self.check()?;
        if let Some(known) = self.core.look(|state| state.jobs.get(&self.key.order)?.steps.get(key).cloned()) {
            return match known.downcast::<T>() {
                Ok(value) => Ok(T::clone(&value)),
                Err(_) => Err(Failure::new(format!("step '{key}' has a result of another type")).for_good()),
            };
        }
        let value = step().await.map_err(Into::into)?;
        self.keep(key, Shared::new(value.clone()))?;
        Ok(value)
    }

    fn keep(&self, key: &str, value: AnyValue) -> Result<(), Error> {
        let Run { attempt, epoch } = self.live.run();
        self.core.change(|state, acts, now| {
            let told = state.engine.tell(self.key, Command::Step { attempt, epoch, key: key.to_owned() }, now);
            let needless = match (&told, state.job(self.key)) {
                (Ok(true), Some(job)) => job.steps.insert(key.to_owned(), value),
                _ => Some(value),
            };
            acts.discard(needless);
            told.map(|_| ())
        })
    }
}
