use crate::task::body::Cancelled;
use crate::task::{Body, CancelledBy, Record};

/// Cancel is now, whether or not the code has ended. Nothing when the task is terminal.
pub(super) fn cancel(record: &Record, reason: Option<String>, by: CancelledBy) -> Vec<Body> {
    if record.status.is_terminal() {
        return Vec::new();
    }
    vec![Body::Cancelled(Cancelled { by, reason })]
}
