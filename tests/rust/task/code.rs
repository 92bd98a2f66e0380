//! Whose code a task runs (rule 17): what is found decides whether it is run, held or failed.

use offstage_core::task::{Action, Body, Command, FailureCode, LostReason, OnCodeChange, Spec, Status};

use crate::support::{Task, answer, cancel, test};

fn spec() -> Spec {
    Spec { version: Some("1".into()), digest: Some("d1".into()), ..Spec::new("t") }
}

fn with(policy: OnCodeChange) -> Spec {
    Spec { on_code_change: Some(policy), ..spec() }
}

fn started(spec: Spec) -> Task {
    let mut task = Task::new(spec);
    task.start();
    task
}

/// One that has a stored step, and runs again.
fn stepped(spec: Spec) -> Task {
    let mut task = started(Spec { retries: Some(3.0), ..spec });
    let run = task.run();
    task.does(Command::Step { attempt: run.attempt, epoch: run.epoch, key: "s".into() });
    task.does(task.fail(FailureCode::Failed));
    task.after(500).start();
    task
}

fn code(task: &Task, version: &str, digest: &str) -> Command {
    code_serving(task, version, digest, false)
}

fn code_serving(task: &Task, version: &str, digest: &str, serves: bool) -> Command {
    let run = task.run();
    Command::Code {
        attempt: run.attempt,
        epoch: run.epoch,
        version: version.into(),
        digest: Some(digest.into()),
        serves,
    }
}

fn found(version: &str, digest: &str, serves: bool) -> Command {
    Command::Found { version: version.into(), digest: Some(digest.into()), serves }
}

fn known(task: &Task) -> (Option<&str>, Option<&str>) {
    (task.record.version.as_deref(), task.record.digest.as_deref())
}

#[test]
fn code_as_the_task_knows_it_is_nothing() {
    let mut task = stepped(spec());
    assert_eq!(task.does(code(&task, "1", "d1")), [""; 0]);
}

