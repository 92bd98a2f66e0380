//! What comes from an execution that does not hold the task any more.

use offstage_core::task::{Body, Command, FailureCode, LostReason, OnLost, Outcome, Run, Spec, Status};

use crate::support::{Task, cancel, failure, succeed, test};

#[test]
fn a_refused_outcome_is_kept_once_for_each_execution() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let run = task.run();
    task.does(cancel());
    assert_eq!(task.does(succeed(run)), ["late_result", "stopped"]);
    let Body::LateResult(late) = &task.events[3].body else { panic!("not a late result") };
    assert_eq!((late.outcome, late.error.as_ref(), late.attempt, late.epoch), (Outcome::Succeeded, None, 1, 1));
    assert_eq!(task.does(succeed(run)), [""; 0]);
    assert_eq!(task.record.late, [run]);
}

#[test]
fn a_refused_failure_keeps_its_error() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let command = task.fail(FailureCode::Failed);
    task.does(cancel());
    task.does(command);
    let Body::LateResult(late) = &task.events[3].body else { panic!("not a late result") };
    assert_eq!((late.outcome, late.error.as_ref()), (Outcome::Failed, Some(&failure(FailureCode::Failed))));
    assert_eq!(task.record.error, None);
}

#[test]
fn an_outcome_after_the_timeout_is_late_also_while_the_retry_waits() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    let run = task.run();
    task.does(task.time_out());
    assert_eq!(task.does(succeed(run)), ["late_result", "stopped"]);
    assert_eq!((task.record.status, task.record.hold.as_ref()), (Status::Pending, None));
    task.after(500).start();
    assert_eq!(task.record.attempt, 2);
}

#[test]
fn a_second_timeout_report_does_not_say_that_the_code_has_ended() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let again = task.time_out();
    task.does(task.time_out());
    assert_eq!(task.does(again), ["late_result"]);
    assert!(task.record.hold.is_some());
}

#[test]
fn an_outcome_of_a_lost_attempt_never_ends_the_next_one() {
    let mut task = Task::new(Spec { on_lost: Some(OnLost::Retry), ..Spec::new("t") });
    task.start_by("w1");
    let lost = task.run();
    task.does(task.lose(LostReason::LeaseExpired, false));
    task.start_by("w2");
    assert_eq!(task.does(succeed(lost)), ["late_result"]);
    assert_eq!(task.record.status, Status::Running);
    assert_eq!(task.run(), Run { attempt: 2, epoch: 2 });
    assert_eq!(task.does(task.succeed()), ["completed"]);
}

#[test]
fn a_report_of_an_execution_that_never_was_is_refused() {
    let mut task = Task::new(Spec::new("t"));
    for (attempt, epoch) in [(1, 1), (0, 0), (1, 2)] {
        task.refuses(Command::Succeed { attempt, epoch });
    }
    task.start();
    for (attempt, epoch) in [(2, 1), (1, 2), (0, 1), (1, 0)] {
        let error = task.refuses(Command::Succeed { attempt, epoch });
        assert!(error.message().contains("never started"), "{error}");
    }
}

#[test]
fn cancel_of_a_terminal_task_is_nothing() {
    let mut task = Task::new(Spec::new("t"));
    task.does(cancel());
    assert_eq!(task.does(cancel()), [""; 0]);
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(task.succeed());
    assert_eq!(task.does(cancel()), [""; 0]);
    assert_eq!(task.record.status, Status::Completed);
}

#[test]
fn stopped_and_abandoned_of_another_execution_are_nothing() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(cancel());
    for (attempt, epoch) in [(1, 2), (2, 1), (7, 7)] {
        assert_eq!(task.does(Command::Stopped { attempt, epoch }), [""; 0]);
        assert_eq!(task.does(Command::Abandon { attempt, epoch }), [""; 0]);
    }
    assert!(task.record.hold.is_some());
    task.does(task.stopped());
    assert_eq!(task.does(Command::Stopped { attempt: 1, epoch: 1 }), [""; 0], "once is enough");
}

#[test]
fn stopped_and_abandoned_of_an_attempt_underway_are_refused() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let error = task.refuses(task.stopped());
    assert!(error.message().contains("must succeed, fail or be lost"), "{error}");
    task.refuses(task.abandon());
    task.does(task.ask("ok", None));
    task.refuses(task.stopped());
}

#[test]
fn an_execution_cannot_report_what_only_decide_says() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    for code in [FailureCode::Lost, FailureCode::Expired, FailureCode::InputExpired] {
        let error = task.put(task.fail(code)).expect_err("not its to say");
        assert!(error.is_invalid_argument());
        assert!(error.message().starts_with("error.code: got \""), "{error}");
    }
    assert_eq!(task.record.status, Status::Running);
}
