//! The checks, each of one thing.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;

use jiff::Timestamp;

use super::Finding;
use crate::serve::{free_bytes, opened};
use crate::settings::Settings;
use crate::{clock, media_ip};

/// Below so many free bytes nothing is recorded.
const LITTLE_DISK: u64 = 1_000_000_000;
/// No clock that is right shows an earlier time than the building of this version.
const BUILT: &str = "2026-01-01T00:00:00Z";

/// All of them, in the order in which a start needs them.
pub async fn all(settings: &Settings) -> Vec<(&'static str, Finding)> {
    vec![
        ("web port", tcp(settings.http)),
        ("admin port", tcp(settings.admin)),
        ("media port", udp(settings.udp)),
        ("media port without UDP", settings.tcp.map_or_else(|| Finding::Good("off".to_owned()), tcp)),
        ("media address", address(settings)),
        ("certificate", certificate(settings).await),
        ("clock", clock()),
        ("data folder", folder(&settings.data)),
        ("disk", disk(&settings.data)),
        ("database", database(settings).await),
        ("recorder", recorder()),
    ]
}

fn tcp(address: SocketAddr) -> Finding {
    taken(address, TcpListener::bind(address).map(|_| ()))
}

fn udp(address: SocketAddr) -> Finding {
    taken(address, UdpSocket::bind(address).map(|_| ()))
}

fn taken(address: SocketAddr, bound: std::io::Result<()>) -> Finding {
    match bound {
        Ok(()) => Finding::Good(format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Finding::Warning(format!("{address} is in use (by a running server, or by another program)"))
        }
        Err(error) => Finding::Bad {
            what: format!("{address} cannot be opened: {error}"),
            mend: "Choose another with LECTERN_HTTP, LECTERN_ADMIN, LECTERN_UDP or LECTERN_TCP.",
        },
    }
}

fn address(settings: &Settings) -> Finding {
    let announced: Vec<_> = media_ip::announced(settings).iter().map(ToString::to_string).collect();
    let text = format!("browsers are told {}", announced.join(", "));
    let private = settings.media_ip.is_empty() && settings.public_url.starts_with("https://");
    if private {
        Finding::Warning(format!("{text}; behind NAT set LECTERN_MEDIA_IP"))
    } else {
        Finding::Good(text)
    }
}

async fn certificate(settings: &Settings) -> Finding {
    let Some(tls) = &settings.tls else {
        let local = settings.public_url.starts_with("https://") || media_ip::is_local(&settings.public_url);
        let text = "none set; a proxy in front must speak HTTPS, or browsers give no camera and microphone";
        return if local {
            Finding::Good("none needed here".to_owned())
        } else {
            Finding::Warning(text.to_owned())
        };
    };
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    match axum_server::tls_rustls::RustlsConfig::from_pem_file(&tls.cert, &tls.key).await {
        Ok(_) => Finding::Good(format!("{} and its key can be read", tls.cert.display())),
        Err(error) => Finding::Bad {
            what: format!("{} or {} cannot be used: {error}", tls.cert.display(), tls.key.display()),
            mend: "Give the chain and its key as PEM files in LECTERN_TLS_CERT and LECTERN_TLS_KEY.",
        },
    }
}

fn clock() -> Finding {
    let now = Timestamp::from_millisecond(clock::now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
    match BUILT.parse::<Timestamp>() {
        Ok(built) if now < built => Finding::Bad {
            what: format!("it is {now}, which cannot be"),
            mend: "Set the clock (systemd-timesyncd does): retention and links depend on it.",
        },
        _ => Finding::Good(now.strftime("%Y-%m-%d %H:%M UTC").to_string()),
    }
}

fn folder(data: &Path) -> Finding {
    let probe = data.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::create_dir_all(data).and_then(|()| std::fs::write(&probe, b""));
    std::fs::remove_file(&probe).ok();
    match written {
        Ok(()) => Finding::Good(format!("{} can be written", data.display())),
        Err(error) => Finding::Bad {
            what: format!("{} cannot be written: {error}", data.display()),
            mend: "Make it writable for this user, or choose another with LECTERN_DATA.",
        },
    }
}

fn disk(data: &Path) -> Finding {
    match free_bytes(data) {
        Some(free) if free < LITTLE_DISK => Finding::Bad {
            what: format!("{} MB are free", free / 1_000_000),
            mend: "Make room, or move the data folder: recording stops when the disk is full.",
        },
        Some(free) => Finding::Good(format!("{} GB are free", free / 1_000_000_000)),
        None => Finding::Warning("the free space cannot be told".to_owned()),
    }
}

async fn database(settings: &Settings) -> Finding {
    let bad = |what| Finding::Bad {
        what,
        mend: "Start the database and look at LECTERN_DATABASE and LECTERN_DATA.",
    };
    match opened::store(settings).await {
        Err(exit) => bad(exit.to_string()),
        Ok(store) => {
            let answer = store.ping().await;
            store.close().await;
            let kind = if settings.database.is_some() { "PostgreSQL" } else { "SQLite" };
            answer.map_or_else(|error| bad(error.to_string()), |()| Finding::Good(format!("{kind} answers")))
        }
    }
}

fn recorder() -> Finding {
    match recorder::check_elements() {
        Ok(()) => Finding::Good("GStreamer has all that is needed".to_owned()),
        Err(error) => {
            Finding::Bad { what: error.to_string(), mend: "apt-get install the packages named above." }
        }
    }
}
