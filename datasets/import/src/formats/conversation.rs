/*!
`conversation`: utterance features of dialogues as DialogueRNN and its followers have them: IEMOCAP, MELD, AVEC.

A tuple of dicts by dialogue, each with a list of one entry for each utterance. Nine: names, speakers, labels, text, audio, visual, sentences, then the dialogues of train and of test
(`IEMOCAP_features.pkl`). Ten: the same with MELD's sentiment at the end (MMGCN's `MELD_features_raw1.pkl`). Nine without visual: names, speakers, emotions, text, audio, sentences,
train, test, sentiment (DialogueRNN's `MELD_features_raw.pkl`). As read by <https://github.com/declare-lab/conv-emotion> (`DialogueRNN/dataloader.py`) and
<https://github.com/hujingwen6666/MMGCN> (`dataloader.py`).
*/

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bench_datasets::Split;
use bench_readers::{Node, View};

use super::{
    Format, Glance, Request, Takes, open,
    shared::{TWICE, files, labels},
};
use crate::{
    Content, Draft, Groups, ImportError, Stream, Target, Targets,
    context::{self, Dialogue, Position, Utterances},
};

/// The format.
pub const FORMAT: Format = Format {
    name: "conversation",
    title: "DialogueRNN's and MMGCN's utterance features of IEMOCAP, MELD and AVEC",
    paths: "one .pkl file, such as IEMOCAP_features.pkl, MELD_features_raw.pkl, MELD_features_raw1.pkl",
    takes: &[Takes::Context],
    read,
    recognise,
};

/// IEMOCAP's classes by number, as DialogueRNN's loader has them.
const IEMOCAP: [&str; 6] = ["happy", "sad", "neutral", "angry", "excited", "frustrated"];
/// MELD's emotions by number, as DialogueRNN's loader has them.
const MELD: [&str; 7] = ["neutral", "surprise", "fear", "sadness", "joy", "disgust", "anger"];
/// MELD's sentiments by number.
const SENTIMENT: [&str; 3] = ["neutral", "positive", "negative"];

const SHAPE: &str = "a tuple of nine or ten: names, speakers, labels, text, audio, visual, sentences, train, test (and sentiment)";

/// One entry of the tuple: a list for each dialogue.
type Dict<'a> = HashMap<String, View<'a>>;

/// The tuple's entries by meaning.
struct Layout<'a> {
    names: View<'a>,
    speakers: View<'a>,
    labels: View<'a>,
    sentiment: Option<View<'a>>,
    features: Vec<(&'static str, View<'a>)>,
    sentences: View<'a>,
    train: View<'a>,
    test: View<'a>,
}

/// One dialogue that is in a split.
struct Conversation {
    id: String,
    split: Split,
    utterances: usize,
}

fn layout<'a>(root: &View<'a>) -> Result<Layout<'a>, ImportError> {
    let refused = || ImportError::from(root.unexpected(SHAPE));
    let items: Vec<View<'a>> = root.items().map_err(|_| refused())?;
    let is_dict = |at: usize| matches!(items.get(at).map(View::node), Some(Node::Table(_)));
    let item = |at: usize| items.get(at).cloned().ok_or_else(refused);
    let (visual, sentences, sentiment) = match items.len() {
        9 if is_dict(8) => (None, 5, Some(8)),
        9 => (Some(5), 6, None),
        10 => (Some(5), 6, is_dict(9).then_some(9)),
        _ => return Err(refused()),
    };
    let mut features = vec![("text", item(3)?), ("audio", item(4)?)];
    if let Some(visual) = visual {
        features.push(("visual", item(visual)?));
    }
    Ok(Layout {
        names: item(0)?,
        speakers: item(1)?,
        labels: item(2)?,
        sentiment: sentiment.map(item).transpose()?,
        features,
        sentences: item(sentences)?,
        train: item(sentences + 1)?,
        test: item(sentences + 2)?,
    })
}

