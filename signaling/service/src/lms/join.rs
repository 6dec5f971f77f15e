//! `join`: makes a session for a person whom the front end sends, and sends the browser to the room.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::ids::TenantId;
use protocol::server::Role;
use serde_json::json;

use super::Call;
use super::failure::Failure;
use super::join_params::JoinParams;
use super::query::Params;
use super::request::Signed;
use super::xml::Answer;
use crate::Service;
use crate::live::{Guest, Meeting, MeetingInfo};
use crate::random;
use crate::sessions::{Session, cookie};

/// Answers `join`: 302 to the room, or XML when `redirect=false`.
pub(super) async fn answer(service: &Service, request: Request) -> Response {
    let headers = request.headers().clone();
    let unchecked = Params::decode(request.uri().query().unwrap_or_default());
    let redirect = unchecked.flag("redirect").ok().flatten().unwrap_or(true);
    match Signed::read(service, Call::Join, request).await {
        Err(failure) if redirect => to_message_page(service, &failure),
        Err(failure) => Answer::failed(&failure).into_response(),
        Ok(signed) => match admit(service, &signed).await {
            Ok(session) => welcome(service, session, &headers, redirect),
            Err(failure) if redirect && failure.key != ROLE_MISSING => {
                refuse(service, &signed.params, &failure)
            }
            Err(failure) => Answer::failed(&failure).into_response(),
        },
    }
}

/// The key, literally with the space, for a join that says neither a role nor a password of the meeting.
const ROLE_MISSING: &str = "Params required";

async fn admit(service: &Service, signed: &Signed) -> Result<Session, Failure> {
    let join = JoinParams::read(&signed.params)?;
    let info = find(service, &signed.tenant, &join.meeting_id).await?;
    let meeting = &info.meeting;
    if join.create_time.is_some_and(|time| time != meeting.create_ms) {
        return Err(Failure::new(
            "mismatchCreateTimeParam",
            "The createTime parameter submitted mismatches with the current meeting.",
        ));
    }
    let role = join.role.or_else(|| role_by_password(meeting, join.password.as_deref()?));
    let role = role.ok_or_else(|| {
        Failure::new(
            ROLE_MISSING,
            "You either did not supply a password or the password supplied is neither the attendee or moderator \
             password for this conference.",
        )
    })?;
    if join.guest && role == Role::Viewer && meeting.made_from.guests_denied {
        return Err(Failure::new("guestDeniedAccess", "You have been denied access to this meeting"));
    }
    // Who is in already may open a second tab: different people are counted.
    if !service.live().has_room_for(&meeting.id, join.user_id.as_deref()).await {
        return Err(Failure::new(
            "maxParticipantsReached",
            "The number of participants allowed for this meeting has been reached.",
        ));
    }
    announce(service, meeting, role, join)
}

async fn find(service: &Service, tenant: &TenantId, external: &str) -> Result<MeetingInfo, Failure> {
    if let Some(info) = service.live().by_external(tenant, external).await {
        return Ok(info);
    }
    Err(match service.live().recently_ended(tenant, external) {
        Some(_) => Failure::new(
            "meetingForciblyEnded",
            "You can not join a meeting that has already ended. Open the class again from the course page.",
        ),
        None => Failure::new(
            "invalidMeetingIdentifier",
            "The meeting ID that you supplied did not match any existing meetings",
        ),
    })
}

fn role_by_password(meeting: &Meeting, password: &str) -> Option<Role> {
    let same = |other: &str| verify_slices_are_equal(password.as_bytes(), other.as_bytes()).is_ok();
    // Both are compared always, so that the time taken tells nothing.
    match (same(&meeting.moderator_pw), same(&meeting.attendee_pw)) {
        (true, _) => Some(Role::Moderator),
        (false, true) => Some(Role::Viewer),
        _ => None,
    }
}

