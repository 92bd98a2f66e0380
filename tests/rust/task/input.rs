//! Asking a person.

use offstage_core::task::{Action, Body, CancelledBy, Command, FailureCode, Json, LostReason, Spec, Status};

use crate::support::{Task, answer, cancel, test};

fn asking(expires_at: Option<i64>) -> Task {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(task.ask("ok", expires_at));
    task
}

#[test]
fn an_answer_is_kept_with_its_content_as_it_was_given() {
    let mut task = asking(None);
    let content = Json::parse(r#"{"b":1.50,"a":[null]}"#, "content").expect("JSON");
    task.does(Command::Answer { key: "ok".into(), action: Action::Accept, content: Some(content.clone()) });
    let request = task.record.requests.get("ok").expect("it was asked");
    let answer = request.answer.as_ref().expect("it was answered");
    assert_eq!((answer.action, answer.content.as_ref()), (Action::Accept, Some(&content)));
}

#[test]
fn an_answer_to_an_unknown_or_answered_request_is_refused() {
    let mut task = asking(None);
    task.does(task.ask("other", None));
    assert!(task.refuses(answer("which", Action::Accept)).message().contains("is not asked"));
    task.does(answer("ok", Action::Decline));
    assert!(task.refuses(answer("ok", Action::Accept)).message().contains("is answered already"));
    assert!(task.refuses(answer("ok", Action::Cancel)).message().contains("is answered already"));
}

#[test]
fn an_answer_to_an_expired_request_is_refused_even_before_that_was_decided() {
    let mut task = asking(Some(2_000));
    task.now = 2_000;
    assert!(task.refuses(answer("ok", Action::Accept)).message().contains("its time is over"));
    task.now = 1_999;
    assert_eq!(task.does(answer("ok", Action::Accept)), ["input_answered"]);
}

#[test]
fn an_answer_to_a_terminal_task_is_refused() {
    let mut task = asking(None);
    task.does(cancel());
    assert!(task.refuses(answer("ok", Action::Accept)).message().contains("the task has ended"));
}

#[test]
fn the_first_of_answer_cancel_and_expiry_wins() {
    let mut answered = asking(Some(2_000));
    answered.does(answer("ok", Action::Accept));
    answered.now = 3_000;
    assert_eq!(answered.does(Command::Due {}), [""; 0], "an answered request does not expire");

    let mut expired = asking(Some(2_000));
    expired.now = 2_000;
    expired.does(Command::Due {});
    assert_eq!(expired.does(cancel()), [""; 0]);
    expired.refuses(answer("ok", Action::Accept));

    let mut cancelled = asking(Some(2_000));
    cancelled.does(cancel());
    cancelled.now = 2_000;
    assert_eq!(cancelled.does(Command::Due {}), [""; 0]);
    assert_eq!(cancelled.record.status, Status::Cancelled);
}

#[test]
fn of_several_requests_the_one_that_expired_first_is_named() {
    let mut task = asking(Some(3_000));
    task.does(task.ask("sooner", Some(2_000)));
    assert_eq!(task.record.columns().due_at, Some(2_000));
    task.now = 9_000;
    task.does(Command::Due {});
    let error = task.record.error.as_ref().expect("it failed");
    assert_eq!(error.message, "request 'sooner' was not answered in time");
    assert_eq!(error.details.as_ref().map(Json::as_str), Some(r#"{"key":"sooner"}"#));
}

#[test]
fn a_question_is_asked_once() {
    let mut task = asking(None);
    assert_eq!(task.does(task.ask("ok", Some(5_000))), [""; 0], "it is open");
    task.does(answer("ok", Action::Accept));
    task.does(task.lose(LostReason::WorkerGone, true));
    task.start_by("w2");
    assert_eq!(task.does(task.ask("ok", None)), [""; 0], "the run from the top reads its answer in the record");
    assert_eq!(task.record.status, Status::Running);
}

#[test]
fn answers_stay_for_the_next_attempt_and_open_requests_do_not() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    task.does(task.ask("answered", None));
    task.does(task.ask("open", None));
    task.does(answer("answered", Action::Accept));
    task.does(task.fail(FailureCode::Failed));
    let keys: Vec<_> = task.record.requests.iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["answered"]);
}

#[test]
fn what_does_not_run_cannot_ask() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    let ask = task.ask("ok", None);
    task.does(task.time_out());
    assert!(task.refuses(ask.clone()).message().contains("no longer runs and cannot ask"));
    task.does(cancel());
    task.refuses(ask);
}

