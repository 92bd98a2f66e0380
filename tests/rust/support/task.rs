use offstage_core::error::Error;
use offstage_core::id::{TaskId, task_id};
use offstage_core::task::{
    Action, Body, Command, Event, Failure, FailureCode, LostReason, Record, Run, Spec, decide, submit,
};
use offstage_core::time::Ms;

/// Some task's id.
pub fn id() -> TaskId {
    task_id(0, [7; 16])
}

/// What an execution reports when its code threw.
pub fn failure(code: FailureCode) -> Failure {
    Failure { code, name: "Error".into(), message: "it broke".into(), retryable: true, details: None }
}

/// A task, its history, and a clock that the scenario sets.
pub struct Task {
    pub record: Record,
    pub events: Vec<Event>,
    pub now: Ms,
}

impl Task {
    pub fn new(spec: Spec) -> Self {
        Self::submitted_at(spec, 1_000)
    }

    pub fn submitted_at(spec: Spec, now: Ms) -> Self {
        let (record, event) = submit(spec, id(), now).expect("the spec is good");
        Self { record, events: vec![event], now }
    }

    /// Time passes.
    pub fn after(&mut self, ms: Ms) -> &mut Self {
        self.now += ms;
        self
    }

    /// Puts a command; answers with the kinds of the events that it gave. They are applied.
    pub fn put(&mut self, command: Command) -> Result<Vec<&'static str>, Error> {
        let events = decide(&self.record, command, self.now)?;
        for event in &events {
            self.record.apply(event);
        }
        let kinds = events.iter().map(|event| event.body.kind()).collect();
        self.events.extend(events);
        Ok(kinds)
    }

    /// Puts a command that must be accepted.
    pub fn does(&mut self, command: Command) -> Vec<&'static str> {
        self.put(command).expect("the command is accepted")
    }

    /// Puts a command that must be refused with `conflict`, and change nothing.
    #[track_caller]
    pub fn refuses(&mut self, command: Command) -> Error {
        let before = self.record.clone();
        let error = self.put(command).expect_err("the command is refused");
        assert!(error.is_conflict(), "{error:?}");
        assert_eq!(self.record, before);
        error
    }

    /// Whoever holds the task.
    #[track_caller]
    pub fn run(&self) -> Run {
        self.record.hold.as_ref().expect("somebody holds the task").run()
    }

    pub fn start(&mut self) -> &mut Self {
        self.start_by("w1")
    }

    #[track_caller]
    pub fn start_by(&mut self, worker: &str) -> &mut Self {
        let command = Command::Start { worker: worker.into(), digest: None };
        assert_eq!(self.does(command), ["started"]);
        self
    }

    pub fn succeed(&self) -> Command {
        succeed(self.run())
    }

    pub fn fail(&self, code: FailureCode) -> Command {
        self.fail_with(failure(code), true)
    }

    pub fn fail_with(&self, error: Failure, settled: bool) -> Command {
        let Run { attempt, epoch } = self.run();
        Command::Fail { attempt, epoch, error, settled, retry_in_ms: Some(500) }
    }

    /// The attempt's time is over; its code still runs.
    pub fn time_out(&self) -> Command {
        self.fail_with(failure(FailureCode::Timeout), false)
    }

    pub fn lose(&self, reason: LostReason, stopped: bool) -> Command {
        let Run { attempt, epoch } = self.run();
        Command::Lose { attempt, epoch, reason, stopped }
    }

    pub fn release(&self) -> Command {
        let Run { attempt, epoch } = self.run();
        Command::Release { attempt, epoch, reason: "no process could be started".into() }
    }

    pub fn ask(&self, key: &str, expires_at: Option<Ms>) -> Command {
        let Run { attempt, epoch } = self.run();
        Command::Ask { attempt, epoch, key: key.into(), message: "May I?".into(), schema: None, expires_at }
    }

    pub fn stopped(&self) -> Command {
        let Run { attempt, epoch } = self.run();
        Command::Stopped { attempt, epoch }
    }

    pub fn abandon(&self) -> Command {
        let Run { attempt, epoch } = self.run();
        Command::Abandon { attempt, epoch }
    }

    /// The last event's data.
    pub fn last(&self) -> &Body {
        &self.events[self.events.len() - 1].body
    }

    pub fn error_code(&self) -> Option<FailureCode> {
        self.record.error.as_ref().map(|error| error.code)
    }
}

pub fn succeed(run: Run) -> Command {
    Command::Succeed { attempt: run.attempt, epoch: run.epoch }
}

pub fn cancel() -> Command {
    Command::Cancel { reason: Some("no longer needed".into()), by: Default::default() }
}

pub fn answer(key: &str, action: Action) -> Command {
    Command::Answer { key: key.into(), action, content: None }
}

pub fn start() -> Command {
    Command::Start { worker: "w1".into(), digest: None }
}
