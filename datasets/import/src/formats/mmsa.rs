/*!
`mmsa`: feature files of MMSA and of what builds on it (Self-MM, DMD, LNLN, DecAlign): MOSI, MOSEI, SIMS and SIMS v2, aligned or not.

A dict `train`, `valid`, `test` of dicts: `text`, `audio`, `vision` `[N, T, d]`, `regression_labels`, `id` (`VIDEO$_$CLIP`), `raw_text`, `annotations`; `audio_lengths` and
`vision_lengths` where series are not aligned; `regression_labels_T`, `_A`, `_V` in SIMS. As read by <https://github.com/thuiar/MMSA> (`src/MMSA/data_loader.py`).
*/

use bench_readers::View;

use super::{
    Format, Glance, Request, open,
    shared::{
        TWICE, files,
        ids::{self, videos},
        labels::{self, Line},
        splits::{self, Part, Series},
    },
};
use crate::{
    Content, Draft, ImportError, Stream, Target, Targets,
    padding::{Extent, Shifted, Side, Valid},
};

/// The format.
pub const FORMAT: Format = Format {
    name: "mmsa",
    title: "MMSA's feature files of MOSI, MOSEI and SIMS, aligned or unaligned",
    paths: "one .pkl file, such as aligned_50.pkl, unaligned_50.pkl, unaligned_39.pkl",
    takes: &[],
    read,
    recognise,
};

/// Modalities, as in the files.
const MODALITIES: [&str; 3] = ["text", "audio", "vision"];
/// SIMS' annotations of one modality alone: key in the file, name of the target.
const ALONE: [(&str, &str); 3] =
    [("regression_labels_T", "sentiment-text"), ("regression_labels_A", "sentiment-audio"), ("regression_labels_V", "sentiment-vision")];

fn recognise(glance: &Glance) -> Option<String> {
    let train = glance.tree.as_ref()?.root().find("train").ok()??;
    let has = |key| train.find(key).ok().flatten().is_some();
    (has("regression_labels") && MODALITIES.into_iter().any(has)).then(|| "a dict whose `train` has `regression_labels` is MMSA's".into())
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let path = files::only(request, FORMAT.name, FORMAT.paths)?;
    let tree = open(path)?;
    let root = tree.root();
    let parts = splits::parts(&root, "regression_labels")?;
    let mut draft = Draft {
        name: files::name(path),
        title: "Features of videos with sentiment, from a file in MMSA's layout".into(),
        splits: splits::of_samples(&parts),
        provenance: files::provenance(
            "a feature file in the layout of thuiar/MMSA",
            "Mao et al., M-SENA: An Integrated Platform for Multimodal Sentiment Analysis, ACL 2022 (the layout); cite the data set too",
        ),
        ..Draft::default()
    };
    add_ids(&mut draft, &parts)?;
    add_targets(&mut draft, &parts)?;
    for modality in MODALITIES {
        if let Some(series) = splits::series(&parts, modality)? {
            add_series(&mut draft, &parts, modality, &series)?;
        }
    }
    if draft.streams.is_empty() {
        return Err(root.key("train")?.unexpected("one of the keys `text`, `audio`, `vision`").into());
    }
    add_words(&mut draft, &parts)?;
    if parts.iter().any(|part| part.view.find("text_bert").is_ok_and(|found| found.is_some())) {
        draft.assumed.push("text_bert (token ids for a language model) is left out".into());
    }
    Ok(draft)
}

