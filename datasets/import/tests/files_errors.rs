//! What is wrong with arrays, tables and their specs is told with file, place, finding and expectation.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench_import::formats::{self, Request};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/files").join(name)
}

fn error(format: &str, paths: Vec<PathBuf>, spec: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let spec = spec.map(|text| {
        let path = folder.path().join("spec.toml");
        fs::write(&path, text).unwrap();
        path
    });
    let format = formats::ALL.iter().find(|known| known.name == format).unwrap();
    (format.read)(&Request { paths, spec, ..Request::default() }).unwrap_err().to_string()
}

fn spec_error(spec: &str) -> String {
    error("npz", vec![fixture("spec.npz")], Some(spec))
}

fn has(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

/// A modality and a target, and something more.
fn spec(more: &str) -> String {
    format!("[[modalities]]\nname = 'scan'\nfrom = 'scan'\n{more}\n[[targets]]\nfrom = 'speaker'\n")
}

#[test]
fn names_of_nothing_are_told_with_what_there_is() {
    has(&spec_error(&spec("").replace("'scan'\n", "'scam'\n")), &["scam", "expected one of series, image, scan"]);
    has(&spec_error(&spec("form = 'x'")), &["spec.toml: line 4", "unknown field `form`"]);
    has(&error("npz", vec![fixture("spec.npz")], None), &["found the arrays series, image", "--spec", "docs/importing-arrays.md"]);
    has(&error("npz", vec![fixture("nothing.npz")], None), &["cannot read", "nothing.npz"]);
    has(
        &error("npz", vec![fixture("conventions.npz"), fixture("grouped.npz")], None),
        &["`id_train`", "conventions.npz", "grouped.npz", "FILE:id_train"],
    );
}

#[test]
fn parts_of_different_samples_are_told() {
    let found = spec_error(&spec("").replace("from = 'speaker'", "from = 'speaker[1:]'"));
    has(&found, &["target `label`", "speaker", "found 5 rows, expected 6 rows as modality `scan` has"]);
    let found = spec_error("[[modalities]]\nname = 'a'\nfrom = { train = 'scan[:2]', test = 'scan[2:]' }\n[[targets]]\nfrom = 'speaker'");
    has(&found, &["found 6 rows, expected 2 of train, 4 of test as modality `a` has"]);
    has(&spec_error(&spec("lengths = 'speaker'")), &["modality `scan`", "lengths", "only sequences"]);
    let found = spec_error(
        "[[modalities]]\nname = 'i'\nfrom = 'image'\nkind = 'sequence'\nshape = [6, 3]\nlengths = 'speaker'\n[[targets]]\nfrom = 'speaker'",
    );
    has(&found, &["lengths of `i`, sample 0 (from 0): found 7, expected 0 to 6 steps"]);
}

#[test]
fn values_that_are_something_else_are_told() {
    has(&spec_error(&spec("shape = [3]")), &["modality `scan`", "shape [4]", "[3]"]);
    has(&spec_error(&spec("kind = 'image'")), &["modality `scan`", "[4]", "height, width"]);
    has(&spec_error(&spec("").replace("'speaker'", "'traits'")), &["spec.npz", "traits", "one label a sample"]);
    has(&spec_error(&spec("").replace("'speaker'", "'traits'\ncolumn = 2\nkind = 'value'")), &["traits", "more than 2 numbers"]);
    has(&spec_error(&spec("").replace("'speaker'", "'speaker'\nclasses = ['a', 'b']")), &["sample 0", "found the class 7, expected 0 to 1"]);
    has(&spec_error(&format!("splits = 'speaker'\n{}", spec(""))), &["`splits`, sample 0", "found `7`, expected train, valid or test"]);
    has(&spec_error(&spec("vocabulary = 'names'")), &["scan", "expected a whole number"]);
}

#[test]
fn tables_that_are_damaged_are_told_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let spec = "[[modalities]]\nname = 'a'\nfrom = 'a'\nkind = 'vector'\n[[targets]]\nfrom = 'y'";
    let table = |text: &[u8]| error("csv-views", vec![write("t.csv", text)], Some(spec));
    has(&table(b"a,y\n1,0\n2\n"), &["t.csv", "line 3", "found 1 cells, expected 2"]);
    has(&table(b"a,y\n1,0\nx1,1\n"), &["t.csv: line 3, column `a`: found `x1`, expected a number"]);
    has(&table(b"a,y\n1,0\n2,1\n\xff,1\n"), &["t.csv", "line 4", "expected UTF-8"]);
    has(&table(b"a,a\n1,0\n"), &["two columns `a`"]);
    has(&table(b"a,y\n"), &["no rows"]);
    has(&table(b"b,y\n1,2\n"), &["`a`", "expected one of b, y"]);
    // Without a header, as MOGONET's are.
    let bare = vec![write("1_tr.csv", b"gene\n1\n"), write("labels_tr.csv", b"0\n1\n")];
    has(&error("csv-views", bare, None), &["1_tr.csv: line 1, column `1`: found `gene`, expected a number"]);
    has(&error("csv-views", vec![fixture("table.csv")], None), &["found table.csv, expected VIEW_tr.csv"]);
}

