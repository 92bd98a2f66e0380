//! Asking a person.

use std::time::Duration;

use futures::future::{Either, select};

use super::context::Context;
use super::core::State;
use super::gate::Gate;
use crate::engine::Now;
use crate::error::Error;
use crate::task::{Answer, Command, Failure, Json, Run, Status};

/// What a person is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Which request: 1 to 200 characters. Asked again, also by a further attempt, it is the same request and its answer.
    pub key: String,
    /// What the person reads.
    pub message: String,
    /// JSON Schema of the content that is expected. Nothing checks it.
    pub schema: Option<Json>,
    /// After this time it cannot be answered, and the task fails with `input_expired`.
    pub expires: Option<Duration>,
}

impl Question {
    /// A question that may be answered at any time.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into(), schema: None, expires: None }
    }
}

/// What asking came to.
enum Asked {
    Answered(Answer),
    Open(Gate<Answer>),
}

impl Context {
    /// Asks a person, and waits for the answer: `accept` or `decline`.
    ///
    /// Meanwhile the slot is free and the timeout's clock stands still. After the last answer the task queues at the head
    /// of its priority, and this is ready when it runs again. An answer with `cancel` cancels the task.
    ///
    /// # Errors
    /// A failure when the execution is told to end before, when it cannot ask any more, or when the question cannot be
    /// asked as it is. `?` hands it on.
    ///
    /// # Cancel safety
    /// Dropped, the question stays open and the task waits for its answer: asking the same key again answers with it.
    pub async fn ask(&self, question: Question) -> Result<Answer, Failure> {
        self.check()?;
        let asked = self.core.change(|state, acts, now| {
            let asked = state.ask(self, question, now);
            state.effects(acts);
            asked
        });
        let gate = match asked? {
            Asked::Answered(answer) => return Ok(answer),
            Asked::Open(gate) => gate,
        };
        match select(gate.wait(), self.cancelled()).await {
            Either::Left((answer, _)) => Ok(answer),
            Either::Right((why, _)) => Err(Failure::aborted(why)),
        }
    }
}

impl State {
    fn ask(&mut self, context: &Context, question: Question, now: Now) -> Result<Asked, Error> {
        let Run { attempt, epoch } = context.live.run();
        let Question { key, message, schema, expires } = question;
        let expires_at = expires.map(|span| now.wall.saturating_add(span.as_millis().min(i64::MAX as u128) as i64));
        let ask = Command::Ask { attempt, epoch, key: key.clone(), message, schema, expires_at };
        self.engine.tell(context.key, ask, now)?;
        let (Some(record), Some(job)) = (self.engine.record(context.key), self.jobs.get_mut(&context.key.order)) else {
            return Err(Error::conflict("the task was dropped and cannot ask", &()));
        };
        let answer = record.requests.get(&key).and_then(|request| request.answer.clone());
        Ok(match answer {
            Some(answer) if record.status == Status::Running => Asked::Answered(answer),
            _ => Asked::Open(job.asks.entry(key).or_insert_with(Gate::new).clone()),
        })
    }
}
