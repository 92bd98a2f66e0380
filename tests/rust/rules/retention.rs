use offstage_core::rules::retention::{UNSEEN, drop_at};
use offstage_core::task::{FailureCode, Spec};

use crate::support::{Task, cancel, test};

#[test]
fn a_live_task_stays() {
    let mut task = Task::new(Spec::new("t"));
    assert_eq!(drop_at(&task.record, Some(5)), None);
    task.start();
    assert_eq!(drop_at(&task.record, None), None);
}

#[test]
fn a_terminal_task_goes_after_it_was_seen_or_30_days_after_its_end() {
    let mut task = Task::new(Spec { cleanup_delay_ms: Some(100.0), ..Spec::new("t") });
    task.after(50).does(cancel());
    assert_eq!(drop_at(&task.record, Some(9_000)), Some(9_100));
    assert_eq!(drop_at(&task.record, None), Some(1_050 + 30 * 24 * 3_600_000));
    assert_eq!(UNSEEN, 2_592_000_000);
}

#[test]
fn the_default_is_an_hour() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(task.fail(FailureCode::Failed));
    assert_eq!(drop_at(&task.record, Some(0)), Some(3_600_000));
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
