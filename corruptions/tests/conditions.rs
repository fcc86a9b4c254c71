//! The grammar of conditions: canonical form, errors that point into the expression, and properties of the parser on any text.

use bench_corruptions::{Condition, Group};
use bench_datasets::{Kind, Modality};
use proptest::prelude::*;

fn modality(name: &str, kind: Kind) -> Modality {
    Modality { name: name.into(), kind }
}

/// audio (sequence), image, text (words), pen (vector).
fn modalities() -> Vec<Modality> {
    vec![
        modality("audio", Kind::Sequence { steps: 20, dim: 40 }),
        modality("image", Kind::Image { channels: 1, height: 28, width: 28 }),
        modality("text", Kind::Tokens { steps: 16, vocabulary: vec!["<pad>".into(), "<unk>".into(), "red".into()] }),
        modality("pen", Kind::Vector { dim: 16 }),
    ]
}

fn canonical(text: &str) -> String {
    Condition::parse(text, &modalities()).unwrap_or_else(|error| panic!("{}", error.render())).to_string()
}

/// Reason of the refusal and the part of the expression that it points at.
fn refusal(text: &str) -> (String, String) {
    let error = Condition::parse(text, &modalities()).unwrap_err();
    (error.reason.clone(), text[error.span].to_string())
}

#[test]
fn canonical_form_sorts_atoms_and_modalities_and_shortens_numbers() {
    for (text, expected) in [
        ("clean", "clean"),
        (" noise( image , 0.180 ) ", "noise(image,0.18)"),
        ("mask(text,1e-1)", "mask(text,0.1)"),
        ("missing(text,audio)", "missing(audio,text)"),
        ("missing(text)+missing(audio)", "missing(audio,text)"),
        ("only(text)", "missing(audio,image,pen)"),
        ("only(pen,text,image,audio)", "clean"),
        ("fgsm(image,1/255)", "fgsm(image,1/255)"),
        ("fgsm(image:0.05)", "fgsm(image,0.05)"),
        ("fgsm(image:0.05,audio:0.1)", "fgsm(audio:0.1,image:0.05)"),
        (
            "missing(pen)+fgsm(image,0.1)+mask(audio,0.2)+noise(image,0.1)+noise(audio,1)",
            "noise(audio,1)+noise(image,0.1)+mask(audio,0.2)+fgsm(image,0.1)+missing(pen)",
        ),
        ("noise(image,0)", "noise(image,0)"),
        ("noise(pen,1e+2)+missing(text)", "noise(pen,100)+missing(text)"),
    ] {
        assert_eq!(canonical(text), expected);
    }
}

#[test]
fn what_has_no_meaning_or_no_effect_is_refused_where_it_stands() {
    for (text, reason, part) in [
        ("nois(image,0.1)", "there is no corruption `nois`", "nois"),
        ("noise(imge,0.1)", "there is no modality `imge`", "imge"),
        ("noise(text,0.1)", "noise is for continuous modalities and this one is words", "text"),
        ("mask(image,0.1)", "mask is for words and sequences and this modality is of kind image", "image"),
        ("mask(pen,0.1)", "mask is for words and sequences and this modality is of kind vector", "pen"),
        ("fgsm(text,0.1)", "`text` is words and has no input gradient", "text"),
        ("fgsm(audio:0.1,text:0.1)", "`text` is words and has no input gradient", "text"),
        ("noise(image,-0.1)", "level -0.1 is negative", "-0.1"),
        ("noise(image,NaN)", "level `NaN` is no number", "NaN"),
        ("noise(image,inf)", "level `inf` is no number", "inf"),
        ("noise(image,1e9)", "level 1000000000 is too large", "1e9"),
        ("mask(text,1.01)", "level 1.01 is too large", "1.01"),
        ("noise(image,1/0)", "level `1/0` divides by zero", "1/0"),
        ("noise(image)", "`noise` takes one modality and one level", "noise(image)"),
        ("noise(image:0.1,audio:0.1)", "`noise` takes one modality and one level", "noise(image:0.1,audio:0.1)"),
        ("fgsm(audio:0.1,image)", "this term has no level", "image"),
        ("fgsm(audio,0.1)+fgsm(image,0.1)", "there are two attacks", "fgsm(image,0.1)"),
        ("fgsm(audio:0.1,audio:0.2)", "`fgsm` stands twice on this modality", "audio"),
        ("noise(image,0.1)+noise(image,0.1)", "`noise` stands twice on this modality", "image"),
        ("missing(audio,audio)", "`audio` is missing twice", "audio"),
        ("missing(audio,image,text,pen)", "no modality is left", "pen"),
        ("missing(audio:1)", "`missing` takes no level", "1"),
        ("missing", "`missing` names no modality", "missing"),
        ("only(audio,audio)", "this modality is named twice", "audio"),
        ("only(audio)+missing(audio)", "no modality is left", "audio"),
        ("clean+missing(audio)", "`clean` is joined with other atoms", "clean"),
        ("clean(audio)", "`clean` takes no arguments", "clean(audio)"),
        ("noise(audio,0.1)+missing(audio)", "`audio` is missing in the same condition, so this has no effect", "audio"),
        ("only(text)+fgsm(image,0.1)", "`image` is missing in the same condition, so this has no effect", "image"),
    ] {
        assert_eq!(refusal(text), (reason.to_string(), part.to_string()), "{text}");
    }
}

#[test]
fn an_error_is_one_sentence_and_renders_with_a_caret_line() {
    let error = Condition::parse("mask(text,0.1) + missing(adio)", &modalities()).unwrap_err();
    let sentence = "condition `mask(text,0.1) + missing(adio)`: there is no modality `adio`; \
                    did you mean `audio`? (the dataset has `audio`, `image`, `text`, `pen`)";
    assert_eq!(error.to_string(), sentence);
    assert_eq!(error.render(), format!("{sentence}\n  mask(text,0.1) + missing(adio)\n                           ^^^^"));
}

