//! A runner for JavaScript: an [`Engine`] that is spoken to in numbers.
//!
//! 1. JavaScript keeps functions, results and handles by entry, the same number as here; a string crosses when asked for.
//! 2. Nothing here calls JavaScript. What is to be done comes back as words in a buffer that JavaScript reads.
//! 3. An entry is used again only once JavaScript was told that its task was dropped.

mod effects;
mod life;
mod read;
mod spec;
mod submit;
mod tell;

use std::sync::Arc;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Engine, Key, Now};
use crate::error::Error;
use crate::time::Ms;

use effects::Words;

/// A runner's engine and what JavaScript needs around it.
#[wasm_bindgen]
pub struct Runner {
    engine: Engine,
    /// Names that JavaScript calls by number.
    names: Vec<Arc<str>>,
    /// Wall time less the monotonic clock, in milliseconds.
    offset: f64,
    words: Words,
    /// Why the last plain submit, or the last result, was refused.
    refusal: Option<Error>,
    /// Tasks that are to be cancelled, the last one first.
    cancelling: Vec<Key>,
}

#[wasm_bindgen]
impl Runner {
    /// A runner without tasks. `options` as numbers; `seed`: 16 bytes that nobody can guess.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &[f64], seed: &[u8]) -> Result<Runner, Error> {
        let seed = <[u8; 16]>::try_from(seed);
        let seed = seed.map_err(|_| Error::invalid("seed", "something else", "16 bytes"))?;
        let engine = Engine::new(spec::options(options)?, seed)?;
        Ok(Self {
            engine,
            names: Vec::new(),
            offset: 0.0,
            words: Words::default(),
            refusal: None,
            cancelling: Vec::new(),
        })
    }

    /// Tells how far the wall clock is ahead of the monotonic one, in milliseconds.
    pub fn sync(&mut self, offset: f64) {
        self.offset = offset;
    }

    fn now(&self, mono: f64) -> Now {
        Now { wall: (mono + self.offset).floor() as Ms, mono: (mono * 1_000.0) as i64 }
    }

    fn key(&self, slot: u32) -> Result<Key, Error> {
        self.engine.key_in(slot).ok_or_else(|| Error::conflict("the task was dropped", &()))
    }
}
