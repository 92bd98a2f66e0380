//! From what scenarios say to what is submitted.

use offstage_core::engine::{self, Submission};
use offstage_core::task;

use super::scenario::{Options, Spec};

fn ms(seconds: f64) -> f64 {
    seconds * 1000.0
}

pub fn options(given: &Options) -> engine::Options {
    let default = engine::Options::default();
    engine::Options {
        limit: given.max_concurrent_tasks.unwrap_or(default.limit),
        max_queued: given.max_queued.unwrap_or(default.max_queued),
        kill_grace_ms: given.kill_grace.map_or(default.kill_grace_ms, |seconds| ms(seconds) as i64),
        auto_cleanup: given.auto_cleanup.unwrap_or(default.auto_cleanup),
        cleanup_delay_ms: given.cleanup_delay.map_or(default.cleanup_delay_ms, |seconds| ms(seconds) as i64),
        max_retained: given.max_retained.unwrap_or(default.max_retained),
    }
}

/// `epoch`: where wall time begins.
pub fn submission(given: &Spec, name: &str, epoch: i64) -> Submission {
    let Spec { priority, timeout, retries, backoff, delay, run_at, ttl, session_id, .. } = given.clone();
    let spec = task::Spec {
        session_id,
        priority,
        // None is left to nobody's default.
        timeout_ms: Some(timeout.map_or(0.0, ms)),
        ttl_ms: ttl.map(ms),
        retries,
        backoff,
        delay_ms: delay.map(ms),
        run_at: run_at.map(|at| at + epoch as f64),
        idempotency_key: given.idempotency_key.clone(),
        ..task::Spec::new(name)
    };
    let fingerprint = given.idempotency_key.as_ref().map(|_| given.input.to_string());
    Submission { spec, on_conflict: given.on_conflict, fingerprint, ..Submission::default() }
}
