//! Names and texts from files, as a dataset can hold them.

use std::collections::{HashMap, HashSet};

use bench_datasets::{Provenance, is_plain_name};

use super::Notes;

/// A name of letters, digits and `-_.+`: other characters become `-`.
pub fn plain(name: &str) -> String {
    let dashed: String = name.trim().chars().map(|c| if c.is_ascii_alphanumeric() || "-_.+".contains(c) { c } else { '-' }).collect();
    let begun = dashed.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if is_plain_name(begun) { begun.to_owned() } else { "unnamed".to_owned() }
}

/// One line without control characters: a list has a name a line, and what is shown to people must not steer a terminal.
pub fn text(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// Ids that are lines, each once: a second `a` becomes `a#2`.
pub fn ids(ids: Vec<String>, notes: &mut Notes) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::with_capacity(ids.len());
    let mut next: HashMap<String, usize> = HashMap::new();
    let (mut again, mut example) = (0_usize, String::new());
    let mut unique = Vec::with_capacity(ids.len());
    // Ids that are there keep their names: a made-up `a#2` must not take that of a later sample.
    let theirs: HashSet<String> = ids.iter().map(|id| text(id)).collect();
    for (row, id) in ids.iter().enumerate() {
        let mut id = text(id);
        if id.is_empty() {
            id = format!("sample-{row}");
        }
        if taken.contains(&id) {
            let count = next.entry(id.clone()).or_insert(1);
            let fresh = loop {
                *count += 1;
                let fresh = format!("{id}#{count}");
                if !theirs.contains(&fresh) && !taken.contains(&fresh) {
                    break fresh;
                }
            };
            again += 1;
            if example.is_empty() {
                example = format!("`{id}` became `{fresh}`");
            }
            id = fresh;
        }
        taken.insert(id.clone());
        unique.push(id);
    }
    if again > 0 {
        notes.repaired.push(format!("ids: {again} of {} stood there before and got a number behind; the first: {example}", unique.len()));
    }
    unique
}

/// The texts of a provenance on one line each.
pub fn provenance(provenance: &mut Provenance) {
    let Provenance { source, licence, citation, notes, removed_words, .. } = provenance;
    for own in [source, licence, citation].into_iter().chain(notes).chain(removed_words) {
        *own = text(own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_unique_without_taking_anothers() {
        let mut notes = Notes::default();
        let found = ids(["a", "a", "a#2", "", "a\n", "b\tc"].map(String::from).to_vec(), &mut notes);
        assert_eq!(found, ["a", "a#3", "a#2", "sample-3", "a#4", "b c"]);
        assert_eq!(notes.repaired, ["ids: 2 of 6 stood there before and got a number behind; the first: `a` became `a#3`"]);
    }

    #[test]
    fn names_become_plain() {
        assert_eq!(plain("view 1/colour"), "view-1-colour");
        assert_eq!(plain("__init__"), "init__");
        assert_eq!(plain("日本"), "unnamed");
    }
}
