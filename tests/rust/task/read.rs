//! How the fields of a record are read.

use offstage_core::task::{Record, Spec};
use serde_json::{Map, Value};

use crate::support::{Task, test};

/// Of a record that has been through much: none has its default.
fn full() -> Map<String, Value> {
    let (kill_grace_ms, cleanup_delay_ms) = (Some(1.0), Some(2.0));
    let session_id = Some("session_1".into());
    let mut task =
        Task::new(Spec { retries: Some(3.0), kill_grace_ms, cleanup_delay_ms, session_id, ..Spec::new("t") });
    task.start();
    task.does(task.ask("ok", Some(99_000)));
    let text = task.record.to_json().replacen('{', r#"{"version":"2","recovered":true,"ttl_ms":7,"progress":0.5,"#, 1);
    serde_json::from_str(&text).expect("a record is JSON")
}

fn record(fields: &Map<String, Value>) -> Record {
    let text = serde_json::to_string(fields).expect("it was JSON");
    Record::parse(&text).expect("it is whole")
}

fn message(text: &str) -> String {
    Record::parse(text).expect_err(text).message().to_owned()
}

#[test]
fn fields_are_read_in_any_order() {
    let fields = full();
    let known = record(&fields);
    assert_eq!(serde_json::from_str::<Value>(&known.to_json()).ok(), Some(Value::Object(fields.clone())));
    for shift in 1..fields.len() {
        let mut turned: Vec<_> = fields.iter().collect();
        turned.rotate_left(shift);
        let entries: Vec<String> = turned.iter().rev().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let text = format!("{{{}}}", entries.join(","));
        assert_eq!(Record::parse(&text).ok().as_ref(), Some(&known), "{text}");
    }
}

#[test]
fn each_that_is_needed_is_missed() {
    let needed = ["task_id", "name", "recipe", "status", "max_attempts", "created_at", "updated_at", "seq"];
    for key in full().keys() {
        let mut fields = full();
        fields.remove(key);
        let text = serde_json::to_string(&fields).expect("it was JSON");
        match needed.contains(&key.as_str()) {
            true => assert!(message(&text).ends_with(&format!("missing field `{key}`")), "{}", message(&text)),
            false => assert_ne!(record(&fields), record(&full()), "{key} is read"),
        }
    }
}

#[test]
fn none_stands_twice() {
    for (key, value) in &full() {
        let text =
            serde_json::to_string(&full()).expect("it was JSON").replacen('{', &format!("{{\"{key}\":{value},"), 1);
        assert!(message(&text).ends_with(&format!("duplicate field `{key}`")), "{}", message(&text));
    }
}

#[test]
fn what_is_no_field_is_passed_wherever_it_stands() {
    for (at, _) in full().iter().enumerate() {
        let mut entries: Vec<String> = full().iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        entries.insert(at, format!("\"later_{at}\":{{\"task_id\":[null,{{}}]}}"));
        let text = format!("{{{}}}", entries.join(","));
        assert_eq!(Record::parse(&text).ok(), Some(record(&full())), "{text}");
    }
}

#[test]
fn null_is_nothing_only_where_there_may_be_nothing() {
    let mut fields = full();
    fields.insert("ttl_ms".into(), Value::Null);
    assert_eq!(record(&fields).ttl_ms, None);
    fields.insert("priority".into(), Value::Null);
    assert!(message(&serde_json::to_string(&fields).expect("it was JSON")).contains("expected i32"));
}
