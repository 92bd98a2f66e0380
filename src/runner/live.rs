use super::gate::Gate;
use super::sync::Lock;
use crate::engine::Why;
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
    /// How many of its children are awaited just now.
    awaited: usize,
    /// Opened when it has the slot again that it had lent.
    restored: Gate<()>,
}

impl Live {
    pub(super) fn new(run: Run) -> Self {
        let numbers = Numbers { run, awaited: 0, restored: Gate::new() };
        Self { abort: Gate::new(), given_up: Gate::new(), numbers: Lock::new(numbers) }
    }

    pub(super) fn run(&self) -> Run {
        self.numbers.lock().run
    }

    pub(super) fn set_run(&self, run: Run) {
        self.numbers.lock().run = run;
    }

    pub(super) fn awaits(&self) -> bool {
        self.numbers.lock().awaited > 0
    }

    pub(super) fn begin_await(&self) {
        self.numbers.lock().awaited += 1;
    }

    pub(super) fn end_await(&self) {
        self.numbers.lock().awaited -= 1;
    }

    /// The gate that opens when the slot is back.
    pub(super) fn restored(&self) -> Gate<()> {
        self.numbers.lock().restored.clone()
    }

    /// From now on the slot is away; a new gate says when it is back.
    pub(super) fn lend(&self) {
        self.numbers.lock().restored = Gate::new();
    }
}
