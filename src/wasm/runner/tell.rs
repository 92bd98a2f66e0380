//! What executions and people say.

use wasm_bindgen::prelude::wasm_bindgen;

use super::bound::Runner;
use crate::engine::Now;
use crate::error::Error;
use crate::task::{Action, Command, CostSource, Json, Used};
use crate::time::Ms;

#[wasm_bindgen]
impl Runner {
    /// How far an execution is; NaN: as it was. `data`: JSON text.
    #[allow(clippy::too_many_arguments)] // words are cheaper than an object
    pub fn progress(
        &self,
        slot: u32,
        attempt: u32,
        epoch: f64,
        fraction: f64,
        message: Option<String>,
        data: Option<String>,
        mono: f64,
    ) -> Result<usize, Error> {
        let data = data.map(|text| Json::parse(&text, "data")).transpose()?;
        self.tell(slot, Command::Progress { attempt, epoch: epoch as u64, fraction, message, data }, mono)
    }

    /// A line of an execution's log.
    pub fn log(&self, slot: u32, attempt: u32, epoch: f64, line: String, mono: f64) -> Result<usize, Error> {
        self.tell(slot, Command::Log { attempt, epoch: epoch as u64, line }, mono)
    }

    /// A part of an execution's output, as JSON text.
    pub fn output(&self, slot: u32, attempt: u32, epoch: f64, chunk: &str, mono: f64) -> Result<usize, Error> {
        let chunk = Json::parse(chunk, "chunk")?;
        self.tell(slot, Command::Output { attempt, epoch: epoch as u64, chunk }, mono)
    }

    /// What an execution has used of models. `numbers`: as [`numbered`] reads them; NaN for what is not told.
    #[allow(clippy::too_many_arguments)] // words are cheaper than an object, and JSON would bring its reader
    pub fn usage(
        &self,
        slot: u32,
        attempt: u32,
        epoch: f64,
        numbers: &[f64],
        model: Option<String>,
        step: Option<String>,
        finish_reason: Option<String>,
        mono: f64,
    ) -> Result<usize, Error> {
        let used = Used { model, step, finish_reason, ..numbered(numbers) };
        self.tell(slot, Command::Usage { attempt, epoch: epoch as u64, used }, mono)
    }

    /// A model's tool was used.
    #[allow(clippy::too_many_arguments)] // words are cheaper than an object
    pub fn tool(
        &self,
        slot: u32,
        attempt: u32,
        epoch: f64,
        step: String,
        call: String,
        name: String,
        ok: bool,
        ms: f64,
        mono: f64,
    ) -> Result<usize, Error> {
        self.tell(slot, Command::Tool { attempt, epoch: epoch as u64, step, call, name, ok, ms }, mono)
    }

    /// Something is not as it should be.
    pub fn warning(
        &self,
        slot: u32,
        attempt: u32,
        epoch: f64,
        reason: String,
        message: String,
        mono: f64,
    ) -> Result<usize, Error> {
        self.tell(slot, Command::Warning { attempt, epoch: epoch as u64, reason, message }, mono)
    }

    /// A step of an execution is done.
    pub fn step(&self, slot: u32, attempt: u32, epoch: f64, key: String, mono: f64) -> Result<usize, Error> {
        self.tell(slot, Command::Step { attempt, epoch: epoch as u64, key }, mono)
    }

    /// An execution asks a person. `schema`: JSON text.
    #[allow(clippy::too_many_arguments)] // words are cheaper than an object
    pub fn ask(
        &self,
        slot: u32,
        attempt: u32,
        epoch: f64,
        key: String,
        message: String,
        schema: Option<String>,
        expires_ms: Option<f64>,
        mono: f64,
    ) -> Result<usize, Error> {
        let schema = schema.map(|text| Json::parse(&text, "schema")).transpose()?;
        self.tell_at(slot, mono, |now| {
            let expires_at = expires_ms.map(|ms| now.wall.saturating_add(ms as Ms));
            Command::Ask { attempt, epoch: epoch as u64, key, message, schema, expires_at }
        })
    }

    /// A person answers: 0 accepts, 1 declines, 2 cancels. `content`: JSON text.
    pub fn answer(
        &self,
        slot: u32,
        key: String,
        action: u8,
        content: Option<String>,
        mono: f64,
    ) -> Result<usize, Error> {
        let content = content.map(|text| Json::parse(&text, "content")).transpose()?;
        let action = match action {
            0 => Action::Accept,
            1 => Action::Decline,
            _ => Action::Cancel,
        };
        self.tell(slot, Command::Answer { key, action, content }, mono)
    }

    /// A task begins to await a child: its slot is lent. False: it had none.
    pub fn lend(&self, slot: u32) -> Result<bool, Error> {
        let state = &mut *self.core.state.borrow_mut();
        let lent = state.engine.key_in(slot).map_or(Ok(false), |key| state.engine.lend(key))?;
        self.core.link.tell();
        Ok(lent)
    }

    /// A task wants its slot back. What it means has to be [taken](Self::take).
    pub fn reclaim(&self, slot: u32) {
        let state = &mut *self.core.state.borrow_mut();
        if let Some(key) = state.engine.key_in(slot) {
            state.engine.reclaim(key);
        }
    }

    fn tell(&self, slot: u32, command: Command, mono: f64) -> Result<usize, Error> {
        self.tell_at(slot, mono, |_| command)
    }

    fn tell_at(&self, slot: u32, mono: f64, command: impl FnOnce(Now) -> Command) -> Result<usize, Error> {
        self.change(mono, |state, now, link| {
            if let Some(key) = state.engine.key_in(slot) {
                state.engine.tell(key, command(now), now)?;
            }
            Ok(state.report(None, now, link))
        })
    }
}

/// Numbers in the order of `USED` in `js/core/runner.ts`.
fn numbered(numbers: &[f64]) -> Used {
    let number = |at: usize| numbers.get(at).copied().filter(|number| !number.is_nan());
    Used {
        input_tokens: number(0),
        output_tokens: number(1),
        cached_input_tokens: number(2),
        reasoning_tokens: number(3),
        requests: number(4),
        steps: number(5),
        cost: number(6),
        ms: number(7),
        cost_source: number(8).map(|source| if source == 1.0 { CostSource::Config } else { CostSource::Provider }),
        incomplete: number(9) == Some(1.0),
        ..Used::default()
    }
}
