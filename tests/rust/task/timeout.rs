//! What a timeout counts.

use offstage_core::task::{Action, FailureCode, LostReason, Spec, Status};

use crate::support::{Task, answer, test};

fn with_timeout() -> Task {
    Task::new(Spec { timeout_ms: Some(1_000.0), retries: Some(1.0), ..Spec::new("t") })
}

#[test]
fn the_time_before_the_start_does_not_count() {
    let mut task = with_timeout();
    assert_eq!(task.record.deadline_at, None);
    task.after(5_000).start();
    assert_eq!(task.record.deadline_at, Some(7_000));
}

#[test]
fn the_time_of_waiting_for_a_person_and_for_a_slot_does_not_count() {
    let mut task = with_timeout();
    task.start();
    task.after(300);
    task.does(task.ask("ok", None));
    assert_eq!((task.record.deadline_at, task.record.ran_ms), (None, 300));
    task.after(10_000).does(answer("ok", Action::Accept));
    task.after(10_000).start();
    assert_eq!(task.record.deadline_at, Some(task.now + 700));
    task.after(200);
    task.does(task.ask("again", None));
    assert_eq!(task.record.ran_ms, 500);
}

#[test]
fn each_attempt_has_the_whole_time() {
    let mut task = with_timeout();
    task.start();
    task.after(900);
    task.does(task.fail(FailureCode::Failed));
    task.after(500).start();
    assert_eq!(task.record.deadline_at, Some(task.now + 1_000));
}

#[test]
fn a_parked_task_has_the_whole_time_because_it_runs_from_the_top() {
    let mut task = with_timeout();
    task.start();
    task.after(900);
    task.does(task.ask("ok", None));
    task.does(task.lose(LostReason::Shutdown, true));
    task.does(answer("ok", Action::Accept));
    task.start_by("w2");
    assert_eq!(task.record.deadline_at, Some(task.now + 1_000));
}

#[test]
fn a_clock_that_was_set_back_gives_no_time_away() {
    let mut task = with_timeout();
    task.start();
    task.after(-500);
    task.does(task.ask("ok", None));
    assert_eq!(task.record.ran_ms, 0);
}

#[test]
fn none_and_0_mean_no_limit() {
    for timeout_ms in [None, Some(0.0)] {
        let mut task = Task::new(Spec { timeout_ms, ..Spec::new("t") });
        assert_eq!(task.record.timeout_ms, None);
        task.start();
        assert_eq!(task.record.deadline_at, None);
    }
}

#[test]
fn the_code_of_a_timed_out_attempt_still_holds_the_task_until_it_has_stopped() {
    let mut task = Task::new(Spec { timeout_ms: Some(1_000.0), ..Spec::new("t") });
    task.start();
    task.after(1_000);
    task.does(task.time_out());
    assert_eq!((task.record.status, task.error_code()), (Status::Failed, Some(FailureCode::Timeout)));
    assert_eq!((task.record.completed_at, task.record.stopped_at), (Some(2_000), None));
    assert_eq!(task.record.columns().worker.as_deref(), Some("w1"));
    task.after(50);
    task.does(task.stopped());
    assert_eq!((task.record.completed_at, task.record.stopped_at), (Some(2_000), Some(2_050)));
    assert_eq!(task.record.columns().worker, None);
}