fn recognise(glance: &Glance) -> Option<String> {
    let layout = layout(&glance.tree.as_ref()?.root()).ok()?;
    let dicts = [&layout.names, &layout.speakers, &layout.labels, &layout.sentences].into_iter().chain(layout.features.iter().map(|(_, view)| view));
    let all = dicts.map(View::node).all(|node| matches!(node, Node::Table(_)));
    all.then(|| "a tuple of dicts by dialogue with the dialogues of train and test is DialogueRNN's".into())
}

fn read(request: &Request) -> Result<Draft, ImportError> {
    let path = files::only(request, FORMAT.name, FORMAT.paths)?;
    let tree = open(path)?;
    let layout = layout(&tree.root())?;
    let mut draft = Draft {
        name: files::name(path),
        title: "Utterances of dialogues, from a file in DialogueRNN's layout".into(),
        provenance: files::provenance(
            "a feature file in the layout of declare-lab/conv-emotion and hujingwen6666/MMGCN",
            "Majumder et al., DialogueRNN: An Attentive RNN for Emotion Detection in Conversations, AAAI 2019 (the layout); cite the data set too",
        ),
        ..Draft::default()
    };
    let conversations = conversations(&mut draft, &layout)?;
    add_names(&mut draft, &layout, &conversations)?;
    add_speakers(&mut draft, &layout, &conversations)?;
    add_targets(&mut draft, &layout, &conversations)?;

    let mut positions = Vec::new();
    for (dialogue, conversation) in conversations.iter().enumerate() {
        positions.extend((0..conversation.utterances).map(|before| Position { dialogue, before }));
    }
    let steps = context::steps(request.context, &positions);
    if steps <= request.context {
        draft.assumed.push(format!("the longest dialogue has {steps} utterances: no more than {} come before one", steps - 1));
    }
    for (name, view) in &layout.features {
        let (dialogues, dim) = features(view, &conversations)?;
        let numbers = Utterances::numbers(dialogues, positions.clone(), steps, dim);
        draft.streams.push(Stream { name: (*name).into(), content: Content::Numbers(numbers) });
    }
    let sentences = each(&layout.sentences, &conversations, |own| Ok(own.texts()?))?;
    draft.streams.push(Stream { name: "words".into(), content: Content::Words(sentences.iter().map(|sentence| crate::words(sentence)).collect()) });
    draft.assumed.push(TWICE.into());
    Ok(draft)
}

fn dict<'a>(view: &View<'a>) -> Result<Dict<'a>, ImportError> {
    Ok(view.entries()?.into_iter().collect())
}

/// The dialogues of train, then those of test, each in the order of the file.
fn conversations(draft: &mut Draft, layout: &Layout<'_>) -> Result<Vec<Conversation>, ImportError> {
    let labels = layout.labels.entries()?;
    let mut known: HashSet<String> = HashSet::new();
    let mut conversations = Vec::new();
    for (list, split) in [(&layout.train, Split::Train), (&layout.test, Split::Test)] {
        let chosen = super::shared::ids::parts(list)?.into_iter().map(|name| name.join("_"));
        let chosen: HashSet<String> = chosen.collect();
        if let Some(twice) = chosen.iter().filter(|id| known.contains(*id)).min() {
            return Err(list
                .invalid(format!("dialogue {twice}, which is in train too"), "a dialogue in one split", "check that the file is whole")
                .into());
        }
        let mut found = 0;
        for (id, own) in labels.iter().filter(|(id, _)| chosen.contains(id)) {
            conversations.push(Conversation { id: id.clone(), split, utterances: own.count()? });
            found += 1;
        }
        if found != chosen.len() {
            let present: HashSet<&String> = labels.iter().map(|(id, _)| id).collect();
            let missing = chosen.iter().filter(|id| !present.contains(id)).min().map_or("(none)", String::as_str);
            return Err(list.invalid(format!("dialogue {missing}"), "dialogues that have labels", "check that the file is whole").into());
        }
        known.extend(chosen);
    }
    if known.len() < labels.len() {
        draft.repaired.push(format!("{} dialogues that are in neither split were left out", labels.len() - known.len()));
    }
    for conversation in &conversations {
        draft.splits.extend(std::iter::repeat_n(conversation.split, conversation.utterances));
    }
    Ok(conversations)
}

