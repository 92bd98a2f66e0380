use crate::error::Error;
use crate::time::{Ms, checked_ms};

/// How an engine works. Everything has a default.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How many executions may hold a slot at once. Default 5.
    pub limit: usize,
    /// How many tasks may wait when all slots are taken. Default: no limit.
    pub max_queued: usize,
    /// How long cancelled or timed-out work gets to end by itself, unless its spec says so: 0 to 100 years. Default 5,000.
    pub kill_grace_ms: Ms,
    /// Whether ended tasks are dropped without being asked. Default yes.
    pub auto_cleanup: bool,
    /// How long after its end a task is dropped, unless its spec says so: 0 to 100 years. Default 3,600,000.
    pub cleanup_delay_ms: Ms,
    /// How many ended tasks are kept at most; the ones that ended first go first. Default 500.
    pub max_retained: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limit: 5,
            max_queued: usize::MAX,
            kill_grace_ms: 5_000,
            auto_cleanup: true,
            cleanup_delay_ms: 3_600_000,
            max_retained: 500,
        }
    }
}

impl Options {
    /// Refuses what no task could live with.
    pub(super) fn check(&self) -> Result<(), Error> {
        checked_ms("kill_grace_ms", self.kill_grace_ms)?;
        checked_ms("cleanup_delay_ms", self.cleanup_delay_ms)?;
        Ok(())
    }
}
