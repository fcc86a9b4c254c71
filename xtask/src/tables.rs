/*!
`cargo xtask tables`: makes docs/tables anew and checks it.

[`STEPS`] is all that is run.
*/

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::place::Place;

/// What stands in for the papers' data: IEMOCAP with six emotions is met in most tables of DEF+AAF, and has two places of its own.
const ON: &str =
    "openmoji,digits?train=500,cremad-votes?train=1000,cremad-agree?train=1000,IEMOCAP6=digits?train=500,IEMOCAP6=cremad-votes?train=1000";

/// Commands of `bench`, in order; `ON` stands for the stand-ins. A run folder that is finished is taken as it is, so the same folder gives the same tables.
const STEPS: [&str; 3] = [
    "run --table raml,mla,decalign,cp-sl,def-aaf --on ON --out runs/tables --device cpu",
    "tables --results runs/tables --out docs/tables",
    "tables --check docs/tables --results runs/tables",
];

/// Runs the commands.
pub(crate) fn run(place: &Place) -> Result<(), String> {
    let bench = std::env::current_exe().map_err(|error| format!("this executable does not know where it lies: {error}"))?.with_file_name("bench");
    STEPS.iter().try_for_each(|step| start(&bench, place, step))
}

fn start(bench: &Path, place: &Place, step: &str) -> Result<(), String> {
    let arguments = arguments(step);
    println!("bench {}", arguments.join(" "));
    let mut command = Command::new(bench);
    command.args(&arguments).current_dir(&place.root).stdin(Stdio::null());
    let status = command.status().map_err(|error| format!("{} cannot be started: {error}", bench.display()))?;
    if status.success() { Ok(()) } else { Err(format!("`bench {step}` failed: {status}; what is finished is kept, and the same command goes on")) }
}

fn arguments(step: &str) -> Vec<&str> {
    step.split_whitespace().map(|word| if word == "ON" { ON } else { word }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_one_argument() {
        assert_eq!(arguments(STEPS[0])[4], ON);
        assert!(STEPS[1..].iter().all(|step| arguments(step)[0] == "tables"));
    }
}
