//! Foreign files through the real programs: imported, verified, run, exported, imported again.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

use bench_datasets::{Block, Dataset, DatasetRef, Kind, Labels, Split, Task};
use bench_readers::{Dtype, NpzWriter};

use super::{
    place::{Place, files, program},
    transcript::Transcript,
};

/// Samples of training and test; there is no validation split.
const COUNTS: [(&str, usize); 2] = [("train", 40), ("test", 20)];

/// A small file with two modalities and two classes, as `numpy.savez` writes it: `sound` has a NaN, an infinity and a feature that never changes.
fn write_npz(file: &Path) {
    let mut archive = NpzWriter::create(file, false).unwrap();
    for (split, count) in COUNTS {
        let wave = |row: usize, column: usize, pace: f64| ((row * 3 + column) as f64 * pace).sin() + if column == row % 2 { 1.0 } else { 0.0 };
        let mut sound: Vec<f64> = (0..count).flat_map(|row| [wave(row, 0, 1.7), wave(row, 1, 1.7), 5.0]).collect();
        if split == "train" {
            (sound[0], sound[7]) = (f64::NAN, f64::NEG_INFINITY);
        }
        let face: Vec<f64> = (0..count).flat_map(|row| (0..4).map(move |column| wave(row, column, 2.3))).collect();
        let classes: Vec<i64> = (0..count as i64).map(|row| row % 2).collect();
        let reals = |numbers: &[f64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let whole = classes.iter().flat_map(|class| class.to_le_bytes()).collect();
        for (name, dtype, shape, bytes) in [
            ("sound", Dtype::F64, &[count, 3][..], reals(&sound)),
            ("face", Dtype::F64, &[count, 2, 2], reals(&face)),
            ("y", Dtype::I64, &[count], whole),
        ] {
            let mut bytes = Some(bytes);
            archive.array(&format!("{name}_{split}"), dtype, shape, || Ok::<_, bench_readers::ReadError>(bytes.take())).unwrap();
        }
        let ids: Vec<String> = (0..count).map(|row| format!("{split}{row}")).collect();
        archive.texts(&format!("id_{split}"), &ids).unwrap();
    }
    archive.finish().unwrap();
}

fn open(folder: &Path) -> Dataset {
    Dataset::open(&DatasetRef::whole(folder.display().to_string()), &[]).unwrap()
}

#[test]
fn a_file_becomes_a_dataset_that_runs() {
    let place = Place::new();
    write_npz(&place.path("small.npz"));
    let mut seen = Transcript::of(&place);
    seen.run(&["import", "npz", "small.npz", "--dry-run"]);
    assert_eq!(files(&place.path("")), ["small.npz"]);
    seen.run(&["import", "auto", "small.npz", "--out", "data/small", "--name", "small", "--map", "sound=audio", "--validation", "0.25"]);
    seen.files("data");
    seen.run(&["datasets", "verify", "data/small"]);
    let run = ["run", "--dataset", "./data/small", "--method", "concat,late", "--suite", "missing", "--seeds", "1", "--epochs", "1"];
    let run = [&run[..], &["--device", "cpu", "--quiet", "--out", "out"]].concat();
    seen.run(&run);
    seen.check("import");
    let dataset = open(&place.path("data/small"));
    assert_eq!(dataset.indices(Split::Test).len(), 20);
    assert_eq!(dataset.indices(Split::Validation).len(), 10);
    let Block::Continuous { values, .. } = dataset.read(0, &[0, 2]) else { panic!("sound is no vector") };
    // By hand: sin(1.7) of training row 0, column 1; sin(6 * 1.7) + 1 of row 2, column 0; what was not finite is 0.
    let close = |found: f32, expected: f64| assert!((f64::from(found) - expected).abs() < 1e-6, "{found} is not {expected}");
    assert_eq!((values[0], values[2], values[4 - 1 + 2]), (0.0, 5.0, 5.0));
    close(values[1], 1.7_f64.sin());
    close(values[3], (6.0 * 1.7_f64).sin() + 1.0);
}

#[test]
fn an_import_for_programs_is_json() {
    let place = Place::new();
    write_npz(&place.path("small.npz"));
    let text = place.fine(&["import", "npz", "small.npz", "--dry-run", "--format", "json", "--map", "face="]);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["format"], "npz");
    assert_eq!(value["dataset"]["samples"], serde_json::json!([32, 8, 20]));
    assert_eq!(value["dataset"]["modalities"][0]["repaired"], serde_json::json!({ "negative": 1, "positive": 0, "nan": 1, "samples": 2 }));
    assert_eq!(value["dataset"]["modalities"][0]["constant"], 1);
    assert_eq!(value["dataset"]["left_out"], serde_json::json!(["modality `face`, as asked"]));
    let list: serde_json::Value = serde_json::from_str(&place.fine(&["import", "--list", "--format", "json"])).unwrap();
    assert!(list.as_array().unwrap().iter().any(|format| format["name"] == "npz"));
}

