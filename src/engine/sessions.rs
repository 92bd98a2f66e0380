//! What tasks of one session do to each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Engine, Now};
use crate::error::Error;
use crate::task::{CancelledBy, Command};

/// What a newcomer does when its session has live tasks. Its own ancestors do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// It runs beside them.
    #[default]
    Parallel,
    /// It waits until all earlier ones have ended and stopped.
    Enqueue,
    /// It cancels them, and starts when they have stopped.
    Interrupt,
    /// It is refused.
    Reject,
}

/// The tasks of one session whose work has not ended: order to slot.
pub(super) type Members = BTreeMap<u64, u32>;

impl Engine {
    /// Which live tasks a newcomer has to cancel.
    ///
    /// # Errors
    /// `conflict` when it does not come in.
    pub(super) fn in_the_way(
        &self,
        session: Option<&str>,
        on_conflict: OnConflict,
        parent: Option<u32>,
    ) -> Result<Vec<u32>, Error> {
        if !matches!(on_conflict, OnConflict::Interrupt | OnConflict::Reject) {
            return Ok(Vec::new());
        }
        let Some((session, members)) = session.and_then(|id| Some((id, self.sessions.get(id)?))) else {
            return Ok(Vec::new());
        };
        let ancestors: Vec<u32> = parent.into_iter().flat_map(|slot| self.ancestors(slot)).chain(parent).collect();
        let others: Vec<u32> = members.values().copied().filter(|slot| !ancestors.contains(slot)).collect();
        match others.first() {
            Some(&first) if on_conflict == OnConflict::Reject => {
                let entry = self.slots.get(first);
                let id = self.ids.id(entry.order);
                let message = format!("session '{session}' is in use: task {id} is {}", entry.status());
                Err(Error::conflict(message, &InUse { session_id: session, task_id: id.as_str() }))
            }
            _ => Ok(others),
        }
    }

    pub(super) fn interrupt(&mut self, slot: u32, now: Now) {
        let cancel = Command::Cancel { reason: None, by: CancelledBy::Session };
        // A cancel is never refused.
        let _ = self.change(slot, cancel, now);
    }

    pub(super) fn join_session(&mut self, slot: u32) {
        let order = self.slots.get(slot).order;
        let Some(session) = self.slots.full(slot).and_then(|full| full.record.session_id.clone()) else { return };
        self.sessions.entry(session).or_default().insert(order, slot);
    }

    pub(super) fn leave_session(&mut self, slot: u32, now: Now) {
        let order = self.slots.get(slot).order;
        let Some(session) = self.slots.full(slot).and_then(|full| full.record.session_id.clone()) else { return };
        let Some(members) = self.sessions.get_mut(&session) else { return };
        members.remove(&order);
        if members.is_empty() {
            self.sessions.remove(&session);
            return;
        }
        for slot in self.next_of(&session) {
            self.place(slot, now);
        }
    }

    /// Those that may wait for nobody any more. Only ancestors are passed over, so the search ends early.
    fn next_of(&self, session: &str) -> Vec<u32> {
        let Some(members) = self.sessions.get(session) else { return Vec::new() };
        let mut next = Vec::new();
        for &slot in members.values() {
            let Some(full) = self.slots.full(slot) else { continue };
            if full.waits {
                next.push(slot);
            }
            if full.children.is_empty() {
                break;
            }
        }
        next
    }

    /// Whether it has to wait for an earlier task of its session.
    pub(super) fn is_blocked(&self, slot: u32) -> bool {
        let Some(full) = self.slots.full(slot).filter(|full| full.waits) else { return false };
        let Some(members) = full.record.session_id.as_ref().and_then(|id| self.sessions.get(id)) else { return false };
        let mut earlier = members.range(..self.slots.get(slot).order).map(|(_, &slot)| slot);
        earlier.any(|other| self.ancestors(slot).all(|ancestor| ancestor != other))
    }
}

/// Details of a refusal.
#[derive(Serialize)]
struct InUse<'a> {
    session_id: &'a str,
    task_id: &'a str,
}
