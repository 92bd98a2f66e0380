//! The scenarios of the core: the same natively (`cargo test`) and in wasm (`wasm-pack test --node`).
//!
//! Folders mirror `src/`; `oracle/` is the property test of one task, `contract/` runs the scenarios of `tests/contract`.

mod contract;
mod engine;
mod error;
mod id;
mod json;
mod oracle;
mod rules;
mod runner;
mod support;
mod task;
mod time;
