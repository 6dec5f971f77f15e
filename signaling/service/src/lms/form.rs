//! Forms sent as `multipart/form-data`.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};

use super::failure::Failure;

/// Rewrites a multipart form as `application/x-www-form-urlencoded` text; files are left out.
pub(super) async fn from_multipart(headers: &HeaderMap, body: Bytes) -> Result<String, Failure> {
    let mut request = Request::new(Body::from(body));
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| malformed())?;
    let mut pairs = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| malformed())? {
        if field.file_name().is_some() {
            continue;
        }
        let Some(name) = field.name().map(str::to_owned) else { continue };
        let value = field.text().await.map_err(|_| malformed())?;
        pairs.push((name, value));
    }
    Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

fn malformed() -> Failure {
    Failure::invalid("The form in the body cannot be read")
}
