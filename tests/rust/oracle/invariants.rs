//! What holds of every history, whatever the table says. Told from records and events alone, without the oracle.

use offstage_core::task::{Body, Event, Record};

/// Checks one step: the record before, the events, the record after.
pub fn check_step(before: &Record, events: &[Event], after: &Record) -> Result<(), String> {
    for (n, event) in events.iter().enumerate() {
        ensure(event.seq == before.seq + 1 + n as u64, || format!("seq {} after {}", event.seq, before.seq))?;
    }
    ensure(events.iter().all(|event| event.at >= before.updated_at), || "an event before the one before".into())?;
    ensure(after.seq == before.seq + events.len() as u64, || "the record has another seq than its last event".into())?;
    ensure(!events.is_empty() || before == after, || "changed without an event".into())?;
    if before.status.is_terminal() {
        let same =
            (before.status, &before.error, before.completed_at) == (after.status, &after.error, after.completed_at);
        ensure(same, || "a terminal task changed its status, error or time of completion".into())?;
    }
    for event in events {
        if let Body::Started(started) = &event.body {
            let goes_on = before.resume && before.hold.as_ref().is_some_and(|hold| hold.worker == started.worker);
            ensure(before.hold.is_none() || goes_on, || "started while somebody held it".into())?;
            ensure(started.epoch > before.epoch, || "the epoch did not grow".into())?;
        }
    }
    check_record(after)
}

fn check_record(record: &Record) -> Result<(), String> {
    let running = record.status == offstage_core::task::Status::Running;
    let terminal = record.status.is_terminal();
    ensure(record.attempt <= record.max_attempts + record.uncounted, || "more attempts than allowed".into())?;
    ensure(record.uncounted <= record.attempt, || "more free attempts than attempts".into())?;
    ensure(!terminal || record.requests.open().next().is_none(), || "an open request of a terminal task".into())?;
    ensure(terminal == record.completed_at.is_some(), || "completed_at does not say whether it is terminal".into())?;
    ensure(record.stopped_at.is_none() || terminal && record.hold.is_none(), || "stopped, but held or live".into())?;
    ensure(!running || record.hold.is_some(), || "running, but nobody runs it".into())?;
    ensure(running == record.running_since.is_some(), || "the attempt's clock runs when the task does not".into())?;
    ensure(record.deadline_at.is_none() || running, || "a deadline of what does not run".into())?;
    ensure((0.0..=1.0).contains(&record.progress), || "progress outside 0..1".into())?;
    ensure(record.error.is_some() == (record.status.as_str() == "failed"), || "an error and not failed".into())?;
    ensure(record.hold.as_ref().is_none_or(|hold| hold.epoch == record.epoch), || "held by an old epoch".into())
}

/// Checks a whole history.
pub fn check_history(events: &[Event]) -> Result<(), String> {
    let terminal = events.iter().filter(|event| event.body.is_terminal()).count();
    ensure(terminal <= 1, || format!("{terminal} terminal events"))?;
    let mut late: Vec<_> = events.iter().filter_map(late_run).collect();
    let all = late.len();
    late.sort_unstable();
    late.dedup();
    ensure(late.len() == all, || "two late results of one execution".into())
}

fn late_run(event: &Event) -> Option<(u32, u64)> {
    match &event.body {
        Body::LateResult(late) => Some((late.attempt, late.epoch)),
        _ => None,
    }
}

pub fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}
