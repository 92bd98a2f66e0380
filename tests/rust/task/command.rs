//! Commands as JSON.

use offstage_core::json;
use offstage_core::task::{Action, CancelledBy, Command, FailureCode, Json, LostReason, Used, body::Delivery};

use crate::support::{failure, test};

fn read(text: &str) -> Command {
    json::read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn every_command_is_read() {
    let run = r#""attempt":2,"epoch":3"#;
    let (attempt, epoch) = (2, 3);
    let value = |text| Json::parse(text, "json").expect("JSON");
    let all = [
        (r#"{"command":"start","worker":"w"}"#.into(), Command::Start { worker: "w".into(), digest: None }),
        (format!(r#"{{"command":"succeed",{run}}}"#), Command::Succeed { attempt, epoch }),
        (
            format!(r#"{{"command":"fail",{run},"error":{{"code":"failed","name":"Error","message":"it broke"}}}}"#),
            Command::Fail { attempt, epoch, error: failure(FailureCode::Failed), settled: true, retry_in_ms: None },
        ),
        (
            format!(r#"{{"command":"lose",{run},"reason":"lease_expired","stopped":true}}"#),
            Command::Lose { attempt, epoch, reason: LostReason::LeaseExpired, stopped: true },
        ),
        (
            format!(r#"{{"command":"lose",{run},"reason":"worker_gone"}}"#),
            Command::Lose { attempt, epoch, reason: LostReason::WorkerGone, stopped: false },
        ),
        (
            format!(r#"{{"command":"lose",{run},"reason":"shutdown"}}"#),
            Command::Lose { attempt, epoch, reason: LostReason::Shutdown, stopped: false },
        ),
        (
            format!(r#"{{"command":"release",{run},"reason":"no process"}}"#),
            Command::Release { attempt, epoch, reason: "no process".into() },
        ),
        (
            r#"{"command":"cancel","reason":"enough","by":"parent"}"#.into(),
            Command::Cancel { reason: Some("enough".into()), by: CancelledBy::Parent },
        ),
        (r#"{"command":"cancel"}"#.into(), Command::Cancel { reason: None, by: CancelledBy::Caller }),
        (
            format!(r#"{{"command":"ask",{run},"key":"k","message":"m","schema":{{"b":1,"a":2.50}},"expires_at":9}}"#),
            Command::Ask {
                attempt,
                epoch,
                key: "k".into(),
                message: "m".into(),
                schema: Some(value(r#"{"b":1,"a":2.50}"#)),
                expires_at: Some(9),
            },
        ),
        (
            r#"{"command":"answer","key":"k","action":"decline","content":[1]}"#.into(),
            Command::Answer { key: "k".into(), action: Action::Decline, content: Some(value("[1]")) },
        ),
        (
            r#"{"command":"start","worker":"w","digest":"d"}"#.into(),
            Command::Start { worker: "w".into(), digest: Some("d".into()) },
        ),
        (
            format!(r#"{{"command":"code",{run},"version":"2","digest":"d","serves":true}}"#),
            Command::Code { attempt, epoch, version: "2".into(), digest: Some("d".into()), serves: true },
        ),
        (
            r#"{"command":"found","version":"2","digest":"d","serves":true}"#.into(),
            Command::Found { version: "2".into(), digest: Some("d".into()), serves: true },
        ),
        (
            r#"{"command":"found","version":"2"}"#.into(),
            Command::Found { version: "2".into(), digest: None, serves: false },
        ),
        (r#"{"command":"update"}"#.into(), Command::Update {}),
        (r#"{"command":"due"}"#.into(), Command::Due {}),
        (format!(r#"{{"command":"stopped",{run}}}"#), Command::Stopped { attempt, epoch }),
        (format!(r#"{{"command":"abandon",{run}}}"#), Command::Abandon { attempt, epoch }),
        (
            format!(r#"{{"command":"progress",{run},"fraction":0.5,"message":null}}"#),
            Command::Progress { attempt, epoch, fraction: 0.5, message: None, data: None },
        ),
        (format!(r#"{{"command":"log",{run},"line":"l"}}"#), Command::Log { attempt, epoch, line: "l".into() }),
        (
            format!(r#"{{"command":"output",{run},"chunk":null}}"#),
            Command::Output { attempt, epoch, chunk: Json::null() },
        ),
        (
            format!(r#"{{"command":"usage",{run},"used":{{"input_tokens":3,"cost":0.5}}}}"#),
            Command::Usage {
                attempt,
                epoch,
                used: Used { input_tokens: Some(3.0), cost: Some(0.5), ..Used::default() },
            },
        ),
        (
            format!(r#"{{"command":"tool",{run},"step":"1.a","call":"2.1","name":"t","ok":true,"ms":7}}"#),
            Command::Tool {
                attempt,
                epoch,
                step: "1.a".into(),
                call: "2.1".into(),
                name: "t".into(),
                ok: true,
                ms: 7.0,
            },
        ),
        (
            format!(r#"{{"command":"warning",{run},"reason":"r","message":"m"}}"#),
            Command::Warning { attempt, epoch, reason: "r".into(), message: "m".into() },
        ),
        (format!(r#"{{"command":"step",{run},"key":"k"}}"#), Command::Step { attempt, epoch, key: "k".into() }),
        (
            r#"{"command":"tell","delivery":{"address":"ops","id":"m","attempts":2},"failed":true}"#.into(),
            Command::Tell { delivery: Delivery { address: "ops".into(), id: "m".into(), attempts: 2 }, failed: true },
        ),
        (
            r#"{"command":"recover","force":true}"#.into(),
            Command::Recover {
                force: true,
                retry: false,
                overdue: false,
                reason: LostReason::Recovered,
                stopped: false,
            },
        ),
        (
            r#"{"command":"recover","overdue":true,"reason":"worker_gone","stopped":true}"#.into(),
            Command::Recover {
                force: false,
                retry: false,
                overdue: true,
                reason: LostReason::WorkerGone,
                stopped: true,
            },
        ),
    ];
    for (text, command) in all {
        assert_eq!(read(&text), command, "{text}");
    }
}

#[test]
fn progress_without_a_number_is_not_a_number() {
    let Command::Progress { fraction, .. } = read(r#"{"command":"progress","attempt":1,"epoch":1,"fraction":null}"#)
    else {
        panic!("not progress");
    };
    assert!(fraction.is_nan());
}

#[test]
fn data_of_a_progress_may_be_null_which_is_something() {
    for (field, data) in [("", None), (r#","data":null"#, Some("null")), (r#","data":[1.0]"#, Some("[1.0]"))] {
        let text = format!(r#"{{"command":"progress","attempt":1,"epoch":1,"fraction":0.5{field}}}"#);
        let Command::Progress { data: told, .. } = read(&text) else { panic!("not progress") };
        assert_eq!(told.as_ref().map(Json::as_str), data);
    }
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    let bad = [
        (r#"{}"#, "missing field `command`"),
        (r#"{"command":"pause"}"#, "unknown variant `pause`"),
        (r#"{"command":"start"}"#, "missing field `worker`"),
        (r#"{"command":"succeed","attempt":1}"#, "missing field `epoch`"),
        (r#"{"command":"succeed","epoch":1}"#, "missing field `attempt`"),
        (r#"{"command":"succeed","attempt":-1,"epoch":1}"#, "invalid value"),
        (r#"{"command":"fail","attempt":1,"epoch":1}"#, "missing field `error`"),
        (
            r#"{"command":"lose","attempt":1,"epoch":1}"#,
            "field `reason` must be worker_gone, lease_expired or shutdown",
        ),
        (r#"{"command":"lose","attempt":1,"epoch":1,"reason":"bored"}"#, "field `reason` must be"),
        (r#"{"command":"release","attempt":1,"epoch":1}"#, "missing field `reason`"),
        (r#"{"command":"code","attempt":1,"epoch":1}"#, "missing field `version`"),
        (r#"{"command":"found"}"#, "missing field `version`"),
        (r#"{"command":"lose","attempt":1,"epoch":1,"reason":"recovered"}"#, "field `reason` must be"),
        (r#"{"command":"recover","reason":"shutdown"}"#, "field `reason` must be"),
        (r#"{"command":"answer","key":"k"}"#, "missing field `action`"),
        (r#"{"command":"answer","key":"k","action":"maybe"}"#, "unknown variant `maybe`"),
        (r#"{"command":"ask","attempt":1,"epoch":1,"key":"k"}"#, "missing field `message`"),
    ];
    for (text, says) in bad {
        let error = json::read::<Command>(text).expect_err(text);
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}