#[test]
fn ids_of_a_join_are_different_and_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("texts.csv");
    fs::write(&path, "clip,TEXT\nk1,a\nk1,b\n").unwrap();
    let spec = "ids = 'key'\n[[files]]\nname = 'texts.csv'\nid = 'clip'\n[[modalities]]\nname = 's'\nfrom = 'scan'\n[[modalities]]\nname = 't'\nfrom = 'texts.csv:TEXT'\n[[targets]]\nfrom = 'speaker'";
    has(&error("npz", vec![fixture("spec.npz"), path], Some(spec)), &["texts.csv: `clip`: found `k1` in the rows 0 and 1"]);
    has(&error("npz", vec![fixture("spec.npz")], Some(spec)), &["file `texts.csv`: found no `texts.csv` among the paths or beside the spec"]);
}

/// A copy of the fixtures of MMIN in which something is changed.
fn mmin(change: impl Fn(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    for file in ["A/comparE.h5", "V/denseface.h5", "L/bert_large.h5"] {
        copy(file, folder.path());
    }
    for fold in ["1", "2"] {
        for part in ["trn", "val", "tst"] {
            copy(&format!("target/{fold}/{part}_label.npy"), folder.path());
            copy(&format!("target/{fold}/{part}_int2name.npy"), folder.path());
        }
    }
    change(folder.path());
    error("mmin-h5", vec![folder.path().to_owned()], None)
}

fn copy(file: &str, to: &Path) {
    let path = to.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(fixture("mmin").join(file), path).unwrap();
}

#[test]
fn folders_of_mmin_that_do_not_fit_are_told() {
    let found = mmin(|root| {
        fs::copy(root.join("A/comparE.h5"), root.join("A/comparE_raw.h5")).unwrap();
    });
    has(&found, &["found comparE.h5, comparE_raw.h5, expected one file of features", "A = \"FILE.h5\""]);
    let found = mmin(|root| {
        fs::copy(fixture("mfn/audio_train.h5"), root.join("V/denseface.h5")).unwrap();
    });
    has(&found, &["denseface.h5", "no dataset for 5 of 5 utterances (Ses01F_impro01_F000"]);
    let found = mmin(|root| {
        fs::copy(root.join("target/1/trn_label.npy"), root.join("target/1/val_label.npy")).unwrap();
    });
    has(&found, &["val_int2name.npy", "found 1 names, expected 3 as val_label.npy has"]);
    let found = mmin(|root| {
        fs::copy(root.join("target/1/trn_label.npy"), root.join("target/1/trn_int2name.npy")).unwrap();
    });
    has(&found, &["trn_int2name.npy", "float64 [3, 4]", "expected an array of text"]);
    has(&mmin(|root| fs::remove_dir_all(root.join("target")).unwrap()), &["target", "cannot read"]);
}

#[test]
fn views_that_do_not_fit_their_labels_are_told() {
    has(&error("tmc-mat", vec![fixture("cell.mat")], None), &["cell.mat", "expected views x1_train"]);
    has(&error("cell-mat", vec![fixture("tmc.mat")], None), &["tmc.mat", "expected a cell array of views under one of X"]);
    has(&error("mfn-h5", vec![fixture("mogonet")], None), &["mogonet", "expected y_{train,valid,test}.h5"]);
}

/// What is asked for and not used would otherwise be left out in silence.
#[test]
fn options_that_a_format_does_not_use_are_refused() {
    let refused = |name: &str, request: Request| {
        let format = formats::ALL.iter().find(|known| known.name == name).unwrap();
        format.draft(&Request { paths: vec![fixture("named.safetensors")], ..request }).unwrap_err().to_string()
    };
    let spec = Request { spec: Some("spec.toml".into()), ..Request::default() };
    let expected = "mmsa does not use --spec, only csv-views, mmin-h5, npz, safetensors do; leave it out";
    assert_eq!(refused("mmsa", spec), expected);
    assert!(refused("npz", Request { context: 2, ..Request::default() }).starts_with("npz does not use --context"));
    assert!(refused("npz", Request { pixels: (8, 8), ..Request::default() }).starts_with("npz does not use --pixels"));
    let sound = formats::Sound { bands: 40, ..formats::Sound::default() };
    assert!(refused("npz", Request { sound, ..Request::default() }).starts_with("npz does not use --sample-rate"));
}

#[test]
fn options_at_their_defaults_are_not_refused() {
    let format = formats::ALL.iter().find(|known| known.name == "safetensors").unwrap();
    let draft = format.draft(&Request { paths: vec![fixture("named.safetensors")], pixels: (64, 64), ..Request::default() }).unwrap();
    assert!(!draft.streams.is_empty());
}
