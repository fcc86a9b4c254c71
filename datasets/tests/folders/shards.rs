//! Datasets in shards: the same values as in one file, rows across borders, and every way in which shards can be wrong.

use std::{collections::BTreeMap, fs, path::Path};

use bench_datasets::{
    Block, Dataset, DatasetError, DatasetRef, Labels, Normaliser, Split,
    keyed::hex,
    write::{Array, Content, KindEntry, MANIFEST, Manifest, TENSORS, Values, Writer, write},
};
use sha2::{Digest, Sha256};

use super::support::{modality, open, refused};

const SAMPLES: usize = 9;

/// Rows of each shard: the third has none.
const RUNS: [usize; 4] = [2, 4, 0, 3];

fn manifest() -> Manifest {
    super::support::manifest(vec![
        modality("features", KindEntry::Vector, &[3], "f32"),
        modality("series", KindEntry::Sequence, &[2, 2], "f32"),
        modality("text", KindEntry::Tokens, &[2], "u16"),
        modality("picture", KindEntry::Image, &[2, 1, 2], "u8"),
        modality("bytes", KindEntry::Vector, &[2], "u8"),
    ])
}

/// The tensors of some rows; each value depends on its row alone.
fn tensors(first: usize, rows: usize) -> BTreeMap<String, Array> {
    let numbers = |each: usize| (first * each..(first + rows) * each).map(|at| (at * at % 97) as u8).collect::<Vec<_>>();
    let reals = |each: usize| Values::F32(numbers(each).iter().map(|&number| f32::from(number) / 7.0).collect());
    let array = |row: &[usize], values: Values| Array { shape: [rows].iter().chain(row).copied().collect(), values };
    let words = (first..first + rows).flat_map(|row| [1 + (row % 3) as u16, (row % 2) as u16 * 2]).collect();
    [
        ("features", array(&[3], reals(3))),
        ("series", array(&[2, 2], reals(4))),
        ("lengths", array(&[], Values::U8((first..first + rows).map(|row| (row % 3) as u8).collect()))),
        ("text", array(&[2], Values::U16(words))),
        ("picture", array(&[2, 1, 2], Values::U8(numbers(4)))),
        ("bytes", array(&[2], Values::U8(numbers(2)))),
        ("label", array(&[], Values::U8((first..first + rows).map(|row| (row % 2) as u8).collect()))),
    ]
    .into_iter()
    .map(|(name, array)| (name.to_owned(), array))
    .collect()
}

/// What lies in no shard: the splits, three samples each in turn, and the lists.
fn rest() -> Content {
    let splits = Array { shape: vec![SAMPLES], values: Values::U8((0..SAMPLES).map(|row| (row % 3) as u8).collect()) };
    // Not in the order of the rows, so that reading in id order jumps.
    let ids = (0..SAMPLES).map(|row| format!("s{}", row * 4 % SAMPLES)).collect();
    let words = ["<pad>", "<unk>", "red", "blue"].map(str::to_owned).to_vec();
    Content {
        manifest: manifest(),
        tensors: [("split".to_owned(), splits)].into(),
        lists: [("ids.txt".to_owned(), ids), ("words.txt".to_owned(), words)].into(),
        texts: BTreeMap::new(),
    }
}

fn in_one_file() -> (tempfile::TempDir, Dataset) {
    let folder = tempfile::tempdir().unwrap();
    let mut content = rest();
    content.tensors.extend(tensors(0, SAMPLES));
    let dataset = write(folder.path(), &content).unwrap();
    (folder, dataset)
}

/// Shards as [`RUNS`] says, each changed by `change` with its number.
fn written(folder: &Path, change: impl Fn(usize, &mut BTreeMap<String, Array>)) -> Result<Dataset, DatasetError> {
    let mut writer = Writer::new(folder)?;
    let mut first = 0;
    for (at, rows) in RUNS.into_iter().enumerate() {
        let mut own = tensors(first, rows);
        change(at, &mut own);
        writer.shard(&own)?;
        first += rows;
    }
    writer.finish(&rest())
}

