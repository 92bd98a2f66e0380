//! Random specs, commands and steps of the clock.

use offstage_core::task::{
    Action, CancelledBy, Command, Failure, FailureCode, Json, LostReason, OnCodeChange, OnLost, Record, Run, Spec,
    Status, Used,
};

use crate::support::Rng;

const KEYS: [&str; 5] = ["a", "b", "c", "d", "e"];
const WORKERS: [&str; 3] = ["w1", "w2", "w3"];

pub fn spec(rng: &mut Rng) -> Spec {
    let mut spec = Spec::new("t");
    spec.retries = *rng.pick(&[None, Some(0.0), Some(1.0), Some(3.0)]);
    spec.on_lost = *rng.pick(&[None, Some(OnLost::Fail), Some(OnLost::Retry)]);
    spec.ttl_ms = *rng.pick(&[None, None, Some(0.0), Some(50.0), Some(5_000.0)]);
    spec.timeout_ms = *rng.pick(&[None, Some(0.0), Some(1_000.0), Some(300_000.0)]);
    spec.version = version(rng);
    spec.digest = digest(rng);
    spec.on_code_change =
        *rng.pick(&[None, None, Some(OnCodeChange::Run), Some(OnCodeChange::Hold), Some(OnCodeChange::Fail)]);
    match rng.below(4) {
        0 => spec.delay_ms = *rng.pick(&[Some(0.0), Some(10.0), Some(1_000.0)]),
        1 => spec.run_at = *rng.pick(&[Some(0.0), Some(1_000_500.0)]),
        _ => {}
    }
    spec
}

/// Mostly a little later, sometimes much later, sometimes earlier.
pub fn clock_step(rng: &mut Rng) -> i64 {
    match rng.below(20) {
        0..=5 => 0,
        6..=13 => rng.below(20) as i64,
        14..=16 => rng.below(2_000) as i64,
        17 => rng.below(1_000_000_000) as i64,
        18 => -(rng.below(2_000) as i64),
        _ => -(rng.below(100_000_000) as i64),
    }
}

type Make = fn(&mut Rng, &Record, i64) -> Command;

/// Everything, whether or not it makes sense.
const ANY: [Make; 22] = [
    code, found, update, start, succeed, fail, lose, release, cancel, ask, answer, due, stopped, abandon, progress,
    log, output, usage, tool, warning, step, recover,
];
// What makes sense, so that lives get somewhere; what ends them is rare.
const WAITING: [Make; 5] = [start, start, start, start, due];
const HELD: [Make; 4] = [found, found, update, due];
const STOPPING: [Make; 8] = [stopped, stopped, abandon, lose, release, start, fail, succeed];
const RUNNING: [Make; 17] =
    [code, ask, ask, ask, fail, fail, lose, lose, release, recover, progress, log, output, usage, tool, warning, step];
const ASKING: [Make; 10] = [answer, answer, answer, answer, answer, ask, ask, lose, due, progress];
const ANSWERED: [Make; 7] = [start, start, start, start, lose, ask, log];

pub fn command(rng: &mut Rng, record: &Record, now: i64) -> Command {
    let sensible: &[Make] = match record.status {
        _ if record.is_stopping() => &STOPPING,
        Status::Pending if record.held.is_some() => &HELD,
        Status::Pending if record.resume => &ANSWERED,
        Status::Pending => &WAITING,
        Status::Running => &RUNNING,
        Status::InputRequired => &ASKING,
        _ => &ANY,
    };
    let make = *if rng.chance(75) { rng.pick(sensible) } else { rng.pick(&ANY) };
    make(rng, record, now)
}

fn start(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let worker = match record.hold.as_ref() {
        Some(hold) if rng.chance(60) => hold.worker.clone(),
        _ => (*rng.pick(&WORKERS)).into(),
    };
    Command::Start { worker, digest: None }
}

fn version(rng: &mut Rng) -> Option<String> {
    rng.pick(&[None, Some("1"), Some("1"), Some("2")]).map(Into::into)
}

fn digest(rng: &mut Rng) -> Option<String> {
    rng.pick(&[None, Some("d1"), Some("d1"), Some("d2")]).map(Into::into)
}

