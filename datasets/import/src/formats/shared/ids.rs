//! Names of samples, and the videos that they are cut from.

use bench_readers::{Data, Node, View};

use crate::{Groups, ImportError};

/// A text for each part of each row's name: `[N]`, `[N, k]`, or a list of texts or of lists of texts.
///
/// # Errors
/// Where there is something else.
pub fn parts(view: &View<'_>) -> Result<Vec<Vec<String>>, ImportError> {
    let width = match view.node() {
        Node::Array(array) if array.shape.len() > 1 => Some(array.row_len()),
        _ => None,
    };
    let Some(width) = width else {
        let named = |item: View<'_>| match item.node() {
            Node::List(_) => item.texts(),
            Node::Array(array) if !array.shape.is_empty() => item.texts().or_else(|_| numbers(&item)),
            _ => item.text().map(|text| vec![text]),
        };
        return match view.node() {
            Node::Array(array) if !matches!(array.data, Data::Objects(_)) => {
                Ok(view.texts().or_else(|_| numbers(view))?.into_iter().map(|text| vec![text]).collect())
            }
            _ => view.items()?.into_iter().map(|item| named(item).map_err(ImportError::from)).collect(),
        };
    };
    let flat = view.texts().or_else(|_| numbers(view))?;
    Ok(flat.chunks(width.max(1)).map(<[String]>::to_vec).collect())
}

fn numbers(view: &View<'_>) -> Result<Vec<String>, bench_readers::ReadError> {
    Ok(view.wholes()?.iter().map(i64::to_string).collect())
}

/// Whether a name, or a part of the first, was stored as bytes.
pub fn are_bytes(view: &View<'_>) -> bool {
    match view.node() {
        Node::Bytes(_) => true,
        Node::Array(array) => {
            array.dtype.element == bench_readers::Element::Bytes || view.items().is_ok_and(|items| items.first().is_some_and(are_bytes))
        }
        Node::List(_) => view.items().is_ok_and(|items| items.first().is_some_and(are_bytes)),
        _ => false,
    }
}

/// The video of a clip's name: `VIDEO$_$CLIP` (MMSA), `VIDEO[CLIP]` (CMU Multimodal SDK), `VIDEO_CLIP` where VIDEO has the eleven characters of YouTube.
pub fn video(id: &str) -> Option<&str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((video, _)) = id.split_once("$_$") {
        return Some(video).filter(|video| !video.is_empty());
    }
    if let Some((video, clip)) = id.strip_suffix(']').and_then(|open| open.rsplit_once('[')) {
        return Some(video).filter(|video| is_number(clip) && !video.is_empty());
    }
    let (video, clip) = id.rsplit_once('_')?;
    (video.len() == 11 && is_number(clip)).then_some(video)
}

/// Samples by video, where every name tells it.
pub fn videos(ids: &[String]) -> Option<Groups> {
    let of_sample: Option<Vec<String>> = ids.iter().map(|id| video(id).map(str::to_owned)).collect();
    of_sample.filter(|videos| !videos.is_empty()).map(|of_sample| Groups { name: "video".into(), of_sample })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_names_its_video() {
        for (id, expected) in [
            ("03bSnISJMiM$_$1", Some("03bSnISJMiM")),
            ("video_0001$_$0012", Some("video_0001")),
            ("zhpQhgha_KU[3]", Some("zhpQhgha_KU")),
            ("f_pcplsH_V0_14", Some("f_pcplsH_V0")),
            ("1_105", None),
            ("f_pcplsH_V0", None),
            ("[3]", None),
        ] {
            assert_eq!(video(id), expected, "{id}");
        }
        assert!(videos(&["03bSnISJMiM_1".into(), "100".into()]).is_none());
    }
}
