//! The buffer that JavaScript reads, and the numbers in it. `js/core/runner.ts` has the same list.

use crate::engine::Why;
use crate::task::Status;

/// Words of the buffer.
pub(super) const CAPACITY: usize = 1_024;
/// Words of the longest effect.
const LONGEST: usize = 8;

pub(super) const START: f64 = 1.0;
pub(super) const ABORT: f64 = 2.0;
pub(super) const ENDED: f64 = 3.0;
pub(super) const STOPPED: f64 = 4.0;
pub(super) const RESTORED: f64 = 5.0;
pub(super) const DROPPED: f64 = 6.0;
pub(super) const DROPPED_RECORD: f64 = 7.0;
pub(super) const EVENT: f64 = 8.0;
pub(super) const KEEP: f64 = 9.0;
pub(super) const OVER: f64 = 10.0;

/// The first word: whether another task can start.
pub(super) const HEAD: usize = 1;

/// A buffer that does not move, and texts that belong to some of the words.
pub(super) struct Words {
    pub(super) words: Box<[f64; CAPACITY]>,
    pub(super) used: usize,
    pub(super) texts: Vec<String>,
}

impl Default for Words {
    fn default() -> Self {
        Self { words: Box::new([0.0; CAPACITY]), used: HEAD, texts: Vec::new() }
    }
}

impl Words {
    pub(super) fn put<const N: usize>(&mut self, words: [f64; N]) {
        self.words[self.used..self.used + N].copy_from_slice(&words);
        self.used += N;
    }

    /// For one more effect, and for a start.
    pub(super) fn has_room(&self) -> bool {
        self.used + 2 * LONGEST <= CAPACITY
    }
}

pub(super) fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// The statuses in the order in which DESIGN names them.
pub(super) fn code(status: Status) -> f64 {
    match status {
        Status::Pending => 0.0,
        Status::Running => 1.0,
        Status::InputRequired => 2.0,
        Status::Completed => 3.0,
        Status::Failed => 4.0,
        Status::Cancelled => 5.0,
    }
}

pub(super) fn reason(why: Why) -> f64 {
    match why {
        Why::Cancelled => 0.0,
        Why::TimedOut => 1.0,
        Why::InputExpired => 2.0,
    }
}