fn code(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    let version = version(rng).unwrap_or_else(|| "3".into());
    Command::Code { attempt, epoch, version, digest: digest(rng), serves: rng.chance(10) }
}

fn found(rng: &mut Rng, _: &Record, _: i64) -> Command {
    let version = version(rng).unwrap_or_else(|| "3".into());
    Command::Found { version, digest: digest(rng), serves: rng.chance(10) }
}

fn update(_: &mut Rng, _: &Record, _: i64) -> Command {
    Command::Update {}
}

fn succeed(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Succeed { attempt, epoch }
}

fn fail(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    use FailureCode::{BudgetExceeded, Failed, Timeout, Unserializable};
    let code = *rng.pick(&[Failed, Failed, Timeout, Unserializable, BudgetExceeded]);
    let error = Failure { code, name: "E".into(), message: "m".into(), retryable: rng.chance(80), details: None };
    let settled = code != Timeout || rng.chance(20);
    Command::Fail { attempt, epoch, error, settled, retry_in_ms: *rng.pick(&[None, Some(0), Some(5), Some(1_000)]) }
}

fn lose(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    let reason = *rng.pick(&[LostReason::WorkerGone, LostReason::LeaseExpired, LostReason::Shutdown]);
    Command::Lose { attempt, epoch, reason, stopped: rng.chance(50) }
}

fn release(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Release { attempt, epoch, reason: "no process".into() }
}

fn cancel(_: &mut Rng, _: &Record, _: i64) -> Command {
    Command::Cancel { reason: None, by: CancelledBy::Caller }
}

fn ask(rng: &mut Rng, record: &Record, now: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    let expires_at = if rng.chance(33) { Some(now + rng.below(1_000) as i64) } else { None };
    Command::Ask { attempt, epoch, key: key(rng), message: "?".into(), schema: None, expires_at }
}

fn answer(rng: &mut Rng, _: &Record, _: i64) -> Command {
    let action = match rng.below(20) {
        0..=9 => Action::Accept,
        10..=18 => Action::Decline,
        _ => Action::Cancel,
    };
    Command::Answer { key: key(rng), action, content: None }
}

fn due(_: &mut Rng, _: &Record, _: i64) -> Command {
    Command::Due {}
}

fn stopped(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Stopped { attempt, epoch }
}

fn abandon(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Abandon { attempt, epoch }
}

fn progress(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Progress { attempt, epoch, fraction: rng.below(6) as f64 / 4.0 - 0.125, message: None, data: None }
}

fn log(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Log { attempt, epoch, line: "line".into() }
}

fn output(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Output { attempt, epoch, chunk: Json::null() }
}

fn usage(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    let used = Used { input_tokens: Some(rng.below(9) as f64), cost: Some(0.25), ..Used::default() };
    Command::Usage { attempt, epoch, used }
}

fn tool(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Tool { attempt, epoch, step: key(rng), call: "1.1".into(), name: "t".into(), ok: rng.chance(50), ms: 3.0 }
}

fn warning(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Warning { attempt, epoch, reason: "r".into(), message: "m".into() }
}

fn step(rng: &mut Rng, record: &Record, _: i64) -> Command {
    let Run { attempt, epoch } = run(rng, record);
    Command::Step { attempt, epoch, key: key(rng) }
}

fn recover(rng: &mut Rng, _: &Record, _: i64) -> Command {
    let (force, retry) = (rng.chance(40), rng.chance(40));
    let reason = *rng.pick(&[LostReason::Recovered, LostReason::WorkerGone, LostReason::LeaseExpired]);
    Command::Recover { force, retry, overdue: rng.chance(40), reason, stopped: rng.chance(50) }
}

fn key(rng: &mut Rng) -> String {
    (*rng.pick(&KEYS)).into()
}

/// Mostly the execution that holds the task, sometimes an earlier one, sometimes one that never was.
fn run(rng: &mut Rng, record: &Record) -> Run {
    match (rng.below(10), record.hold.as_ref()) {
        (0..=7, Some(hold)) => hold.run(),
        (9, _) => Run { attempt: rng.below(6) as u32, epoch: rng.below(8) },
        _ => {
            let attempt = rng.below(u64::from(record.attempt) + 1) as u32;
            Run { attempt, epoch: rng.below(record.epoch + 1) }
        }
    }
}
