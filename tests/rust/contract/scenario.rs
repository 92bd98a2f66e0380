//! The scenarios as they are written; `tests/contract/README.md` says what each key means.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    #[allow(dead_code)]
    pub about: String,
    pub scenarios: Vec<Scenario>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    pub rules: Vec<String>,
    #[serde(default)]
    pub needs: Vec<String>,
    #[serde(default)]
    pub options: Options,
    /// Each a [`Step`], read when its turn comes: so it can be shown as it is written.
    pub steps: Vec<serde_json::Value>,
}

/// Spans in seconds, as everywhere in these files unless a name ends otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Options {
    pub max_concurrent_tasks: Option<usize>,
    pub max_queued: Option<usize>,
    pub kill_grace: Option<f64>,
    pub auto_cleanup: Option<bool>,
    pub cleanup_delay: Option<f64>,
    pub max_retained: Option<usize>,
}

/// One thing that happens, and what comes of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    pub submit: Option<String>,
    pub spec: Spec,
    pub parent: Option<String>,
    pub succeed: Option<String>,
    pub fail: Option<String>,
    pub message: Option<String>,
    pub retryable: Option<bool>,
    pub stop_work: Option<String>,
    pub ask: Option<String>,
    pub expires: Option<f64>,
    pub answer: Option<String>,
    pub action: Option<offstage_core::task::Action>,
    /// Of a request, or of a child.
    pub key: Option<String>,
    #[serde(rename = "await")]
    pub awaits: Option<String>,
    pub child: Option<String>,
    pub cancel: Option<String>,
    pub cancel_all: Option<bool>,
    pub clear: Option<bool>,
    pub pause: Option<bool>,
    pub resume: Option<bool>,
    pub concurrency: Option<usize>,
    /// Milliseconds of both clocks.
    pub advance: Option<i64>,
    /// Milliseconds.
    pub step_wall: Option<i64>,
    pub stop: Option<Stop>,
    pub expect: Option<BTreeMap<String, Expected>>,
    pub counts: Option<BTreeMap<String, usize>>,
    pub stopped: Option<bool>,
    pub then: Vec<String>,
    pub work: Vec<String>,
    pub refused: Option<String>,
    pub deduplicated: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    pub drain: f64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Spec {
    pub priority: Option<f64>,
    pub timeout: Option<f64>,
    pub retries: Option<f64>,
    pub backoff: Option<offstage_core::task::BackoffSpec>,
    pub delay: Option<f64>,
    /// Milliseconds of wall time since the scenario began.
    pub run_at: Option<f64>,
    pub ttl: Option<f64>,
    pub session_id: Option<String>,
    pub on_conflict: offstage_core::engine::OnConflict,
    pub idempotency_key: Option<String>,
    pub input: serde_json::Value,
}

/// What a task is to be: its status, `dropped`, or more of it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    Status(String),
    Facts(Facts),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    pub status: String,
    pub code: Option<String>,
    pub attempt: Option<u32>,
    pub abandoned: Option<bool>,
}
