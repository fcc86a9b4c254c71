//! The tables of an honest paper.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{
    Habits,
    runs::{Runs, deviation, mean, normal, round, run, shared},
    sheet::{Kind, Sheet},
};
use crate::{
    ledger::{Paper, Table},
    recompute::macs,
};

/// A method with its runs on every dataset, none of whose data is missing or noisy.
struct Method {
    name: String,
    /// True accuracy on the first dataset, a share.
    ability: f64,
    /// What each seed has in common across conditions of the first dataset.
    common: Vec<f64>,
    runs: Vec<Runs>,
}

fn methods(habits: &Habits, draws: &mut ChaCha8Rng) -> Vec<Method> {
    let base: f64 = draws.random_range(0.6..0.85);
    let mut methods = Vec::new();
    for (place, name) in habits.methods.iter().enumerate() {
        let ability = (base + 0.01 * place as f64 + 0.01 * normal(draws)).clamp(0.05, 0.97);
        let common = shared(habits, draws);
        let mut runs = Vec::new();
        for (set, (_, n)) in habits.datasets.iter().enumerate() {
            let other = shared(habits, draws);
            let (truth, seeds) = if set == 0 { (ability, &common) } else { ((ability + 0.03 * normal(draws)).clamp(0.05, 0.97), &other) };
            runs.push(run(habits, truth, *n, seeds, draws));
        }
        methods.push(Method { name: name.clone(), ability, common, runs });
    }
    methods
}

/// All tables.
pub(super) fn all(habits: &Habits, paper: &Paper, draws: &mut ChaCha8Rng) -> Vec<Table> {
    let methods = methods(habits, draws);
    let mut tables = vec![main_table(habits, &methods, draws), conditions(habits, &methods, draws)];
    if let Some(own) = methods.last().and_then(|own| own.runs.first()) {
        tables.push(ablation(habits, own, draws));
        tables.push(sweep(habits, own, draws));
    }
    tables.extend([samples(habits, draws), shares(draws), memory(draws), costs(paper, draws)]);
    tables
}

fn score(habits: &Habits, dataset: &str, condition: &str, metric: &str) -> Kind {
    Kind {
        dataset: dataset.to_owned(),
        condition: condition.to_owned(),
        metric: metric.to_owned(),
        unit: habits.unit(),
        better: Some(true),
        seeds: Some(habits.seeds),
        digits: habits.score_digits(),
        signed: false,
    }
}

/// A difference of scores in percentage points.
fn points(habits: &Habits, like: &Kind) -> Kind {
    Kind {
        unit: "pp",
        metric: "Delta".into(),
        better: None,
        seeds: None,
        digits: if habits.fraction { 2 } else { habits.digits },
        signed: true,
        ..like.clone()
    }
}

/// a − b in percentage points, of printed or of unrounded numbers.
fn difference(habits: &Habits, a: f64, b: f64) -> f64 {
    let digits = habits.score_digits();
    let (a, b) = if habits.printed_differences { (round(a, digits), round(b, digits)) } else { (a, b) };
    (a - b) * 100.0 / habits.scale()
}

/// Methods on all datasets, with averages.
fn main_table(habits: &Habits, methods: &[Method], draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("1");
    for (place, method) in methods.iter().enumerate() {
        let (mut sums, mut complete) = ([0.0, 0.0], true);
        for ((dataset, _), runs) in habits.datasets.iter().zip(&method.runs) {
            let empty = draws.random_bool(habits.missing) && place + 1 < methods.len();
            for (sum, (metric, values)) in sums.iter_mut().zip([("Acc", &runs.accuracy), ("F1", &runs.f1)]) {
                *sum += mean(values);
                let value = (!empty).then(|| mean(values));
                sheet.put(&method.name, &format!("{dataset}.{metric}"), &score(habits, dataset, "", metric), value, deviation(habits, values));
            }
            let error = Kind { unit: "", better: Some(false), digits: 3, ..score(habits, dataset, "", "MAE") };
            let value = (!empty).then(|| 1.2 - mean(&runs.accuracy) / habits.scale() + 0.02 * normal(draws));
            sheet.put(&method.name, &format!("{dataset}.MAE"), &error, value, None);
            complete &= !empty;
        }
        if habits.datasets.len() > 1 {
            for (sum, metric) in sums.into_iter().zip(["Acc", "F1"]) {
                let value = complete.then(|| sum / habits.datasets.len() as f64);
                sheet.put(&method.name, &format!("Average.{metric}"), &score(habits, "", "Average", metric), value, None);
            }
        }
    }
    sheet.mark(&habits.methods);
    sheet.table
}

