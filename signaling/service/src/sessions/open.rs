//! `POST /api/session`: the room page shows its session token and gets its room token.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::server::Role;
use protocol::token::Claims;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cookie;
use super::table::{LIFE_MS, NoSession, Session};
use crate::{Service, random};

/// What the page says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    session_token: String,
}

/// What the page needs to go on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    token: String,
    meeting_name: String,
    person_name: String,
    role: Role,
    logout_url: Option<String>,
    language: Option<String>,
}

/// Opens the session, or says why not: `unknown`, `expired`, `ended` or `cookie`.
pub(super) async fn answer(
    State(service): State<Service>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Response {
    let known = cookie::read(&headers);
    let browser = known.clone().unwrap_or_else(random::hex_id);
    let now_ms = service.now_ms();
    let session = match service.sessions().open(&wanted.session_token, &browser, now_ms) {
        Ok(session) => session,
        Err(NoSession::Unknown) => return refused(StatusCode::NOT_FOUND, "unknown"),
        Err(NoSession::Expired) => return refused(StatusCode::GONE, "expired"),
        Err(NoSession::OtherBrowser) => return refused(StatusCode::FORBIDDEN, "cookie"),
    };
    if service.live().by_id(&session.meeting).await.is_none() {
        service.sessions().forget(&session.meeting);
        return refused(StatusCode::GONE, "ended");
    }
    let opened = Json(opened(&service, session, now_ms));
    let no_store = (header::CACHE_CONTROL, "no-store".to_owned());
    match known {
        Some(_) => ([no_store], opened).into_response(),
        None => {
            let set = (header::SET_COOKIE, cookie::set(&browser, service.config()));
            ([no_store, set], opened).into_response()
        }
    }
}

fn opened(service: &Service, session: Session, now_ms: i64) -> Opened {
    let claims = Claims {
        tenant: session.tenant,
        meeting: session.meeting,
        person: session.person,
        session: session.id,
        name: session.name.clone(),
        role: session.role,
        issued: now_ms / 1000,
        expires: session.made_ms.saturating_add(LIFE_MS) / 1000,
    };
    Opened {
        token: service.config().token_key.sign(&claims),
        meeting_name: session.meeting_name,
        person_name: session.name,
        role: session.role,
        logout_url: session.logout_url,
        language: session.language,
    }
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(json!({ "error": error }))).into_response()
}
