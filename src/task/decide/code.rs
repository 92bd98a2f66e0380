use super::Seen;
use crate::error::Error;
use crate::task::body::{Code, Failed, Updated, WhichCode};
use crate::task::spec::check_text_option;
use crate::task::{Body, Failure, OnCodeChange, Record, Run, Status};

/// The code that is there.
pub(super) struct Found {
    pub(super) version: String,
    pub(super) digest: Option<String>,
    pub(super) serves: bool,
}

/// The execution has found its code and has not begun it.
pub(super) fn code(record: &Record, run: Run, found: Found) -> Result<Vec<Body>, Error> {
    check_text_option("version", Some(&found.version))?;
    check_text_option("digest", found.digest.as_deref())?;
    if !record.is_held_by(run) || record.status != Status::Running {
        return Ok(Vec::new());
    }
    if is_own(record, &found.version, found.serves) {
        return Ok(go_on(record, run, found));
    }
    Ok(match record.on_code_change {
        Some(OnCodeChange::Fail) => vec![failed(record, run, &found.version)],
        Some(OnCodeChange::Hold) => vec![other(run, found, true)],
        None if record.has_memory() => vec![other(run, found, true)],
        Some(OnCodeChange::Run) | None => go_on(record, run, found),
    })
}

/// What a held task's code is now: its own again, or other code than it was held for, which may hold its own beside it.
pub(super) fn found(record: &Record, found: Found) -> Vec<Body> {
    let Some(held) = &record.held else { return Vec::new() };
    let own = is_own(record, &found.version, found.serves);
    match own || held.version != found.version || held.digest != found.digest {
        true => vec![Body::Updated(Updated { code: WhichCode::Found })],
        false => Vec::new(),
    }
}

/// An operator has it go on with the code that is there.
pub(super) fn update(record: &Record) -> Result<Vec<Body>, Error> {
    if record.status.is_terminal() {
        let message = format!("task {} is {}: it runs no code any more", record.task_id, record.status);
        return Err(Error::conflict(message, &Seen { status: record.status }));
    }
    Ok(vec![Body::Updated(Updated { code: WhichCode::Current })])
}

/// Whether the code is of the task's own version, or holds that beside its own.
fn is_own(record: &Record, version: &str, serves: bool) -> bool {
    serves || record.version.as_ref().is_none_or(|own| own == version)
}

/// The digest is a fact, never a gate: nothing is said of code that is as the task knows it.
fn go_on(record: &Record, run: Run, found: Found) -> Vec<Body> {
    let Found { version, digest, serves } = found;
    let version = record.version.clone().filter(|_| serves).unwrap_or(version);
    if record.version.as_ref() == Some(&version) && record.digest == digest {
        return Vec::new();
    }
    vec![other(run, Found { version, digest, serves }, false)]
}

fn other(Run { attempt, epoch }: Run, Found { version, digest, .. }: Found, held: bool) -> Body {
    Body::Code(Code { attempt, epoch, version, digest, held })
}

fn failed(record: &Record, Run { attempt, epoch }: Run, version: &str) -> Body {
    let error = Failure::code_changed(record.version.as_deref().unwrap_or_default(), version);
    Body::Failed(Failed { attempt, epoch, error, settled: true })
}
