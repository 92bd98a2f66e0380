use std::collections::BTreeMap;

use super::acts::Acts;
use super::driver::Armed;
use super::gate::Gate;
use super::job::Job;
use super::options::Options;
use super::platform::{Shared, seed};
use super::ports::Runtime;
use super::streams::Streams;
use super::sync::Lock;
use crate::engine::{Counts, Engine, Key, Now};

/// What all handles of one runner share.
pub(super) struct Core {
    state: Lock<State>,
    pub(super) runtime: Shared<dyn Runtime>,
    pub(super) default_timeout_ms: f64,
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
    /// The latest time by the monotonic clock. Threads read it before they have the lock.
    mono: i64,
}

impl Core {
    pub(super) fn new(runtime: Shared<dyn Runtime>, options: Options) -> Shared<Self> {
        let state = State {
            engine: Engine::new(options.engine, options.seed.unwrap_or_else(seed)),
            jobs: BTreeMap::new(),
            streams: Streams::default(),
            armed: None,
            all_ended: None,
            idle: None,
            mono: i64::MIN,
        };
        let default_timeout_ms = options.default_timeout.as_micros() as f64 / 1_000.0;
        Shared::new(Self { state: Lock::new(state), runtime, default_timeout_ms })
    }

    /// Changes something, then does what follows from it.
    pub(super) fn change<T>(self: &Shared<Self>, change: impl FnOnce(&mut State, &mut Acts, Now) -> T) -> T {
        self.locked(|state, acts, now| {
            let answer = change(state, acts, now);
            state.follow(self, acts, now);
            answer
        })
    }

    /// Only looks, once what is due by now was done.
    pub(super) fn look<T>(self: &Shared<Self>, look: impl FnOnce(&State) -> T) -> T {
        self.locked(|state, acts, now| {
            state.follow(self, acts, now);
            look(state)
        })
    }

    fn locked<T>(&self, inside: impl FnOnce(&mut State, &mut Acts, Now) -> T) -> T {
        let now = self.runtime.now();
        let mut acts = Acts::default();
        let mut state = self.state.lock();
        let now = state.later(now);
        let answer = inside(&mut state, &mut acts, now);
        drop(state);
        acts.perform(&*self.runtime);
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
