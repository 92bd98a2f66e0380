//! Taking an attempt away.

use offstage_core::task::{Command, FailureCode, LostReason, OnLost, Spec, Status};

use crate::support::{Task, cancel, test};

fn recover(force: bool, retry: bool, overdue: bool, stopped: bool) -> Command {
    Command::Recover { force, retry, overdue, reason: LostReason::Recovered, stopped }
}

fn running() -> Task {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task
}

#[test]
fn an_overdue_attempt_is_taken_away_as_lost() {
    let mut task = running();
    assert_eq!(task.does(recover(false, false, true, true)), ["recovered", "failed", "stopped"]);
    assert_eq!((task.record.status, task.error_code()), (Status::Failed, Some(FailureCode::Lost)));
    assert!(task.record.recovered && !task.record.abandoned);
}

#[test]
fn what_became_of_the_worker_is_said_and_nothing_else() {
    let cases = [
        (LostReason::Recovered, "the attempt was taken away by recover", "recovered"),
        (LostReason::WorkerGone, "the worker that ran it is gone", "worker_gone"),
        (LostReason::LeaseExpired, "the worker that ran it lost its lease", "lease_expired"),
    ];
    for (reason, message, word) in cases {
        let mut task = running();
        task.does(Command::Recover { force: true, retry: false, overdue: false, reason, stopped: true });
        let error = task.record.error.as_ref().expect("it failed");
        assert_eq!(error.message, message);
        assert_eq!(error.details.as_ref().map(|details| details.as_str()), Some(&*format!(r#"{{"reason":"{word}"}}"#)));
    }
}

#[test]
fn one_that_is_not_overdue_needs_force() {
    let mut task = running();
    assert!(task.refuses(recover(false, false, false, true)).message().contains("not overdue"));
    assert_eq!(task.does(recover(true, false, false, false)), ["recovered", "failed", "abandoned"]);
    assert!(task.record.abandoned);
}

#[test]
fn on_lost_retry_puts_it_back_and_counts_the_attempt() {
    let mut task = Task::new(Spec { on_lost: Some(OnLost::Retry), retries: Some(1.0), ..Spec::new("t") });
    task.start();
    assert_eq!(task.does(recover(false, false, true, true)), ["recovered", "retry_scheduled", "stopped"]);
    assert_eq!((task.record.status, task.record.uncounted), (Status::Pending, 0));
    task.start();
    assert_eq!(task.does(recover(false, false, true, true)), ["recovered", "failed", "stopped"]);
}

#[test]
fn retry_puts_it_back_whatever_is_left_and_does_not_count_the_attempt() {
    let mut task = running();
    for attempt in 1..=3 {
        assert_eq!(task.does(recover(true, true, false, true)), ["recovered", "retry_scheduled", "stopped"]);
        assert_eq!((task.record.attempt, task.record.uncounted), (attempt, attempt));
        task.start();
    }
    assert_eq!(task.does(task.fail(FailureCode::Failed)), ["failed"], "its own attempts are used up as before");
}

#[test]
fn only_a_running_task_can_be_recovered() {
    let mut task = Task::new(Spec::new("t"));
    task.refuses(recover(true, true, true, true));
    task.start();
    task.does(task.ask("ok", None));
    task.refuses(recover(true, true, true, true));
    task.does(cancel());
    let error = task.refuses(recover(true, true, true, true));
    assert!(error.message().contains("it is cancelled, expected running"), "{error}");
}
