//! What arrays are called where nobody says what they are: `NAME_train`, `NAME_valid`, `NAME_test`, `y_*`, `id_*`.

use bench_datasets::Split;

use crate::{
    ImportError, labels,
    named::before,
    spec::{BySplit, Classes, From, GroupEntry, ModalityEntry, Names, Spec, TargetEntry},
    store::Store,
};

/// Fewest groups that make a group of what ids begin with.
const FEWEST_GROUPS: usize = 10;

/// Parts of a dataset by what they are called.
#[derive(Debug, Default)]
struct Parts {
    /// Name, where each split is; in the order of the file.
    named: Vec<(String, From)>,
}

/// What a name without its split stands for.
#[derive(Debug, PartialEq, Eq)]
enum Role<'a> {
    Target,
    Ids,
    Index,
    Lengths(&'a str),
    Classes,
    Splits,
    Group,
    Vocabulary(&'a str),
    Modality,
}

/// Whether these names say what the arrays are.
pub(super) fn fit(keys: &[String]) -> bool {
    let parts = Parts::of(keys);
    let by_split = parts.named.iter().filter(|(_, from)| matches!(from, From::BySplit(_)));
    by_split.clone().any(|(name, _)| role(name) == Role::Target) && by_split.clone().any(|(name, _)| role(name) == Role::Modality)
        || parts.named.iter().any(|(name, _)| role(name) == Role::Target) && parts.named.iter().any(|(name, _)| role(name) == Role::Splits)
}

/// A spec of what the names say.
///
/// # Errors
/// Where they do not say which are modalities and which the target.
pub(super) fn of(store: &Store) -> Result<Spec, ImportError> {
    let keys = store.keys();
    let parts = Parts::of(&keys);
    let divided = parts.named.iter().any(|(name, from)| matches!(from, From::BySplit(_)) && role(name) == Role::Modality);
    let mut spec = Spec::default();
    let (mut left_out, mut lengths, mut vocabularies) = (Vec::new(), Vec::new(), Vec::new());
    for (name, from) in parts.named {
        let whole = match &from {
            From::All(Names::One(key)) => Some(key.clone()),
            _ => None,
        };
        match (role(&name), whole) {
            (Role::Index, _) => left_out.push(name),
            (Role::Classes, Some(key)) => {
                spec.targets.push(TargetEntry { name: "classes".into(), classes: Some(Classes::Array(key)), ..TargetEntry::default() });
            }
            (Role::Vocabulary(of), Some(key)) => vocabularies.push((of.to_owned(), key)),
            (_, whole) if whole.is_some() == divided => left_out.push(name),
            (Role::Target, _) => spec.targets.push(TargetEntry { name: "label".into(), from, ..TargetEntry::default() }),
            (Role::Ids, _) => spec.ids = Some(from),
            (Role::Splits, Some(_)) => spec.splits = Some(from),
            (Role::Group, _) => spec.groups.push(GroupEntry { name: "group".into(), from: Some(from), ids_before: None }),
            (Role::Lengths(of), _) => lengths.push((of.to_owned(), from)),
            (Role::Modality, _) => spec.modalities.push(ModalityEntry { name, from, ..ModalityEntry::default() }),
            _ => left_out.push(name),
        }
    }
    // Names of classes belong to the target.
    let names = spec.targets.iter().position(|target| target.from.parts().is_empty()).map(|at| spec.targets.remove(at));
    if let (Some(target), Some(names)) = (spec.targets.first_mut(), names) {
        target.classes = names.classes;
    }
    for (of, from) in lengths {
        match spec.modalities.iter_mut().find(|entry| entry.name == of) {
            Some(entry) => entry.lengths = Some(from),
            None => left_out.push(format!("{of}_lengths")),
        }
    }
    for (of, key) in vocabularies {
        match spec.modalities.iter_mut().find(|entry| entry.name == of) {
            Some(entry) => entry.vocabulary = Some(key),
            None => left_out.push(key),
        }
    }
    if spec.modalities.is_empty() || spec.targets.len() != 1 {
        let shown = keys.iter().take(25).cloned().collect::<Vec<_>>().join(", ");
        return Err(ImportError::request(format!(
            "found the arrays {shown}, expected modalities NAME_train, NAME_valid, NAME_test and one target y_train, y_valid, y_test (or a `split` array beside NAME and `y`); name them in a file for --spec, see docs/importing-arrays.md"
        )));
    }
    let shown = spec.modalities.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>().join(", ");
    spec.assumed.push(format!("what the arrays are was told by their names: the modalities are {shown}"));
    if !left_out.is_empty() {
        spec.assumed.push(format!("arrays whose names say nothing are left out: {}", left_out.join(", ")));
    }
    if spec.groups.is_empty() {
        spec.groups.extend(groups_of_ids(&spec, store)?);
        if !spec.groups.is_empty() {
            spec.assumed.push("ids are called BEGINNING_NUMBER, and no beginning is in two splits: each is taken as a group".into());
        }
    }
    Ok(spec)
}

/// Ids such as `1DmNV9C1hbY_10` are clips of one video. They are grouped where every id ends in a number, no beginning is in two splits, and every split that
/// is not empty has ten or more: then grouping can only prevent that one video is in training and validation.
fn groups_of_ids(spec: &Spec, store: &Store) -> Result<Option<GroupEntry>, ImportError> {
    let Some(From::BySplit(splits)) = &spec.ids else { return Ok(None) };
    let mut seen = std::collections::BTreeMap::new();
    for (split, names) in From::BySplit(splits.clone()).parts() {
        let ids = store.field(names)?.texts()?;
        let mut own = std::collections::BTreeSet::new();
        for id in &ids {
            let number = id.rsplit_once('_').map_or("", |(_, number)| number);
            if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Ok(None);
            }
            let group = before(id, "_").to_owned();
            if *seen.entry(group.clone()).or_insert(split) != split {
                return Ok(None);
            }
            own.insert(group);
        }
        if own.len() < FEWEST_GROUPS || own.len() == ids.len() {
            return Ok(None);
        }
    }
    Ok(Some(GroupEntry { name: "video".into(), from: None, ids_before: Some("_".into()) }))
}