fn announce(service: &Service, meeting: &Meeting, role: Role, join: JoinParams) -> Result<Session, Failure> {
    let language = join.language().map(str::to_owned);
    let person = format!("w_{}", random::short_id());
    let template = join.logout_url.or_else(|| meeting.made_from.logout_url.clone());
    let user_id = join.user_id.as_deref().unwrap_or(&person);
    let logout_url =
        template.map(|url| fill_in(&url, &meeting.made_from.external_id, user_id, &join.full_name));
    let session = Session {
        token: random::hex_id(),
        id: random::hex_id().as_str().into(),
        browser: None,
        tenant: meeting.made_from.tenant.clone(),
        meeting: meeting.id.clone(),
        meeting_name: meeting.made_from.name.clone(),
        person: person.as_str().into(),
        name: join.full_name,
        role,
        logout_url: logout_url.clone(),
        language,
        made_ms: service.now_ms(),
    };
    let guest = Guest {
        person: session.person.clone(),
        session: session.id.clone(),
        user_id: join.user_id,
        signed_in: join.signed_in,
        // Pictures from elsewhere would be third-party requests (R5); none is shown until we serve them ourselves.
        avatar: None,
        logout_url,
        custom: join.user_data,
    };
    service.live().expect(&meeting.id, guest).map_err(|_| Failure::not_found())?;
    Ok(session)
}

/// Placeholders that the reference server fills into logout URLs.
fn fill_in(url: &str, meeting: &str, user: &str, name: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    url.replace("%%MEETINGID%%", &encode(meeting))
        .replace("%%USERID%%", &encode(user))
        .replace("%%USERNAME%%", &encode(name))
}

fn welcome(service: &Service, mut session: Session, headers: &HeaderMap, redirect: bool) -> Response {
    let url = service.url(&format!("/room?sessionToken={}", session.token));
    if !redirect {
        // The browser comes later by itself; the first one that shows the token is the one.
        let mut answer = Answer::success();
        answer
            .message("successfullyJoined", "You have joined successfully.")
            .text("meeting_id", session.meeting.as_str())
            .text("user_id", session.person.as_str())
            .text("auth_token", random::short_id())
            .text("session_token", &session.token)
            .text("guestStatus", "ALLOW")
            .text("url", url);
        service.sessions().add(session, service.now_ms());
        return answer.into_response();
    }
    let browser = cookie::read(headers).unwrap_or_else(random::hex_id);
    let set = cookie::set(&browser, service.config());
    session.browser = Some(browser);
    service.sessions().add(session, service.now_ms());
    let headers =
        [(header::LOCATION, url), (header::SET_COOKIE, set), (header::CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::FOUND, headers).into_response()
}

/// To where the signed request asked errors to be sent, else to our own page.
fn refuse(service: &Service, params: &Params, failure: &Failure) -> Response {
    let wanted = ["errorRedirectUrl", "logoutURL"].iter().find_map(|name| {
        let url = params.text(name)?;
        (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
    });
    match wanted {
        Some(url) => found(&with_errors(url, failure)),
        None => to_message_page(service, failure),
    }
}

/// An unsigned request says nothing about where to send people, so it ends on our own page.
fn to_message_page(service: &Service, failure: &Failure) -> Response {
    let kind = match failure.key {
        "meetingForciblyEnded" => "meeting-ended",
        "invalidMeetingIdentifier" => "not-found",
        "checksumError" | "mismatchCreateTimeParam" => "link-expired",
        _ => "refused",
    };
    found(&with_errors(&service.url(&format!("/message?kind={kind}")), failure))
}

fn with_errors(url: &str, failure: &Failure) -> String {
    let errors = json!([{ "key": failure.key, "message": failure.message }]).to_string();
    let errors = utf8_percent_encode(&errors, NON_ALPHANUMERIC);
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}errors={errors}")
}

fn found(url: &str) -> Response {
    let headers = [(header::LOCATION, url.to_owned()), (header::CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::FOUND, headers).into_response()
}
