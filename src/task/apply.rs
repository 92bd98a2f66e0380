//! Taking over what was decided.

use super::event::body::*;
use super::{Action, Answer, Body, Event, Hold, OtherCode, Record, Request, State, Status};
use crate::time::{Ms, elapsed};

impl Record {
    /// Takes over one event. It judges nothing: [`decide`](super::decide) did.
    ///
    /// Events come in the order of their `seq`; a gap is a bug of the caller.
    pub fn apply(&mut self, event: &Event) {
        if let Body::Submitted(first) = &event.body {
            return self.clone_from(first);
        }
        debug_assert_eq!(event.seq, self.seq + 1, "a gap in the events of {}", self.task_id);
        self.0.seq = event.seq;
        self.0.updated_at = event.at;
        self.0.take(&event.body, event.at);
    }
}

impl State {
    fn take(&mut self, body: &Body, at: Ms) {
        match body {
            Body::Submitted(_) | Body::Log(_) | Body::Output(_) | Body::Tool(_) | Body::Warning(_) => {}
            Body::Delivered(_) | Body::DeliveryFailed(_) => {}
            Body::Step(_) => self.stepped = true,
            Body::Usage(used) => self.usage.get_or_insert_default().used(used),
            Body::Code(data) => self.found_code(data),
            Body::Updated(data) => self.updated(data),
            Body::Started(data) => self.started(data, at),
            Body::Progress(data) => self.progressed(data),
            Body::InputRequested(data) => self.asked(data, at),
            Body::InputAnswered(data) => self.answered(data),
            Body::RetryScheduled(data) => self.retry_scheduled(data, at),
            Body::LeaseLost(data) => self.lease_lost(data),
            Body::Recovered(_) => self.recovered = true,
            Body::Completed(_) => self.completed(at),
            Body::Failed(data) => self.failed(data, at),
            Body::Cancelled(_) => self.end(Status::Cancelled, at),
            Body::Stopped(_) => self.stopped(at),
            Body::Abandoned(_) => self.abandoned(),
            Body::LateResult(data) => self.late.push(super::Run { attempt: data.attempt, epoch: data.epoch }),
        }
    }

    fn started(&mut self, data: &Started, at: Ms) {
        if !data.resume {
            self.ran_ms = 0;
            self.progress = 0.0;
            self.progress_message = None;
        }
        self.status = Status::Running;
        self.resume = false;
        self.attempt = data.attempt;
        self.epoch = data.epoch;
        let Started { worker, attempt, epoch, resume, .. } = data;
        self.hold = Some(Hold { worker: worker.clone(), attempt: *attempt, epoch: *epoch, resume: *resume });
        self.started_at.get_or_insert(at);
        self.running_since = Some(at);
        self.deadline_at = self.timeout_ms.map(|timeout| at.saturating_add((timeout - self.ran_ms).max(0)));
    }

    fn found_code(&mut self, data: &Code) {
        if data.held {
            self.held = Some(OtherCode { version: data.version.clone(), digest: data.digest.clone() });
            return self.not_begun();
        }
        let known = self.version.is_some();
        self.code_changed |= known && self.has_memory();
        self.version = Some(data.version.clone());
        self.digest.clone_from(&data.digest);
    }

    fn updated(&mut self, data: &Updated) {
        self.held = None;
        if data.code == WhichCode::Current {
            self.code_changed |= self.has_memory();
            self.version = None;
            self.digest = None;
        }
    }

    fn progressed(&mut self, data: &Progress) {
        self.progress = data.fraction;
        self.progress_message.clone_from(&data.message);
    }

    fn asked(&mut self, data: &InputRequested, at: Ms) {
        let request = Request {
            message: data.message.clone(),
            schema: data.schema.clone(),
            expires_at: data.expires_at,
            requested_at: at,
            answer: None,
        };
        self.requests.push(data.key.clone(), request);
        self.halt_clock(at);
        self.status = Status::InputRequired;
        self.resume = false;
    }

    fn answered(&mut self, data: &InputAnswered) {
        if let Some(request) = self.requests.get_mut(&data.key) {
            request.answer = Some(Answer { action: data.action, content: data.content.clone() });
        }
        let goes_on = data.action != Action::Cancel && self.requests.open().next().is_none();
        if goes_on {
            self.status = Status::Pending;
            self.resume = true;
            self.run_at = None;
        }
    }

    fn retry_scheduled(&mut self, data: &RetryScheduled, at: Ms) {
        if !data.begun {
            return self.not_begun();
        }
        self.halt_clock(at);
        self.requests.close();
        self.status = Status::Pending;
        self.resume = false;
        self.run_at = data.run_at.or(self.run_at);
        self.uncounted += u32::from(!data.counted);
        if data.settled {
            self.hold = None;
        }
    }

    /// Back to before the start; only `epoch` has grown, so that nobody takes two executions for one.
    fn not_begun(&mut self) {
        self.resume = self.hold.take().is_some_and(|hold| hold.resume);
        self.attempt = self.attempt.saturating_sub(u32::from(!self.resume));
        if self.attempt == 0 {
            self.started_at = None;
        }
        self.status = Status::Pending;
        self.running_since = None;
        self.deadline_at = None;
    }

    fn lease_lost(&mut self, data: &LeaseLost) {
        if data.parked {
            // The run that used the time is gone, and the next one starts from the top: it gets the whole time.
            self.ran_ms = 0;
            self.hold = None;
        }
    }

    fn completed(&mut self, at: Ms) {
        self.hold = None;
        self.progress = 1.0;
        self.end(Status::Completed, at);
    }

    fn failed(&mut self, data: &Failed, at: Ms) {
        self.error = Some(data.error.clone());
        if data.settled {
            self.hold = None;
        }
        self.end(Status::Failed, at);
    }

    fn stopped(&mut self, at: Ms) {
        self.hold = None;
        if self.status.is_terminal() {
            self.stopped_at = Some(at);
        }
    }

    fn abandoned(&mut self) {
        self.hold = None;
        self.abandoned = true;
    }

    /// Makes it terminal. While somebody still holds it, its work has not ended.
    fn end(&mut self, status: Status, at: Ms) {
        self.halt_clock(at);
        self.requests.close();
        self.status = status;
        self.resume = false;
        self.held = None;
        self.completed_at = Some(at);
        self.stopped_at = self.hold.is_none().then_some(at);
    }

    /// The clock of the attempt stands still.
    fn halt_clock(&mut self, at: Ms) {
        if let Some(since) = self.running_since.take() {
            self.ran_ms += elapsed(since, at);
        }
        self.deadline_at = None;
    }
}
