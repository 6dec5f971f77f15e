//! The HTTP servers: the public one, with or without TLS, and the admin one.

use std::net::SocketAddr;
use std::time::Duration;

use axum_server::Handle;
use tokio::task::JoinHandle;

use super::listen::Listeners;
use super::parts::Parts;
use crate::admin;
use crate::exit::Exit;

/// How long open requests get when the server stops.
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// The running servers.
pub struct Servers {
    handle: Handle<SocketAddr>,
    tasks: [JoinHandle<std::io::Result<()>>; 2],
}

impl Servers {
    /// Begins to answer.
    pub fn start(listeners: Listeners, parts: &Parts) -> Result<Self, Exit> {
        let broken = |error: std::io::Error| Exit::Unavailable(format!("a port cannot be served: {error}"));
        let handle = Handle::new();
        let app = parts.app.clone().into_make_service_with_connect_info::<SocketAddr>();
        let public = match listeners.tls {
            Some(tls) => {
                let server = axum_server::from_tcp_rustls(listeners.http, tls).map_err(broken)?;
                tokio::spawn(server.handle(handle.clone()).serve(app))
            }
            None => {
                let server = axum_server::from_tcp(listeners.http).map_err(broken)?;
                tokio::spawn(server.handle(handle.clone()).serve(app))
            }
        };
        let server = axum_server::from_tcp(listeners.admin).map_err(broken)?;
        let routes = admin::routes(parts.admin.clone()).into_make_service();
        let admin = tokio::spawn(server.handle(handle.clone()).serve(routes));
        Ok(Self { handle, tasks: [public, admin] })
    }

    /// Takes no new connections and waits for open requests.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(LAST_REQUESTS));
        for task in self.tasks {
            if let Ok(Err(error)) = task.await {
                tracing::warn!(%error, "a port was not closed well");
            }
        }
    }
}
