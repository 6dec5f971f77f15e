#![no_main]
libfuzzer_sys::fuzz_target!(|packet: &[u8]| {
    let Ok(header) = sfu_wire::rtp::RtpHeader::parse(packet) else { return };
    let _ = (header.extensions(packet).count(), header.csrcs(packet).count());
    let _ = header.payload(packet).map(sfu_wire::vp8::Vp8::parse);
});
