//! Files of tensors that are damaged, cut, or something else altogether; each with the checksum that it has, so that only its content is wrong.

use std::{fs, path::Path};

use bench_datasets::{Dataset, DatasetError, DatasetRef};

use super::{damage, edit, made_up::write_dataset, place::Place, transcript::Transcript};

/// Corrects the checksums in `dataset.toml` to what the files have.
pub fn sign(folder: &Path) {
    while let Err(DatasetError::Invalid { field, found, expected, .. }) = Dataset::open(&DatasetRef::whole(folder.to_str().unwrap()), &[]) {
        if field != "SHA-256" {
            break;
        }
        edit(&folder.join("dataset.toml"), &expected, &found);
    }
}

/// A safetensors file: the header's length, the header, the numbers.
fn safetensors(length: u64, header: &str, numbers: usize) -> Vec<u8> {
    [&length.to_le_bytes(), header.as_bytes(), &vec![0; numbers]].concat()
}

fn with_header(header: &str, numbers: usize) -> Vec<u8> {
    safetensors(header.len() as u64, header, numbers)
}

#[test]
fn a_file_of_tensors_that_is_none_is_refused() {
    let place = Place::new();
    let sound = place.path("sound");
    write_dataset(&sound, |_| {}).unwrap();
    let bytes = fs::read(sound.join("data.safetensors")).unwrap();
    let header = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let entry = |start: usize, end: usize| format!(r#"{{"left":{{"dtype":"F32","shape":[2],"data_offsets":[{start},{end}]}}}}"#);
    let twice = r#"{"left":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"right":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    let huge = r#"{"left":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}"#;
    let mut seen = Transcript::of(&place);
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("header-cut", bytes[..5].to_vec()),
        ("header-longer-than-the-file", safetensors(1 << 19, &entry(0, 8), 8)),
        ("header-of-18-exabytes", safetensors(u64::MAX, &entry(0, 8), 8)),
        ("header-no-json", safetensors(header as u64, &"x".repeat(header), 8)),
        ("header-nested-deeply", with_header(&format!("{{\"left\":{}", "[".repeat(100_000)), 8)),
        ("header-of-no-tensors", with_header("[]", 0)),
        ("offsets-overlapping", with_header(twice, 12)),
        ("offsets-out-of-range", with_header(&entry(0, 8), 4)),
        ("offsets-backwards", with_header(&entry(8, 0), 8)),
        ("offsets-of-another-size", with_header(&entry(0, 4), 4)),
        ("shape-that-overflows", with_header(huge, 0)),
        ("type-unknown", with_header(&entry(0, 8).replace("F32", "F33"), 8)),
        ("tail-cut", bytes[..bytes.len() - 1].to_vec()),
        ("tail-added", [&bytes[..], b"more"].concat()),
        // What `torch.save` wrote before 1.6, and what it writes since: a pickle, and a ZIP archive with one in it.
        ("pickle", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.".to_vec()),
        ("zip", b"PK\x03\x04\x00\x00\x08\x08\x00\x00archive/data.pkl".to_vec()),
        ("git-lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n".to_vec()),
        ("other-tensors", with_header(&entry(0, 8), 8)),
    ] {
        let folder = place.path(name);
        write_dataset(&folder, |_| {}).unwrap();
        fs::write(folder.join("data.safetensors"), bytes).unwrap();
        sign(&folder);
        seen.run(&["datasets", "show", &format!("./{name}")]);
    }
    seen.check("tensors");
}

#[test]
fn a_dataset_whose_bytes_changed_is_refused_before_anything_is_written() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for (name, file) in [("tensors", "data.safetensors"), ("ids", "ids.txt")] {
        write_dataset(&place.path(name), |_| {}).unwrap();
        damage(&place.path(name).join(file));
        seen.run(&["run", "--dataset", &format!("./{name}"), "--method", "concat", "--device", "cpu", "--out", "out"]);
    }
    fs::remove_file(place.path("tensors/data.safetensors")).unwrap();
    seen.run(&["datasets", "show", "./tensors"]);
    seen.check("checksums");
    assert!(!place.path("out").exists());
}
