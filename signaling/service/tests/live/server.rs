//! The server side of the tests: registry, media node, store, and the front end's calls.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use prometheus::Encoder as _;
use protocol::ids::{MeetingId, PersonId, SessionId, TenantId};
use protocol::server::Role;
use protocol::token::{Claims, TokenKey};
use service::live::{CreateMeeting, Guest, Limits, LiveConfig, LiveMetrics, MeetingInfo, Registry, routes};
use sfu_node::{Sfu, SfuConfig, TapConfig};
use store::keys::{DataKey, MasterKey};
use store::tenants::{Tenant, Terms};
use store::{Retention, Store, StoreConfig};

pub const LOGOUT: &str = "https://lms.example/course/7";

pub struct Server {
    pub registry: Registry,
    pub store: Store,
    pub sfu: Sfu,
    pub key: Arc<TokenKey>,
    pub address: SocketAddr,
    pub data: tempfile::TempDir,
    /// What the disk check is told.
    pub free_disk: Arc<AtomicU64>,
    metrics: prometheus::Registry,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A server with other waiting times and sizes.
    pub async fn with(change: impl FnOnce(&mut Limits)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let master_key = MasterKey::Given(DataKey::random().unwrap());
        let store = StoreConfig { database_url: None, data: data.path().to_owned(), master_key };
        let store = Store::open(store).await.unwrap();
        for tenant in ["default", "other"] {
            store.tenants().create(&tenant_row(tenant)).await.unwrap();
        }
        let loopback: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let sfu = SfuConfig {
            udp: loopback,
            tcp: None,
            relay: None,
            announced: vec![loopback.ip()],
            shards: 1,
            tap: TapConfig::default(),
            estimate: false,
        };
        let (sfu, events) = Sfu::start(sfu).unwrap();
        // Connections inherit the small buffer, so that a test can fill it.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(16_384).unwrap();
        socket.bind(loopback).unwrap();
        let listener = socket.listen(128).unwrap();
        let address = listener.local_addr().unwrap();
        let key = Arc::new(TokenKey::new(&[7; 32]));
        let free_disk = Arc::new(AtomicU64::new(u64::MAX));
        let free = free_disk.clone();
        let metrics = prometheus::Registry::new();
        let mut limits = Limits::default();
        change(&mut limits);
        let config = LiveConfig {
            origin: format!("http://{address}"),
            token_key: key.clone(),
            store: store.clone(),
            sfu: sfu.clone(),
            free_disk: Arc::new(move || Some(free.load(Ordering::Relaxed))),
            recording_link: Arc::new(|id, _| format!("/recordings/{id}?sig=x")),
            clock: Arc::new(now_ms),
            metrics: LiveMetrics::register(&metrics).unwrap(),
            limits,
        };
        let registry = Registry::start(config, events);
        let app = routes(registry.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { registry, store, sfu, key, address, data, free_disk, metrics }
    }

    /// The front end's `create`.
    pub async fn meeting(&self, external: &str, change: impl FnOnce(&mut CreateMeeting)) -> MeetingInfo {
        let mut wish = wish(external);
        change(&mut wish);
        self.registry.create(wish).await.unwrap().meeting
    }

    /// The front end's `join`: the room token that the browser gets.
    pub fn invite(&self, meeting: &MeetingInfo, name: &str, role: Role) -> String {
        let claims = claims(&meeting.meeting.id, name, role);
        self.registry.expect(&meeting.meeting.id, guest(&claims)).unwrap();
        self.key.sign(&claims)
    }

    /// All metrics as Prometheus reads them.
    pub fn metrics(&self) -> String {
        let mut text = Vec::new();
        prometheus::TextEncoder::new().encode(&self.metrics.gather(), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// Whether these bytes stand anywhere in the data folder.
    pub fn disk_holds(&self, needle: &str) -> bool {
        fn search(folder: &std::path::Path, needle: &[u8]) -> bool {
            std::fs::read_dir(folder).unwrap().any(|entry| {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    return search(&path, needle);
                }
                let bytes = std::fs::read(&path).unwrap_or_default();
                bytes.windows(needle.len()).any(|window| window == needle)
            })
        }
        search(self.data.path(), needle.as_bytes())
    }
}

pub fn wish(external: &str) -> CreateMeeting {
    CreateMeeting {
        logout_url: Some(LOGOUT.into()),
        ..CreateMeeting::new("default".into(), external, "Maths 7b", now_ms())
    }
}

pub fn claims(meeting: &MeetingId, name: &str, role: Role) -> Claims {
    let now = now_ms() / 1000;
    Claims {
        tenant: TenantId::from("default"),
        meeting: meeting.clone(),
        person: PersonId(format!("w_{}", name.to_lowercase())),
        session: SessionId(format!("{:0>32}", name.to_lowercase())),
        name: name.into(),
        role,
        issued: now,
        expires: now + 3600,
    }
}

pub fn guest(claims: &Claims) -> Guest {
    Guest {
        person: claims.person.clone(),
        session: claims.session.clone(),
        user_id: Some(format!("lms-{}", claims.name)),
        signed_in: true,
        avatar: None,
        logout_url: None,
        custom: BTreeMap::new(),
    }
}

fn tenant_row(id: &str) -> Tenant {
    Tenant {
        id: id.into(),
        name: id.into(),
        retention: Retention::Days(14),
        recording_allowed: true,
        terms: Terms::default(),
        created_ms: 0,
        ended_ms: None,
    }
}

pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap()
}
