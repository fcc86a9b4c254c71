/*!
Two figures: accuracy against cost with the Pareto front, and growth in log–log axes. SVG without fonts: the viewer sets the text.
*/

mod axes;
mod labels;
mod lines;
mod scatter;

pub use lines::growth_figure;
use plotters::prelude::{DrawingAreaErrorKind, RGBColor};
pub use scatter::accuracy_figure;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// File name, e.g. `accuracy-cost-openmoji.svg`.
    pub name: String,
    /// What it shows, in words.
    pub title: String,
    /// The picture.
    pub svg: String,
}

type Drawn<T> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 40, 40);
/// Told apart by the colour-blind as well: seven of Okabe and Ito (2008), then five of Tol's muted scheme (2021).
const COLOURS: [RGBColor; 12] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(136, 34, 85),
    RGBColor(51, 34, 136),
    RGBColor(153, 153, 51),
    RGBColor(17, 119, 51),
    RGBColor(170, 68, 153),
];

/// Letters, digits and hyphens: names of datasets may hold anything.
fn slug(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-").to_lowercase()
}
