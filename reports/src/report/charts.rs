/*!
Degradation curves as small SVGs: one figure a dataset and kind of corruption, one panel a modality, the same scale in all panels of a figure.
*/

use std::collections::BTreeMap;

use plotters::{
    coord::Shift,
    prelude::{
        ChartBuilder, Circle, Color, DashedLineSeries, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea, IntoFont, LineSeries, PathElement,
        Polygon, RGBColor, SVGBackend, Text, WHITE,
    },
};

use crate::{
    metrics::Metric,
    summary::{Cell, DatasetSummary, Estimate, is_control},
};

/// A figure of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// File name, e.g. `openmoji-noise.svg`.
    pub name: String,
    /// What it shows, in words.
    pub title: String,
    /// The picture.
    pub svg: String,
}

/// One corruption of one modality.
struct Panel {
    title: String,
    unit: String,
    /// One line a row: (level, estimate), ascending.
    lines: Vec<Vec<(f64, Estimate)>>,
}

const GROUPS: [(&str, &str); 3] = [("noise", "noise"), ("words", "masked words"), ("attack", "gradient attacks")];
/// Of a panel, in pixels.
const PANEL: (u32, u32) = (270, 230);
const LEGEND: u32 = 150;
/// Panels side by side: more would be too small on a page.
const ACROSS: usize = 3;
const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 40, 40);
const GREYS: [RGBColor; 3] = [RGBColor(150, 150, 150), RGBColor(110, 110, 110), RGBColor(185, 185, 185)];
/// Told apart by the colour-blind as well (Okabe and Ito, 2008); the reference is black.
const COLOURS: [RGBColor; 6] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167), RGBColor(230, 159, 0), RGBColor(86, 180, 233)];

/// The figures of a dataset, in report order; empty where no corruption has a curve.
pub fn figures(dataset: &DatasetSummary) -> Vec<Figure> {
    let metric = dataset.info.task.primary();
    let mut found = Vec::new();
    let mut add = |group: &str, what: &str, panels: Vec<Panel>| {
        if !panels.is_empty()
            && let Ok(svg) = draw(dataset, &panels)
        {
            let title = format!("{} on {} under {what}", super::format::capitalised(metric.title()), dataset.info.name);
            found.push(Figure { name: format!("{}-{group}.svg", slug(&dataset.info.name)), title, svg });
        }
    };
    for (group, what) in GROUPS {
        add(group, what, curves(dataset, group));
    }
    add("missing", "missing modalities", by_number(dataset));
    found
}

