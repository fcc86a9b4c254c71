//! Files that are dicts of splits: MMSA, MulT, MultiBench.

use super::*;

#[test]
fn mmsa_has_lengths_targets_words_and_videos() {
    let draft = import("mmsa", &["mmsa-unaligned.pkl"], 0).unwrap();
    assert_eq!(counts(&draft), [3, 2, 2]);
    assert_eq!(draft.ids[..2], ["03bSnISJMi1$_$0", "03bSnISJMi1$_$1"]);
    assert_eq!(group(&draft, "video")[2..4], ["03bSnISJMi1", "03bSnISJMi2"]);
    assert_eq!(streams(&draft), ["text", "audio", "vision", "words"]);

    assert_eq!(targets(&draft), ["sentiment", "polarity", "annotation"]);
    assert_eq!(values(&draft, "sentiment"), (&[-2.4, 0.0, 1.8, 0.6, -1.0, 3.0, -0.2][..], Some(-3.0), Some(3.0)));
    assert_eq!(classes(&draft, "polarity"), (&[0, 1, 1, 1, 0, 1, 0][..], vec!["negative", "non-negative"]));
    assert_eq!(classes(&draft, "annotation"), (&[0, 1, 2, 2, 0, 2, 0][..], vec!["Negative", "Neutral", "Positive"]));

    // text_bert's mask; audio_lengths; vision_lengths, of which one in train is 9 of 4.
    assert_eq!(numbers(&draft, "text").lengths, Some(vec![5, 1, 3, 2, 3, 1, 1]));
    assert_eq!(numbers(&draft, "audio").lengths, Some(vec![6, 3, 2, 6, 3, 6, 3]));
    assert_eq!(numbers(&draft, "vision").lengths, Some(vec![4, 1, 1, 4, 1, 2, 1]));
    assert!(says(&draft.repaired, "vision: 1 lengths were beyond the 4 steps"));
    assert!(says(&draft.assumed, "text_bert"));

    // block(3001, ..)[1, 0]; only one step is valid, the rest is zero.
    let text = numbers(&draft, "text");
    assert_eq!(text.shape, [5, 3]);
    assert_eq!(row(text, 1), [[3101.0, 3102.0, 3103.0].as_slice(), &[0.0; 12]].concat());
    // The validation split's first: block(1002, ..)[0], with -inf at [0, 1, 0], which is passed on.
    let expected: Vec<f32> = vec![1002.0, 1003.0, f32::NEG_INFINITY, 1013.0, 1022.0, 1023.0, 1032.0, 1033.0, 1042.0, 1043.0, 1052.0, 1053.0];
    assert_eq!(row(numbers(&draft, "audio"), 3), expected);

    assert_eq!(words(&draft, "words")[0], ["a", "very", "good", "film", "!"]);
    assert_eq!(words(&draft, "words")[2], ["it's", "so", "-", "so"]);
    assert!(says(&draft.assumed, "--map words="));
}

