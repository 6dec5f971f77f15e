//! The one cookie: names a browser, gone when it closes (R5).

use axum::http::{HeaderMap, header};

use crate::config::ServiceConfig;

const NAME: &str = "lectern";

/// The browser's id from its request: 32 hex digits, anything else is as if absent.
pub(crate) fn read(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = values.find(|(name, value)| *name == NAME && is_id(value))?;
    Some(value.to_owned())
}

/// The `Set-Cookie` line: no expiry, so it ends with the browser. A page in a front end's frame is "cross site" to
/// the browser and sends the cookie only when told so, which it accepts over HTTPS alone.
pub(crate) fn set(browser: &str, config: &ServiceConfig) -> String {
    let secure = config.public_url.starts_with("https://");
    let reach = match (secure, config.frame_ancestors.is_empty()) {
        (true, false) => "SameSite=None; Secure",
        (true, true) => "SameSite=Lax; Secure",
        (false, _) => "SameSite=Lax",
    };
    format!("{NAME}={browser}; Path=/; HttpOnly; {reach}")
}

fn is_id(value: &str) -> bool {
    value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn our_cookie_is_found_among_others_and_foreign_values_are_not() {
        let id = "0123456789abcdef0123456789abcdef";
        let mut headers = HeaderMap::new();
        headers
            .insert(header::COOKIE, HeaderValue::from_str(&format!("a=b; lectern={id}; c")).expect("ascii"));
        assert_eq!(read(&headers).as_deref(), Some(id));
        headers.insert(header::COOKIE, HeaderValue::from_static("lectern=short; xlectern=1"));
        assert_eq!(read(&headers), None);
    }
}
