use crate::error::Error;
use crate::json::number;
use crate::task::body::{Log, Output, Progress, Step, Tool, Warning};
use crate::task::failure::clip;
use crate::task::millionths;
use crate::task::{Body, Json, Record, Run, Used};

/// An event's text or value is at most this long, in bytes.
const EVENT_LIMIT: usize = 64 * 1024;
/// What is told with a progress is read with every look at the task.
const DATA_LIMIT: usize = 16 * 1024;
const KEY_LIMIT: usize = 200;

/// What is not told stays as it is, but for the message of another fraction.
pub(super) fn progress(
    record: &Record,
    run: Run,
    fraction: f64,
    mut message: Option<String>,
    data: Option<Json>,
) -> Result<Vec<Body>, Error> {
    let size = data.as_ref().map_or(0, |data| data.as_str().len());
    if size > DATA_LIMIT {
        return Err(Error::invalid("data", format_args!("{size} bytes"), "at most 16 KiB"));
    }
    if let Some(text) = &mut message {
        clip(text);
    }
    // A report must not fail for a division by zero.
    let told = !fraction.is_nan();
    let fraction = if told { millionths(fraction.clamp(0.0, 1.0)) } else { record.progress };
    let message = message.or_else(|| record.progress_message.clone().filter(|_| !told));
    Ok(note(record, run, || Body::Progress(Progress { fraction, message, data })))
}

pub(super) fn log(record: &Record, run: Run, mut line: String) -> Vec<Body> {
    clip(&mut line);
    note(record, run, || Body::Log(Log { line }))
}

pub(super) fn output(record: &Record, run: Run, chunk: Json) -> Result<Vec<Body>, Error> {
    check_size("chunk", chunk.as_str().len())?;
    Ok(note(record, run, || Body::Output(Output { chunk })))
}

pub(super) fn step(record: &Record, run: Run, key: String) -> Result<Vec<Body>, Error> {
    check_key(&key)?;
    Ok(note(record, run, || Body::Step(Step { key })))
}

pub(super) fn usage(record: &Record, run: Run, used: Used) -> Result<Vec<Body>, Error> {
    used.check()?;
    Ok(note(record, run, || Body::Usage(used)))
}

pub(super) fn tool(record: &Record, run: Run, tool: Tool) -> Result<Vec<Body>, Error> {
    for (option, text) in [("step", &tool.step), ("call", &tool.call), ("name", &tool.name)] {
        check_text(option, text)?;
    }
    match tool.ms >= 0.0 {
        true => Ok(note(record, run, || Body::Tool(tool))),
        false => Err(Error::invalid("ms", number(tool.ms), "milliseconds from 0")),
    }
}

pub(super) fn warning(record: &Record, run: Run, mut warning: Warning) -> Result<Vec<Body>, Error> {
    check_text("reason", &warning.reason)?;
    clip(&mut warning.message);
    Ok(note(record, run, || Body::Warning(warning)))
}

/// What an execution tells counts only while the task waits for its end.
fn note(record: &Record, run: Run, body: impl FnOnce() -> Body) -> Vec<Body> {
    match record.is_held_by(run) && record.is_underway() {
        true => vec![body()],
        false => Vec::new(),
    }
}

pub(super) fn check_key(key: &str) -> Result<(), Error> {
    check_text("key", key)
}

fn check_text(option: &str, text: &str) -> Result<(), Error> {
    match text.chars().count() {
        1..=KEY_LIMIT => Ok(()),
        length => Err(Error::invalid(option, format_args!("{length} characters"), "1 to 200 characters")),
    }
}

pub(super) fn check_size(option: &str, bytes: usize) -> Result<(), Error> {
    match bytes > EVENT_LIMIT {
        true => Err(Error::invalid(option, format_args!("{bytes} bytes"), "at most 64 KiB, the limit of an event")),
        false => Ok(()),
    }
}
