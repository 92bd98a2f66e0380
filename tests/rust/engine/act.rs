//! What can be done to an engine, in words that every engine understands: tasks go by their number.

use offstage_core::engine::{OnConflict, Why};
use offstage_core::task::{Action, Record, Run, Status};

#[derive(Clone, Debug)]
pub enum Act {
    Plain {
        priority: i32,
        timeout: Option<i64>,
    },
    Full(Box<Full>),
    Next,
    Succeed(usize, Run),
    Fail {
        task: usize,
        run: Run,
        retryable: bool,
    },
    Stopped(usize, Run),
    Progress(usize, Run),
    Ask {
        task: usize,
        run: Run,
        key: &'static str,
        expires_at: Option<i64>,
    },
    Answer {
        task: usize,
        key: &'static str,
        action: Action,
    },
    Cancel {
        task: usize,
        reason: bool,
    },
    CancelAll,
    Lend(usize),
    Reclaim(usize),
    Pause,
    Resume,
    Limit(usize),
    /// Milliseconds by which the clocks go on; wall time may go back. Without `tick` the driver is late.
    Clock {
        mono: i64,
        wall: i64,
        tick: bool,
    },
    Drop(usize),
    Stop {
        drain: i64,
    },
}

/// A task with all that can be asked for.
#[derive(Clone, Debug, Default)]
pub struct Full {
    pub priority: f64,
    pub session: Option<&'static str>,
    pub on_conflict: OnConflict,
    pub parent: Option<usize>,
    pub keyed: bool,
    pub idempotency_key: Option<&'static str>,
    pub recipe: &'static str,
    pub input: &'static str,
    pub retries: Option<f64>,
    pub backoff_initial: f64,
    pub delay: Option<f64>,
    pub run_at: Option<f64>,
    pub ttl: Option<f64>,
    pub timeout: Option<f64>,
    pub grace: Option<f64>,
}

/// What the engine answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done,
    Changed(bool),
    Count(usize),
    New(usize),
    /// The task of the same idempotency key.
    Known(usize),
    Started {
        task: usize,
        run: Run,
        resume: bool,
    },
    Nothing,
    Refused(&'static str),
}

/// What the engine had done, but for events.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Abort(usize, Why),
    Ended(usize, Status, bool),
    Stopped(usize, bool),
    Restored(usize),
    Dropped(usize, Box<Record>),
}
