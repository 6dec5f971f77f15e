//! A whole service on a free port of loopback, and a front end that signs its calls.
#![allow(dead_code, reason = "not every test file uses all of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use protocol::ids::TenantId;
use protocol::token::TokenKey;
use reqwest::{Client, RequestBuilder, Response, redirect};
use service::live::{Limits, LiveConfig, LiveMetrics, Registry};
use service::lms::checksum::sign;
use service::lms::tree::Element;
use service::{Service, ServiceConfig};
use sfu_node::{Sfu, SfuConfig, TapConfig};
use store::keys::{DataKey, MasterKey};
use store::tenants::{Secret, Tenant, Terms};
use store::{Retention, Store, StoreConfig};

pub const SECRET: &str = "639259d4-9dd8-4b25-bf01-95f9567eaf4b";
pub const OLD_SECRET: &str = "the-secret-before-this-one-0123456789";
pub const OTHER_SECRET: &str = "the-secret-of-another-tenant-0123456";
pub const TOKEN_KEY: [u8; 32] = [7; 32];

/// What a test may want to be different.
#[derive(Clone, Default)]
pub struct Wish {
    pub demo: bool,
    pub body_signing: bool,
    pub frame_ancestors: Vec<String>,
}

pub struct TestServer {
    pub url: String,
    pub store: Store,
    pub live: Registry,
    /// Unix ms that the service sees.
    pub now_ms: Arc<AtomicI64>,
    pub client: Client,
    _data: tempfile::TempDir,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(Wish::default()).await
    }

    pub async fn with(wish: Wish) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let master_key = MasterKey::Given(DataKey::random().expect("random"));
        let config = StoreConfig { database_url: None, data: data.path().to_owned(), master_key };
        let store = Store::open(config).await.expect("a store");
        tenant(&store, "default", &[SECRET, OLD_SECRET]).await;
        tenant(&store, "other", &[OTHER_SECRET]).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let now_ms = Arc::new(AtomicI64::new(1_800_000_000_000));
        let seen = now_ms.clone();
        let clock: service::Clock = Arc::new(move || seen.load(Ordering::Relaxed));
        let token_key = Arc::new(TokenKey::new(&TOKEN_KEY));
        let recording_link: service::RecordingLink =
            Arc::new(|id, now_ms| format!("/recordings/{id}?t={now_ms}.aa"));
        let live = live(&url, &store, token_key.clone(), recording_link.clone(), clock.clone());
        let service = Service::new(ServiceConfig {
            public_url: url.clone(),
            store: store.clone(),
            live: live.clone(),
            token_key,
            frame_ancestors: wish.frame_ancestors,
            demo: wish.demo,
            body_signing: wish.body_signing,
            recording_link,
            clock,
        });
        let app = service::router(service, axum::Router::new());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
        Self { url, store, live, now_ms, client, _data: data }
    }

    /// A signed GET of a raw query.
    pub fn get(&self, call: &str, query: &str) -> RequestBuilder {
        self.client.get(self.signed(call, query, SECRET))
    }

    /// The URL of a call, signed over the raw query.
    pub fn signed(&self, call: &str, query: &str, secret: &str) -> String {
        let joint = if query.is_empty() { "" } else { "&" };
        format!("{}/bigbluebutton/api/{call}?{query}{joint}checksum={}", self.url, sign(call, query, secret))
    }

    /// A signed call and its answer.
    pub async fn call(&self, call: &str, query: &str) -> Element {
        read(self.get(call, query).send().await.expect("an answer")).await
    }

    pub async fn other_call(&self, call: &str, query: &str) -> Element {
        read(self.client.get(self.signed(call, query, OTHER_SECRET)).send().await.expect("an answer")).await
    }
}

/// Reads an answer, which is HTTP 200 and XML whatever it says.
pub async fn read(response: Response) -> Element {
    assert_eq!(response.status(), 200);
    let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
    assert!(kind.starts_with("text/xml"), "{kind}");
    let text = response.text().await.expect("a body");
    Element::parse(&text).unwrap_or_else(|| panic!("not XML: {text}"))
}

/// Where a 302 leads.
pub fn location(response: &Response) -> String {
    assert_eq!(response.status(), 302);
    response.headers()["location"].to_str().expect("text").to_owned()
}

pub fn query_of(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).expect("a URL");
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn tenant(store: &Store, id: &str, secrets: &[&str]) {
    let tenant = Tenant {
        id: TenantId::from(id),
        name: id.to_owned(),
        retention: Retention::Days(14),
        recording_allowed: true,
        terms: Terms::default(),
        created_ms: 0,
        ended_ms: None,
    };
    store.tenants().create(&tenant).await.expect("a tenant");
    let secrets: Vec<_> = secrets.iter().map(|text| Secret::new(text)).collect();
    store.tenants().set_secrets(&tenant.id, &secrets).await.expect("secrets");
}

fn live(
    url: &str,
    store: &Store,
    token_key: Arc<TokenKey>,
    recording_link: service::RecordingLink,
    clock: service::Clock,
) -> Registry {
    let loopback = "127.0.0.1:0".parse().expect("an address");
    let announced = vec!["127.0.0.1".parse().expect("an address")];
    let config = SfuConfig {
        udp: loopback,
        tcp: None,
        relay: None,
        announced,
        shards: 1,
        tap: TapConfig::off(),
        estimate: false,
    };
    let (sfu, events) = Sfu::start(config).expect("media");
    let metrics = LiveMetrics::register(&prometheus::Registry::new()).expect("metrics");
    let config = LiveConfig {
        origin: url.to_owned(),
        token_key,
        store: store.clone(),
        sfu,
        free_disk: Arc::new(|| None),
        recording_link,
        clock,
        metrics,
        limits: Limits::default(),
    };
    Registry::start(config, events)
}
