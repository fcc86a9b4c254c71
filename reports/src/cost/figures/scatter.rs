//! Accuracy against cost: one panel a kind of cost, the Pareto front as a stair.

use plotters::{
    coord::Shift,
    prelude::{ChartBuilder, Circle, Color, DrawingArea, IntoDrawingArea, IntoFont, IntoLogRange, LineSeries, PathElement, SVGBackend, Text, WHITE},
};

use super::{
    super::{
        Group, Row, Timed, latency,
        records::{dominator, places, usual_batch},
        units::{flops, time},
    },
    COLOURS, Drawn, FONT, Figure, INK, axes,
    labels::{self},
    slug,
};

/// Of a panel, in pixels.
const PANEL: (u32, u32) = (430, 330);

/// One kind of cost.
struct Panel {
    title: String,
    text: fn(f64) -> String,
    /// Row, cost, score; a cost of 0 has no place on a logarithmic axis and is left out.
    points: Vec<(usize, f64, f64)>,
    /// Rows on the front.
    front: Vec<usize>,
}

/// The scores of a group against FLOPs and latency of inference a sample; `None` where no run says scores.
pub fn accuracy_figure(group: &Group) -> Option<Figure> {
    let score = group.rows.iter().find_map(|row| row.score.as_ref())?;
    let mut panels = vec![panel(group, "FLOPs of inference a sample (2 × MACs)".into(), flops, |row| Some(row.flops_a_sample()))];
    if let Some(batch) = usual_batch(group) {
        let cost = |row: &Row| {
            let times = latency(&row.clean(Timed::Inference, batch)?.nanoseconds)?;
            Some(times.median.median / batch as f64)
        };
        panels.push(panel(group, format!("time of inference a sample, batches of {batch}"), time, cost));
    }
    panels.retain(|panel| !panel.points.is_empty());
    let axis = if score.is_accuracy { format!("{} in %", score.metric) } else { format!("−{}", score.metric) };
    let svg = draw(group, &panels, &axis, if score.is_accuracy { 100.0 } else { 1.0 }).ok().filter(|_| !panels.is_empty())?;
    Some(Figure {
        name: format!("accuracy-cost-{}.svg", slug(&group.name)),
        title: format!("{} on {} against cost, with the Pareto front", score.metric, group.name),
        svg,
    })
}

fn panel(group: &Group, title: String, text: fn(f64) -> String, cost: impl Fn(&Row) -> Option<f64>) -> Panel {
    let places = places(group, cost);
    let free: Vec<&str> =
        places.iter().filter(|(_, place)| place.cost <= 0.0).filter_map(|(row, _)| group.rows.get(*row)).map(|row| row.label.as_str()).collect();
    let title = if free.is_empty() { title } else { format!("{title}; {} at 0", free.join(", ")) };
    let kept = places.iter().filter(|(_, place)| place.cost > 0.0 && place.score.is_finite());
    let points: Vec<(usize, f64, f64)> = kept.map(|(row, place)| (*row, place.cost, place.score)).collect();
    let front = points.iter().map(|(row, ..)| *row).filter(|&row| dominator(group, &places, row).is_none()).collect();
    Panel { title, text, points, front }
}

fn draw(group: &Group, panels: &[Panel], axis: &str, scale: f64) -> Drawn<String> {
    let mut svg = String::new();
    {
        let width = PANEL.0 * u32::try_from(panels.len()).unwrap_or(1);
        let root = SVGBackend::with_string(&mut svg, (width, PANEL.1)).into_drawing_area();
        root.fill(&WHITE)?;
        for (area, panel) in root.split_evenly((1, panels.len().max(1))).iter().zip(panels) {
            draw_panel(group, area, panel, axis, scale)?;
        }
        root.present()?;
    }
    Ok(svg)
}

