//! What the calls of JavaScript and the driver tell each other: three flags and the one who is woken by them.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::ports::Ports;

/// Held by both, and by what the driver waits for; it keeps no runner.
pub(super) struct Link {
    pub(super) ports: Ports,
    /// Something is to be looked at.
    told: Cell<bool>,
    /// The timer rang.
    rung: Cell<bool>,
    /// Others had their turn.
    turned: Cell<bool>,
    driver: Cell<Option<Waker>>,
    /// The driver looks just now: it sees by itself what has changed once all is done.
    pub(super) looking: Cell<bool>,
    /// The deadline for which the driver comes back, in microseconds of the runner's clock.
    pub(super) comes_at: Cell<i64>,
    /// What JavaScript was told last: there is something to do; the timer keeps the process.
    pub(super) kept: Cell<(bool, bool)>,
}

impl Link {
    pub(super) fn new(ports: Ports) -> Rc<Self> {
        Rc::new(Self {
            ports,
            told: Cell::new(false),
            rung: Cell::new(false),
            turned: Cell::new(false),
            driver: Cell::new(None),
            looking: Cell::new(false),
            comes_at: Cell::new(i64::MAX),
            kept: Cell::new((false, false)),
        })
    }

    /// Has the driver look, not within this call.
    pub(super) fn tell(&self) {
        self.raise(&self.told);
    }

    pub(super) fn ring(&self) {
        self.raise(&self.rung);
    }

    pub(super) fn turn(&self) {
        self.raise(&self.turned);
    }

    fn raise(&self, flag: &Cell<bool>) {
        if !flag.replace(true)
            && let Some(driver) = self.driver.take()
        {
            driver.wake_by_ref();
            self.driver.set(Some(driver));
        }
    }

    /// A look begins: what is told from here on leads to another one.
    pub(super) fn heard(&self) {
        self.told.set(false);
    }

    /// Sets the timer, in place of none.
    pub(super) fn alarm(self: &Rc<Self>, ms: f64) -> Pause {
        self.rung.set(false);
        self.ports.set_alarm(ms);
        Pause { link: self.clone(), what: What::Alarm }
    }

    /// Lets others have their turn.
    pub(super) fn others(self: &Rc<Self>) -> Pause {
        self.turned.set(false);
        self.ports.defer();
        Pause { link: self.clone(), what: What::Others }
    }

    /// Until something is told.
    pub(super) fn word(self: &Rc<Self>) -> Pause {
        Pause { link: self.clone(), what: What::Word }
    }

    fn flag(&self, what: &What) -> &Cell<bool> {
        match what {
            What::Word => &self.told,
            What::Alarm => &self.rung,
            What::Others => &self.turned,
        }
    }

    /// There is one driver, and its waker stays the same.
    fn wait(&self, by: &Waker) {
        let known = self.driver.take().filter(|driver| driver.will_wake(by));
        self.driver.set(Some(known.unwrap_or_else(|| by.clone())));
    }
}

enum What {
    Word,
    Alarm,
    Others,
}

/// Something that the driver waits for: a flag, no channel and no closure of its own.
pub(super) struct Pause {
    link: Rc<Link>,
    what: What,
}

impl Future for Pause {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.link.flag(&self.what).get() {
            return Poll::Ready(());
        }
        self.link.wait(cx.waker());
        Poll::Pending
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        if matches!(self.what, What::Alarm) && !self.link.rung.get() {
            self.link.ports.clear_alarm();
        }
    }
}
