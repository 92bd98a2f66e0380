//! The oracle: DESIGN's table of states once more, written row by row and as naively as can be.
//!
//! It knows nothing of events, of how `decide` is cut, or of how a record is kept. It says of each command whether it is
//! refused or what happens, and keeps the few facts about a task that one could keep on paper.

use offstage_core::task::{Action, Command, Failure, FailureCode, LostReason, OnCodeChange, OnLost, Spec, Status};

/// What a command came to.
#[derive(Debug, PartialEq)]
pub enum Reply {
    Refused,
    Happened(Vec<&'static str>),
}

mod code;
mod paper;

use Reply::{Happened, Refused};

#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub key: String,
    pub expires: Option<i64>,
    pub answered: bool,
}

/// A task on paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub status: Status,
    /// Pending after an answer.
    pub answered: bool,
    pub attempt: u32,
    pub free_attempts: u32,
    pub most_attempts: u32,
    pub epoch: u64,
    /// Worker, attempt and epoch of the code that has not ended.
    pub code: Option<(String, u32, u64)>,
    pub not_before: Option<i64>,
    pub first_start: Option<i64>,
    pub ended: Option<i64>,
    pub stopped: Option<i64>,
    pub deadline: Option<i64>,
    pub failed_with: Option<FailureCode>,
    pub questions: Vec<Question>,
    pub progress: f64,
    pub given_up: bool,
    pub recovered: bool,
    /// When something happened last: what happens later is not written down as earlier, whatever the clock says.
    latest: i64,
    created: i64,
    ttl: Option<i64>,
    timeout: Option<i64>,
    retry_lost: bool,
    clock_started: Option<i64>,
    clock_before: i64,
    reported_late: Vec<(u32, u64)>,
    /// Version and digest of the code that it knows, and of the code for which it is held.
    pub knows: (Option<String>, Option<String>),
    pub held: Option<(String, Option<String>)>,
    pub went_on_with_other_code: bool,
    policy: Option<OnCodeChange>,
    stepped: bool,
    /// How the task was before its last start.
    before: (u32, bool, Option<i64>),
}

impl Model {
    pub fn new(spec: &Spec, now: i64) -> Self {
        let retry_lost = spec.on_lost == Some(OnLost::Retry);
        let retries = spec.retries.map_or(if retry_lost { 3 } else { 0 }, |retries| retries as u32);
        let after_delay = spec.delay_ms.filter(|delay| *delay > 0.0).map(|delay| now + delay as i64);
        Self {
            status: Status::Pending,
            answered: false,
            attempt: 0,
            free_attempts: 0,
            most_attempts: retries + 1,
            epoch: 0,
            code: None,
            not_before: spec.run_at.map(|at| at as i64).or(after_delay),
            first_start: None,
            ended: None,
            stopped: None,
            deadline: None,
            failed_with: None,
            questions: Vec::new(),
            progress: 0.0,
            given_up: false,
            recovered: false,
            latest: now,
            created: now,
            ttl: spec.ttl_ms.map(|ttl| ttl as i64),
            timeout: spec.timeout_ms.map(|timeout| timeout as i64).filter(|timeout| *timeout > 0),
            retry_lost,
            clock_started: None,
            clock_before: 0,
            reported_late: Vec::new(),
            knows: (spec.version.clone(), spec.digest.clone()),
            held: None,
            went_on_with_other_code: false,
            policy: spec.on_code_change,
            stepped: false,
            before: (0, false, None),
        }
    }

    pub fn put(&mut self, command: &Command, now: i64) -> Reply {
        if self.status == Status::Pending && matches!(command, Command::Start { .. }) {
            self.before = (self.attempt, self.answered, self.first_start);
        }
        let reply = self.judge(command, now);
        if matches!(&reply, Happened(kinds) if !kinds.is_empty()) {
            self.latest = self.written(now);
        }
        reply
    }

    fn judge(&mut self, command: &Command, now: i64) -> Reply {
        if let Some(reply) = self.about_code(command, now) {
            return reply;
        }
        match self.status {
            Status::Pending if self.answered => self.pending_after_an_answer(command, now),
            Status::Pending => self.pending(command, now),
            Status::Running => self.running(command, now),
            Status::InputRequired => self.input_required(command, now),
            Status::Completed | Status::Failed | Status::Cancelled => self.terminal(command, now),
        }
    }

