/*!
How a score moves with one hyper-parameter, or with two: curves and a map of cells. SVG without fonts: the viewer sets the text.

Scores are of the validation split, so a figure shows how sensitive training is and promises nothing of a test.
*/

mod curve;
mod map;

use plotters::prelude::{DrawingAreaErrorKind, RGBColor};

pub use curve::{Panel, Point, curves};
pub use map::{Map, map};

type Drawn<T> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 40, 40);
/// Okabe and Ito's blue (2008).
const BLUE: RGBColor = RGBColor(0, 114, 178);
