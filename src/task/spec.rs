//! What is to be run and how.

mod check;

pub(super) use check::check_text_option;
pub(crate) use check::checked_name;
pub(super) use check::{checked_id, checked_span};

use serde::{Deserialize, Serialize};

use super::{Json, OnCodeChange, OnLost};

/// What a submitter asks for. Numbers are as JavaScript has them; [`submit`](super::submit) checks and rounds them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// What people call it: 1 to 200 characters.
    pub name: String,
    /// What it runs; empty for plain functions. Up to 200 characters.
    #[serde(default)]
    pub recipe: String,
    /// The session it belongs to: 1 to 200 characters.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The id of the task that submits it.
    #[serde(default)]
    pub parent_id: Option<String>,
    /// Higher first; a whole number. Default 0.
    #[serde(default)]
    pub priority: Option<f64>,
    /// Run time of one attempt; none or 0: no limit.
    #[serde(default)]
    pub timeout_ms: Option<f64>,
    /// How long it may wait for its first start once it is due; none: for ever.
    #[serde(default)]
    pub ttl_ms: Option<f64>,
    /// Further attempts, 0 to 1000. Default 0; 3 with `on_lost: retry`.
    #[serde(default)]
    pub retries: Option<f64>,
    /// Wait between attempts.
    #[serde(default)]
    pub backoff: Option<BackoffSpec>,
    /// Do not start before this much time has passed. Not together with `run_at`.
    #[serde(default)]
    pub delay_ms: Option<f64>,
    /// Do not start before this moment, in milliseconds since the epoch.
    #[serde(default)]
    pub run_at: Option<f64>,
    /// What becomes of it when its worker is gone. Default: it fails.
    #[serde(default)]
    pub on_lost: Option<OnLost>,
    /// How long cancelled or timed-out work gets to end by itself. Default 5,000.
    #[serde(default)]
    pub kill_grace_ms: Option<f64>,
    /// How long the record is kept after its outcome was first read, when it completed. Default 3,600,000.
    #[serde(default)]
    pub cleanup_delay_ms: Option<f64>,
    /// The same when it failed or was cancelled. Default 604,800,000 (7 days).
    #[serde(default)]
    pub keep_failed_ms: Option<f64>,
    /// How long after its end the record is kept at least when it has an idempotency key. Default 86,400,000 (a day).
    #[serde(default)]
    pub keep_keyed_ms: Option<f64>,
    /// Unique per recipe while the task is live or completed: 1 to 200 characters.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// The id of the task that this one repeats.
    #[serde(default)]
    pub retried_from: Option<String>,
    /// Of its recipe, as it is at the submit: 1 to 200 characters; none: whatever is there when it starts.
    #[serde(default)]
    pub version: Option<String>,
    /// What the code is at the submit: up to 200 characters. None: not known.
    #[serde(default)]
    pub digest: Option<String>,
    /// What becomes of it when its code is of another version. Default: it runs that, unless it has stored steps or
    /// answers; then it is held.
    #[serde(default)]
    pub on_code_change: Option<OnCodeChange>,
    /// Where the code comes from, for whoever runs it. Never looked into here; up to 32 KiB of JSON.
    #[serde(default)]
    pub source: Option<Json>,
    /// What telemetry, deliveries and schedules give it, for them to read. Never looked into here; up to 32 KiB of JSON.
    #[serde(default)]
    pub carried: Option<Json>,
}

/// Parts of a [`Backoff`](super::Backoff); what is left out has its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BackoffSpec {
    /// Seconds before the second attempt. Default 1.
    #[serde(default)]
    pub initial: Option<f64>,
    /// Seconds at most. Default 60.
    #[serde(default)]
    pub max: Option<f64>,
    /// How much longer each time, from 1. Default 2.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Which share of it is random, from 0 to 1. Default 0.5.
    #[serde(default)]
    pub jitter: Option<f64>,
}

impl Spec {
    /// A task of that name and otherwise the defaults.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
