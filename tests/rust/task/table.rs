//! One test for each row of the table of states (DESIGN section 4), in its order.

use offstage_core::task::{Action, Command, FailureCode, LostReason, OnLost, Spec, Status};

use crate::support::{Task, answer, cancel, failure, test};

fn plain() -> Task {
    Task::new(Spec::new("t"))
}

fn with_retries(retries: f64) -> Task {
    Task::new(Spec { retries: Some(retries), ..Spec::new("t") })
}

fn with_on_lost_retry() -> Task {
    Task::new(Spec { on_lost: Some(OnLost::Retry), ..Spec::new("t") })
}

#[test]
fn pending_started_is_running() {
    let mut task = plain();
    task.after(5).start();
    assert_eq!(task.record.status, Status::Running);
    assert_eq!((task.record.attempt, task.record.epoch), (1, 1));
    assert_eq!(task.record.started_at, Some(1_005));
    assert_eq!(task.record.hold.as_ref().map(|hold| hold.worker.as_str()), Some("w1"));
}

#[test]
fn pending_started_after_an_answer_keeps_its_attempt() {
    let mut task = plain();
    task.start();
    task.does(task.ask("ok", None));
    task.does(answer("ok", Action::Accept));
    task.after(5).start();
    assert_eq!((task.record.attempt, task.record.epoch), (1, 2));
    assert_eq!(task.record.status, Status::Running);
    assert!(!task.record.resume);
}

#[test]
fn pending_ttl_over_before_the_first_start_is_failed_expired() {
    let mut task = Task::new(Spec { ttl_ms: Some(500.0), ..Spec::new("t") });
    task.after(499);
    assert_eq!(task.does(Command::Due {}), [""; 0]);
    task.after(1);
    assert_eq!(task.does(Command::Due {}), ["failed"]);
    assert_eq!((task.record.status, task.error_code()), (Status::Failed, Some(FailureCode::Expired)));
    let error = task.record.error.as_ref().expect("it failed");
    assert_eq!(error.message, "did not start within 0.5 s after it was due");
    assert!(!error.retryable);
}

#[test]
fn pending_running_or_input_required_cancelled_is_cancelled() {
    let mut pending = plain();
    let mut running = plain();
    running.start();
    let mut asking = plain();
    asking.start();
    asking.does(asking.ask("ok", None));
    for task in [&mut pending, &mut running, &mut asking] {
        let held = task.record.hold.is_some();
        assert_eq!(task.after(7).does(cancel()), ["cancelled"]);
        assert_eq!((task.record.status, task.record.completed_at), (Status::Cancelled, Some(1_007)));
        assert_eq!(task.record.stopped_at, if held { None } else { Some(1_007) });
        assert_eq!(task.record.requests.open().count(), 0);
    }
}

#[test]
fn running_or_input_required_succeeded_is_completed_and_open_requests_are_closed() {
    for asks in [false, true] {
        let mut task = plain();
        task.start();
        if asks {
            task.does(task.ask("ok", None));
        }
        task.after(9);
        assert_eq!(task.does(task.succeed()), ["completed"]);
        assert_eq!((task.record.status, task.record.progress), (Status::Completed, 1.0));
        assert_eq!((task.record.completed_at, task.record.stopped_at), (Some(1_009), Some(1_009)));
        assert!(task.record.requests.is_empty());
        assert_eq!(task.record.hold, None);
    }
}

#[test]
fn running_or_input_required_failed_with_attempts_left_is_pending_after_the_backoff() {
    for asks in [false, true] {
        let mut task = with_retries(1.0);
        task.start();
        if asks {
            task.does(task.ask("ok", None));
        }
        assert_eq!(task.does(task.fail(FailureCode::Failed)), ["retry_scheduled"]);
        assert_eq!((task.record.status, task.record.run_at), (Status::Pending, Some(1_500)));
        assert!(task.record.requests.is_empty(), "open requests are closed");
        assert_eq!((task.record.hold.as_ref(), task.record.error.as_ref()), (None, None));
        task.after(500).start();
        assert_eq!(task.record.attempt, 2);
    }
}