#[test]
fn code_that_does_not_wait_for_its_answer_may_ask_again_fail_or_succeed() {
    let mut task = asking(None);
    task.does(answer("ok", Action::Accept));
    assert_eq!(task.record.status, Status::Pending);
    assert_eq!(task.does(task.ask("more", None)), ["input_requested"]);
    assert_eq!((task.record.status, task.record.resume), (Status::InputRequired, false));
    task.does(answer("more", Action::Accept));
    assert_eq!(task.does(task.succeed()), ["completed"]);

    let mut task = asking(None);
    task.does(answer("ok", Action::Accept));
    assert_eq!(task.does(task.fail(FailureCode::Failed)), ["failed"]);
}

#[test]
fn a_cancel_by_answer_says_so() {
    let mut task = asking(None);
    task.does(answer("ok", Action::Cancel));
    let Body::Cancelled(cancelled) = task.last() else { panic!("not cancelled") };
    assert_eq!(cancelled.by, CancelledBy::Answer);
}

#[test]
fn requests_come_in_the_order_in_which_they_were_asked() {
    let mut task = asking(None);
    task.does(task.ask("a", None));
    task.does(task.ask("0", None));
    let keys: Vec<_> = task.record.requests.open().map(|(key, _)| key).collect();
    assert_eq!(keys, ["ok", "a", "0"]);
}

#[test]
fn keys_have_1_to_200_characters() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    for (key, length) in [(String::new(), 0), ("é".repeat(201), 201)] {
        let error = task.put(task.ask(&key, None)).expect_err("a bad key");
        assert!(error.is_invalid_argument());
        assert_eq!(error.message(), format!("key: got {length} characters, expected 1 to 200 characters"));
    }
    for key in ["k".to_owned(), "é".repeat(200)] {
        assert_eq!(task.does(task.ask(&key, None)), ["input_requested"]);
    }
}

/// A JSON text of so many bytes.
fn json(bytes: usize) -> Json {
    Json::of(&"x".repeat(bytes - 2))
}

/// Refused, as it has a byte more than 64 KiB.
#[track_caller]
fn is_too_long(task: &mut Task, command: Command, option: &str) {
    let error = task.put(command).expect_err("a byte more");
    assert!(error.is_invalid_argument());
    let message = format!("{option}: got 65537 bytes, expected at most 64 KiB, the limit of an event");
    assert_eq!(error.message(), message);
}

#[test]
fn messages_schemas_and_contents_have_64_kib_and_no_byte_more() {
    let most = 64 * 1024;
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let ask = |key: &str, message: usize, schema: usize| {
        let (key, message, schema) = (key.into(), "m".repeat(message), Some(json(schema)));
        Command::Ask { attempt: 1, epoch: 1, key, message, schema, expires_at: None }
    };
    is_too_long(&mut task, ask("ok", most + 1, most), "message");
    is_too_long(&mut task, ask("ok", most, most + 1), "schema");
    assert_eq!(task.does(ask("ok", most, most)), ["input_requested"]);
    let answer =
        |content: usize| Command::Answer { key: "ok".into(), action: Action::Accept, content: Some(json(content)) };
    is_too_long(&mut task, answer(most + 1), "content");
    assert_eq!(task.does(answer(most)), ["input_answered"]);
}
