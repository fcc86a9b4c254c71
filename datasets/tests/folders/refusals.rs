//! Damaged and hostile folders are refused with a sentence that names the file and the field.

use std::fs;

use bench_datasets::{
    Block, Dataset, DatasetError, DatasetRef, Split,
    write::{Content, MANIFEST, TENSORS, TaskEntry, Values, write},
};
use proptest::prelude::*;

use super::support::{open, refused, set, sound, written};

#[test]
fn a_sound_folder_comes_back_as_written() {
    let dataset = written(|_| ()).unwrap();
    assert_eq!(dataset.indices(Split::Train), [1, 0]);
    assert_eq!(dataset.read(0, &[5, 0]), Block::Continuous { values: vec![1.25, 1.375, 0.0, 0.125], lengths: None });
    assert_eq!(dataset.read(1, &[0]), Block::Continuous { values: vec![0.0, 0.125], lengths: Some(vec![0]) });
    assert_eq!(dataset.read(2, &[1, 2]), Block::Tokens { ids: vec![2, 0, 0, 0], lengths: vec![1, 0] });
    assert_eq!(dataset.read(3, &[1]), Block::Continuous { values: vec![40.0 / 255.0, 60.0 / 255.0], lengths: None });
    assert_eq!(dataset.groups().unwrap().names, ["ann", "bob", "cid"]);
}

#[test]
fn prose_does_not_change_the_hash_and_data_does() {
    let hash = |change: fn(&mut Content)| written(change).unwrap().hash().to_owned();
    let sound = hash(|_| ());
    assert_eq!(sound, hash(|content| content.manifest.title = "Another".into()));
    assert_ne!(sound, hash(|content| set(content, "label", Values::U8(vec![1, 1, 0, 1, 0, 1]))));
    assert_ne!(sound, hash(|content| content.manifest.modalities[3].scale = Some(0.001)));
    assert_ne!(sound, hash(|content| content.manifest.modalities.reverse()));
}

#[test]
fn bad_values_are_refused_with_their_place() {
    refused(written(|content| set(content, "label", Values::U8(vec![0, 1, 2, 0, 0, 0]))), &[TENSORS, "tensor `label`: row 2", "found 2", "0 to 1"]);
    refused(written(|content| set(content, "label", Values::I32(vec![0, -1, 0, 0, 0, 0]))), &["tensor `label`: row 1", "found -1"]);
    refused(written(|content| set(content, "split", Values::U8(vec![0, 0, 1, 1, 2, 3]))), &["tensor `split`: row 5", "found 3", "2 test"]);
    let mut values: Vec<f32> = vec![0.0; 12];
    values[7] = f32::NAN;
    refused(written(|content| set(content, "features", Values::F32(values.clone()))), &["tensor `features`: row 3, number 1", "NaN", "finite"]);
    values[7] = f32::INFINITY;
    refused(written(|content| set(content, "features", Values::F32(values))), &["row 3, number 1", "inf"]);
    refused(written(|content| set(content, "text", Values::U16(vec![4; 12]))), &["tensor `text`: row 0, number 0", "found 4", "0 to 3"]);
    refused(written(|content| set(content, "text", Values::U16(vec![0, 2, 2, 0, 0, 0, 3, 3, 1, 0, 2, 1]))), &["tensor `text`", "behind padding"]);
    refused(written(|content| set(content, "lengths", Values::U8(vec![0, 1, 3, 1, 2, 2]))), &["tensor `lengths`: row 2", "found 3", "0 to 2"]);
    refused(written(|content| set(content, "who", Values::U8(vec![0, 0, 1, 1, 2, 3]))), &["tensor `who`: row 5", "found 3"]);
}

#[test]
fn splits_must_be_filled_and_share_no_group() {
    refused(written(|content| set(content, "split", Values::U8(vec![0, 0, 0, 0, 2, 2]))), &[MANIFEST, "splits", "validation"]);
    refused(written(|content| set(content, "who", Values::U8(vec![0, 0, 1, 1, 1, 2]))), &["actor", "`bob` in two splits", "`d` and `b`"]);
}

#[test]
fn ids_must_be_unique() {
    refused(written(|content| content.lists.get_mut("ids.txt").unwrap()[4] = "f".into()), &["ids.txt: line 5", "`f` for the second time"]);
    refused(written(|content| content.lists.get_mut("ids.txt").unwrap()[4] = String::new()), &["ids.txt: line 5", "empty"]);
}