#[test]
fn running_timed_out_with_attempts_left_is_pending_after_the_backoff() {
    let mut task = with_retries(1.0);
    task.start();
    assert_eq!(task.does(task.time_out()), ["retry_scheduled"]);
    assert_eq!((task.record.status, task.record.run_at), (Status::Pending, Some(1_500)));
}

#[test]
fn running_or_input_required_failed_without_attempts_left_is_failed() {
    for (code, asks) in [(FailureCode::Failed, false), (FailureCode::Failed, true), (FailureCode::Timeout, false)] {
        let mut task = with_retries(1.0);
        task.start();
        task.does(task.fail(FailureCode::Failed));
        task.after(500).start();
        if asks {
            task.does(task.ask("ok", None));
        }
        assert_eq!(task.does(task.fail(code)), ["failed"]);
        assert_eq!((task.record.status, task.error_code()), (Status::Failed, Some(code)));
        assert!(task.record.requests.is_empty());
    }
}

#[test]
fn running_failed_and_not_retryable_is_failed_whatever_is_left() {
    let mut task = with_retries(5.0);
    task.start();
    let mut error = failure(FailureCode::Failed);
    error.retryable = false;
    assert_eq!(task.does(task.fail_with(error, true)), ["failed"]);

    for code in [FailureCode::Unserializable, FailureCode::BudgetExceeded] {
        let mut task = with_retries(5.0);
        task.start();
        assert_eq!(task.does(task.fail(code)), ["failed"]);
        assert_eq!(task.error_code(), Some(code));
    }
}

#[test]
fn running_lost_with_on_lost_retry_and_attempts_left_is_pending_at_once() {
    let mut task = with_on_lost_retry();
    task.start();
    task.after(5);
    let kinds = task.does(task.lose(LostReason::WorkerGone, true));
    assert_eq!(kinds, ["lease_lost", "retry_scheduled", "stopped"]);
    assert_eq!((task.record.status, task.record.run_at), (Status::Pending, None));
    task.start();
    assert_eq!((task.record.attempt, task.record.uncounted), (2, 0));
}

#[test]
fn running_shut_down_with_on_lost_retry_does_not_count_the_attempt() {
    let mut task = Task::new(Spec { on_lost: Some(OnLost::Retry), retries: Some(0.0), ..Spec::new("t") });
    for attempt in 1..=3 {
        task.start();
        assert_eq!((task.record.attempt, task.record.uncounted), (attempt, attempt - 1));
        task.does(task.lose(LostReason::Shutdown, true));
        assert_eq!(task.record.status, Status::Pending, "after attempt {attempt}");
    }
}

