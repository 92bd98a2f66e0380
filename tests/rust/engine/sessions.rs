//! Sessions and families together.

use offstage_core::engine::{Key, OnConflict, Options};

use super::desk::Desk;
use crate::support::test;

fn enqueue(desk: &mut Desk, parent: Option<Key>) -> Key {
    desk.member("s", OnConflict::Enqueue, parent)
}

#[test]
fn a_grandchild_goes_on_past_its_ancestor_when_its_parent_is_no_more() {
    let mut desk = Desk::new(Options { max_retained: 0, ..Options::default() });
    let top = enqueue(&mut desk, None);
    desk.start_all();
    let between = desk.child(top);
    let before = desk.member("s", OnConflict::Parallel, None);
    desk.start_all();
    let last = enqueue(&mut desk, Some(between));
    assert!(desk.start_all().is_empty(), "it waits for the one before it");
    desk.succeed(between);
    assert_eq!(desk.status(between), None, "not kept");
    desk.succeed(before);
    assert_eq!(desk.start_all(), [last], "it does not wait for the one above it");
}

#[test]
fn who_waits_for_a_parent_keeps_none_of_its_children_waiting() {
    let mut desk = Desk::limit(9);
    let parent = enqueue(&mut desk, None);
    desk.start_all();
    let next = enqueue(&mut desk, None);
    let (one, two) = (enqueue(&mut desk, Some(parent)), enqueue(&mut desk, Some(parent)));
    assert_eq!(desk.start_all(), [one]);
    desk.succeed(one);
    assert_eq!(desk.start_all(), [two]);
    let three = enqueue(&mut desk, Some(parent));
    desk.succeed(parent);
    assert_eq!(desk.start_all(), [next], "it waited for those before it alone");
    desk.succeed(two);
    assert!(desk.start_all().is_empty(), "nobody is above the third any more");
    desk.succeed(next);
    assert_eq!(desk.start_all(), [three]);
}

#[test]
fn a_long_queue_moves_one_at_a_time() {
    let mut desk = Desk::limit(9);
    let all: Vec<Key> = (0..2_000).map(|_| enqueue(&mut desk, None)).collect();
    for &key in &all {
        assert_eq!(desk.start_all(), [key]);
        desk.succeed(key);
    }
    assert!(desk.engine.is_idle());
}

#[test]
fn a_cancelled_queue_is_gone_at_once() {
    let mut desk = Desk::limit(1);
    let first = enqueue(&mut desk, None);
    desk.start_all();
    for _ in 0..100 {
        enqueue(&mut desk, None);
    }
    assert_eq!(desk.engine.cancel_all(None, desk.now), 101);
    let run = desk.run(first);
    desk.engine.stopped(first, run, desk.now).expect("it was told to");
    assert!(desk.engine.is_idle() && desk.start_all().is_empty());
}
