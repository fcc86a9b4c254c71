//! Files of utterances in dialogues: bc-LSTM, DialogueRNN, MMGCN.

use super::*;

#[test]
fn bc_lstm_leaves_out_dummy_utterances() {
    let draft = import("bc-lstm", &["bc-lstm"], 0).unwrap();
    // The files of the folder, by name.
    assert_eq!(streams(&draft), ["audio", "text", "video"]);
    assert_eq!(counts(&draft), [5, 0, 1]);
    assert_eq!(draft.ids, ["train_0_0", "train_0_1", "train_1_0", "train_1_1", "train_1_2", "test_0_0"]);
    assert_eq!(group(&draft, "dialogue"), ["train_0", "train_0", "train_1", "train_1", "train_1", "test_0"]);
    assert_eq!(classes(&draft, "label"), (&[1, 0, 0, 1, 1, 1][..], vec!["negative", "positive"]));
    // Dialogues of 2 and 3 of 3, and of 1 of 3.
    assert!(says(&draft.repaired, "3 dummy utterances"));
    // block(1000, ..)[1, 2]; block(3500, ..)[0, 0].
    assert_eq!(row(numbers(&draft, "text"), 4), [1120.0, 1121.0]);
    assert_eq!(row(numbers(&draft, "video"), 5), [3500.0, 3501.0, 3502.0]);
}

#[test]
fn context_holds_earlier_utterances_of_the_dialogue_only() {
    let draft = import("bc-lstm", &["bc-lstm/audio.pickle"], 1).unwrap();
    let audio = numbers(&draft, "audio");
    assert_eq!((&audio.shape, &audio.lengths), (&vec![2, 1], &Some(vec![1, 2, 1, 2, 2, 1])));
    // block(2000, ..)[dialogue, utterance]: 2000 + 100 dialogue + 10 utterance; test from 2500.
    let expected = [2000.0, 0.0, 2000.0, 2010.0, 2100.0, 0.0, 2100.0, 2110.0, 2110.0, 2120.0, 2500.0, 0.0];
    assert_eq!(audio.rows.read(0..6).unwrap(), expected);

    // No dialogue is longer than 3: more context than 2 holds no more.
    let draft = import("bc-lstm", &["bc-lstm/audio.pickle"], 50).unwrap();
    assert_eq!(numbers(&draft, "audio").shape, [3, 1]);
    assert_eq!(row(numbers(&draft, "audio"), 4), [2100.0, 2110.0, 2120.0]);
}

#[test]
fn iemocap_speakers_are_session_and_gender() {
    let draft = import("conversation", &["conversation/IEMOCAP_features.pkl"], 0).unwrap();
    assert_eq!(streams(&draft), ["text", "audio", "visual", "words"]);
    assert_eq!(counts(&draft), [4, 0, 2]);
    let at = |id: &str| draft.ids.iter().position(|own| own == id).unwrap();
    let (first, third) = (at("Ses01F_impro01_F000"), at("Ses01F_impro01_F002"));
    let man = at("Ses01F_impro01_M001");
    assert_eq!(group(&draft, "dialogue")[man], "Ses01F_impro01");
    assert_eq!([first, man, third].map(|at| group(&draft, "speaker")[at]), ["Ses01F", "Ses01M", "Ses01F"]);
    assert_eq!(group(&draft, "speaker")[at("Ses02M_script01_1_F000")], "Ses02F");
    assert_eq!(group(&draft, "session")[at("Ses05F_impro02_M001")], "Ses05");
    assert!(says(&draft.assumed, "Ses01F, Ses01M"));
    assert!(says(&draft.repaired, "1 dialogues that are in neither split"));

    let (labels, names) = classes(&draft, "emotion");
    assert_eq!(names, ["happy", "sad", "neutral", "angry", "excited", "frustrated"]);
    // (number of the dialogue + utterance) % 6.
    assert_eq!([first, man, third, at("Ses05F_impro02_M001")].map(|at| labels[at]), [1, 2, 3, 0]);
    // base + 100 dialogue + 10 utterance + place.
    assert_eq!(row(numbers(&draft, "text"), man), [3110.0, 3111.0]);
    assert_eq!(row(numbers(&draft, "audio"), third), [1120.0, 1121.0, 1122.0]);
    assert_eq!(row(numbers(&draft, "visual"), at("Ses05F_impro02_F000")), [2500.0]);
    assert_eq!(words(&draft, "words")[man], ["excuse", "me", ",", "number", "1", "."]);
}

#[test]
fn iemocap_context_ends_with_the_utterance_itself() {
    let draft = import("conversation", &["conversation/IEMOCAP_features.pkl"], 5).unwrap();
    let visual = numbers(&draft, "visual");
    assert_eq!(visual.shape, [3, 1]);
    assert!(says(&draft.assumed, "the longest dialogue has 3 utterances"));
    let at = |id: &str| draft.ids.iter().position(|own| own == id).unwrap();
    for (id, length, expected) in [
        ("Ses01F_impro01_F000", 1, [2100.0, 0.0, 0.0]),
        ("Ses01F_impro01_M001", 2, [2100.0, 2110.0, 0.0]),
        ("Ses01F_impro01_F002", 3, [2100.0, 2110.0, 2120.0]),
        ("Ses05F_impro02_F000", 1, [2500.0, 0.0, 0.0]),
    ] {
        assert_eq!((visual.lengths.as_ref().unwrap()[at(id)], row(visual, at(id))), (length, expected.to_vec()), "{id}");
    }
}

#[test]
fn meld_is_read_with_and_without_visual() {
    let ten = import("conversation", &["conversation/MELD_features_raw1.pkl"], 0).unwrap();
    let nine = import("conversation", &["conversation/MELD_features_raw.pkl"], 0).unwrap();
    assert_eq!((streams(&ten), streams(&nine)), (vec!["text", "audio", "visual", "words"], vec!["text", "audio", "words"]));
    for draft in [&ten, &nine] {
        assert_eq!(draft.ids, ["0_0", "0_1", "7_0", "11_0", "11_1", "11_2"]);
        assert_eq!(counts(draft), [3, 0, 3]);
        // The one stands at (dialogue + utterance) % 9.
        assert_eq!(group(draft, "speaker"), ["speaker0", "speaker1", "speaker7", "speaker2", "speaker3", "speaker4"]);
        assert_eq!(classes(draft, "emotion").0, [0, 1, 0, 4, 5, 6]);
        assert_eq!(classes(draft, "emotion").1[6], "anger");
        assert_eq!(classes(draft, "sentiment"), (&[0, 1, 0, 0, 1, 2][..], vec!["neutral", "positive", "negative"]));
        assert_eq!(row(numbers(draft, "audio"), 4), [2110.0]);
        assert_eq!(words(draft, "words")[0], ["oh", "my", "god", "!"]);
    }
    assert_eq!(row(numbers(&ten, "visual"), 2), [2700.0, 2701.0]);
}
