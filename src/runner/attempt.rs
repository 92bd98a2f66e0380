//! The future that a runtime polls: one execution of a task.
//!
//! 1. Code of the task runs within `poll` and drop alone, and never under the runner's lock.
//! 2. It runs only while the execution has its slot, but for the time that it waits for a person.
//! 3. It is dropped before its end is reported. A panic of its poll is its failure; one of its drop is nobody's.
//! 4. Dropped before it is ready, the execution is lost, and the runner told so; dropped before it began, it never ran, and
//!    the runner has no runtime any more.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context as Waking, Poll};

use super::core::Core;
use super::gate::Wait;
use super::job::{Call, Work};
use super::live::Live;
use super::platform::{AnyValue, Boxed, Shared};
use super::quiet::drop_quietly;
use super::report::Report;
use crate::engine::{Key, Why};
use crate::task::Failure;

pub(super) struct Attempt {
    core: Shared<Core>,
    key: Key,
    live: Shared<Live>,
    bare: bool,
    body: Body,
    slot: Slot,
    abort: Wait<Why>,
    given_up: Wait<()>,
}

enum Body {
    /// Nothing of it was called.
    Fresh(Work),
    Running(Boxed<Result<AnyValue, Failure>>),
    Over,
}

enum Slot {
    Held,
    /// Others have it: the code awaits a child.
    Lent(Wait<()>),
}

impl Attempt {
    pub(super) fn new(core: Shared<Core>, key: Key, live: Shared<Live>, work: Work, bare: bool) -> Self {
        let (abort, given_up) = (live.abort.wait(), live.given_up.wait());
        Self { core, key, live, bare, body: Body::Fresh(work), slot: Slot::Held, abort, given_up }
    }

    fn progress(&mut self, cx: &mut Waking<'_>) -> Poll<Report> {
        if Pin::new(&mut self.given_up).poll(cx).is_ready() {
            return Poll::Ready(Report::Nothing);
        }
        if self.cannot_be_asked() && Pin::new(&mut self.abort).poll(cx).is_ready() {
            return Poll::Ready(Report::Stopped);
        }
        if !self.has_slot(cx) {
            return Poll::Pending;
        }
        let polled = self.run(cx);
        if polled.is_pending() {
            self.lend();
        }
        polled.map(Report::Outcome)
    }

    /// Whether only a drop ends it.
    fn cannot_be_asked(&self) -> bool {
        self.bare || matches!(self.body, Body::Fresh(_))
    }

    fn run(&mut self, cx: &mut Waking<'_>) -> Poll<Result<AnyValue, Failure>> {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            if let Body::Fresh(work) = &self.body {
                let call = Call { core: self.core.clone(), key: self.key, live: self.live.clone() };
                self.body = Body::Running(work(call));
            }
            match &mut self.body {
                Body::Running(code) => code.as_mut().poll(cx),
                _ => Poll::Pending,
            }
        }));
        polled.unwrap_or_else(|payload| {
            let failure = Failure::panicked(&*payload);
            drop_quietly(payload);
            Poll::Ready(Err(failure))
        })
    }

    /// While the code awaits a child of its own, others run in its slot.
    fn lend(&mut self) {
        if self.live.awaited().is_empty() {
            return;
        }
        let (key, live) = (self.key, &self.live);
        if self.core.change(|state, _, _| state.lend(key, live)) {
            self.slot = Slot::Lent(live.restored().wait());
        }
    }

    /// Woken, it needs its slot again first.
    fn has_slot(&mut self, cx: &mut Waking<'_>) -> bool {
        let Slot::Lent(back) = &mut self.slot else { return true };
        let (key, live) = (self.key, &self.live);
        self.core.change(|state, _, _| state.reclaim(key, live));
        if Pin::new(back).poll(cx).is_pending() {
            return false;
        }
        self.slot = Slot::Held;
        true
    }

    fn end(&mut self, report: Report) {
        let body = std::mem::replace(&mut self.body, Body::Over);
        drop_quietly(body);
        self.core.report(self.key, &self.live, report);
    }
}

impl Future for Attempt {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Waking<'_>) -> Poll<()> {
        self.progress(cx).map(|report| self.end(report))
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        match self.body {
            Body::Fresh(_) => self.end(Report::NeverBegan),
            Body::Running(_) => self.end(Report::Lost),
            Body::Over => {}
        }
    }
}
