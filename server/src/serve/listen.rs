//! Ports and certificates: everything that can be refused is tried before anything else is started.

use std::net::{SocketAddr, TcpListener};

use axum_server::tls_rustls::RustlsConfig;

use crate::exit::Exit;
use crate::settings::Settings;

/// Opened listeners.
pub struct Listeners {
    /// Web, API, WebSocket.
    pub http: TcpListener,
    /// Metrics and health.
    pub admin: TcpListener,
    /// Set when the web port speaks TLS.
    pub tls: Option<RustlsConfig>,
}

/// Reads the certificate and opens both TCP ports.
pub async fn open(settings: &Settings) -> Result<Listeners, Exit> {
    let tls = certificate(settings).await?;
    Ok(Listeners {
        http: bind(settings.http, "LECTERN_HTTP")?,
        admin: bind(settings.admin, "LECTERN_ADMIN")?,
        tls,
    })
}

async fn certificate(settings: &Settings) -> Result<Option<RustlsConfig>, Exit> {
    let Some(tls) = &settings.tls else { return Ok(None) };
    // Fails only if a provider is chosen already, which is then the same one.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let loaded = RustlsConfig::from_pem_file(&tls.cert, &tls.key).await;
    loaded.map(Some).map_err(|error| {
        Exit::Usage(format!(
            "LECTERN_TLS_CERT = {:?}, LECTERN_TLS_KEY = {:?}: must be a certificate chain and its key as PEM ({error})",
            tls.cert.display(),
            tls.key.display(),
        ))
    })
}

fn bind(address: SocketAddr, key: &str) -> Result<TcpListener, Exit> {
    let listener = TcpListener::bind(address).map_err(|error| refused(key, address, &error))?;
    listener.set_nonblocking(true).map_err(|error| refused(key, address, &error))?;
    Ok(listener)
}

/// One line for a port that cannot be had.
pub fn refused(key: &str, address: SocketAddr, error: &std::io::Error) -> Exit {
    let why = match error.kind() {
        std::io::ErrorKind::AddrInUse => "is in use by another program".to_owned(),
        std::io::ErrorKind::AddrNotAvailable => "is not an address of this machine".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be opened by this user".to_owned(),
        _ => format!("cannot be opened: {error}"),
    };
    Exit::Unavailable(format!("{address} {why} (set {key} to another)"))
}
