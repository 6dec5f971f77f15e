//! A browser's stand-in: the `webrtc` crate answers the node's offer.

use std::sync::Arc;
use std::time::Duration;

use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8, MediaEngine};
use rtc::peer_connection::transport::RTCDtlsRole;
use rtc::rtp::Packet;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use sfu_node::{Joined, ParticipantId, RoomId, Sfu, Source};
use tokio::sync::{mpsc, watch};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState, RTCSessionDescription, Registry, SettingEngineBuilder,
    register_default_interceptors,
};
use webrtc::runtime::default_runtime;

use super::LIMIT;
use super::media::{Camera, Microphone, OPUS, VP8};

/// What publishers send, until told to stop.
const EVERY: Duration = Duration::from_millis(20);

/// One participant with a real peer connection.
pub struct Peer {
    pub joined: Joined,
    pub packets: mpsc::UnboundedReceiver<Packet>,
    connection: Arc<dyn PeerConnection>,
    state: watch::Receiver<RTCPeerConnectionState>,
    voice: Arc<TrackLocalStaticRTP>,
    video: Arc<TrackLocalStaticRTP>,
    ssrc: u32,
}

impl Peer {
    /// Joins the room, answers the offer and waits until the peer says it is connected. `ssrc` and the next
    /// number are the microphone's and the camera's.
    pub async fn join(sfu: &Sfu, room: RoomId, ssrc: u32) -> Peer {
        Peer::join_with(sfu, room, ssrc, |offer| offer).await
    }

    /// The same with a changed offer.
    pub async fn join_with(
        sfu: &Sfu,
        room: RoomId,
        ssrc: u32,
        change: impl FnOnce(String) -> String,
    ) -> Peer {
        let joined = sfu.join(room, 4).await.unwrap();
        let (handler, gathered, state, packets) = handler();
        let connection = connect(handler).await;
        let voice = track("voice", RtpCodecKind::Audio, opus(), ssrc);
        let video = track("video", RtpCodecKind::Video, vp8(), ssrc + 1);
        connection.add_track(voice.clone()).await.unwrap();
        connection.add_track(video.clone()).await.unwrap();
        let offer = RTCSessionDescription::offer(change(joined.offer.clone())).unwrap();
        connection.set_remote_description(offer).await.unwrap();
        let answer = connection.create_answer(None).await.unwrap();
        connection.set_local_description(answer).await.unwrap();
        let mut gathered = gathered;
        tokio::time::timeout(LIMIT, gathered.wait_for(|done| *done)).await.unwrap().unwrap();
        let answer = connection.local_description().await.unwrap();
        sfu.answer(joined.participant, answer.sdp.clone())
            .await
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", joined.offer, answer.sdp));
        let mut peer = Peer { joined, packets, connection, state, voice, video, ssrc };
        let connected = peer.state.wait_for(|state| *state == RTCPeerConnectionState::Connected);
        tokio::time::timeout(LIMIT, connected).await.expect("connected in time").unwrap();
        peer
    }

    pub fn id(&self) -> ParticipantId {
        self.joined.participant
    }

    /// Publishes voice and camera until the handle is aborted; every payload ends with `tag`.
    pub fn publish(&self, sfu: &Sfu, tag: u8) -> tokio::task::JoinHandle<()> {
        sfu.publish(self.id(), Source::Microphone, true);
        sfu.publish(self.id(), Source::Camera, true);
        let (voice, video, ssrc) = (self.voice.clone(), self.video.clone(), self.ssrc);
        tokio::spawn(async move {
            let (mut microphone, mut camera) = (Microphone::new(ssrc), Camera::new(ssrc + 1, "q"));
            let mut tick = tokio::time::interval(EVERY);
            loop {
                tick.tick().await;
                let _ = voice.write_rtp(microphone.packet(tag)).await;
                let _ = video.write_rtp(camera.frame(tag)).await;
            }
        })
    }

    /// The next packet that `wanted` takes, within the tests' limit.
    pub async fn packet(&mut self, mut wanted: impl FnMut(&Packet) -> bool) -> Packet {
        let search = async {
            loop {
                let packet = self.packets.recv().await.expect("the peer runs");
                if wanted(&packet) {
                    return packet;
                }
            }
        };
        tokio::time::timeout(LIMIT, search).await.expect("the packet came in time")
    }