#[test]
fn mmsa_without_lengths_is_cut_at_its_zeros() {
    let draft = import("mmsa", &["mmsa-aligned.pkl"], 0).unwrap();
    assert_eq!(draft.ids, ["vid1$_$0", "vid1$_$1", "vid1$_$2", "vid2$_$0", "vid3$_$0", "vid3$_$1"]);
    // Text is padded behind, vision in front: vision's valid steps are moved to the front. Audio is not padded.
    assert_eq!(numbers(&draft, "text").lengths, Some(vec![2, 4, 3, 2, 2, 4]));
    assert_eq!(numbers(&draft, "vision").lengths, Some(vec![3, 4, 1, 3, 3, 4]));
    assert_eq!(row(numbers(&draft, "vision"), 2), [2231.0, 2232.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(numbers(&draft, "audio").lengths, None);
    assert!(row(numbers(&draft, "audio"), 0)[1].is_nan());
    assert!(says(&draft.repaired, "vision: zeros in front"));
    assert!(says(&draft.assumed, "text: the file tells no lengths"));
    assert_eq!(streams(&draft), ["text", "audio", "vision"]);
    assert_eq!(targets(&draft), ["sentiment", "polarity"]);
}

#[test]
fn sims_has_targets_of_each_modality() {
    let draft = import("mmsa", &["sims.pkl"], 0).unwrap();
    assert_eq!(targets(&draft), ["sentiment", "polarity", "sentiment-text", "sentiment-audio", "sentiment-vision"]);
    assert_eq!(values(&draft, "sentiment"), (&[0.0, 1.0, -0.4, 0.2, -1.0][..], Some(-1.0), Some(1.0)));
    // (y + 2) / 4 in float32.
    assert_eq!(values(&draft, "sentiment-vision").0, [0.5, 0.75, 0.4, 0.55, 0.25]);
    // MMSA's two classes of SIMS put 0 with the negative ones.
    assert_eq!(classes(&draft, "polarity"), (&[0, 1, 0, 1, 0][..], vec!["non-positive", "positive"]));
    assert!(says(&draft.assumed, "SIMS"));
    assert_eq!(words(&draft, "words")[..2], [vec!["我", "很", "好"], vec!["不", "行", "。"]]);
    assert_eq!(group(&draft, "video"), ["video_0001", "video_0001", "video_0002", "video_0003", "video_0003"]);
}

#[test]
fn mult_moves_padding_behind_and_reads_names_of_bytes() {
    let draft = import("mult", &["mult/mosi_data.pkl"], 0).unwrap();
    assert_eq!(counts(&draft), [2, 1, 1]);
    assert_eq!(draft.ids, ["f_pcplsH_V1_0", "f_pcplsH_V1_1", "f_pcplsH_V2_0", "f_pcplsH_V3_0"]);
    assert_eq!(group(&draft, "video"), ["f_pcplsH_V1", "f_pcplsH_V1", "f_pcplsH_V2", "f_pcplsH_V3"]);
    assert!(says(&draft.repaired, "4 names stored as bytes"));
    for modality in ["text", "audio", "vision"] {
        assert_eq!(numbers(&draft, modality).lengths, Some(vec![4, 2, 1, 3]), "{modality}");
    }
    // block(2001, ..)[1, 2..4], then zeros.
    assert_eq!(row(numbers(&draft, "vision"), 1), [2121.0, 2122.0, 2131.0, 2132.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(row(numbers(&draft, "audio"), 2), [1032.0, f32::NEG_INFINITY, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(classes(&draft, "polarity"), (&[1, 0, 0, 1][..], vec!["non-positive", "positive"]));
}

#[test]
fn mult_unaligned_takes_a_name_of_several_parts_as_the_video() {
    let draft = import("mult", &["mult/mosei_senti_data_noalign.pkl"], 0).unwrap();
    assert_eq!(draft.ids, ["--video1_0.0_1.5", "--video1_1.0_2.5", "--video2_0.0_1.5", "--video3_0.0_1.5"]);
    assert_eq!(group(&draft, "video"), ["--video1", "--video1", "--video2", "--video3"]);
    assert_eq!(numbers(&draft, "text").lengths, Some(vec![3, 1, 3, 3]));
    // The second series of training is nothing but zeros.
    assert_eq!(numbers(&draft, "audio").lengths, Some(vec![2, 0, 2, 2]));
    assert_eq!(row(numbers(&draft, "audio"), 0), [1031.0, 1041.0, 0.0, 0.0, 0.0]);
    assert_eq!(row(numbers(&draft, "audio"), 1), [0.0; 5]);
    assert_eq!(numbers(&draft, "vision").lengths, None);
}

#[test]
fn mult_iemocap_has_four_targets_of_two_classes() {
    let draft = import("mult", &["mult/iemocap_data.pkl"], 0).unwrap();
    assert_eq!(draft.ids, ["train_0", "train_1", "train_2", "valid_0", "test_0", "test_1"]);
    assert!(draft.groups.is_empty());
    assert_eq!(targets(&draft), ["happy", "sad", "angry", "neutral"]);
    // Emotions of the samples: neutral; happy; sad and angry; angry; happy; none.
    assert_eq!(classes(&draft, "happy"), (&[0, 1, 0, 0, 1, 0][..], vec!["no", "yes"]));
    assert_eq!(classes(&draft, "sad").0, [0, 0, 1, 0, 0, 0]);
    assert_eq!(classes(&draft, "angry").0, [0, 0, 1, 1, 0, 0]);
    assert_eq!(classes(&draft, "neutral").0, [1, 0, 0, 0, 0, 0]);
}

#[test]
fn multibench_leaves_out_samples_without_text() {
    let draft = import("multibench", &["multibench/mosi_raw.pkl"], 0).unwrap();
    assert_eq!(counts(&draft), [2, 1, 1]);
    assert_eq!(draft.ids, ["03bSnISJMi1[0]", "03bSnISJMi1[2]", "03bSnISJMi2[0]", "03bSnISJMi3[0]"]);
    assert!(says(&draft.repaired, "1 samples whose text is nothing but zeros"));
    assert_eq!(values(&draft, "sentiment").0, [1.0, -0.4, 0.0, 2.6]);
    assert_eq!(numbers(&draft, "audio").lengths, Some(vec![3, 2, 1, 2]));
    // block(3001, ..)[2, 1..3], then zeros.
    assert_eq!(row(numbers(&draft, "text"), 1), [3211.0, 3212.0, 3221.0, 3222.0, 0.0, 0.0]);
    assert_eq!(group(&draft, "video")[1..3], ["03bSnISJMi1", "03bSnISJMi2"]);
}

#[test]
fn multibench_humor_is_a_class() {
    let draft = import("multibench", &["multibench/humor.pkl"], 0).unwrap();
    assert_eq!(draft.ids, ["10", "11", "20", "30"]);
    assert_eq!(targets(&draft), ["humor"]);
    assert_eq!(classes(&draft, "humor"), (&[0, 1, 1, 0][..], vec!["no", "yes"]));
    assert_eq!(numbers(&draft, "text").lengths, Some(vec![2, 3, 2, 2]));
    assert_eq!(row(numbers(&draft, "audio"), 3), [1003.0, 1013.0, 1023.0, 1033.0]);
}
