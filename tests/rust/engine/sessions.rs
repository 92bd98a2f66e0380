//! Sessions and families together.

use offstage_core::engine::{Key, OnConflict, Options, Submission};
use offstage_core::task::{Spec, Status};

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

/// Of session `s` a parent that runs, another that runs beside it, one that waits for both, and of the parent first the
/// children that `before` makes, then one that waits for the other alone: for who waits for its parent it need not.
fn waiting_below(before: fn(&mut Desk, Key) -> Option<Key>) -> (Desk, Key, Key) {
    let mut desk = Desk::limit(9);
    let parent = desk.member("s", OnConflict::Parallel, None);
    let other = desk.member("s", OnConflict::Parallel, None);
    enqueue(&mut desk, None);
    desk.start_all();
    before(&mut desk, parent);
    desk.start_all();
    let child = enqueue(&mut desk, Some(parent));
    assert!(desk.start_all().is_empty(), "it waits for the other");
    (desk, other, child)
}

#[test]
fn a_child_is_found_behind_others_of_its_parent() {
    type Before = fn(&mut Desk, Key) -> Option<Key>;
    let befores: [(&str, Before); 3] = [
        ("nobody", |_, _| None),
        ("one of no session", |desk, parent| Some(desk.child(parent))),
        ("one of another session", |desk, parent| Some(desk.member("t", OnConflict::Enqueue, Some(parent)))),
    ];
    for (what, before) in befores {
        let (mut desk, other, child) = waiting_below(before);
        desk.succeed(other);
        assert_eq!(desk.start_all(), [child], "behind {what}");
    }
}

#[test]
fn a_grandchild_is_found_below_one_that_is_of_no_session() {
    let mut desk = Desk::limit(9);
    let parent = desk.member("s", OnConflict::Parallel, None);
    let other = desk.member("s", OnConflict::Parallel, None);
    enqueue(&mut desk, None);
    desk.start_all();
    let (first, between) = (desk.child(parent), desk.child(parent));
    desk.start_all();
    let (_, last) = (desk.child(first), enqueue(&mut desk, Some(between)));
    desk.start_all();
    assert_eq!(desk.status(last), Some(Status::Pending), "it waits for the other");
    desk.succeed(other);
    assert_eq!(desk.start_all(), [last]);
}

/// A child that would go first if it had not to wait.
fn urgent(desk: &mut Desk, parent: Key) -> Key {
    let spec = Spec { session_id: Some("s".into()), priority: Some(9.0), ..Spec::new("t") };
    desk.submit(Submission { spec, on_conflict: OnConflict::Enqueue, parent: Some(parent), ..Submission::default() })
}

/// Its parent runs in the only slot, `earlier` waits for one; then there are slots.
fn starts_beside(parent_in_session: bool, earlier: OnConflict) -> (Desk, Key, Key) {
    let mut desk = Desk::limit(1);
    let parent = if parent_in_session { desk.member("s", OnConflict::Parallel, None) } else { desk.plain() };
    desk.start();
    let earlier = desk.member("s", earlier, None);
    let child = urgent(&mut desk, parent);
    desk.engine.set_limit(9);
    (desk, earlier, child)
}

#[test]
fn a_child_waits_for_who_does_not_wait_for_its_parent() {
    for (parent_in_session, on_conflict) in [(false, OnConflict::Enqueue), (true, OnConflict::Parallel)] {
        let (mut desk, earlier, child) = starts_beside(parent_in_session, on_conflict);
        assert_eq!(desk.start_all(), [earlier], "{on_conflict:?}");
        desk.succeed(earlier);
        assert_eq!(desk.start_all(), [child]);
    }
    let (mut desk, earlier, child) = starts_beside(true, OnConflict::Enqueue);
    assert_eq!(desk.start_all(), [child], "for who waits for its parent it does not");
    assert_eq!(desk.status(earlier), Some(Status::Pending));
}

#[test]
fn a_child_waits_for_its_elder_sibling_whatever_its_priority() {
    let mut desk = Desk::limit(1);
    let parent = enqueue(&mut desk, None);
    desk.start();
    let (elder, child) = (enqueue(&mut desk, Some(parent)), urgent(&mut desk, parent));
    desk.engine.set_limit(9);
    assert_eq!(desk.start_all(), [elder]);
    desk.succeed(elder);
    assert_eq!(desk.start_all(), [child]);
}

#[test]
fn who_waits_for_a_parent_may_have_one_of_its_own() {
    let mut desk = Desk::limit(9);
    let parent = enqueue(&mut desk, None);
    let of_another = desk.plain();
    desk.start_all();
    enqueue(&mut desk, Some(of_another));
    assert!(desk.start_all().is_empty(), "it waits for the parent");
    let child = enqueue(&mut desk, Some(parent));
    assert_eq!(desk.start_all(), [child], "so the child does not wait for it");
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
