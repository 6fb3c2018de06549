#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| flitz_properties::query::check(data));
