use std::any::TypeId;
use std::collections::BTreeMap;

use super::core::Core;
use super::ended::Ended;
use super::gate::Gate;
use super::live::Live;
use super::platform::{AnyValue, Boxed, Function, Shared, Weak};
use super::sync::Lock;
use super::task::Task;
use crate::engine::{Dropped, Key};
use crate::task::{Answer, Failure};

/// How a task ended.
pub(super) type Outcome = Result<AnyValue, Ended>;

/// What code is called with: the execution that it is.
pub(super) struct Call {
    pub(super) core: Shared<Core>,
    pub(super) key: Key,
    pub(super) live: Shared<Live>,
}

/// What one execution of a task does. It and all that it makes are code of others.
pub(super) type Work = Function<Call, Boxed<Result<AnyValue, Failure>>>;

pub(super) type Parent = (Key, Shared<Live>);

/// A task to be; it becomes one where there is a runner.
pub(super) struct Draft {
    pub(super) kind: TypeId,
    pub(super) work: Work,
    /// The execution that submits it, and its task.
    pub(super) parent: Option<Parent>,
}

/// A task, as its runner keeps it besides the engine.
pub(super) struct Job {
    /// The type of the result.
    kind: TypeId,
    /// Kept while it lives, and while its idempotency key may bring another handle; else the handles alone keep the result.
    kept: Option<Shared<Entry>>,
    entry: Weak<Entry>,
    pub(super) nature: Nature,
    /// None once it has ended.
    pub(super) work: Option<Work>,
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

/// What does not change about a task.
#[derive(Clone, Copy)]
pub(super) struct Nature {
    /// Its code is a future alone, which can only be told to end by being dropped.
    pub(super) bare: bool,
    /// Another submit may ask for its result.
    pub(super) has_idempotency_key: bool,
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
    pub(super) fn new(draft: Draft, nature: Nature) -> Self {
        let entry = Shared::new(Entry::new(draft.kind, Gate::new()));
        Self {
            kind: draft.kind,
            entry: Shared::downgrade(&entry),
            kept: Some(entry),
            nature,
            work: Some(draft.work),
            parent: draft.parent,
            live: None,
            result: None,
            asks: BTreeMap::new(),
            steps: BTreeMap::new(),
            children: BTreeMap::new(),
        }
    }

    /// What handles hold on to. Of a task that nobody had a handle of any more it is a new one, without the outcome, which
    /// only [`TaskHandle`](super::TaskHandle)s ask for.
    pub(super) fn entry(&mut self) -> Shared<Entry> {
        self.held().unwrap_or_else(|| {
            let entry = Shared::new(Entry::new(self.kind, Gate::opened(())));
            self.entry = Shared::downgrade(&entry);
            entry
        })
    }

    /// The same, if somebody holds it.
    pub(super) fn held(&self) -> Option<Shared<Entry>> {
        self.entry.upgrade()
    }

    /// From now on handles alone keep the outcome, unless the idempotency key does. What is answered is to be dropped.
    pub(super) fn let_go(&mut self) -> Option<Shared<Entry>> {
        self.kept.take_if(|_| !self.nature.has_idempotency_key)
    }
}

impl Entry {
    fn new(kind: TypeId, stopped: Gate<()>) -> Self {
        Self { kind, outcome: Gate::new(), stopped, dropped: Lock::new(None) }
    }
}
