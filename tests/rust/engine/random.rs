//! Random options, acts and steps of the clocks.

use offstage_core::engine::{Now, OnConflict, Options};
use offstage_core::task::{Action, Record, Run, Status};

use super::act::{Act, Full};
use crate::support::Rng;

const KEYS: &[&str] = &["x", "y", "z"];

pub fn options(rng: &mut Rng) -> Options {
    Options {
        limit: *rng.pick(&[1, 1, 2, 3]),
        max_queued: *rng.pick(&[usize::MAX, usize::MAX, usize::MAX, 6, 0]),
        kill_grace_ms: *rng.pick(&[0, 100, 5_000]),
        auto_cleanup: rng.chance(80),
        cleanup_delay_ms: *rng.pick(&[0, 1_000, 3_600_000]),
        max_retained: *rng.pick(&[0, 1, 3, 500]),
    }
}

/// `records`: what became of each task so far.
pub fn act(rng: &mut Rng, records: &[Record], now: Now) -> Act {
    let live = records.iter().filter(|record| !record.status.is_terminal()).count();
    match rng.below(100) {
        0..=11 if live < 14 => Act::Plain { priority: priority(rng), timeout: timeout(rng).map(|ms| ms as i64) },
        12..=29 if live < 14 => Act::Full(Box::new(full(rng, records, now))),
        0..=47 => Act::Next,
        48..=70 => about(rng, records, now),
        72 => Act::Pause,
        71 | 73 => Act::Resume,
        74 => Act::Limit(rng.below(4) as usize),
        75..=77 => drop_some(rng, records),
        78 if rng.chance(30) => Act::CancelAll,
        79 if rng.chance(20) => Act::Stop { drain: *rng.pick(&[0, 50, 2_000]) },
        _ => clock(rng),
    }
}

/// Something that makes sense for some task, mostly.
fn about(rng: &mut Rng, records: &[Record], now: Now) -> Act {
    if records.is_empty() {
        return Act::Next;
    }
    let held: Vec<usize> = (0..records.len()).filter(|&task| records[task].hold.is_some()).collect();
    let task =
        if held.is_empty() || rng.chance(15) { rng.below(records.len() as u64) as usize } else { *rng.pick(&held) };
    let record = &records[task];
    let run = run(rng, record);
    let retryable = rng.chance(80);
    if rng.chance(12) {
        return any(rng, task, run, now);
    }
    match (record.status, rng.below(12)) {
        _ if record.is_stopping() => match rng.below(4) {
            0 => Act::Succeed(task, run),
            1 => Act::Fail { task, run, retryable },
            _ => Act::Stopped(task, run),
        },
        (Status::Running, 0..=2) => Act::Succeed(task, run),
        (Status::Running, 3..=4) => Act::Fail { task, run, retryable },
        (Status::Running, 5..=6) => ask(rng, task, run, now),
        (Status::Running, 7..=8) => Act::Lend(task),
        (Status::Running, 9..=10) => Act::Reclaim(task),
        (Status::Running, _) => Act::Progress(task, run),
        (Status::InputRequired, 0..=8) => answer(rng, task, record),
        (Status::InputRequired, _) => any(rng, task, run, now),
        (Status::Pending, 0..=5) => Act::Next,
        _ => any(rng, task, run, now),
    }
}

fn any(rng: &mut Rng, task: usize, run: Run, now: Now) -> Act {
    match rng.below(10) {
        0 => Act::Succeed(task, run),
        1 => Act::Fail { task, run, retryable: true },
        2 => Act::Stopped(task, run),
        3..=4 => Act::Cancel { task, reason: rng.chance(30) },
        5 => ask(rng, task, run, now),
        6 => Act::Answer { task, key: one(rng, KEYS), action: Action::Accept },
        7 => Act::Progress(task, run),
        8 => Act::Lend(task),
        _ => Act::Reclaim(task),
    }
}

fn ask(rng: &mut Rng, task: usize, run: Run, now: Now) -> Act {
    let expires_at = rng.chance(40).then(|| now.wall + rng.below(2_000) as i64);
    Act::Ask { task, run, key: one(rng, KEYS), expires_at }
}

