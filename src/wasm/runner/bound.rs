use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use super::clock::Clock;
use super::core::Core;
use super::driver::Driver;
use super::link::Link;
use super::ports::Ports;
use super::spec::EngineOptions;
use super::state::State;
use super::{memory, spec};
use crate::engine::{Engine, Now};
use crate::error::Error;
use crate::runner::driver::drive;

/// A runner's engine, its driver and what JavaScript needs around them.
#[wasm_bindgen]
pub struct Runner {
    pub(super) core: Rc<Core>,
}

#[wasm_bindgen]
impl Runner {
    /// A runner without tasks. `seed`: 16 bytes that nobody can guess.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &EngineOptions, seed: &[u8], ports: Ports) -> Result<Runner, Error> {
        let seed = <[u8; 16]>::try_from(seed);
        let seed = seed.map_err(|_| Error::invalid("seed", "something else", "16 bytes"))?;
        let state = RefCell::new(State::new(Engine::new(spec::options(options), seed)?));
        let link = Link::new(ports);
        let core = Rc::new(Core { state, clock: Clock::new(), link: link.clone() });
        spawn_local(drive(Driver { core: Rc::downgrade(&core), link }));
        Ok(Self { core })
    }

    /// The timer has rung.
    pub fn ring(&self) {
        self.core.link.ring();
    }

    /// Others had their turn.
    pub fn turned(&self) {
        self.core.link.turn();
    }

    /// The wall clock and the monotonic one may have parted.
    pub fn parted(&self) {
        self.core.clock.parted();
    }

    /// Whether what is to be done keeps the process from now on.
    pub fn hold(&self, holds: bool) {
        self.core.state.borrow_mut().holds = holds;
        self.core.link.tell();
    }

    pub(super) fn change<T>(&self, mono: f64, change: impl FnOnce(&mut State, Now, &Link) -> T) -> T {
        let Core { state, clock, link } = &*self.core;
        let now = clock.at(mono, &link.ports);
        let changed = change(&mut state.borrow_mut(), now, link);
        memory::grow_ahead();
        changed
    }
}
