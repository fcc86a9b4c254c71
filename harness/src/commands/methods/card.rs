//! A method's card for people.

use std::fmt::Write;

use bench_card::{Card, Optimiser, Recipe, Schedule, TaskKind};

use super::list;

/// The card: paper, equations, options, variants, contradictions.
pub fn show(card: &Card) -> String {
    let mut text = format!("{} (`{}`): {}\n\n", card.name, card.id, card.summary);
    // Writing to a string cannot fail.
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<13} {value}");
    };
    line("paper", &card.paper);
    line("family", &card.family);
    line("tasks", &tasks(card));
    line("modalities", &modalities(card));
    line("missing", &card.missing_modality());
    line("can", &abilities(card));
    line("revision", &card.revision.to_string());
    let mut training = |name: &str, recipe: &Recipe| {
        line(name, &format!("batches of {}; {}", recipe.batch, recipe.source));
        for (group, optimiser) in &recipe.optimisers {
            line("", &format!("{}{}", if group == "*" { String::new() } else { format!("{group}: ") }, describe(optimiser)));
        }
    };
    training("training", &card.recipe);
    if let Some(paper) = &card.paper_recipe {
        training("in the paper", paper);
    }
    section(&mut text, "Equations", card.equations.iter().map(|(number, what)| format!("{number:<8} {what}")));
    let options = card.options.iter().map(|option| format!("{} = {} ({})\n      {}", option.name, option.default, option.takes(), option.doc));
    section(&mut text, "Options", options);
    let variants = card.variants.iter().map(|variant| {
        let sets = variant.options.iter().map(|(name, value)| format!("{name}={value}"));
        let trained = variant.recipe.iter().flat_map(|recipe| recipe.optimisers.iter().map(|(_, optimiser)| describe(optimiser)));
        let changes: Vec<String> = sets.chain(trained).collect();
        let changes = if changes.is_empty() { String::new() } else { format!(" ({})", changes.join(", ")) };
        format!("{}/{}: {}{changes}", card.id, variant.name, variant.summary)
    });
    section(&mut text, "Variants", variants);
    section(&mut text, "What `bench tune` draws from", card.space.iter().map(|dimension| format!("{:<14} {}", dimension.name, dimension.describe())));
    section(&mut text, "Contradictions and gaps in the paper, and how they are read", card.contradictions.iter().cloned());
    text
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    for (at, line) in lines.enumerate() {
        if at == 0 {
            let _ = writeln!(text, "\n{title}");
        }
        let _ = writeln!(text, "  {line}");
    }
}

fn modalities(card: &Card) -> String {
    let capabilities = &card.capabilities;
    let most = capabilities
        .max_modalities
        .map_or_else(|| " or more".into(), |most| if most == capabilities.min_modalities { String::new() } else { format!(" to {most}") });
    let each = if capabilities.per_modality { "; one model a modality" } else { "" };
    format!("{}{most}, of kind {}{each}", capabilities.min_modalities, list::names(&capabilities.kinds))
}

fn abilities(card: &Card) -> String {
    let capabilities = &card.capabilities;
    let facts = [
        (capabilities.trained, "is trained by gradient steps", "is not trained by gradient steps"),
        (capabilities.input_gradient, "can be attacked through its gradient", "has no input gradient: attacks are n/a"),
        (capabilities.deterministic, "predicts without random draws", "draws random numbers to predict"),
        (!capabilities.transductive, "sees no test inputs in training", "sees test inputs in training"),
    ];
    let mut words: Vec<&str> = facts.iter().map(|(holds, yes, no)| if *holds { *yes } else { *no }).collect();
    if capabilities.pivot {
        words.push("gives one modality a special part");
    }
    words.join("; ")
}

fn describe(optimiser: &Optimiser) -> String {
    let (name, decay) = match optimiser {
        Optimiser::Adam { weight_decay, .. } => ("Adam", weight_decay),
        Optimiser::AdamW { weight_decay, .. } => ("AdamW", weight_decay),
        Optimiser::Sgd { weight_decay, .. } => ("SGD", weight_decay),
    };
    let exempt = if matches!(optimiser, Optimiser::AdamW { decay_vectors: false, .. }) { " (not of biases and gains)" } else { "" };
    let clip = optimiser.clip_norm().map_or_else(String::new, |norm| format!(", gradients clipped to norm {norm}"));
    let schedule = match optimiser.schedule() {
        Schedule::Constant => String::new(),
        Schedule::Step { every, factor } => format!(", times {factor} every {every} epochs"),
        Schedule::Linear { to } => format!(", falling linearly to {to} times that"),
        Schedule::Stages { boundary, to, then } => {
            format!(", falling linearly to {to} times that in the first {} % of the epochs, then {then} times that", boundary * 100.0)
        }
        Schedule::Warmup { fraction } => format!(", rising over the first {} % of the steps, then falling linearly to 0", fraction * 100.0),
        Schedule::Plateau { factor, patience } => format!(", times {factor} after {patience} epochs without a better validation score"),
    };
    format!("{name}, rate {}{schedule}, weight decay {decay}{exempt}{clip}", optimiser.lr())
}

fn tasks(card: &Card) -> String {
    let name = |task: &TaskKind| match task {
        TaskKind::Classification => "classification",
        TaskKind::Regression => "regression",
    };
    card.capabilities.tasks.iter().map(name).collect::<Vec<_>>().join(", ")
}
