//! A node on loopback with one publisher and many subscribers whose keys are given, so that no handshake is needed.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use sfu_node::{EngineView, ParticipantId, RoomId, Sfu, SfuConfig, SfuEvent, Source, TapConfig};
use tokio::sync::mpsc;

use crate::keys::{Browser, material};
use crate::media::Camera;

/// Video slots of every participant.
const SLOTS: u8 = 12;

/// A node with one shard.
pub fn node() -> Result<(Sfu, mpsc::Receiver<SfuEvent>), String> {
    let udp = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = SfuConfig {
        udp,
        tcp: None,
        relay: None,
        announced: vec![udp.ip()],
        shards: 1,
        tap: TapConfig::off(),
        estimate: false,
    };
    Sfu::start(config).map_err(|error| error.to_string())
}

/// One publisher and its audience.
pub struct Class {
    /// The node's address.
    pub to: SocketAddr,
    /// One socket per subscriber, with the browser's half of SRTP.
    pub audience: Vec<(UdpSocket, Browser)>,
    room: RoomId,
    publisher: UdpSocket,
    browser: Browser,
    camera: Camera,
    /// When each packet was sent, by its number, since `zero`.
    pub sent: Vec<Duration>,
    /// When counting began.
    pub zero: Instant,
}

impl Class {
    /// Opens a room with `subscribers` listeners who all show the one camera.
    pub async fn open(sfu: &Sfu, subscribers: u32) -> Result<Self, String> {
        let room = sfu.open_room().await;
        let publisher = seat(sfu, room, 0).await?;
        sfu.publish(publisher.0, Source::Camera, true);
        let view = EngineView {
            publisher: publisher.0,
            source: Source::Camera,
            width: 320,
            height: 180,
            priority: 0,
        };
        let mut audience = Vec::new();
        for number in 1..=subscribers {
            let (participant, socket, browser) = seat(sfu, room, number).await?;
            sfu.viewport(participant, vec![view]);
            audience.push((socket, browser));
        }
        let (_, socket, browser) = publisher;
        Ok(Self {
            to: sfu.local_address(),
            room,
            audience,
            publisher: socket,
            browser,
            camera: Camera::new(4242),
            sent: Vec::new(),
            zero: Instant::now(),
        })
    }

    /// Ends the class: who has left costs nothing any more.
    pub fn close(self, sfu: &Sfu) {
        sfu.close_room(self.room);
    }

    /// Sends one frame of `packets` packets of `size` bytes. Each ends with its number, 8 bytes big endian.
    pub fn send_frame(&mut self, packets: usize, size: usize) -> Result<(), String> {
        let mut datagrams = Vec::with_capacity(packets);
        let (browser, base) = (&mut self.browser, self.sent.len());
        self.camera.frame(packets, size, &mut |plain| {
            let mut plain = plain.to_vec();
            let number = (base + datagrams.len()) as u64;
            if let Some(end) = plain.last_chunk_mut::<8>() {
                *end = number.to_be_bytes();
            }
            datagrams.extend(browser.seal(&plain));
        });
        for datagram in datagrams {
            self.sent.push(self.zero.elapsed());
            self.publisher.send_to(&datagram, self.to).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

async fn seat(sfu: &Sfu, room: RoomId, number: u32) -> Result<(ParticipantId, UdpSocket, Browser), String> {
    let joined = sfu.join(room, SLOTS).await.map_err(|error| error.to_string())?;
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    socket.set_nonblocking(true).map_err(|error| error.to_string())?;
    let remote = socket.local_addr().map_err(|error| error.to_string())?;
    let keys = material(number);
    sfu.connect_with_keys(joined.participant, remote, keys);
    let browser = Browser::new(&keys).ok_or("no SRTP")?;
    Ok((joined.participant, socket, browser))
}

/// CPU time of this process's shard threads so far, ns.
pub fn shard_cpu_ns() -> u64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    tasks
        .flatten()
        .filter(|task| {
            std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.starts_with("shard-"))
        })
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok())
        .sum()
}