fn add_ids(draft: &mut Draft, parts: &[Part<'_>]) -> Result<(), ImportError> {
    for part in parts {
        let Some(view) = part.view.find("id")? else {
            draft.ids.extend((0..part.samples).map(|at| format!("{}_{at}", part.name)));
            draft.assumed.push(format!("{} has no `id`: samples are named by split and position", part.name));
            continue;
        };
        let names = ids::parts(&view)?;
        if names.len() != part.samples {
            return Err(count_error(&view, names.len(), part.samples, "names"));
        }
        draft.ids.extend(names.into_iter().map(|name| name.join("_")));
    }
    draft.groups.extend(videos(&draft.ids));
    Ok(())
}

fn add_targets(draft: &mut Draft, parts: &[Part<'_>]) -> Result<(), ImportError> {
    let Some(values) = numbers(parts, "regression_labels")? else { return Ok(()) };
    let is_sims = labels::range(&values) == (Some(-1.0), Some(1.0));
    labels::add_sentiment(draft, &values, if is_sims { Line::Positive } else { Line::NonNegative });
    if is_sims {
        draft
            .assumed
            .push("no value is beyond 1: SIMS, whose two classes are y <= 0 and y > 0 in MMSA; MOSI's and MOSEI's are y < 0 and y >= 0".into());
    }
    for (key, name) in ALONE {
        if let Some(values) = numbers(parts, key)? {
            let (low, high) = labels::range(&values);
            draft.targets.push(Targets { name: name.into(), target: Target::Values { values, low, high } });
        }
    }
    draft.targets.extend(annotation(parts)?);
    Ok(())
}

/// Numbers of a key that all splits have; `None` where one lacks it.
fn numbers(parts: &[Part<'_>], key: &str) -> Result<Option<Vec<f32>>, ImportError> {
    let mut values = Vec::new();
    for part in parts {
        let Some(view) = part.view.find(key)? else { return Ok(None) };
        values.extend(labels::scalars(&view, part.samples)?);
    }
    Ok(Some(values))
}

/// `annotations` by their words, else `classification_labels` by their numbers.
fn annotation(parts: &[Part<'_>]) -> Result<Option<Targets>, ImportError> {
    let mut words = Vec::new();
    for part in parts {
        let Some(view) = part.view.find("annotations")? else { break };
        let found = view.texts()?;
        if found.len() != part.samples {
            return Err(count_error(&view, found.len(), part.samples, "annotations"));
        }
        words.extend(found);
    }
    let name = "annotation".to_owned();
    if words.len() == parts.iter().map(|part| part.samples).sum::<usize>() && words.iter().all(|word| !word.is_empty()) {
        return Ok(Some(Targets { name, target: crate::labels::named(&words) }));
    }
    let Some(values) = numbers(parts, "classification_labels")? else { return Ok(None) };
    // Files without such labels hold another number in their place.
    let whole = values.iter().all(|value| [0.0, 1.0, 2.0].contains(value));
    Ok(whole.then(|| {
        let labels = values.iter().map(|&value| value as u32).collect();
        Targets { name, target: Target::Classes { labels, names: ["negative", "neutral", "positive"].map(String::from).to_vec() } }
    }))
}

fn add_series(draft: &mut Draft, parts: &[Part<'_>], modality: &str, series: &Series) -> Result<(), ImportError> {
    let rows = series.stacked();
    let total = draft.ids.len();
    let steps = series.steps();
    let numbers = if series.shape.len() == 1 {
        Shifted::vectors(rows, 0..total, series.dim())
    } else {
        let samples = match told_lengths(draft, parts, modality, steps)? {
            Some(lengths) => lengths.into_iter().enumerate().map(|(row, length)| Valid { row, start: 0, length }).collect(),
            None => scanned(draft, modality, series)?,
        };
        Shifted::numbers(rows, samples, steps, series.dim())
    };
    draft.streams.push(Stream { name: modality.into(), content: Content::Numbers(numbers) });
    Ok(())
}

/// Lengths from `audio_lengths` and the like, for text from the attention mask in `text_bert`; `None` where a split has none.
fn told_lengths(draft: &mut Draft, parts: &[Part<'_>], modality: &str, steps: usize) -> Result<Option<Vec<u32>>, ImportError> {
    let (mut lengths, mut capped, mut masked) = (Vec::new(), 0, false);
    for part in parts {
        let found = match (part.view.find(&format!("{modality}_lengths"))?, part.view.find("text_bert")?) {
            (Some(view), _) => {
                let found = view.wholes()?;
                if found.len() != part.samples {
                    return Err(count_error(&view, found.len(), part.samples, "lengths"));
                }
                if let Some(at) = found.iter().position(|&length| length < 0) {
                    return Err(view.invalid(format!("length {} at {at}", found[at]), "no length below 0", "check that the file is whole").into());
                }
                found
            }
            (None, Some(view)) if modality == "text" => match mask_lengths(&view, part.samples, steps)? {
                Some(found) => {
                    masked = true;
                    found
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        for length in found {
            capped += usize::from(length > steps as i64);
            lengths.push(u32::try_from(length.min(steps as i64)).unwrap_or(0));
        }
    }
    if masked {
        draft.assumed.push("text: its lengths are those of the attention mask in text_bert".into());
    }
    if capped > 0 {
        draft.repaired.push(format!("{modality}: {capped} lengths were beyond the {steps} steps that are stored, and were cut to them"));
    }
    Ok(Some(lengths))
}

/// Ones in the attention mask of `text_bert` `[N, 3, T]`: ids, mask, segments; some files have mask and segments the other way round, and segments are zeros.
fn mask_lengths(view: &View<'_>, samples: usize, steps: usize) -> Result<Option<Vec<i64>>, ImportError> {
    let array = view.array()?;
    if *array.shape != [samples, 3, steps] {
        return Ok(None);
    }
    let numbers = array.floats(view.path(), 0..samples)?;
    let ones = |sample: &[f32], row: usize| sample[row * steps..(row + 1) * steps].iter().filter(|&&value| value == 1.0).count();
    Ok(Some(numbers.chunks_exact(3 * steps).map(|sample| ones(sample, 1).max(ones(sample, 2)) as i64).collect()))
}

/// Valid steps where the file does not tell them: zero steps on the padded side are left out.
fn scanned(draft: &mut Draft, modality: &str, series: &Series) -> Result<Vec<Valid>, ImportError> {
    let steps = series.steps();
    let mut extents = Vec::new();
    for (place, array) in &series.arrays {
        extents.extend(Extent::scan(place, array, steps, series.dim())?);
    }
    let side = Side::of(&extents, steps);
    match side {
        Some(Side::Front) => draft.repaired.push(format!("{modality}: zeros in front of series, taken as padding, were moved behind them")),
        Some(Side::Back) => draft.assumed.push(format!("{modality}: the file tells no lengths; zeros behind series are taken as padding")),
        None => {}
    }
    let side = side.unwrap_or(Side::Back);
    Ok(extents.into_iter().enumerate().map(|(row, extent)| extent.valid(row, steps, side)).collect())
}

fn add_words(draft: &mut Draft, parts: &[Part<'_>]) -> Result<(), ImportError> {
    let mut words = Vec::new();
    for part in parts {
        let Some(view) = part.view.find("raw_text")? else { return Ok(()) };
        let found = view.texts()?;
        if found.len() != part.samples {
            return Err(count_error(&view, found.len(), part.samples, "texts"));
        }
        words.extend(found.iter().map(|text| crate::words(text)));
    }
    if draft.streams.iter().any(|stream| stream.name == "text") {
        draft.assumed.push(TWICE.into());
    }
    draft.streams.push(Stream { name: "words".into(), content: Content::Words(words) });
    Ok(())
}

fn count_error(view: &View<'_>, found: usize, samples: usize, what: &str) -> ImportError {
    view.invalid(format!("{found} {what}"), format!("{samples}, one for each of `regression_labels`"), "check that the file is whole").into()
}
