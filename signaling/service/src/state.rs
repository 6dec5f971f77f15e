//! What all routes share.

use std::sync::Arc;

use crate::config::ServiceConfig;
use crate::live::Registry;
use crate::lms::tenants::Tenants;
use crate::sessions::Sessions;

/// The service: configuration, tenants, sessions. Cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    config: ServiceConfig,
    tenants: Tenants,
    sessions: Sessions,
}

impl Service {
    /// A service without sessions.
    pub fn new(config: ServiceConfig) -> Self {
        let tenants = Tenants::new(config.store.clone());
        Self(Arc::new(Inner { config, tenants, sessions: Sessions::default() }))
    }

    pub(crate) fn config(&self) -> &ServiceConfig {
        &self.0.config
    }

    pub(crate) fn live(&self) -> &Registry {
        &self.0.config.live
    }

    pub(crate) fn tenants(&self) -> &Tenants {
        &self.0.tenants
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn demo_enabled(&self) -> bool {
        self.0.config.demo
    }

    /// Unix ms.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.0.config.clock)()
    }

    /// An absolute URL of ours; `path` begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.config.public_url)
    }
}
