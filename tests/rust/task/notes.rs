//! Progress, log, output, tools, warnings and steps.

use offstage_core::task::{Body, Command, Json, Run, Spec, body::Delivery, decide};

use crate::support::{Task, cancel, test};

fn notes(Run { attempt, epoch }: Run) -> [Command; 6] {
    [
        Command::Progress { attempt, epoch, fraction: 0.25, message: Some("reading".into()), data: None },
        Command::Log { attempt, epoch, line: "hello".into() },
        Command::Output { attempt, epoch, chunk: Json::null() },
        tool(Run { attempt, epoch }, "read_file", 7.0),
        warning(Run { attempt, epoch }, "length", "cut"),
        Command::Step { attempt, epoch, key: "first".into() },
    ]
}

fn tool(Run { attempt, epoch }: Run, name: &str, ms: f64) -> Command {
    let (step, call, name) = ("1.reader".into(), "2.1".into(), name.into());
    Command::Tool { attempt, epoch, step, call, name, ok: true, ms }
}

fn warning(Run { attempt, epoch }: Run, reason: &str, message: &str) -> Command {
    Command::Warning { attempt, epoch, reason: reason.into(), message: message.into() }
}

#[test]
fn notes_of_a_running_or_asking_execution_are_events() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let kinds = ["progress", "log", "output", "tool", "warning", "step"];
    for (note, kind) in notes(task.run()).into_iter().zip(kinds) {
        assert_eq!(task.does(note), [kind]);
    }
    task.does(task.ask("ok", None));
    for (note, kind) in notes(task.run()).into_iter().zip(kinds) {
        assert_eq!(task.does(note), [kind]);
    }
    assert_eq!((task.record.progress, task.record.progress_message.as_deref()), (0.25, Some("reading")));
}

#[test]
fn notes_of_a_stale_execution_or_a_terminal_task_are_nothing() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let run = task.run();
    for note in notes(Run { attempt: 1, epoch: 2 }).into_iter().chain(notes(Run { attempt: 2, epoch: 1 })) {
        assert_eq!(task.does(note), [""; 0]);
    }
    task.does(cancel());
    let before = task.record.clone();
    for note in notes(run) {
        assert_eq!(task.does(note), [""; 0]);
    }
    assert_eq!(task.record, before);
}

#[test]
fn progress_is_clamped_and_may_go_back() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let told = [(0.5, 0.5), (0.25, 0.25), (1.5, 1.0), (-3.0, 0.0), (f64::INFINITY, 1.0), (f64::NEG_INFINITY, 0.0)];
    for (fraction, kept) in told {
        task.does(Command::Progress { attempt: 1, epoch: 1, fraction, message: None, data: None });
        assert_eq!(task.record.progress, kept, "{fraction}");
    }
}

#[test]
fn progress_that_is_not_a_number_keeps_the_last_one() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(Command::Progress { attempt: 1, epoch: 1, fraction: 0.5, message: None, data: None });
    task.does(Command::Progress {
        attempt: 1,
        epoch: 1,
        fraction: f64::NAN,
        message: Some("0 of 0".into()),
        data: None,
    });
    assert_eq!((task.record.progress, task.record.progress_message.as_deref()), (0.5, Some("0 of 0")));
}

#[test]
fn data_of_a_progress_is_in_its_event_and_leaves_the_rest_as_it_was() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let told = |fraction: f64, message: Option<&str>, data: Option<&str>| Command::Progress {
        attempt: 1,
        epoch: 1,
        fraction,
        message: message.map(Into::into),
        data: data.map(|text| Json::parse(text, "data").expect("JSON")),
    };
    task.does(told(0.5, Some("half"), None));
    assert_eq!(task.last().data(), r#"{"fraction":0.5,"message":"half"}"#);
    task.does(told(f64::NAN, None, Some(r#"{"b":1.50,"a":[]}"#)));
    assert_eq!(task.last().data(), r#"{"fraction":0.5,"message":"half","data":{"b":1.50,"a":[]}}"#);
    task.does(told(f64::NAN, Some("more"), Some("null")));
    assert_eq!(task.last().data(), r#"{"fraction":0.5,"message":"more","data":null}"#);
    task.does(told(0.75, None, None));
    assert_eq!((task.record.progress, &task.record.progress_message), (0.75, &None));
    assert!(!task.record.to_json().contains("data"), "the record does not grow by it");
}

#[test]
fn data_of_a_progress_has_16_kib() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let with = |bytes: usize| {
        let data = Some(Json::of(&"x".repeat(bytes - 2)));
        Command::Progress { attempt: 1, epoch: 1, fraction: 0.5, message: None, data }
    };
    assert_eq!(task.does(with(16 * 1024)), ["progress"]);
    let error = decide(&task.record, with(16 * 1024 + 1), 0).expect_err("it is too much");
    assert_eq!(error.message(), "data: got 16385 bytes, expected at most 16 KiB");
}

#[test]
fn a_long_line_is_cut_at_a_character() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(Command::Log { attempt: 1, epoch: 1, line: "é".repeat(50_000) });
    let Body::Log(log) = task.last() else { panic!("not a log") };
    assert!(log.line.len() <= 64 * 1024 && log.line.len() > 64 * 1024 - 4, "{}", log.line.len());
    assert!(log.line.trim_end_matches('…').chars().all(|c| c == 'é'));
    assert!(log.line.ends_with('…'));
}

#[test]
fn a_line_within_the_limit_is_left_alone() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let line = "x".repeat(64 * 1024);
    task.does(Command::Log { attempt: 1, epoch: 1, line: line.clone() });
    let Body::Log(log) = task.last() else { panic!("not a log") };
    assert_eq!(log.line, line);
}

#[test]
fn a_line_of_one_byte_more_fills_the_limit_and_ends_with_the_sign_that_it_was_cut() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(Command::Log { attempt: 1, epoch: 1, line: "x".repeat(64 * 1024 + 1) });
    let Body::Log(log) = task.last() else { panic!("not a log") };
    assert_eq!(log.line, "x".repeat(64 * 1024 - 3) + "…");
}

#[test]
fn what_is_said_with_progress_is_cut_like_a_line() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    for (said, kept) in [(64 * 1024, "x".repeat(64 * 1024)), (64 * 1024 + 1, "x".repeat(64 * 1024 - 3) + "…")] {
        let message = Some("x".repeat(said));
        task.does(Command::Progress { attempt: 1, epoch: 1, fraction: 0.5, message, data: None });
        assert_eq!(task.record.progress_message.as_deref(), Some(kept.as_str()), "{said} bytes");
    }
}

