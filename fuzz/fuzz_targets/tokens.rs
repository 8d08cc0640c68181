#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| steward_fuzz::tokens(input));
