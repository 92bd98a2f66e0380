//! Asking a person.

use std::time::Duration;

use futures::FutureExt;
use futures::future::join;
use offstage_core::runner::{Context, Failure, Question, TaskHandle};
use offstage_core::task::{Action, Answer, FailureCode, Json, Spec, Status};

use super::rig::{Gauge, Rig, accept, named, secs};
use crate::support::test;

async fn asks(task: Context) -> Result<Action, Failure> {
    Ok(task.ask(Question::new("ok", "May I?")).await?.action)
}

fn asking(rig: &Rig) -> TaskHandle<Action> {
    let task = rig.runner.submit_with("asking", asks).unwrap();
    rig.time.run();
    assert_eq!(task.status(), Status::InputRequired);
    task
}

#[test]
fn the_slot_is_free_while_it_waits_and_it_goes_on_at_the_head() {
    let rig = Rig::new(1);
    let task = asking(&rig);
    let (running, strings) = rig.puppet("running");
    let waiting = rig.runner.submit(async { Ok::<_, Failure>(()) }).unwrap();
    rig.run_within(1);
    assert_eq!((running.status(), rig.runner.counts().slots), (Status::Running, 1));
    task.respond("ok", accept()).unwrap();
    rig.run_within(1);
    assert_eq!((task.status(), waiting.status()), (Status::Pending, Status::Pending), "the slot is taken");
    strings.end(Ok(0));
    assert!(rig.time.step());
    assert_eq!((task.status(), waiting.status()), (Status::Running, Status::Pending), "it goes first");
    rig.run_within(1);
    assert_eq!(task.clone().now_or_never(), Some(Ok(Action::Accept)));
    assert_eq!((task.record().attempt, task.record().epoch), (1, 2));
    rig.assert_clean();
}

#[test]
fn the_answer_brings_its_content() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("t", |task| async move { task.ask(Question::new("ok", "What?")).await });
    let task = task.unwrap();
    rig.time.run();
    let content = Some(Json::parse("[1,2]", "content").unwrap());
    let answer = Answer { action: Action::Decline, content };
    task.respond("ok", answer.clone()).unwrap();
    assert!(task.respond("ok", accept()).unwrap_err().is_conflict(), "the first answer counts");
    assert!(task.respond("other", accept()).unwrap_err().is_conflict());
    rig.time.run();
    assert_eq!(task.now_or_never(), Some(Ok(answer)));
}

#[test]
fn the_timeout_stands_still() {
    let rig = Rig::new(1);
    let nap = rig.time.clone();
    let spec = Spec { timeout_ms: Some(10_000.0), ..named("t") };
    let task = rig.runner.submit_with(spec, move |task| {
        let nap = nap.clone();
        async move {
            use offstage_core::runner::Timer;
            nap.after(secs(4)).await;
            asks(task).await?;
            nap.after(secs(5)).await;
            Ok::<_, Failure>(())
        }
    });
    let task = task.unwrap();
    rig.time.advance(secs(1_000));
    assert_eq!(task.status(), Status::InputRequired);
    task.respond("ok", accept()).unwrap();
    rig.time.advance(secs(5));
    assert_eq!(task.now_or_never(), Some(Ok(())));
    rig.assert_clean();
}

#[test]
fn an_answer_of_cancel_cancels() {
    let rig = Rig::new(1);
    let task = asking(&rig);
    task.respond("ok", Answer { action: Action::Cancel, content: None }).unwrap();
    rig.time.run();
    assert!(task.clone().now_or_never().unwrap().unwrap_err().is_cancelled());
    assert_eq!(rig.runner.counts().abandoned, 0, "its code heard of it");
    rig.assert_clean();
}

#[test]
fn a_question_that_nobody_answers_in_time_fails_the_task() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with(Spec { retries: Some(5.0), ..named("t") }, |task| async move {
        let question = Question { expires: Some(Duration::from_secs(30)), ..Question::new("ok", "May I?") };
        task.ask(question).await
    });
    let task = task.unwrap();
    rig.time.advance(secs(29));
    assert_eq!(task.status(), Status::InputRequired);
    rig.time.advance(secs(1));
    assert!(task.respond("ok", accept()).unwrap_err().is_conflict());
    assert_eq!(task.now_or_never().unwrap().unwrap_err().failure().unwrap().code, FailureCode::InputExpired);
    rig.assert_clean();
}

#[test]
fn a_cancel_reaches_code_that_waits_for_an_answer() {
    let rig = Rig::new(1);
    let task = asking(&rig);
    task.cancel(None);
    rig.time.run();
    assert_eq!((task.status(), rig.runner.counts().stopping), (Status::Cancelled, 0));
    rig.assert_clean();
}

#[test]
fn two_questions_at_once_go_on_together_after_the_last_answer() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("t", |task: Context| async move {
        let (a, b) = join(task.ask(Question::new("a", "A?")), task.ask(Question::new("b", "B?"))).await;
        Ok::<_, Failure>((a?.action, b?.action))
    });
    let task = task.unwrap();
    rig.time.run();
    task.respond("a", accept()).unwrap();
    rig.time.run();
    assert_eq!(task.status(), Status::InputRequired);
    task.respond("b", Answer { action: Action::Decline, content: None }).unwrap();
    rig.time.run();
    assert_eq!(task.now_or_never(), Some(Ok((Action::Accept, Action::Decline))));
    rig.assert_clean();
}

#[test]
fn a_further_attempt_finds_the_answer_of_the_one_before() {
    let rig = Rig::new(1);
    let gauge = Gauge::default();
    let inside = gauge.clone();
    let task = rig.runner.submit_with(Spec { retries: Some(1.0), ..named("t") }, move |task| {
        let gauge = inside.clone();
        async move {
            let answer = asks(task.clone()).await?;
            drop(gauge.enter());
            if task.attempt() == 1 { Err(Failure::new("after the answer")) } else { Ok(answer) }
        }
    });
    let task = task.unwrap();
    rig.time.run();
    task.respond("ok", accept()).unwrap();
    rig.time.advance(secs(60));
    assert_eq!(task.now_or_never(), Some(Ok(Action::Accept)));
    assert_eq!(gauge.all(), 2);
    rig.assert_clean();
}

#[test]
fn a_bad_question_is_the_failure_of_its_task() {
    let rig = Rig::new(1);
    let task = rig.runner.submit_with("t", |task: Context| async move { task.ask(Question::new("", "?")).await });
    let task = task.unwrap();
    rig.time.run();
    let ended = task.now_or_never().unwrap().unwrap_err();
    assert_eq!(ended.failure().unwrap().message, "key: got 0 characters, expected 1 to 200 characters");
    rig.assert_clean();
}
