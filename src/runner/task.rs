use std::fmt;

use super::core::Core;
use super::job::Entry;
use super::platform::Shared;
use crate::engine::{Dropped, Key};
use crate::error::Error;
use crate::id::TaskId;
use crate::task::{Answer, Command, Record, Status};

/// A task of a runner, whatever its result is. Clones are the same task. Dropping it changes nothing.
///
/// Everything here answers also after the task ended, and after the runner dropped its record.
#[derive(Clone)]
pub struct Task {
    pub(super) core: Shared<Core>,
    pub(super) key: Key,
    pub(super) entry: Shared<Entry>,
}

impl Task {
    /// Its id.
    pub fn id(&self) -> TaskId {
        self.core.id(self.key)
    }

    /// Its key, which no other task of the runner has; they are ordered by creation.
    pub fn key(&self) -> Key {
        self.key
    }

    /// Where it is in its life.
    pub fn status(&self) -> Status {
        self.core.look(|state| state.engine.status(self.key)).unwrap_or_else(|| self.last_record().status)
    }

    /// All about it.
    pub fn record(&self) -> Record {
        self.core.look(|state| state.engine.record(self.key)).unwrap_or_else(|| self.last_record())
    }

    /// Cancels it and its children now; answers false when it had ended already.
    ///
    /// Code that runs is told by its [`Context`](super::Context), has the grace of its spec to end, and is dropped then. A
    /// future that was submitted without one is dropped at once.
    pub fn cancel(&self, reason: Option<&str>) -> bool {
        let reason = reason.map(str::to_owned);
        self.core.change(|state, _, now| state.engine.cancel(self.key, reason, now))
    }

    /// Answers a question of it.
    ///
    /// # Errors
    /// `conflict` when it is not asked, was answered, or its time is over; `invalid_argument` for content over 64 KiB.
    pub fn respond(&self, key: impl Into<String>, answer: Answer) -> Result<(), Error> {
        let Answer { action, content } = answer;
        let command = Command::Answer { key: key.into(), action, content };
        match self.core.change(|state, _, now| state.engine.tell(self.key, command, now))? {
            true => Ok(()),
            false => Err(Error::conflict("the task has ended and asks nothing", &())),
        }
    }

    /// Ready when its work has really ended, or was given up: after the outcome, where code is slow to end.
    ///
    /// # Cancel safety
    /// Dropped, it is forgotten, and nothing else happens.
    pub async fn stopped(&self) {
        self.entry.stopped.wait().await;
    }

    /// The record of a task that the engine has no more.
    fn last_record(&self) -> Record {
        let dropped = self.entry.dropped.lock().clone();
        let record = match dropped {
            Some(Dropped::Record(record)) => Some(*record),
            Some(Dropped::Noted(noted)) => self.core.look(|state| state.engine.record_of(self.key, &noted).ok()),
            None => None,
        };
        record.expect("a task that is no more was dropped with a record")
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("id", &self.id()).field("status", &self.status()).finish()
    }
}