#[test]
fn without_steps_and_answers_it_runs_what_is_there_and_knows_it() {
    let mut task = started(spec());
    assert_eq!(task.does(code(&task, "2", "d2")), ["code"]);
    assert_eq!((task.record.status, known(&task)), (Status::Running, (Some("2"), Some("d2"))));
    assert!(!task.record.code_changed);
    assert_eq!(task.last().data(), r#"{"attempt":1,"epoch":1,"version":"2","digest":"d2","held":false}"#);
}

#[test]
fn with_a_step_the_digest_is_a_fact_and_the_version_a_gate() {
    let mut task = stepped(spec());
    assert_eq!(task.does(code(&task, "1", "d2")), ["code"]);
    assert_eq!((task.record.status, task.record.code_changed), (Status::Running, true));
    let mut task = stepped(spec());
    assert_eq!(task.does(code(&task, "2", "d1")), ["code"]);
    assert_eq!((task.record.status, task.record.hold.as_ref(), task.record.attempt), (Status::Pending, None, 1));
    assert_eq!(task.record.held.as_ref().map(|held| held.version.as_str()), Some("2"));
    assert_eq!(known(&task), (Some("1"), Some("d1")), "it is still of its own version");
    assert!(task.record.columns().held && !task.record.code_changed);
    let start = Command::Start { worker: "w1".into(), digest: None };
    assert!(task.refuses(start).message().contains("its code is version 2 now"));
}

#[test]
fn an_answer_counts_like_a_step_and_a_held_task_keeps_its_place_at_the_head() {
    let mut task = started(spec());
    task.does(task.ask("ok", None));
    task.does(task.lose(LostReason::WorkerGone, true));
    task.does(answer("ok", Action::Accept));
    task.start_by("w2");
    task.does(code(&task, "2", "d2"));
    assert_eq!((task.record.status, task.record.resume, task.record.attempt), (Status::Pending, true, 1));
    task.does(found("1", "d1", false));
    task.start_by("w3");
    assert_eq!(task.does(code(&task, "1", "d1")), [""; 0]);
}

#[test]
fn an_open_question_is_no_memory() {
    let mut task = started(Spec { retries: Some(1.0), ..spec() });
    task.does(task.ask("ok", None));
    task.does(task.fail(FailureCode::Failed));
    task.after(500).start();
    task.does(code(&task, "2", "d2"));
    assert_eq!(task.record.status, Status::Running);
}

#[test]
fn code_that_serves_the_task_s_version_runs_and_the_version_stays() {
    let mut task = stepped(spec());
    assert_eq!(task.does(code_serving(&task, "2", "d2", true)), ["code"]);
    assert_eq!((task.record.status, known(&task)), (Status::Running, (Some("1"), Some("d2"))));
}

#[test]
fn the_policies() {
    let mut task = stepped(with(OnCodeChange::Run));
    task.does(code(&task, "2", "d2"));
    assert_eq!((task.record.status, known(&task).0), (Status::Running, Some("2")));
    let mut task = started(with(OnCodeChange::Hold));
    task.does(code(&task, "2", "d2"));
    assert_eq!((task.record.status, task.record.started_at), (Status::Pending, None));
    let mut task = started(Spec { retries: Some(5.0), ..with(OnCodeChange::Fail) });
    assert_eq!(task.does(code(&task, "2", "d2")), ["failed"]);
    let error = task.record.error.as_ref().expect("it failed");
    assert_eq!((error.name.as_str(), error.retryable), ("CodeChangedError", false));
    assert_eq!(error.message, "its code is version 2 now; it was submitted for version 1");
    assert_eq!(task.record.stopped_at, Some(task.now), "nothing of it has run");
    for policy in [OnCodeChange::Run, OnCodeChange::Hold, OnCodeChange::Fail] {
        let mut task = started(with(policy));
        assert_eq!(task.does(code(&task, "1", "other")), ["code"], "the digest is never a gate");
        assert_eq!(task.record.status, Status::Running);
    }
}

#[test]
fn a_held_task_is_let_go_by_its_own_code_and_tried_anew_with_other_code_than_it_was_held_for() {
    for (command, lets_go) in [
        (found("2", "d2", false), false),
        (found("1", "d9", false), true),
        (found("2", "d2", true), true),
        (found("2", "d3", false), true),
        (found("3", "d2", false), true),
    ] {
        let mut task = stepped(spec());
        task.does(code(&task, "2", "d2"));
        assert_eq!(task.does(command.clone()).len(), usize::from(lets_go), "{command:?}");
        assert_eq!(task.record.held.is_none(), lets_go);
        assert_eq!(task.record.version.as_deref(), Some("1"));
    }
    let mut free = Task::new(spec());
    assert_eq!(free.does(found("1", "d1", false)), [""; 0], "it is not held");
}

#[test]
fn update_lets_it_go_on_with_whatever_is_there() {
    let mut task = stepped(spec());
    task.does(code(&task, "2", "d2"));
    assert_eq!(task.does(Command::Update {}), ["updated"]);
    assert_eq!((known(&task), task.record.held.as_ref(), task.record.code_changed), ((None, None), None, true));
    task.start();
    assert_eq!(task.does(code(&task, "2", "d2")), ["code"]);
    assert_eq!((task.record.status, known(&task)), (Status::Running, (Some("2"), Some("d2"))));
}

#[test]
fn update_of_what_runs_is_for_the_next_start_and_of_what_has_ended_is_refused() {
    let mut task = started(spec());
    task.does(Command::Update {});
    assert_eq!(task.record.status, Status::Running);
    task.does(task.succeed());
    assert!(task.refuses(Command::Update {}).message().contains("runs no code any more"));
}

#[test]
fn a_held_task_ends_like_any_other() {
    let mut task = stepped(spec());
    task.does(code(&task, "2", "d2"));
    assert_eq!(task.does(cancel()), ["cancelled"]);
    assert_eq!((task.record.held.as_ref(), task.record.stopped_at), (None, Some(task.now)));
    let mut task = started(Spec { ttl_ms: Some(500.0), ..with(OnCodeChange::Hold) });
    task.does(code(&task, "2", "d2"));
    task.after(500);
    assert_eq!(task.does(Command::Due {}), ["failed"]);
}

#[test]
fn who_does_not_hold_it_says_nothing_of_its_code() {
    let mut task = started(spec());
    let command = code(&task, "2", "d2");
    task.does(task.release());
    assert_eq!(task.does(command.clone()), [""; 0]);
    task.start();
    assert_eq!(task.does(command), [""; 0], "that was another execution");
}

#[test]
fn what_was_stored_before_versions_were_binds_itself_to_what_it_runs() {
    let mut task = stepped(Spec::new("t"));
    assert_eq!(task.does(code(&task, "7", "d7")), ["code"]);
    assert_eq!((known(&task), task.record.code_changed), ((Some("7"), Some("d7")), false));
}

#[test]
fn the_data_of_both_kinds_is_read_as_it_was_written() {
    let mut task = stepped(spec());
    task.does(code(&task, "2", "d2"));
    task.does(Command::Update {});
    for event in &task.events {
        assert_eq!(Body::parse(event.body.kind(), &event.body.data()).as_ref(), Ok(&event.body));
    }
    assert_eq!(task.last().data(), r#"{"code":"current"}"#);
}
