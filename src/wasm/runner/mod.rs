//! A runner for JavaScript: an [`Engine`](crate::engine::Engine) that is spoken to in numbers, and the driver that runs it.
//!
//! 1. JavaScript keeps functions, results and handles by entry, the same number as here; a string crosses when asked for.
//! 2. What is to be done are words in a buffer that JavaScript reads: what follows from a call is answered by it, what the
//!    driver decides is handed to JavaScript.
//! 3. JavaScript is called by the driver alone, and never while the state is borrowed: every method may be called within.
//! 4. An entry is used again only once JavaScript was told that its task was dropped.
//! 5. Each method that changes something has the driver look where that is needed; no caller has to think of it.

mod clock;
mod driver;
mod effects;
mod life;
mod link;
mod memory;
mod ports;
mod read;
mod spec;
mod state;
mod submit;
mod tell;
mod waits;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

use crate::engine::{Engine, Now};
use crate::error::Error;
use crate::runner::driver::drive;

use clock::Clock;
use driver::Driver;
use link::Link;
use ports::Ports;
use spec::EngineOptions;
use state::State;

/// A runner's engine, its driver and what JavaScript needs around them.
#[wasm_bindgen]
pub struct Runner {
    core: Rc<Core>,
}

/// What the calls and the driver share.
struct Core {
    state: RefCell<State>,
    clock: Clock,
    link: Rc<Link>,
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

    fn change<T>(&self, mono: f64, change: impl FnOnce(&mut State, Now, &Link) -> T) -> T {
        let Core { state, clock, link } = &*self.core;
        let now = clock.at(mono, &link.ports);
        let changed = change(&mut state.borrow_mut(), now, link);
        memory::grow_ahead();
        changed
    }
}

impl Drop for Core {
    /// The driver finds nobody and ends.
    fn drop(&mut self) {
        self.link.tell();
    }
}
