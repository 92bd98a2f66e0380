//! Events as streams.

use futures::{FutureExt, StreamExt};
use offstage_core::runner::{Context, Failure};
use offstage_core::task::Status;

use super::rig::Rig;
use crate::support::test;

async fn tells(task: Context) -> Result<(), Failure> {
    task.progress(0.5, Some("half"));
    task.log("line");
    task.output(&[1, 2])?;
    Ok(())
}

const ALL: [&str; 6] = ["submitted", "started", "progress", "log", "output", "completed"];

#[test]
fn a_stream_has_all_and_ends() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("t", tells).unwrap();
    let before = task.events(0);
    rig.time.run();
    for events in [before, task.events(0)] {
        let events: Vec<_> = events.collect::<Vec<_>>().now_or_never().expect("it ends");
        assert_eq!(events.iter().map(|event| event.body.kind()).collect::<Vec<_>>(), ALL);
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    }
    let rest: Vec<_> = task.events(4).collect::<Vec<_>>().now_or_never().unwrap();
    assert_eq!(rest.iter().map(|event| event.seq).collect::<Vec<_>>(), [5, 6]);
    assert_eq!((task.record().progress, task.status()), (1.0, Status::Completed));
}

#[test]
fn a_stream_of_all_tasks_does_not_end() {
    let rig = Rig::new(1);
    let mut all = rig.runner.events();
    let first = rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
    let second = rig.runner.submit(async { Err::<(), _>(Failure::new("no")) }).unwrap();
    rig.time.run();
    let mut seen = Vec::new();
    while let Some(Some((key, event))) = all.next().now_or_never() {
        seen.push((key == first.key(), event.body.kind()));
    }
    let expected = [
        (true, "submitted"),
        (true, "started"),
        (false, "submitted"),
        (true, "completed"),
        (false, "started"),
        (false, "failed"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(second.status(), Status::Failed);
}

#[test]
fn a_stream_that_was_dropped_costs_nothing_and_a_late_one_has_what_was() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("t", tells).unwrap();
    drop(task.events(0));
    drop(rig.runner.events());
    rig.time.run();
    let events: Vec<_> = task.events(0).collect::<Vec<_>>().now_or_never().unwrap();
    assert_eq!(events.len(), ALL.len());
    assert_eq!(rig.runner.clear(), 1);
    let events: Vec<_> = task.events(0).collect::<Vec<_>>().now_or_never().expect("it ends");
    assert_eq!(events.len(), 0, "the record is gone");
}

#[test]
fn output_that_is_too_long_is_refused() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("t", |task: Context| async move { task.output(&"x".repeat(70_000)) });
    let task = task.unwrap();
    rig.time.run();
    let ended = task.now_or_never().unwrap().unwrap_err();
    assert_eq!(
        ended.failure().unwrap().message,
        "chunk: got 70002 bytes, expected at most 64 KiB, the limit of an event"
    );
}

#[test]
fn data_of_a_progress_is_in_its_event_and_too_much_of_it_is_refused() {
    let rig = Rig::new(1);
    let told = |task: Context| async move {
        task.progress(0.5, Some("half"));
        task.progress_data(&[1, 2])?;
        task.progress_data(&"x".repeat(16 * 1024))
    };
    let task = rig.runner.submit_with("t", told).unwrap();
    rig.time.run();
    let events: Vec<_> = task.events(3).collect::<Vec<_>>().now_or_never().unwrap();
    assert_eq!(events[0].body.data(), r#"{"fraction":0.5,"message":"half","data":[1,2]}"#);
    let ended = task.now_or_never().unwrap().unwrap_err();
    assert_eq!(ended.failure().unwrap().message, "data: got 16386 bytes, expected at most 16 KiB");
}
