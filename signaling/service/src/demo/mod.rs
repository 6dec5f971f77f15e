//! A front end to try the server with: it signs its calls with the default tenant's secret and reads the answers,
//! exactly as a learning platform does. It keeps nothing.

mod front_end;
mod recordings;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use protocol::server::Role;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Service;
use front_end::FrontEnd;

/// `/demo` and its JSON endpoints.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/demo", get(|headers: HeaderMap| crate::pages::page("demo.html", headers)))
        .route("/demo/api/start", post(start))
        .route("/demo/api/state", get(state))
        .route("/demo/api/recordings", get(list))
        .with_state(service)
}

#[derive(Deserialize)]
struct Start {
    name: String,
    role: Role,
    course: String,
}

#[derive(Deserialize)]
struct Course {
    course: String,
}

/// What a course page shows about its class.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CourseState {
    exists: bool,
    running: bool,
    recording: bool,
    people: u32,
}

/// Why the demo could not do something.
enum DemoError {
    /// Name or course are too short or too long.
    Invalid,
    /// The API refused the call with this key.
    Refused(String),
    /// The default tenant is gone, or the answer could not be read.
    Broken,
}

impl IntoResponse for DemoError {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            DemoError::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned()),
            DemoError::Refused(key) => (StatusCode::CONFLICT, key),
            DemoError::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "broken".to_owned()),
        };
        (status, Json(json!({ "error": error }))).into_response()
    }
}

/// Makes sure that the class exists and answers with the person's signed join link.
async fn start(State(service): State<Service>, Json(wish): Json<Start>) -> Result<Response, DemoError> {
    let (name, course) = (trimmed(&wish.name, 1, 80)?, trimmed(&wish.course, 1, 80)?);
    let front_end = FrontEnd::new(service).await?;
    let create_time = front_end.create(course).await?;
    let url = front_end.join_url(course, name, wish.role, &create_time);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "joinUrl": url }))).into_response())
}

async fn state(
    State(service): State<Service>,
    Query(of): Query<Course>,
) -> Result<Json<CourseState>, DemoError> {
    let course = trimmed(&of.course, 1, 80)?;
    Ok(Json(match FrontEnd::new(service).await?.info(course).await? {
        None => CourseState { exists: false, running: false, recording: false, people: 0 },
        Some(info) => CourseState {
            exists: true,
            running: info.at("running") == "true",
            recording: info.at("recording") == "true",
            people: info.at("participantCount").parse().unwrap_or(0),
        },
    }))
}

async fn list(State(service): State<Service>) -> Result<Response, DemoError> {
    let answer = FrontEnd::new(service).await?.recordings().await?;
    Ok(Json(json!({ "recordings": recordings::read(&answer) })).into_response())
}

fn trimmed(text: &str, least: usize, most: usize) -> Result<&str, DemoError> {
    let text = text.trim();
    if (least..=most).contains(&text.chars().count()) { Ok(text) } else { Err(DemoError::Invalid) }
}
