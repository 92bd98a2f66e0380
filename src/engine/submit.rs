use std::sync::Arc;

use super::full::Full;
use super::plain::{Noted, Plain};
use super::slots::Life;
use super::{Effect, Engine, Key, Now, OnConflict};
use crate::error::Error;
use crate::json::quoted;
use crate::task::{self, Spec};

/// A task to be, with all that can be asked for.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// What it is, without a `parent_id`: the parent is named by its key.
    pub spec: Spec,
    /// What becomes of live tasks of its session, or of itself.
    pub on_conflict: OnConflict,
    /// The running task that submits it.
    pub parent: Option<Key>,
    /// A further attempt of the parent goes on with it instead of cancelling it.
    pub keyed: bool,
    /// What must be alike in two submits with one idempotency key.
    pub fingerprint: Option<String>,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The task.
    pub key: Key,
    /// It was there before, under the same idempotency key.
    pub deduplicated: bool,
}

impl Engine {
    /// Adds a plain task.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option; `queue_full`; `conflict` once the engine was stopped. Nothing was added then.
    pub fn submit_plain(&mut self, plain: Plain, now: Now) -> Result<Key, Error> {
        plain.check()?;
        self.check_room()?;
        let slot = self.add(Life::Noted(Noted::new(plain, now.wall)));
        self.ready.push(&mut self.slots, slot, false);
        if self.observed {
            self.lower(slot)?;
            self.announce(slot);
        }
        Ok(self.slots.key(slot))
    }

    /// Adds a task.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option; `queue_full`; `conflict` when its session, its idempotency key, its parent's
    /// end or the engine's stop forbid it. Nothing was added and nothing changed then.
    pub fn submit(&mut self, submission: Submission, now: Now) -> Result<Submitted, Error> {
        if let Some(id) = &submission.spec.parent_id {
            return Err(Error::invalid("parent_id", quoted(id), "a parent of this runner, by its key"));
        }
        if let Some(key) = self.deduplicate(&submission)? {
            return Ok(Submitted { key, deduplicated: true });
        }
        self.check_room()?;
        let Submission { mut spec, on_conflict, parent, keyed, fingerprint } = submission;
        let parent = parent.map(|key| self.checked_parent(key)).transpose()?;
        spec.parent_id = parent.map(|parent| self.ids.id_of(self.slots.get(parent).order).to_string());
        spec.kill_grace_ms = spec.kill_grace_ms.or(Some(self.options.kill_grace_ms as f64));
        spec.cleanup_delay_ms = spec.cleanup_delay_ms.or(Some(self.options.cleanup_delay_ms as f64));
        let (record, event) = task::submit(spec, self.ids.id_of(self.order + 1), now.wall)?;
        let in_the_way = self.in_the_way(record.session_id.as_deref(), on_conflict, parent)?;

        for key in in_the_way {
            self.interrupt(key, now);
        }
        let mut full = Box::new(Full::new(record));
        full.history.push(Arc::new(event));
        full.waits = matches!(on_conflict, OnConflict::Enqueue | OnConflict::Interrupt);
        full.keyed = keyed;
        full.fingerprint = fingerprint.map(Into::into);
        let slot = self.add(Life::Full(full));
        self.adopt(parent, slot);
        self.join_session(slot);
        self.take_idempotency_key(slot);
        self.announce(slot);
        self.place(slot, now);
        Ok(Submitted { key: self.slots.key(slot), deduplicated: false })
    }

    fn check_room(&self) -> Result<(), Error> {
        if self.closed {
            return Err(Error::conflict("the runner was stopped and takes no more tasks", &()));
        }
        let free = self.options.limit.saturating_sub(self.counts.slots);
        if self.counts.pending >= self.options.max_queued.saturating_add(free) {
            return Err(Error::queue_full(self.options.limit, self.options.max_queued));
        }
        Ok(())
    }

    fn add(&mut self, life: Life) -> u32 {
        self.order += 1;
        let slot = self.slots.insert(self.order, life);
        self.counts.total += 1;
        self.counts.pending += 1;
        slot
    }

    /// Tells of the first event.
    fn announce(&mut self, slot: u32) {
        if !self.observed {
            return;
        }
        let key = self.slots.key(slot);
        let first = self.slots.full(slot).and_then(|full| full.history.after(0).next().cloned());
        self.effects.extend(first.map(|event| Effect::Event { key, event }));
    }
}