/// What `take` makes of each dialogue's list, one behind another; one for each utterance.
fn each<T>(view: &View<'_>, conversations: &[Conversation], take: impl Fn(&View<'_>) -> Result<Vec<T>, ImportError>) -> Result<Vec<T>, ImportError> {
    let lists = dict(view)?;
    let mut all = Vec::new();
    for conversation in conversations {
        let Some(own) = lists.get(&conversation.id) else {
            return Err(view.unexpected(format!("a dialogue `{}`, which has labels", conversation.id)).into());
        };
        let taken = take(own)?;
        if taken.len() != conversation.utterances {
            let expected = format!("{}, one for each utterance of the dialogue's labels", conversation.utterances);
            return Err(own.invalid(format!("{} entries", taken.len()), expected, "check that the file is whole").into());
        }
        all.extend(taken);
    }
    Ok(all)
}

fn add_names(draft: &mut Draft, layout: &Layout<'_>, conversations: &[Conversation]) -> Result<(), ImportError> {
    let names = each(&layout.names, conversations, |own| Ok(super::shared::ids::parts(own)?.into_iter().map(|name| name.join("_")).collect()))?;
    let dialogues = conversations.iter().flat_map(|conversation| std::iter::repeat_n(&conversation.id, conversation.utterances));
    let mut of_sample = Vec::new();
    for (name, dialogue) in names.into_iter().zip(dialogues) {
        // IEMOCAP's names hold the dialogue's (`Ses01F_impro01_F000`), MELD's are numbers in it.
        draft.ids.push(if name.starts_with(dialogue.as_str()) && name.len() > dialogue.len() { name } else { format!("{dialogue}_{name}") });
        of_sample.push(dialogue.clone());
    }
    draft.groups.push(Groups { name: "dialogue".into(), of_sample });
    Ok(())
}

fn add_speakers(draft: &mut Draft, layout: &Layout<'_>, conversations: &[Conversation]) -> Result<(), ImportError> {
    let of_sample =
        each(&layout.speakers, conversations, |own| own.items().map_or_else(|_| one_hot(own), |items| items.iter().map(speaker).collect()))?;
    let dialogues: Vec<&String> = draft.groups.first().map(|groups| groups.of_sample.iter().collect()).unwrap_or_default();
    let sessions: Option<Vec<String>> = dialogues.iter().map(|dialogue| session(dialogue)).collect();
    let Some(sessions) = sessions.filter(|sessions| !sessions.is_empty()) else {
        draft.groups.push(Groups { name: "speaker".into(), of_sample });
        return Ok(());
    };
    // Two people speak in a session of IEMOCAP, and nowhere else.
    let of_sample = sessions.iter().zip(&of_sample).map(|(session, speaker)| format!("{session}{speaker}")).collect();
    draft.groups.push(Groups { name: "speaker".into(), of_sample });
    draft.groups.push(Groups { name: "session".into(), of_sample: sessions });
    draft.assumed.push("a speaker of IEMOCAP is the session in the dialogue's name with the gender of the utterance: Ses01F, Ses01M".into());
    Ok(())
}

/// `Ses01` of `Ses01F_impro01`.
fn session(dialogue: &str) -> Option<String> {
    let session = dialogue.get(..5)?;
    let number = session.strip_prefix("Ses")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| session.to_owned())
}

/// A speaker as text, or as the place of the one in a vector.
fn speaker(view: &View<'_>) -> Result<String, ImportError> {
    if let Ok(name) = view.text() {
        return Ok(name);
    }
    let shares = view.reals()?;
    let largest = shares.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    largest.map(|(at, _)| format!("speaker{at}")).ok_or_else(|| view.unexpected("a speaker: a name, or a vector with a one").into())
}

