//! The end of a runner.

use std::time::Duration;

use futures::FutureExt;
use offstage_core::runner::{Failure, Timer};
use offstage_core::task::Status;

use super::rig::{Rig, for_ever, secs, until_told};
use crate::support::test;

#[test]
fn pending_ones_are_cancelled_and_running_ones_get_the_drain() {
    let rig = Rig::new(2);
    let nap = rig.after(secs(3));
    let in_time = rig
        .runner
        .submit(async move {
            {
                nap.await;
                Ok::<_, Failure>(())
            }
        })
        .unwrap();
    let too_long = rig.runner.submit_with("t", until_told).unwrap();
    let queued = rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
    rig.time.run();
    let mut stopped = Box::pin(rig.runner.stop(secs(5)));
    assert!(rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap_err().is_conflict());
    rig.time.run();
    assert_eq!((queued.status(), too_long.status()), (Status::Cancelled, Status::Running));
    rig.time.advance(secs(4));
    assert_eq!((in_time.status(), too_long.status()), (Status::Completed, Status::Running));
    assert!((&mut stopped).now_or_never().is_none());
    rig.time.advance(secs(1));
    let counts = stopped.now_or_never().expect("all have stopped");
    assert_eq!((counts.completed, counts.cancelled, counts.abandoned), (1, 2, 0));
    assert_eq!(
        too_long.now_or_never().unwrap().unwrap_err().to_string(),
        "the task was cancelled: the runner was stopped"
    );
    rig.assert_clean();
}

#[test]
fn it_waits_for_the_grace_of_code_that_does_not_listen() {
    let rig = Rig::new(1);
    let stuck = rig.runner.submit_with("t", for_ever).unwrap();
    rig.time.run();
    let mut stopped = Box::pin(rig.runner.stop(Duration::ZERO));
    rig.time.advance(secs(4));
    assert_eq!(stuck.status(), Status::Cancelled);
    assert!((&mut stopped).now_or_never().is_none());
    rig.time.advance(secs(1));
    assert_eq!(stopped.now_or_never().unwrap().abandoned, 1);
    rig.assert_clean();
}

#[test]
fn it_stops_though_nobody_waits_for_it_and_a_second_one_may_be_sooner() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("t", until_told).unwrap();
    rig.time.run();
    drop(rig.runner.stop(secs(100)));
    let second = rig.runner.stop(secs(1));
    rig.time.advance(secs(1));
    assert_eq!(task.status(), Status::Cancelled);
    assert!(second.now_or_never().is_some());
    assert!(rig.runner.stop(secs(9)).now_or_never().is_some(), "an idle one has stopped");
    rig.assert_clean();
}

#[test]
fn wait_all_waits_for_those_that_live() {
    let rig = Rig::new(1);
    assert_eq!(rig.runner.wait_all().now_or_never().unwrap().total, 0);
    let time = rig.time.clone();
    for _ in 0..3 {
        let nap = time.after(secs(1));
        drop(
            rig.runner
                .submit(async move {
                    {
                        nap.await;
                        Ok::<_, Failure>(())
                    }
                })
                .unwrap(),
        );
    }
    let runner = rig.runner.clone();
    let mut all = Box::pin(runner.wait_all());
    assert!(all.as_mut().now_or_never().is_none());
    rig.time.run();
    assert!(all.as_mut().now_or_never().is_none());
    rig.time.advance(secs(5));
    assert_eq!(all.now_or_never().unwrap().completed, 3);
}
