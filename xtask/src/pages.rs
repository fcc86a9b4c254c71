/*!
`cargo xtask cost` and `cargo xtask baselines`: make the tables and figures of docs/cost.md and docs/baselines.md anew.

A page holds its commands: a comment `<!-- commands … -->` lists them, and what lies between it and `<!-- end -->` is what they print. The last command of a list is a
`bench profile`, whose Markdown and figures are taken, or a `bench run`, whose report is taken up to its details; those before it prepare.
*/

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::place::Place;

/// A page that is made by its own commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    path: &'static str,
    /// Where commands write; git ignores it.
    work: &'static str,
}

pub(crate) const COST: Page = Page { path: "docs/cost.md", work: "target/cost" };
pub(crate) const BASELINES: Page = Page { path: "docs/baselines.md", work: "target/baselines" };

const FIGURES: &str = "docs/figures";
const COMMANDS: &str = "<!-- commands\n";
const COMMANDS_END: &str = "-->\n";
const END: &str = "<!-- end -->";

/// Runs the page's commands and writes what they print into it.
pub(crate) fn run(place: &Place, which: Page) -> Result<(), String> {
    let path = place.root.join(which.path);
    let page = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let bench = std::env::current_exe().map_err(|error| format!("this executable does not know where it lies: {error}"))?.with_file_name("bench");
    let mut number = 0;
    let filled = filled(&page, |commands| {
        number += 1;
        let out = place.root.join(which.work).join(number.to_string());
        block(&bench, place, commands, &out)
    })?;
    fs::write(&path, filled).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// The page with each block between its commands and its end replaced by what `print` makes of the commands.
fn filled(page: &str, mut print: impl FnMut(&[&str]) -> Result<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(COMMANDS) {
        let (commands, after) = after.split_once(COMMANDS_END).ok_or("a list of commands in the page has no end `-->`")?;
        let (_, after) = after.split_once(END).ok_or("a block of the page has no `<!-- end -->`")?;
        let lines: Vec<&str> = commands.lines().collect();
        text.push_str(&format!("{before}{COMMANDS}{commands}{COMMANDS_END}\n{}\n{END}", print(&lines)?));
        rest = after;
    }
    Ok(text + rest)
}

fn block(bench: &Path, place: &Place, commands: &[&str], out: &Path) -> Result<String, String> {
    let (last, before) = commands.split_last().ok_or("a list of commands in the page is empty")?;
    for line in before {
        start(bench, place, line, &["--quiet".into()])?;
    }
    start(bench, place, last, &["--quiet".into(), "--out".into(), out.display().to_string()])?;
    let read = |name: &str| {
        let path = out.join(name);
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    let text = if last.starts_with("bench run ") {
        results(&read("report.md")?)?
    } else {
        copy_figures(&out.join("figures"), &place.root.join(FIGURES))?;
        read("profile.md")?
    };
    Ok(format!("```console\n{}\n```\n\n{text}", commands.join("\n")))
}

/// Of a report the sections of the datasets, without their details and one level down.
fn results(report: &str) -> Result<String, String> {
    let (_, sections) = report.split_once("\n## ").ok_or("a report has no section")?;
    let (sections, _) = sections.split_once("\n## Details").ok_or("a report has no details")?;
    Ok(format!("## {sections}").replace("\n#", "\n##").replacen("##", "###", 1))
}

fn start(bench: &Path, place: &Place, line: &str, more: &[String]) -> Result<(), String> {
    println!("{line}");
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((&"bench", arguments)) = words.split_first() else { return Err(format!("`{line}` is no command of bench")) };
    let mut command = Command::new(bench);
    command.args(arguments).args(more).current_dir(&place.root).stdout(Stdio::null());
    let status = command.status().map_err(|error| format!("{} cannot be started: {error}", bench.display()))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed: {status}")) }
}

fn copy_figures(from: &Path, to: &Path) -> Result<(), String> {
    let copy = || {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        Ok(())
    };
    copy().map_err(|error: std::io::Error| format!("cannot copy the figures of {}: {error}", from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_replaced_and_everything_else_stays() {
        let page = "# Cost\n\n<!-- commands\nbench profile\n-->\nold\n<!-- end -->\n\nText.\n\n<!-- commands\nbench run\nbench profile --run x\n-->\n<!-- end -->\n";
        let mut seen = Vec::new();
        let found = filled(page, |commands| {
            seen.push(commands.join(";"));
            Ok(format!("new {}\n", seen.len()))
        })
        .unwrap();
        assert_eq!(seen, ["bench profile", "bench run;bench profile --run x"]);
        assert!(
            !found.contains("old") && found.starts_with("# Cost\n\n<!-- commands\nbench profile\n-->\n\nnew 1\n\n<!-- end -->\n\nText.\n"),
            "{found}"
        );
        assert_eq!(filled(&found, |_| Ok("new 1\n".into())).unwrap().replace("new 1", "new 2"), found.replace("new 1", "new 2"));
    }

    #[test]
    fn a_run_s_sections_are_taken_one_level_down_and_without_their_details() {
        let report = "# suite\n\n- seeds: 42\n\n## digits\n\ntable\n\n## mfeat\n\n### Parts\n\n## Details: digits\n\nmore\n";
        assert_eq!(results(report).unwrap(), "### digits\n\ntable\n\n### mfeat\n\n#### Parts\n");
        assert!(results("# suite\n").is_err());
    }

    #[test]
    fn a_block_without_an_end_is_refused() {
        assert!(filled("<!-- commands\nbench profile\n-->\n", |_| Ok(String::new())).unwrap_err().contains("<!-- end -->"));
    }
}
