//! The buffer that JavaScript reads, and the numbers in it. `js/core/runner.ts` has the same list.
//!
//! There is one for all runners: what a call has written is copied out of it before anything else can call any of them.

use std::cell::Cell;

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

thread_local! {
    static BUFFER: [Cell<f64>; CAPACITY] = const { [const { Cell::new(0.0) }; CAPACITY] };
}

/// Where it is. It does not move.
pub(super) fn buffer() -> *const f64 {
    BUFFER.with(|buffer| buffer.as_ptr().cast())
}

/// How much of the buffer one runner has used, and texts that belong to some of the words.
pub(super) struct Words {
    pub(super) used: usize,
    pub(super) texts: Vec<String>,
}

impl Default for Words {
    fn default() -> Self {
        Self { used: HEAD, texts: Vec::new() }
    }
}

impl Words {
    pub(super) fn put<const N: usize>(&mut self, words: [f64; N]) {
        BUFFER.with(|buffer| buffer[self.used..self.used + N].iter().zip(words).for_each(|(at, word)| at.set(word)));
        self.used += N;
    }

    /// Says whether another task can start.
    pub(super) fn put_head(&self, more: bool) {
        BUFFER.with(|buffer| buffer[0].set(flag(more)));
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
