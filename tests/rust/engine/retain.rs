//! Records that are kept, and entries that are used again.

use offstage_core::engine::{Dropped, Effect, OnConflict, Options};
use offstage_core::task::{Spec, Status};
use offstage_core::time::MAX_SPAN;

use super::desk::{Desk, task};
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

/// One that is kept so long, and has ended.
fn ended(desk: &mut Desk, cleanup_delay_ms: f64) -> offstage_core::engine::Key {
    let key = desk.submit(task(Spec { cleanup_delay_ms: Some(cleanup_delay_ms), ..Spec::new("t") }));
    desk.start_all();
    desk.succeed(key);
    key
}

#[test]
fn each_is_kept_as_long_as_its_spec_says() {
    let mut desk = Desk::new(Options { cleanup_delay_ms: 5_000, ..Options::default() });
    let (long, short) = (ended(&mut desk, 10_000.0), ended(&mut desk, 1_000.0));
    assert_eq!(desk.engine.sleep(desk.now), Some(1_000_000), "the second goes first");
    let usual = desk.plain();
    desk.start_all();
    desk.succeed(usual);
    for (sleep, goes) in [(1_000_000, short), (4_000_000, usual), (5_000_000, long)] {
        assert_eq!(desk.engine.sleep(desk.now), Some(sleep));
        desk.after(sleep / 1_000 - 1);
        assert_eq!(desk.status(goes), Some(Status::Completed));
        desk.after(1);
        assert_eq!(desk.status(goes), None);
    }
    assert_eq!(desk.engine.sleep(desk.now), None);
}

#[test]
fn those_of_the_usual_time_go_in_their_order_again_once_the_others_are_gone() {
    let mut desk = Desk::new(Options { cleanup_delay_ms: 5_000, ..Options::default() });
    let short = ended(&mut desk, 1_000.0);
    desk.after(1_000);
    assert_eq!(desk.status(short), None);
    let (one, two) = (ended(&mut desk, 5_000.0), ended(desk.after(1), 5_000.0));
    desk.after(4_999);
    assert_eq!((desk.status(one), desk.status(two)), (None, Some(Status::Completed)));
    desk.after(1);
    assert_eq!(desk.status(two), None);
}

#[test]
fn when_a_record_goes_is_said_once_its_work_has_ended() {
    let says = |options: Options, end: fn(&mut Desk, offstage_core::engine::Key)| {
        let mut desk = Desk::new(options);
        let key = desk.plain();
        desk.start();
        desk.after(500);
        end(&mut desk, key);
        desk.engine.record(key).and_then(|record| desk.engine.drop_at(&record))
    };
    let kept = |cleanup_delay_ms: i64| Options { cleanup_delay_ms, ..Options::default() };
    let succeeds = |desk: &mut Desk, key| desk.succeed(key);
    let is_cancelled = |desk: &mut Desk, key| assert!(desk.engine.cancel(key, None, desk.now));
    assert_eq!(says(kept(2_000), |_, _| {}), None, "it runs");
    assert_eq!(says(kept(2_000), is_cancelled), None, "it stops");
    assert_eq!(says(kept(2_000), succeeds), Some(3_500));
    assert_eq!(says(kept(0), succeeds), Some(1_500));
    assert_eq!(says(kept(MAX_SPAN - 1), succeeds), Some(1_500 + MAX_SPAN - 1));
    assert_eq!(says(kept(MAX_SPAN), succeeds), None, "100 years are for ever");
    assert_eq!(says(Options { auto_cleanup: false, ..kept(2_000) }, succeeds), None, "nothing goes by itself");
    let abandoned = says(Options { kill_grace_ms: 100, ..kept(2_000) }, |desk, key| {
        assert!(desk.engine.cancel(key, None, desk.now));
        desk.after(100);
    });
    assert_eq!(abandoned, Some(3_600), "counted from when it was given up");
}
