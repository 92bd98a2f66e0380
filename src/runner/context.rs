//! What the code of a task is given.

use serde::Serialize;

use super::core::Core;
use super::live::Live;
use super::platform::Shared;
use super::token::{CancelToken, Cancelled};
use crate::engine::Key;
use crate::error::Error;
use crate::id::TaskId;
use crate::task::{Command, Failure, Json, Run};

/// One execution of a task, as its code sees it. Clones are the same execution.
///
/// What is told after the execution ended, or for one that was given up, goes nowhere.
#[derive(Clone)]
pub struct Context {
    pub(super) core: Shared<Core>,
    pub(super) key: Key,
    pub(super) live: Shared<Live>,
}

impl Context {
    pub(super) fn new(core: Shared<Core>, key: Key, live: Shared<Live>) -> Self {
        Self { core, key, live }
    }

    /// The task's id.
    pub fn id(&self) -> TaskId {
        self.core.id(self.key)
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.live.run().attempt
    }

    /// Says when the execution is to end; for code that cannot have the context.
    pub fn token(&self) -> CancelToken {
        CancelToken(self.live.clone())
    }

    /// Whether the execution is to end: its task was cancelled, or its time is over.
    pub fn is_cancelled(&self) -> bool {
        self.token().is_cancelled()
    }

    /// Ready once the execution is to end; says why.
    ///
    /// # Cancel safety
    /// Dropped, it is forgotten, and nothing else happens.
    pub fn cancelled(&self) -> Cancelled {
        self.token().cancelled()
    }

    /// Goes on, or leaves by `?` when the execution is to end.
    ///
    /// # Errors
    /// See [`CancelToken::check`].
    pub fn check(&self) -> Result<(), Failure> {
        self.token().check()
    }

    /// Tells how far it is: clamped to 0..1, `NaN` keeps what was said last.
    pub fn progress(&self, fraction: f64, message: Option<&str>) {
        let Run { attempt, epoch } = self.live.run();
        let message = message.map(str::to_owned);
        // Refused is only what is too long, and a message is cut.
        let _ = self.tell(Command::Progress { attempt, epoch, fraction, message, data: None });
    }

    /// Tells what else programs are to know of how far it is: an event has it, in place of what was told before.
    ///
    /// # Errors
    /// `invalid_argument` when it cannot be JSON, or is over 16 KiB of it.
    pub fn progress_data(&self, data: &impl Serialize) -> Result<(), Error> {
        let Run { attempt, epoch } = self.live.run();
        let text = serde_json::to_string(data).map_err(|error| Error::malformed("data", error))?;
        let data = Some(Json::parse(&text, "data")?);
        self.tell(Command::Progress { attempt, epoch, fraction: f64::NAN, message: None, data })
    }

    /// Adds a line to the task's log; cut at 64 KiB.
    pub fn log(&self, line: impl Into<String>) {
        let Run { attempt, epoch } = self.live.run();
        let _ = self.tell(Command::Log { attempt, epoch, line: line.into() });
    }

    /// Adds a part to the task's output.
    ///
    /// # Errors
    /// `invalid_argument` when it cannot be JSON, or is over 64 KiB of it.
    pub fn output(&self, chunk: &impl Serialize) -> Result<(), Error> {
        let Run { attempt, epoch } = self.live.run();
        let text = serde_json::to_string(chunk).map_err(|error| Error::malformed("chunk", error))?;
        self.tell(Command::Output { attempt, epoch, chunk: Json::parse(&text, "chunk")? })
    }

    fn tell(&self, command: Command) -> Result<(), Error> {
        self.core.change(|state, _, now| state.engine.tell(self.key, command, now)).map(|_| ())
    }
}
