//! What a task is and how it changes: plain data, [`decide`] and [`Record::apply`].
//!
//! 1. A task changes in one way only: [`decide`] answers a [`Command`] with [`Event`]s, [`Record::apply`] takes them over.
//! 2. A record can be rebuilt from its events alone ([`Record::replay`]).
//! 3. A terminal status, its error and its times of completion never change again; facts about the work may follow.
//! 4. `seq` counts a task's events from 1 without a gap.
//! 5. At most one execution holds a task. Each start has a higher `epoch`; a report of another one changes nothing.

mod apply;
mod backoff;
mod columns;
mod command;
mod decide;
mod event;
mod failure;
mod json;
mod read;
mod record;
mod request;
mod requests;
mod spec;
mod state;
mod submit;
mod usage;

pub use backoff::Backoff;
use backoff::millionths;
pub use columns::Columns;
pub use command::Command;
pub use decide::decide;
pub use event::{Body, Event, body};
pub use failure::{Failure, FailureCode};
pub use json::Json;
pub use record::{Record, State};
pub use request::{Action, Answer, Request};
pub use requests::Requests;
pub(crate) use spec::checked_name;
pub use spec::{BackoffSpec, Spec};
pub use state::{CancelledBy, Hold, LostReason, OnCodeChange, OnLost, OtherCode, Outcome, Run, Status};
pub use submit::submit;
pub use usage::{CostSource, ModelUsage, Tally, Usage, Used};
