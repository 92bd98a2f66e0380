//! Events as text.

use offstage_core::task::{Action, Body, Command, Json, LostReason, OnLost, Spec};
use serde_json::Value;

use crate::support::{Task, answer, cancel, succeed, test};

/// A life in which every kind of event occurs, `failed` and `completed` apart.
fn eventful() -> Task {
    let mut task = Task::new(Spec { retries: Some(5.0), on_lost: Some(OnLost::Retry), ..Spec::new("t") });
    task.start();
    task.does(Command::Progress { attempt: 1, epoch: 1, fraction: 0.1, message: None, data: None });
    task.does(Command::Progress { attempt: 1, epoch: 1, fraction: 0.1, message: None, data: Some(Json::null()) });
    task.does(Command::Log { attempt: 1, epoch: 1, line: "l".into() });
    task.does(Command::Output { attempt: 1, epoch: 1, chunk: Json::of(&[1, 2]) });
    task.does(Command::Step { attempt: 1, epoch: 1, key: "k".into() });
    task.does(task.ask("ok", None));
    task.does(answer("ok", Action::Accept));
    task.start();
    task.does(task.lose(LostReason::WorkerGone, false));
    task.start();
    task.does(Command::Recover {
        force: true,
        retry: true,
        overdue: false,
        reason: LostReason::Recovered,
        stopped: true,
    });
    task.start();
    let run = task.run();
    task.does(cancel());
    task.does(succeed(run));
    task
}

#[test]
fn every_kind_survives_being_written_and_read() {
    let mut events = eventful().events;
    let mut completed = Task::new(Spec::new("t"));
    completed.start();
    completed.does(completed.succeed());
    let mut failed = Task::new(Spec::new("t"));
    failed.start();
    failed.does(failed.time_out());
    events.extend(completed.events);
    events.extend(failed.events);
    let mut kinds: Vec<_> = events.iter().map(|event| event.body.kind()).collect();
    for event in &events {
        let (kind, data) = (event.body.kind(), event.body.data());
        let value: Value = serde_json::from_str(&data).expect("the data is JSON");
        assert!(value.is_object(), "{kind}: {data}");
        assert_eq!(Body::parse(kind, &data).as_ref(), Ok(&event.body));
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 17, "{kinds:?}");
}

#[test]
fn seq_counts_from_1_without_a_gap_and_at_is_never_before_the_event_before() {
    let mut task = eventful();
    let seqs: Vec<_> = task.events.iter().map(|event| event.seq).collect();
    let counted: Vec<_> = (1..=task.events.len() as u64).collect();
    assert_eq!(seqs, counted);
    task = Task::submitted_at(Spec::new("t"), 50);
    task.now = 40;
    task.start();
    assert_eq!((task.events[1].seq, task.events[1].at), (2, 50), "one clock may be behind another");
    task.after(20).does(cancel());
    assert_eq!((task.events[2].at, task.record.started_at, task.record.completed_at), (60, Some(50), Some(60)));
}

#[test]
fn exactly_three_kinds_are_terminal() {
    for event in eventful().events {
        let terminal = ["completed", "failed", "cancelled"].contains(&event.body.kind());
        assert_eq!(event.body.is_terminal(), terminal, "{}", event.body.kind());
    }
}

#[test]
fn only_a_retry_of_what_never_began_says_so() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(task.release());
    assert!(task.last().data().ends_with(r#""settled":true,"counted":false,"begun":false}"#), "{}", task.last().data());
    task.start();
    task.does(task.fail(offstage_core::task::FailureCode::Failed));
    let data = task.last().data();
    assert!(data.ends_with(r#""run_at":1500,"settled":true,"counted":true}"#), "{data}");
}

#[test]
fn an_unknown_kind_or_other_data_is_unreadable() {
    for (kind, data) in [("paused", "{}"), ("started", "{}"), ("log", "not JSON"), ("log\"", "{}"), ("", "")] {
        assert!(Body::parse(kind, data).expect_err(kind).is_unreadable());
    }
}

#[test]
fn a_long_error_is_cut_and_does_not_keep_the_attempt_from_ending() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let mut error = crate::support::failure(offstage_core::task::FailureCode::Failed);
    error.message = "é".repeat(100_000);
    error.details = Some(Json::of(&"x".repeat(70_000)));
    assert_eq!(task.does(task.fail_with(error, true)), ["failed"]);
    let stored = task.record.error.as_ref().expect("it failed");
    assert!(stored.message.len() <= 64 * 1024 && stored.message.ends_with('…'));
    assert_eq!(stored.details, None);
}

#[test]
fn an_error_of_64_kib_a_part_is_kept_whole() {
    let most = 64 * 1024;
    let stored = |name: usize, message: usize, details: usize| {
        let mut task = Task::new(Spec::new("t"));
        task.start();
        let mut error = crate::support::failure(offstage_core::task::FailureCode::Failed);
        error.name = "n".repeat(name);
        error.message = "m".repeat(message);
        error.details = Some(Json::of(&"d".repeat(details - 2)));
        task.does(task.fail_with(error, true));
        let error = task.record.error.clone().expect("it failed");
        (error.name, error.message, error.details.map(|details| details.as_str().len()))
    };
    assert_eq!(stored(most, most, most), ("n".repeat(most), "m".repeat(most), Some(most)));
    let cut = |of: &str| of.repeat(most - 3) + "…";
    assert_eq!(stored(most + 1, most + 1, most + 1), (cut("n"), cut("m"), None), "details are all or nothing");
}
