#![no_main]

use libfuzzer_sys::fuzz_target;

// Arrays and archives of them are one target: an archive's members are read as arrays.
fuzz_target!(|bytes: &[u8]| bench_fuzz::feed(
    |source| if bytes.starts_with(b"PK") { bench_readers::npz::read(source) } else { bench_readers::npy::read(source) },
    bytes
));
