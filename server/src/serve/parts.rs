//! The parts of a running server and how they hold together.

use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use prometheus::Registry as Metrics;
use retention::Keeper;
use service::live::{Limits, LiveConfig, LiveMetrics, Registry};
use service::{Clock, Service, ServiceConfig};
use sfu_node::{RelayConfig, Sfu, SfuConfig, StartError, TapConfig};
use store::Store;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::web::Servers;
use super::{keep, links, listen};
use crate::admin::Admin;
use crate::exit::Exit;
use crate::settings::Settings;
use crate::{clock, media_ip};

/// How long segments and people get when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// Everything that runs.
pub struct Parts {
    store: Store,
    live: Registry,
    /// The public routes.
    pub app: axum::Router,
    /// What the admin port shows.
    pub admin: Admin,
    recorder: JoinHandle<()>,
    keeper: JoinHandle<()>,
    stop: CancellationToken,
}

impl Parts {
    /// Starts media, rooms, recorder and retention.
    pub async fn start(settings: &Settings, store: Store, tls: Option<&RustlsConfig>) -> Result<Self, Exit> {
        let broken = |error: store::Error| Exit::Unavailable(format!("the database cannot be used: {error}"));
        let interrupted = store.meetings().end_all_running(clock::now_ms()).await.map_err(broken)?;
        if !interrupted.is_empty() {
            tracing::info!(meetings = interrupted.len(), "meetings of the last run are closed");
        }
        let metrics = Metrics::new();
        let names_taken =
            |error: prometheus::Error| Exit::Unavailable(format!("metrics cannot be made: {error}"));
        let (sfu, events) = start_media(settings, tls)?;
        let clock: Clock = Arc::new(clock::now_ms);
        let token_key = Arc::new(links::token_key(&store)?);
        let link_key = links::link_key(&store)?;
        let recording_link = links::recording_link(link_key.clone());
        let data = store.data().to_owned();
        let live = Registry::start(
            LiveConfig {
                origin: settings.public_url.clone(),
                token_key: token_key.clone(),
                store: store.clone(),
                sfu: sfu.clone(),
                free_disk: Arc::new(move || keep::free_bytes(&data)),
                recording_link: recording_link.clone(),
                clock: clock.clone(),
                metrics: LiveMetrics::register(&metrics).map_err(names_taken)?,
                limits: Limits::default(),
            },
            events,
        );
        let service = Service::new(ServiceConfig {
            public_url: settings.public_url.clone(),
            store: store.clone(),
            live: live.clone(),
            token_key,
            frame_ancestors: settings.frame_ancestors.clone(),
            demo: settings.demo,
            body_signing: settings.lms_body_signing,
            recording_link,
            clock,
        });
        let playback =
            recorder::playback::router(recorder::Playback { store: store.clone(), links: link_key });
        let stop = CancellationToken::new();
        let keeper = Keeper::new(store.clone(), &metrics);
        let keeper = keeper.map_err(|error| Exit::Unavailable(format!("retention cannot start: {error}")))?;
        Ok(Self {
            app: super::address::routes(service::router(service, playback)),
            recorder: keep::recorder(&sfu, &store, stop.clone())?,
            keeper: tokio::spawn(keep::sweep(keeper, store.clone(), stop.clone())),
            admin: Admin { registry: metrics, sfu, store: store.clone(), recorder_seen: Arc::default() },
            store,
            live,
            stop,
        })
    }

    /// Stops in good order: rooms first (people are told, segments are finished), then the pages, the recorder, the
    /// retention worker and the database.
    pub async fn stop(self, servers: Servers) {
        if tokio::time::timeout(FAREWELL, self.live.stop()).await.is_err() {
            tracing::warn!("not every room could be closed in time");
        }
        servers.stop().await;
        self.stop.cancel();
        for (name, task) in [("recorder", self.recorder), ("retention", self.keeper)] {
            if tokio::time::timeout(FAREWELL, task).await.is_err() {
                tracing::warn!(name, "did not stop in time");
            }
        }
        self.store.close().await;
    }
}

fn start_media(
    settings: &Settings,
    tls: Option<&RustlsConfig>,
) -> Result<(Sfu, tokio::sync::mpsc::Receiver<sfu_node::SfuEvent>), Exit> {
    // The relay shows the certificate of the pages, to those who come to the media port with TLS.
    let host = Url::parse(&settings.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let relay = RelayConfig { udp: settings.relay_udp, tls: tls.map(RustlsConfig::get_inner), host };
    let config = SfuConfig {
        udp: settings.udp,
        tcp: settings.tcp,
        relay: settings.tcp.or(settings.relay_udp).map(|_| relay),
        announced: media_ip::announced(settings),
        shards: settings.shards,
        tap: TapConfig::default(),
        estimate: settings.bandwidth,
    };
    Sfu::start(config).map_err(|error| match error {
        StartError::PortBusy { addr } => {
            let key = if settings.relay_udp == Some(addr) { "LECTERN_RELAY_UDP" } else { "LECTERN_UDP" };
            listen::refused(key, addr, &std::io::Error::from(std::io::ErrorKind::AddrInUse))
        }
        StartError::TcpBusy { addr } => {
            listen::refused("LECTERN_TCP", addr, &std::io::Error::from(std::io::ErrorKind::AddrInUse))
        }
        StartError::System { error, .. } => listen::refused("LECTERN_UDP", settings.udp, &error),
        other => Exit::Unavailable(format!("media cannot start: {other}")),
    })
}
