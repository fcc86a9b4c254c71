//! Growth in log–log axes: a line a method, its exponent in the legend.

use plotters::prelude::{
    BindKeyPoints, ChartBuilder, Circle, Color, IntoDrawingArea, IntoFont, IntoLogRange, LineSeries, PathElement, SVGBackend, Text, WHITE,
};

use super::{
    super::growth::{Growth, power_law},
    COLOURS, Drawn, FONT, Figure, INK, axes, slug,
};

const PLOT: (u32, u32) = (440, 330);
const LEGEND: u32 = 230;

/// One quantity of all methods against what grew; `None` where no method has two points.
pub fn growth_figure(growths: &[Growth], variable: &str) -> Option<Figure> {
    let lines: Vec<&Growth> = growths.iter().filter(|growth| growth.points.iter().filter(|point| point.cost > 0.0).count() > 1).collect();
    let quantity = lines.first()?.quantity;
    let svg = draw(&lines, quantity, variable).ok()?;
    Some(Figure { name: format!("growth-{}-{}.svg", slug(variable), slug(quantity)), title: format!("{quantity} by {variable}"), svg })
}

fn draw(lines: &[&Growth], quantity: &str, variable: &str) -> Drawn<String> {
    let points = || lines.iter().flat_map(|growth| &growth.points);
    let (Some(x), Some(y)) = (axes::log_range(points().map(|point| point.x)), axes::log_range(points().map(|point| point.cost))) else {
        return Ok(String::new());
    };
    let mut svg = String::new();
    {
        let height = PLOT.1.max(40 + 20 * u32::try_from(lines.len()).unwrap_or(0));
        let root = SVGBackend::with_string(&mut svg, (PLOT.0 + LEGEND, height)).into_drawing_area();
        root.fill(&WHITE)?;
        let (plot, legend) = root.split_horizontally(PLOT.0);
        let style = (FONT, 11).into_font().color(&INK);
        // Where something was measured: powers of ten would leave the axis bare.
        let mut ticks: Vec<f64> = points().map(|point| point.x).collect();
        ticks.sort_by(f64::total_cmp);
        ticks.dedup();
        let unit = lines.first().map(|growth| growth.unit);
        let mut chart = ChartBuilder::on(&plot)
            .margin(10)
            .x_label_area_size(38)
            .y_label_area_size(86)
            .build_cartesian_2d(x.log_scale().with_key_points(ticks), y.log_scale())?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(INK.mix(0.12))
            .axis_style(INK.mix(0.6))
            .x_labels(6)
            .y_labels(6)
            .x_label_formatter(&|x| x.to_string())
            .y_label_formatter(&|cost| unit.map_or_else(String::new, |unit| unit.text(*cost)))
            .x_desc(variable)
            .y_desc(quantity)
            .label_style(style.clone())
            .axis_desc_style(style)
            .draw()?;
        for (at, growth) in lines.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            let places: Vec<(f64, f64)> = growth.points.iter().filter(|point| point.cost > 0.0).map(|point| (point.x, point.cost)).collect();
            chart.draw_series(LineSeries::new(places.iter().copied(), colour.stroke_width(2)))?;
            chart.draw_series(places.iter().map(|&place| mark(place, at)))?;
            let y = 24 + 20 * i32::try_from(at).unwrap_or(0);
            legend.draw(&PathElement::new([(4, y), (24, y)], colour.stroke_width(2)))?;
            legend.draw(&mark((14, y), at))?;
            let exponent = power_law(&growth.points).map_or_else(String::new, |law| format!(", exponent {:.2}", law.slope));
            legend.draw(&Text::new(format!("{}{exponent}", growth.method), (30, y - 6), (FONT, 11).into_font().color(&INK)))?;
        }
        root.present()?;
    }
    Ok(svg)
}

/// Filled for the first round of colours, open for the next.
fn mark<Coordinate>(place: Coordinate, at: usize) -> Circle<Coordinate, i32> {
    let colour = COLOURS[at % COLOURS.len()];
    Circle::new(place, 3, if at < COLOURS.len() { colour.filled() } else { colour.stroke_width(1) })
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{GrowthPoint, GrowthUnit},
        *,
    };

    #[test]
    fn each_method_has_its_exponent_in_the_legend() {
        let growth = |method: &str, power: i32| Growth {
            method: method.into(),
            quantity: "FLOPs of inference",
            unit: GrowthUnit::Flops,
            points: [8.0, 16.0, 32.0_f64].map(|x| GrowthPoint { x, cost: x.powi(power) }).to_vec(),
        };
        let figure = growth_figure(&[growth("concat", 1), growth("decalign", 2)], "length").unwrap();
        assert_eq!(figure.name, "growth-length-flops-of-inference.svg");
        for tick in ["8", "16", "32"] {
            assert!(figure.svg.lines().any(|line| line == tick), "no tick {tick}");
        }
        assert!(figure.svg.contains("concat, exponent 1.00") && figure.svg.contains("decalign, exponent 2.00"));
        assert_eq!(growth_figure(&[Growth { points: Vec::new(), ..growth("concat", 1) }], "length"), None);
    }
}
