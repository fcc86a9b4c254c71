/*!
`multibench`: MultiBench's files of affective computing: MOSI, MOSEI, UR-FUNNY (humor), MUStARD (sarcasm).

A dict `train`, `valid`, `test` of dicts: `vision`, `audio`, `text` `[N, T, d]`, padded with zeros in front, `labels`, `id`. Samples with a text of zeros are placeholders that its
loader leaves out. As read by <https://github.com/pliang279/MultiBench> (`datasets/affect/get_data.py`).
*/

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
use crate::{Draft, ImportError};

/// The format.
pub const FORMAT: Format = Format {
    name: "multibench",
    title: "MultiBench's files of affective computing: MOSI, MOSEI, humor, sarcasm",
    paths: "one .pkl file, such as mosi_raw.pkl, humor.pkl, sarcasm.pkl",
    takes: &[],
    read,
    recognise,
};

fn recognise(glance: &Glance) -> Option<String> {
    let train = padded::is_padded(&glance.tree.as_ref()?.root())?;
    let first = ids::parts(&train.find("id").ok()??).ok()?.into_iter().next()?;
    (first.len() == 1).then(|| "dicts with `labels` and an `id` of one part are MultiBench's".into())
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let path = files::only(request, FORMAT.name, FORMAT.paths)?;
    let tree = open(path)?;
    let root = tree.root();
    let parts = splits::parts(&root, "labels")?;
    let mut draft = Draft {
        name: files::name(path),
        title: "Features of videos, from a file in MultiBench's layout".into(),
        provenance: files::provenance(
            "a feature file in the layout of pliang279/MultiBench",
            "Liang et al., MultiBench: Multiscale Benchmarks for Multimodal Representation Learning, NeurIPS 2021 Datasets and Benchmarks (the layout); cite the data set too",
        ),
        ..Draft::default()
    };
    let kept = padded::add_series(&mut draft, &parts, true)?;
    draft.splits = padded::choose(&splits::of_samples(&parts), &kept);
    draft.ids = padded::choose(&names(&mut draft.assumed, &parts)?, &kept);
    draft.groups.extend(videos(&draft.ids));
    let values = padded::choose(&padded::values(&parts)?, &kept);
    labels::add_affect(&mut draft, &values, Line::Positive);
    Ok(draft)
}

fn names(assumed: &mut Vec<String>, parts: &[Part<'_>]) -> Result<Vec<String>, ImportError> {
    let mut names = Vec::new();
    for part in parts {
        let Some(view) = part.view.find("id")? else {
            names.extend((0..part.samples).map(|at| format!("{}_{at}", part.name)));
            assumed.push(format!("{} has no `id`: samples are named by split and position", part.name));
            continue;
        };
        let found = ids::parts(&view)?;
        if found.len() != part.samples {
            let expected = format!("{} names, one for each of `labels`", part.samples);
            return Err(view.invalid(format!("{} names", found.len()), expected, "check that the file is whole").into());
        }
        names.extend(found.into_iter().map(|name| name.join("_")));
    }
    Ok(names)
}
