use crate::task::body::Failed;
use crate::task::{Body, Failure, Record};
use crate::time::Ms;

/// Decides what nobody has to ask for: a wait for a start or for an answer that is over.
pub(super) fn due(record: &Record, now: Ms) -> Vec<Body> {
    let error = overdue_start(record, now).or_else(|| overdue_request(record, now));
    let failed =
        error.map(|error| Body::Failed(Failed { attempt: record.attempt, epoch: record.epoch, error, settled: false }));
    failed.into_iter().collect()
}

fn overdue_start(record: &Record, now: Ms) -> Option<Failure> {
    record.expires_at().filter(|&at| now >= at)?;
    record.ttl_ms.map(Failure::expired)
}

/// Of several, the request whose time was over first.
fn overdue_request(record: &Record, now: Ms) -> Option<Failure> {
    let over = record.requests.open().filter(|(_, request)| request.is_over(now));
    let (key, _) = over.min_by_key(|(_, request)| request.expires_at)?;
    Some(Failure::input_expired(key))
}