/// Methods under conditions on the first dataset, with an average and a row of gains over the best other method. `Full` are the runs of the main table.
fn conditions(habits: &Habits, methods: &[Method], draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("2");
    let Some((dataset, n)) = habits.datasets.first() else { return sheet.table };
    let mut unrounded: Vec<Vec<f64>> = Vec::new();
    for method in methods {
        let mut means = Vec::new();
        for (step, condition) in habits.conditions.iter().enumerate() {
            let truth = (method.ability - 0.04 * step as f64 + 0.01 * normal(draws)).clamp(0.05, 0.97);
            let drawn = run(habits, truth, *n, &method.common, draws);
            let runs = method.runs.first().filter(|_| condition == "Full").unwrap_or(&drawn);
            let (value, std) = (mean(&runs.accuracy), deviation(habits, &runs.accuracy));
            sheet.put(&method.name, &format!("{dataset}.{condition}"), &score(habits, dataset, condition, "Acc"), Some(value), std);
            means.push(value);
        }
        sheet.put(&method.name, &format!("{dataset}.Average"), &score(habits, dataset, "Average", "Acc"), Some(mean(&means)), None);
        means.push(mean(&means));
        unrounded.push(means);
    }
    sheet.mark(&habits.methods);
    let Some((own, others)) = unrounded.split_last() else { return sheet.table };
    let names = habits.conditions.iter().map(String::as_str).chain(["Average"]);
    for (step, condition) in names.enumerate() {
        let best = others.iter().filter_map(|means| means.get(step)).copied().fold(f64::NEG_INFINITY, f64::max);
        let Some(own) = own.get(step) else { continue };
        let kind = points(habits, &score(habits, dataset, condition, "Acc"));
        sheet.put("Delta", &format!("{dataset}.{condition}"), &kind, Some(difference(habits, *own, best)), None);
    }
    sheet.table
}

/// The full method, which the main table prints too, and variants with their difference to it.
fn ablation(habits: &Habits, own: &Runs, draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("3");
    let Some((dataset, n)) = habits.datasets.first() else { return sheet.table };
    let acc = score(habits, dataset, "", "Acc");
    let full = mean(&own.accuracy);
    let column = format!("{dataset}.Acc");
    let f1 = format!("{dataset}.F1");
    sheet.put("Full", &column, &acc, Some(full), deviation(habits, &own.accuracy));
    sheet.put("Full", &f1, &score(habits, dataset, "", "F1"), Some(mean(&own.f1)), deviation(habits, &own.f1));
    let mut rows = vec!["Full".to_owned()];
    for part in 0..draws.random_range(3..10) {
        let row = format!("w/o part {part}");
        let truth = full / habits.scale() - draws.random_range(0.0..0.05);
        let common = shared(habits, draws);
        let runs = run(habits, truth, *n, &common, draws);
        let value = mean(&runs.accuracy);
        sheet.put(&row, &column, &acc, Some(value), deviation(habits, &runs.accuracy));
        sheet.put(&row, &f1, &score(habits, dataset, "", "F1"), Some(mean(&runs.f1)), deviation(habits, &runs.f1));
        sheet.put(&row, &format!("{dataset}.DeltaVsFull"), &points(habits, &acc), Some(difference(habits, value, full)), None);
        rows.push(row);
    }
    sheet.mark(&rows);
    sheet.table
}

