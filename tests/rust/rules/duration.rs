use offstage_core::rules::duration::duration;
use offstage_core::task::{FailureCode, Spec};

use crate::support::{Task, cancel, test};

#[test]
fn none_before_the_first_start() {
    let mut task = Task::new(Spec::new("t"));
    assert_eq!(duration(&task.record, 5_000), None);
    task.does(cancel());
    assert_eq!(duration(&task.record, 5_000), None);
}

#[test]
fn from_the_first_start_to_the_end_or_now() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.after(500).start();
    assert_eq!(duration(&task.record, 2_750), Some(1.25));
    task.after(100);
    task.does(task.fail(FailureCode::Failed));
    task.after(500).start();
    task.after(400);
    task.does(task.succeed());
    assert_eq!(duration(&task.record, 99_000), Some(1.0));
}

#[test]
fn a_clock_that_was_set_back_makes_it_0() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    assert_eq!(duration(&task.record, 10), Some(0.0));
}
