//! Two hyper-parameters: a cell a pair.

use plotters::prelude::{Color, IntoDrawingArea, IntoFont, RGBColor, Rectangle, SVGBackend, Text, WHITE};

use super::{BLUE, Drawn, FONT, INK};

/// Of a cell, in pixels.
const CELL: (i32, i32) = (64, 34);
/// Left of the cells, and above them.
const EDGE: (i32, i32) = (92, 64);

/// One dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// The dataset and what is shown.
    pub title: String,
    /// What values are multiplied by: 100 for shares shown in per cent.
    pub scale: f64,
    /// Whether a greater score is better.
    pub higher_is_better: bool,
    /// Name and values of the hyper-parameter that goes across.
    pub across: (String, Vec<String>),
    /// Name and values of the one that goes down.
    pub down: (String, Vec<String>),
    /// Row by row; `None` where training failed.
    pub scores: Vec<Option<f64>>,
}

/// The map with a number in each cell, darker where better; `None` without cells, or where numbers and cells do not fit.
pub fn map(map: &Map) -> Option<String> {
    let (columns, rows) = (map.across.1.len(), map.down.1.len());
    if columns == 0 || rows == 0 || map.scores.len() != columns * rows || map.scores.iter().all(Option::is_none) { None } else { draw(map).ok() }
}

fn draw(map: &Map) -> Drawn<String> {
    let (columns, rows) = (map.across.1.len(), map.down.1.len());
    let at = |number: usize, each: i32| each * i32::try_from(number).unwrap_or(0);
    // The title is not cut: about seven pixels a letter.
    let size = ((EDGE.0 + at(columns, CELL.0) + 12).max(at(map.title.chars().count(), 7) + 16), EDGE.1 + at(rows, CELL.1) + 12);
    let shares = shares(map);
    let mut svg = String::new();
    {
        let pixels = |length: i32| u32::try_from(length).unwrap_or(1);
        let root = SVGBackend::with_string(&mut svg, (pixels(size.0), pixels(size.1))).into_drawing_area();
        root.fill(&WHITE)?;
        let font = |size: i32| (FONT, size).into_font();
        let text = |text: String, place: (i32, i32)| Text::new(text, place, font(11).color(&INK));
        root.draw(&Text::new(map.title.clone(), (8, 6), font(13).color(&INK)))?;
        root.draw(&text(format!("{} →", map.across.0), (EDGE.0, 28)))?;
        root.draw(&text(format!("{} ↓", map.down.0), (8, EDGE.1 - 18)))?;
        for (column, value) in map.across.1.iter().enumerate() {
            root.draw(&text(value.clone(), (EDGE.0 + at(column, CELL.0) + 14, EDGE.1 - 18)))?;
        }
        for (row, value) in map.down.1.iter().enumerate() {
            root.draw(&text(value.clone(), (8, EDGE.1 + at(row, CELL.1) + 11)))?;
        }
        for (place, (score, share)) in map.scores.iter().zip(shares).enumerate() {
            let corner = (EDGE.0 + at(place % columns, CELL.0), EDGE.1 + at(place / columns, CELL.1));
            let end = (corner.0 + CELL.0 - 2, corner.1 + CELL.1 - 2);
            root.draw(&Rectangle::new(
                [corner, end],
                share.map_or(RGBColor(225, 225, 225).filled(), |share| BLUE.mix(0.08 + 0.82 * share).filled()),
            ))?;
            let number = score
                .map_or_else(|| "failed".into(), |score| if map.scale > 1.0 { format!("{:.1}", score * map.scale) } else { format!("{score:.3}") });
            let ink = if share.is_some_and(|share| share > 0.6) { WHITE } else { INK };
            root.draw(&Text::new(number, (corner.0 + 14, corner.1 + 10), font(11).color(&ink)))?;
        }
        root.present()?;
    }
    Ok(svg)
}

/// Each score's place between the worst (0) and the best (1); halfway where all are equal.
fn shares(map: &Map) -> Vec<Option<f64>> {
    let (low, high) = map.scores.iter().flatten().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &score| (low.min(score), high.max(score)));
    let share = |score: f64| {
        let up = if high > low { (score - low) / (high - low) } else { 0.5 };
        if map.higher_is_better { up } else { 1.0 - up }
    };
    map.scores.iter().map(|score| score.map(share)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Map {
        let names = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        Map {
            title: "digits".into(),
            scale: 100.0,
            higher_is_better: true,
            across: ("alpha".into(), names(&["0.1", "0.2", "0.3"])),
            down: ("beta".into(), names(&["1", "2"])),
            scores: vec![Some(0.5), Some(0.75), None, Some(1.0), Some(0.5), Some(0.5)],
        }
    }

    #[test]
    fn a_cell_is_as_dark_as_it_is_good() {
        assert_eq!(shares(&example()), [Some(0.0), Some(0.5), None, Some(1.0), Some(0.0), Some(0.0)]);
        assert_eq!(shares(&Map { higher_is_better: false, ..example() })[3], Some(0.0));
        assert_eq!(shares(&Map { scores: vec![Some(0.5); 6], ..example() }), [Some(0.5); 6]);
    }

    #[test]
    fn every_cell_has_its_number() {
        let svg = map(&example()).unwrap();
        for text in ["75.0", "100.0", "failed", "alpha →", "beta ↓"] {
            assert!(svg.lines().any(|line| line.trim() == text), "no {text} in {svg}");
        }
        assert_eq!(map(&Map { scores: vec![None; 6], ..example() }), None);
        assert_eq!(map(&Map { scores: Vec::new(), ..example() }), None);
    }
}