/// A hyper-parameter along the columns, with the drop from the best.
fn sweep(habits: &Habits, own: &Runs, draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("4");
    let Some((dataset, n)) = habits.datasets.first() else { return sheet.table };
    let full = mean(&own.accuracy);
    let row = format!("{dataset} Acc");
    let mut values = Vec::new();
    for step in 0..draws.random_range(4..9) {
        let condition = format!("lambda=0.{}", step + 1);
        let truth = full / habits.scale() - 0.01 * f64::from(step);
        let common = shared(habits, draws);
        let value = if step == 0 { full } else { mean(&run(habits, truth, *n, &common, draws).accuracy) };
        sheet.put(&row, &condition, &score(habits, dataset, &condition, "Acc"), Some(value), None);
        values.push((condition, value));
    }
    let best = values.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
    for (condition, value) in &values {
        let kind = points(habits, &score(habits, dataset, condition, "Acc"));
        sheet.put("Drop from peak", condition, &kind, Some(difference(habits, *value, best)), None);
    }
    sheet.table
}

/// Exact counts and their totals.
fn samples(habits: &Habits, draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("5");
    for (dataset, n) in &habits.datasets {
        let parts = [draws.random_range(2000..30_000), draws.random_range(200..3000), *n];
        let kind = |metric: &str| Kind { dataset: dataset.clone(), metric: metric.into(), unit: "samples", ..Kind::default() };
        // A paper that keeps its test set to itself prints only the total.
        let shown = if habits.sizes_known { 3 } else { 0 };
        for (part, name) in parts.iter().zip(["Train", "Val", "Test"]).take(shown) {
            sheet.put(dataset, name, &kind(name), Some(*part as f64), None);
        }
        sheet.put(dataset, "Total", &kind("Total"), Some(parts.iter().sum::<u64>() as f64), None);
    }
    sheet.table
}

/// Shares of one whole, each rounded on its own.
fn shares(draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("6");
    let names = ["Sarcasm", "Noise", "Ambiguity", "Label errors", "Other"];
    let counts: Vec<f64> = names.iter().map(|_| f64::from(draws.random_range(3..60))).collect();
    let total: f64 = counts.iter().sum();
    let kind = Kind { metric: "PctOfErrors".into(), unit: "%", digits: draws.random_range(0..=1), ..Kind::default() };
    for (name, count) in names.iter().zip(&counts) {
        sheet.put(name, "PctOfErrors", &kind, Some(100.0 * count / total), None);
    }
    sheet.table
}

/// Parts and totals, each rounded from its own unrounded number.
fn memory(draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("7");
    let kind = |metric: &str| Kind { metric: metric.into(), unit: "MB", better: Some(false), digits: 0, ..Kind::default() };
    for method in ["MulT", "MISA", "Self-MM", "Ours"] {
        let parts: [f64; 2] = [draws.random_range(500.0..4000.0), draws.random_range(500.0..4000.0)];
        for (part, name) in parts.iter().zip(["Activations", "Gradients"]) {
            sheet.put(method, name, &kind(name), Some(*part), None);
        }
        sheet.put(method, "Total", &kind("Total"), Some(parts.iter().sum()), None);
    }
    sheet.table
}

/// Costs of one sample's forward pass with the frozen networks, and the ratio of the totals.
fn costs(paper: &Paper, draws: &mut ChaCha8Rng) -> Table {
    let mut sheet = Sheet::new("8");
    let amount = |place: usize| paper.extractors.get(place).map_or(0.0, |extractor| extractor.amount);
    let per_mac = if draws.random_bool(0.5) { 1.0 } else { 2.0 };
    let extraction = per_mac * (macs::bert_base(amount(0)) + macs::resnet50(amount(1)) + macs::wav2vec2_base(amount(2)));
    // The columns are methods, so they stand where the metric does, as in the built-in ledger.
    let cost = |method: &str| Kind { unit: "GFLOP", metric: method.into(), digits: 1, ..Kind::default() };
    let mut totals = Vec::new();
    for method in ["Ours", "Transformer"] {
        let (encoder, fusion): (f64, f64) = (draws.random_range(0.5..5.0), draws.random_range(0.5..20.0));
        let total = extraction + encoder + fusion;
        for (row, value) in [("Feature extraction", extraction), ("Encoder", encoder), ("Fusion", fusion), ("Total", total)] {
            sheet.put(row, method, &cost(method), Some(value), None);
        }
        totals.push(total);
    }
    if let [own, other] = totals.as_slice() {
        let ratio = Kind { unit: "x", metric: "Speedup".into(), digits: 2, ..Kind::default() };
        sheet.put("Total", "Speedup", &ratio, Some(other / own), None);
    }
    sheet.table
}
