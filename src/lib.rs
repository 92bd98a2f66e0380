//! Background tasks: what one is and how it may change, which one runs next, and a runner for futures.
//!
//! Rust decides, the caller does I/O: but for the ports of [`runner`], nothing here reads a clock, a file or a random
//! number. Times and random bytes are told, so one seed replays one run, natively and in WebAssembly.
//!
//! * [`task`]: the record of a task, and [`task::decide`] with [`task::Record::apply`], the only way it changes.
//! * [`engine`]: the synchronous heart of a runner: which task next, when, in which slot.
//! * [`runner`]: futures in the background, natively and in WebAssembly: the engine with clocks, timers and handles.
//! * [`rules`]: pure functions of (facts, now): when to retry, what an operator should know, when to drop a record.
//! * [`id`], [`time`], [`error`], [`json`]: what both are made of.
//!
//! ```
//! use offstage_core::{id, task};
//!
//! let spec = task::Spec::new("report");
//! let (mut record, _) = task::submit(spec, id::task_id(0, [7; 16]), 1_000)?;
//! assert_eq!(record.status, task::Status::Pending);
//!
//! let start = task::Command::Start { worker: "w1".into(), digest: None };
//! for event in task::decide(&record, start, 2_000)? {
//!     record.apply(&event);
//! }
//! assert_eq!(record.status, task::Status::Running);
//! # Ok::<(), offstage_core::error::Error>(())
//! ```
#![deny(unsafe_code)]
#![deny(missing_docs)]

#[forbid(unsafe_code)]
pub mod engine;
#[forbid(unsafe_code)]
pub mod error;
#[forbid(unsafe_code)]
pub mod id;
#[forbid(unsafe_code)]
pub mod json;
#[forbid(unsafe_code)]
pub mod rules;
#[forbid(unsafe_code)]
pub mod runner;
#[forbid(unsafe_code)]
pub mod task;
#[forbid(unsafe_code)]
pub mod time;

// The generated bindings need unsafe code; nothing written by hand does.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code)]
pub mod wasm;
