//! The CUDA report with no driver, with a driver that fails, and with a driver of two devices. The drivers are small C libraries
//! compiled here, so that the report is tested on machines without a GPU. A library is only found by name when the process starts with
//! its folder on the library path, so each case runs `report_of_this_process` in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_native::{load_cuda, probe_cuda};

#[test]
fn no_driver_is_told_in_words_and_lists_no_device() {
    // An empty file in the driver's place: also on a machine with a driver the loader looks no further.
    let folder = empty_folder("none");
    std::fs::write(folder.join("libcuda.so.1"), "").unwrap();
    let report = report_with(&folder, &[]);
    assert!(report.contains("no CUDA driver (") && report.contains("libcuda.so.1"), "{report}");
    assert!(report.contains("devices: []"), "{report}");
}

#[test]
fn a_driver_that_does_not_initialise_is_not_called_missing() {
    let report = report_with(&fake_driver("failing"), &[("FAKE_CUDA_INIT", "100")]);
    assert!(report.contains("cuInit: error 100: no CUDA-capable device is detected"), "{report}");
}

#[test]
fn an_unknown_driver_error_keeps_its_number() {
    let report = report_with(&fake_driver("unknown"), &[("FAKE_CUDA_INIT", "4242")]);
    assert!(report.contains("cuInit: error 4242)"), "{report}");
}

#[test]
fn devices_come_with_memory_and_the_driver_with_both_versions() {
    let report = report_with(&fake_driver("working"), &[]);
    assert!(report.contains(r#"driver: Ok("570.11 (CUDA 12.8)")"#), "{report}");
    assert!(report.contains(r#"CudaDevice { index: 0, name: "Fake GPU 0", total_bytes: 8589934592, free_bytes: Some(5000000000) }"#), "{report}");
    assert!(report.contains(r#"CudaDevice { index: 1, name: "Fake GPU 1", total_bytes: 17179869184, free_bytes: None }"#), "{report}");
}

#[test]
fn cuda_that_cannot_be_loaded_is_one_sentence_with_a_remedy() {
    // On a machine with a GPU and all libraries there is nothing to say.
    if let Err(reason) = load_cuda() {
        assert!(!reason.contains('\n'), "{reason}");
        assert!(reason.contains("cargo xtask setup --cuda") || reason.contains("bench doctor"), "{reason}");
    }
}

/// Not a test of its own: what the cases above run and read.
#[test]
#[ignore = "run by the other tests of this file in a process of their own"]
fn report_of_this_process() {
    println!("{:?}", probe_cuda());
}

fn report_with(libraries: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "report_of_this_process", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("LD_LIBRARY_PATH", libraries).env_remove("FAKE_CUDA_INIT").envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn fake_driver(case: &str) -> PathBuf {
    let folder = empty_folder(case);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake");
    for (source, library) in [("libcuda.c", "libcuda.so.1"), ("libnvidia-ml.c", "libnvidia-ml.so.1")] {
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let status = Command::new(compiler).args(["-shared", "-fPIC", "-o"]).arg(folder.join(library)).arg(sources.join(source)).status().unwrap();
        assert!(status.success());
    }
    folder
}

fn empty_folder(case: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cuda-{case}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