fn draw_panel(group: &Group, area: &DrawingArea<SVGBackend<'_>, Shift>, panel: &Panel, axis: &str, scale: f64) -> Drawn<()> {
    let Some(costs) = axes::log_range(panel.points.iter().map(|(_, cost, _)| *cost)) else { return Ok(()) };
    let scores = axes::range(panel.points.iter().map(|(.., score)| score * scale));
    let (right, bottom) = (costs.end, scores.start);
    let style = (FONT, 11).into_font().color(&INK);
    let mut chart = ChartBuilder::on(area).margin(10).x_label_area_size(38).y_label_area_size(46).build_cartesian_2d(costs.log_scale(), scores)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(INK.mix(0.12))
        .axis_style(INK.mix(0.6))
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&|cost| (panel.text)(*cost))
        .x_desc(&panel.title)
        .y_desc(axis)
        .label_style(style.clone())
        .axis_desc_style(style.clone())
        .draw()?;
    chart.draw_series(LineSeries::new(stair(panel, scale, right, bottom), INK.mix(0.5)))?;
    let colour = |row: usize| COLOURS[row % COLOURS.len()];
    for &(row, cost, score) in &panel.points {
        let mark = if panel.front.contains(&row) { colour(row).filled() } else { colour(row).stroke_width(1) };
        chart.draw_series([Circle::new((cost, score * scale), 4, mark)])?;
    }
    // In pixels of the plotting area, so that text can be kept apart.
    let plot = chart.plotting_area();
    let (across, down) = plot.get_pixel_range();
    let pixels: Vec<(i32, i32)> = panel
        .points
        .iter()
        .map(|&(_, cost, score)| plot.map_coordinate(&(cost, score * scale)))
        .map(|(x, y)| (x - across.start, y - down.start))
        .collect();
    let names: Vec<String> = panel.points.iter().map(|(row, ..)| group.rows.get(*row).map_or_else(String::new, |row| row.label.clone())).collect();
    let places = labels::places(&pixels, &names, (across.end - across.start, down.end - down.start));
    let (left, top) = area.get_base_pixel();
    let on_area = |(x, y): (i32, i32)| (x + across.start - left, y + down.start - top);
    for (((place, name), (row, ..)), &point) in places.iter().zip(names).zip(&panel.points).zip(&pixels) {
        let at = on_area((place.x, place.y));
        if labels::is_far(point, place) {
            area.draw(&PathElement::new([on_area(point), on_area(place.nearest(point))], colour(*row).stroke_width(1)))?;
        }
        area.draw(&Text::new(name, at, (FONT, 11).into_font().color(&colour(*row))))?;
    }
    Ok(())
}

/// The front as the best score that a budget buys: level up to the next method, then up.
fn stair(panel: &Panel, scale: f64, right: f64, bottom: f64) -> Vec<(f64, f64)> {
    let mut front: Vec<(f64, f64)> =
        panel.points.iter().filter(|(row, ..)| panel.front.contains(row)).map(|&(_, cost, score)| (cost, score * scale)).collect();
    front.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let mut line = Vec::new();
    let mut height = bottom;
    for (cost, score) in front {
        line.extend([(cost, height), (cost, score)]);
        height = score;
    }
    line.push((right, height));
    line
}

#[cfg(test)]
mod tests {
    use super::{super::super::tables::tests::group, *};

    #[test]
    fn every_method_is_named_and_the_front_is_drawn() {
        let figure = accuracy_figure(&group()).unwrap();
        assert_eq!(figure.name, "accuracy-cost-openmoji.svg");
        for text in ["FLOPs of inference a sample", "time of inference a sample, batches of 64", "accuracy in %", "<polyline"] {
            assert!(figure.svg.contains(text), "{text} is not in the figure");
        }
        let mut without = group();
        without.rows.iter_mut().for_each(|row| row.score = None);
        assert_eq!(accuracy_figure(&without), None);
    }

    /// By hand: the front is (1, 50), (3, 60): from the bottom up at 1, level to 3, up, level to the edge.
    #[test]
    fn the_front_is_a_stair() {
        let panel = Panel { title: String::new(), text: flops, points: vec![(1, 3.0, 0.6), (0, 1.0, 0.5), (2, 2.0, 0.4)], front: vec![1, 0] };
        assert_eq!(stair(&panel, 100.0, 4.0, 30.0), [(1.0, 30.0), (1.0, 50.0), (3.0, 50.0), (3.0, 60.0), (4.0, 60.0)]);
    }
}