/// Letters, digits and hyphens: names of datasets may hold anything.
fn slug(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

fn curves(dataset: &DatasetSummary, group: &str) -> Vec<Panel> {
    let clean = dataset.conditions.iter().find(|row| row.group == "clean");
    let mut panels: Vec<Panel> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for row in dataset.conditions.iter().filter(|row| row.group == group) {
        let Some(point) = dataset.info.conditions.iter().find(|known| known.name == row.condition).and_then(|known| known.point.as_ref()) else {
            continue;
        };
        let at = *places.entry(&point.curve).or_insert_with(|| {
            let start = |at: usize| clean.and_then(|clean| estimate(&clean.cells, at)).map(|value| (0.0, value)).into_iter().collect();
            panels.push(Panel { title: point.curve.clone(), unit: point.unit.clone(), lines: (0..dataset.rows.len()).map(start).collect() });
            panels.len() - 1
        });
        for (line, cell) in panels[at].lines.iter_mut().zip(&row.cells) {
            line.extend(cell.estimate().map(|value| (point.level, value.clone())));
        }
    }
    for line in panels.iter_mut().flat_map(|panel| &mut panel.lines) {
        line.sort_by(|left, right| left.0.total_cmp(&right.0));
        // The clean value alone is no curve.
        if line.len() < 2 {
            line.clear();
        }
    }
    panels
}

fn by_number(dataset: &DatasetSummary) -> Vec<Panel> {
    let mut lines: Vec<Vec<(f64, Estimate)>> = vec![Vec::new(); dataset.rows.len()];
    for row in dataset.measures.iter().filter(|row| row.name == "missing_by_number") {
        let Some(number) = row.scope.split(' ').next().and_then(|number| number.parse::<f64>().ok()) else { continue };
        let missing = dataset.info.modalities.len() as f64 - number;
        for (at, line) in lines.iter_mut().enumerate() {
            line.extend(estimate(&row.cells, at).map(|value| (missing, value)));
        }
    }
    if lines.iter().all(|line| line.len() < 2) {
        return Vec::new();
    }
    lines.iter_mut().for_each(|line| line.sort_by(|left, right| left.0.total_cmp(&right.0)));
    vec![Panel { title: "mean over patterns".into(), unit: "modalities missing".into(), lines }]
}

fn estimate(cells: &[Cell], at: usize) -> Option<Estimate> {
    cells.get(at)?.estimate().cloned()
}

type Drawn<T> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

fn draw(dataset: &DatasetSummary, panels: &[Panel]) -> Drawn<String> {
    let scale = if dataset.info.task.primary().in_percent() { 100.0 } else { 1.0 };
    let (across, down) = (panels.len().min(ACROSS), panels.len().div_ceil(ACROSS));
    let pixels = |number: usize, each: u32| each * u32::try_from(number).unwrap_or(1);
    let width = pixels(across, PANEL.0);
    let height = pixels(down, PANEL.1).max(pixels(dataset.rows.len(), 24) + 40);
    let range = range(panels, dataset.info.task.primary(), scale);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (width + LEGEND, height)).into_drawing_area();
        root.fill(&WHITE)?;
        let (plots, legend) = root.split_horizontally(width);
        for (at, (area, panel)) in plots.split_evenly((down, across)).iter().zip(panels).enumerate() {
            let label = at.is_multiple_of(across).then(|| axis(dataset.info.task.primary()));
            draw_panel(dataset, area, panel, &range, scale, label)?;
        }
        draw_legend(dataset, &legend)?;
        root.present()?;
    }
    Ok(svg)
}

fn axis(metric: Metric) -> String {
    format!("{}{}", metric.title(), if metric.in_percent() { " in %" } else { "" })
}

fn ends(value: &Estimate, scale: f64) -> (f64, f64) {
    let sd = value.sd.unwrap_or(0.0);
    ((value.mean - sd) * scale, (value.mean + sd) * scale)
}

/// Lowest and highest end of all bands with a margin, within the metric's range.
fn range(panels: &[Panel], metric: Metric, scale: f64) -> std::ops::Range<f64> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (_, value) in panels.iter().flat_map(|panel| panel.lines.iter().flatten()) {
        let (bottom, top) = ends(value, scale);
        (low, high) = (low.min(bottom), high.max(top));
    }
    let margin = ((high - low) * 0.06).max(1e-3 * scale);
    let (least, most) = metric.range();
    (low - margin).max(least * scale)..(high + margin).min(most * scale)
}

fn draw_panel(
    dataset: &DatasetSummary,
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    panel: &Panel,
    range: &std::ops::Range<f64>,
    scale: f64,
    label: Option<String>,
) -> Drawn<()> {
    let last = panel.lines.iter().flatten().map(|(level, _)| *level).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, (FONT, 14).into_font().color(&INK))
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(if label.is_some() { 48 } else { 34 })
        .build_cartesian_2d(0.0..last * 1.03, range.clone())?;
    let decimals = if last >= 1.0 { 1 } else { 2 + usize::from(last < 0.1) };
    let style = (FONT, 11).into_font().color(&INK);
    let whole = panel.lines.iter().flatten().all(|(level, _)| level.fract() == 0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    let ticks = if whole { (last as usize + 1).min(8) } else { 5 };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(INK.mix(0.12))
        .axis_style(INK.mix(0.6))
        .x_labels(ticks)
        .y_labels(6)
        .x_label_formatter(&|level| if whole { format!("{level:.0}") } else { format!("{level:.decimals$}") })
        .y_label_formatter(&|value| if scale > 1.0 { format!("{value:.0}") } else { format!("{value:.2}") })
        .x_desc(&panel.unit)
        .y_desc(label.unwrap_or_default())
        .label_style(style.clone())
        .axis_desc_style(style)
        .draw()?;
    // Controls first, so that the methods lie above them.
    let mut order: Vec<usize> = (0..panel.lines.len()).collect();
    order.sort_by_key(|&at| (!is_control(&dataset.rows[at].method), std::cmp::Reverse(at)));
    for at in order {
        let line = &panel.lines[at];
        if is_control(&dataset.rows[at].method) && is_flat(line) && dataset.gain.as_ref().is_none_or(|best| best.row != at) {
            continue;
        }
        let Stroke { colour, dash, width } = stroke(dataset, at);
        let point = |(level, value): &(f64, Estimate)| (*level, value.mean * scale);
        if dash.is_none() && line.iter().any(|(_, value)| value.sd.is_some()) {
            let upper = line.iter().map(|(level, value)| (*level, ends(value, scale).1));
            let lower = line.iter().rev().map(|(level, value)| (*level, ends(value, scale).0));
            chart.draw_series([Polygon::new(upper.chain(lower).collect::<Vec<_>>(), colour.mix(0.12))])?;
        }
        if let Some(length) = dash {
            chart.draw_series(DashedLineSeries::new(line.iter().map(point), length, 3, colour.stroke_width(width)))?;
        } else {
            chart.draw_series(LineSeries::new(line.iter().map(point), colour.stroke_width(width)))?;
        }
        chart.draw_series(line.iter().map(|place| Circle::new(point(place), 2, colour.filled())))?;
    }
    Ok(())
}

