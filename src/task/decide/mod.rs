//! What a command means for a task. One file for each group of commands; all of them only look.

mod ask;
mod cancel;
mod code;
mod due;
mod lose;
mod note;
mod recover;
mod release;
mod settle;
mod start;
mod stop;

use serde::Serialize;

use super::body::{Tool, Warning};
use super::{Body, Command, Event, Record, Run, Status};
use crate::error::Error;
use crate::time::Ms;

/// Says what a command changes. Changes nothing itself: hand the events to [`Record::apply`], in order.
///
/// No events mean that there is nothing to do: the command comes from an execution that does not hold the task (any
/// more), or the task is already what was asked for. An outcome that comes too late gives one `late_result` event for
/// each execution, and never touches status, result or error.
///
/// # Errors
/// * `conflict` when the task's state does not allow it: a start of what is not pending, due and free; an answer to what
///   is not asked; a report of an execution that was never started.
/// * `invalid_argument` when a value cannot be used.
///
/// ```
/// use offstage_core::{id, task::{Command, Spec, decide, submit}};
///
/// let (record, _) = submit(Spec::new("report"), id::task_id(0, [1; 16]), 0)?;
/// let cancel = Command::Cancel { reason: None, by: Default::default() };
/// let events = decide(&record, cancel, 10)?;
/// assert_eq!(events[0].body.kind(), "cancelled");
/// # Ok::<(), offstage_core::error::Error>(())
/// ```
pub fn decide(record: &Record, command: Command, now: Ms) -> Result<Vec<Event>, Error> {
    let bodies = judge(record, command, now)?;
    // One clock may be behind another: what is remembered of a task is never before what is remembered already.
    Ok(number(record.seq, now.max(record.updated_at), bodies))
}

fn judge(record: &Record, command: Command, now: Ms) -> Result<Vec<Body>, Error> {
    match command {
        Command::Start { worker, digest } => start::start(record, worker, digest, now),
        Command::Code { attempt, epoch, version, digest, serves } => {
            code::code(record, Run { attempt, epoch }, code::Found { version, digest, serves })
        }
        Command::Found { version, digest, serves } => Ok(code::found(record, code::Found { version, digest, serves })),
        Command::Update {} => code::update(record),
        Command::Succeed { attempt, epoch } => settle::succeed(record, Run { attempt, epoch }),
        Command::Fail { attempt, epoch, error, settled, retry_in_ms } => {
            let retry_at = now.saturating_add(retry_in_ms.unwrap_or(0).max(0));
            settle::fail(record, Run { attempt, epoch }, error, settled, retry_at)
        }
        Command::Lose { attempt, epoch, reason, stopped } => {
            Ok(lose::lose(record, Run { attempt, epoch }, reason, stopped))
        }
        Command::Release { attempt, epoch, reason } => release::release(record, Run { attempt, epoch }, reason),
        Command::Cancel { reason, by } => Ok(cancel::cancel(record, reason, by)),
        Command::Ask { attempt, epoch, key, message, schema, expires_at } => {
            ask::ask(record, Run { attempt, epoch }, key, ask::Question { message, schema, expires_at })
        }
        Command::Answer { key, action, content } => ask::answer(record, key, action, content, now),
        Command::Due {} => Ok(due::due(record, now)),
        Command::Stopped { attempt, epoch } => stop::stopped(record, Run { attempt, epoch }),
        Command::Abandon { attempt, epoch } => stop::abandon(record, Run { attempt, epoch }),
        Command::Progress { attempt, epoch, fraction, message, data } => {
            note::progress(record, Run { attempt, epoch }, fraction, message, data)
        }
        Command::Log { attempt, epoch, line } => Ok(note::log(record, Run { attempt, epoch }, line)),
        Command::Output { attempt, epoch, chunk } => note::output(record, Run { attempt, epoch }, chunk),
        Command::Step { attempt, epoch, key } => note::step(record, Run { attempt, epoch }, key),
        Command::Usage { attempt, epoch, used } => note::usage(record, Run { attempt, epoch }, used),
        Command::Tool { attempt, epoch, step, call, name, ok, ms } => {
            note::tool(record, Run { attempt, epoch }, Tool { step, call, name, ok, ms })
        }
        Command::Warning { attempt, epoch, reason, message } => {
            note::warning(record, Run { attempt, epoch }, Warning { reason, message })
        }
        Command::Tell { delivery, failed: false } => Ok(vec![Body::Delivered(delivery)]),
        Command::Tell { delivery, failed: true } => Ok(vec![Body::DeliveryFailed(delivery)]),
        Command::Recover { force, retry, overdue, reason, stopped } => {
            recover::recover(record, recover::Recovery { force, retry, overdue, reason, stopped })
        }
    }
}

/// Details of a conflict: what the task is instead.
#[derive(Serialize)]
struct Seen {
    status: Status,
}

fn number(last: u64, at: Ms, bodies: Vec<Body>) -> Vec<Event> {
    (last + 1..).zip(bodies).map(|(seq, body)| Event { seq, at, body }).collect()
}
