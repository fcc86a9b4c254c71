//! Accuracy beside cost.

use super::super::{
    Group, Row, Table,
    records::{dominator, places},
    units::{count, flops, time},
    value::{cost_normalised_accuracy, discounted_gain},
};

/// Scores of the same trials, with both numbers of accuracy against cost and the Pareto front; `None` without a run.
pub fn value(group: &Group) -> Option<Table> {
    let first = group.rows.iter().find_map(|row| row.score.as_ref())?;
    let heads = ["method", &first.metric, "inference, a sample", "training", "per 1000 h", "discounted gain", "Pareto"];
    let mut table = Table::new("accuracy against cost", &heads);
    let places = places(group, |row| Some(row.flops_a_sample()));
    let find = |at: usize| places.iter().find(|(row, _)| *row == at).map(|(_, place)| *place);
    for (at, row) in group.rows.iter().enumerate() {
        let Some(score) = &row.score else { continue };
        let hours = row.training_hours();
        let normalised = hours.filter(|_| score.is_accuracy).and_then(|hours| cost_normalised_accuracy(score.mean, hours));
        let gain = group.control.and_then(|control| Some(discounted_gain(find(at)?, find(control)?)));
        let dominated = dominator(group, &places, at).and_then(|by| group.rows.get(by));
        table.rows.push(vec![
            row.label.clone(),
            score.display(),
            flops(row.flops_a_sample()),
            hours.map_or_else(|| super::ABSENT.into(), |hours| time(hours * 3600e9)),
            normalised.map_or_else(|| super::ABSENT.into(), count),
            gain.map_or_else(|| super::ABSENT.into(), |gain| signed(gain, score.is_accuracy)),
            dominated.map_or_else(|| "on the front".into(), |by| format!("dominated by {}", by.label)),
        ]);
    }
    let control = group.control.and_then(|control| group.rows.get(control)).map_or(String::new(), |row: &Row| row.label.clone());
    table.notes = vec![
        format!("Mean over {} on the clean test split; checkpoints were chosen on validation. Costs are of the first seed's checkpoint.", count_of(first.seeds, "seed")),
        "Training: median step × steps of an epoch × mean epochs run, on this device, validation left out.".into(),
        "Per 1000 h: accuracy / (training hours / 1000) as in DEF+AAF's Table 2, in hours of this device where that table has GPU-hours. It has the unit 1 / (1000 h) and \
         rewards the cheapest model, whatever it answers; it is here to be compared with that table only."
            .into(),
        format!(
            "Discounted gain: score minus that of {control}, in points; a positive gain is divided by 1 + log₂(FLOPs a sample / those of {control}) where that is more than 1. \
             A loss stays as it is, so no trivial model gains by being cheap."
        ),
        "Pareto: on the front is what no other method beats in score without costing more FLOPs a sample.".into(),
    ];
    Some(table)
}

/// `1 seed`, `5 seeds`.
fn count_of(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Points with a sign where it is not zero.
fn signed(gain: f64, is_accuracy: bool) -> String {
    let text = if is_accuracy { format!("{:.1}", gain * 100.0) } else { format!("{gain:.3}") };
    match text.strip_prefix('-') {
        Some(zero) if zero.chars().all(|letter| letter == '0' || letter == '.') => zero.into(),
        Some(digits) => format!("−{digits}"),
        None if text.chars().all(|letter| letter == '0' || letter == '.') => text,
        None => format!("+{text}"),
    }
}