#[test]
fn progress_is_kept_in_millionths() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    for (fraction, kept) in [(1.0 / 3.0, 0.333_333), (2.0 / 3.0, 0.666_667), (0.000_000_4, 0.0)] {
        task.does(Command::Progress { attempt: 1, epoch: 1, fraction, message: None, data: None });
        assert_eq!(task.record.progress, kept);
    }
}

#[test]
fn a_chunk_of_64_kib_is_taken_and_one_of_a_byte_more_is_not() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let quoted = |bytes: usize| Json::of(&"x".repeat(bytes - 2));
    let most = quoted(64 * 1024);
    task.does(Command::Output { attempt: 1, epoch: 1, chunk: most.clone() });
    let Body::Output(output) = task.last() else { panic!("not an output") };
    assert_eq!(output.chunk, most);
    let more = Command::Output { attempt: 1, epoch: 1, chunk: quoted(64 * 1024 + 1) };
    let error = task.put(more).expect_err("too large");
    assert_eq!(error.message(), "chunk: got 65537 bytes, expected at most 64 KiB, the limit of an event");
}

#[test]
fn a_step_has_a_key_of_1_to_200_characters() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let step = |key: &str| Command::Step { attempt: 1, epoch: 1, key: key.into() };
    for key in ["k".to_owned(), "é".repeat(200)] {
        assert_eq!(task.does(step(&key)), ["step"]);
    }
    for (key, length) in [(String::new(), 0), ("é".repeat(201), 201)] {
        let error = task.put(step(&key)).expect_err("a bad key");
        assert_eq!(error.message(), format!("key: got {length} characters, expected 1 to 200 characters"));
    }
}

#[test]
fn a_tool_and_a_warning_hold_what_was_told_and_leave_the_record() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let before = task.record.clone();
    task.does(tool(task.run(), "read_file", 7.0));
    task.does(warning(task.run(), "length", &"x".repeat(70_000)));
    let [.., used, warned] = task.events.as_slice() else { panic!("two events") };
    let data = r#"{"step":"1.reader","call":"2.1","name":"read_file","ok":true,"ms":7.0}"#;
    assert_eq!((used.body.kind(), used.body.data().replace("7.0", "7")), ("tool", data.replace("7.0", "7")));
    assert_eq!(Body::parse("tool", data), Ok(used.body.clone()));
    let Body::Warning(cut) = &warned.body else { panic!("{warned:?}") };
    assert_eq!((cut.reason.as_str(), cut.message.len()), ("length", 64 * 1024));
    assert_eq!((task.record.status, task.record.usage.clone()), (before.status, None));
    assert_eq!(task.record.seq, before.seq + 2);
}

#[test]
fn a_tool_or_a_warning_without_a_name_is_refused() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let run = task.run();
    let long = "x".repeat(201);
    let refused = [
        (tool(run, "", 1.0), "name: got 0 characters, expected 1 to 200"),
        (tool(run, &long, 1.0), "name: got 201 characters"),
        (tool(run, "t", -1.0), "ms: got -1, expected milliseconds from 0"),
        (tool(run, "t", f64::NAN), "ms: got NaN, expected milliseconds from 0"),
        (warning(run, "", "m"), "reason: got 0 characters"),
        (warning(run, &long, "m"), "reason: got 201 characters"),
    ];
    for (command, begins) in refused {
        let error = task.put(command).expect_err(begins);
        assert!(error.is_invalid_argument() && error.message().starts_with(begins), "{error}");
    }
}

#[test]
fn who_was_told_is_a_fact_whatever_the_task_is() {
    let delivery = Delivery { address: "ops".into(), id: "msg_1".into(), attempts: 2 };
    let mut task = Task::new(Spec::new("t"));
    task.start();
    assert_eq!(task.does(Command::Tell { delivery: delivery.clone(), failed: false }), ["delivered"]);
    task.does(task.succeed());
    let before = task.record.clone();
    assert_eq!(task.does(Command::Tell { delivery, failed: true }), ["delivery_failed"]);
    assert_eq!((task.record.status, task.record.stopped_at), (before.status, before.stopped_at));
    let told = task.events.last().expect("an event");
    assert_eq!(Body::parse("delivery_failed", &told.body.data()).as_ref(), Ok(&told.body));
}
