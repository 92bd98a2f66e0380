//! Lent slots.

use offstage_core::engine::{Effect, Key};
use offstage_core::task::Status;

use super::desk::Desk;
use crate::support::test;

/// One slot: `parent` runs and has lent it to `other`.
fn lent() -> (Desk, Key, Key) {
    let mut desk = Desk::limit(1);
    let (parent, other) = (desk.plain(), desk.plain());
    desk.start();
    assert!(desk.engine.lend(parent).expect("a good name"));
    assert_eq!(desk.start_all(), [other]);
    (desk, parent, other)
}

fn restored(effects: &[Effect], of: Key) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Restored { key } if *key == of)).count()
}

#[test]
fn a_slot_is_lent_once_and_only_by_who_has_one() {
    let (mut desk, parent, other) = lent();
    assert!(!desk.engine.lend(parent).expect("a good name"), "lent already");
    let queued = desk.plain();
    assert!(!desk.engine.lend(queued).expect("a good name"), "it does not run");
    desk.succeed(other);
    assert!(!desk.engine.lend(other).expect("a good name"), "it has ended");
    assert_eq!(desk.engine.counts().slots, 0);
}

#[test]
fn asking_twice_is_answered_once_and_gives_no_slot_away() {
    let (mut desk, parent, other) = lent();
    desk.engine.reclaim(parent);
    desk.engine.reclaim(parent);
    assert!(desk.engine.next(desk.now).is_none());
    assert_eq!(restored(&desk.effects(), parent), 0, "its slot is in use");
    desk.succeed(other);
    let younger = desk.plain();
    assert!(desk.engine.next(desk.now).is_none(), "the slot is given back first");
    assert_eq!(restored(&desk.effects(), parent), 1);
    assert_eq!(desk.engine.counts().slots, 1);
    desk.succeed(parent);
    assert_eq!(desk.start_all(), [younger]);
}

#[test]
fn who_lent_nothing_goes_on_at_once() {
    let mut desk = Desk::limit(1);
    let task = desk.plain();
    desk.start();
    desk.engine.reclaim(task);
    assert_eq!(restored(&desk.effects(), task), 1);
    assert_eq!(desk.engine.counts().slots, 1);
    desk.succeed(task);
    desk.engine.drop(task);
    desk.effects();
    desk.engine.reclaim(task);
    assert_eq!(restored(&desk.effects(), task), 1, "also when it is no more");
}

#[test]
fn a_task_that_asks_while_it_wants_its_slot_takes_none() {
    let (mut desk, parent, other) = lent();
    desk.engine.reclaim(parent);
    desk.ask(parent);
    assert_eq!(restored(&desk.effects(), parent), 1, "its code does not wait for a slot");
    desk.succeed(other);
    let younger = desk.plain();
    assert_eq!(desk.start_all(), [younger]);
    assert_eq!(desk.status(parent), Some(Status::InputRequired));
    assert_eq!(desk.engine.counts().slots, 1);
}

#[test]
fn work_that_ends_while_it_wants_its_slot_is_told_and_forgotten() {
    let (mut desk, parent, other) = lent();
    desk.engine.reclaim(parent);
    desk.succeed(parent);
    assert_eq!(restored(&desk.effects(), parent), 1);
    assert_eq!(desk.engine.counts().slots, 1);
    desk.succeed(other);
    assert!(desk.engine.next(desk.now).is_none());
    assert_eq!(restored(&desk.effects(), parent), 0);
}
