/*!
`cargo xtask tables`: makes docs/tables anew.

[`STEPS`] is all that is run. What a step prints goes to its page, if it has one, under the commands that made everything.
*/

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::place::Place;

/// A command of `bench`.
struct Step {
    /// As one would type it.
    command: &'static str,
    /// The file that takes what it prints.
    page: Option<&'static str>,
}

/// In order. A run folder that is finished is taken as it is, so the same folder gives the same tables.
const STEPS: [Step; 3] = [
    Step { command: "bench run --table all --on openmoji,digits --out runs/tables --device cpu", page: None },
    Step { command: "bench tables all --results runs/tables --on openmoji,digits --out docs/tables", page: None },
    Step { command: "bench tables --reading --results runs/tables --on openmoji,digits", page: Some("docs/tables/README.md") },
];

/// Runs the commands and writes the pages.
pub(crate) fn run(place: &Place) -> Result<(), String> {
    let bench = std::env::current_exe().map_err(|error| format!("this executable does not know where it lies: {error}"))?.with_file_name("bench");
    for step in &STEPS {
        let printed = start(&bench, place, step)?;
        if let Some(page) = step.page {
            let path = place.root.join(page);
            path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| format!("cannot make the folder of {page}: {error}"))?;
            fs::write(&path, with_commands(&printed)).map_err(|error| format!("cannot write {page}: {error}"))?;
        }
    }
    Ok(())
}

/// What it prints on standard output, where that goes to a page; progress stays on the terminal.
fn start(bench: &Path, place: &Place, step: &Step) -> Result<String, String> {
    let line = step.command;
    println!("{line}");
    let mut command = Command::new(bench);
    command.args(arguments(line)?).current_dir(&place.root).stderr(Stdio::inherit());
    command.stdout(if step.page.is_some() { Stdio::piped() } else { Stdio::null() });
    let output =
        command.spawn().and_then(|child| child.wait_with_output()).map_err(|error| format!("{} cannot be started: {error}", bench.display()))?;
    if !output.status.success() {
        return Err(format!("`{line}` failed: {}; what is finished is kept, and the same command goes on", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{line}` printed something that is no text"))
}

/// The words behind `bench`.
fn arguments(line: &str) -> Result<Vec<&str>, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.split_first() {
        Some((&"bench", arguments)) => Ok(arguments.to_vec()),
        _ => Err(format!("`{line}` is no command of bench")),
    }
}

/// The page with the commands that made it, and how to run them, behind its first heading.
fn with_commands(page: &str) -> String {
    let commands = STEPS.map(|step| step.command).join("\n");
    let block = format!("Made by `cargo xtask tables`, which runs\n\n```console\n{commands}\n```\n");
    match page.split_once('\n') {
        Some((heading, rest)) if heading.starts_with("# ") => format!("{heading}\n\n{block}{rest}"),
        _ => format!("{block}\n{page}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_command_of_bench() {
        for step in &STEPS {
            assert!(arguments(step.command).is_ok_and(|arguments| ["run", "tables"].contains(&arguments[0])), "{}", step.command);
        }
        assert!(arguments("rm -r docs").is_err() && arguments("").is_err());
    }

    #[test]
    fn commands_stand_under_the_heading() {
        let page = with_commands("# Tables\n\nText.\n");
        assert!(page.starts_with("# Tables\n\nMade by `cargo xtask tables`") && page.ends_with("```\n\nText.\n"), "{page}");
        assert_eq!(STEPS.iter().filter(|step| page.contains(step.command)).count(), STEPS.len());
        assert!(with_commands("Text.\n").ends_with("```\n\nText.\n"));
    }
}
