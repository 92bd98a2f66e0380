use super::Key;
use super::history::History;
use super::set::Tasks;
use crate::task::Record;
use crate::time::Ms;

/// A task with its record, and what the engine knows of it besides.
pub(super) struct Full {
    pub(super) record: Record,
    pub(super) history: History,
    /// Its moment among the timers of wall time.
    pub(super) wall_at: Option<Ms>,
    /// Since when the attempt's clock runs, in microseconds of the monotonic clock.
    pub(super) since: i64,
    /// How long the attempt ran before, in microseconds.
    pub(super) used: i64,
    /// Where its slot is while it awaits a child.
    pub(super) lent: Lent,
    /// It waits for the earlier tasks of its session.
    pub(super) waits: bool,
    /// The nearest task above it whose work has not ended: the one that submitted it, or one above that.
    pub(super) parent: Option<Key>,
    /// How many ancestors it has.
    pub(super) depth: u8,
    /// A further attempt of that task goes on with it.
    pub(super) keyed: bool,
    /// The tasks whose `parent` it is and whose work has not ended.
    pub(super) children: Tasks,
    /// What must be alike in two submits with one idempotency key.
    pub(super) fingerprint: Option<Box<str>>,
}

/// Where a task's slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lent {
    /// With the task.
    No,
    /// With another: the task awaits a child.
    Out,
    /// The task wants it back.
    Wanted,
}

impl Full {
    pub(super) fn new(record: Record) -> Self {
        Self {
            record,
            history: History::default(),
            wall_at: None,
            since: 0,
            used: 0,
            lent: Lent::No,
            waits: false,
            parent: None,
            depth: 0,
            keyed: false,
            children: Tasks::default(),
            fingerprint: None,
        }
    }
}
