//! Importers of arrays, tables and HDF5 on files that NumPy, SciPy, h5py, csv and safetensors wrote: `fixtures/files/make.py`, whose arrays count, so that a
//! value tells where it stood. Expected values are worked out by hand from that script.

use std::path::{Path, PathBuf};

use bench_datasets::Split::{Test, Train, Validation};
use bench_import::{
    Content, Draft, Numbers, Target,
    formats::{self, Request},
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/files").join(name)
}

fn request(names: &[&str]) -> Request {
    Request { paths: names.iter().map(|name| fixture(name)).collect(), ..Request::default() }
}

fn read(format: &str, request: &Request) -> Result<Draft, String> {
    let format = formats::ALL.iter().find(|known| known.name == format).unwrap();
    (format.read)(request).map_err(|error| error.to_string())
}

/// Reads with a spec that is written for the test.
fn with_spec(format: &str, names: &[&str], spec: &str) -> Result<Draft, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.toml");
    std::fs::write(&path, spec).unwrap();
    read(format, &Request { spec: Some(path), ..request(names) })
}

fn stream<'a>(draft: &'a Draft, name: &str) -> &'a Content {
    &draft.streams.iter().find(|stream| stream.name == name).unwrap().content
}

fn numbers<'a>(draft: &'a Draft, name: &str) -> &'a Numbers {
    let Content::Numbers(numbers) = stream(draft, name) else { panic!("{name} is no numbers") };
    assert_eq!(numbers.rows.len(), draft.ids.len());
    numbers
}

fn values(draft: &Draft, name: &str) -> Vec<f32> {
    numbers(draft, name).rows.read(0..draft.ids.len()).unwrap()
}

fn words(draft: &Draft, name: &str) -> Vec<String> {
    let Content::Words(words) = stream(draft, name) else { panic!("{name} is no words") };
    words.iter().map(|words| words.join(" ")).collect()
}

fn classes(draft: &Draft, at: usize) -> (Vec<u32>, Vec<String>) {
    let Target::Classes { labels, names } = &draft.targets[at].target else { panic!("no classes") };
    (labels.clone(), names.clone())
}

fn groups<'a>(draft: &'a Draft, name: &str) -> Vec<&'a str> {
    draft.groups.iter().find(|groups| groups.name == name).unwrap().of_sample.iter().map(String::as_str).collect()
}

#[test]
fn arrays_are_told_by_their_names() {
    let draft = read("npz", &request(&["conventions.npz"])).unwrap();
    assert_eq!(draft.ids, ["trainv0_0", "trainv1_1", "trainv2_2", "trainv3_3", "validv0_0", "validv1_1", "testv0_0", "testv1_1", "testv2_2"]);
    assert_eq!(draft.splits, [Train, Train, Train, Train, Validation, Validation, Test, Test, Test]);
    assert_eq!(classes(&draft, 0), (vec![0, 1, 0, 1, 0, 1, 0, 1, 0], vec!["0".into(), "1".into()]));
    assert_eq!(draft.streams.iter().map(|stream| stream.name.as_str()).collect::<Vec<_>>(), ["text", "audio"]);
    assert_eq!((numbers(&draft, "text").shape.clone(), numbers(&draft, "audio").shape.clone()), (vec![3], vec![5, 2]));
    assert_eq!(numbers(&draft, "audio").lengths.as_deref(), Some(&[1, 2, 3, 4, 1, 2, 1, 2, 3][..]));
    assert_eq!(values(&draft, "text")[9..15], [9.0, 10.0, 11.0, 100.0, 101.0, 102.0]);
    assert_eq!(numbers(&draft, "text").rows.read(5..7).unwrap(), [103.0, 104.0, 105.0, 200.0, 201.0, 202.0]);
    // What is not finite is passed on, for `assemble` to count.
    assert_eq!(values(&draft, "audio")[59], f32::NEG_INFINITY);
    assert!(draft.groups.is_empty());
    assert!(draft.assumed.iter().any(|sentence| sentence.contains("left out: idx")), "{:?}", draft.assumed);
}

#[test]
fn clips_of_many_videos_are_grouped_by_video() {
    let draft = read("npz", &request(&["grouped.npz"])).unwrap();
    assert_eq!(groups(&draft, "video")[..3], ["video0", "video0", "video1"]);
    assert!(draft.assumed.iter().any(|sentence| sentence.contains("BEGINNING_NUMBER")));
}

#[test]
fn tensors_in_safetensors_are_told_by_their_names() {
    let draft = read("safetensors", &request(&["named.safetensors"])).unwrap();
    assert_eq!(draft.ids, ["train-0", "train-1", "train-2", "test-0", "test-1"]);
    assert_eq!(values(&draft, "a"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 50.0, 51.0, 52.0, 53.0]);
    assert_eq!(classes(&draft, 0).0, [1, 0, 1, 0, 1]);
}

