//! The GStreamer part: RTP packets of one track in, a growing WebM file out, all of it in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::manifest::Codec;

/// Longest time between two clusters, in ns: sound can be entered this often.
const CLUSTER: i64 = 2_000_000_000;
/// Most bytes that wait in front of the muxer.
const MAX_BACKLOG: u64 = 4 << 20;
/// How long the muxer may take to give out its last bytes.
const END: Duration = Duration::from_secs(5);

/// Why a track cannot be muxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MuxError {
    /// An element is missing or does not start.
    #[error("the GStreamer pipeline cannot be started")]
    Start,
    /// An element failed, or the bytes could not be stored.
    #[error("the GStreamer pipeline failed")]
    Failed,
}

/// One track's pipeline.
pub(super) struct Muxer {
    pipeline: gst::Pipeline,
    source: gst_app::AppSrc,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    failed: AtomicBool,
    ended: AtomicBool,
    changed: Notify,
}

impl State {
    fn set(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::Release);
        self.changed.notify_one();
    }
}

/// Payload type that the pipeline of a codec expects.
pub(super) fn payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Opus => 111,
        Codec::Vp8 => 96,
    }
}

impl Muxer {
    /// Starts a pipeline. `store` gets the file's bytes in order, on a thread of GStreamer's; when it gives an error,
    /// the track fails.
    pub(super) fn start<E>(
        codec: Codec,
        stereo: bool,
        store: impl FnMut(&[u8]) -> Result<(), E> + Send + 'static,
    ) -> Result<Self, MuxError> {
        Self::build(codec, stereo, store).map_err(|_| MuxError::Start)
    }

    fn build<E>(
        codec: Codec,
        stereo: bool,
        store: impl FnMut(&[u8]) -> Result<(), E> + Send + 'static,
    ) -> Result<Self, gst::glib::BoolError> {
        let state = Arc::new(State::default());
        let source = gst_app::AppSrc::builder().caps(&caps(codec, stereo)).format(gst::Format::Time).build();
        let depayloader = gst::ElementFactory::make(match codec {
            Codec::Opus => "rtpopusdepay",
            Codec::Vp8 => "rtpvp8depay",
        });
        let depayloader = depayloader.build()?;
        // A cluster at every keyframe, so that each can be entered; in sound every CLUSTER.
        let shortest = if codec.is_video() { 0 } else { CLUSTER };
        let muxer = gst::ElementFactory::make("webmmux")
            .property("streamable", true)
            .property("min-cluster-duration", shortest)
            .property("max-cluster-duration", CLUSTER)
            .build()?;
        let sink =
            gst_app::AppSink::builder().sync(false).async_(false).callbacks(callbacks(store, &state)).build();
        let pipeline = gst::Pipeline::new();
        let elements = [source.upcast_ref(), &depayloader, &muxer, sink.upcast_ref()];
        pipeline.add_many(elements)?;
        gst::Element::link_many(elements)?;
        watch(&pipeline, &state);
        let started = Self { pipeline, source, state };
        started
            .pipeline
            .set_state(gst::State::Playing)
            .map_err(|_| gst::glib::bool_error!("pipeline does not start"))?;
        Ok(started)
    }

    /// Hands over one packet of the frame of `pts_us` (µs since the segment's zero).
    pub(super) fn push(&self, packet: Vec<u8>, pts_us: u64) -> Result<(), MuxError> {
        let mut buffer = gst::Buffer::from_mut_slice(packet);
        if let Some(buffer) = buffer.get_mut() {
            // The file counts in ms; whole ones keep its times strictly rising.
            buffer.set_pts(gst::ClockTime::from_mseconds(pts_us / 1000));
        }
        if self.has_failed() {
            return Err(MuxError::Failed);
        }
        self.source.push_buffer(buffer).map(|_| ()).map_err(|_| MuxError::Failed)
    }

    /// Whether so much waits in front of the muxer that no more should be pushed for now.
    pub(super) fn is_behind(&self) -> bool {
        self.source.current_level_bytes() > MAX_BACKLOG
    }

    /// Whether the pipeline has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.state.failed.load(Ordering::Acquire)
    }

    /// Waits until everything that was pushed has been stored, and ends the pipeline.
    pub(super) async fn finish(self) -> Result<(), MuxError> {
        self.source.end_of_stream().map_err(|_| MuxError::Failed)?;
        let ended = async {
            while !self.state.ended.load(Ordering::Acquire) {
                if self.has_failed() {
                    return Err(MuxError::Failed);
                }
                self.state.changed.notified().await;
            }
            Ok(())
        };
        timeout(END, ended).await.unwrap_or(Err(MuxError::Failed))
    }
}

impl Drop for Muxer {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn caps(codec: Codec, stereo: bool) -> gst::Caps {
    let caps = gst::Caps::builder("application/x-rtp").field("payload", i32::from(payload_type(codec)));
    match codec {
        Codec::Opus => caps
            .field("media", "audio")
            .field("clock-rate", 48_000_i32)
            .field("encoding-name", "OPUS")
            .field("encoding-params", "2")
            // The muxer wants a rate, and takes it from here.
            .field("sprop-maxcapturerate", "48000")
            .field("sprop-stereo", if stereo { "1" } else { "0" }),
        Codec::Vp8 => {
            caps.field("media", "video").field("clock-rate", 90_000_i32).field("encoding-name", "VP8")
        }
    }
    .build()
}

fn callbacks<E>(
    mut store: impl FnMut(&[u8]) -> Result<(), E> + Send + 'static,
    state: &Arc<State>,
) -> gst_app::AppSinkCallbacks {
    let (failing, ending) = (state.clone(), state.clone());
    gst_app::AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let bytes = sample.buffer().and_then(|buffer| buffer.map_readable().ok());
            let stored = bytes.is_some_and(|bytes| store(bytes.as_slice()).is_ok());
            if stored {
                return Ok(gst::FlowSuccess::Ok);
            }
            failing.set(&failing.failed);
            Err(gst::FlowError::Error)
        })
        .eos(move |_| ending.set(&ending.ended))
        .build()
}

/// Takes every message from the bus, so that none pile up, and remembers errors.
fn watch(pipeline: &gst::Pipeline, state: &Arc<State>) {
    let Some(bus) = pipeline.bus() else { return };
    let state = state.clone();
    bus.set_sync_handler(move |_, message| {
        if let gst::MessageView::Error(error) = message.view() {
            tracing::warn!(error = %error.error(), detail = ?error.debug(), "a muxer failed");
            state.set(&state.failed);
        }
        gst::BusSyncReply::Drop
    });
}
