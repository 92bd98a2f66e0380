//! The rules as the runner of futures has them, on an executor in virtual time. The work of each task is a puppet.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{Either, FutureExt, pending, select};
use futures::stream::{FuturesUnordered, StreamExt};
use offstage_core::engine::{Counts, Key, Submission, Why};
use offstage_core::error::Error;
use offstage_core::runner::{AllEvents, BackgroundRunner, Boxed, Context, Failure, Question, Task, TaskHandle};
use offstage_core::task::{Action, Answer, Record};

use super::convert;
use super::executor::Executor;
use super::scenario::{Options, Spec};
use super::subject::{Seen, Subject};

pub struct OnRunner<X: Executor> {
    executor: X,
    runner: BackgroundRunner<X>,
    events: AllEvents,
    tasks: BTreeMap<String, Task>,
    names: BTreeMap<Key, String>,
    /// Handles that nobody awaits yet.
    handles: BTreeMap<String, TaskHandle<()>>,
    board: Board,
    stopping: Option<Pin<Box<dyn Future<Output = Counts>>>>,
}

/// What the harness and the work of all tasks share.
type Board = Arc<Mutex<Notes>>;

#[derive(Default)]
struct Notes {
    /// The execution of each task that began last.
    works: BTreeMap<String, (Context, UnboundedSender<Tell>)>,
    noticed: Vec<String>,
}

/// What work is told to do.
enum Tell {
    Succeed,
    Fail(Failure),
    /// It hears that it is to end.
    Stop,
    Ask(Question),
    Await(TaskHandle<()>),
}

/// The work of one attempt.
async fn puppet(
    name: String,
    context: Context,
    board: Board,
    mut told: UnboundedReceiver<Tell>,
) -> Result<(), Failure> {
    let note = |what: &str| board.lock().expect("nobody panicked").noticed.push(format!("{name} {what}"));
    let mut beside: FuturesUnordered<Boxed<Option<String>>> = FuturesUnordered::new();
    // So that there always is one.
    beside.push(Box::pin(pending()));
    let aborted = context.cancelled();
    beside.push(Box::pin(async move {
        let why = match aborted.await {
            Why::Cancelled => "cancelled",
            Why::TimedOut => "timeout",
            Why::InputExpired => "input_expired",
        };
        Some(format!("aborted {why}"))
    }));
    loop {
        let tell = match select(told.next(), beside.next()).await {
            Either::Left((tell, _)) => tell.expect("the harness lives"),
            Either::Right((noticed, _)) => {
                noticed.flatten().iter().for_each(|what| note(what));
                continue;
            }
        };
        match tell {
            Tell::Succeed => return Ok(()),
            Tell::Fail(failure) => return Err(failure),
            Tell::Stop => return context.check(),
            Tell::Ask(question) => {
                let context = context.clone();
                // Without an answer it was told to end, which is noticed already.
                beside.push(Box::pin(async move { context.ask(question).await.ok().map(|_| "goes on".into()) }));
            }
            Tell::Await(mut child) => beside.push(Box::pin(async move {
                let _ = child.outcome().await;
                Some("goes on".into())
            })),
        }
    }
}

impl<X: Executor> OnRunner<X> {
    fn tell(&mut self, name: &str, tell: Tell) {
        let notes = self.board.lock().expect("nobody panicked");
        let (_, work) = notes.works.get(name).unwrap_or_else(|| panic!("'{name}' never started"));
        assert!(work.unbounded_send(tell).is_ok(), "the work of '{name}' has ended");
        drop(notes);
        self.executor.run();
    }

    fn task(&self, name: &str) -> &Task {
        self.tasks.get(name).unwrap_or_else(|| panic!("no task '{name}' was submitted"))
    }

    fn work(&self, name: &str) -> impl Fn(Context) -> Boxed<Result<(), Failure>> + use<X> {
        let (board, name) = (self.board.clone(), name.to_owned());
        move |context| {
            let (sender, told) = unbounded();
            board.lock().expect("nobody panicked").works.insert(name.clone(), (context.clone(), sender));
            Box::pin(puppet(name.clone(), context, board.clone(), told))
        }
    }

    fn context(&self, name: &str) -> Context {
        self.board.lock().expect("nobody panicked").works[name].0.clone()
    }

