//! `bench audit --new`: a ledger to begin with.

use std::path::Path;

use bench_audit::ledger::{Table, start};

use crate::{exit::Exit, output};

/// Writes the folder and says what to do next.
pub fn run(folder: &Path, tables: Vec<Table>) -> anyhow::Result<Exit> {
    let written = start(folder, &tables)?;
    let mut text: String = written.iter().map(|path| format!("{}\n", path.display())).collect();
    text += &format!("\nclaims.toml explains itself; then: bench audit --ledger {}\n", folder.display());
    output::print(&text)?;
    Ok(Exit::Fine)
}
