#![no_main]

use bench_fuzz::{source, walk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tree) = bench_readers::pickle::read(source(bytes)) {
        walk(&tree);
    }
});
