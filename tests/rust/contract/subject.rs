//! Runs a scenario on whatever implements the rules.

use offstage_core::engine::Counts;
use offstage_core::error::Error;
use offstage_core::task::Record;

use super::scenario::{Expected, Options, Scenario, Spec, Step};

/// What happened during one step.
#[derive(Debug, Default)]
pub struct Seen {
    /// `task kind`, in the order of all events.
    pub events: Vec<String>,
    /// What the work of tasks noticed: `task aborted why`, `task goes on`.
    pub work: Vec<String>,
}

/// An implementation of the rules. After each call nothing is left to do at that moment.
pub trait Subject {
    fn new(options: &Options) -> Self;
    /// Answers with the name of the task that was there before under the same key, if one was.
    fn submit(
        &mut self,
        name: &str,
        spec: &Spec,
        parent: Option<&str>,
        key: Option<&str>,
    ) -> Result<Option<String>, Error>;
    fn succeed(&mut self, name: &str);
    fn fail(&mut self, name: &str, message: &str, retryable: bool);
    /// The work ends because it was told to.
    fn stop_work(&mut self, name: &str);
    fn ask(&mut self, name: &str, key: &str, expires_ms: Option<i64>);
    fn answer(&mut self, name: &str, key: &str, action: offstage_core::task::Action) -> Result<(), Error>;
    /// The work of the task awaits its child.
    fn await_child(&mut self, name: &str, child: &str);
    fn cancel(&mut self, name: &str);
    fn cancel_all(&mut self);
    fn clear(&mut self);
    fn pause(&mut self);
    fn resume(&mut self);
    fn set_limit(&mut self, limit: usize);
    fn advance(&mut self, ms: i64);
    fn step_wall(&mut self, ms: i64);
    fn stop(&mut self, drain_ms: i64);
    fn is_stopped(&mut self) -> bool;
    /// None for a task that was dropped.
    fn record(&mut self, name: &str) -> Option<Record>;
    fn counts(&mut self) -> Counts;
    /// What happened since it was asked last.
    fn take(&mut self) -> Seen;
}

/// Runs a scenario; the error says at which step what was different.
pub fn run<S: Subject>(scenario: &Scenario) -> Result<(), String> {
    let mut subject = S::new(&scenario.options);
    for (n, written) in scenario.steps.iter().enumerate() {
        take_step(&mut subject, written).map_err(|problem| {
            let Scenario { name, rules, .. } = scenario;
            format!("'{name}' ({}), step {}: {written}\n{problem}", rules.join(", "), n + 1)
        })?;
    }
    Ok(())
}

fn take_step<S: Subject>(subject: &mut S, written: &serde_json::Value) -> Result<(), String> {
    let step: Step = serde_json::from_value(written.clone()).map_err(|error| error.to_string())?;
    perform(subject, &step)?;
    compare(&mut subject.take(), &step)
}

