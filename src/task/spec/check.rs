//! Turning what was asked for into what can be kept.

use super::{BackoffSpec, Spec};
use crate::error::Error;
use crate::id::TaskId;
use crate::json::number;
use crate::task::{Backoff, Json, OnLost, millionths};
use crate::time::{MAX_MOMENT, MAX_SPAN, Ms};

const NAME_LIMIT: usize = 200;
const RETRIES_LIMIT: f64 = 1_000.0;
const JSON_LIMIT: usize = 32 * 1024;
/// `onLost: 'retry'` without `retries`.
const LOST_RETRIES: u32 = 3;

impl Spec {
    pub(in crate::task) fn check_texts(&self) -> Result<(), Error> {
        check_text("name", &self.name, 1)?;
        check_text("recipe", &self.recipe, 0)?;
        check_text_option("session_id", self.session_id.as_deref())?;
        check_text_option("idempotency_key", self.idempotency_key.as_deref())?;
        check_text_option("version", self.version.as_deref())?;
        check_text_option("digest", self.digest.as_deref())?;
        check_json("source", self.source.as_ref())?;
        check_json("carried", self.carried.as_ref())
    }

    pub(in crate::task) fn checked_priority(&self) -> Result<i32, Error> {
        let priority = self.priority.unwrap_or(0.0);
        match priority.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&priority) {
            true => Ok(priority as i32),
            false => Err(Error::invalid("priority", number(priority), "a whole number of 32 bits")),
        }
    }

    pub(in crate::task) fn max_attempts(&self) -> Result<u32, Error> {
        let Some(retries) = self.retries else {
            let retries = if self.on_lost == Some(OnLost::Retry) { LOST_RETRIES } else { 0 };
            return Ok(retries + 1);
        };
        match retries.fract() == 0.0 && (0.0..=RETRIES_LIMIT).contains(&retries) {
            true => Ok(retries as u32 + 1),
            false => Err(Error::invalid("retries", number(retries), "a whole number from 0 to 1000")),
        }
    }

    /// When it may start; none: at once.
    pub(in crate::task) fn starts_at(&self, now: Ms) -> Result<Option<Ms>, Error> {
        match (self.delay_ms, self.run_at) {
            (Some(_), Some(at)) => Err(Error::invalid("run_at", number(at), "delay_ms or run_at, not both")),
            (None, Some(at)) => checked_moment("run_at", Some(at)),
            (delay, None) => {
                let delay = checked_span("delay_ms", delay)?.filter(|&delay| delay > 0);
                Ok(delay.map(|delay| now.saturating_add(delay)))
            }
        }
    }

    pub(in crate::task) fn checked_backoff(&self) -> Result<Backoff, Error> {
        self.backoff.as_ref().map_or(Ok(Backoff::default()), BackoffSpec::checked)
    }
}

impl BackoffSpec {
    fn checked(&self) -> Result<Backoff, Error> {
        let longest = MAX_SPAN as f64 / 1000.0;
        let default = Backoff::default();
        Ok(Backoff {
            initial: within("backoff.initial", self.initial, default.initial, 0.0, longest, "seconds from 0")?,
            max: within("backoff.max", self.max, default.max, 0.0, longest, "seconds from 0")?,
            factor: within("backoff.factor", self.factor, default.factor, 1.0, 1e6, "a number from 1 to 1,000,000")?,
            jitter: within("backoff.jitter", self.jitter, default.jitter, 0.0, 1.0, "a number from 0 to 1")?,
        })
    }
}

fn within(option: &str, value: Option<f64>, default: f64, min: f64, max: f64, expected: &str) -> Result<f64, Error> {
    let value = value.unwrap_or(default);
    match (min..=max).contains(&value) {
        true => Ok(millionths(value)),
        false => Err(Error::invalid(option, number(value), expected)),
    }
}

/// A span in whole milliseconds; more than 0 never becomes 0.
pub(in crate::task) fn checked_span(option: &str, span: Option<f64>) -> Result<Option<Ms>, Error> {
    match span {
        None => Ok(None),
        Some(0.0) => Ok(Some(0)),
        Some(span) if (0.0..=MAX_SPAN as f64).contains(&span) => Ok(Some((span.round() as Ms).max(1))),
        Some(span) => Err(Error::invalid(option, number(span), "milliseconds from 0 to 100 years")),
    }
}

/// A moment in whole milliseconds since the epoch.
pub(in crate::task) fn checked_moment(option: &str, at: Option<f64>) -> Result<Option<Ms>, Error> {
    match at {
        Some(at) if !(0.0..=MAX_MOMENT as f64).contains(&at) => {
            Err(Error::invalid(option, number(at), "milliseconds since 1970"))
        }
        at => Ok(at.map(|at| at.round() as Ms)),
    }
}

fn check_json(option: &str, json: Option<&Json>) -> Result<(), Error> {
    let size = json.map_or(0, |json| json.as_str().len());
    match size > JSON_LIMIT {
        true => Err(Error::invalid(option, format_args!("{size} bytes"), "at most 32 KiB")),
        false => Ok(()),
    }
}

pub(in crate::task) fn checked_id(option: &str, id: Option<&str>) -> Result<Option<TaskId>, Error> {
    id.map(|id| TaskId::parse(id, option)).transpose()
}

pub(in crate::task) fn check_text_option(option: &str, text: Option<&str>) -> Result<(), Error> {
    text.map_or(Ok(()), |text| check_text(option, text, 1))
}

/// A name that a task may have.
///
/// # Errors
/// `invalid_argument` unless it has 1 to 200 characters.
pub(crate) fn checked_name(name: &str) -> Result<(), Error> {
    check_text("name", name, 1)
}

fn check_text(option: &str, text: &str, min: usize) -> Result<(), Error> {
    if (min..=NAME_LIMIT).contains(&text.len()) {
        return Ok(()); // no more characters than bytes, and one at least where there are bytes
    }
    let length = text.chars().count();
    match (min..=NAME_LIMIT).contains(&length) {
        true => Ok(()),
        false => Err(Error::invalid(option, format_args!("{length} characters"), &format!("{min} to 200 characters"))),
    }
}
