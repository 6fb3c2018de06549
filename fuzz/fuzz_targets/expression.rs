#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| flitz_properties::expression::check(data));
