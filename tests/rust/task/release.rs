//! An attempt that never began is given back.

use offstage_core::task::{Action, Body, Command, FailureCode, OnLost, Spec, Status};

use crate::support::{Task, answer, cancel, test};

#[test]
fn an_attempt_that_never_began_uses_up_nothing_whatever_on_lost_says() {
    for on_lost in [OnLost::Fail, OnLost::Retry] {
        let mut task = Task::new(Spec { on_lost: Some(on_lost), retries: Some(0.0), ..Spec::new("t") });
        for epoch in 1..=5 {
            task.after(5).start();
            assert_eq!((task.record.attempt, task.record.epoch), (1, epoch));
            assert_eq!(task.does(task.release()), ["retry_scheduled"]);
            assert_eq!((task.record.status, task.record.run_at), (Status::Pending, None));
            assert_eq!((task.record.attempt, task.record.uncounted, task.record.hold.as_ref()), (0, 0, None));
            assert_eq!(
                (task.record.started_at, task.record.running_since, task.record.deadline_at),
                (None, None, None)
            );
        }
        task.start();
        assert_eq!(task.does(task.succeed()), ["completed"]);
        assert_eq!((task.record.attempt, task.record.started_at), (1, Some(task.now)));
    }
}

#[test]
fn the_event_says_why_and_that_it_never_began() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(task.release());
    let Body::RetryScheduled(data) = task.last() else { panic!("{:?}", task.last()) };
    assert_eq!((data.begun, data.counted, data.settled, data.run_at), (false, false, true, None));
    assert_eq!((data.error.code, data.error.message.as_str()), (FailureCode::Lost, "no process could be started"));
    assert!(task.last().data().ends_with(r#""counted":false,"begun":false}"#), "{}", task.last().data());
}

#[test]
fn a_retry_that_never_began_keeps_its_place_and_its_first_start() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(task.fail(FailureCode::Failed));
    task.after(500).start();
    task.does(task.release());
    assert_eq!((task.record.attempt, task.record.started_at, task.record.run_at), (1, Some(1_000), Some(1_500)));
    task.start();
    assert_eq!(task.record.attempt, 2);
    assert_eq!(task.does(task.fail(FailureCode::Failed)), ["failed"], "both attempts have run");
}

#[test]
fn the_wait_for_a_first_start_goes_on() {
    let mut task = Task::new(Spec { ttl_ms: Some(500.0), ..Spec::new("t") });
    task.after(400).start();
    task.does(task.release());
    assert_eq!(task.record.due_at(), Some(1_500));
    task.after(100);
    assert_eq!(task.does(Command::Due {}), ["failed"]);
    assert_eq!(task.error_code(), Some(FailureCode::Expired));
}

#[test]
fn what_was_answered_goes_on_at_the_head_again_with_its_answers() {
    let mut task = Task::new(Spec { timeout_ms: Some(1_000.0), ..Spec::new("t") });
    task.start();
    task.does(task.ask("ok", None));
    task.does(task.lose(offstage_core::task::LostReason::WorkerGone, true));
    task.does(answer("ok", Action::Accept));
    let before = task.record.clone();
    task.after(9).start_by("w2");
    task.does(task.release());
    assert_eq!((task.record.status, task.record.resume, task.record.attempt), (Status::Pending, true, 1));
    assert_eq!((task.record.ran_ms, task.record.started_at), (before.ran_ms, before.started_at));
    assert_eq!(task.record.requests, before.requests);
    task.start_by("w3");
    assert_eq!((task.run().attempt, task.run().epoch), (1, 3));
}

#[test]
fn one_that_was_cancelled_meanwhile_has_stopped() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(cancel());
    assert_eq!(task.does(task.release()), ["stopped"]);
    assert_eq!((task.record.status, task.record.stopped_at), (Status::Cancelled, Some(1_000)));
}

#[test]
fn what_has_asked_has_begun() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(task.ask("ok", None));
    assert!(task.refuses(task.release()).message().contains("has begun"));
    task.does(answer("ok", Action::Accept));
    task.refuses(task.release());
}

#[test]
fn releasing_what_one_does_not_hold_is_nothing() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let release = task.release();
    task.does(release.clone());
    assert_eq!(task.does(release.clone()), [""; 0]);
    task.start();
    assert_eq!(task.does(release), [""; 0], "that was another execution");
    assert_eq!(task.record.status, Status::Running);
}
