//! Standard output that nobody reads any more, and one that takes nothing.

use std::{fs::File, io, process::Command};

use super::{place::Place, train, transcript::Transcript};

#[test]
fn a_reader_that_went_away_is_no_error_and_a_full_output_is_one() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    let with = |arguments: &[&str]| place.bench(arguments);
    let closed = |mut command: Command| {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        command.stdout(writer).output().unwrap()
    };
    let run = train(&["--seeds", "1", "--out", "out"]);
    for arguments in
        [&["datasets"][..], &["suites", "show", "robustness"], &["methods", "--format", "json"], &["--help"], &["--version"], &["man"], &run]
    {
        seen.add(&format!("bench {} | head -c 0", arguments.join(" ")), &closed(with(arguments)));
    }
    for arguments in [&["datasets"][..], &["report", "out"]] {
        let output = with(arguments).stdout(File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
        seen.add(&format!("bench {} > /dev/full", arguments.join(" ")), &output);
    }
    seen.files("out");
    seen.check("standard_output");
}
