//! What can be asked for, and what cannot.

use offstage_core::task::{Backoff, BackoffSpec, Json, OnLost, Record, Spec, Status, submit};

use crate::support::{Task, id, test};

fn accepted(spec: Spec) -> Record {
    Task::new(spec).record
}

/// The spec is refused with a message that names the option, what it got and what was expected.
#[track_caller]
fn refused(spec: Spec, begins: &str) {
    let error = submit(spec, id(), 1_000).expect_err(begins);
    assert!(error.is_invalid_argument());
    assert!(error.message().starts_with(begins), "{error}");
    assert!(error.message().contains(", expected "), "{error}");
}

#[test]
fn a_fresh_task_is_pending_with_the_defaults() {
    let record = accepted(Spec::new("report"));
    assert_eq!((record.status, record.name.as_str(), record.recipe.as_str()), (Status::Pending, "report", ""));
    assert_eq!((record.attempt, record.max_attempts, record.epoch, record.seq), (0, 1, 0, 1));
    assert_eq!((record.progress, record.priority, record.on_lost), (0.0, 0, OnLost::Fail));
    assert_eq!((record.created_at, record.updated_at), (1_000, 1_000));
    assert_eq!((record.run_at, record.started_at, record.completed_at, record.stopped_at), (None, None, None, None));
    assert_eq!((record.timeout_ms, record.ttl_ms), (None, None));
    assert_eq!((record.kill_grace_ms, record.cleanup_delay_ms), (5_000, 3_600_000));
    assert_eq!((record.keep_failed_ms, record.keep_keyed_ms), (604_800_000, 86_400_000));
    assert_eq!(record.backoff, Backoff { initial: 1.0, max: 60.0, factor: 2.0, jitter: 0.5 });
}

