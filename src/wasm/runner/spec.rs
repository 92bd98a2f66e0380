//! Options and specs as numbers; NaN where nothing was given. `js/core/runner.ts` has the same lists.

use crate::engine::{OnConflict, Options};
use crate::error::Error;
use crate::task::{BackoffSpec, OnLost, Spec};
use crate::time::Ms;

/// Numbers of a runner's options.
const OPTIONS: usize = 6;
/// Numbers of a spec.
const SPEC: usize = 13;

pub(super) fn options(numbers: &[f64]) -> Result<Options, Error> {
    let numbers = counted::<OPTIONS>("options", numbers)?;
    let [limit, max_queued, kill_grace_ms, auto_cleanup, cleanup_delay_ms, max_retained] = *numbers;
    Ok(Options {
        limit: limit as usize,
        max_queued: max_queued as usize,
        kill_grace_ms: kill_grace_ms as Ms,
        auto_cleanup: auto_cleanup != 0.0,
        cleanup_delay_ms: cleanup_delay_ms as Ms,
        max_retained: max_retained as usize,
    })
}

pub(super) fn spec(name: String, session_id: Option<String>, numbers: &[f64]) -> Result<(Spec, OnConflict), Error> {
    let numbers = counted::<SPEC>("spec", numbers)?;
    let [priority, timeout, ttl, retries, initial, max, factor, jitter, delay, run_at, lost, grace, conflict] =
        *numbers;
    let backoff =
        BackoffSpec { initial: given(initial), max: given(max), factor: given(factor), jitter: given(jitter) };
    let spec = Spec {
        session_id,
        priority: given(priority),
        timeout_ms: given(timeout),
        ttl_ms: given(ttl),
        retries: given(retries),
        backoff: Some(backoff),
        delay_ms: given(delay),
        run_at: given(run_at),
        on_lost: given(lost).map(|retry| if retry == 0.0 { OnLost::Fail } else { OnLost::Retry }),
        kill_grace_ms: given(grace),
        ..Spec::new(name)
    };
    let on_conflict = match conflict {
        1.0 => OnConflict::Enqueue,
        2.0 => OnConflict::Interrupt,
        3.0 => OnConflict::Reject,
        _ => OnConflict::Parallel,
    };
    Ok((spec, on_conflict))
}

fn given(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

fn counted<'a, const N: usize>(argument: &str, numbers: &'a [f64]) -> Result<&'a [f64; N], Error> {
    numbers.try_into().map_err(|_| Error::malformed(argument, format_args!("{} numbers", numbers.len())))
}
