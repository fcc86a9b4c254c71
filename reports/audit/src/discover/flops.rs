/*!
`flops`: costs below what the named networks need.

What it does: compares printed costs of a whole pipeline or of its feature extraction with the least that the paper's frozen networks need for one sample: multiply-accumulate
operations counted once (a FLOP count is usually twice that), as little input as the paper allows. Cells count whose unit is a number of FLOPs or MACs and whose row or column says
end-to-end, total, pipeline or feature extraction.

Why: a forward pass of BERT-base has a fixed cost, which no implementation can get below.

Example: DEF+AAF's Table 20 prints 12.3 G for feature extraction of a batch of 64; BERT-base on 128 tokens, ResNet-50 on one frame and wav2vec 2.0 on 4.5 s need 47.4 GMAC for one
sample.

It assumes what `papers.toml` says of the extractors and their input, with the source, and that a total includes them. Silent for papers without named extractors, and where a
printed cost is at least the least for one sample, even if the paper means a batch.
*/

use super::{Check, Finding, Settings, Strength, words};
use crate::{
    Ledger,
    ledger::{Cell, Extractor, Paper, Table},
    number::nearest,
    recompute::macs,
};

pub(super) const CHECK: Check = Check { name: "flops", summary: "costs of a pipeline below the least that its named networks need", find };

/// Words of rows and columns whose cost includes the frozen networks.
const WHOLE: [&str; 6] = ["end-to-end", "end to end", "total", "pipeline", "feature extraction", "overall"];

fn find(ledger: &Ledger, _: &Settings) -> Vec<Finding> {
    let of = |table: &Table| judge(table, ledger.paper(&table.paper)?);
    ledger.tables.iter().filter_map(of).collect()
}

fn judge(table: &Table, paper: &Paper) -> Option<Finding> {
    let costs: Vec<(&Extractor, f64)> = paper.extractors.iter().map(|extractor| Some((extractor, least(extractor)?))).collect::<Option<_>>()?;
    let needed: f64 = costs.iter().map(|(_, cost)| cost).sum();
    if costs.is_empty() {
        return None;
    }
    let below: Vec<(&Cell, f64)> = table.cells.iter().filter_map(|cell| Some((cell, printed(cell)?))).filter(|(_, most)| *most < needed).collect();
    if below.is_empty() {
        return None;
    }
    let names: Vec<String> = below.iter().map(|(cell, _)| words::cell(cell)).collect();
    let parts: Vec<String> = costs.iter().map(|(extractor, cost)| format!("{} {cost:.1}", extractor.model)).collect();
    // The smallest printed number against the cheapest networks alone: how far the finding depends on each network's being run.
    let dearest = costs.iter().map(|(_, cost)| *cost).fold(0.0, f64::max);
    let without = below.iter().filter(|(_, most)| *most < needed - dearest).count();
    let spare = match without {
        0 => String::new(),
        n => format!(" {n} of them would be below it even without the most costly of the networks ({:.1}).", needed - dearest),
    };
    let batch = paper.batch.map_or(String::new(), |batch| {
        format!(", and {} for the batch of {batch} that the paper states", words::count((needed * batch as f64) as u64))
    });
    Some(Finding {
        check: CHECK.name,
        paper: paper.id.clone(),
        place: table.name(),
        cells: below.iter().map(|(cell, _)| words::place(table, cell)).collect(),
        strength: Strength::Exact,
        assumes: costs
            .iter()
            .map(|(extractor, _)| format!("{} on {} {} ({})", extractor.model, extractor.amount, measure(extractor), extractor.source))
            .collect::<Vec<_>>()
            .join("; "),
        sentence: format!(
            "{} of a pipeline or its feature extraction: {}; the frozen networks need at least {needed:.1} GMAC, {:.1} GFLOP, for one sample ({}){batch}.{spare}",
            words::several(below.len(), "printed cost"),
            words::listed(&names, 6),
            2.0 * needed,
            parts.join(", ")
        ),
    })
}

/// GMAC of a network on its input; `None` for a network that is not known here.
fn least(extractor: &Extractor) -> Option<f64> {
    match extractor.model.as_str() {
        "bert-base" => Some(macs::bert_base(extractor.amount)),
        "resnet50" => Some(macs::resnet50(extractor.amount)),
        "wav2vec2-base" => Some(macs::wav2vec2_base(extractor.amount)),
        _ => None,
    }
}

/// What an extractor's amount counts.
fn measure(extractor: &Extractor) -> &'static str {
    match extractor.model.as_str() {
        "bert-base" => "tokens",
        "resnet50" => "frame(s)",
        _ => "seconds",
    }
}

/// The largest number, in 10⁹ operations, that a cell can mean if it is a cost of the whole.
fn printed(cell: &Cell) -> Option<f64> {
    let unit = cell.unit.to_ascii_lowercase();
    let scale = [("m", 1e-3), ("g", 1.0), ("t", 1e3)].into_iter().find_map(|(letter, scale)| {
        let kind = unit.strip_prefix(letter)?.trim_end_matches('s');
        ["flop", "mac"].contains(&kind).then_some(scale)
    })?;
    let names = [&cell.row, &cell.column, &cell.metric].map(|name| name.to_lowercase());
    let whole = names.iter().any(|name| WHOLE.iter().any(|word| name.contains(word)));
    whole.then(|| Some(nearest(&cell.value.as_ref()?.interval().hi) * scale)).flatten()
}
