//! Real media: VP8 and Opus, encoded and put into RTP by GStreamer.

use std::sync::Once;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

/// A packet and when its frame was taken, ms since the track's begin.
#[derive(Clone)]
pub struct Packet {
    pub ms: u64,
    pub bytes: Vec<u8>,
}

impl Packet {
    pub fn sequence(&self) -> u16 {
        u16::from_be_bytes([self.bytes[2], self.bytes[3]])
    }

    pub fn timestamp(&self) -> u32 {
        u32::from_be_bytes([self.bytes[4], self.bytes[5], self.bytes[6], self.bytes[7]])
    }

    pub fn set_sequence(&mut self, sequence: u16) {
        self.bytes[2..4].copy_from_slice(&sequence.to_be_bytes());
    }

    pub fn set_timestamp(&mut self, timestamp: u32) {
        self.bytes[4..8].copy_from_slice(&timestamp.to_be_bytes());
    }
}

/// Pictures at 25 frames a second; a keyframe every `keyframes` frames.
pub fn vp8(frames: u32, width: u32, height: u32, keyframes: u32) -> Vec<Packet> {
    run(&format!(
        "videotestsrc num-buffers={frames} pattern=ball ! video/x-raw,width={width},height={height},framerate=25/1 ! \
         vp8enc deadline=1 cpu-used=8 target-bitrate=400000 keyframe-max-dist={keyframes} ! \
         rtpvp8pay mtu=1200 picture-id-mode=15-bit timestamp-offset=4294940000 seqnum-offset=65500 pt=96 ! \
         appsink name=out sync=false"
    ))
}

/// Pictures that compress badly, 25 a second.
pub fn noise(frames: u32) -> Vec<Packet> {
    run(&format!(
        "videotestsrc num-buffers={frames} pattern=snow ! video/x-raw,width=320,height=240,framerate=25/1 ! \
         vp8enc deadline=1 cpu-used=8 target-bitrate=800000 keyframe-max-dist=50 ! \
         rtpvp8pay mtu=1200 picture-id-mode=15-bit pt=96 ! appsink name=out sync=false"
    ))
}

/// A tone, 20 ms a packet.
pub fn opus(packets: u32) -> Vec<Packet> {
    run(&format!(
        "audiotestsrc num-buffers={packets} samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1 ! \
         opusenc bitrate=32000 ! rtpopuspay timestamp-offset=4294960000 seqnum-offset=65530 pt=111 ! \
         appsink name=out sync=false"
    ))
}

fn run(description: &str) -> Vec<Packet> {
    static START: Once = Once::new();
    START.call_once(|| gst::init().unwrap());
    let pipeline = gst::parse::launch(description).unwrap().downcast::<gst::Pipeline>().unwrap();
    let sink = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let mut packets = Vec::new();
    let mut take = |buffer: &gst::BufferRef| {
        let bytes = buffer.map_readable().unwrap().to_vec();
        packets.push(Packet { ms: buffer.pts().unwrap().mseconds(), bytes });
    };
    while let Ok(sample) = sink.pull_sample() {
        match sample.buffer_list() {
            Some(list) => list.iter().for_each(&mut take),
            None => take(sample.buffer().unwrap()),
        }
    }
    pipeline.set_state(gst::State::Null).unwrap();
    packets
}
