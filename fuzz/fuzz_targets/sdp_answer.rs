#![no_main]
libfuzzer_sys::fuzz_target!(|sdp: &str| {
    let _ = sfu_engine::client::fuzz::answer(sdp);
});