/// Speakers as an array of vectors, or of text.
fn one_hot(view: &View<'_>) -> Result<Vec<String>, ImportError> {
    let array = view.array()?;
    if let [_, width] = *array.shape
        && width > 0
    {
        let rows = view.reals()?;
        let place = |row: &[f64]| row.iter().enumerate().fold(0, |best, (at, &share)| if share > row[best] { at } else { best });
        return Ok(rows.chunks_exact(width).map(|row| format!("speaker{}", place(row))).collect());
    }
    Ok(view.texts()?)
}

fn add_targets(draft: &mut Draft, layout: &Layout<'_>, conversations: &[Conversation]) -> Result<(), ImportError> {
    let reals = each(&layout.labels, conversations, |own| Ok(own.reals()?))?;
    let is_iemocap = draft.groups.iter().any(|groups| groups.name == "session");
    if reals.iter().any(|real| real.fract() != 0.0) {
        let values: Result<_, ImportError> = reals.iter().map(|&real| labels::finite(&layout.labels, layout.labels.path(), real)).collect();
        draft.targets.push(Targets { name: "label".into(), target: Target::Values { values: values?, low: None, high: None } });
        return Ok(());
    }
    let names: &[&str] = if is_iemocap { &IEMOCAP } else { &MELD };
    let numbers: Vec<i64> = reals.iter().map(|&real| real as i64).collect();
    draft.targets.push(Targets { name: "emotion".into(), target: labels::classes(&layout.labels, &numbers, names)? });
    draft.assumed.push(format!("emotions by number are those of DialogueRNN's loader: {}", names.join(", ")));
    if let Some(view) = &layout.sentiment {
        let numbers = each(view, conversations, |own| Ok(own.wholes()?))?;
        draft.targets.push(Targets { name: "sentiment".into(), target: labels::classes(view, &numbers, &SENTIMENT)? });
        draft.assumed.push(format!("sentiments by number are MELD's: {}", SENTIMENT.join(", ")));
    }
    Ok(())
}

/// Features of each dialogue, and how many an utterance has.
fn features(view: &View<'_>, conversations: &[Conversation]) -> Result<(Vec<Dialogue>, usize), ImportError> {
    let lists = dict(view)?;
    let (mut dialogues, mut dim) = (Vec::new(), None);
    for conversation in conversations {
        let Some(own) = lists.get(&conversation.id) else {
            return Err(view.unexpected(format!("a dialogue `{}`, which has labels", conversation.id)).into());
        };
        if own.count()? != conversation.utterances {
            let expected = format!("{} utterances, as in the dialogue's labels", conversation.utterances);
            return Err(own.invalid(own.describe(), expected, "check that the file is whole").into());
        }
        let mut check = |view: &View<'_>, found: Option<usize>| match found.filter(|&found| found > 0 && *dim.get_or_insert(found) == found) {
            Some(_) => Ok(()),
            None => {
                let expected = dim.map_or_else(|| "the features of an utterance".to_owned(), |dim| format!("{dim} features, as before"));
                Err(ImportError::from(view.invalid(view.describe(), expected, "check that the file is whole")))
            }
        };
        let Ok(items) = own.items() else {
            let array = own.array()?;
            check(own, Some(array.row_len()).filter(|_| array.shape.len() == 2))?;
            dialogues.push(Dialogue::Series(own.path().to_owned(), array));
            continue;
        };
        let mut utterances = Vec::with_capacity(items.len());
        for item in items {
            let array = item.array()?;
            check(&item, array.numel())?;
            utterances.push((item.path().to_owned(), Arc::clone(&array)));
        }
        dialogues.push(Dialogue::Utterances(utterances));
    }
    Ok((dialogues, dim.unwrap_or(1)))
}