#[test]
fn everything_asked_for_is_kept() {
    let parent = id();
    let record = accepted(Spec {
        recipe: "r".into(),
        session_id: Some("s".into()),
        parent_id: Some(parent.to_string()),
        priority: Some(-10.0),
        timeout_ms: Some(1_500.4),
        ttl_ms: Some(20.0),
        retries: Some(2.0),
        backoff: Some(BackoffSpec { initial: Some(0.5), ..BackoffSpec::default() }),
        run_at: Some(5_000.0),
        on_lost: Some(OnLost::Retry),
        kill_grace_ms: Some(0.0),
        cleanup_delay_ms: Some(1.0),
        keep_failed_ms: Some(2.0),
        keep_keyed_ms: Some(3.0),
        idempotency_key: Some("k".into()),
        retried_from: Some(parent.to_string()),
        source: Some(Json::parse(r#"{"z":1,"a":2.50}"#, "source").expect("JSON")),
        ..Spec::new("t")
    });
    assert_eq!(
        (record.priority, record.timeout_ms, record.ttl_ms, record.max_attempts),
        (-10, Some(1_500), Some(20), 3)
    );
    assert_eq!((record.run_at, record.kill_grace_ms, record.cleanup_delay_ms), (Some(5_000), 0, 1));
    assert_eq!((record.keep_failed_ms, record.keep_keyed_ms), (2, 3));
    assert_eq!((record.backoff.initial, record.backoff.max), (0.5, 60.0));
    assert_eq!((record.parent_id.as_ref(), record.retried_from.as_ref()), (Some(&parent), Some(&parent)));
    assert_eq!(record.source.as_ref().map(Json::as_str), Some(r#"{"z":1,"a":2.50}"#));
    let columns = record.columns();
    assert_eq!((columns.session_id.as_deref(), columns.idempotency_key.as_deref()), (Some("s"), Some("k")));
    assert_eq!((columns.recipe.as_str(), columns.name.as_str(), columns.priority), ("r", "t", -10));
    assert_eq!((columns.run_at, columns.due_at, columns.head), (Some(5_000), Some(5_020), false));
}

#[test]
fn on_lost_retry_without_retries_has_three() {
    assert_eq!(accepted(Spec { on_lost: Some(OnLost::Retry), ..Spec::new("t") }).max_attempts, 4);
    assert_eq!(accepted(Spec { on_lost: Some(OnLost::Retry), retries: Some(0.0), ..Spec::new("t") }).max_attempts, 1);
    assert_eq!(accepted(Spec { on_lost: Some(OnLost::Fail), ..Spec::new("t") }).max_attempts, 1);
}

#[test]
fn a_delay_counts_from_now_and_0_is_none() {
    assert_eq!(accepted(Spec { delay_ms: Some(250.0), ..Spec::new("t") }).run_at, Some(1_250));
    assert_eq!(accepted(Spec { delay_ms: Some(0.0), ..Spec::new("t") }).run_at, None);
    assert_eq!(accepted(Spec { delay_ms: Some(0.2), ..Spec::new("t") }).run_at, Some(1_001), "more than 0 is not 0");
}

#[test]
fn names_and_keys_have_limits() {
    accepted(Spec::new("é".repeat(200)));
    refused(Spec::new(""), "name: got 0 characters, expected 1 to 200");
    refused(Spec::new("x".repeat(201)), "name: got 201 characters");
    refused(Spec { recipe: "x".repeat(201), ..Spec::new("t") }, "recipe: got 201 characters");
    refused(Spec { session_id: Some(String::new()), ..Spec::new("t") }, "session_id: got 0 characters");
    refused(Spec { idempotency_key: Some(String::new()), ..Spec::new("t") }, "idempotency_key: got 0 characters");
    refused(Spec { parent_id: Some("task_1".into()), ..Spec::new("t") }, "parent_id: got \"task_1\"");
    refused(Spec { retried_from: Some("x".into()), ..Spec::new("t") }, "retried_from: got \"x\"");
    let source = Some(Json::of(&"x".repeat(32 * 1024)));
    refused(Spec { source, ..Spec::new("t") }, "source: got 32770 bytes");
}

#[test]
fn spans_are_finite_and_not_negative() {
    for (bad, shown) in
        [(-1.0, "-1"), (-0.001, "-0.001"), (f64::NAN, "NaN"), (f64::INFINITY, "Infinity"), (4e12, "4000000000000")]
    {
        refused(Spec { timeout_ms: Some(bad), ..Spec::new("t") }, &format!("timeout_ms: got {shown},"));
        refused(Spec { ttl_ms: Some(bad), ..Spec::new("t") }, &format!("ttl_ms: got {shown},"));
        refused(Spec { delay_ms: Some(bad), ..Spec::new("t") }, &format!("delay_ms: got {shown},"));
        refused(Spec { kill_grace_ms: Some(bad), ..Spec::new("t") }, &format!("kill_grace_ms: got {shown},"));
        refused(Spec { cleanup_delay_ms: Some(bad), ..Spec::new("t") }, &format!("cleanup_delay_ms: got {shown},"));
        refused(Spec { keep_failed_ms: Some(bad), ..Spec::new("t") }, &format!("keep_failed_ms: got {shown},"));
        refused(Spec { keep_keyed_ms: Some(bad), ..Spec::new("t") }, &format!("keep_keyed_ms: got {shown},"));
    }
}

#[test]
fn moments_are_within_the_calendar() {
    for (bad, shown) in [(-1.0, "-1"), (f64::NAN, "NaN"), (8.64e15 + 2.0, "8e+15")] {
        refused(Spec { run_at: Some(bad), ..Spec::new("t") }, &format!("run_at: got {shown},"));
    }
    refused(
        Spec { run_at: Some(5.0), delay_ms: Some(5.0), ..Spec::new("t") },
        "run_at: got 5, expected delay_ms or run_at",
    );
    assert_eq!(accepted(Spec { run_at: Some(0.0), ..Spec::new("t") }).run_at, Some(0), "the past is as good as now");
}

#[test]
fn counts_are_whole_numbers_in_range() {
    for (bad, shown) in [(-1.0, "-1"), (1.5, "1.5"), (1_001.0, "1001"), (f64::NAN, "NaN"), (f64::INFINITY, "Infinity")]
    {
        refused(Spec { retries: Some(bad), ..Spec::new("t") }, &format!("retries: got {shown},"));
    }
    for bad in [0.5, f64::NAN, 3e9, f64::NEG_INFINITY] {
        refused(Spec { priority: Some(bad), ..Spec::new("t") }, "priority: got ");
    }
    assert_eq!(accepted(Spec { retries: Some(1_000.0), ..Spec::new("t") }).max_attempts, 1_001);
}

#[test]
fn the_backoff_is_in_range() {
    let with = |backoff| Spec { backoff: Some(backoff), ..Spec::new("t") };
    let parts = BackoffSpec::default;
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        refused(with(BackoffSpec { initial: Some(bad), ..parts() }), "backoff.initial: got ");
        refused(with(BackoffSpec { max: Some(bad), ..parts() }), "backoff.max: got ");
        refused(with(BackoffSpec { factor: Some(bad), ..parts() }), "backoff.factor: got ");
        refused(with(BackoffSpec { jitter: Some(bad), ..parts() }), "backoff.jitter: got ");
    }
    refused(with(BackoffSpec { factor: Some(0.5), ..parts() }), "backoff.factor: got 0.5");
    refused(with(BackoffSpec { jitter: Some(1.5), ..parts() }), "backoff.jitter: got 1.5");
    assert_eq!(accepted(with(BackoffSpec { jitter: Some(0.0), ..parts() })).backoff.jitter, 0.0);
}