    fn put(&self, name: &str, spec: &Spec, parent: Option<&str>, key: Option<&str>) -> Result<TaskHandle<()>, Error> {
        let submission: Submission = convert::submission(spec, name, 0);
        let work = self.work(name);
        match (parent.map(|parent| self.context(parent)), key) {
            (None, _) => self.runner.submit_with(submission, work),
            (Some(parent), None) => parent.submit_with(submission, work),
            (Some(parent), Some(key)) => parent.submit_keyed(key, submission, work),
        }
    }
}

impl<X: Executor> Subject for OnRunner<X> {
    fn new(options: &Options) -> Self {
        let executor = X::new();
        let options = offstage_core::runner::Options {
            engine: convert::options(options),
            default_timeout: Duration::ZERO,
            seed: Some([7; 16]),
        };
        let runner = BackgroundRunner::new(executor.clone(), options).unwrap();
        Self {
            events: runner.events(),
            runner,
            executor,
            tasks: BTreeMap::new(),
            names: BTreeMap::new(),
            handles: BTreeMap::new(),
            board: Board::default(),
            stopping: None,
        }
    }

    fn submit(
        &mut self,
        name: &str,
        spec: &Spec,
        parent: Option<&str>,
        key: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let handle = self.put(name, spec, parent, key)?;
        self.executor.run();
        if handle.is_deduplicated() {
            return Ok(Some(self.names[&handle.key()].clone()));
        }
        self.names.insert(handle.key(), name.to_owned());
        self.tasks.insert(name.to_owned(), handle.task());
        self.handles.insert(name.to_owned(), handle);
        Ok(None)
    }

    fn succeed(&mut self, name: &str) {
        self.tell(name, Tell::Succeed);
    }

    fn fail(&mut self, name: &str, message: &str, retryable: bool) {
        let failure = Failure::new(message);
        self.tell(name, Tell::Fail(if retryable { failure } else { failure.for_good() }));
    }

    fn stop_work(&mut self, name: &str) {
        self.tell(name, Tell::Stop);
    }

    fn ask(&mut self, name: &str, key: &str, expires_ms: Option<i64>) {
        let expires = expires_ms.map(|ms| Duration::from_millis(ms.unsigned_abs()));
        self.tell(name, Tell::Ask(Question { expires, ..Question::new(key, "May I?") }));
    }

    fn answer(&mut self, name: &str, key: &str, action: Action) -> Result<(), Error> {
        self.task(name).respond(key, Answer { action, content: None })?;
        self.executor.run();
        Ok(())
    }

    fn await_child(&mut self, name: &str, child: &str) {
        let child = self.handles.remove(child).expect("a child is awaited once");
        self.tell(name, Tell::Await(child));
    }

    fn cancel(&mut self, name: &str) {
        self.task(name).cancel(None);
        self.executor.run();
    }

    fn cancel_all(&mut self) {
        self.runner.cancel_all(None);
        self.executor.run();
    }

    fn clear(&mut self) {
        self.runner.clear();
        self.executor.run();
    }

    fn pause(&mut self) {
        self.runner.pause();
        self.executor.run();
    }

    fn resume(&mut self) {
        self.runner.resume();
        self.executor.run();
    }

    fn set_limit(&mut self, limit: usize) {
        self.runner.set_concurrency(limit);
        self.executor.run();
    }

    fn advance(&mut self, ms: i64) {
        self.executor.advance(Duration::from_millis(ms.unsigned_abs()));
    }

    fn step_wall(&mut self, ms: i64) {
        self.executor.step_wall(ms);
    }

    fn stop(&mut self, drain_ms: i64) {
        self.stopping = Some(Box::pin(self.runner.stop(Duration::from_millis(drain_ms.unsigned_abs()))));
        self.executor.run();
    }

    fn is_stopped(&mut self) -> bool {
        let stopped = self.stopping.as_mut().expect("it was told to stop").now_or_never().is_some();
        if stopped {
            self.stopping = Some(Box::pin(futures::future::ready(self.runner.counts())));
        }
        stopped
    }

    fn record(&mut self, name: &str) -> Option<Record> {
        let task = self.task(name);
        let kept = self.runner.tasks().iter().any(|kept| kept.key() == task.key());
        kept.then(|| task.record())
    }

    fn counts(&mut self) -> Counts {
        self.runner.counts()
    }

    fn take(&mut self) -> Seen {
        let mut seen = Seen::default();
        while let Some(Some((key, event))) = self.events.next().now_or_never() {
            seen.events.push(format!("{} {}", self.names[&key], event.body.kind()));
        }
        seen.work = std::mem::take(&mut self.board.lock().expect("nobody panicked").noticed);
        seen
    }
}
