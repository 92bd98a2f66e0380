//! Ids out of random bytes that the caller brings, and references as people type them.

mod reference;
mod session;
mod task;

pub use reference::{Reference, parse_reference};
pub use session::session_id;
pub use task::{HEADS, TaskId, task_id};

/// How every task id begins.
const PREFIX: &str = "task_";

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
