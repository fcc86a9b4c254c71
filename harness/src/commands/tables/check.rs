//! `--check`: whether committed tables say what the results say.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench_tables::{
    check::{CheckError, Difference, check, check_csv},
    table::Collection,
};

use crate::{
    exit::{Exit, Failure},
    output,
};

/// Compares every file and prints each difference.
///
/// # Errors
/// A file that cannot be read, or has no tables, or tables that were not asked for.
pub fn run(paths: &[PathBuf], fresh: &Collection) -> anyhow::Result<Exit> {
    let mut text = String::new();
    let mut found = 0;
    let mut checked = 0;
    for path in files(paths)? {
        let name = path.display();
        let content = fs::read_to_string(&path).map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
        let differences: Vec<Difference> = match compared(&path, &content, fresh) {
            // A page of a folder may be about something else.
            Err(CheckError::NoTables) if !paths.contains(&path) => continue,
            other => other.map_err(|error| Failure::usage(format!("{name}: {error}")))?,
        };
        checked += 1;
        found += differences.len();
        for difference in differences {
            text += &format!("{name}: {difference}\n");
        }
    }
    if checked == 0 {
        return Err(Failure::usage("there is no table to check in these folders"));
    }
    let noun = |count: usize, one: &str, many: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
    text += &match found {
        0 => format!("{} checked: every cell is as in the results\n", noun(checked, "file", "files")),
        _ => format!("{} checked: {} not as in the results\n", noun(checked, "file", "files"), noun(found, "place is", "places are")),
    };
    output::print(&text)?;
    Ok(if found == 0 { Exit::Fine } else { Exit::No })
}

fn compared(path: &Path, content: &str, fresh: &Collection) -> Result<Vec<Difference>, CheckError> {
    if path.extension().is_some_and(|ending| ending == "csv") { check_csv(content, fresh) } else { check(content, fresh) }
}

/// Files as given, and the Markdown files of folders.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?;
        let mut own: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        own.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
        own.sort();
        files.extend(own);
    }
    Ok(files)
}
