//! When there is something to start.

use offstage_core::engine::{OnConflict, Options};
use offstage_core::task::{Spec, Status};

use super::desk::{Desk, task};
use crate::support::test;

#[test]
fn there_is_a_next_one_while_somebody_is_ready_and_a_slot_is_free() {
    let mut desk = Desk::limit(1);
    assert!(!desk.engine.has_next(), "nobody is there");
    let first = desk.plain();
    assert!(desk.engine.has_next());
    desk.start();
    assert!(!desk.engine.has_next(), "nobody is left");
    desk.plain();
    assert!(!desk.engine.has_next(), "the slot is in use");
    desk.engine.set_limit(2);
    assert!(desk.engine.has_next(), "another slot");
    desk.engine.set_limit(1);
    desk.succeed(first);
    assert!(desk.engine.has_next(), "the slot is free again");
    desk.engine.set_limit(0);
    assert!(!desk.engine.has_next(), "no slots at all");
}

#[test]
fn while_it_is_paused_only_a_lent_slot_is_given_back() {
    let mut desk = Desk::limit(1);
    let (parent, child) = (desk.plain(), desk.plain());
    desk.start();
    assert!(desk.engine.lend(parent).expect("a good name"));
    desk.engine.pause();
    assert!(!desk.engine.has_next(), "the child is ready, and nothing starts");
    desk.engine.resume();
    assert!(desk.engine.has_next());
    assert_eq!(desk.start().key, child);
    desk.engine.reclaim(parent);
    desk.engine.pause();
    assert!(!desk.engine.has_next(), "its slot is in use");
    desk.succeed(child);
    assert!(desk.engine.has_next(), "it is free, and somebody wants it back");
    assert!(desk.engine.next(desk.now).is_none(), "nothing is started");
    assert!(!desk.engine.has_next() && desk.engine.counts().slots == 1);
}

#[test]
fn what_waits_for_a_time_or_for_its_session_is_no_next_one() {
    let mut desk = Desk::new(Options { limit: 2, ..Options::default() });
    let late = desk.submit(task(Spec { delay_ms: Some(50.0), ..Spec::new("t") }));
    assert!(!desk.engine.has_next());
    let first = desk.member("s", OnConflict::Parallel, None);
    desk.start();
    desk.member("s", OnConflict::Enqueue, None);
    assert!(!desk.engine.has_next());
    desk.succeed(first);
    assert!(desk.engine.has_next());
    desk.start();
    assert!(!desk.engine.has_next());
    desk.after(50);
    assert!(desk.engine.has_next() && desk.status(late) == Some(Status::Pending));
}