#[test]
fn shards_hold_what_one_file_holds() {
    let (_kept, whole) = in_one_file();
    let folder = tempfile::tempdir().unwrap();
    let sharded = written(folder.path(), |_, _| ()).unwrap();
    let Labels::Classes(labels) = sharded.labels() else { panic!("classes stay classes") };
    assert_eq!(*labels, [0, 1, 0, 1, 0, 1, 0, 1, 0]);
    // All in order, backwards, over both borders, some twice, none.
    let rows: [&[usize]; 5] = [&[0, 1, 2, 3, 4, 5, 6, 7, 8], &[8, 7, 6, 5, 4, 3, 2, 1, 0], &[1, 2], &[5, 6, 5, 6, 0], &[]];
    for modality in 0..whole.modalities().len() {
        for rows in rows {
            assert_eq!(sharded.read(modality, rows), whole.read(modality, rows), "modality {modality}, rows {rows:?}");
        }
    }
    // By hand: row 6 is the first of the last shard; 18² mod 97 = 33, 19² = 70, 20² = 12.
    assert_eq!(sharded.read(0, &[6]), Block::Continuous { values: vec![33.0 / 7.0, 70.0 / 7.0, 12.0 / 7.0], lengths: None });
    assert_eq!(Normaliser::fit(&sharded), Normaliser::fit(&whole));
}

#[test]
fn reading_normalised_gives_the_bits_of_reading_and_normalising() {
    let (_kept, dataset) = in_one_file();
    let normaliser = Normaliser::fit(&dataset);
    let rows: Vec<usize> = (0..SAMPLES).rev().collect();
    for (at, modality) in dataset.modalities().iter().enumerate() {
        let mut apart = dataset.read(at, &rows);
        normaliser.apply(at, &modality.kind, &mut apart);
        let together = dataset.read_normalised(at, &rows, &normaliser);
        match (&together, &apart) {
            (Block::Continuous { values: found, lengths }, Block::Continuous { values: expected, lengths: own }) => {
                let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!((bits(found), lengths), (bits(expected), own), "{}", modality.name);
            }
            _ => assert_eq!(together, apart, "{}", modality.name),
        }
    }
}

#[test]
fn the_order_of_shards_and_their_content_decide_the_hash() {
    let hash = |change: fn(usize, &mut BTreeMap<String, Array>)| {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), change).unwrap().hash().to_owned()
    };
    let sound = hash(|_, _| ());
    assert_eq!(sound, hash(|_, _| ()));
    assert_ne!(
        sound,
        hash(|at, own| if at == 3 {
            own.get_mut("bytes").unwrap().values = Values::U8(vec![9; 6])
        })
    );
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), |_, _| ()).unwrap();
    // The first two listed the other way round: were only the files' sums hashed, both orders would be one dataset.
    let (first, second) = ("\"shard-00000.safetensors\", \"shard-00001.safetensors\"", "\"shard-00001.safetensors\", \"shard-00000.safetensors\"");
    let swapped = with_manifest(folder.path(), |text| {
        assert!(text.contains(first), "{text}");
        text.replacen(first, second, 1)
    });
    assert_ne!(swapped.unwrap().hash(), sound);
}

/// Changes the manifest's text and opens the folder.
fn with_manifest(folder: &Path, change: impl FnOnce(String) -> String) -> Result<Dataset, DatasetError> {
    let file = folder.join(MANIFEST);
    fs::write(&file, change(fs::read_to_string(&file).unwrap())).unwrap();
    open(folder)
}

#[test]
fn a_missing_or_twice_listed_shard_is_named() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), |_, _| ()).unwrap();
    let sound = fs::read_to_string(folder.path().join(MANIFEST)).unwrap();
    let twice = |text: String| text.replacen("shard-00002", "shard-00001", 1);
    refused(with_manifest(folder.path(), twice), &[MANIFEST, "shards", "`shard-00001.safetensors`", "every shard once"]);
    let list = |text: String| text.replacen("shard-00000.safetensors", "ids.txt", 1);
    refused(with_manifest(folder.path(), |_| list(sound.clone())), &["shards", "`ids.txt`", "*.safetensors"]);
    let outside = |text: String| text.replacen("shard-00000", "../shard-00000", 1);
    refused(with_manifest(folder.path(), |_| outside(sound.clone())), &["a file in the same folder"]);
    let unknown = |text: String| text.replacen("shard-00000", "shard-99999", 1);
    refused(with_manifest(folder.path(), |_| unknown(sound.clone())), &["files", "no `shard-99999.safetensors`"]);
    // A tensor file of the folder that is no shard continues nothing.
    let unlisted = |text: String| text.replacen("\"shard-00003.safetensors\"", "", 1);
    refused(with_manifest(folder.path(), |_| unlisted(sound.clone())), &["tensor `", "it again", "list both files under `shards`"]);
    with_manifest(folder.path(), |_| sound.clone()).unwrap();
    fs::remove_file(folder.path().join("shard-00001.safetensors")).unwrap();
    refused(open(folder.path()), &["cannot read", "shard-00001.safetensors"]);
}

