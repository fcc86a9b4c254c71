//! One hyper-parameter: a panel a dataset.

use plotters::{
    coord::Shift,
    prelude::{ChartBuilder, Circle, Color, DashedLineSeries, DrawingArea, IntoDrawingArea, IntoFont, LineSeries, SVGBackend, WHITE},
};

use super::{BLUE, Drawn, FONT, INK};
use crate::statistics::median;

/// Of a panel, in pixels.
const PANEL: (u32, u32) = (290, 240);
/// Panels side by side.
const ACROSS: usize = 3;

/// One dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The dataset.
    pub title: String,
    /// What is on the vertical axis, e.g. `validation accuracy in %`.
    pub metric: String,
    /// What values are multiplied by: 100 for shares shown in per cent.
    pub scale: f64,
    /// Ascending in `x`.
    pub points: Vec<Point>,
}

/// One value of the hyper-parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The value.
    pub x: f64,
    /// Scores, one a seed that could be trained.
    pub scores: Vec<f64>,
}

/// A figure of all panels: the median as a line, every seed as a dot, the default dashed. `None` where no panel has two points.
pub fn curves(panels: &[Panel], option: &str, default: Option<f64>) -> Option<String> {
    let panels: Vec<&Panel> = panels.iter().filter(|panel| panel.points.iter().filter(|point| !point.scores.is_empty()).count() > 1).collect();
    if panels.is_empty() { None } else { draw(&panels, option, default).ok() }
}

fn draw(panels: &[&Panel], option: &str, default: Option<f64>) -> Drawn<String> {
    let (across, down) = (panels.len().min(ACROSS), panels.len().div_ceil(ACROSS));
    let pixels = |number: usize, each: u32| each * u32::try_from(number).unwrap_or(1);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (pixels(across, PANEL.0), pixels(down, PANEL.1))).into_drawing_area();
        root.fill(&WHITE)?;
        for (area, panel) in root.split_evenly((down, across)).iter().zip(panels) {
            draw_panel(area, panel, option, default)?;
        }
        root.present()?;
    }
    Ok(svg)
}

fn draw_panel(area: &DrawingArea<SVGBackend<'_>, Shift>, panel: &Panel, option: &str, default: Option<f64>) -> Drawn<()> {
    let seeds: Vec<(f64, f64)> = panel.points.iter().flat_map(|point| point.scores.iter().map(|score| (point.x, score * panel.scale))).collect();
    let x = ends(seeds.iter().map(|(x, _)| *x).chain(default), 0.0);
    // A plot that zooms into a hundredth would make noise look like a trend: two hundredths at least.
    let y = ends(seeds.iter().map(|(_, y)| *y), 0.02 * panel.scale);
    // Six ticks on fewer than six points: whole numbers would repeat.
    let decimals = match (panel.scale > 1.0, y.end - y.start < 6.0) {
        (true, false) => 0,
        (true, true) => 1,
        (false, _) => 3,
    };
    let style = (FONT, 11).into_font().color(&INK);
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, (FONT, 13).into_font().color(&INK))
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(54)
        .build_cartesian_2d(x, y.clone())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(INK.mix(0.12))
        .axis_style(INK.mix(0.6))
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&|x| short(*x))
        .y_label_formatter(&|y| format!("{y:.decimals$}"))
        .x_desc(option)
        .y_desc(&panel.metric)
        .label_style(style.clone())
        .axis_desc_style(style)
        .draw()?;
    if let Some(default) = default {
        chart.draw_series(DashedLineSeries::new([(default, y.start), (default, y.end)], 4, 3, INK.mix(0.5).stroke_width(1)))?;
    }
    chart.draw_series(seeds.iter().map(|&place| Circle::new(place, 2, BLUE.mix(0.4).filled())))?;
    let medians = panel.points.iter().filter(|point| !point.scores.is_empty()).map(|point| (point.x, median(&point.scores) * panel.scale));
    chart.draw_series(LineSeries::new(medians, BLUE.stroke_width(2)))?;
    Ok(())
}

/// The range of an axis with a margin of a twelfth, `least` wide at least.
fn ends(values: impl Iterator<Item = f64>, least: f64) -> std::ops::Range<f64> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let margin = ((high - low) / 12.0).max((least - (high - low)) / 2.0).max(1e-9);
    low - margin..high + margin
}

/// A tick without the tail of binary numbers.
fn short(x: f64) -> String {
    let text = format!("{x:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() { "0".into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(title: &str, scores: &[&[f64]]) -> Panel {
        let points = (1..).zip(scores).map(|(x, scores)| Point { x: f64::from(x), scores: scores.to_vec() }).collect();
        Panel { title: title.into(), metric: "validation accuracy in %".into(), scale: 100.0, points }
    }

    #[test]
    fn every_seed_is_a_dot_and_every_dataset_a_panel() {
        let svg = curves(&[panel("digits", &[&[0.5, 0.6, 0.7], &[0.6, 0.6], &[]]), panel("mfeat", &[&[0.1], &[0.2]])], "lambda1", Some(1.0)).unwrap();
        assert_eq!(svg.matches("<circle").count(), 7);
        assert!(["digits", "mfeat", "lambda1"].iter().all(|text| svg.contains(text)));
        assert_eq!(curves(&[panel("digits", &[&[0.5], &[]])], "lambda1", None), None);
    }

    #[test]
    fn a_hundredth_is_not_blown_up() {
        let range = ends([50.0, 50.1].into_iter(), 2.0);
        assert!((range.end - range.start - 2.0).abs() < 1e-9, "{range:?}");
        assert_eq!([short(0.2), short(1.0), short(0.0), short(-0.0001)], ["0.2", "1", "0", "0"]);
    }
}
