//! Progress, log, output and steps.

use offstage_core::task::{Body, Command, Json, Run, Spec};

use crate::support::{Task, cancel, test};

fn notes(Run { attempt, epoch }: Run) -> [Command; 4] {
    [
        Command::Progress { attempt, epoch, fraction: 0.25, message: Some("reading".into()) },
        Command::Log { attempt, epoch, line: "hello".into() },
        Command::Output { attempt, epoch, chunk: Json::null() },
        Command::Step { attempt, epoch, key: "first".into() },
    ]
}

#[test]
fn notes_of_a_running_or_asking_execution_are_events() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let kinds = ["progress", "log", "output", "step"];
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
        task.does(Command::Progress { attempt: 1, epoch: 1, fraction, message: None });
        assert_eq!(task.record.progress, kept, "{fraction}");
    }
}

#[test]
fn progress_that_is_not_a_number_keeps_the_last_one() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    task.does(Command::Progress { attempt: 1, epoch: 1, fraction: 0.5, message: None });
    task.does(Command::Progress { attempt: 1, epoch: 1, fraction: f64::NAN, message: Some("0 of 0".into()) });
    assert_eq!((task.record.progress, task.record.progress_message.as_deref()), (0.5, Some("0 of 0")));
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
fn a_large_chunk_is_refused_and_names_the_limit() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let chunk = Json::of(&"x".repeat(64 * 1024));
    let error = task.put(Command::Output { attempt: 1, epoch: 1, chunk }).expect_err("too large");
    assert!(error.is_invalid_argument());
    assert!(error.message().contains("at most 64 KiB, the limit of an event"), "{error}");
}
