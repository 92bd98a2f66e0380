use std::cell::RefCell;
use std::collections::VecDeque;
use std::task::Waker;

use super::platform::{Boxed, Share, Shared};
use super::ports::Runtime;
use super::quiet::{drop_quietly, quietly};
use super::sync::thread_local;

/// What a change of a runner asks for and what may run code of others: collected under its lock, done without it.
#[derive(Default)]
#[must_use]
pub(super) struct Acts {
    wake: Vec<Waker>,
    spawn: VecDeque<Boxed<()>>,
    discard: Vec<Box<dyn Share>>,
}

/// Futures for their runtimes.
pub(super) type Spawns = VecDeque<(Shared<dyn Runtime>, Boxed<()>)>;

impl Acts {
    pub(super) fn wake(&mut self, wakers: impl IntoIterator<Item = Waker>) {
        self.wake.extend(wakers);
    }

    pub(super) fn spawn(&mut self, future: Boxed<()>) {
        self.spawn.push_back(future);
    }

    /// Something of others is not needed any more: its drop is their code as well.
    pub(super) fn discard(&mut self, thing: impl Share) {
        self.discard.push(Box::new(thing));
    }

    /// Does it all.
    ///
    /// `ends`: an execution has ended. Within the spawn of it (by a runtime that polls at once, or that takes no futures any
    /// more and drops them) what starts next is left to whoever called that spawn, so that a row of tasks is a loop and not
    /// a level of the stack for each.
    pub(super) fn perform(self, runtime: &Shared<dyn Runtime>, ends: bool) {
        self.wake.into_iter().for_each(|waker| quietly(|| waker.wake()));
        self.discard.into_iter().for_each(drop_quietly);
        if self.spawn.is_empty() {
            return;
        }
        let spawns = self.spawn.into_iter().map(|future| (runtime.clone(), future)).collect();
        spawn_all(if ends { leave(spawns) } else { spawns });
    }
}

thread_local! {
    /// For each spawn that is under way on this thread, the innermost last: what is to be spawned after it.
    static FRAMES: RefCell<Vec<Spawns>> = RefCell::new(Vec::new());
}

/// None while the thread ends and has no frames any more.
fn frames<T>(act: impl FnOnce(&mut Vec<Spawns>) -> T) -> Option<T> {
    FRAMES.try_with(|frames| act(&mut frames.borrow_mut())).ok()
}

/// Leaves the futures to the spawn that is under way on this thread; answers with them when there is none.
fn leave(mut spawns: Spawns) -> Spawns {
    frames(|frames| {
        if let Some(last) = frames.last_mut() {
            last.append(&mut spawns)
        }
    });
    spawns
}

fn spawn_all(mut spawns: Spawns) {
    while let Some((runtime, future)) = spawns.pop_front() {
        frames(|frames| frames.push(VecDeque::new()));
        // A runtime that panics has dropped the future, which told the runner so.
        quietly(|| runtime.spawn(future));
        let within = frames(Vec::pop).flatten();
        spawns.extend(within.into_iter().flatten());
    }
}
