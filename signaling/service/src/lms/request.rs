//! From an HTTP request to a signed call: checksum first, then the tenant, then the parameters.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use protocol::ids::TenantId;

use super::Call;
use super::checksum::SignedQuery;
use super::failure::Failure;
use super::form;
use super::query::Params;
use crate::Service;

/// Most bytes of a body.
const MAX_BODY: usize = 2 << 20;

/// A call whose checksum was made with a secret of the tenant.
pub(super) struct Signed {
    /// Who calls.
    pub tenant: TenantId,
    /// What was said.
    pub params: Params,
    /// An XML body, not signed, if one came.
    pub xml: Option<Bytes>,
}

/// What a body is.
enum Content {
    Form,
    Multipart,
    Xml,
}

impl Signed {
    /// Reads a call and checks its signature.
    pub async fn read(service: &Service, call: Call, request: Request) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let raw = parts.uri.query().unwrap_or_default();
        let query = SignedQuery::cut(raw);
        let body = if parts.method == Method::POST { read_body(body).await? } else { Bytes::new() };
        if body.is_empty() {
            let tenant = service.tenants().signer(call.name(), &query).await?;
            return Ok(Self { tenant, params: Params::decode(&query.signed), xml: None });
        }
        match content(&parts.headers, call)? {
            Content::Xml => {
                let tenant = service.tenants().signer(call.name(), &query).await?;
                Ok(Self { tenant, params: Params::decode(&query.signed), xml: Some(body) })
            }
            Content::Form => Self::with_form(service, call, query, &String::from_utf8_lossy(&body)).await,
            Content::Multipart => {
                let encoded = form::from_multipart(&parts.headers, body).await?;
                Self::with_form(service, call, query, &encoded).await
            }
        }
    }

    /// The body is never signed. What says which meeting is meant must be in the signed query, unless the operator
    /// allowed otherwise: one captured checksum over nothing would sign any call.
    async fn with_form(
        service: &Service,
        call: Call,
        query: SignedQuery,
        body: &str,
    ) -> Result<Self, Failure> {
        let mut query = query;
        let in_body = SignedQuery::cut(body);
        if query.signed.is_empty()
            && !Params::decode(&in_body.signed).is_empty()
            && !service.config().body_signing
        {
            return Err(Failure::new(
                "checksumError",
                "The parameters must be in the signed URL, not in the body",
            ));
        }
        if query.checksum.is_none() && service.config().body_signing {
            query.checksum = in_body.checksum.clone();
        }
        let tenant = service.tenants().signer(call.name(), &query).await?;
        let mut params = Params::decode(&query.signed);
        if !service.config().body_signing {
            params.meeting_id()?;
        }
        params.merge(Params::decode(&in_body.signed))?;
        Ok(Self { tenant, params, xml: None })
    }
}

async fn read_body(body: Body) -> Result<Bytes, Failure> {
    to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| Failure::new("sizeError", "The body must not be larger than 2 MiB"))
}

fn content(headers: &HeaderMap, call: Call) -> Result<Content, Failure> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (kind.as_str(), call) {
        ("application/x-www-form-urlencoded", _) => Ok(Content::Form),
        ("multipart/form-data", _) => Ok(Content::Multipart),
        ("application/xml" | "text/xml", Call::Create) => Ok(Content::Xml),
        _ => {
            Err(Failure::new("unsupportedContentType", "POST request Content-Type is missing or unsupported"))
        }
    }
}
