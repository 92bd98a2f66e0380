//! The boundary to JavaScript: convert, call, convert, map the error.
//!
//! Everything that is not a plain value crosses as JSON text: it costs a third of the code that walking objects does, and
//! is faster. Only `js/core` calls this; its types say what the texts hold.

mod convert;
mod ids;
mod rules;
mod task;

pub use ids::{check_seconds, parse_duration, parse_reference, session_id, task_ids};
pub use rules::{drop_at, view};
pub use task::{decide, submit};