    fn pending(&mut self, command: &Command, now: i64) -> Reply {
        match command {
            Command::Start { worker, .. } => {
                let early = self.not_before.is_some_and(|at| now < at);
                if self.code.is_some() || early || self.waited_too_long(now) {
                    return Refused;
                }
                self.attempt += 1;
                self.clock_before = 0;
                self.progress = 0.0;
                self.begin(worker, now)
            }
            Command::Due {} if self.waited_too_long(now) => self.fail_for_good(FailureCode::Expired, now),
            Command::Cancel { .. } => self.cancel(now),
            // Code of a timed-out attempt may still run.
            other => self.leftovers(other, now),
        }
    }

    fn pending_after_an_answer(&mut self, command: &Command, now: i64) -> Reply {
        match command {
            Command::Start { worker, .. } => {
                // Only the code that waits may go on while it is alive; once it is gone anybody may.
                if self.code.as_ref().is_some_and(|(holder, ..)| holder != worker) {
                    return Refused;
                }
                self.begin(worker, now)
            }
            Command::Cancel { .. } => self.cancel(now),
            Command::Lose { attempt, epoch, .. } if self.is_code(*attempt, *epoch) => self.park(),
            other => self.report_of_the_attempt(other, now),
        }
    }

    fn running(&mut self, command: &Command, now: i64) -> Reply {
        match command {
            Command::Cancel { .. } => self.cancel(now),
            Command::Lose { attempt, epoch, reason, stopped } if self.is_code(*attempt, *epoch) => {
                let free = *reason == LostReason::Shutdown;
                let left = free || self.attempts_left();
                let mut kinds = vec!["lease_lost"];
                kinds.push(self.lost(self.retry_lost && left, free, now));
                kinds.push(self.code_is_over(*stopped, now));
                Happened(kinds)
            }
            Command::Release { attempt, epoch, .. } if self.is_code(*attempt, *epoch) => self.never_begun(),
            Command::Recover { force, retry, overdue, stopped, .. } => {
                if !force && !overdue {
                    return Refused;
                }
                self.recovered = true;
                let again = *retry || (self.retry_lost && self.attempts_left());
                let mut kinds = vec!["recovered"];
                kinds.push(self.lost(again, *retry, now));
                kinds.push(self.code_is_over(*stopped, now));
                Happened(kinds)
            }
            other => self.report_of_the_attempt(other, now),
        }
    }

    fn input_required(&mut self, command: &Command, now: i64) -> Reply {
        match command {
            Command::Cancel { .. } => self.cancel(now),
            Command::Due {} => {
                let expired = self.questions.iter().any(|q| !q.answered && q.expires.is_some_and(|at| now >= at));
                if !expired {
                    return Happened(vec![]);
                }
                self.fail_for_good(FailureCode::InputExpired, now)
            }
            Command::Answer { key, action, .. } => {
                let open = |q: &&mut Question| q.key == *key && !q.answered && q.expires.is_none_or(|at| now < at);
                let Some(question) = self.questions.iter_mut().find(open) else {
                    return Refused;
                };
                question.answered = true;
                if *action == Action::Cancel {
                    self.cancel(now);
                    return Happened(vec!["input_answered", "cancelled"]);
                }
                if self.questions.iter().all(|q| q.answered) {
                    self.status = Status::Pending;
                    self.answered = true;
                    self.not_before = None;
                }
                Happened(vec!["input_answered"])
            }
            Command::Lose { attempt, epoch, .. } if self.is_code(*attempt, *epoch) => self.park(),
            other => self.report_of_the_attempt(other, now),
        }
    }

    fn terminal(&mut self, command: &Command, now: i64) -> Reply {
        match command {
            Command::Cancel { .. } => Happened(vec![]),
            other => self.leftovers(other, now),
        }
    }