#[test]
fn a_spec_names_arrays_of_every_kind() {
    let spec = r#"
        title = "Everything"
        ids = "key"
        splits = "part"
        [[modalities]]
        name = "series"
        from = "series"
        [[modalities]]
        name = "image"
        from = "image"
        kind = "image"
        channels_last = true
        [[modalities]]
        name = "scan"
        from = "scan"
        kind = "image"
        shape = [2, 2]
        range = [-1.0, 1.5]
        [[modalities]]
        name = "text"
        from = "sentence"
        [[modalities]]
        name = "codes"
        from = "codes"
        vocabulary = "vocabulary"
        [[targets]]
        name = "emotion"
        from = "emotion"
        classes = "names"
        [[targets]]
        name = "trait"
        from = "traits"
        column = 1
        kind = "value"
        low = -1
        high = 2
        [[groups]]
        name = "speaker"
        from = "speaker"
        [[folds]]
        name = "first"
        from = "fold"
    "#;
    let draft = with_spec("npz", &["spec.npz"], spec).unwrap();
    assert_eq!(draft.title, "Everything");
    assert_eq!(draft.splits, [Train, Train, Train, Validation, Test, Test]);
    assert_eq!(draft.folds, [("first".into(), vec![Some(Train), Some(Validation), Some(Test), None, Some(Train), Some(Train)])]);
    assert_eq!(groups(&draft, "speaker"), ["7", "7", "8", "9", "10", "10"]);
    let series = numbers(&draft, "series");
    assert_eq!((series.shape.as_slice(), series.lengths.as_deref()), (&[3, 2][..], Some(&[1, 2, 3, 1, 2, 3][..])));
    assert_eq!(series.rows.read(1..2).unwrap(), [10.0, 11.0, 12.0, 13.0, 0.0, 0.0]);
    let image = numbers(&draft, "image");
    assert_eq!((image.shape.as_slice(), image.bytes), (&[3, 2, 3][..], Some((1.0 / 255.0, 0.0))));
    // numpy.arange(18).reshape(2, 3, 3).transpose(2, 0, 1)
    assert_eq!(image.rows.read(0..1).unwrap()[..7], [0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 1.0]);
    let scan = numbers(&draft, "scan");
    assert_eq!((scan.shape.as_slice(), scan.bytes), (&[1, 2, 2][..], None));
    let found = scan.rows.read(1..2).unwrap();
    // (-0.6 + 1) / 2.5 and so on.
    assert!(found.iter().zip([0.16, 0.2, 0.24, 0.28]).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found:?}");
    assert_eq!(words(&draft, "text"), ["it's good .", "bad", "so so …", "", "never again !", "ok"]);
    assert_eq!(words(&draft, "codes"), ["bad good", "good", "bad bad bad", "", "good bad", "bad"]);
    assert_eq!(classes(&draft, 0), (vec![0, 1, 2, 0, 1, 2], vec!["sad".into(), "glad".into(), "mad".into()]));
    let Target::Values { values, low, high } = &draft.targets[1].target else { panic!("no values") };
    assert_eq!((values.as_slice(), *low, *high), (&[-0.75, -0.25, 0.25, 0.75, 1.25, 1.75][..], Some(-1.0), Some(2.0)));
}

/// The mark of byte order (`utf-8-sig`), quotes, line breaks in cells and rows in another order are as `csv.writer` wrote them.
#[test]
fn a_table_is_joined_by_id() {
    let spec = |missing: &str| {
        format!(
            r#"
            ids = "key"
            [[files]]
            name = "texts"
            path = "spec_texts.csv"
            id = "clip"
            {missing}
            [[modalities]]
            name = "scan"
            from = "scan"
            [[modalities]]
            name = "text"
            from = "texts:TEXT"
            [[modalities]]
            name = "features"
            from = "texts:f*"
            [[targets]]
            from = "speaker"
            "#
        )
    };
    let files = ["spec.npz", "spec_texts.csv"];
    let error = with_spec("npz", &files, &spec("")).unwrap_err();
    assert!(error.contains("spec_texts.csv: `clip`: found no row for 1 of 6 samples (k2), expected one for each"), "{error}");
    let draft = with_spec("npz", &files, &spec("missing = 'drop'")).unwrap();
    assert_eq!(draft.ids, ["k0", "k1", "k3", "k4", "k5"]);
    assert_eq!(words(&draft, "text")[..2], ["word0 , \" quoted \" second", "word1 , \" quoted \" second"]);
    let found = values(&draft, "features");
    assert_eq!((found[0], found[1], found[2], found[4]), (0.5, -0.5, 1.5, 3.5));
    assert!(found[3].is_nan());
    assert_eq!(values(&draft, "scan")[8], 0.2, "the row behind the dropped one");
    assert_eq!(classes(&draft, 0), (vec![0, 0, 2, 3, 3], ["7", "8", "9", "10"].map(String::from).to_vec()));
    assert!(draft.repaired.iter().any(|sentence| sentence.contains("1 empty cells")), "{:?}", draft.repaired);
    assert!(draft.repaired.iter().any(|sentence| sentence.contains("1 of 6 samples have no row in a joined file and are dropped (k2)")));
}

