//! What the names of IEMOCAP's utterances say: `Ses01F_impro01_M003` is utterance M003 of the dialogue `Ses01F_impro01` of session 1, spoken by its man.

use crate::Groups;

/// Speaker, dialogue and session of every utterance; nothing where one is not called so. Each session has a woman and a man of its own.
pub(super) fn groups(ids: &[String]) -> Vec<Groups> {
    let parts: Option<Vec<[String; 3]>> = ids.iter().map(|id| parts(id)).collect();
    let Some(parts) = parts.filter(|parts| !parts.is_empty()) else { return Vec::new() };
    let named = |(at, name): (usize, &str)| Groups {
        name: name.into(),
        of_sample: parts.iter().map(|own| own.get(at).cloned().unwrap_or_default()).collect(),
    };
    ["speaker", "dialogue", "session"].into_iter().enumerate().map(named).collect()
}

fn parts(id: &str) -> Option<[String; 3]> {
    let (dialogue, utterance) = id.rsplit_once('_')?;
    let session = dialogue.get(..5).filter(|session| session.starts_with("Ses") && session.get(3..).is_some_and(is_number))?;
    let gender = utterance.get(..1).filter(|gender| matches!(*gender, "F" | "M") && utterance.get(1..).is_some_and(is_number))?;
    Some([format!("{session}{gender}"), dialogue.to_owned(), session.to_owned()])
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speaker_is_of_the_utterance_and_not_of_the_dialogue() {
        let ids = ["Ses01F_impro01_M003", "Ses05M_script01_1_F000"].map(String::from);
        let found: Vec<(String, Vec<String>)> = groups(&ids).into_iter().map(|groups| (groups.name, groups.of_sample)).collect();
        assert_eq!(found[0], ("speaker".into(), vec!["Ses01M".into(), "Ses05F".into()]));
        assert_eq!(found[1].1, ["Ses01F_impro01", "Ses05M_script01_1"]);
        assert_eq!(found[2].1, ["Ses01", "Ses05"]);
        assert!(groups(&["MSP-IMPROV-S01A-F01-P-FM02".into()]).is_empty());
        assert!(groups(&["Ses0é_x_F0".into()]).is_empty());
    }
}
