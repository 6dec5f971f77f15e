//! What `join` may say.

use std::collections::BTreeMap;

use protocol::server::Role;

use super::create_params::web_url;
use super::failure::Failure;
use super::query::Params;

/// Most characters of a name, as in the reference server since 4.0.
const MAX_NAME: usize = 255;

/// A join, read.
pub(super) struct JoinParams {
    pub meeting_id: String,
    pub full_name: String,
    pub role: Option<Role>,
    pub password: Option<String>,
    pub create_time: Option<i64>,
    pub user_id: Option<String>,
    pub logout_url: Option<String>,
    pub guest: bool,
    /// False for visitors whom the front end does not know.
    pub signed_in: bool,
    pub user_data: BTreeMap<String, String>,
}

impl JoinParams {
    /// Reads the parameters, in the order in which the reference server complains.
    pub fn read(params: &Params) -> Result<Self, Failure> {
        let meeting_id = params.meeting_id()?.to_owned();
        let full_name = params.text("fullName");
        let full_name =
            full_name.ok_or_else(|| Failure::new("missingParamFullName", "You must provide your name"))?;
        if full_name.chars().count() > MAX_NAME {
            return Err(Failure::new("fullNameTooLong", "The name must not be longer than 255 characters"));
        }
        let guest = params.flag("guest")?;
        Ok(Self {
            meeting_id,
            full_name: full_name.to_owned(),
            role: params.text("role").and_then(role),
            password: params.text("password").map(str::to_owned),
            create_time: params.number("createTime")?,
            user_id: params.text("userID").map(str::to_owned),
            logout_url: web_url(params, "logoutURL")?,
            guest: guest.unwrap_or(false),
            signed_in: params.flag("auth")?.unwrap_or(guest != Some(true)),
            user_data: params.user_data(),
        })
    }

    /// The language the front end asks for, if any: a BCP 47 tag such as `de` or `pt-br`.
    pub fn language(&self) -> Option<&str> {
        let keys = ["bbb_override_default_locale", "bbb_preferred_locale"];
        keys.iter().find_map(|key| self.user_data.get(*key)).map(String::as_str).filter(|tag| !tag.is_empty())
    }
}

/// In any case; anything else decides nothing.
fn role(text: &str) -> Option<Role> {
    match text.to_ascii_lowercase().as_str() {
        "moderator" => Some(Role::Moderator),
        "viewer" | "attendee" => Some(Role::Viewer),
        _ => None,
    }
}
