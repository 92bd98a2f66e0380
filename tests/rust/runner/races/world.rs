use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as Waking, Poll, Wake, Waker};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{FutureExt, Shared, select};
use offstage_core::engine;
use offstage_core::runner::{Context, Ended, Failure, Question, TaskHandle};
use offstage_core::task::{BackoffSpec, Spec, Status};

use crate::runner::rig::{Gauge, Rig, accept, secs};

/// What is injected, each once.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Cancel(usize),
    Respond(usize),
    Settle(usize),
    /// The timeout's time passes.
    Time,
    /// And the grace's.
    MoreTime,
    Stop,
}

impl Act {
    pub const ALL: [Self; 9] = [
        Self::Cancel(0),
        Self::Cancel(1),
        Self::Respond(0),
        Self::Respond(1),
        Self::Settle(0),
        Self::Settle(1),
        Self::Time,
        Self::MoreTime,
        Self::Stop,
    ];
}

/// What the two tasks are like.
#[derive(Clone, Copy)]
pub struct Tasks {
    /// They end when they are told to.
    pub listen: bool,
    pub retries: u8,
}

pub struct World {
    rig: Rig,
    tasks: Tasks,
    handles: [TaskHandle<u32>; 2],
    /// Waiters that were there from the beginning, and how often they were woken.
    waiters: [(TaskHandle<u32>, Arc<Woken>); 2],
    settle: [Option<oneshot::Sender<()>>; 2],
    /// What the handles said first.
    seen: [Option<Result<u32, Ended>>; 2],
    gauge: Gauge,
    /// How many of the times have passed.
    passed: usize,
    /// What was done, for whoever reads of a failure.
    log: Vec<String>,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.log.join(", "));
        }
    }
}

#[derive(Default)]
pub struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

async fn script(
    task: Context,
    tasks: Tasks,
    gauge: Gauge,
    settled: Shared<oneshot::Receiver<()>>,
) -> Result<u32, Failure> {
    let hears = || if tasks.listen { task.check() } else { Ok(()) };
    let busy = gauge.enter();
    pause().await;
    drop(busy);
    hears()?;
    let answer = task.ask(Question::new("ok", "May I?")).await;
    if tasks.listen {
        answer?;
    }
    let busy = gauge.enter();
    pause().await;
    drop(busy);
    hears()?;
    if tasks.listen {
        select(settled, task.cancelled()).await;
        task.check()?;
    } else {
        let _ = settled.await;
    }
    Ok(1)
}

impl World {
    pub fn new(tasks: Tasks) -> Self {
        let rig = Rig::with(engine::Options { limit: 1, kill_grace_ms: 1_000, ..Default::default() });
        let gauge = Gauge::default();
        let (first, first_end) = submit(&rig, tasks, &gauge);
        let (second, second_end) = submit(&rig, tasks, &gauge);
        let handles = [first, second];
        let waiters = handles.clone().map(|mut handle| {
            let woken = Arc::new(Woken::default());
            let waker = Waker::from(woken.clone());
            assert!(Pin::new(&mut handle).poll(&mut Waking::from_waker(&waker)).is_pending());
            (handle, woken)
        });
        let settle = [Some(first_end), Some(second_end)];
        Self { rig, tasks, handles, waiters, settle, seen: [None, None], gauge, passed: 0, log: Vec::new() }
    }

    pub fn woken(&self) -> usize {
        self.rig.time.woken()
    }

    pub fn poll(&mut self, nth: usize) {
        self.log.push(format!("poll {nth}"));
        assert!(self.rig.time.step_nth(nth));
    }

    pub fn act(&mut self, act: Act) {
        self.log.push(format!("{act:?}"));
        match act {
            Act::Cancel(which) => {
                let before = self.handles[which].status();
                assert_eq!(self.handles[which].cancel(None), !before.is_terminal());
            }
            Act::Respond(which) => {
                let asks = self.handles[which].status() == Status::InputRequired;
                assert_eq!(self.handles[which].respond("ok", accept()).is_ok(), asks);
            }
            Act::Settle(which) => drop(self.settle[which].take().unwrap().send(())),
            Act::Time | Act::MoreTime => {
                self.passed += 1;
                self.rig.time.elapse(secs(1));
            }
            Act::Stop => drop(self.rig.runner.stop(Duration::ZERO)),
        }
    }

