#![no_main]
libfuzzer_sys::fuzz_target!(|compound: &[u8]| {
    sfu_wire::rtcp::packets(compound).flatten().for_each(|packet| assert!(packet.walk() <= 65_535));
});
