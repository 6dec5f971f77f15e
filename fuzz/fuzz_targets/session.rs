#![no_main]
libfuzzer_sys::fuzz_target!(|datagrams: &[u8]| {
    sfu_engine::client::fuzz::datagrams(datagrams);
});
