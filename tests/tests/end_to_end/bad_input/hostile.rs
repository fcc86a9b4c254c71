//! A `dataset.toml` that means harm, and links that lead in circles.

use std::{fs, os::unix::fs::symlink};

use super::{edit, made_up::write_dataset, place::Place, transcript::Transcript};

#[test]
fn a_hostile_manifest_is_refused() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    let ids = "ids = \"ids.txt\"";
    let shape = "shape = [4]";
    for (name, from, to) in [
        ("path-escape", ids, "ids = \"../../x\""),
        ("path-absolute", ids, "ids = \"/etc/passwd\""),
        ("path-hidden", ids, "ids = \".ids\""),
        ("path-unlisted", ids, "ids = \"other.txt\""),
        ("checksum-no-checksum", "\"ids.txt\" = \"", "\"ids.txt\" = \"no "),
        ("shape-huge", shape, "shape = [9223372036854775807]"),
        ("shape-overflowing", shape, "shape = [4294967296, 4294967296, 4294967296]"),
        ("shape-negative", shape, "shape = [-4]"),
        ("shape-empty", shape, "shape = []"),
        ("shape-another", shape, "shape = [5]"),
        ("name-with-a-path", "name = \"left\"", "name = \"../left\""),
        ("name-twice", "name = \"left\"", "name = \"right\""),
        ("title-that-clears-the-screen", "title = \"Waves", "title = \"\\u001b[2JWaves"),
        ("class-that-rings", "\"three\"", "\"three\\u0007\""),
        ("field-unknown", "title", "titel"),
        ("format-missing", "format = 1\n", ""),
        ("format-another", "format = 1\n", "format = 2\n"),
        ("format-no-number", "format = 1\n", "format = \"one\"\n"),
        ("nested-deeply", "format = 1\n", &format!("format = 1\nx = {}\n", "[".repeat(100_000))),
        ("too-large", "format = 1\n", &format!("format = 1\n#{}\n", "x".repeat(1 << 20))),
    ] {
        write_dataset(&place.path(name), |_| {}).unwrap();
        edit(&place.path(name).join("dataset.toml"), from, to);
        let output = seen.run(&["datasets", "show", &format!("./{name}")]);
        assert_eq!(output.status.code(), Some(2), "{name}");
    }
    write_dataset(&place.path("no-text"), |_| {}).unwrap();
    fs::write(place.path("no-text/dataset.toml"), [0xff; 10]).unwrap();
    seen.run(&["datasets", "show", "./no-text"]);
    seen.check("hostile_manifests");
}

#[test]
fn links_in_circles_and_files_without_an_end_are_refused() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for (name, file, target) in [
        ("manifest-loop", "dataset.toml", "dataset.toml"),
        ("manifest-nowhere", "dataset.toml", "/nowhere"),
        ("manifest-endless", "dataset.toml", "/dev/zero"),
        ("tensors-loop", "data.safetensors", "data.safetensors"),
        ("tensors-endless", "data.safetensors", "/dev/zero"),
        ("ids-folder", "ids.txt", "."),
    ] {
        write_dataset(&place.path(name), |_| {}).unwrap();
        let path = place.path(name).join(file);
        fs::remove_file(&path).unwrap();
        symlink(target, &path).unwrap();
        seen.run(&["datasets", "show", &format!("./{name}")]);
    }
    symlink("loop", place.path("loop")).unwrap();
    seen.run(&["datasets", "show", "./loop"]);
    seen.run(&["run", "--dataset", "./loop", "--device", "cpu"]);
    seen.run(&["datasets", "--data", "loop"]);
    seen.check("links");
}
