//! One test for each rule of DESIGN section 4 that one record can keep or break, by its number there. Rules 4, 5, 7 and
//! 10 to 13 are kept above the record: by waiters, the store and whoever runs the code.

use offstage_core::rules::attention::{Facts, attention};
use offstage_core::rules::retention::drop_at;
use offstage_core::task::{Action, Command, FailureCode, LostReason, OnLost, Spec, Status};

use crate::support::{Task, answer, cancel, start, succeed, test};

#[test]
fn rule_1_one_terminal_event_and_what_comes_later_is_a_late_result() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let run = task.run();
    task.does(task.time_out());
    for command in [succeed(run), cancel(), Command::Due {}, succeed(run)] {
        task.does(command);
    }
    assert_eq!(task.events.iter().filter(|event| event.body.is_terminal()).count(), 1);
    let kinds: Vec<_> = task.events.iter().map(|event| event.body.kind()).collect();
    assert_eq!(kinds, ["submitted", "started", "failed", "late_result", "stopped"]);
    assert_eq!(task.record.status, Status::Failed);
}

#[test]
fn rule_2_cancel_is_now() {
    let mut never_started = Task::new(Spec::new("t"));
    never_started.does(cancel());
    never_started.refuses(start());
    assert_eq!(never_started.record.stopped_at, Some(1_000));

    let mut running = Task::new(Spec::new("t"));
    running.start();
    running.does(cancel());
    assert_eq!(running.record.status, Status::Cancelled, "whether or not its code has ended");
    let signals = |task: &Task| attention(&task.record, &Facts::default(), task.now).signals;
    assert!(signals(&running).contains(&"stopping"));
    assert_eq!(running.record.columns().worker.as_deref(), Some("w1"), "it keeps its slot");
    running.does(running.stopped());
    assert!(!signals(&running).contains(&"stopping"));
    assert_eq!(running.record.columns().worker, None);
}

#[test]
fn rule_3_a_timeout_counts_run_time_of_one_attempt() {
    let mut task = Task::new(Spec { timeout_ms: Some(1_000.0), retries: Some(1.0), ..Spec::new("t") });
    task.after(9_000).start();
    task.after(400);
    task.does(task.ask("ok", None));
    task.after(9_000).does(answer("ok", Action::Accept));
    task.after(9_000).start();
    assert_eq!(task.record.deadline_at, Some(task.now + 600));
    task.after(600);
    task.does(task.time_out());
    task.does(task.stopped());
    task.after(500).start();
    assert_eq!(task.record.deadline_at, Some(task.now + 1_000));
}

#[test]
fn rule_6_lost_work_is_not_run_again_silently() {
    let mut task = Task::new(Spec { retries: Some(9.0), ..Spec::new("t") });
    task.start();
    task.does(task.lose(LostReason::WorkerGone, true));
    assert_eq!(task.error_code(), Some(FailureCode::Lost), "retries are for failures");
    assert_eq!(Task::new(Spec { on_lost: Some(OnLost::Retry), ..Spec::new("t") }).record.max_attempts, 4);
}

#[test]
fn rule_6_the_next_attempt_starts_only_when_the_one_before_has_stopped_or_was_abandoned() {
    for end in [Task::stopped, Task::abandon] {
        let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
        task.start();
        task.does(task.time_out());
        task.after(60_000).refuses(start());
        task.does(end(&task));
        task.start();
    }
}

#[test]
fn rule_7_what_cannot_be_stored_fails_the_task_and_is_not_tried_again() {
    let mut task = Task::new(Spec { retries: Some(9.0), ..Spec::new("t") });
    task.start();
    task.does(task.fail(FailureCode::Unserializable));
    assert_eq!((task.record.status, task.error_code()), (Status::Failed, Some(FailureCode::Unserializable)));
}

#[test]
fn rule_8_order_is_seq_whatever_the_clock_does() {
    let mut task = Task::new(Spec { timeout_ms: Some(1_000.0), ..Spec::new("t") });
    task.now = 5_000_000;
    task.start();
    task.now = 3;
    task.does(task.ask("ok", None));
    task.now = 9_000_000;
    task.does(answer("ok", Action::Accept));
    task.now = 1;
    task.start();
    task.does(task.succeed());
    let seqs: Vec<_> = task.events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6]);
    assert_eq!(
        (task.record.ran_ms, task.record.completed_at),
        (0, Some(9_000_000)),
        "nor is a time before the one before"
    );
}

#[test]
fn rule_9_the_first_commit_wins_between_answer_cancel_and_expiry() {
    let asking = || {
        let mut task = Task::new(Spec::new("t"));
        task.start();
        task.does(task.ask("ok", Some(2_000)));
        task.now = 2_000;
        task
    };
    let mut expired = asking();
    expired.does(Command::Due {});
    expired.refuses(answer("ok", Action::Accept));
    assert_eq!(expired.does(cancel()), [""; 0]);
    let mut cancelled = asking();
    cancelled.does(cancel());
    cancelled.refuses(answer("ok", Action::Accept));
    assert_eq!(cancelled.does(Command::Due {}), [""; 0]);
}

#[test]
fn rule_9_a_parked_task_starts_a_new_run_of_the_same_attempt_that_reads_its_answers() {
    let mut task = Task::new(Spec::new("t"));
    task.start_by("w1");
    task.does(task.ask("ok", None));
    task.does(task.lose(LostReason::Shutdown, true));
    task.does(answer("ok", Action::Accept));
    task.start_by("w2");
    assert_eq!((task.run().attempt, task.run().epoch), (1, 2));
    let request = task.record.requests.get("ok").expect("it was asked");
    assert!(!request.is_open());
}

#[test]
fn rule_14_a_live_task_is_never_dropped() {
    let mut task = Task::new(Spec::new("t"));
    let never = |task: &Task| drop_at(&task.record, Some(0)).is_none() && drop_at(&task.record, None).is_none();
    assert!(never(&task));
    task.start();
    assert!(never(&task));
    task.does(task.ask("ok", None));
    assert!(never(&task));
    task.does(cancel());
    assert!(never(&task), "its code has not ended");
    task.does(task.stopped());
    assert!(!never(&task));
}
