//! Plain tasks: what is written down is what is decided.

use offstage_core::engine::{Dropped, Effect, Engine, Now, Options, Plain, Stage};
use offstage_core::task::{Command, FailureCode, Record, Run, Status};
use offstage_core::time::MAX_SPAN;

use super::desk::Desk;
use crate::support::test;

#[test]
fn the_record_of_a_plain_task_says_what_was_done() {
    let mut desk = Desk::limit(1);
    let plain = Plain { priority: 3, timeout_ms: Some(9_000), ..Plain::new("report") };
    let key = desk.engine.submit_plain(plain, desk.now).expect("it is taken");
    desk.after(10).start();
    let record = desk.engine.record(key).expect("it is there");
    assert_eq!((record.status, record.priority, record.attempt), (Status::Running, 3, 1));
    assert_eq!((record.created_at, record.started_at, record.deadline_at), (1_000, Some(1_010), Some(10_010)));
    assert_eq!(record.kill_grace_ms, 5_000);
    desk.after(20).succeed(key);
    let record = desk.engine.record(key).expect("it is there");
    assert_eq!((record.status, record.completed_at, record.progress), (Status::Completed, Some(1_030), 1.0));
    let events: Vec<_> = desk.engine.events(key, 0).iter().map(|event| (**event).clone()).collect();
    assert_eq!(events.iter().map(|event| event.body.kind()).collect::<Vec<_>>(), ["submitted", "started", "completed"]);
    assert_eq!(Record::replay(&events), Some(record));
    assert_eq!(desk.engine.events(key, 2).len(), 1);
}

#[test]
fn a_timeout_of_zero_is_none() {
    let mut desk = Desk::limit(1);
    let plain = Plain { timeout_ms: Some(0), ..Plain::new("t") };
    let key = desk.engine.submit_plain(plain, desk.now).expect("it is taken");
    desk.start();
    assert_eq!(desk.engine.sleep(desk.now), None);
    desk.after(1_000_000_000);
    assert_eq!(desk.status(key), Some(Status::Running));
}

#[test]
fn its_time_counts_from_its_start_however_late_somebody_looks() {
    let mut desk = Desk::limit(1);
    let plain = Plain { timeout_ms: Some(1_000), ..Plain::new("t") };
    let key = desk.engine.submit_plain(plain, desk.now).expect("it is taken");
    desk.start();
    desk.after(600).ask(key);
    desk.after(60_000);
    let answer = Command::Answer { key: "ok".into(), action: offstage_core::task::Action::Accept, content: None };
    desk.engine.tell(key, answer, desk.now).expect("it is asked");
    assert!(desk.start().resume);
    desk.after(399);
    assert_eq!(desk.status(key), Some(Status::Running));
    desk.after(1);
    let record = desk.engine.record(key).expect("it is there");
    assert_eq!(record.error.as_ref().map(|error| error.code), Some(FailureCode::Timeout));
}

#[test]
fn only_the_engine_starts_and_only_what_runs_reports() {
    let mut desk = Desk::limit(1);
    let key = desk.plain();
    let start = Command::Start { worker: "w".into(), digest: None };
    assert!(desk.engine.tell(key, start, desk.now).is_err_and(|error| error.is_conflict()));
    let run = Run { attempt: 1, epoch: 1 };
    assert!(desk.engine.succeed(key, run, desk.now).is_err_and(|error| error.is_conflict()));
    assert_eq!(desk.status(key), Some(Status::Pending));
    desk.start();
    assert!(desk.engine.stopped(key, run, desk.now).is_err_and(|error| error.is_conflict()), "it was not told to");
    desk.engine.succeed(key, run, desk.now).expect("it runs");
    assert_eq!(desk.status(key), Some(Status::Completed));
}

#[test]
fn the_code_of_a_task_of_a_runner_does_not_change() {
    let mut desk = Desk::limit(1);
    let key = desk.plain();
    let Run { attempt, epoch } = desk.start().run;
    let version = || String::from("2");
    let commands = [
        Command::Code { attempt, epoch, version: version(), digest: None, serves: false },
        Command::Found { version: version(), digest: None, serves: false },
        Command::Update {},
    ];
    for command in commands {
        let error = desk.engine.tell(key, command, desk.now).expect_err("it lives in this process");
        assert!(error.is_conflict());
        assert_eq!(error.message(), "a task of a runner runs the code that it was given");
    }
    assert_eq!(desk.engine.events(key, 0).len(), 2);
}

