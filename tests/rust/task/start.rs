//! When a start is refused, and what an attempt is.

use offstage_core::task::{Action, Command, FailureCode, Spec, Status};

use crate::support::{Task, answer, cancel, start, test};

#[test]
fn what_is_not_pending_does_not_start() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let error = task.refuses(start());
    assert!(error.message().contains("it is running, expected pending"), "{error}");
    task.does(task.ask("ok", None));
    task.refuses(start());
    task.does(cancel());
    assert!(task.refuses(start()).message().contains("it is cancelled"));
}

#[test]
fn what_is_not_due_does_not_start() {
    let mut task = Task::new(Spec { delay_ms: Some(100.0), ..Spec::new("t") });
    task.after(99);
    assert!(task.refuses(start()).message().contains("not due yet"));
    task.after(1).start();
}

#[test]
fn a_retry_waits_for_its_time_and_for_the_end_of_the_attempt_before() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(task.time_out());
    assert!(task.record.is_stopping());
    let error = task.after(500).refuses(start());
    assert!(error.message().contains("attempt 1 has not stopped yet"), "{error}");
    assert_eq!(task.does(task.stopped()), ["stopped"]);
    assert_eq!(
        (task.record.status, task.record.stopped_at),
        (Status::Pending, None),
        "only a terminal task has stopped"
    );
    task.start();
    assert_eq!((task.record.attempt, task.record.epoch), (2, 2));
}

#[test]
fn a_retry_starts_also_after_the_attempt_before_was_abandoned() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(task.time_out());
    assert_eq!(task.does(task.abandon()), ["abandoned"]);
    assert!(task.record.abandoned);
    task.after(500).start();
}

#[test]
fn what_waited_too_long_does_not_start_even_before_that_was_decided() {
    let mut task = Task::new(Spec { ttl_ms: Some(100.0), ..Spec::new("t") });
    assert_eq!(task.record.columns().due_at, Some(1_100));
    task.after(100);
    assert!(task.refuses(start()).message().contains("its time to start is over"));
    assert_eq!(task.does(Command::Due {}), ["failed"]);
    assert_eq!(task.record.columns().due_at, None);
}

#[test]
fn the_ttl_counts_from_when_the_task_is_due_and_only_to_its_first_start() {
    let spec = Spec { ttl_ms: Some(100.0), delay_ms: Some(50.0), retries: Some(1.0), ..Spec::new("t") };
    let mut task = Task::new(spec);
    assert_eq!(task.record.columns().due_at, Some(1_150));
    task.after(149);
    assert_eq!(task.does(Command::Due {}), [""; 0]);
    task.start();
    task.does(task.fail(FailureCode::Failed));
    assert_eq!(task.record.columns().due_at, None);
    assert_eq!(task.after(1_000_000).does(Command::Due {}), [""; 0]);
    task.start();
}

#[test]
fn only_the_worker_whose_code_waits_goes_on_in_place() {
    let mut task = Task::new(Spec::new("t"));
    task.start_by("w1");
    task.does(task.ask("ok", None));
    task.does(answer("ok", Action::Accept));
    assert!(task.record.hold.is_some(), "its code is alive");
    task.refuses(Command::Start { worker: "w2".into(), digest: None });
    task.start_by("w1");
    assert_eq!((task.run().attempt, task.run().epoch), (1, 2));
}

#[test]
fn a_resumed_task_does_not_wait_for_a_time_that_the_clock_was_set_back_behind() {
    let mut task = Task::new(Spec { run_at: Some(5_000.0), ..Spec::new("t") });
    task.now = 5_000;
    task.start();
    task.does(task.ask("ok", None));
    task.now = 3_000;
    task.does(answer("ok", Action::Accept));
    assert_eq!(task.record.columns().run_at, None);
    task.start();
}

#[test]
fn each_new_attempt_begins_with_no_progress() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(Command::Progress { attempt: 1, epoch: 1, fraction: 0.5, message: Some("half".into()), data: None });
    task.does(task.fail(FailureCode::Failed));
    assert_eq!(task.record.progress, 0.5);
    task.after(500).start();
    assert_eq!((task.record.progress, task.record.progress_message.as_deref()), (0.0, None));
}

#[test]
fn another_digest_is_noted() {
    let mut task = Task::new(Spec::new("t"));
    task.does(Command::Start { worker: "w1".into(), digest: Some("abc".into()) });
    assert!(task.last().data().contains(r#""digest":"abc""#));
}
