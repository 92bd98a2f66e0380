use std::collections::BTreeMap;

use super::acts::Acts;
use super::gate::Gate;
use super::job::Job;
use super::options::Options;
use super::platform::{Shared, seed};
use super::ports::Runtime;
use super::streams::Streams;
use super::sync::Lock;
use crate::engine::{Counts, Engine, Ids, Key, Now};
use crate::error::Error;
use crate::id::TaskId;
use crate::time::Ms;

/// What all handles of one runner share.
pub(super) struct Core {
    state: Lock<State>,
    pub(super) runtime: Shared<dyn Runtime>,
    /// The default for specs that do not say: whole milliseconds, 0 for no limit.
    pub(super) default_timeout_ms: Ms,
    ids: Ids,
}

/// What the lock guards. Nothing in here runs code of others; what has to be done with it goes to [`Acts`].
pub(super) struct State {
    pub(super) engine: Engine,
    /// The tasks that the engine has, by the order of their keys.
    pub(super) jobs: BTreeMap<u64, Job>,
    pub(super) streams: Streams,
    /// The timer, while there is something to wait for.
    pub(super) armed: Option<Armed>,
    /// Those who wait until no task lives.
    pub(super) all_ended: Option<Gate<Counts>>,
    /// Those who wait until all work has ended.
    pub(super) idle: Option<Gate<Counts>>,
    /// The runtime drops what it is given: nothing is started any more.
    pub(super) gone: bool,
    /// The latest time by the monotonic clock. Threads read it before they have the lock.
    mono: i64,
}

/// A driver that runs.
pub(super) struct Armed {
    /// When it comes back, in microseconds of the monotonic clock.
    pub(super) at: i64,
    /// Opened when that is too late, or for nothing.
    pub(super) needless: Gate<()>,
}

impl Core {
    pub(super) fn new(runtime: Shared<dyn Runtime>, options: Options) -> Result<Shared<Self>, Error> {
        let default_timeout_ms = options.default_timeout_ms()?;
        let engine = Engine::new(options.engine, options.seed.unwrap_or_else(seed))?;
        let ids = engine.ids();
        let state = State {
            engine,
            jobs: BTreeMap::new(),
            streams: Streams::default(),
            armed: None,
            all_ended: None,
            idle: None,
            gone: false,
            mono: i64::MIN,
        };
        Ok(Shared::new(Self { state: Lock::new(state), runtime, default_timeout_ms, ids }))
    }

    /// The id of a task, which depends on nothing that the lock guards.
    pub(super) fn id(&self, key: Key) -> TaskId {
        self.ids.id(key)
    }

    /// Changes something, then does what follows from it.
    pub(super) fn change<T>(self: &Shared<Self>, change: impl FnOnce(&mut State, &mut Acts, Now) -> T) -> T {
        self.change_by(false, change)
    }

    /// The same for the end of an execution, which may come within the spawn of it.
    pub(super) fn end<T>(self: &Shared<Self>, change: impl FnOnce(&mut State, &mut Acts, Now) -> T) -> T {
        self.change_by(true, change)
    }

    fn change_by<T>(self: &Shared<Self>, ends: bool, change: impl FnOnce(&mut State, &mut Acts, Now) -> T) -> T {
        self.locked(ends, |state, acts, now| {
            let answer = change(state, acts, now);
            state.follow(self, acts, now);
            answer
        })
    }

    /// Only looks, once what is due by now was done. What it changes nobody can see.
    pub(super) fn look<T>(self: &Shared<Self>, look: impl FnOnce(&mut State) -> T) -> T {
        self.locked(false, |state, acts, now| {
            state.follow(self, acts, now);
            look(state)
        })
    }

    fn locked<T>(&self, ends: bool, inside: impl FnOnce(&mut State, &mut Acts, Now) -> T) -> T {
        let now = self.runtime.now();
        let mut acts = Acts::default();
        let mut state = self.state.lock();
        let now = state.later(now);
        let answer = inside(&mut state, &mut acts, now);
        drop(state);
        acts.perform(&self.runtime, ends);
        answer
    }
}

impl State {
    fn later(&mut self, now: Now) -> Now {
        self.mono = self.mono.max(now.mono);
        Now { mono: self.mono, ..now }
    }

    fn follow(&mut self, core: &Shared<Core>, acts: &mut Acts, now: Now) {
        self.engine.tick(now);
        if self.gone && self.engine.counts().waiting() > 0 {
            self.runtime_gone(now);
        }
        self.effects(acts);
        while let Some(started) = self.engine.next(now) {
            self.start(core, started, acts);
            self.effects(acts);
        }
        self.effects(acts);
        self.tell_who_waits(acts);
        self.arm(core, acts, now);
    }

    /// Does what the engine asks for. Needed between a change and a look at what it did.
    pub(super) fn effects(&mut self, acts: &mut Acts) {
        while let Some(effect) = self.engine.take_effect() {
            self.effect(effect, acts);
        }
    }

    fn tell_who_waits(&mut self, acts: &mut Acts) {
        let counts = self.engine.counts();
        if counts.live() == 0
            && let Some(gate) = self.all_ended.take()
        {
            gate.open(counts, acts);
        }
        if self.engine.is_idle()
            && let Some(gate) = self.idle.take()
        {
            gate.open(counts, acts);
        }
    }

    pub(super) fn job(&mut self, key: Key) -> Option<&mut Job> {
        self.jobs.get_mut(&key.order)
    }
}