#[test]
fn parts_of_arrays_in_a_folder_are_splits() {
    let spec = r#"
        name = "avmnist"
        [[modalities]]
        name = "image"
        from = { train = "image/train_data[:3]", valid = "image/train_data[3:]", test = "image/test_data" }
        kind = "vector"
        [[modalities]]
        name = "audio"
        from = { train = "audio/train_data.npy[:3]", valid = "audio/train_data.npy[3:]", test = "audio/test_data.npy" }
        kind = "image"
        [[targets]]
        from = { train = "train_labels[:3]", valid = "train_labels[3:]", test = "test_labels" }
        classes = ["zero", "one", "two"]
    "#;
    let draft = with_spec("npz", &["avmnist"], spec).unwrap();
    assert_eq!(draft.splits, [Train, Train, Train, Validation, Validation, Test, Test]);
    assert_eq!(values(&draft, "image")[10..22], [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 0.0, 1.0]);
    assert_eq!((numbers(&draft, "audio").shape.as_slice(), numbers(&draft, "audio").bytes.is_some()), (&[1, 2, 2][..], true));
    assert_eq!(classes(&draft, 0).0, [0, 1, 2, 0, 1, 2, 0]);
    assert_eq!(draft.name, "avmnist");
}

#[test]
fn views_of_tmc_have_classes_from_one() {
    let draft = read("tmc-mat", &request(&["tmc.mat"])).unwrap();
    assert_eq!(draft.splits, [Train, Train, Train, Train, Test, Test]);
    assert_eq!(classes(&draft, 0), (vec![0, 1, 2, 0, 2, 1], ["1", "2", "3"].map(String::from).to_vec()));
    assert_eq!(values(&draft, "x1"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 50.0, 51.0, 52.0, 53.0]);
    assert_eq!(values(&draft, "x2")[10..], [5.0, 5.5, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
    assert!(draft.assumed.iter().any(|sentence| sentence.contains("the scaling of TMC's loader")));
}

#[test]
fn cells_may_be_transposed_or_sparse() {
    let draft = read("cell-mat", &request(&["cell.mat"])).unwrap();
    assert_eq!(classes(&draft, 0), (vec![0, 0, 1, 1, 2], ["1", "2", "4"].map(String::from).to_vec()));
    assert_eq!(values(&draft, "view1")[..4], [0.0, 1.0, 2.0, 3.0]);
    // numpy.arange(15).reshape(3, 5).T
    assert_eq!(values(&draft, "view2")[..6], [0.0, 5.0, 10.0, 1.0, 6.0, 11.0]);
    assert_eq!(numbers(&draft, "view3").shape, [4]);
    assert_eq!(values(&draft, "view3")[..10], [1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
    assert!(draft.repaired.iter().any(|sentence| sentence.contains("view2 has a column for each sample")), "{:?}", draft.repaired);
}

#[test]
fn files_of_mfn_are_one_a_modality_and_split() {
    let draft = read("mfn-h5", &request(&["mfn"])).unwrap();
    assert_eq!((draft.name.as_str(), draft.splits.len()), ("mfn", 9));
    assert_eq!(numbers(&draft, "audio").shape, [4, 2]);
    assert_eq!(numbers(&draft, "video").rows.read(4..5).unwrap(), (100..112).map(|at| at as f32).collect::<Vec<_>>());
    let Target::Values { values, .. } = &draft.targets[0].target else { panic!("no values") };
    assert_eq!(values.as_slice(), [-1.5, -1.0, -0.5, 0.0, -0.5, 0.0, 0.5, 1.0, 1.5]);
    assert!(draft.assumed.iter().any(|sentence| sentence.contains("text is left out: there is no file of it for train")), "{:?}", draft.assumed);
}

#[test]
fn utterances_of_mmin_have_folds_and_lengths() {
    let draft = read("mmin-h5", &request(&["mmin"])).unwrap();
    let ids = ["Ses01F_impro01_F000", "Ses01F_impro01_M001", "Ses01M_script01_F000", "Ses02F_impro02_M000", "Ses02M_impro01_F003"];
    assert_eq!(draft.ids, ids);
    assert_eq!(draft.splits, [Train, Train, Train, Validation, Test]);
    assert_eq!(draft.folds[0].1, [Some(Train), Some(Train), Some(Train), Some(Validation), Some(Test)]);
    assert_eq!(draft.folds[1], ("2".into(), vec![Some(Validation), Some(Test), Some(Train), Some(Train), Some(Test)]));
    assert_eq!(classes(&draft, 0).0, [0, 1, 2, 3, 0]);
    assert_eq!(groups(&draft, "speaker"), ["Ses01F", "Ses01M", "Ses01F", "Ses02M", "Ses02F"]);
    assert_eq!(groups(&draft, "session")[3..], ["Ses02", "Ses02"]);
    let acoustic = numbers(&draft, "A");
    assert_eq!((acoustic.shape.as_slice(), acoustic.lengths.as_deref()), (&[5, 3][..], Some(&[1, 2, 3, 4, 5][..])));
    assert_eq!(acoustic.rows.read(1..2).unwrap()[..8], [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 0.0, 0.0]);
    assert_eq!((numbers(&draft, "V").shape.as_slice(), numbers(&draft, "L").shape.as_slice()), (&[5, 2][..], &[5, 4][..]));
    assert!(draft.assumed.iter().any(|sentence| sentence.contains("fold 1 is the default split")));
}

#[test]
fn tables_of_mogonet_have_no_header() {
    let draft = read("csv-views", &request(&["mogonet"])).unwrap();
    assert_eq!(draft.streams.iter().map(|stream| stream.name.as_str()).collect::<Vec<_>>(), ["view1", "view2", "view10"]);
    assert_eq!(draft.splits, [Train, Train, Train, Train, Test, Test]);
    assert_eq!(values(&draft, "view2")[..4], [2.0, 2.25, 2.5, 2.75]);
    assert_eq!(values(&draft, "view10"), [10.0, 10.25, 10.5, 10.75, 10.0, 10.25]);
    assert_eq!(classes(&draft, 0), (vec![0, 1, 0, 1, 0, 1], vec!["0".into(), "1".into()]));
}

const TABLE: &str = r#"
    ids = "name"
    splits = "part"
    [[modalities]]
    name = "genes"
    from = ["gene_*", "age"]
    [[modalities]]
    name = "note"
    from = "note"
    [[targets]]
    from = "class"
    [[groups]]
    name = "patient"
    from = "patient"
"#;

#[test]
fn columns_of_a_table_are_named_by_a_spec() {
    let draft = with_spec("csv-views", &["table.csv"], TABLE).unwrap();
    assert_eq!(draft.ids, ["s1", "s2", "s3", "s4"]);
    assert_eq!(draft.splits, [Train, Train, Validation, Test]);
    let found = values(&draft, "genes");
    assert!(found[1].is_nan() && found[3].is_nan());
    assert_eq!((found[0], found[2], found[4], &found[6..9]), (1.5, 30.0, 2.5, &[3.5, 4.5, 50.0][..]));
    assert_eq!(words(&draft, "note"), ["fine .", "not fine", "", "a b"]);
    assert_eq!(classes(&draft, 0), (vec![0, 1, 1, 0], vec!["ill".into(), "well".into()]));
    assert_eq!(groups(&draft, "patient"), ["p1", "p2", "p3", "p4"]);
    assert!(draft.repaired.iter().any(|sentence| sentence.contains("2 empty cells are read as NaN")), "{:?}", draft.repaired);
}

#[test]
fn formats_are_recognised_by_what_they_hold() {
    let recognised = |name: &str| -> Vec<&str> {
        let paths = vec![fixture(name)];
        let tree = fixture(name).is_file().then(|| formats::open(&fixture(name)).ok()).flatten();
        let glance = formats::Glance { paths, tree };
        formats::ALL.iter().filter(|format| (format.recognise)(&glance).is_some()).map(|format| format.name).collect()
    };
    assert_eq!(recognised("conventions.npz"), ["npz"]);
    assert_eq!(recognised("named.safetensors"), ["safetensors"]);
    assert_eq!(recognised("tmc.mat"), ["tmc-mat"]);
    assert_eq!(recognised("cell.mat"), ["cell-mat"]);
    assert_eq!(recognised("mfn"), ["mfn-h5"]);
    assert_eq!(recognised("mmin"), ["mmin-h5"]);
    assert_eq!(recognised("mogonet"), ["csv-views"]);
    assert_eq!(recognised("spec.npz"), Vec::<&str>::new());
}
