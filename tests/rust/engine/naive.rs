//! The rules of `docs/SCHEDULING-RULES.md` once more, by going through all tasks at every question. Slow, and easy to believe.

use offstage_core::engine::{Counts, Now, OnConflict, Options};
use offstage_core::task::{Record, Run, Status};

use super::act::{Act, Full, Outcome};

/// One task, as its records show it, and what they do not show.
pub struct Task {
    pub record: Record,
    pub dropped: bool,
    pub parent: Option<usize>,
    pub keyed: bool,
    /// It enqueues or interrupts.
    pub waits: bool,
    pub input: Option<&'static str>,
    pub has_slot: bool,
    /// Its slot is lent, whether or not it wants it back.
    pub lent: bool,
    /// Its moment to start had come once; the wall clock may have been set back since.
    pub was_due: bool,
    /// How long its attempt has run, in microseconds.
    pub ran: i64,
    /// Monotonic microseconds.
    pub stopping_since: Option<i64>,
    pub gone_at: Option<i64>,
}

pub struct Naive {
    pub options: Options,
    pub tasks: Vec<Task>,
    pub paused: bool,
    pub closed: bool,
    pub drain_until: Option<i64>,
    /// Those that want their lent slot back, in the order of asking.
    pub wanted: Vec<usize>,
    pub abandoned: usize,
    /// The driver has told the time.
    pub ticked: bool,
}

impl Naive {
    pub fn new(options: Options) -> Self {
        Self {
            options,
            tasks: Vec::new(),
            paused: false,
            closed: false,
            drain_until: None,
            wanted: Vec::new(),
            abandoned: 0,
            ticked: true,
        }
    }

    fn count(&self, is: impl Fn(&Task) -> bool) -> usize {
        self.tasks.iter().filter(|task| is(task)).count()
    }

    fn with(&self, status: Status) -> usize {
        self.count(|task| task.record.status == status)
    }

    pub fn slots(&self) -> usize {
        self.count(|task| task.has_slot)
    }

    pub fn counts(&self) -> Counts {
        Counts {
            total: self.tasks.len(),
            pending: self.with(Status::Pending),
            running: self.with(Status::Running),
            input_required: self.with(Status::InputRequired),
            completed: self.with(Status::Completed),
            failed: self.with(Status::Failed),
            cancelled: self.with(Status::Cancelled),
            abandoned: self.abandoned,
            slots: self.slots(),
            stopping: self.count(|task| task.record.is_stopping()),
        }
    }

