//! Each row of the table of attention (CONTRACT), and the order of signals.

use offstage_core::json;
use offstage_core::rules::attention::{Facts, Owner, TaskStatus, attention, attention_unreadable};
use offstage_core::task::{Command, FailureCode, LostReason, OnCodeChange, OnLost, Spec};

use crate::support::{Task, cancel, test};

/// A worker that lives and can run everything.
fn alive() -> Facts {
    Facts { owner: Owner::Alive, lease_until: Some(i64::MAX), runnable: true, ..Facts::default() }
}

fn nobody() -> Facts {
    Facts::default()
}

#[track_caller]
fn check(view: &TaskStatus, kind: &str, next: &str, needs_attention: bool, blocked: bool, signals: &[&str]) {
    assert_eq!((view.kind, view.next_action), (kind, next));
    assert_eq!((view.needs_attention, view.blocked), (needs_attention, blocked), "{view:?}");
    assert_eq!(view.signals, signals);
    assert_eq!(view.terminal, signals.contains(&"terminal"));
    assert_eq!(view.recovered, signals.contains(&"recovered"));
    let display = if view.recovered { format!("{kind} (recovered)") } else { kind.to_owned() };
    assert_eq!(view.display, display);
}

fn view(task: &Task, facts: Facts) -> TaskStatus {
    attention(&task.record, &facts, task.now)
}

fn running(spec: Spec) -> Task {
    let mut task = Task::new(spec);
    task.start();
    task
}

#[test]
fn cancelled() {
    let mut task = Task::new(Spec::new("t"));
    task.does(cancel());
    check(&view(&task, nobody()), "cancelled", "none", false, false, &["terminal"]);
}

#[test]
fn cancelled_and_stopping() {
    let mut task = running(Spec::new("t"));
    task.does(cancel());
    check(&view(&task, alive()), "cancelled", "none", false, false, &["stopping", "terminal"]);
    task.does(task.abandon());
    check(&view(&task, alive()), "cancelled", "none", false, false, &["abandoned", "terminal"]);
}

#[test]
fn completed() {
    let mut task = running(Spec::new("t"));
    task.does(task.succeed());
    check(&view(&task, nobody()), "completed", "result", false, false, &["terminal"]);
}

#[test]
fn timed_out() {
    let mut task = running(Spec::new("t"));
    task.does(task.time_out());
    check(&view(&task, alive()), "timed_out", "retry", true, false, &["stopping", "terminal"]);
    assert_eq!(view(&task, alive()).status, "failed");
}

#[test]
fn lost() {
    let mut task = running(Spec::new("t"));
    task.does(task.lose(LostReason::WorkerGone, true));
    check(&view(&task, nobody()), "lost", "retry", true, false, &["lost", "terminal"]);
}

#[test]
fn failed() {
    for code in [FailureCode::Failed, FailureCode::Unserializable] {
        let mut task = running(Spec::new("t"));
        task.does(task.fail(code));
        check(&view(&task, nobody()), "failed", "events", true, false, &["terminal"]);
    }
    let mut expired = Task::new(Spec { ttl_ms: Some(1.0), ..Spec::new("t") });
    expired.after(1).does(Command::Due {});
    check(&view(&expired, nobody()), "failed", "events", true, false, &["terminal"]);
}

#[test]
fn input_required() {
    let mut task = running(Spec::new("t"));
    task.does(task.ask("ok", None));
    check(&view(&task, alive()), "input_required", "respond", true, true, &["input_required"]);
    check(&view(&task, nobody()), "input_required", "respond", true, true, &["input_required"]);
}

#[test]
fn overdue_with_its_owner_gone() {
    let task = running(Spec::new("t"));
    let facts = Facts { owner: Owner::Gone, ..alive() };
    check(&view(&task, facts), "overdue", "recover", true, true, &["overdue"]);
}

#[test]
fn overdue_with_its_lease_over() {
    let mut task = running(Spec::new("t"));
    task.now = 5_000;
    let lease = |until| Facts { lease_until: Some(until), ..alive() };
    check(&view(&task, lease(5_000)), "running", "wait", false, false, &[]);
    check(&view(&task, lease(4_999)), "overdue", "recover", true, true, &["overdue"]);
}

#[test]
fn overdue_with_its_deadline_grace_and_5_s_over() {
    let mut task = running(Spec { timeout_ms: Some(1_000.0), kill_grace_ms: Some(300.0), ..Spec::new("t") });
    task.now = 2_000 + 300 + 5_000;
    check(&view(&task, alive()), "running", "wait", false, false, &[]);
    task.after(1);
    check(&view(&task, alive()), "overdue", "recover", true, true, &["overdue"]);
}

#[test]
fn running_is_waited_for() {
    check(&view(&running(Spec::new("t")), alive()), "running", "wait", false, false, &[]);
    let unseen = Facts { owner: Owner::Unknown, lease_until: None, ..alive() };
    check(&view(&running(Spec::new("t")), unseen), "running", "wait", false, false, &[]);
}

