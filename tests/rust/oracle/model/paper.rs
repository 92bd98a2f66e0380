//! What is crossed out and written down on paper when something happens.

use offstage_core::task::{FailureCode, Status};

use super::Model;
use super::Reply::{self, Happened};

impl Model {
    pub(super) fn begin(&mut self, worker: &str, now: i64) -> Reply {
        self.epoch += 1;
        self.code = Some((worker.to_owned(), self.attempt, self.epoch));
        self.status = Status::Running;
        self.answered = false;
        let now = self.written(now);
        self.first_start = self.first_start.or(Some(now));
        self.clock_started = Some(now);
        self.deadline = self.timeout.map(|timeout| now + 0.max(timeout - self.clock_before));
        Happened(vec!["started"])
    }

    pub(super) fn cancel(&mut self, now: i64) -> Reply {
        self.end(Status::Cancelled, now);
        Happened(vec!["cancelled"])
    }

    pub(super) fn fail_for_good(&mut self, code: FailureCode, now: i64) -> Reply {
        self.failed_with = Some(code);
        self.end(Status::Failed, now);
        Happened(vec!["failed"])
    }

    /// Tells which event it is.
    pub(super) fn lost(&mut self, again: bool, free: bool, now: i64) -> &'static str {
        if again {
            self.back_to_pending(now);
            self.free_attempts += u32::from(free);
            return "retry_scheduled";
        }
        self.fail_for_good(FailureCode::Lost, now);
        "failed"
    }

    pub(super) fn park(&mut self) -> Reply {
        self.code = None;
        self.clock_before = 0;
        Happened(vec!["lease_lost"])
    }

    /// As if it had not been started.
    pub(super) fn never_begun(&mut self) -> Reply {
        (self.attempt, self.answered, self.first_start) = self.before;
        self.status = Status::Pending;
        self.code = None;
        self.clock_started = None;
        self.deadline = None;
        Happened(vec!["retry_scheduled"])
    }

    pub(super) fn back_to_pending(&mut self, now: i64) {
        self.halt_clock(now);
        self.questions.retain(|q| q.answered);
        self.status = Status::Pending;
        self.answered = false;
    }

    pub(super) fn code_is_over(&mut self, stopped: bool, now: i64) -> &'static str {
        self.code = None;
        if !stopped {
            self.given_up = true;
            return "abandoned";
        }
        if self.ended.is_some() {
            self.stopped = Some(self.written(now));
        }
        "stopped"
    }

    pub(super) fn end(&mut self, status: Status, now: i64) {
        self.held = None;
        self.halt_clock(now);
        self.questions.retain(|q| q.answered);
        self.status = status;
        self.answered = false;
        let now = self.written(now);
        self.ended = Some(now);
        if self.code.is_none() {
            self.stopped = Some(now);
        }
    }

    pub(super) fn halt_clock(&mut self, now: i64) {
        if let Some(started) = self.clock_started {
            self.clock_before += self.written(now) - started;
        }
        self.clock_started = None;
        self.deadline = None;
    }

    /// The moment at which something that happens now is written down.
    pub(super) fn written(&self, now: i64) -> i64 {
        now.max(self.latest)
    }

    pub(super) fn is_code(&self, attempt: u32, epoch: u64) -> bool {
        self.code.as_ref().is_some_and(|(_, a, e)| *a == attempt && *e == epoch)
    }

    pub(super) fn attempts_left(&self) -> bool {
        self.attempt - self.free_attempts < self.most_attempts
    }

    pub(super) fn waited_too_long(&self, now: i64) -> bool {
        let since = self.not_before.unwrap_or(self.created);
        self.first_start.is_none() && self.ttl.is_some_and(|ttl| now >= since + ttl)
    }
}