/// A modality that a control does not look at leaves it as it is.
fn is_flat(line: &[(f64, Estimate)]) -> bool {
    line.windows(2).all(|pair| pair[0].1.mean == pair[1].1.mean)
}

struct Stroke {
    colour: RGBColor,
    /// Length of its dashes; `None` for a whole line.
    dash: Option<u32>,
    width: u32,
}

fn stroke(dataset: &DatasetSummary, row: usize) -> Stroke {
    let is_control_row = |row: usize| dataset.rows.get(row).is_some_and(|row| is_control(&row.method));
    let before = (0..row).filter(|&other| is_control_row(other) == is_control_row(row)).count();
    match (row, is_control_row(row)) {
        (_, true) => Stroke { colour: GREYS[before % GREYS.len()], dash: Some([4, 8, 2][before / GREYS.len() % 3]), width: 1 },
        (0, false) => Stroke { colour: RGBColor(0, 0, 0), dash: None, width: 2 },
        // The reference is black and takes no colour.
        (_, false) => Stroke { colour: COLOURS[before.saturating_sub(usize::from(!is_control_row(0))) % COLOURS.len()], dash: None, width: 2 },
    }
}

fn draw_legend(dataset: &DatasetSummary, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn<()> {
    for (at, row) in dataset.rows.iter().enumerate() {
        let y = 30 + 22 * i32::try_from(at).unwrap_or(0);
        let Stroke { colour, dash, width } = stroke(dataset, at);
        let pieces: &[(i32, i32)] = match dash {
            None => &[(4, 25)],
            Some(8) => &[(4, 12), (17, 25)],
            Some(4) => &[(4, 9), (12, 17), (20, 25)],
            Some(_) => &[(4, 6), (9, 11), (14, 16), (19, 21), (24, 25)],
        };
        for &(from, to) in pieces {
            area.draw(&PathElement::new([(from, y), (to, y)], colour.stroke_width(width)))?;
        }
        area.draw(&Circle::new((14, y), 2, colour.filled()))?;
        let label = if row.is_reference { format!("{} *", row.label) } else { row.label.clone() };
        area.draw(&Text::new(label, (30, y - 5), (FONT, 12).into_font().color(&INK)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_hold_nothing_that_a_path_could_be_made_of() {
        assert_eq!(slug("digits?train=500"), "digits-train-500");
        assert_eq!(slug("../../etc"), "etc");
    }

    #[test]
    fn the_scale_holds_every_band_and_stays_within_the_metric() {
        let value = |mean, sd| Estimate { per_seed: vec![(1, mean)], mean, sd: Some(sd) };
        let panel = Panel { title: String::new(), unit: String::new(), lines: vec![vec![(0.0, value(0.98, 0.03)), (1.0, value(0.5, 0.1))]] };
        let range = range(&[panel], Metric::Accuracy, 100.0);
        assert!(range.start < 40.0 && range.start > 30.0 && (range.end - 100.0).abs() < 1e-9, "{range:?}");
    }
}
