#![no_main]
libfuzzer_sys::fuzz_target!(|datagram: &[u8]| {
    let _ = sfu_wire::stun::Message::parse(datagram).map(|message| message.verify(|_| [0; 20]));
});
