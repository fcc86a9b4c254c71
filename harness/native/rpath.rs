//! Build script of every package whose executables or tests link libtorch: lets them start without `LD_LIBRARY_PATH`.

use std::error::Error;
use std::path::{Path, PathBuf};

pub fn main() -> Result<(), Box<dyn Error>> {
    let libraries = libtorch_libraries()?;
    println!("cargo:rerun-if-changed={}", libraries.join("libtorch_cpu.so").display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", libraries.display());
    share_with_doctests(&libraries)
}

/// The folder of `libtorch_cpu.so`, with `..` and relative parts resolved but the last link (`.libtorch`) kept, so that pointing
/// `.libtorch` elsewhere needs no relinking.
fn libtorch_libraries() -> Result<PathBuf, Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let libraries = std::env::var("DEP_TCH_LIBTORCH_LIB")
        .map_err(|_| "torch-sys told no libtorch folder: this package must depend on torch-sys directly (see its Cargo.toml)")?;
    let libraries = std::path::absolute(libraries)?;
    if !libraries.join("libtorch_cpu.so").is_file() {
        return Err(format!("no libtorch_cpu.so in {}: run `cargo xtask setup`", libraries.display()).into());
    }
    Ok(libraries)
}

/// rustdoc does not pass link arguments on to doctests. Cargo puts link-search folders inside the target folder on the library path
/// of whatever it runs, so a link there makes doctests start too.
fn share_with_doctests(libraries: &Path) -> Result<(), Box<dyn Error>> {
    let link = Path::new(&std::env::var("OUT_DIR")?).join("libtorch");
    if link.is_symlink() {
        std::fs::remove_file(&link)?;
    }
    std::os::unix::fs::symlink(libraries, &link)?;
    println!("cargo:rustc-link-search=native={}", link.display());
    Ok(())
}