#[test]
fn tensors_must_be_there_in_type_and_shape() {
    refused(
        written(|content| content.manifest.modalities[0].tensor = "nothing".into()),
        &["modality `features`: tensor", "`nothing`", "features, label"],
    );
    refused(written(|content| content.manifest.modalities[0].dtype = "u8".into()), &["tensor `features`: type", "F32", "U8"]);
    refused(written(|content| content.manifest.modalities[0].shape = vec![3]), &["tensor `features`: shape", "[6, 2]", "[6, 3]"]);
    refused(written(|content| content.lists.get_mut("ids.txt").unwrap().push("g".into())), &["shape", "[6]", "[7]"]);
}

#[test]
fn nonsense_in_the_manifest_is_refused() {
    refused(written(|content| content.manifest.modalities[0].shape = vec![usize::MAX >> 1, 4]), &["modality `features`: shape"]);
    refused(written(|content| content.manifest.modalities[1].shape = vec![1 << 40, 1 << 40]), &["modality `series`: shape", "2^32"]);
    refused(written(|content| content.manifest.modalities[0].shape = vec![0]), &["modality `features`: shape", "[0]"]);
    refused(written(|content| content.manifest.modalities[0].dtype = "f16".into()), &["dtype", "`f16`", "u8 or f32"]);
    refused(written(|content| content.manifest.modalities[3].scale = Some(1.0)), &["modality `picture`: scale", "0 to 255", "1/255"]);
    refused(written(|content| content.manifest.modalities[3].scale = Some(f64::NAN)), &["scale", "finite"]);
    refused(written(|content| content.manifest.modalities[1].name = "features".into()), &["modalities.name", "twice"]);
    refused(written(|content| content.manifest.modalities[1].name = "a,b".into()), &["modalities.name", "`a,b`"]);
    refused(written(|content| content.manifest.modalities.clear()), &["modalities"]);
    refused(written(|content| content.lists.get_mut("words.txt").unwrap().swap(0, 1)), &["words.txt", "<unk>", "put these first"]);
    let one = TaskEntry::Classification { tensor: "label".into(), classes: vec!["no".into()] };
    refused(written(|content| content.manifest.task = one), &["task.classes", "two or more"]);
}

#[test]
fn regression_labels_stay_in_their_range() {
    let regression = |content: &mut Content, high| {
        content.manifest.task = TaskEntry::Regression { tensor: "label".into(), target: "mood".into(), low: -1.0, high };
        set(content, "label", Values::F32(vec![0.0, 0.5, -1.0, 1.0, 1.5, 0.0]));
    };
    assert!(written(|content| regression(content, 1.5)).is_ok());
    refused(written(|content| regression(content, 1.0)), &["tensor `label`: row 4", "found 1.5", "-1 to 1"]);
    refused(written(|content| regression(content, -1.0)), &["task.low"]);
}

#[test]
fn names_cannot_lead_out_of_the_folder() {
    for name in ["../ids.txt", "/etc/hostname", "..", "a/b", "a\\b", ""] {
        refused(written(|content| content.manifest.ids = name.into()), &[MANIFEST, "a file in the same folder"]);
    }
    refused(written(|content| content.manifest.provenance.licence_file = Some("../LICENSE".into())), &["a file in the same folder"]);
    refused(written(|content| content.manifest.ids = "other.txt".into()), &["files", "no `other.txt`"]);
}

/// Writes a sound folder, then changes a file behind the manifest's back; `resign` also corrects the checksum.
fn tampered(name: &str, resign: bool, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Result<Dataset, DatasetError> {
    use sha2::{Digest, Sha256};
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &sound()).unwrap();
    let file = folder.path().join(name);
    let before = fs::read(&file).unwrap();
    let after = change(before.clone());
    fs::write(&file, &after).unwrap();
    if resign {
        let hex = |bytes: &[u8]| bench_datasets::keyed::hex(&Sha256::digest(bytes));
        let manifest = folder.path().join(MANIFEST);
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(&manifest, text.replace(&hex(&before), &hex(&after))).unwrap();
    }
    open(folder.path())
}

