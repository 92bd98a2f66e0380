use super::gate::Gate;
use super::sync::Lock;
use crate::engine::{Key, Why};
use crate::task::Run;

/// One execution, as its code and its runner see it.
pub(super) struct Live {
    /// Opened when it is told to end.
    pub(super) abort: Gate<Why>,
    /// Opened when nobody waits for its end any more.
    pub(super) given_up: Gate<()>,
    numbers: Lock<Numbers>,
}

struct Numbers {
    /// Under which number it reports. Another one after each answer.
    run: Run,
    /// Its children that are awaited just now, each as often as it is.
    awaited: Vec<Key>,
    /// Its slot is lent, and it has not asked for it.
    lent: bool,
    /// Opened when it has the slot again that it had lent.
    restored: Gate<()>,
}

impl Live {
    pub(super) fn new(run: Run) -> Self {
        let numbers = Numbers { run, awaited: Vec::new(), lent: false, restored: Gate::new() };
        Self { abort: Gate::new(), given_up: Gate::new(), numbers: Lock::new(numbers) }
    }

    pub(super) fn run(&self) -> Run {
        self.numbers.lock().run
    }

    pub(super) fn set_run(&self, run: Run) {
        self.numbers.lock().run = run;
    }

    /// The children that are awaited.
    pub(super) fn awaited(&self) -> Vec<Key> {
        self.numbers.lock().awaited.clone()
    }

    pub(super) fn begin_await(&self, child: Key) {
        self.numbers.lock().awaited.push(child);
    }

    pub(super) fn end_await(&self, child: Key) {
        let awaited = &mut self.numbers.lock().awaited;
        if let Some(at) = awaited.iter().position(|&known| known == child) {
            awaited.swap_remove(at);
        }
    }

    /// The gate that opens when the slot is back.
    pub(super) fn restored(&self) -> Gate<()> {
        self.numbers.lock().restored.clone()
    }

    /// The slot is away; a new gate says when it is back.
    pub(super) fn lend(&self) {
        let mut numbers = self.numbers.lock();
        numbers.lent = true;
        numbers.restored = Gate::new();
    }

    /// Whether the slot has to be asked for; only the first one who wants it back has to.
    pub(super) fn reclaim(&self) -> bool {
        std::mem::take(&mut self.numbers.lock().lent)
    }
}
