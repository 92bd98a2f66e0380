//! The boundary to JavaScript: convert, call, convert, map the error.
//!
//! What a store gives and gets crosses as JSON text: it costs a third of the code that walking objects does, and is faster.
//! A runner is spoken to in numbers, but for its options and specs, which are objects. Only `js/core` calls this; its types say
//! what texts and objects hold.

mod convert;
mod durations;
#[cfg(feature = "store")]
mod ids;
#[cfg(feature = "store")]
mod rules;
#[cfg(feature = "runner")]
mod runner;
#[cfg(feature = "store")]
mod stored;
#[cfg(feature = "store")]
mod task;

pub use durations::{check_seconds, parse_duration};
#[cfg(feature = "store")]
pub use ids::{parse_reference, session_id, task_ids};
#[cfg(feature = "store")]
pub use rules::{drop_at, view};
#[cfg(feature = "runner")]
pub use runner::Runner;
#[cfg(feature = "store")]
pub use task::{decide, submit, submit_started};
