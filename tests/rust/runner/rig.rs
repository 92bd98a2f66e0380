use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::channel::oneshot;
use offstage_core::engine;
use offstage_core::runner::{BackgroundRunner, Boxed, Context, Failure, Manual, Options, TaskHandle, Timer};
use offstage_core::task::{Action, Answer, Spec};

pub fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A runner on a virtual clock. The limit is watched at every poll.
#[derive(Clone)]
pub struct Rig {
    pub time: Manual,
    pub runner: BackgroundRunner<Manual>,
}

impl Rig {
    pub fn new(limit: usize) -> Self {
        Self::with(engine::Options { limit, ..Default::default() })
    }

    pub fn with(engine: engine::Options) -> Self {
        let time = Manual::new();
        let options = Options { engine, seed: Some([7; 16]), ..Options::default() };
        Self { runner: BackgroundRunner::new(time.clone(), options).unwrap(), time }
    }

    /// Polls until there is nothing to do; at no time more than `limit` slots are taken.
    #[track_caller]
    pub fn run_within(&self, limit: usize) {
        while self.time.step() {
            let counts = self.runner.counts();
            assert!(counts.slots <= limit, "{} slots of {limit} are taken", counts.slots);
        }
    }

    pub fn after(&self, span: Duration) -> Boxed<()> {
        self.time.after(span)
    }

    /// A task that ends when its puppet says so, and does not hear a cancel.
    pub fn puppet(&self, spec: impl Into<engine::Submission>) -> (TaskHandle<u32>, Strings) {
        let (end, ended) = oneshot::channel();
        let ended = Arc::new(std::sync::Mutex::new(Some(ended)));
        let handle = self.runner.submit_with(spec, move |_| {
            let ended = ended.lock().unwrap().take().expect("a puppet runs once");
            async move { ended.await.unwrap_or_else(|_| Err(Failure::new("let go"))) }
        });
        (handle.expect("it is taken"), Strings(end))
    }

    /// No task, timer or future is left.
    #[track_caller]
    pub fn assert_clean(&self) {
        let counts = self.runner.counts();
        assert_eq!((counts.live(), counts.slots, counts.stopping), (0, 0, 0), "{counts:?}");
        assert_eq!((self.time.timers(), self.time.futures()), (0, 0));
    }
}

/// What ends a puppet.
pub struct Strings(oneshot::Sender<Result<u32, Failure>>);

impl Strings {
    pub fn end(self, outcome: Result<u32, Failure>) {
        let _ = self.0.send(outcome);
    }

    /// The future that waits for it is gone.
    pub fn is_cut(&self) -> bool {
        self.0.is_canceled()
    }
}

/// How many are at it at once.
#[derive(Clone, Default)]
pub struct Gauge(Arc<Numbers>);

#[derive(Default)]
struct Numbers {
    now: AtomicUsize,
    peak: AtomicUsize,
    all: AtomicUsize,
}

pub struct Busy(Gauge);

impl Gauge {
    pub fn enter(&self) -> Busy {
        let now = self.0.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.peak.fetch_max(now, Ordering::SeqCst);
        self.0.all.fetch_add(1, Ordering::SeqCst);
        Busy(self.clone())
    }

    pub fn peak(&self) -> usize {
        self.0.peak.load(Ordering::SeqCst)
    }

    /// How often it was entered.
    pub fn all(&self) -> usize {
        self.0.all.load(Ordering::SeqCst)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

pub fn named(name: &str) -> Spec {
    Spec::new(name)
}

pub fn accept() -> Answer {
    Answer { action: Action::Accept, content: None }
}

/// Runs for ever, whatever it is told.
pub async fn for_ever(_: Context) -> Result<(), Failure> {
    std::future::pending().await
}

/// Ends as soon as it is told to.
pub async fn until_told(task: Context) -> Result<(), Failure> {
    task.cancelled().await;
    task.check()
}