    /// Those above it, nearest first, dropped ones too.
    pub fn ancestors(&self, task: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.tasks[task].parent, |&above| self.tasks[above].parent)
    }

    fn is_above(&self, above: usize, task: usize) -> bool {
        self.ancestors(task).any(|ancestor| ancestor == above)
    }

    /// The tasks of a session that are not gone.
    fn members(&self, session: Option<&str>) -> impl Iterator<Item = usize> {
        (0..self.tasks.len()).filter(move |&task| {
            let Task { record, gone_at, .. } = &self.tasks[task];
            session.is_some() && record.session_id.as_deref() == session && gone_at.is_none()
        })
    }

    /// S3, S4 and S6.
    fn is_blocked(&self, task: usize) -> bool {
        let session = self.tasks[task].record.session_id.as_deref();
        let above: Vec<usize> = self.members(session).filter(|&other| self.is_above(other, task)).collect();
        let mut earlier = self.members(session).take_while(|&other| other < task);
        self.tasks[task].waits
            && earlier
                .any(|other| !above.contains(&other) && !above.iter().any(|&ancestor| self.waits_for(other, ancestor)))
    }

    fn waits_for(&self, task: usize, other: usize) -> bool {
        let waits = self.tasks[task].waits && self.tasks[task].record.started_at.is_none();
        waits && other < task && !self.is_above(other, task)
    }

    /// The task that starts next, when there is a slot: O1 to O4.
    fn first(&self, now: Now) -> Option<usize> {
        let could = |&task: &usize| {
            let record = &self.tasks[task].record;
            record.status == Status::Pending
                && (record.hold.is_none() || record.resume)
                && record.run_at.is_none_or(|at| at <= now.wall)
                && !self.is_blocked(task)
        };
        let all = (0..self.tasks.len()).filter(could);
        all.min_by_key(|&task| {
            let record = &self.tasks[task].record;
            (-i64::from(record.priority), !record.resume, task)
        })
    }

    /// The same, past those whose time to start is over: they fail when their turn comes, and others may come to theirs.
    fn next(&mut self, now: Now) -> Option<usize> {
        let mut over = Vec::new();
        let found = loop {
            let first = self.first(now);
            let late = |task: usize| self.tasks[task].record.expires_at().is_some_and(|at| at <= now.wall);
            let Some(task) = first.filter(|&task| late(task)) else { break first };
            let failed = failed(&self.tasks[task].record);
            over.push((task, std::mem::replace(&mut self.tasks[task].record, failed)));
            self.tasks[task].gone_at = Some(now.mono);
        };
        for (task, record) in over {
            self.tasks[task].record = record;
            self.tasks[task].gone_at = None;
        }
        found
    }

    /// What an act comes to; none where only the engines can tell.
    pub fn expected(&mut self, act: &Act, now: Now) -> Option<Outcome> {
        match act {
            Act::Next if self.ticked => Some(self.expected_start(now)),
            Act::Plain { .. } => Some(self.refused_room().unwrap_or(Outcome::New(self.tasks.len()))),
            Act::Full(full) => Some(self.expected_submit(full)),
            Act::Cancel { task, .. } => {
                let Task { record, dropped, .. } = &self.tasks[*task];
                Some(Outcome::Changed(!dropped && !record.status.is_terminal()))
            }
            Act::CancelAll => Some(Outcome::Count(self.count(|task| !task.record.status.is_terminal()))),
            Act::Drop(task) => {
                let Task { gone_at, dropped, .. } = self.tasks[*task];
                Some(Outcome::Changed(!dropped && gone_at.is_some()))
            }
            _ => None,
        }
        // Cancelling one may cancel another: both may be counted, or one.
        .filter(|_| !matches!(act, Act::CancelAll) || self.tasks.iter().all(|task| task.parent.is_none()))
    }

    fn expected_start(&mut self, now: Now) -> Outcome {
        let free = self.options.limit.saturating_sub(self.slots());
        if self.paused || free <= self.wanted.len() {
            return Outcome::Nothing;
        }
        let Some(task) = self.next(now) else { return Outcome::Nothing };
        let record = &self.tasks[task].record;
        let run = Run { attempt: record.attempt + u32::from(!record.resume), epoch: record.epoch + 1 };
        Outcome::Started { task, run, resume: record.resume }
    }

    fn refused_room(&self) -> Option<Outcome> {
        let free = self.options.limit.saturating_sub(self.slots());
        let full = self.with(Status::Pending) >= self.options.max_queued.saturating_add(free);
        match (self.closed, full) {
            (true, _) => Some(Outcome::Refused("conflict")),
            (false, true) => Some(Outcome::Refused("queue_full")),
            _ => None,
        }
    }

    fn expected_submit(&self, full: &Full) -> Outcome {
        if let Some(known) = full.idempotency_key.and_then(|key| self.known(full.recipe, key)) {
            let same = self.tasks[known].input == Some(full.input);
            return if same { Outcome::Known(known) } else { Outcome::Refused("conflict") };
        }
        if let Some(refused) = self.refused_room() {
            return refused;
        }
        let cannot = |parent: usize| {
            let Task { record, dropped, .. } = &self.tasks[parent];
            *dropped || !record.is_underway() || self.ancestors(parent).count() >= 16
        };
        if full.parent.is_some_and(cannot) {
            return Outcome::Refused("conflict");
        }
        if full.priority.fract() != 0.0 {
            return Outcome::Refused("invalid_argument");
        }
        let meets = full.on_conflict == OnConflict::Reject && self.in_session(full).next().is_some();
        if meets { Outcome::Refused("conflict") } else { Outcome::New(self.tasks.len()) }
    }

    /// Those of its session that a newcomer meets.
    pub fn in_session(&self, full: &Full) -> impl Iterator<Item = usize> {
        let above: Vec<usize> =
            full.parent.into_iter().flat_map(|parent| self.ancestors(parent).chain([parent])).collect();
        self.members(full.session).filter(move |member| !above.contains(member))
    }

    /// K2: the live or completed task of a key.
    fn known(&self, recipe: &str, key: &str) -> Option<usize> {
        (0..self.tasks.len()).find(|&task| {
            let Task { record, dropped, .. } = &self.tasks[task];
            let keeps = !dropped && !matches!(record.status, Status::Failed | Status::Cancelled);
            keeps && record.recipe == recipe && record.idempotency_key.as_deref() == Some(key)
        })
    }

    /// When the engine has to be told the time again, in microseconds from now: `early` says whether it also wants to be
    /// told of those that were due once. It need not: it looks at them when there is a slot.
    pub fn sleep(&self, now: Now, early: bool) -> Option<i64> {
        let wall = self.tasks.iter().filter(|task| !task.dropped).filter_map(|task| {
            let waits = task.record.status == Status::Pending && (early || !task.was_due);
            let not_due = task.record.run_at.filter(|&at| waits && at > now.wall);
            not_due.into_iter().chain(task.record.due_at()).min()
        });
        let wall = wall.min().map(|at| ((at - now.wall) * 1_000).min(60_000_000));
        let mono = self.tasks.iter().filter_map(|task| self.due(task)).min().map(|at| at - now.mono);
        let run = self.tasks.iter().filter_map(left).min();
        let live = self.tasks.iter().any(|task| !task.record.status.is_terminal());
        let drain = self.drain_until.filter(|_| live).map(|at| at - now.mono);
        [wall, mono, run, drain].into_iter().flatten().min()
    }

    /// When an execution is given up, or a record goes.
    fn due(&self, task: &Task) -> Option<i64> {
        let grace = task.stopping_since.map(|at| at + task.record.kill_grace_ms * 1_000);
        let kept = task.gone_at.filter(|_| !task.dropped && self.options.auto_cleanup);
        grace.or_else(|| kept.map(|at| at + self.options.cleanup_delay_ms * 1_000))
    }
}

/// How much of its time a running attempt has left, in microseconds.
pub fn left(task: &Task) -> Option<i64> {
    let timeout = task.record.timeout_ms.filter(|_| task.record.status == Status::Running)?;
    Some(timeout * 1_000 - task.ran)
}

/// The record of a task that did not start in time; what else it says does not matter here.
fn failed(record: &Record) -> Record {
    let events = offstage_core::task::decide(record, offstage_core::task::Command::Due {}, i64::MAX / 4);
    let mut record = record.clone();
    events.into_iter().flatten().for_each(|event| record.apply(&event));
    record
}
