//! The boundary to JavaScript: convert, call, convert, map the error. Records cross as JSON text, the rest as objects.
//!
//! Only `js/core` calls this; its types say what the objects hold.

mod convert;
mod ids;
mod rules;
mod task;

pub use ids::{parse_duration, parse_reference, session_id, task_ids};
pub use rules::{attention, attention_unreadable, drop_at, duration};
pub use task::{decide, submit};
