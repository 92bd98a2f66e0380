use std::sync::Arc;

use super::Key;
use super::plain::Noted;
use crate::task::{Event, Record, Status};

/// What a driver has to do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Tell the execution to end.
    Abort {
        /// Which task.
        key: Key,
        /// What it is told.
        why: Why,
    },
    /// The task is terminal: settle who waits for it.
    Ended {
        /// Which task.
        key: Key,
        /// How.
        status: Status,
        /// Whether its work has ended as well; else a `Stopped` follows.
        stopped: bool,
    },
    /// An execution that was told to end has ended, or was given up.
    Stopped {
        /// Which task.
        key: Key,
        /// It was given up.
        abandoned: bool,
    },
    /// The slot that the task had lent is its own again.
    Restored {
        /// Which task.
        key: Key,
    },
    /// The task's record was dropped; who holds its handle keeps this.
    Dropped {
        /// Which task.
        key: Key,
        /// What it was.
        task: Dropped,
    },
    /// A fact about a task, while events are asked for.
    Event {
        /// Which task.
        key: Key,
        /// The fact.
        event: Arc<Event>,
    },
}

/// Why an execution is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its task was cancelled.
    Cancelled,
    /// Its time is over.
    TimedOut,
    /// Nobody answered it in time.
    InputExpired,
}

/// What a dropped task was.
#[derive(Clone, Debug, PartialEq)]
pub enum Dropped {
    /// The ordinary life of a plain task.
    Noted(Noted),
    /// Any other.
    Record(Box<Record>),
}
