//! Which of a draft's streams become modalities, and under what names.

use std::collections::HashSet;

use super::{Notes, clean};
use crate::{Content, ImportError, Options, Stream};

/// A stream with the modality's name.
pub struct Named {
    pub name: String,
    pub theirs: String,
    pub content: Content,
}

/// Renames and leaves out.
pub fn choose(streams: Vec<Stream>, options: &Options, notes: &mut Notes) -> Result<Vec<Named>, ImportError> {
    let there: Vec<String> = streams.iter().map(|stream| format!("`{}`", stream.name)).collect();
    let mut seen = HashSet::new();
    for rename in &options.map {
        if !streams.iter().any(|stream| stream.name == rename.theirs) {
            return Err(ImportError::request(format!("there is no modality `{}` in these files; there are: {}", rename.theirs, there.join(", "))));
        }
        if !seen.insert(&rename.theirs) {
            return Err(ImportError::request(format!("modality `{}` is mapped twice; map it once", rename.theirs)));
        }
    }
    let (mut chosen, mut taken) = (Vec::new(), HashSet::new());
    for Stream { name: theirs, content } in streams {
        let name = match options.map.iter().find(|rename| rename.theirs == theirs) {
            Some(rename) => rename.ours.clone(),
            None => Some(clean::plain(&theirs)),
        };
        let Some(name) = name else {
            notes.left_out.push(format!("modality `{theirs}`, as asked"));
            continue;
        };
        if !taken.insert(name.clone()) {
            return Err(ImportError::request(format!("two modalities would be called `{name}`; rename one with --map '{theirs}=OTHER'")));
        }
        chosen.push(Named { name, theirs, content });
    }
    if chosen.is_empty() {
        return Err(ImportError::request(if there.is_empty() {
            "these files hold no modality; check that they are the right ones".to_owned()
        } else {
            format!("no modality is left of {}; map fewer to nothing", there.join(", "))
        }));
    }
    Ok(chosen)
}