    /// What holds at any time.
    pub fn check(&mut self) {
        let counts = self.rig.runner.counts();
        assert!(counts.slots <= 1, "{counts:?}");
        let statuses = self.handles.each_ref().map(|handle| handle.status());
        let count = |status| statuses.iter().filter(|&&known| known == status).count();
        let recount = [
            Status::Pending,
            Status::Running,
            Status::InputRequired,
            Status::Completed,
            Status::Failed,
            Status::Cancelled,
        ];
        let known =
            [counts.pending, counts.running, counts.input_required, counts.completed, counts.failed, counts.cancelled];
        assert_eq!((known, counts.total), (recount.map(count), 2));
        for ((handle, seen), status) in self.handles.iter().zip(&mut self.seen).zip(statuses) {
            let now = handle.clone().now_or_never();
            assert_eq!(now.is_some(), status.is_terminal(), "{status}");
            if seen.is_some() {
                assert_eq!(*seen, now, "an outcome does not change");
            }
            *seen = now;
        }
    }

    /// Lets all come to its end.
    pub fn close(mut self) {
        for settle in self.settle.iter_mut().filter_map(Option::take) {
            let _ = settle.send(());
        }
        // Each task asks once an attempt; one has the slot after the other.
        for _ in 0..4 {
            self.rig.run_within(1);
            for handle in &self.handles {
                let _ = handle.respond("ok", accept());
            }
            self.rig.run_within(1);
            self.rig.time.advance(secs(3));
        }
        self.check();
        for (handle, (waiter, woken)) in self.handles.iter().zip(&self.waiters) {
            let outcome = handle.clone().now_or_never().expect("it has ended");
            assert_eq!(woken.0.load(Ordering::SeqCst), 1, "its waiter was woken");
            assert_eq!(waiter.clone().now_or_never(), Some(outcome.clone()));
            assert_history(handle, &outcome);
        }
        self.rig.assert_clean();
        assert!(self.rig.runner.stop(Duration::ZERO).now_or_never().is_some(), "it is idle");
        // What does not listen goes on without a slot when it is cancelled as it asks, until it is given up.
        if self.tasks.listen {
            let abandoned = self.rig.runner.counts().abandoned;
            // One that was given up may be dropped after another has started.
            assert!(self.gauge.peak() <= 1 || abandoned > 0, "{} at once", self.gauge.peak());
            assert!(self.passed > 0 || abandoned == 0, "time alone has a task given up that listens");
        }
    }
}

fn submit(rig: &Rig, tasks: Tasks, gauge: &Gauge) -> (TaskHandle<u32>, oneshot::Sender<()>) {
    let (settle, settled) = oneshot::channel();
    let (settled, gauge) = (settled.shared(), gauge.clone());
    let backoff = Some(BackoffSpec { initial: Some(0.0), ..Default::default() });
    let spec = Spec { timeout_ms: Some(1_000.0), retries: Some(tasks.retries.into()), backoff, ..Spec::new("t") };
    let task = rig.runner.submit_with(spec, move |task| script(task, tasks, gauge.clone(), settled.clone()));
    (task.unwrap(), settle)
}

/// One terminal event, which says what the handle says; no gap before or after it.
fn assert_history(handle: &TaskHandle<u32>, outcome: &Result<u32, Ended>) {
    let events = futures::StreamExt::collect::<Vec<_>>(handle.events(0)).now_or_never().expect("it ends");
    let seqs: Vec<u64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>());
    let terminal: Vec<_> =
        events.iter().filter(|event| event.body.is_terminal()).map(|event| event.body.kind()).collect();
    let expected = match outcome {
        Ok(_) => "completed",
        Err(Ended::Failed(_)) => "failed",
        Err(Ended::Cancelled { .. }) => "cancelled",
    };
    assert_eq!(terminal, [expected]);
    let record = handle.record();
    assert!(record.hold.is_none() && record.requests.open().next().is_none());
}