#[test]
fn groups_separate_what_tables_average() {
    for (text, group) in [
        ("clean", Group::Clean),
        ("noise(image,0.1)", Group::Noise),
        ("noise(image,0.1)+noise(pen,1)", Group::Noise),
        ("mask(text,0.1)", Group::Words),
        ("mask(audio,0.1)", Group::Mixed),
        ("only(text)", Group::Missing),
        ("fgsm(image,0.1)", Group::Attack),
        ("noise(image,0.1)+missing(text)", Group::Mixed),
    ] {
        assert_eq!(Condition::parse(text, &modalities()).unwrap().group(), group, "{text}");
    }
}

#[test]
fn availability_is_the_row_that_all_samples_share() {
    let condition = Condition::parse("missing(image,pen)", &modalities()).unwrap();
    assert_eq!(condition.availability(4), [true, false, true, false]);
    assert_eq!(Condition::clean().availability(2), [true, true]);
}

#[test]
fn the_hash_is_the_start_of_the_texts_sha256() {
    // `printf clean | sha256sum`
    assert_eq!(Condition::clean().hash(), "3b066804f6d1d077");
}

/// Modalities `a`, `bb`, … of random kinds.
fn any_modalities() -> impl Strategy<Value = Vec<Modality>> {
    let kind = prop_oneof![
        Just(Kind::Vector { dim: 2 }),
        Just(Kind::Sequence { steps: 3, dim: 2 }),
        Just(Kind::Tokens { steps: 3, vocabulary: Vec::new() }),
        Just(Kind::Image { channels: 1, height: 2, width: 2 }),
    ];
    prop::collection::vec(kind, 1..6)
        .prop_map(|kinds| kinds.into_iter().enumerate().map(|(at, kind)| modality(["a", "bb", "c-c", "d.d", "é"][at], kind)).collect())
}

fn any_level(largest: f64) -> impl Strategy<Value = String> {
    prop_oneof![
        (0.0..=largest).prop_map(|level| level.to_string()),
        (0_u32..=255).prop_map(|steps| format!("{steps}/255")),
        (0_u32..10).prop_map(|power| format!("1e-{power}")),
        Just("0".to_string()),
    ]
}

/// What may happen to each modality: noise, mask, attack, absence, in an expression with its atoms shuffled and spaced.
fn any_expression() -> impl Strategy<Value = (Vec<Modality>, String)> {
    any_modalities().prop_flat_map(|modalities| {
        let one = (any::<[bool; 4]>(), any_level(9.0), any_level(1.0), any_level(1.0));
        let fates = prop::collection::vec(one, modalities.len());
        (Just(modalities), fates, any::<u64>()).prop_map(|(modalities, fates, order)| {
            let (mut atoms, mut attack, mut missing) = (Vec::new(), Vec::new(), Vec::new());
            for (modality, ([lost, noisy, masked, attacked], sigma, rate, epsilon)) in modalities.iter().zip(fates) {
                let name = &modality.name;
                if lost && missing.len() + 1 < modalities.len() {
                    missing.push(name.clone());
                    continue;
                }
                if noisy && modality.kind.is_continuous() {
                    atoms.push(format!("noise ({name}, {sigma})"));
                }
                if masked && matches!(modality.kind, Kind::Tokens { .. } | Kind::Sequence { .. }) {
                    atoms.push(format!("mask({name},{rate} )"));
                }
                if attacked && modality.kind.is_continuous() {
                    attack.push(format!("{name}: {epsilon}"));
                }
            }
            if !attack.is_empty() {
                atoms.push(format!("fgsm({})", attack.join(" ,")));
            }
            if !missing.is_empty() {
                missing.reverse();
                atoms.push(format!("missing({})", missing.join(", ")));
            }
            if atoms.is_empty() {
                atoms.push("clean".into());
            }
            let turn = usize::try_from(order % atoms.len() as u64).unwrap_or(0);
            atoms.rotate_left(turn);
            (modalities, atoms.join(" + "))
        })
    })
}

proptest! {
    #[test]
    fn canonical_text_reads_back_as_the_same_condition((modalities, text) in any_expression()) {
        let condition = Condition::parse(&text, &modalities).map_err(|error| TestCaseError::fail(error.render()))?;
        let again = Condition::parse(&condition.to_string(), &modalities).map_err(|error| TestCaseError::fail(error.render()))?;
        prop_assert_eq!(again.to_string(), condition.to_string());
        prop_assert_eq!(again.data(), condition.data());
        prop_assert_eq!(again.attack(), condition.attack());
        prop_assert_eq!(again.availability(modalities.len()), condition.availability(modalities.len()));
        prop_assert_eq!(again.group(), condition.group());
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        if let Err(error) = Condition::parse(&text, &modalities()) {
            prop_assert!(text.get(error.span.clone()).is_some());
            prop_assert_eq!(error.render().lines().count(), 3);
        }
    }

    #[test]
    fn no_text_of_the_grammars_own_words_makes_the_parser_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "noise", "mask", "missing", "only", "fgsm", "clean", "audio", "image", "text", "pen", "(", ")", "(", ")", ",", ":", "+", "0.1", "1/255", "1e", " ", "é",
        ]), 0..24)
    ) {
        let text = words.concat();
        match Condition::parse(&text, &modalities()) {
            Ok(condition) => prop_assert_eq!(canonical(&condition.to_string()), condition.to_string()),
            Err(error) => prop_assert!(text.get(error.span).is_some()),
        }
    }
}
