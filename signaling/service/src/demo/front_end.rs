//! What a learning platform does: build a query, sign it, send it, read the XML.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use form_urlencoded::Serializer;
use protocol::server::Role;
use store::tenants::Secret;
use tower::ServiceExt as _;

use super::DemoError;
use crate::Service;
use crate::lms::checksum::sign;
use crate::lms::tree::Element;

/// Marks the demo's meetings and recordings.
const ORIGIN: &str = "lectern-demo";
const MAX_ANSWER: usize = 4 << 20;

/// The demo's side of the API: it knows the shared secret and nothing else.
pub(super) struct FrontEnd {
    service: Service,
    secret: Secret,
}

impl FrontEnd {
    /// The front end of the default tenant.
    pub async fn new(service: Service) -> Result<Self, DemoError> {
        let secret = service.tenants().secret(&"default".into()).await.ok().flatten();
        Ok(Self { secret: secret.ok_or(DemoError::Broken)?, service })
    }

    /// `create`: the class's create time.
    pub async fn create(&self, course: &str) -> Result<String, DemoError> {
        let back = self.service.url("/demo?left=1");
        let answer = self
            .call(
                "create",
                &[
                    ("meetingID", &meeting_id(course)),
                    ("name", &named(course)),
                    ("record", "true"),
                    ("logoutURL", &back),
                    ("meta_bbb-origin", ORIGIN),
                    ("meta_bbb-context-name", course),
                ],
            )
            .await?;
        Ok(accepted(answer)?.at("createTime").to_owned())
    }

    /// `join`, to be followed by the browser.
    pub fn join_url(&self, course: &str, name: &str, role: Role, create_time: &str) -> String {
        let role = match role {
            Role::Moderator => "MODERATOR",
            Role::Viewer => "VIEWER",
        };
        self.service.url(&self.signed(
            "join",
            &[
                ("meetingID", &meeting_id(course)),
                ("fullName", name),
                ("role", role),
                ("createTime", create_time),
            ],
        ))
    }

    /// `getMeetingInfo`, or nothing when the class does not exist.
    pub async fn info(&self, course: &str) -> Result<Option<Element>, DemoError> {
        let answer = self.call("getMeetingInfo", &[("meetingID", &meeting_id(course))]).await?;
        if answer.at("messageKey") == "notFound" { Ok(None) } else { accepted(answer).map(Some) }
    }

    /// `getRecordings` of all demo courses.
    pub async fn recordings(&self) -> Result<Element, DemoError> {
        accepted(self.call("getRecordings", &[("meta_bbb-origin", ORIGIN), ("state", "any")]).await?)
    }

    fn signed(&self, call: &str, parameters: &[(&str, &str)]) -> String {
        let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
        let joint = if query.is_empty() { "" } else { "&" };
        let checksum = sign(call, &query, self.secret.expose());
        format!("/bigbluebutton/api/{call}?{query}{joint}checksum={checksum}")
    }

    /// The request takes the same way through the API's routes as one from the network.
    async fn call(&self, call: &str, parameters: &[(&str, &str)]) -> Result<Element, DemoError> {
        let request =
            Request::get(self.signed(call, parameters)).body(Body::empty()).map_err(|_| DemoError::Broken)?;
        let Ok(response) = crate::lms::routes(self.service.clone()).oneshot(request).await;
        let bytes = to_bytes(response.into_body(), MAX_ANSWER).await.map_err(|_| DemoError::Broken)?;
        let xml = String::from_utf8(bytes.into()).map_err(|_| DemoError::Broken)?;
        Element::parse(&xml).ok_or(DemoError::Broken)
    }
}

fn accepted(answer: Element) -> Result<Element, DemoError> {
    if answer.at("returncode") == "SUCCESS" {
        return Ok(answer);
    }
    Err(DemoError::Refused(answer.at("messageKey").to_owned()))
}

/// Commas separate ids in the API.
fn meeting_id(course: &str) -> String {
    format!("demo-{}", course.replace(',', " ").to_lowercase())
}

/// Meeting names have two letters at least.
fn named(course: &str) -> String {
    if course.chars().count() < 2 { format!("Demo {course}") } else { course.to_owned() }
}
