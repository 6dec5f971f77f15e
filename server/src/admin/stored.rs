//! Metrics of what is stored, counted when asked.

use store::erasures::ErasureReason;
use store::{Error, Store};

use super::exposition::Exposition;

/// Writes all of them. There are no polls and no requests for access in this version, so none is open.
pub async fn write(text: &mut Exposition, store: &Store) -> Result<(), Error> {
    text.counter("lectern_polls_total", "Polls", 0);
    let totals = store.recordings().totals().await?;
    text.gauge("lectern_recordings_stored", "Stored recordings", totals.recordings as f64);
    text.gauge("lectern_recordings_bytes", "Bytes of stored recordings", totals.bytes as f64);
    let open = store.erasures().open().await?;
    let erasures = open.iter().filter(|erasure| erasure.reason == ErasureReason::Request).count();
    let requests =
        [("access", 0), ("erasure", erasures)].map(|(kind, count)| (kind.to_owned(), count as f64));
    text.gauges("lectern_requests_open", "Requests of people and tenants that are open", "kind", requests);
    Ok(())
}
