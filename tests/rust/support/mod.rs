//! What the scenarios share.

mod rng;
mod seed;
mod task;

#[cfg(not(target_arch = "wasm32"))]
pub use core::prelude::v1::test;
#[cfg(target_arch = "wasm32")]
pub use wasm_bindgen_test::wasm_bindgen_test as test;

pub use rng::Rng;
pub use seed::{ShowOnPanic, fresh_seed, setting};
pub use task::{Task, answer, cancel, failure, id, start, succeed};
