/*!
A CUDA device that is asked for and not to be had: no driver, and a driver without libtorch's CUDA library.

The driver is the small C library of `harness/native/tests/fake`; where a real one is installed, the loader finds ours first. A libtorch without its CUDA
library is made of the one in use: the worker looks for `libtorch_cuda.so` beside the `libtorch_cpu.so` that it runs on.
*/
#![cfg(target_os = "linux")]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    place::{Place, program},
    transcript::Transcript,
};

/// `bench run --device cuda:0` with these folders first on the loader's path.
fn run(place: &Place, folders: &[&Path]) -> Command {
    let settings = "run --suite missing --dataset openmoji?train=100 --method concat --seeds 1 --device cuda:0 --out out";
    let mut command = place.bench(&settings.split(' ').collect::<Vec<_>>());
    command.env("LD_LIBRARY_PATH", std::env::join_paths(folders).unwrap());
    command
}

/// Builds the driver that shows two devices.
fn fake_driver(place: &Place) -> PathBuf {
    let folder = place.path("driver");
    fs::create_dir(&folder).unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../harness/native/tests/fake");
    for (source, library) in [("libcuda.c", "libcuda.so.1"), ("libnvidia-ml.c", "libnvidia-ml.so.1")] {
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let status = Command::new(compiler).args(["-shared", "-fPIC", "-o"]).arg(folder.join(library)).arg(sources.join(source)).status().unwrap();
        assert!(status.success());
    }
    folder
}

/// The libraries that the worker is linked to, by name; those of the system left out.
fn libraries() -> Vec<(String, PathBuf)> {
    let output = Command::new("ldd").arg(program("bench-worker")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let pairs = text.lines().filter_map(|line| line.trim().split_once(" => "));
    let found = pairs.filter_map(|(name, place)| Some((name.to_string(), PathBuf::from(place.rsplit_once(" (")?.0))));
    found.filter(|(_, path)| !path.starts_with("/lib") && !path.starts_with("/usr/lib")).collect()
}

/// A libtorch without `libtorch_cuda.so`: the loader maps the file that a link leads to, so `libtorch_cpu.so` itself must lie there.
fn libtorch_without_cuda() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libtorch-without-cuda");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (name, path) in libraries() {
        let target = folder.join(&name);
        if name == "libtorch_cpu.so" {
            let path = fs::canonicalize(path).unwrap();
            fs::hard_link(&path, &target).or_else(|_| fs::copy(&path, &target).map(drop)).unwrap();
        } else {
            symlink(path, target).unwrap();
        }
    }
    assert!(folder.join("libtorch_cpu.so").is_file());
    folder
}

#[test]
fn a_cuda_device_without_a_driver_is_refused() {
    let place = Place::new();
    // An empty file in the driver's place: also on a machine with a driver the loader looks no further.
    fs::create_dir(place.path("none")).unwrap();
    fs::write(place.path("none/libcuda.so.1"), "").unwrap();
    let mut seen = Transcript::of(&place).replacing(r"no CUDA driver \([^)]*\)", "no CUDA driver ([WHAT THE LOADER SAYS])");
    seen.command(run(&place, &[&place.path("none")]));
    seen.check("cuda_without_driver");
    assert!(!place.path("out").exists());
}

#[test]
fn a_driver_that_does_not_start_is_not_called_missing() {
    let place = Place::new();
    let mut command = run(&place, &[&fake_driver(&place)]);
    command.env("FAKE_CUDA_INIT", "100");
    let mut seen = Transcript::of(&place);
    seen.command(command);
    seen.check("cuda_driver_fails");
}

#[test]
fn a_cuda_device_without_libtorchs_cuda_library_is_refused() {
    let place = Place::new();
    let (driver, libtorch) = (fake_driver(&place), libtorch_without_cuda());
    let mut seen = Transcript::of(&place).hiding(&fs::canonicalize(&libtorch).unwrap(), "[LIBTORCH]");
    seen.command(run(&place, &[&driver, &libtorch]));
    fs::write(libtorch.join("libtorch_cuda.so"), "").unwrap();
    seen.command(run(&place, &[&driver, &libtorch]));
    seen.check("cuda_without_library");
    fs::remove_dir_all(libtorch).unwrap();
    assert!(!place.path("out").exists());
}
