//! A node on loopback, and independent peers (`webrtc`) and recorders (`quinn`) for it.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

pub mod bridge;
pub mod media;
pub mod peer;
pub mod recorder;
pub mod relay;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use sfu_node::{ParticipantId, Sfu, SfuConfig, SfuEvent, TapConfig};
use tokio::sync::mpsc;

/// Nothing in these tests takes longer.
pub const LIMIT: Duration = Duration::from_secs(20);

pub fn config(shards: usize) -> SfuConfig {
    let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    SfuConfig {
        udp: SocketAddr::new(ip, 0),
        tcp: None,
        relay: None,
        announced: vec![ip],
        shards,
        tap: TapConfig::default(),
        estimate: false,
    }
}

/// A node and its events.
pub struct Node {
    pub sfu: Sfu,
    pub events: mpsc::Receiver<SfuEvent>,
    pub seen: Vec<SfuEvent>,
}

impl Node {
    pub fn start(shards: usize) -> Node {
        Node::start_with(config(shards))
    }

    pub fn start_with(config: SfuConfig) -> Node {
        let (sfu, events) = Sfu::start(config).unwrap();
        Node { sfu, events, seen: Vec::new() }
    }

    /// Waits for an event that `wanted` takes, and gives what it made of it. Others are kept in `seen`.
    pub async fn event<T>(&mut self, mut wanted: impl FnMut(&SfuEvent) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the node runs");
                let found = wanted(&event);
                self.seen.push(event);
                if let Some(found) = found {
                    return found;
                }
            }
        };
        match tokio::time::timeout(LIMIT, search).await {
            Ok(found) => found,
            Err(_) => panic!("the event did not come; seen: {:?}", self.seen),
        }
    }

    pub async fn connected(&mut self, who: ParticipantId) {
        if !self.seen.contains(&SfuEvent::Connected { participant: who }) {
            self.event(|event| (*event == SfuEvent::Connected { participant: who }).then_some(())).await;
        }
    }
}
