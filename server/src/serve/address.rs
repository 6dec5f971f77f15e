//! Where a request comes from, when a proxy on the same machine stands in front.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use service::live::ClientAddress;

/// Notes the address of every request for those who keep support data (R40).
pub fn routes(router: Router) -> Router {
    router.layer(from_fn(note))
}

async fn note(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request, next: Next) -> Response {
    let address = of(peer.ip(), request.headers());
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

/// A proxy on this machine is believed about the last hop in front of it; nobody else is believed anything.
fn of(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !peer.is_loopback() {
        return peer;
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let last = last.and_then(|list| list.rsplit(',').next()).and_then(|ip| ip.trim().parse().ok());
    last.unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_local_proxy_is_believed_and_only_its_own_word() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 203.0.113.9"));
        let local: IpAddr = "127.0.0.1".parse().expect("ip");
        let far: IpAddr = "198.51.100.1".parse().expect("ip");
        assert_eq!(of(local, &headers).to_string(), "203.0.113.9");
        assert_eq!(of(far, &headers), far);
        assert_eq!(of(local, &HeaderMap::new()), local);
    }
}
