/*!
`bench-worker`: trains, evaluates and attacks, one request after another.

`bench` starts it, writes requests to its standard input and reads events from its standard output; see `bench_store::protocol`.
*/

use std::{ffi::OsStr, process::ExitCode};

use bench_methods::registry;
use bench_store::protocol::{Description, Probe, ProbedDevice};
use bench_worker::{failure, serve};

const USAGE: &str = "bench-worker is started by `bench`; by hand: bench-worker [--describe | --probe | --version]";

fn main() -> ExitCode {
    failure::quiet_panics();
    match std::env::args_os().nth(1).as_deref().map(OsStr::to_string_lossy).as_deref() {
        None => serve::serve(),
        Some("--describe") => print(&describe()),
        Some("--probe") => print(&probe()),
        Some("--version") => {
            println!("bench-worker {} (libtorch {})", env!("CARGO_PKG_VERSION"), bench_native::libtorch_version());
            ExitCode::SUCCESS
        }
        Some(_) => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn print(answer: &impl serde::Serialize) -> ExitCode {
    match serde_json::to_string(answer) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench-worker: {error}");
            ExitCode::from(70)
        }
    }
}

fn describe() -> Description {
    let methods = registry::METHODS.iter().map(|entry| (entry.card)()).collect();
    Description {
        version: env!("CARGO_PKG_VERSION").into(),
        libtorch: bench_native::libtorch_version(),
        cpu: bench_native::cpu_capability(),
        methods,
    }
}

fn probe() -> Probe {
    let cuda = bench_native::probe_cuda();
    let devices = cuda.devices.into_iter().map(|device| ProbedDevice { index: device.index, name: device.name, total_bytes: device.total_bytes });
    Probe {
        libtorch: bench_native::libtorch_version(),
        cpu: bench_native::cpu_capability(),
        driver: cuda.driver,
        cuda_library: cuda.library,
        devices: devices.collect(),
    }
}
