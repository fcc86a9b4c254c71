//! The Python environment of the peers.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::place::Place;

/// The interpreter of `.peers-venv`, with what `requirements.txt` asks for; installed if it is not there yet.
pub(super) fn ensure(place: &Place) -> Result<PathBuf, String> {
    let folder = place.root.join(".peers-venv");
    let interpreter = folder.join("bin/python");
    let requirements = place.root.join("harness/benches/peers/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| format!("cannot read {}: {error}", requirements.display()))?;
    // Written when pip has finished.
    let marker = folder.join(".complete");
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(interpreter);
    }
    eprintln!("xtask: pip installs PyTorch for the peers into {} (about 5 GB)", place.shown(&folder));
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder), "python3 cannot make a virtual environment")?;
    let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r"];
    run(Command::new(&interpreter).args(pip).arg(&requirements), "pip could not install the peers' packages")?;
    std::fs::write(&marker, wanted).map_err(|error| format!("cannot write {}: {error}", marker.display()))?;
    Ok(interpreter)
}

fn run(command: &mut Command, otherwise: &str) -> Result<(), String> {
    // Standard output is the table's.
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    if status.is_ok_and(|status| status.success()) { Ok(()) } else { Err(format!("{otherwise} (it says why above)")) }
}
