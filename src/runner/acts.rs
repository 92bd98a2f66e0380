use std::task::Waker;

use super::platform::{Boxed, Share};
use super::ports::Spawn;

/// What a change of a runner asks for and what may run code of others: collected under its lock, done without it.
#[derive(Default)]
#[must_use]
pub(super) struct Acts {
    wake: Vec<Waker>,
    spawn: Vec<Boxed<()>>,
    discard: Vec<Box<dyn Share>>,
}

impl Acts {
    pub(super) fn wake(&mut self, wakers: impl IntoIterator<Item = Waker>) {
        self.wake.extend(wakers);
    }

    pub(super) fn spawn(&mut self, future: Boxed<()>) {
        self.spawn.push(future);
    }

    /// Something of others is not needed any more: its drop is their code as well.
    pub(super) fn discard(&mut self, thing: impl Share) {
        self.discard.push(Box::new(thing));
    }

    pub(super) fn perform(self, spawn: &(impl Spawn + ?Sized)) {
        self.wake.into_iter().for_each(Waker::wake);
        self.spawn.into_iter().for_each(|future| spawn.spawn(future));
    }
}