fn perform<S: Subject>(subject: &mut S, step: &Step) -> Result<(), String> {
    let mut verbs = 0;
    let mut verb = |given: bool| {
        verbs += usize::from(given);
        given
    };
    if verb(step.submit.is_some()) {
        submit(subject, step)?;
    }
    if verb(step.answer.is_some()) {
        let (name, key) = (step.answer.as_deref().unwrap_or_default(), step.key.as_deref().unwrap_or_default());
        let action = step.action.ok_or("an answer needs an action")?;
        outcome(step, subject.answer(name, key, action).map(|()| None))?;
    }
    if verb(step.ask.is_some()) {
        let expires = step.expires.map(|seconds| (seconds * 1000.0) as i64);
        subject.ask(step.ask.as_deref().unwrap_or_default(), step.key.as_deref().unwrap_or_default(), expires);
    }
    if verb(step.awaits.is_some()) {
        subject.await_child(step.awaits.as_deref().unwrap_or_default(), step.child.as_deref().unwrap_or_default());
    }
    if let Some(name) = step.succeed.as_deref().filter(|_| verb(step.succeed.is_some())) {
        subject.succeed(name);
    }
    if let Some(name) = step.fail.as_deref().filter(|_| verb(step.fail.is_some())) {
        let message = step.message.as_deref().unwrap_or("it broke");
        subject.fail(name, message, step.retryable.unwrap_or(true));
    }
    if let Some(name) = step.stop_work.as_deref().filter(|_| verb(step.stop_work.is_some())) {
        subject.stop_work(name);
    }
    if let Some(name) = step.cancel.as_deref().filter(|_| verb(step.cancel.is_some())) {
        subject.cancel(name);
    }
    if let Some(limit) = step.concurrency.filter(|_| verb(step.concurrency.is_some())) {
        subject.set_limit(limit);
    }
    if let Some(ms) = step.advance.filter(|_| verb(step.advance.is_some())) {
        subject.advance(ms);
    }
    if let Some(ms) = step.step_wall.filter(|_| verb(step.step_wall.is_some())) {
        subject.step_wall(ms);
    }
    if let Some(stop) = step.stop.as_ref().filter(|_| verb(step.stop.is_some())) {
        subject.stop((stop.drain * 1000.0) as i64);
    }
    for (given, act) in [
        (step.cancel_all, S::cancel_all as fn(&mut S)),
        (step.clear, S::clear),
        (step.pause, S::pause),
        (step.resume, S::resume),
    ] {
        if verb(given == Some(true)) {
            act(subject);
        }
    }
    if verb(step.expect.is_some()) {
        expect(subject, step)?;
    }
    if verb(step.counts.is_some()) {
        count(step, subject.counts())?;
    }
    if verb(step.stopped.is_some()) {
        same("stopped", &step.stopped, &Some(subject.is_stopped()))?;
    }
    same("verbs in the step", &1, &verbs)
}

fn submit<S: Subject>(subject: &mut S, step: &Step) -> Result<(), String> {
    let name = step.submit.as_deref().unwrap_or_default();
    outcome(step, subject.submit(name, &step.spec, step.parent.as_deref(), step.key.as_deref()))
}

fn outcome(step: &Step, result: Result<Option<String>, Error>) -> Result<(), String> {
    let refused = result.as_ref().err().map(|error| error.code().to_owned());
    same("refused", &step.refused, &refused)?;
    same("deduplicated", &step.deduplicated, &result.ok().flatten())
}

fn expect<S: Subject>(subject: &mut S, step: &Step) -> Result<(), String> {
    for (name, expected) in step.expect.iter().flatten() {
        let record = subject.record(name);
        let status = record.as_ref().map_or("dropped", |record| record.status.as_str());
        let wanted = match expected {
            Expected::Status(status) => status,
            Expected::Facts(facts) => &facts.status,
        };
        same(&format!("status of {name}"), &wanted.as_str(), &status)?;
        let (Expected::Facts(facts), Some(record)) = (expected, record) else { continue };
        let code = record.error.as_ref().and_then(|error| serde_json::to_value(error.code).ok());
        let code = code.as_ref().and_then(|code| code.as_str());
        same(&format!("code of {name}"), &facts.code.as_deref().or(code), &code)?;
        same(&format!("attempt of {name}"), &facts.attempt.unwrap_or(record.attempt), &record.attempt)?;
        same(&format!("abandoned of {name}"), &facts.abandoned.unwrap_or(record.abandoned), &record.abandoned)?;
    }
    Ok(())
}

fn count(step: &Step, counts: Counts) -> Result<(), String> {
    for (status, wanted) in step.counts.iter().flatten() {
        let found = match status.as_str() {
            "pending" => counts.pending,
            "running" => counts.running,
            "input_required" => counts.input_required,
            "completed" => counts.completed,
            "failed" => counts.failed,
            "cancelled" => counts.cancelled,
            "abandoned" => counts.abandoned,
            other => return Err(format!("no such count: {other}")),
        };
        same(&format!("count of {status}"), wanted, &found)?;
    }
    Ok(())
}

fn compare(seen: &mut Seen, step: &Step) -> Result<(), String> {
    same("events", &step.then, &seen.events)?;
    // Two works may notice in any order, and one that awaited two things goes on once.
    let mut wanted = step.work.clone();
    wanted.sort_unstable();
    seen.work.sort_unstable();
    seen.work.dedup();
    same("what work noticed", &wanted, &seen.work)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, wanted: &T, found: &T) -> Result<(), String> {
    if wanted == found { Ok(()) } else { Err(format!("{what}:\n  expected {wanted:?}\n  found    {found:?}")) }
}
