use std::any::TypeId;
use std::collections::BTreeMap;

use super::context::Context;
use super::ended::Ended;
use super::gate::Gate;
use super::live::Live;
use super::platform::{AnyValue, Boxed, Function, Shared};
use super::submit::{Draft, Parent};
use super::sync::Lock;
use super::task::Task;
use crate::engine::Dropped;
use crate::task::{Answer, Failure};

/// How a task ended.
pub(super) type Outcome = Result<AnyValue, Ended>;

/// What one execution of a task does. It and all that it makes are code of others.
pub(super) type Work = Function<Context, Boxed<Result<AnyValue, Failure>>>;

/// A task, as its runner keeps it besides the engine.
pub(super) struct Job {
    pub(super) entry: Shared<Entry>,
    /// None once it has ended.
    pub(super) work: Option<Work>,
    /// Its code is a future alone, which can only be told to end by being dropped.
    pub(super) bare: bool,
    /// The execution that submitted it, and its task.
    pub(super) parent: Option<Parent>,
    /// The execution that has not ended.
    pub(super) live: Option<Shared<Live>>,
    /// The result of the execution that reports just now.
    pub(super) result: Option<AnyValue>,
    /// Those who wait for an answer, by the request's key.
    pub(super) asks: BTreeMap<String, Gate<Answer>>,
    /// Results of steps that are done.
    pub(super) steps: BTreeMap<String, AnyValue>,
    /// Children with a key: a further attempt goes on with them.
    pub(super) children: BTreeMap<String, Task>,
}

/// What a handle holds on to; it outlives the record.
pub(super) struct Entry {
    /// The type of the result.
    pub(super) kind: TypeId,
    pub(super) outcome: Gate<Outcome>,
    /// Opened when the work has really ended, or was given up.
    pub(super) stopped: Gate<()>,
    /// What the task was when it was dropped.
    pub(super) dropped: Lock<Option<Dropped>>,
}

impl Job {
    pub(super) fn new(draft: Draft, bare: bool) -> Self {
        let entry = Entry { kind: draft.kind, outcome: Gate::new(), stopped: Gate::new(), dropped: Lock::new(None) };
        Self {
            entry: Shared::new(entry),
            work: Some(draft.work),
            bare,
            parent: draft.parent,
            live: None,
            result: None,
            asks: BTreeMap::new(),
            steps: BTreeMap::new(),
            children: BTreeMap::new(),
        }
    }
}