    pub async fn close(&self) {
        let _ = self.connection.close().await;
    }
}

struct Handler {
    gathered: watch::Sender<bool>,
    state: watch::Sender<RTCPeerConnectionState>,
    packets: mpsc::UnboundedSender<Packet>,
}

type Handled = (
    Arc<Handler>,
    watch::Receiver<bool>,
    watch::Receiver<RTCPeerConnectionState>,
    mpsc::UnboundedReceiver<Packet>,
);

fn handler() -> Handled {
    let (gathered, gathering) = watch::channel(false);
    let (state, states) = watch::channel(RTCPeerConnectionState::New);
    let (packets, received) = mpsc::unbounded_channel();
    (Arc::new(Handler { gathered, state, packets }), gathering, states, received)
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.gathered.send_replace(true);
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let packets = self.packets.clone();
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                match event {
                    TrackRemoteEvent::OnRtpPacket(packet) => drop(packets.send(packet)),
                    TrackRemoteEvent::OnEnded => break,
                    _ => {}
                }
            }
        });
    }
}

async fn connect(handler: Arc<Handler>) -> Arc<dyn PeerConnection> {
    let mut engine = media_engine();
    let registry = register_default_interceptors(Registry::new(), &mut engine).unwrap();
    // Facing an ICE-lite peer this implementation would answer `passive`, which no browser does.
    let settings = SettingEngineBuilder::new().with_answering_dtls_role(RTCDtlsRole::Client).build();
    let connection = PeerConnectionBuilder::new()
        .with_setting_engine(settings)
        .with_media_engine(engine)
        .with_interceptor_registry(registry)
        .with_handler(handler)
        .with_runtime(default_runtime().unwrap())
        .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
        .build()
        .await
        .unwrap();
    Arc::new(connection)
}

/// What a browser would register: the two codecs, RTX, and the header extensions of the offer.
fn media_engine() -> MediaEngine {
    let mut engine = MediaEngine::default();
    let rtx = RTCRtpCodec {
        mime_type: "video/rtx".to_owned(),
        clock_rate: 90_000,
        sdp_fmtp_line: "apt=96".to_owned(),
        ..Default::default()
    };
    for (rtp_codec, payload_type, kind) in [
        (opus(), OPUS, RtpCodecKind::Audio),
        (vp8(), VP8, RtpCodecKind::Video),
        (rtx, 97, RtpCodecKind::Video),
    ] {
        let codec = RTCRtpCodecParameters { rtp_codec, payload_type };
        engine.register_codec(codec, kind).unwrap();
    }
    let sdes = "urn:ietf:params:rtp-hdrext:sdes";
    let extensions = [
        ("urn:ietf:params:rtp-hdrext:ssrc-audio-level".to_owned(), RtpCodecKind::Audio),
        (format!("{sdes}:mid"), RtpCodecKind::Audio),
        (format!("{sdes}:mid"), RtpCodecKind::Video),
        (format!("{sdes}:rtp-stream-id"), RtpCodecKind::Video),
        (format!("{sdes}:repaired-rtp-stream-id"), RtpCodecKind::Video),
    ];
    for (uri, kind) in extensions {
        engine.register_header_extension(RTCRtpHeaderExtensionCapability { uri }, kind, None).unwrap();
    }
    engine
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        rtcp_feedback: vec![],
    }
}

fn vp8() -> RTCRtpCodec {
    RTCRtpCodec { mime_type: MIME_TYPE_VP8.to_owned(), clock_rate: 90_000, ..Default::default() }
}

fn track(name: &str, kind: RtpCodecKind, codec: RTCRtpCodec, ssrc: u32) -> Arc<TrackLocalStaticRTP> {
    let rtp_coding_parameters = RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() };
    let encoding = RTCRtpEncodingParameters { rtp_coding_parameters, codec, ..Default::default() };
    let name = name.to_owned();
    Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
        name.clone(),
        name.clone(),
        name,
        kind,
        vec![encoding],
    )))
}
