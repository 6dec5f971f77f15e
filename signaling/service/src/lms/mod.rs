//! The BigBlueButton HTTP API: a front end takes us over by changing a URL and a secret.
//!
//! A call is cut and checked in [`request`](self) (checksum, tenant, parameters), answered by the module of its name,
//! and written as XML. Refusals are HTTP 200 with a key, as the callers expect.

pub mod checksum;
pub(crate) mod tenants;
pub mod tree;

mod create;
mod create_params;
mod dates;
mod failure;
mod form;
mod info_xml;
mod join;
mod join_params;
mod meetings;
mod modules;
mod plain_text;
mod query;
mod recordings;
mod recordings_xml;
mod request;
mod version;
mod xml;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use crate::Service;
use failure::Failure;
use request::Signed;
use xml::Answer;

/// A call of the API that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Create,
    Join,
    IsMeetingRunning,
    End,
    GetMeetingInfo,
    GetMeetings,
    GetRecordings,
    PublishRecordings,
    UpdateRecordings,
    DeleteRecordings,
}

impl Call {
    const ALL: [Call; 10] = [
        Call::Create,
        Call::Join,
        Call::IsMeetingRunning,
        Call::End,
        Call::GetMeetingInfo,
        Call::GetMeetings,
        Call::GetRecordings,
        Call::PublishRecordings,
        Call::UpdateRecordings,
        Call::DeleteRecordings,
    ];

    /// Its name in the URL and in the checksum.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Call::Create => "create",
            Call::Join => "join",
            Call::IsMeetingRunning => "isMeetingRunning",
            Call::End => "end",
            Call::GetMeetingInfo => "getMeetingInfo",
            Call::GetMeetings => "getMeetings",
            Call::GetRecordings => "getRecordings",
            Call::PublishRecordings => "publishRecordings",
            Call::UpdateRecordings => "updateRecordings",
            Call::DeleteRecordings => "deleteRecordings",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.name() == name)
    }

    fn allows(self, method: &Method) -> bool {
        let post = !matches!(self, Call::Join | Call::PublishRecordings | Call::DeleteRecordings);
        matches!(*method, Method::GET | Method::HEAD) || (post && *method == Method::POST)
    }
}

/// The routes under `/bigbluebutton/api`.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/bigbluebutton/api", any(version::answer))
        .route("/bigbluebutton/api/", any(version::answer))
        .route("/bigbluebutton/api/{*call}", any(answer))
        .with_state(service)
}

async fn answer(State(service): State<Service>, Path(name): Path<String>, request: Request) -> Response {
    let Some(call) = Call::parse(name.trim_end_matches('/')) else { return unsupported().into_response() };
    if !call.allows(request.method()) {
        return (StatusCode::METHOD_NOT_ALLOWED, unsupported()).into_response();
    }
    if call == Call::Join {
        return join::answer(&service, request).await;
    }
    let answer = match Signed::read(&service, call, request).await {
        Ok(signed) => dispatch(&service, call, signed).await,
        Err(failure) => Err(failure),
    };
    answer.unwrap_or_else(|failure| Answer::failed(&failure)).into_response()
}

async fn dispatch(service: &Service, call: Call, signed: Signed) -> Result<Answer, Failure> {
    match call {
        Call::Create => create::answer(service, signed).await,
        Call::IsMeetingRunning => meetings::is_running(service, &signed).await,
        Call::End => meetings::end(service, &signed).await,
        Call::GetMeetingInfo => meetings::info(service, &signed).await,
        Call::GetMeetings => meetings::list(service, &signed).await,
        Call::GetRecordings => recordings::list(service, &signed).await,
        Call::PublishRecordings => recordings::publish(service, &signed).await,
        Call::UpdateRecordings => recordings::update(service, &signed).await,
        Call::DeleteRecordings => recordings::delete(service, &signed).await,
        Call::Join => Err(Failure::not_found()),
    }
}

fn unsupported() -> Answer {
    Answer::failed(&Failure::new("unsupportedRequest", "This request is not supported."))
}