#[test]
fn a_changed_byte_fails_the_checksum() {
    let flip = |mut bytes: Vec<u8>| {
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    for name in [TENSORS, "ids.txt", "actors.txt", "words.txt"] {
        refused(tampered(name, false, flip), &[name, "SHA-256", "damaged"]);
    }
}

#[test]
fn hostile_tensor_files_are_refused() {
    let file = |header: &str| {
        let header = header.to_owned();
        move |_: Vec<u8>| [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat()
    };
    refused(tampered(TENSORS, true, |_| vec![]), &[TENSORS, "header size", "0 bytes in all"]);
    refused(tampered(TENSORS, true, |_| vec![1, 2, 3]), &[TENSORS, "header size", "3 bytes in all"]);
    refused(tampered(TENSORS, true, |_| u64::MAX.to_le_bytes().to_vec()), &[TENSORS, "header size", "18446744073709551615"]);
    refused(tampered(TENSORS, true, |bytes| bytes[..bytes.len() - 1].to_vec()), &[TENSORS, "header"]);
    let bomb = r#"{"features":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}"#;
    refused(tampered(TENSORS, true, file(bomb)), &[TENSORS, "header"]);
    let outside = r#"{"features":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    refused(tampered(TENSORS, true, file(outside)), &[TENSORS, "header"]);
    refused(tampered(TENSORS, true, file(&"[".repeat(100_000))), &[TENSORS, "header"]);
}

fn with_manifest(change: impl FnOnce(String) -> String) -> Result<Dataset, DatasetError> {
    tampered(MANIFEST, false, |text| change(String::from_utf8(text).unwrap()).into_bytes())
}

#[test]
fn hostile_manifests_are_refused() {
    refused(with_manifest(|text| text.replace("format = 1", "format = 2")), &[MANIFEST, "format", "found 2"]);
    refused(with_manifest(|text| text.replace("format = 1\n", "")), &[MANIFEST, "format"]);
    refused(with_manifest(|text| text.replace("title", "tilte")), &[MANIFEST, "tilte"]);
    refused(with_manifest(|text| text.replace("shape = [2]", "shape = [-2]")), &[MANIFEST, "line "]);
    refused(with_manifest(|_| "a = ".to_owned() + &"[".repeat(100_000)), &[MANIFEST]);
    refused(with_manifest(|text| text + &"#".repeat(1 << 20)), &[MANIFEST, "size", "at most 1048576 bytes"]);
    refused(tampered(MANIFEST, false, |_| vec![0xff; 10]), &[MANIFEST, "byte 0", "UTF-8"]);
    refused(with_manifest(|text| text.replace(" = \"", " = \"x\u{7}").replace("\u{7}", "")), &[MANIFEST]);
}

#[test]
fn missing_things_are_named() {
    let folder = tempfile::tempdir().unwrap();
    refused(open(folder.path()), &["is no dataset: it has no dataset.toml"]);
    write(&folder.path().join("small"), &sound()).unwrap();
    let search = [folder.path().to_owned(), folder.path().join("no such folder")];
    assert!(Dataset::open(&DatasetRef::whole("small"), &search).is_ok());
    refused(Dataset::open(&DatasetRef::whole("smal"), &search), &["no dataset `smal`", "there are: small"]);
    refused(Dataset::open(&DatasetRef::whole("small"), &[]), &["an empty search path"]);
    fs::remove_file(folder.path().join("small").join(TENSORS)).unwrap();
    refused(Dataset::open(&DatasetRef::whole("small"), &search), &["cannot read", TENSORS]);
}

#[cfg(unix)]
#[test]
fn devices_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join(MANIFEST)).unwrap();
    refused(open(folder.path()), &[MANIFEST, "no regular file"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever one damaged byte does, with a checksum that agrees: an answer, never a panic.
    #[test]
    fn damaged_bytes_never_panic(at in 0_usize..4096, byte: u8, in_manifest: bool) {
        let name = if in_manifest { MANIFEST } else { TENSORS };
        let result = tampered(name, !in_manifest, |mut bytes| {
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes
        });
        if let Ok(dataset) = result {
            let rows: Vec<usize> = (0..dataset.len()).collect();
            (0..dataset.modalities().len()).for_each(|modality| drop(dataset.read(modality, &rows)));
        }
    }
}
