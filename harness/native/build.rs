//! Compiles the C++ shim against libtorch's headers.

use std::error::Error;
use std::path::{Path, PathBuf};

#[path = "rpath.rs"]
mod rpath;

const HEADERS: [&str; 3] = ["src/shim.hpp", "src/phase.hpp", "src/memory.hpp"];
const SOURCES: [&str; 6] = ["src/shim.cpp", "src/linear.cpp", "src/optimiser.cpp", "src/observer.cpp", "src/recorder.cpp", "src/memory.cpp"];

fn main() -> Result<(), Box<dyn Error>> {
    rpath::main()?;
    for file in [&HEADERS[..], &SOURCES[..]].concat() {
        println!("cargo:rerun-if-changed={file}");
    }
    let headers = libtorch_headers()?;
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .include(&headers)
        .include(headers.join("torch/csrc/api/include"))
        // As libtorch itself is compiled: otherwise asserts in its headers fire wrongly.
        .define("NDEBUG", None)
        .files(SOURCES)
        .try_compile("bench_native_shim")?;
    Ok(())
}

fn libtorch_headers() -> Result<PathBuf, Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=LIBTORCH_INCLUDE");
    let root = match std::env::var("LIBTORCH_INCLUDE") {
        Ok(root) => PathBuf::from(root),
        Err(_) => Path::new(&std::env::var("DEP_TCH_LIBTORCH_LIB")?).join(".."),
    };
    let headers = root.join("include");
    if !headers.join("ATen/Context.h").is_file() {
        return Err(format!("no libtorch headers in {}: run `cargo xtask setup`", headers.display()).into());
    }
    Ok(headers)
}
