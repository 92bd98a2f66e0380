//! What tasks of one session do to each other.

use serde::{Deserialize, Serialize};

use super::set::Tasks;
use super::{Engine, Key, Now};
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
    ) -> Result<Vec<Key>, Error> {
        if !matches!(on_conflict, OnConflict::Interrupt | OnConflict::Reject) {
            return Ok(Vec::new());
        }
        let Some((session, members)) = session.and_then(|id| Some((id, self.sessions.get(id)?))) else {
            return Ok(Vec::new());
        };
        let ancestors: Vec<u32> = parent.into_iter().flat_map(|slot| self.ancestors(slot)).chain(parent).collect();
        let others: Vec<u32> = members.slots().filter(|slot| !ancestors.contains(slot)).collect();
        match others.first() {
            Some(&first) if on_conflict == OnConflict::Reject => {
                let entry = self.slots.get(first);
                let id = self.ids.id_of(entry.order);
                let message = format!("session '{session}' is in use: task {id} is {}", entry.status());
                Err(Error::conflict(message, &InUse { session_id: session, task_id: id.as_str() }))
            }
            _ => Ok(others.into_iter().map(|slot| self.slots.key(slot)).collect()),
        }
    }

    /// One that went with another before, and was dropped, is passed over.
    pub(super) fn interrupt(&mut self, key: Key, now: Now) {
        let Some(slot) = self.slots.find(key) else { return };
        let cancel = Command::Cancel { reason: None, by: CancelledBy::Session };
        // A cancel is never refused.
        let _ = self.change(slot, cancel, now);
    }

    pub(super) fn join_session(&mut self, slot: u32) {
        let Some(session) = self.slots.full(slot).and_then(|full| full.record.session_id.clone()) else { return };
        self.sessions.join(session, self.slots.key(slot));
    }

    pub(super) fn leave_session(&mut self, slot: u32, now: Now) {
        let Some(session) = self.slots.full(slot).and_then(|full| full.record.session_id.clone()) else { return };
        self.sessions.leave(&session, self.slots.key(slot));
        for slot in self.next_of(&session) {
            self.place(slot, now);
        }
    }

    /// Those that may wait for nobody any more. Only those with children are passed over, so the search ends early.
    fn next_of(&self, session: &str) -> Vec<u32> {
        let Some(members) = self.sessions.get(session) else { return Vec::new() };
        let mut next = Vec::new();
        for slot in members.slots() {
            let Some(full) = self.slots.full(slot) else { continue };
            if full.waits {
                next.push(slot);
            }
            if full.children.is_empty() {
                break;
            }
            self.next_below(slot, session, &mut next);
        }
        next
    }

    /// The same among the descendants of a task, who may go before others that wait for it.
    fn next_below(&self, slot: u32, session: &str, next: &mut Vec<u32>) {
        let Some(above) = self.slots.full(slot) else { return };
        for child in above.children.slots() {
            let Some(full) = self.slots.full(child) else { continue };
            let member = full.record.session_id.as_deref() == Some(session);
            if member && full.waits {
                next.push(child);
            }
            if member && full.children.is_empty() {
                break;
            }
            self.next_below(child, session, next);
        }
    }

    /// Whether it has to wait for an earlier task of its session.
    pub(super) fn is_blocked(&self, slot: u32) -> bool {
        let Some(full) = self.slots.full(slot).filter(|full| full.waits) else { return false };
        let session = full.record.session_id.as_ref();
        let Some(members) = session.and_then(|id| self.sessions.get(id)) else { return false };
        // Whoever waits for one of its ancestors would wait for it as well.
        let above: Vec<u32> = self.ancestors(slot).filter(|&slot| self.is_member(slot, members)).collect();
        let mut earlier = members.slots_before(self.slots.get(slot).order);
        earlier.any(|other| !above.contains(&other) && !above.iter().any(|&ancestor| self.waits_for(other, ancestor)))
    }

    fn is_member(&self, slot: u32, members: &Tasks) -> bool {
        members.contains(self.slots.key(slot))
    }

    /// Whether a task has to wait for that other one of its session.
    fn waits_for(&self, slot: u32, other: u32) -> bool {
        let waits = self.slots.full(slot).is_some_and(|full| full.waits && full.record.started_at.is_none());
        let earlier = self.slots.get(other).order < self.slots.get(slot).order;
        waits && earlier && self.ancestors(slot).all(|ancestor| ancestor != other)
    }
}

/// Details of a refusal.
#[derive(Serialize)]
struct InUse<'a> {
    session_id: &'a str,
    task_id: &'a str,
}
