//! What an engine says that it keeps: other tests look there for what was forgotten.

use offstage_core::engine::OnConflict;
use offstage_core::task::Spec;

use super::desk::{Desk, task};
use crate::support::test;

#[test]
fn everything_that_is_kept_is_counted() {
    let mut desk = Desk::limit(2);
    let says = |desk: &Desk| format!("{:?}", desk.engine);
    let nothing =
        "Engine { entries: 0, lanes: 0, timers: 0, sessions: 0, keys: 0, wanted: 0, retained: 0, effects: 0, .. }";
    assert_eq!(says(&desk), nothing);
    let (parent, ended) = (desk.plain(), desk.plain());
    desk.start_all();
    desk.succeed(ended);
    assert!(desk.engine.lend(parent).expect("a good name"));
    for session in ["s", "t", "u"] {
        desk.member(session, OnConflict::Parallel, None);
    }
    desk.start_all();
    desk.engine.reclaim(parent);
    for key in ["k", "l"] {
        desk.submit(task(Spec { idempotency_key: Some(key.into()), priority: Some(9.0), ..Spec::new("t") }));
    }
    desk.submit(task(Spec { delay_ms: Some(5.0), ..Spec::new("t") }));
    desk.submit(task(Spec { delay_ms: Some(5.0), ..Spec::new("t") }));
    let expected =
        "Engine { entries: 9, lanes: 2, timers: 2, sessions: 3, keys: 2, wanted: 1, retained: 1, effects: 1, .. }";
    assert_eq!(says(&desk), expected);
}

#[test]
fn timers_of_both_clocks_are_counted() {
    let mut desk = Desk::limit(3);
    for timeout in [1.0, 2.0, 2.0] {
        desk.submit(task(Spec { timeout_ms: Some(timeout), ..Spec::new("t") }));
    }
    desk.start_all();
    desk.submit(task(Spec { ttl_ms: Some(5.0), ..Spec::new("t") }));
    assert!(format!("{:?}", desk.engine).contains("timers: 4,"), "{:?}", desk.engine);
}