#[test]
fn retrying() {
    let mut task = running(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.does(task.fail(FailureCode::Failed));
    check(&view(&task, nobody()), "retrying", "wait", false, false, &["retrying"]);
    task.after(500);
    check(&view(&task, alive()), "queued", "wait", false, false, &[]);
}

#[test]
fn retrying_while_the_attempt_before_stops() {
    let mut task = running(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.does(task.time_out());
    check(&view(&task, alive()), "retrying", "wait", false, false, &["stopping", "retrying"]);
}

#[test]
fn scheduled() {
    let task = Task::new(Spec { delay_ms: Some(1.0), ..Spec::new("t") });
    check(&view(&task, nobody()), "scheduled", "wait", false, false, &["scheduled"]);
}

#[test]
fn queued() {
    let task = Task::new(Spec::new("t"));
    check(&view(&task, alive()), "queued", "wait", false, false, &[]);
}

#[test]
fn queued_with_no_worker() {
    let task = Task::new(Spec::new("t"));
    check(&view(&task, nobody()), "queued", "worker", true, true, &["no_worker"]);
}

#[test]
fn narrowed_tools_are_a_signal_and_need_nobody() {
    let task = Task::new(Spec::new("t"));
    let narrowed = |facts| Facts { tools_narrowed: true, ..facts };
    check(&view(&task, narrowed(alive())), "queued", "wait", false, false, &["tools_narrowed"]);
    check(&view(&task, narrowed(nobody())), "queued", "worker", true, true, &["no_worker", "tools_narrowed"]);
    let mut done = running(Spec::new("t"));
    done.does(cancel());
    check(
        &view(&done, narrowed(alive())),
        "cancelled",
        "none",
        false,
        false,
        &["stopping", "tools_narrowed", "terminal"],
    );
}

#[test]
fn unknown() {
    check(&attention_unreadable(), "unknown", "status", false, false, &[]);
    assert_eq!(attention_unreadable().status, "unknown");
    let task = Task::new(Spec::new("t"));
    assert_eq!(view(&task, Facts { unreadable: true, ..alive() }), attention_unreadable());
}

#[test]
fn recovered_is_shown() {
    let recover =
        Command::Recover { force: true, retry: false, overdue: false, reason: LostReason::Recovered, stopped: false };
    let mut failed = running(Spec::new("t"));
    failed.does(recover.clone());
    let signals = ["abandoned", "lost", "recovered", "terminal"];
    check(&view(&failed, nobody()), "lost", "retry", true, false, &signals);

    let mut again = running(Spec { on_lost: Some(OnLost::Retry), ..Spec::new("t") });
    again.does(recover);
    check(&view(&again, nobody()), "queued", "worker", true, true, &["abandoned", "no_worker", "recovered"]);
    again.start();
    check(&view(&again, alive()), "running", "wait", false, false, &["abandoned", "recovered"]);
    assert_eq!(view(&again, alive()).display, "running (recovered)");
}

#[test]
fn facts_are_read_with_defaults() {
    let facts: Facts = json::read(r#"{"owner":"gone","lease_until":5,"runnable":true}"#).expect("facts");
    assert_eq!(facts, Facts { owner: Owner::Gone, lease_until: Some(5), runnable: true, ..Facts::default() });
    let none: Facts = json::read(r#"{"owner":"unknown","lease_until":null,"runnable":false}"#).expect("facts");
    assert_eq!(none, Facts::default());
}

#[test]
fn held_since_its_code_has_changed() {
    let mut task =
        running(Spec { version: Some("1".into()), on_code_change: Some(OnCodeChange::Hold), ..Spec::new("t") });
    let run = task.run();
    let (attempt, epoch) = (run.attempt, run.epoch);
    task.does(Command::Code { attempt, epoch, version: "2".into(), digest: None, serves: false });
    for facts in [alive(), nobody()] {
        check(&view(&task, facts), "code_changed", "retry", true, true, &["code_changed"]);
    }
    task.does(Command::Update {});
    check(&view(&task, alive()), "queued", "wait", false, false, &[]);
}

#[test]
fn going_on_with_what_other_code_has_left_is_a_signal() {
    let mut task = running(Spec { version: Some("1".into()), digest: Some("a".into()), ..Spec::new("t") });
    let run = task.run();
    let (attempt, epoch) = (run.attempt, run.epoch);
    task.does(Command::Step { attempt, epoch, key: "s".into() });
    task.does(Command::Code { attempt, epoch, version: "1".into(), digest: Some("b".into()), serves: false });
    check(&view(&task, alive()), "running", "wait", false, false, &["code_changed"]);
    task.does(task.succeed());
    check(&view(&task, alive()), "completed", "result", false, false, &["code_changed", "terminal"]);
}

#[test]
fn who_was_not_told_is_seen_to_where_nothing_else_is_to_be_done() {
    let untold = |facts: Facts| Facts { undelivered: true, ..facts };
    let mut task = running(Spec::new("t"));
    check(&view(&task, untold(alive())), "running", "notify", true, false, &["undelivered"]);
    task.does(task.ask("ok", None));
    let asked = view(&task, untold(alive()));
    check(&asked, "input_required", "respond", true, true, &["input_required", "undelivered"]);
    task.does(task.succeed());
    check(&view(&task, untold(nobody())), "completed", "notify", true, false, &["undelivered", "terminal"]);
}
