//! A runner for JavaScript: an [`Engine`](crate::engine::Engine) that is spoken to in numbers, and the driver that runs it.
//!
//! 1. JavaScript keeps functions, results and handles by entry, the same number as here; a string crosses when asked for.
//! 2. What is to be done are words in a buffer, one for all runners, that JavaScript reads at once: what follows from a call
//!    is answered by it, what the driver decides is handed to JavaScript.
//! 3. JavaScript is called by the driver alone, and never while the state is borrowed: every method may be called within.
//! 4. An entry is used again only once JavaScript was told that its task was dropped.
//! 5. Each method that changes something has the driver look where that is needed; no caller has to think of it.

mod bound;
mod clock;
mod core;
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
mod wait;
mod waits;
mod words;

pub use bound::Runner;
