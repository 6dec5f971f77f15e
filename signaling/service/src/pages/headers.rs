//! Headers of every answer: pages load nothing from elsewhere and nobody else shows them in a frame.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::middleware::map_response;

use crate::config::ServiceConfig;

/// Adds the headers to all answers of the router.
pub(crate) fn protect(router: Router, config: &ServiceConfig) -> Router {
    let headers = headers(config);
    router.layer(map_response(move |mut response: Response<axum::body::Body>| {
        for (name, value) in &headers {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
        std::future::ready(response)
    }))
}

fn headers(config: &ServiceConfig) -> Vec<(HeaderName, HeaderValue)> {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let mut headers: Vec<_> =
        fixed.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    if let Ok(policy) = HeaderValue::from_str(&content_policy(config)) {
        headers.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    if config.public_url.starts_with("https://") {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.push((header::STRICT_TRANSPORT_SECURITY, year));
    }
    headers
}

const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
    autoplay=(self), geolocation=(), payment=(), usb=(), browsing-topics=()";

/// `blob:` is for recorded media (MediaSource needs an object URL) and workers; style attributes are set by the
/// client's templates. Everything else comes from us alone.
fn content_policy(config: &ServiceConfig) -> String {
    let socket = config.public_url.replacen("http", "ws", 1);
    let ancestors = match config.frame_ancestors.as_slice() {
        [] => "'self'".to_owned(),
        others => format!("'self' {}", others.join(" ")),
    };
    format!(
        "default-src 'self'; connect-src 'self' {socket}; media-src 'self' blob:; worker-src 'self' blob:; \
         img-src 'self' data: blob:; style-src 'self'; style-src-attr 'unsafe-inline'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )
}
