//! Features with the raw input that they were made of, and words that methods do not know.

use bench_datasets::{
    Block, Kind,
    write::{Content, KindEntry, MANIFEST, RawEntry, Values},
};

use super::support::{refused, set, written};

/// `features` are made of a picture `[1, 1, 2]`, `series` of words.
fn with_raw(content: &mut Content) {
    let entry = |kind, shape: &[usize], tensor: &str, dtype: &str| RawEntry {
        kind,
        shape: shape.into(),
        tensor: tensor.into(),
        dtype: dtype.into(),
        extractor: "encoder.pt".into(),
        ..RawEntry::default()
    };
    content.texts.insert("encoder.pt".into(), "not run".into());
    content.texts.insert("encoder.tokenizer.json".into(), "{}".into());
    let mut picture = entry(KindEntry::Image, &[1, 1, 2], "pixels", "u8");
    picture.scale = Some(1.0 / 255.0);
    let mut words = entry(KindEntry::Tokens, &[2], "said", "u16");
    (words.vocabulary, words.tokenizer) = (Some("words.txt".into()), Some("encoder.tokenizer.json".into()));
    for (name, of) in [("pixels", "picture"), ("said", "text")] {
        let copy = content.tensors[of].clone();
        content.tensors.insert(name.into(), copy);
    }
    content.manifest.modalities[0].raw = Some(picture);
    content.manifest.modalities[1].raw = Some(words);
}

/// [`with_raw`], and a change to the raw entry of the words.
fn changed(change: impl FnOnce(&mut RawEntry)) -> impl FnOnce(&mut Content) {
    |content| {
        with_raw(content);
        change(content.manifest.modalities[1].raw.as_mut().unwrap());
    }
}

#[test]
fn methods_see_features_and_corruptions_the_raw_input() {
    let dataset = written(with_raw).unwrap();
    assert_eq!(dataset.modalities()[0].kind, Kind::Vector { dim: 2 });
    assert_eq!(dataset.raw_modalities()[0].kind, Kind::Image { channels: 1, height: 1, width: 2 });
    assert_eq!(dataset.read(0, &[5]), Block::Continuous { values: vec![1.25, 1.375], lengths: None });
    assert_eq!(dataset.read_raw(0, &[1]), Block::Continuous { values: vec![40.0 / 255.0, 60.0 / 255.0], lengths: None });
    assert_eq!(dataset.read_raw(1, &[1]), Block::Tokens { ids: vec![2, 0], lengths: vec![1] });
    assert_eq!(dataset.read_raw(3, &[1]), dataset.read(3, &[1]), "a modality without one is its own raw input");
    let (picture, words) = (dataset.extractor(0).unwrap(), dataset.extractor(1).unwrap());
    assert_eq!((picture.module.as_str(), picture.tokenizer.as_deref()), ("encoder.pt", None));
    assert_eq!((words.tokenizer.as_deref(), words.module_hash.len()), (Some("encoder.tokenizer.json"), 64));
    assert_eq!(dataset.extractor(2), None);
    assert!(dataset.has_raw() && !written(|_| ()).unwrap().has_raw());
}

#[test]
fn raw_inputs_decide_the_hash() {
    let hash = |change: &dyn Fn(&mut Content)| written(change).unwrap().hash().to_owned();
    let plain = hash(&with_raw);
    let different: [&dyn Fn(&mut Content); 4] = [
        &|_| (),
        &|content| {
            with_raw(content);
            content.texts.insert("encoder.pt".into(), "another".into());
        },
        &|content| {
            with_raw(content);
            content.texts.insert("encoder.tokenizer.json".into(), "{ }".into());
        },
        &|content| {
            with_raw(content);
            content.manifest.modalities[0].raw.as_mut().unwrap().scale = Some(0.5 / 255.0);
        },
    ];
    different.iter().for_each(|change| assert_ne!(plain, hash(change)));
}

#[test]
fn raw_inputs_are_checked_like_modalities() {
    refused(written(changed(|raw| raw.tensor = "nothing".into())), &["modality `series.raw`: tensor", "`nothing`"]);
    refused(written(changed(|raw| raw.dtype = "f32".into())), &["modality `series.raw`: dtype"]);
    refused(written(changed(|raw| raw.shape = vec![3])), &["tensor `said`: shape", "[6, 2]", "[6, 3]"]);
    refused(written(changed(|raw| raw.vocabulary = None)), &[MANIFEST, "modality `series.raw`: vocabulary"]);
    let wild = |content: &mut Content| {
        with_raw(content);
        set(content, "said", Values::U16(vec![9; 12]));
    };
    refused(written(wild), &["tensor `said`: row 0", "found 9", "0 to 3"]);
}

#[test]
fn extractors_are_files_of_the_folder() {
    refused(written(changed(|raw| raw.extractor = "../encoder.pt".into())), &[MANIFEST, "a file in the same folder"]);
    refused(written(changed(|raw| raw.extractor = "other.pt".into())), &["no `other.pt`"]);
    refused(written(changed(|raw| raw.tokenizer = Some("other.json".into()))), &["no `other.json`"]);
    refused(written(changed(|raw| raw.tokenizer = None)), &["modality `series`: raw.tokenizer", "found none", "a tokenizer file for tokens"]);
    let of_a_picture = |content: &mut Content| {
        with_raw(content);
        content.manifest.modalities[0].raw.as_mut().unwrap().tokenizer = Some("encoder.tokenizer.json".into());
    };
    refused(written(of_a_picture), &["modality `features`: raw.tokenizer", "found a tokenizer"]);
}

/// Words from `known` on are the unknown word to methods, and themselves to an extractor.
#[test]
fn words_that_methods_do_not_know_are_kept() {
    let knows = |known| move |content: &mut Content| content.manifest.modalities[2].known = Some(known);
    let dataset = written(knows(3)).unwrap();
    let Kind::Tokens { vocabulary, .. } = &dataset.modalities()[2].kind else { panic!("no words") };
    assert_eq!(vocabulary, &["<pad>", "<unk>", "red"]);
    let Kind::Tokens { vocabulary, .. } = dataset.whole_kind(2) else { panic!("no words") };
    assert_eq!(vocabulary, ["<pad>", "<unk>", "red", "blue"]);
    assert_eq!(dataset.read(2, &[3]), Block::Tokens { ids: vec![1, 1], lengths: vec![2] });
    assert_eq!(dataset.read_whole(2, &[3]), Block::Tokens { ids: vec![3, 3], lengths: vec![2] });
    assert_ne!(dataset.hash(), written(|_| ()).unwrap().hash());

    refused(written(knows(5)), &["words.txt", "found 5, which modality `text` calls known, of 4 words"]);
    refused(written(knows(1)), &["modality `text`: known", "found 1"]);
    refused(written(|content| content.manifest.modalities[0].known = Some(3)), &["modality `features`: known"]);
}

#[test]
fn a_source_is_a_hash() {
    let from = |hash: &'static str| move |content: &mut Content| content.manifest.derived_from = Some(hash.to_owned());
    let source = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let dataset = written(from(source)).unwrap();
    assert_eq!(dataset.base_hash(), source, "draws are keyed by the source");
    assert_ne!(dataset.hash(), source);
    assert_eq!(written(|_| ()).map(|dataset| dataset.base_hash() == dataset.hash()).ok(), Some(true));
    for hash in ["0123", "", "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"] {
        refused(written(from(hash)), &[MANIFEST, "derived_from"]);
    }
}
