use serde::Serialize;

use crate::task::Status;

/// How many tasks there are of each status, and how many there ever were.
///
/// Ended tasks count on after they were dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All that were ever submitted.
    pub total: usize,
    /// Those that wait to start.
    pub pending: usize,
    /// Those that run.
    pub running: usize,
    /// Those that wait for a person.
    pub input_required: usize,
    /// Those that ended with a result.
    pub completed: usize,
    /// Those that ended with an error.
    pub failed: usize,
    /// Those that were cancelled.
    pub cancelled: usize,
    /// Executions that were given up without knowing whether they ended.
    pub abandoned: usize,
    /// Executions that hold a slot.
    pub slots: usize,
    /// Executions that were told to end and have not.
    pub stopping: usize,
}

impl Counts {
    /// Tasks that wait for a slot, a time or a person.
    pub fn waiting(&self) -> usize {
        self.pending + self.input_required
    }

    /// Tasks that have not ended.
    pub fn live(&self) -> usize {
        self.pending + self.running + self.input_required
    }

    pub(super) fn moved(&mut self, from: Status, to: Status) {
        *self.of(from) -= 1;
        *self.of(to) += 1;
    }

    fn of(&mut self, status: Status) -> &mut usize {
        match status {
            Status::Pending => &mut self.pending,
            Status::Running => &mut self.running,
            Status::InputRequired => &mut self.input_required,
            Status::Completed => &mut self.completed,
            Status::Failed => &mut self.failed,
            Status::Cancelled => &mut self.cancelled,
        }
    }
}
