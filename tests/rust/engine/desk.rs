//! An engine and a clock for named scenarios.

use offstage_core::engine::{Effect, Engine, Key, Now, OnConflict, Options, Plain, Started, Submission};
use offstage_core::task::{Command, Run, Spec, Status};

pub struct Desk {
    pub engine: Engine,
    pub now: Now,
}

impl Desk {
    pub fn new(options: Options) -> Self {
        Self { engine: Engine::new(options, [3; 16]).unwrap(), now: Now::at(1_000) }
    }

    pub fn limit(limit: usize) -> Self {
        Self::new(Options { limit, ..Options::default() })
    }

    /// Time passes, and the engine is told.
    pub fn after(&mut self, ms: i64) -> &mut Self {
        self.now = Now { wall: self.now.wall + ms, mono: self.now.mono + ms * 1_000 };
        self.engine.tick(self.now);
        self
    }

    pub fn plain(&mut self) -> Key {
        self.engine.submit_plain(Plain::new("t"), self.now).expect("it is taken")
    }

    pub fn submit(&mut self, submission: Submission) -> Key {
        self.engine.submit(submission, self.now).expect("it is taken").key
    }

    /// A task of that session.
    pub fn member(&mut self, session: &str, on_conflict: OnConflict, parent: Option<Key>) -> Key {
        let spec = Spec { session_id: Some(session.into()), ..Spec::new("t") };
        self.submit(Submission { spec, on_conflict, parent, ..Submission::default() })
    }

    pub fn child(&mut self, parent: Key) -> Key {
        self.submit(Submission { parent: Some(parent), ..task(Spec::new("t")) })
    }

    #[track_caller]
    pub fn start(&mut self) -> Started {
        self.engine.next(self.now).expect("one starts")
    }

    /// Starts all that can; answers which.
    pub fn start_all(&mut self) -> Vec<Key> {
        std::iter::from_fn(|| self.engine.next(self.now)).map(|started| started.key).collect()
    }

    #[track_caller]
    pub fn run(&self, key: Key) -> Run {
        self.engine.record(key).and_then(|record| record.hold.clone()).expect("it runs").run()
    }

    #[track_caller]
    pub fn succeed(&mut self, key: Key) {
        let run = self.run(key);
        self.engine.succeed(key, run, self.now).expect("it runs");
    }

    #[track_caller]
    pub fn ask(&mut self, key: Key) {
        let Run { attempt, epoch } = self.run(key);
        let (request, message) = ("ok".into(), "?".into());
        let ask = Command::Ask { attempt, epoch, key: request, message, schema: None, expires_at: None };
        assert!(self.engine.tell(key, ask, self.now).expect("it may ask"));
    }

    pub fn status(&self, key: Key) -> Option<Status> {
        self.engine.status(key)
    }

    /// All there is to do, and it is done.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.engine.take_effect()).collect()
    }
}

/// A task of that spec, alone.
pub fn task(spec: Spec) -> Submission {
    Submission { spec, ..Submission::default() }
}
