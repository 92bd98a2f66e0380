//! Options and specs as objects. A field that is left out is undefined: as a number that is NaN, which nobody can give.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{OnConflict, Options};
use crate::error::Error;
use crate::json::quoted;
use crate::task::{BackoffSpec, OnLost, Spec};
use crate::time::Ms;

#[wasm_bindgen]
extern "C" {
    /// `EngineOptions` of `js/core/runner.ts`.
    pub type EngineOptions;

    #[wasm_bindgen(method, getter)]
    fn limit(this: &EngineOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = maxQueued)]
    fn max_queued(this: &EngineOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = killGraceMs)]
    fn kill_grace_ms(this: &EngineOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = autoCleanup)]
    fn auto_cleanup(this: &EngineOptions) -> bool;
    #[wasm_bindgen(method, getter, js_name = cleanupDelayMs)]
    fn cleanup_delay_ms(this: &EngineOptions) -> f64;
    #[wasm_bindgen(method, getter, js_name = maxRetained)]
    fn max_retained(this: &EngineOptions) -> f64;
}

#[wasm_bindgen]
extern "C" {
    /// `RunnerSpec` of `js/core/runner.ts`.
    pub type RunnerSpec;

    #[wasm_bindgen(method, getter)]
    fn name(this: &RunnerSpec) -> String;
    #[wasm_bindgen(method, getter)]
    fn recipe(this: &RunnerSpec) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = sessionId)]
    fn session_id(this: &RunnerSpec) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = onConflict)]
    fn on_conflict(this: &RunnerSpec) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = idempotencyKey)]
    fn idempotency_key(this: &RunnerSpec) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn fingerprint(this: &RunnerSpec) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn parent(this: &RunnerSpec) -> Option<u32>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn keyed(this: &RunnerSpec) -> bool;
    #[wasm_bindgen(method, getter)]
    fn priority(this: &RunnerSpec) -> f64;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    fn timeout_ms(this: &RunnerSpec) -> f64;
    #[wasm_bindgen(method, getter, js_name = ttlMs)]
    fn ttl_ms(this: &RunnerSpec) -> f64;
    #[wasm_bindgen(method, getter)]
    fn retries(this: &RunnerSpec) -> f64;
    #[wasm_bindgen(method, getter)]
    fn backoff(this: &RunnerSpec) -> Option<Backoff>;
    #[wasm_bindgen(method, getter, js_name = delayMs)]
    fn delay_ms(this: &RunnerSpec) -> f64;
    #[wasm_bindgen(method, getter, js_name = runAt)]
    fn run_at(this: &RunnerSpec) -> f64;
    #[wasm_bindgen(method, getter, js_name = onLost)]
    fn on_lost(this: &RunnerSpec) -> Option<String>;
}

#[wasm_bindgen]
extern "C" {
    /// `backoff` of a spec.
    type Backoff;

    #[wasm_bindgen(method, getter)]
    fn initial(this: &Backoff) -> f64;
    #[wasm_bindgen(method, getter)]
    fn max(this: &Backoff) -> f64;
    #[wasm_bindgen(method, getter)]
    fn factor(this: &Backoff) -> f64;
    #[wasm_bindgen(method, getter)]
    fn jitter(this: &Backoff) -> f64;
}

pub(super) fn options(given: &EngineOptions) -> Options {
    Options {
        limit: given.limit() as usize,
        max_queued: given.max_queued() as usize,
        kill_grace_ms: given.kill_grace_ms() as Ms,
        auto_cleanup: given.auto_cleanup(),
        cleanup_delay_ms: given.cleanup_delay_ms() as Ms,
        max_retained: given.max_retained() as usize,
    }
}

pub(super) fn spec(given: &RunnerSpec) -> Result<Spec, Error> {
    Ok(Spec {
        recipe: given.recipe().unwrap_or_default(),
        session_id: given.session_id(),
        idempotency_key: given.idempotency_key(),
        priority: number(given.priority()),
        timeout_ms: number(given.timeout_ms()),
        ttl_ms: number(given.ttl_ms()),
        retries: number(given.retries()),
        backoff: given.backoff().as_ref().map(backoff),
        delay_ms: number(given.delay_ms()),
        run_at: number(given.run_at()),
        on_lost: given.on_lost().as_deref().map(on_lost).transpose()?,
        ..Spec::new(given.name())
    })
}

fn backoff(given: &Backoff) -> BackoffSpec {
    BackoffSpec {
        initial: number(given.initial()),
        max: number(given.max()),
        factor: number(given.factor()),
        jitter: number(given.jitter()),
    }
}

fn on_lost(given: &str) -> Result<OnLost, Error> {
    match given {
        "fail" => Ok(OnLost::Fail),
        "retry" => Ok(OnLost::Retry),
        _ => Err(Error::invalid("onLost", quoted(given), "fail or retry")),
    }
}

pub(super) fn on_conflict(given: &RunnerSpec) -> Result<OnConflict, Error> {
    match given.on_conflict().as_deref() {
        None | Some("parallel") => Ok(OnConflict::Parallel),
        Some("enqueue") => Ok(OnConflict::Enqueue),
        Some("interrupt") => Ok(OnConflict::Interrupt),
        Some("reject") => Ok(OnConflict::Reject),
        Some(other) => Err(Error::invalid("onConflict", quoted(other), "parallel, enqueue, interrupt or reject")),
    }
}

fn number(given: f64) -> Option<f64> {
    (!given.is_nan()).then_some(given)
}
