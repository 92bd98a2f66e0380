//! Records that are kept, and entries that are used again.

use offstage_core::engine::{Dropped, Effect, OnConflict, Options};
use offstage_core::task::Status;

use super::desk::Desk;
use crate::support::test;

#[test]
fn a_late_result_does_not_keep_a_record_for_ever() {
    let mut desk =
        Desk::new(Options { kill_grace_ms: 100, cleanup_delay_ms: 1_000, max_retained: 10, ..Options::default() });
    let (slow, quick) = (desk.plain(), desk.plain());
    desk.start_all();
    let run = desk.run(slow);
    desk.engine.cancel(slow, None, desk.now);
    desk.after(100);
    assert_eq!(desk.engine.counts().abandoned, 1);
    desk.after(10).succeed(quick);
    desk.engine.succeed(slow, run, desk.now).expect("late, not wrong");
    let last = desk.engine.events(slow, 0).last().map(|event| event.body.kind());
    assert_eq!(last, Some("late_result"));
    assert_eq!(desk.engine.sleep(desk.now), Some(990_000));
    desk.after(990);
    assert_eq!((desk.status(slow), desk.status(quick)), (None, Some(Status::Completed)));
    desk.after(10);
    assert_eq!(desk.status(quick), None);
    assert_eq!(desk.engine.sleep(desk.now), None);
}

#[test]
fn an_entry_is_used_again_once_its_driver_knows() {
    let mut desk = Desk::limit(1);
    let first = desk.plain();
    desk.start();
    desk.succeed(first);
    assert!(desk.engine.drop(first) && !desk.engine.drop(first));
    let second = desk.plain();
    assert_ne!(second.slot, first.slot, "nobody was told that the first is no more");
    let effects = desk.effects();
    let dropped = effects.iter().find(|effect| matches!(effect, Effect::Dropped { .. }));
    assert!(matches!(dropped, Some(Effect::Dropped { key, task: Dropped::Noted(_) }) if *key == first));
    let third = desk.plain();
    assert_eq!(third.slot, first.slot);
    assert_ne!(third, first);
}

#[test]
fn a_key_of_a_dropped_task_finds_nothing() {
    let mut desk = Desk::limit(1);
    let first = desk.plain();
    let started = desk.start();
    desk.succeed(first);
    let id = desk.engine.id(first);
    desk.engine.drop(first);
    desk.effects();
    let other = desk.plain();
    assert_eq!(other.slot, first.slot);
    assert_eq!((desk.status(first), desk.engine.record(first)), (None, None));
    assert!(desk.engine.events(first, 0).is_empty());
    assert!(!desk.engine.cancel(first, None, desk.now) && !desk.engine.drop(first));
    desk.engine.succeed(first, started.run, desk.now).expect("nothing happens");
    assert!(!desk.engine.lend(first).expect("nothing happens"));
    assert_eq!(desk.status(other), Some(Status::Pending));
    assert_eq!(desk.engine.id(first), id, "its id is known still");
}

#[test]
fn interrupting_a_family_of_which_nothing_is_kept() {
    let mut desk = Desk::new(Options { limit: 1, max_retained: 0, ..Options::default() });
    let parent = desk.member("s", OnConflict::Parallel, None);
    desk.start();
    let child = desk.member("s", OnConflict::Parallel, Some(parent));
    let newcomer = desk.member("s", OnConflict::Interrupt, None);
    assert_eq!((desk.status(parent), desk.status(child)), (Some(Status::Cancelled), None));
    let run = desk.run(parent);
    desk.engine.stopped(parent, run, desk.now).expect("it was told to");
    assert_eq!(desk.start_all(), [newcomer]);
}

#[test]
fn nothing_is_dropped_while_it_stops() {
    let mut desk = Desk::new(Options { max_retained: 0, cleanup_delay_ms: 0, ..Options::default() });
    let task = desk.plain();
    desk.start();
    desk.engine.cancel(task, None, desk.now);
    assert!(!desk.engine.drop(task));
    desk.after(4_999);
    assert_eq!(desk.status(task), Some(Status::Cancelled));
    desk.after(1);
    assert_eq!(desk.status(task), None);
}