fn answer(rng: &mut Rng, task: usize, record: &Record) -> Act {
    let open: Vec<&str> = record.requests.open().map(|(key, _)| key).collect();
    let key = KEYS.iter().find(|key| open.contains(key)).unwrap_or(&"x");
    let action = *rng.pick(&[Action::Accept, Action::Accept, Action::Accept, Action::Decline, Action::Cancel]);
    Act::Answer { task, key, action }
}

fn drop_some(rng: &mut Rng, records: &[Record]) -> Act {
    let ended: Vec<usize> = (0..records.len()).filter(|&task| records[task].status.is_terminal()).collect();
    if ended.is_empty() { Act::Next } else { Act::Drop(*rng.pick(&ended)) }
}

fn full(rng: &mut Rng, records: &[Record], now: Now) -> Full {
    let running: Vec<usize> = (0..records.len()).filter(|&task| records[task].is_underway()).collect();
    let mut full = Full {
        priority: if rng.chance(2) { 0.5 } else { f64::from(priority(rng)) },
        session: *rng.pick(&[None, Some("s"), Some("s"), Some("t")]),
        on_conflict: *rng.pick(&[
            OnConflict::Parallel,
            OnConflict::Enqueue,
            OnConflict::Enqueue,
            OnConflict::Enqueue,
            OnConflict::Interrupt,
            OnConflict::Reject,
        ]),
        keyed: rng.chance(40),
        recipe: one(rng, &["", "r"]),
        input: one(rng, &["1", "1", "2"]),
        retries: *rng.pick(&[None, Some(1.0), Some(3.0)]),
        backoff_initial: *rng.pick(&[0.0, 0.05, 1.0]),
        ttl: *rng.pick(&[None, None, None, Some(0.0), Some(50.0), Some(1_500.0)]),
        timeout: timeout(rng),
        grace: *rng.pick(&[None, Some(0.0), Some(700.0)]),
        ..Full::default()
    };
    if rng.chance(15) {
        full.idempotency_key = Some(one(rng, KEYS));
    }
    if rng.chance(50) && !running.is_empty() {
        full.parent = Some(*rng.pick(&running));
    } else if rng.chance(5) && !records.is_empty() {
        full.parent = Some(rng.below(records.len() as u64) as usize);
    }
    match rng.below(8) {
        0 => full.delay = Some(rng.below(1_500) as f64),
        1 => full.run_at = Some((now.wall + rng.below(2_000) as i64 - 500).max(0) as f64),
        _ => {}
    }
    full
}

fn one(rng: &mut Rng, of: &[&'static str]) -> &'static str {
    of[rng.below(of.len() as u64) as usize]
}

fn priority(rng: &mut Rng) -> i32 {
    *rng.pick(&[0, 0, 0, 0, 1, -1])
}

fn timeout(rng: &mut Rng) -> Option<f64> {
    *rng.pick(&[None, Some(0.0), Some(300.0), Some(1_000.0), Some(300_000.0)])
}

/// Mostly a little later, sometimes much; wall time may jump, and the driver may be late.
fn clock(rng: &mut Rng) -> Act {
    let mono = match rng.below(12) {
        0..=2 => 0,
        3..=7 => rng.below(100) as i64,
        8..=10 => rng.below(2_000) as i64,
        _ => rng.below(4_000_000) as i64,
    };
    let jump = match rng.below(20) {
        0 => rng.below(4_000_000) as i64 - 2_000_000,
        1 => rng.below(1_000) as i64 - 500,
        _ => 0,
    };
    Act::Clock { mono, wall: mono + jump, tick: rng.chance(85) }
}

/// Mostly the execution that holds the task, sometimes one before, or one that never was.
fn run(rng: &mut Rng, record: &Record) -> Run {
    match (rng.below(20), record.hold.as_ref()) {
        (0..=17, Some(hold)) => hold.run(),
        (18, _) => Run { attempt: rng.below(3) as u32, epoch: rng.below(4) },
        _ => Run { attempt: record.attempt, epoch: record.epoch },
    }
}
