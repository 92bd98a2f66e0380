//! What a store indexes.

use serde::Serialize;

use super::{Record, Status};
use crate::time::Ms;

/// What a store keeps beside a record to find it by; derived, never the truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Columns {
    /// Where the task is in its life.
    pub status: Status,
    /// What it runs.
    pub recipe: String,
    /// What people call it.
    pub name: String,
    /// The session it belongs to.
    pub session_id: Option<String>,
    /// The task that submitted it.
    pub parent_id: Option<String>,
    /// Higher first.
    pub priority: i32,
    /// It does not start before this moment.
    pub run_at: Option<Ms>,
    /// It goes before others of its priority.
    pub head: bool,
    /// The first moment at which `due` changes it. A start is refused from then on.
    pub due_at: Option<Ms>,
    /// Who holds it.
    pub worker: Option<String>,
    /// It is not started, since its code has changed.
    pub held: bool,
    /// When it became terminal.
    pub completed_at: Option<Ms>,
    /// Unique per recipe while the task is live or completed.
    pub idempotency_key: Option<String>,
}

impl Record {
    /// What a store indexes of it.
    pub fn columns(&self) -> Columns {
        Columns {
            status: self.status,
            recipe: self.recipe.clone(),
            name: self.name.clone(),
            session_id: self.session_id.clone(),
            parent_id: self.parent_id.as_ref().map(ToString::to_string),
            priority: self.priority,
            run_at: self.run_at,
            head: self.resume,
            due_at: self.due_at(),
            worker: self.hold.as_ref().map(|hold| hold.worker.clone()),
            held: self.held.is_some(),
            completed_at: self.completed_at,
            idempotency_key: self.idempotency_key.clone(),
        }
    }

    /// The first moment at which [`Command::Due`](super::Command::Due) changes it.
    pub fn due_at(&self) -> Option<Ms> {
        let requests = self.requests.open().filter_map(|(_, request)| request.expires_at);
        requests.chain(self.expires_at()).min()
    }
}
