//! Calls about recordings: `getRecordings`, `publishRecordings`, `updateRecordings`, `deleteRecordings`.

use protocol::ids::{MeetingId, TenantId};
use store::recordings::{Recording, RecordingQuery, RecordingState};

use super::failure::Failure;
use super::query::Params;
use super::recordings_xml;
use super::request::Signed;
use super::xml::Answer;
use crate::Service;

/// Most recordings of one page.
const MAX_LIMIT: usize = 100;

/// `getRecordings`: those of the asked meetings or ids, of the signing tenant alone.
pub(super) async fn list(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    let wanted = Wanted::read(&signed.params)?;
    let mut found = service
        .config()
        .store
        .recordings()
        .list(&signed.tenant, &RecordingQuery::default())
        .await
        .map_err(Failure::internal)?;
    found.retain(|recording| wanted.includes(recording));
    let total = found.len();
    let page: Vec<_> =
        found.into_iter().skip(wanted.offset).take(wanted.limit.unwrap_or(usize::MAX)).collect();
    let mut answer = Answer::success();
    if page.is_empty() {
        answer.empty("recordings").message("noRecordings", "There are no recordings for the meeting(s).");
    } else {
        answer.nest("recordings", |answer| {
            for recording in &page {
                recordings_xml::write(answer, recording, service);
            }
        });
    }
    if wanted.limit.is_some() {
        answer.value("totalElements", total);
    }
    Ok(answer)
}

/// `publishRecordings`.
pub(super) async fn publish(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    let published = signed.params.flag("publish")?;
    let published =
        published.ok_or_else(|| Failure::new("missingParamPublish", "You must specify a publish value."))?;
    for recording in named(service, signed).await? {
        let changed = service.config().store.recordings().set_published(&recording.id, published).await;
        changed.map_err(Failure::internal)?;
    }
    let mut answer = Answer::success();
    answer.value("published", published);
    Ok(answer)
}

/// `updateRecordings`: metadata (an empty value removes it) and `protect`; everything else is ignored.
pub(super) async fn update(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    let protect = signed.params.flag("protect")?;
    let changes = signed.params.metadata();
    let store = &service.config().store;
    for recording in named(service, signed).await? {
        if let Some(protect) = protect {
            store.recordings().set_protected(&recording.id, protect).await.map_err(Failure::internal)?;
        }
        let mut metadata = recording.metadata;
        metadata.extend(changes.clone());
        metadata.retain(|_, value| !value.is_empty());
        let changed = store.recordings().set_about(&recording.id, &recording.name, &metadata).await;
        changed.map_err(Failure::internal)?;
    }
    let mut answer = Answer::success();
    answer.value("updated", true);
    Ok(answer)
}

/// `deleteRecordings`: from now on nobody can list or play them; the retention worker erases them at once (R52).
pub(super) async fn delete(service: &Service, signed: &Signed) -> Result<Answer, Failure> {
    for recording in named(service, signed).await? {
        let erasures = service.config().store.erasures();
        let asked = erasures.request_recording(&signed.tenant, &recording.id, service.now_ms()).await;
        asked.map_err(Failure::internal)?;
    }
    let mut answer = Answer::success();
    answer.value("deleted", true);
    Ok(answer)
}

/// The tenant's recordings with exactly the given ids; none is a refusal.
async fn named(service: &Service, signed: &Signed) -> Result<Vec<Recording>, Failure> {
    let ids: Vec<MeetingId> = signed.params.list("recordID").into_iter().map(MeetingId).collect();
    if ids.is_empty() {
        return Err(Failure::new("missingParamRecordID", "You must specify one or more a record IDs."));
    }
    let tenant: &TenantId = &signed.tenant;
    let query = RecordingQuery { ids, ..RecordingQuery::default() };
    let found = service.config().store.recordings().list(tenant, &query).await.map_err(Failure::internal)?;
    if found.is_empty() { Err(Failure::new("notFound", "We could not find recordings")) } else { Ok(found) }
}

/// Which recordings are asked for.
struct Wanted {
    /// Beginnings of record ids; they win over meetings.
    records: Option<Vec<String>>,
    meetings: Option<Vec<String>>,
    states: Vec<String>,
    metadata: Vec<(String, String)>,
    offset: usize,
    limit: Option<usize>,
}

impl Wanted {
    /// A list that is there but names nothing asks for nothing: a front end that lost an id must not be shown the
    /// recordings of all courses.
    fn read(params: &Params) -> Result<Self, Failure> {
        let list = |name: &str| params.has(name).then(|| params.list(name));
        let (records, meetings) = (list("recordID"), list("meetingID"));
        let limit: Option<usize> = params.number("limit")?;
        if limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
            return Err(Failure::invalid("limit must be between 1 and 100"));
        }
        let states = params.list("state");
        let default = || ["published", "unpublished"].map(str::to_owned).to_vec();
        Ok(Self {
            records: records.filter(|ids| !ids.is_empty() || meetings.as_ref().is_none_or(Vec::is_empty)),
            meetings,
            states: if states.is_empty() { default() } else { states },
            metadata: params.metadata().into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            offset: params.number("offset")?.unwrap_or(0),
            limit: limit.or(params.text("offset").map(|_| MAX_LIMIT)),
        })
    }

    fn includes(&self, recording: &Recording) -> bool {
        let named = match (&self.records, &self.meetings) {
            (Some(records), _) => {
                records.iter().any(|start| recording.id.as_str().starts_with(start.as_str()))
            }
            (None, Some(meetings)) => meetings.contains(&recording.external_id),
            (None, None) => true,
        };
        let state = state_name(recording.state);
        named
            && self.states.iter().any(|wanted| wanted == "any" || wanted == state)
            && self.metadata.iter().all(|(name, value)| recording.metadata.get(name) == Some(value))
    }
}

/// The state's name in the API.
pub(super) fn state_name(state: RecordingState) -> &'static str {
    match state {
        RecordingState::Processing => "processing",
        RecordingState::Published => "published",
        RecordingState::Unpublished => "unpublished",
    }
}
