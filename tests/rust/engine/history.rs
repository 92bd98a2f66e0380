//! How much of a task's story is kept: 10,000 events and 16 MiB. Beyond that older progress, log and output go, to nine tenths.

use offstage_core::engine::Key;
use offstage_core::task::{Action, Command, Json, Run};

use super::desk::Desk;
use crate::support::test;

const KIB_16: usize = 16 * 1024;
const KIB_64: usize = 64 * 1024;
/// So many lines of 64 KiB are 16 MiB.
const LINES: usize = 256;
/// More than 15,099,480 bytes: that many such lines go when there is one byte too many.
const GO: usize = 26;

/// A task that runs, and of which two events are kept whatever there is.
struct Story {
    desk: Desk,
    key: Key,
    run: Run,
}

impl Story {
    fn new() -> Self {
        let mut desk = Desk::limit(1);
        let key = desk.plain();
        let run = desk.start().run;
        Self { desk, key, run }
    }

    fn tell(&mut self, command: Command) {
        assert!(self.desk.engine.tell(self.key, command, self.desk.now).expect("it is underway"));
    }

    fn log(&mut self, bytes: usize) {
        let Run { attempt, epoch } = self.run;
        self.tell(Command::Log { attempt, epoch, line: "x".repeat(bytes) });
    }

    fn logs(&mut self, count: usize, bytes: usize) {
        (0..count).for_each(|_| self.log(bytes));
    }

    fn kept(&self) -> usize {
        self.desk.engine.events(self.key, 0).len()
    }
}

#[test]
fn there_are_10_000_events_and_with_one_more_9_000_are_left() {
    let mut story = Story::new();
    story.logs(9_998, 1);
    assert_eq!(story.kept(), 10_000);
    story.log(1);
    assert_eq!(story.kept(), 9_000);
    let kept = story.desk.engine.events(story.key, 0);
    let seqs: Vec<u64> = kept.iter().map(|event| event.seq).collect();
    let expected: Vec<u64> = [1, 2].into_iter().chain(1_004..=10_001).collect();
    assert_eq!(seqs, expected, "the oldest notes went, and only those");
    story.logs(1_000, 1);
    assert_eq!(story.kept(), 10_000);
    story.log(1);
    assert_eq!(story.kept(), 9_000);
}

#[test]
fn there_are_16_mib_and_with_one_byte_more_nine_tenths_of_it_are_left() {
    let mut story = Story::new();
    story.logs(LINES, KIB_64);
    assert_eq!(story.kept(), 2 + LINES);
    story.log(1);
    assert_eq!(story.kept(), 2 + LINES + 1 - GO);
    // What went is not counted any more.
    story.logs(GO - 1, KIB_64);
    story.log(KIB_64 - 1);
    assert_eq!(story.kept(), 2 + LINES + 1, "16 MiB again");
    story.log(1);
    assert_eq!(story.kept(), 2 + LINES + 2 - GO);
}

#[test]
fn nothing_goes_once_nine_tenths_are_reached_exactly() {
    let (left, last) = (230, 26_209);
    assert_eq!(left * KIB_64 + last, 16 * 1024 * 1024 / 10 * 9);
    let mut story = Story::new();
    story.logs(25, KIB_64);
    story.log(39_328);
    story.logs(left, KIB_64);
    assert_eq!(story.kept(), 2 + 26 + left);
    story.log(last);
    assert_eq!(story.kept(), 2 + left + 1, "26 went, and left nine tenths");
}

#[test]
fn all_that_was_said_counts() {
    type Say = fn(Run) -> Vec<Command>;
    let text = || Json::of(&"x".repeat(KIB_64 - 2));
    assert_eq!(text().as_str().len(), KIB_64);
    let says: [(&str, Say); 4] = [
        ("output", |Run { attempt, epoch }| {
            vec![Command::Output { attempt, epoch, chunk: Json::of(&"x".repeat(KIB_64 - 2)) }]
        }),
        ("progress", |Run { attempt, epoch }| {
            let data = Some(Json::of(&"x".repeat(KIB_16 - 2)));
            vec![Command::Progress { attempt, epoch, fraction: 0.5, message: Some("x".repeat(KIB_64 - KIB_16)), data }]
        }),
        ("a question", |Run { attempt, epoch }| {
            let (key, message) = ("ok".into(), "x".repeat(KIB_64));
            vec![Command::Ask { attempt, epoch, key, message, schema: None, expires_at: None }]
        }),
        ("an answer", |Run { attempt, epoch }| {
            let (key, message) = (String::from("ok"), String::new());
            let content = Some(Json::of(&"x".repeat(KIB_64 - 2)));
            vec![
                Command::Ask { attempt, epoch, key: key.clone(), message, schema: None, expires_at: None },
                Command::Answer { key, action: Action::Accept, content },
            ]
        }),
    ];
    for (what, say) in says {
        let mut story = Story::new();
        story.logs(LINES - 1, KIB_64);
        let commands = say(story.run);
        let all = 2 + LINES - 1 + commands.len();
        commands.into_iter().for_each(|command| story.tell(command));
        assert_eq!(story.kept(), all, "with {what} there are 16 MiB");
        story.log(1);
        assert_eq!(story.kept(), all + 1 - GO, "after {what} a byte is too much");
    }
}

#[test]
fn progress_without_words_and_steps_weigh_nothing() {
    let mut story = Story::new();
    story.logs(LINES, KIB_64);
    let Run { attempt, epoch } = story.run;
    story.tell(Command::Progress { attempt, epoch, fraction: 0.5, message: None, data: None });
    story.tell(Command::Step { attempt, epoch, key: "k".into() });
    assert_eq!(story.kept(), 2 + LINES + 2);
}
