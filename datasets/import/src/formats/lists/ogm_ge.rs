//! The lists of OGM-GE (Peng et al., CVPR 2022): CREMA-D's `train.csv`, `1088_IOM_NEU_XX,NEU`; Kinetics-Sounds' `my_train.txt`, `-3Mwkq-7TV4_2,10,23`.

use bench_readers::ReadError;

use super::{Listing, Sample, divide, draft, grouped, lines, split_of};
use crate::{
    Draft, ImportError,
    formats::{Format, Glance, Request, Takes},
    named::before,
};

/// Classes of CREMA-D in the order of the loader.
const CREMAD: [&str; 6] = ["NEU", "HAP", "SAD", "FEA", "DIS", "ANG"];

/// OGM-GE.
pub(in crate::formats) const OGM_GE: Format = Format {
    name: "ogm-ge",
    title: "lists of OGM-GE: train.csv, test.csv (CREMA-D: NAME,CLASS) or my_train.txt, my_test.txt (Kinetics-Sounds: NAME,SECONDS,CLASS)",
    paths: "the lists or their folder, then folders with NAME.wav and NAME.jpg or NAME/ of frames",
    takes: &[Takes::Media],
    read,
    recognise,
};

fn is_list(name: &str) -> bool {
    matches!(name, "train.csv" | "test.csv" | "val.csv" | "my_train.txt" | "my_test.txt" | "my_val.txt")
}

fn recognise(glance: &Glance) -> Option<String> {
    let request = Request { paths: glance.paths.clone(), ..Request::default() };
    let (lists, _) = divide(&request, is_list).ok()?;
    let file = lists.iter().find(|file| file.file_name().and_then(|name| name.to_str()).is_some_and(is_list))?;
    let first = lines(file).ok()?.into_iter().next()?.1;
    let cells: Vec<&str> = first.split(',').collect();
    let fits = match *cells {
        [id, class] => !id.contains(' ') && CREMAD.contains(&class.trim()),
        [_, seconds, class] => seconds.trim().parse::<u32>().is_ok() && class.trim().parse::<u32>().is_ok(),
        _ => false,
    };
    fits.then(|| format!("{} begins with `{first}`", file.display()))
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let (lists, folders) = divide(request, is_list)?;
    let mut listing = Listing::default();
    for list in &lists {
        let split = split_of(list)?;
        for (line, text) in lines(list)? {
            let cells: Vec<&str> = text.split(',').map(str::trim).collect();
            let (id, label) = match *cells {
                [id, label] | [id, _, label] if !id.is_empty() && !label.is_empty() => (id, label),
                _ => {
                    let remedy = "check that this is a list of OGM-GE";
                    return Err(
                        ReadError::invalid(list, format!("line {line}"), format!("`{text}`"), "NAME,CLASS or NAME,SECONDS,CLASS", remedy).into()
                    );
                }
            };
            listing.samples.push(Sample { split, id: id.into(), label: label.into(), text: None, image: None });
        }
    }
    let cremad = !listing.samples.is_empty() && listing.samples.iter().all(|sample| CREMAD.contains(&sample.label.as_str()));
    listing.classes = cremad.then(|| CREMAD.map(String::from).to_vec());
    let mut draft = draft(request, listing, &lists, &folders)?;
    draft
        .assumed
        .push("sounds are log-mel energies of the whole clip: the loader repeats a clip to three seconds and takes a log spectrogram".into());
    let group = if cremad {
        grouped("actor", &draft.ids, |id| id.split_once('_').map(|(actor, _)| actor))
    } else {
        grouped("video", &draft.ids, |id| Some(before(id, "_")))
    };
    draft.groups.extend(group);
    Ok(draft)
}
