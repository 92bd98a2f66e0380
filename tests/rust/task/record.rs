//! The record as text.

use offstage_core::task::{Action, Command, FailureCode, LostReason, OnLost, Record, Spec, Status};

use crate::support::{Task, answer, cancel, test};

#[test]
fn a_record_survives_being_written_and_read() {
    let mut task = Task::new(Spec { retries: Some(3.0), on_lost: Some(OnLost::Retry), ..Spec::new("té\"st\n") });
    task.start();
    task.does(Command::Progress {
        attempt: 1,
        epoch: 1,
        fraction: 1.0 / 3.0,
        message: Some("a third".into()),
        data: None,
    });
    task.does(task.ask("ok", Some(99_000)));
    task.does(task.ask("more", None));
    task.does(answer("ok", Action::Accept));
    for task in [task.record.clone(), Task::new(Spec::new("t")).record] {
        assert_eq!(Record::parse(&task.to_json()), Ok(task));
    }
}

#[test]
fn what_is_not_a_record_is_unreadable() {
    let good = Task::new(Spec::new("t")).record.to_json();
    for bad in
        ["", "{}", "null", "[]", &good[..good.len() - 1], &good.replace("pending", "paused"), &format!("{good}x")]
    {
        let error = Record::parse(bad).expect_err(bad);
        assert!(error.is_unreadable(), "{bad}: {error:?}");
    }
}

#[test]
fn what_a_record_leaves_out_has_its_default() {
    let id = "task_00112233445546678899aabbccddeeff";
    let text = format!(
        r#"{{"task_id":"{id}","name":"t","recipe":"","status":"pending","max_attempts":1,"created_at":5,"updated_at":5,"seq":1}}"#
    );
    let record = Record::parse(&text).expect("it has what it needs");
    assert_eq!((record.kill_grace_ms, record.cleanup_delay_ms, record.attempt), (5_000, 3_600_000, 0));
    assert_eq!((record.keep_failed_ms, record.keep_keyed_ms), (604_800_000, 86_400_000));
    assert_eq!((record.on_lost, record.backoff.initial, record.hold.as_ref()), (OnLost::Fail, 1.0, None));
}

#[test]
fn a_default_is_left_out_and_everything_else_is_written() {
    let plain = Task::new(Spec::new("t")).record.to_json();
    for key in ["keep_failed_ms", "keep_keyed_ms", "priority", "on_lost", "backoff", "progress", "uncounted", "ran_ms"]
    {
        assert!(!plain.contains(&format!("\"{key}\"")), "{key}: {plain}");
    }
    let spec = Spec { keep_failed_ms: Some(1.0), keep_keyed_ms: Some(2.0), ..Spec::new("t") };
    let record = Task::new(spec).record;
    assert!(record.to_json().contains(r#""keep_failed_ms":1,"keep_keyed_ms":2"#), "{}", record.to_json());
    assert_eq!(Record::parse(&record.to_json()), Ok(record));
}

#[test]
fn what_is_wrong_with_a_record_is_said() {
    let text = Task::new(Spec::new("t")).record.to_json().replacen('{', r#"{"requests":5,"#, 1);
    let error = Record::parse(&text).expect_err("5 are no requests");
    assert!(error.message().starts_with("the stored record cannot be read: "), "{error}");
    assert!(error.message().contains("expected requests by key"), "{error}");
}

#[test]
fn a_key_of_a_later_version_does_not_make_it_unreadable() {
    let text = Task::new(Spec::new("t")).record.to_json().replacen('{', r#"{"invented_later":[1],"#, 1);
    assert!(Record::parse(&text).is_ok());
}

#[test]
fn the_record_is_small() {
    let text = Task::new(Spec::new("t")).record.to_json();
    assert!(text.len() < 300, "{} bytes: {text}", text.len());
}

#[test]
fn the_whole_history_rebuilds_the_record() {
    let mut task = Task::new(Spec { retries: Some(3.0), on_lost: Some(OnLost::Retry), ..Spec::new("t") });
    task.start();
    task.after(5);
    task.does(task.time_out());
    task.after(5);
    task.does(task.stopped());
    task.after(500).start();
    task.does(task.ask("ok", None));
    task.does(task.lose(LostReason::Shutdown, true));
    task.does(answer("ok", Action::Accept));
    task.after(5).start_by("w2");
    task.does(task.lose(LostReason::WorkerGone, false));
    task.start();
    task.does(task.fail(FailureCode::Failed));
    task.does(cancel());
    assert_eq!(Record::replay(&task.events), Some(task.record.clone()));
    assert_eq!(Record::replay(&task.events[1..]), None, "the first event is missing");
    assert_eq!(Record::replay(&[]), None);
    for (end, event) in task.events.iter().enumerate() {
        let partly = Record::replay(&task.events[..=end]).expect("it was submitted");
        assert_eq!((partly.seq, partly.updated_at), (event.seq, event.at));
    }
}

#[test]
fn statuses_are_written_as_they_are_shown() {
    let all = [
        (Status::Pending, "pending", false),
        (Status::Running, "running", false),
        (Status::InputRequired, "input_required", false),
        (Status::Completed, "completed", true),
        (Status::Failed, "failed", true),
        (Status::Cancelled, "cancelled", true),
    ];
    for (status, name, terminal) in all {
        assert_eq!((status.as_str(), status.is_terminal()), (name, terminal));
        assert_eq!(serde_json::to_string(&status).ok(), Some(format!("\"{name}\"")));
        assert_eq!(status.to_string(), name);
    }
}