#[test]
fn ids_are_a_function_of_seed_and_number() {
    let ids = |seed: [u8; 16]| {
        let mut engine = Engine::new(Options::default(), seed).unwrap();
        let keys: Vec<_> = (0..3).map(|_| engine.submit_plain(Plain::new("t"), Now::at(0)).expect("taken")).collect();
        keys.into_iter().map(|key| engine.id(key).to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids([1; 16]), ids([1; 16]));
    let all: std::collections::BTreeSet<_> = ids([1; 16]).into_iter().chain(ids([2; 16])).collect();
    assert_eq!(all.len(), 6);
}

#[test]
fn the_story_of_a_talkative_task_is_shortened_where_it_matters_least() {
    let mut desk = Desk::limit(1);
    let key = desk.plain();
    let Run { attempt, epoch } = desk.start().run;
    for n in 0..25_000 {
        let line = format!("line {n}");
        desk.engine.tell(key, Command::Log { attempt, epoch, line }, desk.now).expect("it runs");
    }
    desk.succeed(key);
    let events = desk.engine.events(key, 0);
    assert!((9_000..=10_000).contains(&events.len()), "{} events", events.len());
    let kinds: Vec<_> = events.iter().map(|event| event.body.kind()).filter(|kind| *kind != "log").collect();
    assert_eq!(kinds, ["submitted", "started", "completed"]);
    assert!(events.windows(2).all(|two| two[0].seq < two[1].seq));
    assert_eq!(events.last().map(|event| event.seq), Some(25_003));
    assert_eq!(desk.engine.events(key, 25_001).len(), 2);
}

#[test]
fn of_an_ordinary_life_only_numbers_are_kept() {
    let mut desk = Desk::new(Options { limit: 1, max_retained: 0, ..Options::default() });
    let (ran, cancelled) = (desk.plain(), desk.plain());
    desk.after(10).start();
    desk.after(10);
    assert!(desk.engine.cancel(cancelled, None, desk.now));
    desk.after(10).succeed(ran);
    let dropped = desk.effects().into_iter().filter_map(|effect| match effect {
        Effect::Dropped { key, task: Dropped::Noted(noted) } => {
            Some((key, noted.stage, [noted.created_at, noted.started_at, noted.ended_at]))
        }
        _ => None,
    });
    let expected = [(cancelled, Stage::Cancelled, [1_000, 0, 1_020]), (ran, Stage::Completed, [1_000, 1_010, 1_030])];
    assert_eq!(dropped.collect::<Vec<_>>(), expected);
}

#[test]
fn names_and_timeouts_have_limits() {
    let mut desk = Desk::limit(1);
    let now = desk.now;
    let mut refused = |plain: Plain| {
        let error = desk.engine.submit_plain(plain, now).expect_err("it is refused");
        assert!(error.is_invalid_argument());
        error.message().to_owned()
    };
    assert_eq!(refused(Plain::new("")), "name: got 0 characters, expected 1 to 200 characters");
    assert_eq!(refused(Plain::new(&"é".repeat(201))), "name: got 201 characters, expected 1 to 200 characters");
    for timeout in [-1, MAX_SPAN + 1] {
        let message = format!("timeout_ms: got {timeout}, expected milliseconds from 0 to 100 years");
        assert_eq!(refused(Plain { timeout_ms: Some(timeout), ..Plain::new("t") }), message);
    }
    for (name, timeout) in [("t".to_owned(), MAX_SPAN), ("é".repeat(200), 1)] {
        let plain = Plain { timeout_ms: Some(timeout), ..Plain::new(&name) };
        let key = desk.engine.submit_plain(plain, now).expect("it is taken");
        let record = desk.engine.record(key).expect("it is there");
        assert_eq!((record.name.as_str(), record.timeout_ms), (name.as_str(), Some(timeout)));
    }
}
