#![no_main]
libfuzzer_sys::fuzz_target!(|message: &str| {
    let _ = serde_json::from_str::<protocol::client::ClientMessage>(message);
});