    /// What the code of an attempt says while the task waits for its end.
    fn report_of_the_attempt(&mut self, command: &Command, now: i64) -> Reply {
        let Some((attempt, epoch)) = run_of(command).filter(|(attempt, epoch)| self.is_code(*attempt, *epoch)) else {
            return self.leftovers(command, now);
        };
        match command {
            Command::Succeed { .. } => {
                self.code = None;
                self.progress = 1.0;
                self.end(Status::Completed, now);
                Happened(vec!["completed"])
            }
            Command::Fail { error, settled, retry_in_ms, .. } => {
                let again = may_be_retried(error) && self.attempts_left();
                if *settled {
                    self.code = None;
                }
                if again {
                    self.back_to_pending(now);
                    self.not_before = Some(now + retry_in_ms.unwrap_or(0));
                    Happened(vec!["retry_scheduled"])
                } else {
                    self.fail_for_good(error.code, now)
                }
            }
            Command::Ask { key, expires_at, .. } => {
                if self.questions.iter().any(|q| q.key == *key) {
                    return Happened(vec![]);
                }
                self.questions.push(Question { key: key.clone(), expires: *expires_at, answered: false });
                self.halt_clock(now);
                self.status = Status::InputRequired;
                self.answered = false;
                Happened(vec!["input_requested"])
            }
            Command::Progress { fraction, .. } => {
                self.progress = fraction.clamp(0.0, 1.0);
                Happened(vec!["progress"])
            }
            Command::Log { .. } => Happened(vec!["log"]),
            Command::Output { .. } => Happened(vec!["output"]),
            Command::Usage { .. } => Happened(vec!["usage"]),
            Command::Tool { .. } => Happened(vec!["tool"]),
            Command::Warning { .. } => Happened(vec!["warning"]),
            Command::Step { .. } => {
                self.stepped = true;
                Happened(vec!["step"])
            }
            // The attempt goes on: it cannot have stopped without an outcome.
            Command::Stopped { .. } | Command::Abandon { .. } => Refused,
            // It has asked, so it had begun; one that runs is judged above.
            Command::Release { .. } => Refused,
            other => panic!("attempt {attempt}, epoch {epoch}: {other:?} is for the state to judge"),
        }
    }

    /// What comes from code that the task does not wait for (any more), or does not fit its state.
    fn leftovers(&mut self, command: &Command, now: i64) -> Reply {
        let stopping = run_of(command).is_some_and(|(attempt, epoch)| self.is_code(attempt, epoch));
        match command {
            Command::Start { .. } | Command::Ask { .. } | Command::Answer { .. } | Command::Recover { .. } => Refused,
            Command::Succeed { attempt, epoch } => self.late(*attempt, *epoch, stopping, now),
            Command::Fail { attempt, epoch, settled, .. } => self.late(*attempt, *epoch, stopping && *settled, now),
            Command::Stopped { .. } if stopping => Happened(vec![self.code_is_over(true, now)]),
            Command::Abandon { .. } if stopping => Happened(vec![self.code_is_over(false, now)]),
            Command::Release { .. } if stopping => Happened(vec![self.code_is_over(true, now)]),
            Command::Lose { stopped, .. } if stopping => Happened(vec![self.code_is_over(*stopped, now)]),
            _ => Happened(vec![]),
        }
    }

    fn late(&mut self, attempt: u32, epoch: u64, has_ended: bool, now: i64) -> Reply {
        let ever_started = attempt >= 1 && attempt <= self.attempt && epoch >= 1 && epoch <= self.epoch;
        if !ever_started {
            return Refused;
        }
        let mut kinds = vec![];
        if !self.reported_late.contains(&(attempt, epoch)) {
            self.reported_late.push((attempt, epoch));
            kinds.push("late_result");
        }
        if has_ended {
            kinds.push(self.code_is_over(true, now));
        }
        Happened(kinds)
    }

    /// The first moment at which `due` would change the task.
    pub fn due_at(&self) -> Option<i64> {
        match self.status {
            Status::Pending if self.first_start.is_none() => {
                self.ttl.map(|ttl| self.not_before.unwrap_or(self.created) + ttl)
            }
            Status::InputRequired => self.questions.iter().filter(|q| !q.answered).filter_map(|q| q.expires).min(),
            _ => None,
        }
    }
}

fn may_be_retried(error: &Failure) -> bool {
    error.retryable && !matches!(error.code, FailureCode::Unserializable | FailureCode::BudgetExceeded)
}

fn run_of(command: &Command) -> Option<(u32, u64)> {
    match command {
        Command::Succeed { attempt, epoch }
        | Command::Fail { attempt, epoch, .. }
        | Command::Lose { attempt, epoch, .. }
        | Command::Release { attempt, epoch, .. }
        | Command::Ask { attempt, epoch, .. }
        | Command::Stopped { attempt, epoch }
        | Command::Abandon { attempt, epoch }
        | Command::Progress { attempt, epoch, .. }
        | Command::Log { attempt, epoch, .. }
        | Command::Output { attempt, epoch, .. }
        | Command::Usage { attempt, epoch, .. }
        | Command::Tool { attempt, epoch, .. }
        | Command::Warning { attempt, epoch, .. }
        | Command::Step { attempt, epoch, .. } => Some((*attempt, *epoch)),
        _ => None,
    }
}
