use offstage_core::rules::retention::{UNSEEN, drop_at};
use offstage_core::task::{FailureCode, Spec};

use crate::support::{Task, cancel, test};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn completed(spec: Spec) -> Task {
    let mut task = Task::new(spec);
    task.start();
    task.after(50);
    task.does(task.succeed());
    task
}

#[test]
fn a_live_task_stays() {
    let mut task = Task::new(Spec { idempotency_key: Some("k".into()), ..Spec::new("t") });
    assert_eq!(drop_at(&task.record, Some(5)), None);
    task.start();
    assert_eq!(drop_at(&task.record, None), None);
}

#[test]
fn an_unread_outcome_stays_30_days_from_its_end() {
    let task = completed(Spec::new("t"));
    assert_eq!(drop_at(&task.record, None), Some(1_050 + 30 * DAY));
    let mut cancelled = Task::new(Spec::new("t"));
    cancelled.after(50).does(cancel());
    assert_eq!(drop_at(&cancelled.record, None), Some(1_050 + 30 * DAY));
    assert_eq!(UNSEEN, 30 * DAY);
}

#[test]
fn a_completed_one_that_was_read_goes_an_hour_later() {
    assert_eq!(drop_at(&completed(Spec::new("t")).record, Some(9_000)), Some(9_000 + HOUR));
    let task = completed(Spec { cleanup_delay_ms: Some(100.0), ..Spec::new("t") });
    assert_eq!(drop_at(&task.record, Some(9_000)), Some(9_100));
}

#[test]
fn a_failed_or_cancelled_one_that_was_read_stays_7_days() {
    let short = || Spec { cleanup_delay_ms: Some(0.0), ..Spec::new("t") };
    let mut failed = Task::new(short());
    failed.start();
    failed.does(failed.fail(FailureCode::Failed));
    assert_eq!(drop_at(&failed.record, Some(9_000)), Some(9_000 + 7 * DAY));
    let mut cancelled = Task::new(Spec { keep_failed_ms: Some(100.0), ..short() });
    cancelled.does(cancel());
    assert_eq!(drop_at(&cancelled.record, Some(9_000)), Some(9_100));
}

#[test]
fn one_with_a_key_stays_a_day_from_its_end_at_least() {
    let keyed = |more: Spec| Spec { idempotency_key: Some("k".into()), ..more };
    let task = completed(keyed(Spec::new("t")));
    assert_eq!(drop_at(&task.record, Some(9_000)), Some(1_050 + DAY));
    assert_eq!(
        drop_at(&task.record, Some(1_050 + 24 * HOUR)),
        Some(1_050 + 25 * HOUR),
        "an hour after the look is later"
    );
    let longer = completed(keyed(Spec { keep_keyed_ms: Some(40.0 * DAY as f64), ..Spec::new("t") }));
    assert_eq!(drop_at(&longer.record, None), Some(1_050 + 40 * DAY), "longer than an unread one");
    let none = completed(keyed(Spec { keep_keyed_ms: Some(0.0), ..Spec::new("t") }));
    assert_eq!(drop_at(&none.record, Some(9_000)), Some(9_000 + HOUR));
}

#[test]
fn a_look_is_never_before_the_end_whatever_the_readers_clock_says() {
    assert_eq!(drop_at(&completed(Spec::new("t")).record, Some(-7 * HOUR)), Some(1_050 + HOUR));
}

#[test]
fn a_task_that_still_stops_stays() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(cancel());
    assert_eq!(drop_at(&task.record, Some(5)), None);
    task.does(task.stopped());
    assert!(drop_at(&task.record, Some(5)).is_some());
}