#[test]
fn shards_must_be_alike_and_add_up() {
    let changed = |change: fn(usize, &mut BTreeMap<String, Array>)| {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), change)
    };
    refused(
        changed(|at, own| {
            if at == 1 {
                own.insert("features".into(), Array { shape: vec![4, 3], values: Values::U8(vec![1; 12]) });
            }
        }),
        &["shard-00001", "tensor `features`: type", "U8", "F32, as in", "shard-00000"],
    );
    refused(
        changed(|at, own| {
            if at == 3 {
                own.insert("features".into(), Array { shape: vec![3, 4], values: Values::F32(vec![0.5; 12]) });
            }
        }),
        &["shard-00003", "tensor `features`: shape", "[3, 4]", "rows of [3]"],
    );
    refused(
        changed(|at, own| {
            if at == 3 {
                own.insert("features".into(), Array { shape: vec![4, 3], values: Values::F32(vec![0.5; 12]) });
            }
        }),
        &[MANIFEST, "tensor `features`: shape", "[10, 3] in 4 shards", "[9, 3]", "one row for each id"],
    );
    refused(
        changed(|at, own| {
            if at == 1 {
                own.remove("label");
            }
        }),
        &["tensor `label`: shape", "[5] in 3 shards", "[9]"],
    );
    refused(
        changed(|at, own| {
            if at == 0 {
                own.insert("split".into(), Array { shape: vec![2], values: Values::U8(vec![0, 1]) });
            }
        }),
        &["shard-00000", "tensor `split`", "it again", TENSORS],
    );
    refused(
        changed(|at, own| {
            if at < 2 {
                own.insert("label".into(), Array { shape: vec![], values: Values::U8(vec![0]) });
            }
        }),
        &["shard-00001", "tensor `label`: shape", "[]", "[rows, ...]"],
    );
}

#[test]
fn bad_values_are_placed_in_the_whole_and_named_with_their_shard() {
    let folder = tempfile::tempdir().unwrap();
    let mut values = vec![0.0; 9];
    values[4] = f32::NAN;
    let change = |at: usize, own: &mut BTreeMap<String, Array>| {
        if at == 3 {
            own.get_mut("features").unwrap().values = Values::F32(values.clone());
        }
    };
    refused(written(folder.path(), change), &["shard-00003", "tensor `features`: row 7, number 1", "NaN"]);
    let word = |at: usize, own: &mut BTreeMap<String, Array>| {
        if at == 1 {
            own.get_mut("text").unwrap().values = Values::U16(vec![1, 1, 0, 2, 1, 1, 1, 1]);
        }
    };
    refused(written(folder.path(), word), &["shard-00001", "tensor `text`: row 3, number 1", "behind padding"]);
}

#[test]
fn a_damaged_shard_is_refused() {
    let tampered = |resign: bool, change: fn(&mut Vec<u8>)| {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), |_, _| ()).unwrap();
        let file = folder.path().join("shard-00001.safetensors");
        let before = fs::read(&file).unwrap();
        let mut after = before.clone();
        change(&mut after);
        fs::write(&file, &after).unwrap();
        let sum = |bytes: &[u8]| hex(&Sha256::digest(bytes));
        with_manifest(folder.path(), |text| if resign { text.replace(&sum(&before), &sum(&after)) } else { text })
    };
    refused(tampered(false, |bytes| *bytes.last_mut().unwrap() ^= 1), &["shard-00001", "SHA-256", "damaged"]);
    refused(tampered(true, |bytes| bytes.truncate(bytes.len() - 1)), &["shard-00001", "header", "tensors that end before or behind the file's end"]);
    refused(tampered(true, |bytes| bytes.truncate(20)), &["shard-00001", "header"]);
    // Two tensors that share bytes.
    let overlap = br#"{"features":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},"label":{"dtype":"U8","shape":[8],"data_offsets":[4,12]}}"#;
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), |_, _| ()).unwrap();
    let file = folder.path().join("shard-00001.safetensors");
    let before = fs::read(&file).unwrap();
    let after = [&(overlap.len() as u64).to_le_bytes()[..], overlap, &[0; 12]].concat();
    fs::write(&file, &after).unwrap();
    let sum = |bytes: &[u8]| hex(&Sha256::digest(bytes));
    refused(with_manifest(folder.path(), |text| text.replace(&sum(&before), &sum(&after))), &["shard-00001", "header"]);
}

#[test]
fn low_data_draws_reach_into_shards() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), |_, _| ()).unwrap();
    let reference: DatasetRef = format!("{}?train=2", folder.path().display()).parse().unwrap();
    let dataset = Dataset::open(&reference, &[]).unwrap();
    assert_eq!(dataset.indices(Split::Train).len(), 2);
    assert_eq!(Normaliser::fit(&dataset).of(0).unwrap().mean.len(), 3);
}
