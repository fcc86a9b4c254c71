/*!
`mult`: MulT's files of MOSI, MOSEI and IEMOCAP, aligned or not.

A dict `train`, `valid`, `test` of dicts: `text`, `audio`, `vision` `[N, T, d]`, padded with zeros in front; `labels` `[N, 1, 1]` (sentiment) or `[N, 4, 2]` (four emotions, each
as one of two classes); `id` `[N, 3]` (name, start, end), bytes in MOSI, absent in IEMOCAP. As read by <https://github.com/yaohungt/Multimodal-Transformer> (`src/dataset.py`).
*/

use std::collections::HashSet;

use super::{
    Format, Glance, Request, open,
    shared::{
        files,
        ids::{self, videos},
        labels::{self, Line},
        padded,
        splits::{self, Part},
    },
};
use crate::{Draft, Groups, ImportError};

/// The format.
pub const FORMAT: Format = Format {
    name: "mult",
    title: "MulT's files of MOSI, MOSEI and IEMOCAP, aligned or not",
    paths: "one .pkl file, such as mosi_data.pkl, mosei_senti_data_noalign.pkl, iemocap_data.pkl",
    takes: &[],
    read,
    recognise,
};

/// Emotions in the order of the labels' second axis, as MulT's `eval_metrics.py` names them.
const EMOTIONS: [&str; 4] = ["neutral", "happy", "sad", "angry"];
/// The order in which its paper's table has them: the first is the default target.
const TABLE: [&str; 4] = ["happy", "sad", "angry", "neutral"];

fn recognise(glance: &Glance) -> Option<String> {
    let train = padded::is_padded(&glance.tree.as_ref()?.root())?;
    let Some(id) = train.find("id").ok()? else {
        return Some("dicts of `text`, `audio`, `vision` and `labels` without `id` are MulT's of IEMOCAP".into());
    };
    let first = ids::parts(&id).ok()?.into_iter().next()?;
    (first.len() == 3).then(|| "dicts with `labels` and an `id` of three parts are MulT's".into())
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let path = files::only(request, FORMAT.name, FORMAT.paths)?;
    let tree = open(path)?;
    let root = tree.root();
    let parts = splits::parts(&root, "labels")?;
    let mut draft = Draft {
        name: files::name(path),
        title: "Features of videos, from a file in MulT's layout".into(),
        splits: splits::of_samples(&parts),
        provenance: files::provenance(
            "a feature file in the layout of yaohungt/Multimodal-Transformer",
            "Tsai et al., Multimodal Transformer for Unaligned Multimodal Language Sequences, ACL 2019 (the layout); cite the data set too",
        ),
        ..Draft::default()
    };
    add_ids(&mut draft, &parts)?;
    add_targets(&mut draft, &parts)?;
    padded::add_series(&mut draft, &parts, false)?;
    Ok(draft)
}

fn add_ids(draft: &mut Draft, parts: &[Part<'_>]) -> Result<(), ImportError> {
    let (mut names, mut bytes) = (Vec::new(), 0);
    for part in parts {
        let Some(view) = part.view.find("id")? else {
            names.extend((0..part.samples).map(|at| vec![format!("{}_{at}", part.name)]));
            continue;
        };
        let found = ids::parts(&view)?;
        if found.len() != part.samples {
            let expected = format!("{} names, one for each of `labels`", part.samples);
            return Err(view.invalid(format!("{} names", found.len()), expected, "check that the file is whole").into());
        }
        bytes += if ids::are_bytes(&view) { found.len() } else { 0 };
        names.extend(found);
    }
    if parts.iter().any(|part| part.view.find("id").is_ok_and(|id| id.is_none())) {
        draft.assumed.push("the file has no `id` for some splits: their samples are named by split and position".into());
    }
    if bytes > 0 {
        draft.repaired.push(format!("{bytes} names stored as bytes were read as text"));
    }
    // MOSI's first part names the clip, MOSEI's the video, of which the other two tell the part.
    let first: Vec<String> = names.iter().map(|name| name.first().cloned().unwrap_or_default()).collect();
    if first.iter().collect::<HashSet<_>>().len() == first.len() {
        draft.groups.extend(videos(&first));
        draft.ids = first;
    } else {
        draft.ids = names.iter().map(|name| name.join("_")).collect();
        draft.assumed.push("the first part of a sample's `id` stands for several samples: it is taken as the video that they are cut from".into());
        draft.groups.push(Groups { name: "video".into(), of_sample: first });
    }
    Ok(())
}

fn add_targets(draft: &mut Draft, parts: &[Part<'_>]) -> Result<(), ImportError> {
    let Some(part) = parts.first() else { return Ok(()) };
    let shape = part.view.key("labels")?.array()?.shape.clone();
    if !matches!(*shape, [_, 4, 2]) {
        let values = padded::values(parts)?;
        labels::add_affect(draft, &values, Line::Positive);
        return Ok(());
    }
    let mut present: [Vec<bool>; 4] = Default::default();
    for part in parts {
        let view = part.view.key("labels")?;
        let array = view.array()?;
        if *array.shape != [part.samples, 4, 2] {
            let expected = format!("[{}, 4, 2]: two numbers for each of four emotions", part.samples);
            return Err(view.invalid(array.describe(), expected, "check that the file is whole").into());
        }
        for pairs in array.reals(view.path(), 0..array.rows())?.chunks_exact(8) {
            for (emotion, pair) in present.iter_mut().zip(pairs.chunks_exact(2)) {
                emotion.push(pair[1] > pair[0]);
            }
        }
    }
    for name in TABLE {
        if let Some(at) = EMOTIONS.iter().position(|&emotion| emotion == name) {
            draft.targets.push(labels::yes_no(name, present[at].iter().copied()));
        }
    }
    draft.assumed.push("labels are four emotions, each present or not, in MulT's order: neutral, happy, sad, angry".into());
    Ok(())
}
