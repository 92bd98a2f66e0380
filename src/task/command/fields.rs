//! A command as JSON has it. Read as one flat object: buffering a tagged enum would cost a sixth of the wasm, and would
//! not leave JSON values as they are.

use serde::Deserialize;

use super::Command;
use crate::task::event::body::Delivery;
use crate::task::json::some;
use crate::task::{Action, CancelledBy, Failure, Json, LostReason, Used};
use crate::time::Ms;

#[derive(Deserialize)]
pub(super) struct Fields {
    command: Kind,
    attempt: Option<u32>,
    epoch: Option<u64>,
    worker: Option<String>,
    digest: Option<String>,
    version: Option<String>,
    serves: Option<bool>,
    error: Option<Failure>,
    settled: Option<bool>,
    retry_in_ms: Option<f64>,
    reason: Option<String>,
    stopped: Option<bool>,
    by: Option<CancelledBy>,
    key: Option<String>,
    message: Option<String>,
    schema: Option<Json>,
    expires_at: Option<Ms>,
    action: Option<Action>,
    content: Option<Json>,
    fraction: Option<f64>,
    #[serde(default, deserialize_with = "some")]
    data: Option<Json>,
    line: Option<String>,
    chunk: Option<Json>,
    used: Option<Used>,
    step: Option<String>,
    call: Option<String>,
    name: Option<String>,
    ok: Option<bool>,
    ms: Option<f64>,
    delivery: Option<Delivery>,
    failed: Option<bool>,
    force: Option<bool>,
    retry: Option<bool>,
    overdue: Option<bool>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Start,
    Code,
    Found,
    Update,
    Succeed,
    Fail,
    Lose,
    Release,
    Cancel,
    Ask,
    Answer,
    Due,
    Stopped,
    Abandon,
    Progress,
    Log,
    Output,
    Step,
    Usage,
    Tool,
    Warning,
    Tell,
    Recover,
}

impl TryFrom<Fields> for Command {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        match fields.command {
            Kind::Start => Ok(Self::Start { worker: need("worker", fields.worker)?, digest: fields.digest }),
            Kind::Cancel => Ok(Self::Cancel { reason: fields.reason, by: fields.by.unwrap_or_default() }),
            Kind::Due => Ok(Self::Due {}),
            Kind::Update => Ok(Self::Update {}),
            Kind::Found => Ok(Self::Found {
                version: need("version", fields.version)?,
                digest: fields.digest,
                serves: fields.serves.unwrap_or_default(),
            }),
            Kind::Tell => Ok(Self::Tell {
                delivery: need("delivery", fields.delivery)?,
                failed: fields.failed.unwrap_or_default(),
            }),
            Kind::Recover => fields.recover(),
            Kind::Answer => fields.answer(),
            _ => fields.report(),
        }
    }
}

impl Fields {
    /// What an execution says of itself.
    fn report(self) -> Result<Command, String> {
        let attempt = need("attempt", self.attempt)?;
        let epoch = need("epoch", self.epoch)?;
        Ok(match self.command {
            Kind::Code => Command::Code {
                attempt,
                epoch,
                version: need("version", self.version)?,
                digest: self.digest,
                serves: self.serves.unwrap_or_default(),
            },
            Kind::Succeed => Command::Succeed { attempt, epoch },
            Kind::Stopped => Command::Stopped { attempt, epoch },
            Kind::Abandon => Command::Abandon { attempt, epoch },
            Kind::Log => Command::Log { attempt, epoch, line: need("line", self.line)? },
            Kind::Step => Command::Step { attempt, epoch, key: need("key", self.key)? },
            Kind::Output => Command::Output { attempt, epoch, chunk: self.chunk.unwrap_or_else(Json::null) },
            Kind::Usage => Command::Usage { attempt, epoch, used: need("used", self.used)? },
            Kind::Tool => Command::Tool {
                attempt,
                epoch,
                step: need("step", self.step)?,
                call: need("call", self.call)?,
                name: need("name", self.name)?,
                ok: need("ok", self.ok)?,
                ms: need("ms", self.ms)?,
            },
            Kind::Warning => Command::Warning {
                attempt,
                epoch,
                reason: need("reason", self.reason)?,
                message: need("message", self.message)?,
            },
            Kind::Progress => {
                // JSON has no NaN; what JavaScript makes of it is null.
                let fraction = self.fraction.unwrap_or(f64::NAN);
                Command::Progress { attempt, epoch, fraction, message: self.message, data: self.data }
            }
            Kind::Lose => {
                let reason = lost_reason(self.reason.as_deref())?;
                Command::Lose { attempt, epoch, reason, stopped: self.stopped.unwrap_or_default() }
            }
            Kind::Release => Command::Release { attempt, epoch, reason: need("reason", self.reason)? },
            Kind::Fail => Command::Fail {
                attempt,
                epoch,
                error: need("error", self.error)?,
                settled: self.settled.unwrap_or(true),
                retry_in_ms: self.retry_in_ms.map(|ms| ms.round() as Ms),
            },
            _ => Command::Ask {
                attempt,
                epoch,
                key: need("key", self.key)?,
                message: need("message", self.message)?,
                schema: self.schema,
                expires_at: self.expires_at,
            },
        })
    }

    fn answer(self) -> Result<Command, String> {
        let action = need("action", self.action)?;
        Ok(Command::Answer { key: need("key", self.key)?, action, content: self.content })
    }

    fn recover(self) -> Result<Command, String> {
        let reason = match self.reason.as_deref() {
            None => LostReason::Recovered,
            Some("worker_gone") => LostReason::WorkerGone,
            Some("lease_expired") => LostReason::LeaseExpired,
            Some(_) => return Err("field `reason` must be worker_gone or lease_expired, or left out".into()),
        };
        Ok(Command::Recover {
            force: self.force.unwrap_or_default(),
            retry: self.retry.unwrap_or_default(),
            overdue: self.overdue.unwrap_or_default(),
            reason,
            stopped: self.stopped.unwrap_or_default(),
        })
    }
}

fn need<T>(field: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("missing field `{field}`"))
}

/// The `reason` of a cancel or a release is any text, that of a loss one of three.
fn lost_reason(text: Option<&str>) -> Result<LostReason, String> {
    match text {
        Some("worker_gone") => Ok(LostReason::WorkerGone),
        Some("lease_expired") => Ok(LostReason::LeaseExpired),
        Some("shutdown") => Ok(LostReason::Shutdown),
        _ => Err("field `reason` must be worker_gone, lease_expired or shutdown".into()),
    }
}
