//! What becomes of a lost attempt's code.

use offstage_core::task::{Action, LostReason, OnLost, Spec, Status};

use crate::support::{Task, answer, cancel, start, test};

#[test]
fn code_that_may_still_run_is_abandoned() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    assert_eq!(task.does(task.lose(LostReason::LeaseExpired, false)), ["lease_lost", "failed", "abandoned"]);
    assert!(task.record.abandoned);
    assert_eq!((task.record.hold.as_ref(), task.record.stopped_at), (None, None));
}

#[test]
fn code_that_is_known_dead_has_stopped() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.after(9);
    task.does(task.lose(LostReason::WorkerGone, true));
    assert_eq!((task.record.abandoned, task.record.stopped_at), (false, Some(1_009)));
}

#[test]
fn losing_the_worker_of_a_cancelled_task_ends_its_stopping() {
    for (stopped, kind) in [(true, "stopped"), (false, "abandoned")] {
        let mut task = Task::new(Spec::new("t"));
        task.start();
        task.does(cancel());
        assert_eq!(task.does(task.lose(LostReason::WorkerGone, stopped)), [kind]);
        assert_eq!((task.record.status, task.record.hold.as_ref()), (Status::Cancelled, None));
    }
}

#[test]
fn losing_the_worker_of_a_timed_out_attempt_lets_the_retry_start() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(task.time_out());
    task.after(500).refuses(start());
    assert_eq!(task.does(task.lose(LostReason::WorkerGone, true)), ["stopped"]);
    task.start();
}

#[test]
fn losing_the_worker_after_the_answer_parks_the_task() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(task.ask("ok", None));
    task.does(answer("ok", Action::Accept));
    assert_eq!(task.does(task.lose(LostReason::WorkerGone, true)), ["lease_lost"]);
    assert_eq!((task.record.status, task.record.resume, task.record.hold.as_ref()), (Status::Pending, true, None));
    task.start_by("w2");
    assert_eq!((task.record.attempt, task.record.epoch), (1, 2));
}

#[test]
fn losing_what_nobody_holds_is_nothing() {
    let mut task = Task::new(Spec { on_lost: Some(OnLost::Retry), ..Spec::new("t") });
    task.start();
    let lose = task.lose(LostReason::WorkerGone, true);
    task.does(lose.clone());
    assert_eq!(task.does(lose.clone()), [""; 0]);
    task.start();
    assert_eq!(task.does(lose), [""; 0], "that was another execution");
    assert_eq!(task.record.status, Status::Running);
}

#[test]
fn a_delay_is_not_waited_for_again() {
    let mut task = Task::new(Spec { on_lost: Some(OnLost::Retry), delay_ms: Some(50.0), ..Spec::new("t") });
    task.after(50).start();
    task.does(task.lose(LostReason::WorkerGone, true));
    assert_eq!(task.record.run_at, Some(1_050));
    task.start();
}
