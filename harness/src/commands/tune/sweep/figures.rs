//! Figures of sweeps: curves with all datasets of a sweep, a map a dataset of a grid.

use bench_card::{LEARNING_RATE, Value, WEIGHT_DECAY};
use bench_reports::sensitivity::{self, Map, Panel, Point};

use super::{Grid, Swept};

/// A figure.
pub struct Figure {
    /// File name.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// The picture.
    pub svg: String,
}

/// All figures, in the order of the sweeps.
pub fn all(swept: &[Swept<'_>]) -> Vec<Figure> {
    let mut grids: Vec<&Grid> = Vec::new();
    for swept in swept {
        if !grids.contains(&swept.grid) {
            grids.push(swept.grid);
        }
    }
    let own = |grid: &Grid| swept.iter().filter(|swept| swept.grid == grid).collect::<Vec<_>>();
    grids
        .into_iter()
        .flat_map(|grid| if grid.axes.len() == 1 { curves(grid, &own(grid)).into_iter().collect() } else { maps(grid, &own(grid)) })
        .collect()
}

fn curves(grid: &Grid, swept: &[&Swept<'_>]) -> Option<Figure> {
    let axis = grid.axes.first()?;
    let panel = |swept: &&Swept<'_>| {
        let number = |value: &Value| if let Value::Number(number) = value { Some(*number) } else { None };
        let mut points: Vec<Point> =
            axis.values.iter().enumerate().filter_map(|(at, value)| Some(Point { x: number(value)?, scores: swept.trained(at) })).collect();
        points.sort_by(|left, right| left.x.total_cmp(&right.x));
        Panel { title: swept.of.subject.dataset.clone(), metric: metric(swept), scale: scale(swept), points }
    };
    let panels: Vec<Panel> = swept.iter().map(panel).collect();
    let svg = sensitivity::curves(&panels, &format!("{} of {}", axis.option, grid.method), default(swept.first()?, &axis.option))?;
    Some(Figure {
        name: format!("{}-{}.svg", slug(&grid.method.to_string()), slug(&axis.option)),
        title: format!("{} over {}", grid.method, axis.option),
        svg,
    })
}

fn maps(grid: &Grid, swept: &[&Swept<'_>]) -> Vec<Figure> {
    let [down, across] = grid.axes.as_slice() else { return Vec::new() };
    let names = |values: &[Value]| values.iter().map(ToString::to_string).collect();
    let one = |swept: &&Swept<'_>| {
        let dataset = &swept.of.subject.dataset;
        let map = Map {
            title: format!("{} on {dataset}, {}", swept.of.label, metric(swept)),
            scale: scale(swept),
            higher_is_better: swept.higher_is_better,
            across: (across.option.clone(), names(&across.values)),
            down: (down.option.clone(), names(&down.values)),
            scores: (0..swept.scores.len()).map(|point| swept.median(point)).collect(),
        };
        let name = format!("{}-{}-{}-{}.svg", slug(&grid.method.to_string()), slug(&down.option), slug(&across.option), slug(dataset));
        Some(Figure { name, title: format!("{} over {} and {} on {dataset}", grid.method, down.option, across.option), svg: sensitivity::map(&map)? })
    };
    swept.iter().filter_map(one).collect()
}

/// The value that the method has if nothing is said.
fn default(swept: &Swept<'_>, option: &str) -> Option<f64> {
    if [LEARNING_RATE, WEIGHT_DECAY].contains(&option) {
        return Some(1.0);
    }
    let options = swept.of.card.resolve(swept.of.reference()).ok()?;
    if let Some(Value::Number(number)) = options.get(option) { Some(*number) } else { None }
}

fn metric(swept: &Swept<'_>) -> String {
    format!("validation {}{}", swept.metric.replace('_', " "), if swept.higher_is_better { " in %" } else { "" })
}

fn scale(swept: &Swept<'_>) -> f64 {
    if swept.higher_is_better { 100.0 } else { 1.0 }
}

/// Letters, digits and hyphens: names may hold anything.
fn slug(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
