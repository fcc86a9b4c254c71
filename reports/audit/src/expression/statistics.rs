//! Functions that give one number computed from the printed values: granularity, p-values, spreads, costs, facts and probes.

use std::collections::BTreeMap;

use super::{
    ExpressionError,
    cells::is_difference,
    compile::{Compiler, Quantity, Stop, Term, unreachable_arity},
    error::suggestion,
    lookup,
    tree::Node,
};
use crate::{
    ledger::{Cell, Table},
    number::{Rational, exactly, integer, nearest},
    probes,
    recompute::{
        deviations::{Deviation, band_log10_p, line_residual},
        grim::attainable,
        macs,
        summary_tests::{Summary, one_sample_p, paired_p, two_proportion_p, welch_p},
    },
};

/// The size of a test set, the runs averaged and the scale of the printed numbers.
struct Granularity {
    samples: u64,
    runs: u64,
    scale: Rational,
}

impl Compiler<'_> {
    pub(super) fn compute(&mut self, name: &str, node: &Node, arguments: &[Node]) -> Result<Term, Stop> {
        match (name, arguments) {
            ("grim", [table, row, column, samples, runs, scale @ ..]) => {
                let table = lookup::table(self.ledger, self.paper, table)?;
                let cell = lookup::cell(table, lookup::row(table, row)?, lookup::column(table, column)?, column)?;
                let printed = self.value(node, table, cell)?;
                let grain = self.granularity(samples, runs, scale.first())?;
                self.read(table, cell, Quantity::Value, &printed.text, None);
                let found = attainable(&printed.interval(), &grain.scale, grain.samples, grain.runs);
                let total = grain.samples.saturating_mul(grain.runs);
                let (value, note) = match found {
                    Some(k) => (1, format!("{k} of {total} prints as {}", printed.text)),
                    None => (0, format!("no count out of {total} prints as {}", printed.text)),
                };
                self.constant(node, integer(value), format!("grim({}, {total})", printed.text), note)
            }
            ("grim_count", [table, column, samples, runs, rest @ ..]) => {
                let table = lookup::table(self.ledger, self.paper, table)?;
                let name = lookup::column(table, column)?;
                let grain = self.granularity(samples, runs, rest.first())?;
                let mut excluded = Vec::new();
                if let Some(list) = rest.get(1) {
                    for (row, place) in lookup::texts(list, "a row")? {
                        lookup::has_row(table, row, place)?;
                        excluded.push(row);
                    }
                }
                let cells: Vec<&Cell> = table.column(name).filter(|cell| !excluded.contains(&cell.row.as_str())).collect();
                self.grim_count(node, table, &cells, &grain)
            }
            ("grim_count_row", [table, row, samples, runs]) => {
                let table = lookup::table(self.ledger, self.paper, table)?;
                let name = lookup::row(table, row)?;
                let grain = self.granularity(samples, runs, None)?;
                self.grim_count(node, table, &table.row(name).collect::<Vec<_>>(), &grain)
            }
            ("welch_p", [table, a, b, column, n]) => {
                let [(a, a_text), (b, b_text)] = self.two_summaries(node, table, a, b, column, n)?;
                self.computed(node, welch_p(&a, &b), &format!("welch_p({a_text}, {b_text}, n={})", a.n), "")
            }
            ("paired_p", [table, a, b, column, n, rho]) => {
                let [(a, a_text), (b, b_text)] = self.two_summaries(node, table, a, b, column, n)?;
                let (correlation, text) = self.printed_value(rho)?;
                if !(integer(-1)..=integer(1)).contains(&correlation) {
                    return Err(ExpressionError::new(rho.span.clone(), "a correlation lies between -1 and 1").into());
                }
                let p = paired_p(&a, &b, nearest(&correlation));
                self.computed(node, p, &format!("paired_p({a_text}, {b_text}, n={}, rho={text})", a.n), "")
            }
            ("onesample_p", [mean, sd, n, reference]) => {
                let ((mean, mean_text), (deviation, sd_text)) = (self.printed_value(mean)?, self.printed_value(sd)?);
                let runs = self.whole(n, "the number of runs", 2)?;
                let (reference, reference_text) = self.printed_value(reference)?;
                if deviation < integer(0) {
                    return Err(ExpressionError::new(sd.span.clone(), "a standard deviation is not negative").into());
                }
                let p = one_sample_p(&Summary { mean: nearest(&mean), sd: nearest(&deviation), n: runs }, nearest(&reference));
                self.computed(node, p, &format!("onesample_p({mean_text}\u{b1}{sd_text} against {reference_text}, n={runs})"), "")
            }
            ("two_prop_p", [first, second, samples]) => {
                let mut percents = Vec::new();
                let mut texts = Vec::new();
                for node in [first, second] {
                    let (value, text) = self.printed_value(node)?;
                    if !(integer(0)..=integer(100)).contains(&value) {
                        return Err(ExpressionError::new(node.span.clone(), "an accuracy in percent lies between 0 and 100").into());
                    }
                    percents.push(nearest(&value));
                    texts.push(text);
                }
                let samples = self.whole(samples, "the number of samples", 1)?;
                let [p1, p2] = percents.as_slice() else { return Err(unreachable_arity(node)) };
                self.computed(node, two_proportion_p(*p1, *p2, u64::from(samples)), &format!("two_prop_p({}, N={samples})", texts.join(", ")), "")
            }
            ("sd_band_log10p", [table]) => self.band(node, table),
            ("sd_resid", [table]) => self.residual(node, table),
            ("mac_bert_base" | "mac_resnet50" | "mac_wav2vec2", [amount]) => {
                let (value, text) = self.printed_value(amount)?;
                if value < integer(0) {
                    return Err(ExpressionError::new(amount.span.clone(), "an input's size is not negative").into());
                }
                let value = nearest(&value);
                let cost = match name {
                    "mac_bert_base" => macs::bert_base(value),
                    "mac_resnet50" => macs::resnet50(value),
                    _ => macs::wav2vec2_base(value),
                };
                self.computed(node, cost, &format!("{name}({text})"), "GMAC")
            }
            ("fact", [name_node]) => {
                let name = lookup::text(name_node, "a fact's name")?;
                let fact = self.ledger.facts.get(name).ok_or_else(|| {
                    let hint = suggestion(name, "facts", self.ledger.facts.keys().map(String::as_str));
                    ExpressionError::new(name_node.span.clone(), format!("there is no fact \"{name}\"{hint}"))
                })?;
                let (value, source) = (fact.value.clone(), fact.source.clone());
                let text = crate::verdict::short(&value, 9);
                self.constant(node, value, text, source)
            }
            ("probe" | "val", [called, rest @ ..]) => self.probe(name == "probe", node, called, rest),
            _ => Err(unreachable_arity(node)),
        }
    }

    /// A result of floating-point statistics.
    fn computed(&mut self, node: &Node, value: f64, text: &str, note: &str) -> Result<Term, Stop> {
        let exact =
            exactly(value).ok_or_else(|| ExpressionError::new(node.span.clone(), "with the numbers as printed this is not a finite number"))?;
        self.constant(node, exact, text.to_owned(), note.to_owned())
    }

    fn whole(&mut self, node: &Node, what: &str, least: u32) -> Result<u32, Stop> {
        let (value, _) = self.printed_value(node)?;
        Ok(lookup::count(&value, node, what, least)?)
    }

    fn granularity(&mut self, samples: &Node, runs: &Node, scale: Option<&Node>) -> Result<Granularity, Stop> {
        let (samples, runs) = (self.whole(samples, "the number of samples N", 1)?, self.whole(runs, "the number of runs S", 1)?);
        let scale = match scale {
            None => integer(100),
            Some(node) => {
                let (scale, _) = self.printed_value(node)?;
                if scale <= integer(0) {
                    return Err(ExpressionError::new(node.span.clone(), "the scale is 100 for percentages and 1 for fractions").into());
                }
                scale
            }
        };
        Ok(Granularity { samples: samples.into(), runs: runs.into(), scale })
    }

    fn grim_count(&mut self, node: &Node, table: &Table, cells: &[&Cell], grain: &Granularity) -> Result<Term, Stop> {
        let (mut found, mut missed) = (0_usize, Vec::new());
        for cell in cells {
            let Some(printed) = &cell.value else { continue };
            self.read(table, cell, Quantity::Value, &printed.text, None);
            if attainable(&printed.interval(), &grain.scale, grain.samples, grain.runs).is_some() {
                found += 1;
            } else {
                missed.push(printed.text.as_str());
            }
        }
        let total = grain.samples.saturating_mul(grain.runs);
        let mut note = format!("{found} of {} are a count out of {total}", found + missed.len());
        if !missed.is_empty() {
            note.push_str(&format!("; not {}", missed.iter().take(5).copied().collect::<Vec<_>>().join(", ")));
            if missed.len() > 5 {
                note.push_str(&format!(" and {} more", missed.len() - 5));
            }
        }
        let text = format!("grim_count({} cells, {total})", found + missed.len());
        self.constant(node, integer(i64::try_from(found).unwrap_or(i64::MAX)), text, note)
    }

    /// What two cells of a column print, each also in words.
    fn two_summaries(&mut self, node: &Node, table: &Node, a: &Node, b: &Node, column: &Node, n: &Node) -> Result<[(Summary, String); 2], Stop> {
        let table = lookup::table(self.ledger, self.paper, table)?;
        let rows = [lookup::row(table, a)?, lookup::row(table, b)?];
        let column_name = lookup::column(table, column)?;
        let runs = self.whole(n, "the number of runs", 2)?;
        let mut summary = |row: &str| -> Result<(Summary, String), Stop> {
            let cell = lookup::cell(table, row, column_name, column)?;
            let (mean, deviation) = (self.value(node, table, cell)?, self.deviation(node, table, cell)?);
            self.read(table, cell, Quantity::Value, &mean.text, None);
            self.read(table, cell, Quantity::Deviation, &deviation.text, None);
            let text = format!("{}\u{b1}{}", mean.text, deviation.text);
            Ok((Summary { mean: nearest(&mean.value), sd: nearest(&deviation.value), n: runs }, text))
        };
        let [first, second] = rows;
        Ok([summary(first)?, summary(second)?])
    }

    fn band(&mut self, node: &Node, table: &Node) -> Result<Term, Stop> {
        let table = lookup::table(self.ledger, self.paper, table)?;
        let mut deviations = Vec::new();
        for cell in &table.cells {
            let Some(std) = &cell.std else { continue };
            let Some(seeds) = cell.seeds else {
                let place = format!("{}, row \"{}\", column \"{}\"", table.name(), cell.row, cell.column);
                return Err(Stop::Missing {
                    span: node.span.clone(),
                    reason: format!("{place} does not say how many runs its standard deviation is of"),
                });
            };
            self.read(table, cell, Quantity::Deviation, &std.text, None);
            deviations.push(Deviation { std: nearest(&std.value), half: nearest(&std.half), seeds });
        }
        let value = band_log10_p(&deviations).ok_or_else(|| Stop::Missing {
            span: node.span.clone(),
            reason: format!("{} prints no standard deviations of two runs or more", table.name()),
        })?;
        let ends = |pick: fn(f64, f64) -> f64, start: f64| deviations.iter().map(|one| one.std).fold(start, pick);
        let (least, most) = (ends(f64::min, f64::INFINITY), ends(f64::max, 0.0));
        let note = format!("{} standard deviations, all between {least} and {most}", deviations.len());
        self.computed(node, value, &format!("sd_band_log10p({} stds)", deviations.len()), &note)
    }

    fn residual(&mut self, node: &Node, table: &Node) -> Result<Term, Stop> {
        let table = lookup::table(self.ledger, self.paper, table)?;
        let mut rows: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        for cell in table.cells.iter().filter(|cell| !is_difference(&cell.row)) {
            if let (Some(mean), Some(std)) = (&cell.value, &cell.std) {
                self.read(table, cell, Quantity::Deviation, &std.text, None);
                rows.entry(&cell.row).or_default().push((nearest(&mean.value), nearest(&std.value)));
            }
        }
        let value = line_residual(&rows.values().cloned().collect::<Vec<_>>()).ok_or_else(|| Stop::Missing {
            span: node.span.clone(),
            reason: format!("{} has no row of three means with positive standard deviations", table.name()),
        })?;
        self.computed(node, value, &format!("sd_resid({} rows)", rows.len()), "")
    }

    fn probe(&mut self, is_yes_or_no: bool, node: &Node, called: &Node, rest: &[Node]) -> Result<Term, Stop> {
        let name = lookup::text(called, "a probe's name")?;
        let mut arguments = Vec::new();
        let mut texts = Vec::new();
        for argument in rest {
            let (value, text) = self.printed_value(argument)?;
            arguments.push(nearest(&value));
            texts.push(text);
        }
        let found = if is_yes_or_no { probes::PROBES } else { probes::VALUES }.iter().find(|probe| probe.name == name).ok_or_else(|| {
            let all = if is_yes_or_no { probes::PROBES } else { probes::VALUES };
            let hint = suggestion(name, "known", all.iter().map(|probe| probe.name));
            ExpressionError::new(called.span.clone(), format!("there is no {} \"{name}\"{hint}", if is_yes_or_no { "probe" } else { "value" }))
        })?;
        let value = (found.run)(&arguments).map_err(|why| ExpressionError::new(node.span.clone(), format!("\"{name}\": {why}")))?;
        let text = if texts.is_empty() { name.to_owned() } else { format!("{name}({})", texts.join(", ")) };
        self.computed(node, value, &text, found.proposition)
    }
}
