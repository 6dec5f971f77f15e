#![no_main]
use sfu_wire::{av1::Av1, dependency::Structure, h264::H264, rtp::RtpHeader, vp8::Vp8, vp9::Vp9};
libfuzzer_sys::fuzz_target!(|packet: &[u8]| {
    let Ok(header) = RtpHeader::parse(packet) else { return };
    let _ = header.csrcs(packet).count();
    for (_, data) in header.extensions(packet) {
        let _ = Structure::read(data).map(|structure| structure.map(|structure| structure.resolve(data)));
    }
    let Ok(payload) = header.payload(packet) else { return };
    let _ = (Vp8::parse(payload), Vp9::parse(payload), H264::parse(payload), Av1::parse(payload));
});
