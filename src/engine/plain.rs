//! The ordinary life of a plain task, in a few numbers.

use std::sync::Arc;

use super::Options;
use crate::error::Error;
use crate::id::TaskId;
use crate::task::{Command, Event, Record, Run, Spec, Status, checked_name, decide, submit};
use crate::time::{Ms, checked_ms};

/// Who runs the tasks of an engine.
pub(super) const WORKER: &str = "runner";

/// The execution of a task that never had another.
pub(super) const FIRST: Run = Run { attempt: 1, epoch: 1 };

/// What a plain task is: a name, a priority, a timeout, and the default of everything else.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// What people call it: 1 to 200 characters.
    pub name: Arc<str>,
    /// Higher first.
    pub priority: i32,
    /// Run time of its attempt in milliseconds, up to 100 years; none or 0: no limit.
    pub timeout_ms: Option<Ms>,
}

impl Plain {
    /// One of that name, with priority 0 and no timeout.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), priority: 0, timeout_ms: None }
    }

    /// What is accepted here is never refused later, when its life is replayed.
    pub(super) fn check(&self) -> Result<(), Error> {
        checked_name(&self.name)?;
        self.timeout_ms.map_or(Ok(0), |ms| checked_ms("timeout_ms", ms)).map(drop)
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Submitted.
    Queued,
    /// And started, once.
    Running,
    /// And succeeded.
    Completed,
    /// Cancelled before it started, by the caller, without a reason.
    Cancelled,
}

impl Stage {
    /// The status of such a task.
    pub fn status(self) -> Status {
        match self {
            Self::Queued => Status::Pending,
            Self::Running => Status::Running,
            Self::Completed => Status::Completed,
            Self::Cancelled => Status::Cancelled,
        }
    }
}

/// A plain task and when what was decided about it. Moments are milliseconds since the epoch, 0 where it never came to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    /// What it is.
    pub plain: Plain,
    /// How far it is.
    pub stage: Stage,
    /// When it was submitted.
    pub created_at: Ms,
    /// When it started.
    pub started_at: Ms,
    /// When it succeeded or was cancelled.
    pub ended_at: Ms,
}

impl Noted {
    pub(super) fn new(plain: Plain, now: Ms) -> Self {
        let plain = Plain { timeout_ms: plain.timeout_ms.filter(|&ms| ms > 0), ..plain };
        Self { plain, stage: Stage::Queued, created_at: now, started_at: 0, ended_at: 0 }
    }

    /// Decides what was written down: the commands again, each at its time.
    pub(super) fn replay(&self, id: TaskId, options: &Options) -> Result<(Record, Vec<Event>), Error> {
        let spec = Spec {
            priority: Some(self.plain.priority.into()),
            timeout_ms: self.plain.timeout_ms.map(|ms| ms as f64),
            kill_grace_ms: Some(options.kill_grace_ms as f64),
            cleanup_delay_ms: Some(options.cleanup_delay_ms as f64),
            ..Spec::new(&*self.plain.name)
        };
        let (mut record, submitted) = submit(spec, id, self.created_at)?;
        let mut events = vec![submitted];
        for (command, at) in self.commands() {
            for event in decide(&record, command, at)? {
                record.apply(&event);
                events.push(event);
            }
        }
        Ok((record, events))
    }

    fn commands(&self) -> Vec<(Command, Ms)> {
        let start = || (Command::Start { worker: WORKER.into(), digest: None }, self.started_at);
        let Run { attempt, epoch } = FIRST;
        match self.stage {
            Stage::Queued => vec![],
            Stage::Running => vec![start()],
            Stage::Completed => vec![start(), (Command::Succeed { attempt, epoch }, self.ended_at)],
            Stage::Cancelled => vec![(Command::Cancel { reason: None, by: Default::default() }, self.ended_at)],
        }
    }
}