impl Parts {
    fn of(keys: &[String]) -> Self {
        let mut parts = Self::default();
        for key in keys {
            let Some((name, split)) = divide(key) else {
                parts.named.push((key.clone(), From::one(key.clone())));
                continue;
            };
            let place = parts.named.iter().position(|(own, from)| *own == name && matches!(from, From::BySplit(_)));
            let place = place.unwrap_or_else(|| {
                parts.named.push((name.clone(), From::BySplit(BySplit::default())));
                parts.named.len() - 1
            });
            if let Some((_, From::BySplit(splits))) = parts.named.get_mut(place) {
                splits.set(split, key.clone());
            }
        }
        parts
    }
}

/// `audio_train`, `train_audio`, `audio/train`: name and split.
fn divide(key: &str) -> Option<(String, Split)> {
    let word = |text: &str| labels::split(text).filter(|_| text.chars().all(char::is_alphabetic));
    let marks = ['_', '/', '.', '-'];
    if let Some((name, end)) = key.rsplit_once(marks)
        && let Some(split) = word(end)
    {
        return Some((name.to_owned(), split));
    }
    let (start, name) = key.split_once(marks)?;
    Some((name.to_owned(), word(start)?))
}

fn role(name: &str) -> Role<'_> {
    let bare = |ending: &str| name.strip_suffix(ending).filter(|of| !of.is_empty());
    match name.to_lowercase().as_str() {
        "y" | "label" | "labels" | "target" | "targets" | "gt" => Role::Target,
        "id" | "ids" => Role::Ids,
        "idx" | "index" | "indices" => Role::Index,
        "classes" | "class_names" => Role::Classes,
        "split" | "splits" => Role::Splits,
        "group" | "groups" => Role::Group,
        _ => {
            let lengths = ["_lengths", "_length", "_len"].into_iter().find_map(bare);
            lengths.map(Role::Lengths).or_else(|| bare("_vocabulary").map(Role::Vocabulary)).unwrap_or(Role::Modality)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|&key| key.to_owned()).collect()
    }

    #[test]
    fn splits_stand_behind_or_before_the_name() {
        assert_eq!(divide("text_train"), Some(("text".into(), Split::Train)));
        assert_eq!(divide("dev/face_mesh"), Some(("face_mesh".into(), Split::Validation)));
        assert_eq!(divide("audio_lengths_test"), Some(("audio_lengths".into(), Split::Test)));
        assert_eq!(divide("x_1"), None);
        assert_eq!(divide("training"), None);
    }

    #[test]
    fn names_fit_where_modality_and_target_are_told() {
        assert!(fit(&keys(&["text_train", "y_train", "text_test", "y_test"])));
        assert!(fit(&keys(&["audio", "split", "y"])));
        assert!(!fit(&keys(&["text_train", "text_test"])));
        assert!(!fit(&keys(&["a", "b"])));
    }
}