#[test]
fn running_lost_otherwise_is_failed_lost_with_its_reason() {
    let reasons = [
        (LostReason::WorkerGone, "worker_gone"),
        (LostReason::LeaseExpired, "lease_expired"),
        (LostReason::Shutdown, "shutdown"),
    ];
    for (reason, name) in reasons {
        let mut task = with_retries(5.0);
        task.start();
        assert_eq!(task.does(task.lose(reason, true)), ["lease_lost", "failed", "stopped"]);
        assert_eq!((task.record.status, task.error_code()), (Status::Failed, Some(FailureCode::Lost)));
        let details = task.record.error.as_ref().and_then(|error| error.details.as_ref()).expect("it has details");
        assert_eq!(details.as_str(), format!(r#"{{"reason":"{name}"}}"#));
    }
}

#[test]
fn running_lost_without_attempts_left_is_failed_lost() {
    let mut task = Task::new(Spec { on_lost: Some(OnLost::Retry), retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(task.lose(LostReason::LeaseExpired, true));
    task.start();
    assert_eq!(task.does(task.lose(LostReason::LeaseExpired, true)), ["lease_lost", "failed", "stopped"]);
    assert_eq!(task.error_code(), Some(FailureCode::Lost));
}

#[test]
fn running_asked_is_input_required() {
    let mut task = plain();
    task.start();
    task.after(3);
    assert_eq!(task.does(task.ask("ok", Some(9_000))), ["input_requested"]);
    assert_eq!(task.record.status, Status::InputRequired);
    let request = task.record.requests.get("ok").expect("it was asked");
    assert_eq!((request.message.as_str(), request.requested_at, request.expires_at), ("May I?", 1_003, Some(9_000)));
}

#[test]
fn input_required_last_request_accepted_or_declined_is_pending_with_resume_at_the_head() {
    for action in [Action::Accept, Action::Decline] {
        let mut task = plain();
        task.start();
        task.does(task.ask("a", None));
        task.does(task.ask("b", None));
        assert_eq!(task.does(answer("a", action)), ["input_answered"]);
        assert_eq!((task.record.status, task.record.resume), (Status::InputRequired, false));
        assert_eq!(task.does(answer("b", action)), ["input_answered"]);
        assert_eq!((task.record.status, task.record.resume), (Status::Pending, true));
        assert!(task.record.columns().head);
    }
}

#[test]
fn input_required_answered_with_cancel_is_cancelled() {
    let mut task = plain();
    task.start();
    task.does(task.ask("a", None));
    task.does(task.ask("b", None));
    assert_eq!(task.does(answer("a", Action::Cancel)), ["input_answered", "cancelled"]);
    assert_eq!(task.record.status, Status::Cancelled);
    assert_eq!(task.record.requests.open().count(), 0);
    assert_eq!(task.record.stopped_at, None, "its code has not ended");
}

#[test]
fn input_required_request_expired_is_failed_input_expired_and_never_retried() {
    let mut task = with_retries(5.0);
    task.start();
    task.does(task.ask("ok", Some(2_000)));
    task.now = 1_999;
    assert_eq!(task.does(Command::Due {}), [""; 0]);
    task.now = 2_000;
    assert_eq!(task.does(Command::Due {}), ["failed"]);
    assert_eq!((task.record.status, task.error_code()), (Status::Failed, Some(FailureCode::InputExpired)));
    assert_eq!(task.record.stopped_at, None, "its code has not ended");
}

#[test]
fn input_required_worker_lost_or_shut_down_is_parked_and_nothing_is_lost() {
    for reason in [LostReason::WorkerGone, LostReason::LeaseExpired, LostReason::Shutdown] {
        let mut task = plain();
        task.start();
        task.does(task.ask("ok", None));
        assert_eq!(task.does(task.lose(reason, true)), ["lease_lost"]);
        assert_eq!((task.record.status, task.record.hold.as_ref()), (Status::InputRequired, None));
        assert_eq!((task.record.abandoned, task.record.uncounted), (false, 0));
        task.does(answer("ok", Action::Accept));
        task.start_by("w2");
        assert_eq!((task.record.attempt, task.record.epoch), (1, 2));
    }
}

#[test]
fn terminal_stopped_abandoned_or_late_result_changes_neither_status_nor_error() {
    let mut cancelled = plain();
    cancelled.start();
    cancelled.does(cancel());
    let mut timed_out = plain();
    timed_out.start();
    timed_out.does(timed_out.time_out());
    for task in [cancelled, timed_out] {
        for (command, kinds) in [
            (task.stopped(), vec!["stopped"]),
            (task.abandon(), vec!["abandoned"]),
            (task.succeed(), vec!["late_result", "stopped"]),
            (task.fail(FailureCode::Failed), vec!["late_result", "stopped"]),
        ] {
            let mut after = Task { record: task.record.clone(), events: Vec::new(), now: task.now + 10 };
            assert_eq!(after.does(command), kinds);
            assert_eq!(after.record.status, task.record.status);
            assert_eq!(after.record.error, task.record.error);
            assert_eq!(after.record.completed_at, task.record.completed_at);
            assert_eq!(after.record.hold, None);
            assert_eq!(after.record.stopped_at, if kinds == ["abandoned"] { None } else { Some(1_010) });
        }
    }
}
