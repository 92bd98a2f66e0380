//! JSON that is carried along as it was written.

use offstage_core::task::{Action, Command, Json, Spec};

use crate::support::{Task, test};

fn json(text: &str) -> Json {
    Json::parse(text, "json").expect("JSON")
}

#[test]
fn it_is_the_same_when_its_text_is() {
    let texts = ["1", "1.0", "\"1\"", "null", "{\"a\":1}", "{\"a\": 1}", "[1,2]", "[2,1]"];
    for (n, text) in texts.iter().enumerate() {
        for (m, other) in texts.iter().enumerate() {
            assert_eq!(json(text) == json(other), n == m, "{text} and {other}");
        }
    }
    assert_eq!(Json::null(), json("null"));
    assert_eq!(Json::of(&[1, 2]), json("[1,2]"));
}

#[test]
fn what_carries_it_differs_with_it() {
    let answered = |content: &str| {
        let mut task = Task::new(Spec::new("t"));
        task.start();
        task.does(task.ask("ok", None));
        let content = Some(json(content));
        task.does(Command::Answer { key: "ok".into(), action: Action::Accept, content });
        task
    };
    let (one, two) = (answered("1"), answered("2"));
    assert_ne!(one.last(), two.last());
    assert_ne!(one.record, two.record);
    assert_eq!(one.record, answered("1").record);
}

#[test]
fn what_is_no_json_is_refused_by_name() {
    for bad in ["", "{", "1 2", "nul", "{'a':1}"] {
        let error = Json::parse(bad, "content").expect_err(bad);
        assert!(error.is_invalid_argument() && error.message().starts_with("content: "), "{bad}: {error}");
    }
}