#[test]
fn what_cannot_be_imported_is_told_in_a_sentence_and_leaves_nothing_behind() {
    let place = Place::new();
    write_npz(&place.path("small.npz"));
    fs::create_dir_all(place.path("full/of")).unwrap();
    fs::write(place.path("notes.txt"), "no data").unwrap();
    // A call of os.system, protocol 2, in the opcodes of pickletools.
    fs::write(place.path("hostile.pkl"), b"\x80\x02cos\nsystem\nX\x06\x00\x00\x00touch x\x85R.").unwrap();
    let bytes = fs::read(place.path("small.npz")).unwrap();
    fs::write(place.path("cut.npz"), &bytes[..bytes.len() / 2]).unwrap();
    let before = files(&place.path(""));
    let mut seen = Transcript::of(&place).replacing(r"known are [^\n]*", "known are [FORMATS]");
    let import = |seen: &mut Transcript, arguments: &[&str]| {
        let output = seen.run(&[&["import"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    };
    for arguments in [
        &[][..],
        &["npz", "small.npz"],
        &["nzp", "small.npz", "--out", "out"],
        &["npz", "nowhere.npz", "--out", "out"],
        &["npz", "cut.npz", "--out", "out"],
        &["mmsa", "hostile.pkl", "--out", "out"],
        &["mmsa", "small.npz", "--out", "out"],
        &["auto", "notes.txt", "--out", "out"],
        &["auto", "full", "--out", "out"],
        &["auto", "hostile.pkl", "--out", "out"],
        &["npz", "small.npz", "--out", "full"],
        &["npz", "small.npz", "--out", "notes.txt"],
        &["npz", "small.npz", "--out", "notes.txt/out"],
        &["npz", "small.npz", "--out", "out", "--map", "sound=face"],
        &["npz", "small.npz", "--out", "out", "--map", "video=x"],
        &["npz", "small.npz", "--out", "out", "--map", "sound"],
        &["npz", "small.npz", "--out", "out", "--target", "mood"],
        &["npz", "small.npz", "--out", "out", "--group", "speaker"],
        &["npz", "small.npz", "--out", "out", "--validation", "1.5"],
        &["npz", "small.npz", "--out", "out", "--range", "1,2"],
        &["npz", "small.npz", "--out", "out", "--name", "a b"],
        &["npz", "small.npz", "--out", "out", "--pixels", "0x3"],
    ] {
        import(&mut seen, arguments);
    }
    seen.check("import_refused");
    let after = files(&place.path(""));
    assert_eq!(after, before);
}

/// No file may grow beyond half a KiB; without the trap the system would kill the writer.
fn limited(place: &Place, arguments: &[&str]) -> Output {
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    Command::new("/bin/sh").args(["-c", script]).arg(program("bench")).args(arguments).current_dir(place.path("")).output().unwrap()
}

#[test]
fn a_disk_that_is_full_leaves_no_half_of_a_dataset() {
    let place = Place::new();
    write_npz(&place.path("small.npz"));
    let import = ["import", "npz", "small.npz", "--out", "deep/small"];
    let export = ["datasets", "export", "cremad-votes", "--format", "npz", "--out", "out.npz"];
    let mut seen = Transcript::of(&place);
    for arguments in [&import[..], &export] {
        let output = limited(&place, arguments);
        assert_eq!(output.status.code(), Some(2));
        seen.add(&format!("bench {}", arguments.join(" ")), &output);
    }
    seen.check("import_disk_full");
    assert_eq!(files(&place.path("")), ["small.npz"]);
    assert!(!place.path("deep").exists());
}

#[test]
fn every_fault_of_a_folder_is_a_line() {
    let place = Place::new();
    write_npz(&place.path("small.npz"));
    place.fine(&["import", "npz", "small.npz", "--out", "whole", "--quiet"]);
    super::place::copy(&place.path("whole"), &place.path("damaged"));
    for name in ["data.safetensors", "ids.txt"] {
        let mut bytes = fs::read(place.path("damaged").join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(place.path("damaged").join(name), bytes).unwrap();
    }
    fs::write(place.path("damaged/notes.txt"), "mine").unwrap();
    let mut seen = Transcript::of(&place);
    assert_eq!(seen.run(&["datasets", "verify", "whole", "damaged", "nowhere"]).status.code(), Some(1));
    assert_eq!(seen.run(&["datasets", "verify", "damaged", "--format", "json"]).status.code(), Some(1));
    seen.check("verify");
}

/// Values of a modality by sample, as text of words where it holds words.
fn values(dataset: &Dataset, name: &str) -> Vec<(String, Vec<f32>, String)> {
    let at = dataset.modality(name).unwrap();
    let mut rows: Vec<usize> = Split::ALL.iter().flat_map(|&split| dataset.indices(split).to_vec()).collect();
    rows.sort_by(|&a, &b| dataset.ids()[a].cmp(&dataset.ids()[b]));
    let each = |row: usize| match (dataset.read(at, &[row]), &dataset.modalities()[at].kind) {
        (Block::Tokens { ids, lengths }, Kind::Tokens { vocabulary, .. }) => {
            let words: Vec<&str> = ids[..lengths[0] as usize].iter().map(|&id| vocabulary[id as usize].as_str()).collect();
            (Vec::new(), words.join(" "))
        }
        (Block::Continuous { values, lengths }, _) => (values, format!("{lengths:?}")),
        (Block::Tokens { .. }, kind) => panic!("{kind:?}"),
    };
    rows.into_iter().map(|row| (dataset.ids()[row].clone(), each(row).0, each(row).1)).collect()
}

/// A new vocabulary is that of the training texts as they were exported: a word that is in none of them is unknown then. There is one such in `openmoji`, whose own
/// vocabulary counted words behind the longest text too.
fn forget(texts: &mut [(String, Vec<f32>, String)], first: &Dataset, second: &Dataset, name: &str) {
    let Kind::Tokens { vocabulary, .. } = &second.modalities()[second.modality(name).unwrap()].kind else { return };
    let training: BTreeSet<&String> = first.indices(Split::Train).iter().map(|&row| &first.ids()[row]).collect();
    for (id, _, text) in texts {
        let known = |word: &str| vocabulary.iter().any(|known| known == word);
        let words: Vec<&str> = text.split(' ').map(|word| if word.is_empty() || known(word) { word } else { "<unk>" }).collect();
        let forgotten = words.join(" ");
        assert!(forgotten == *text || !training.contains(id), "{id}: {text}");
        *text = forgotten;
    }
}

fn labels(dataset: &Dataset) -> Vec<(String, Split, String)> {
    let label = |row: usize| match (dataset.labels(), dataset.task()) {
        (Labels::Classes(labels), Task::Classification { classes }) => classes[labels[row] as usize].clone(),
        (Labels::Values(values), _) => values[row].to_string(),
        _ => unreachable!(),
    };
    let rows = Split::ALL.iter().flat_map(|&split| dataset.indices(split).iter().map(move |&row| (row, split)));
    let mut labels: Vec<_> = rows.map(|(row, split)| (dataset.ids()[row].clone(), split, label(row))).collect();
    labels.sort();
    labels
}

#[test]
fn an_exported_npz_imports_again_to_the_same_numbers() {
    let place = Place::new();
    // Words and images with groups; sequences and vectors; a regression.
    for (name, more) in [("openmoji", &["--min-count", "1", "--longest-text", "24"][..]), ("digits", &[]), ("cremad-agree", &["--range", "-3,3"])] {
        let file = format!("{name}.npz");
        place.fine(&["datasets", "export", name, "--format", "npz", "--out", &file]);
        let again = file.replace(".npz", "-again");
        place.fine(&[&["import", "npz", &file, "--out", &again, "--quiet"], more].concat());
        let (first, second) = (Dataset::open(&name.parse().unwrap(), &[bench_datasets::embedded_directory()]).unwrap(), open(&place.path(&again)));
        assert_eq!(labels(&first), labels(&second), "{name}");
        assert_eq!(first.groups().map(|groups| groups.names.is_empty()), second.groups().map(|groups| groups.names.is_empty()), "{name}");
        for modality in first.modalities() {
            assert_eq!(second.modalities()[second.modality(&modality.name).unwrap()].kind.name(), modality.kind.name());
            let (mut ours, again) = (values(&first, &modality.name), values(&second, &modality.name));
            forget(&mut ours, &first, &second, &modality.name);
            assert!(ours == again, "{name}: {} differs", modality.name);
        }
    }
}

#[test]
fn an_exported_parquet_has_a_row_a_sample() {
    let place = Place::new();
    place.fine(&["datasets", "export", "openmoji", "--format", "parquet", "--out", "openmoji.parquet"]);
    let frame = bench_store::scores::read_parquet(&place.path("openmoji.parquet")).unwrap();
    let dataset = Dataset::open(&"openmoji".parse().unwrap(), &[bench_datasets::embedded_directory()]).unwrap();
    assert_eq!(frame.height(), dataset.len());
    let names: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["split", "id", "label", "group", "image", "text"]);
    let text = |column: &str, row: usize| frame.column(column).unwrap().str().unwrap().get(row).unwrap().to_owned();
    let last = *dataset.indices(Split::Test).last().unwrap();
    let row = frame.height() - 1;
    assert_eq!((text("split", row), text("id", row)), ("test".into(), dataset.ids()[last].clone()));
    let image = frame.column("image").unwrap().list().unwrap().get_as_series(row).unwrap();
    let Block::Continuous { values, .. } = dataset.read(dataset.modality("image").unwrap(), &[last]) else { panic!("no image") };
    assert_eq!(image.f32().unwrap().iter().flatten().collect::<Vec<_>>(), values);
    assert_eq!(place.run(&["datasets", "export", "openmoji", "--format", "parquet", "--out", "openmoji.parquet"]).status.code(), Some(2));
}
