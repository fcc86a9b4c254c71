/*!
How cost grows with one thing (modalities, features, steps, samples in a batch).

A power law is a line in log–log axes, exponential growth one in log axes against the thing itself. Both have two parameters, so which fits better is the one
that leaves less behind. Counts have no noise: what an interval around their exponent shows is curvature, such as a constant part that fades.
*/

use super::{
    Record, Table, Value,
    units::{bytes, flops, time},
};
use crate::statistics::{distributions::student_t_quantile, mean};

/// A line fitted to logarithms to base 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law {
    /// Exponent of a power law; doublings a unit of exponential growth.
    pub slope: f64,
    /// 95 % t-interval of the slope (n − 2 degrees of freedom); `None` for fewer than 3 points.
    pub interval: Option<(f64, f64)>,
    /// log₂ of the cost where the law's axis is 0.
    pub intercept: f64,
    /// Root mean square of what is left, in doublings.
    pub residual: f64,
}

/// What growth is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowthUnit {
    /// FLOPs.
    Flops,
    /// Nanoseconds.
    Time,
    /// Bytes.
    Bytes,
}

/// One point: how much there was, and the cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GrowthPoint {
    /// E.g. modalities.
    pub x: f64,
    /// In the quantity's unit.
    pub cost: f64,
}

/// One method's growth in one quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// As in tables.
    pub method: String,
    /// E.g. `FLOPs of inference`.
    pub quantity: &'static str,
    /// Its unit.
    pub unit: GrowthUnit,
    /// Ascending.
    pub points: Vec<GrowthPoint>,
}

/// cost = 2^intercept · x^slope by least squares on logarithms; `None` for fewer than 2 points with different x, or a number that is not above 0.
pub fn power_law(points: &[GrowthPoint]) -> Option<Law> {
    line(points.iter().map(|point| (point.x.log2(), point.cost.log2())))
}

/// cost = 2^(intercept + slope · x); `None` as for [`power_law()`].
pub fn exponential_law(points: &[GrowthPoint]) -> Option<Law> {
    line(points.iter().map(|point| (point.x, point.cost.log2())))
}

/// Exponents between neighbouring points: log(cost₂ / cost₁) / log(x₂ / x₁). One exponent for all hides a constant part; these show it fade.
pub fn local_exponents(points: &[GrowthPoint]) -> Vec<f64> {
    points.windows(2).map(|pair| (pair[1].cost / pair[0].cost).ln() / (pair[1].x / pair[0].x).ln()).collect()
}

fn line(points: impl Iterator<Item = (f64, f64)>) -> Option<Law> {
    let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
    if x.iter().chain(&y).any(|value| !value.is_finite()) {
        return None;
    }
    let (centre, height) = (mean(&x), mean(&y));
    let spread: f64 = x.iter().map(|x| (x - centre).powi(2)).sum();
    if x.len() < 2 || spread <= 0.0 {
        return None;
    }
    let slope = x.iter().zip(&y).map(|(x, y)| (x - centre) * (y - height)).sum::<f64>() / spread;
    let intercept = height - slope * centre;
    let left: f64 = x.iter().zip(&y).map(|(x, y)| (y - intercept - slope * x).powi(2)).sum();
    let freedom = x.len() as f64 - 2.0;
    let interval = (freedom > 0.0).then(|| {
        let half = student_t_quantile(0.975, freedom) * (left / freedom / spread).sqrt();
        (slope - half, slope + half)
    });
    Some(Law { slope, interval, intercept, residual: (left / x.len() as f64).sqrt() })
}

/// One table a quantity: exponent with its interval, local exponents at both ends, what a doubling multiplies the cost by; for modalities also the factor a modality and
/// which law fits better. `variable` is what grew, e.g. `modalities`; `refused` are points that a method did not take, with the reason.
pub fn growth_tables(growths: &[Growth], variable: &str, refused: &[String]) -> Vec<Table> {
    let mut quantities: Vec<&'static str> = Vec::new();
    for growth in growths {
        if !quantities.contains(&growth.quantity) {
            quantities.push(growth.quantity);
        }
    }
    let is_modalities = variable == "modalities";
    let mut found: Vec<Table> = quantities
        .into_iter()
        .map(|quantity| {
            let mut heads = vec!["method", "from", "to", "exponent", "first local", "last local", "last doubling × "];
            heads.extend(is_modalities.then_some(["a modality × ", "fits better"]).into_iter().flatten());
            let mut table = Table::new(format!("{quantity} by {variable}"), &heads);
            table.rows.extend(growths.iter().filter(|growth| growth.quantity == quantity).map(|growth| row(growth, is_modalities)));
            table
        })
        .collect();
    if let Some(first) = found.first_mut() {
        first.notes.push(
            "Exponent: slope of log cost over log x with its 95 % t-interval; counts have no noise, so there it shows curvature. Local: between the first two and the last \
             two points. Last doubling: 2 to the last local exponent."
                .into(),
        );
        first.notes.extend(
            is_modalities
                .then(|| "A modality multiplies by 2^slope of log₂ cost over modalities; the better law leaves the smaller residual.".into()),
        );
        first.notes.extend(refused.iter().cloned());
    }
    found
}

fn row(growth: &Growth, is_modalities: bool) -> Vec<String> {
    let points = &growth.points;
    let place = |point: Option<&GrowthPoint>| point.map_or_else(|| "–".into(), |point| format!("{} at {}", growth.unit.text(point.cost), point.x));
    let local = local_exponents(points);
    let number = |value: Option<f64>| value.filter(|value| value.is_finite()).map_or_else(|| "–".into(), |value| format!("{value:.2}"));
    let (power, exponential) = (power_law(points), exponential_law(points));
    let exponent = power.map_or_else(
        || "–".into(),
        |law| law.interval.map_or_else(|| format!("{:.2}", law.slope), |(low, high)| format!("{:.2} [{low:.2}, {high:.2}]", law.slope)),
    );
    let mut cells = vec![
        growth.method.clone(),
        place(points.first()),
        place(points.last()),
        exponent,
        number(local.first().copied()),
        number(local.last().copied()),
        number(local.last().map(|slope| slope.exp2())),
    ];
    if is_modalities {
        cells.push(number(exponential.map(|law| law.slope.exp2())));
        let better = power.zip(exponential).filter(|_| points.len() > 2);
        cells.push(better.map_or("–", |(power, exponential)| if power.residual <= exponential.residual { "power" } else { "exponential" }).into());
    }
    cells
}

/// The same for programs: tables `growth` (points) and `fit`.
pub fn growth_records(growths: &[Growth], variable: &str) -> Vec<Record> {
    let mut found = Vec::new();
    for growth in growths {
        let start = |table: &'static str, part: String, quantity: &'static str, value: Option<f64>| Record {
            table,
            dataset: format!("scale {variable}"),
            method: growth.method.clone(),
            what: growth.quantity.into(),
            batch: None,
            pattern: String::new(),
            part,
            quantity,
            value: value.filter(|value| value.is_finite()).map_or(Value::Absent, Value::Number),
        };
        found.extend(
            growth
                .points
                .iter()
                .map(|point| Record { value: growth.unit.value(point.cost), ..start("growth", point.x.to_string(), growth.unit.name(), None) }),
        );
        for (law, fitted) in [("power", power_law(&growth.points)), ("exponential", exponential_law(&growth.points))] {
            let at = |quantity, value| start("fit", law.into(), quantity, value);
            found.extend([
                at("slope", fitted.map(|law| law.slope)),
                at("low", fitted.and_then(|law| law.interval).map(|interval| interval.0)),
                at("high", fitted.and_then(|law| law.interval).map(|interval| interval.1)),
                at("residual_doublings", fitted.map(|law| law.residual)),
            ]);
        }
    }
    found
}

impl GrowthUnit {
    /// With its unit, for people.
    pub(super) fn text(self, cost: f64) -> String {
        match self {
            Self::Flops => flops(cost),
            Self::Time => time(cost),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes that were a whole number")]
            Self::Bytes => bytes(cost as u64),
        }
    }

    /// Counts were whole numbers before they were fitted, far below 2⁵³.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number from 0")]
    fn value(self, cost: f64) -> Value {
        if self == Self::Time { Value::Number(cost) } else { Value::Count(cost as u64) }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Flops => "flops",
            Self::Time => "ns",
            Self::Bytes => "bytes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(of: impl Fn(f64) -> f64, at: &[f64]) -> Vec<GrowthPoint> {
        at.iter().map(|&x| GrowthPoint { x, cost: of(x) }).collect()
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn an_exact_law_is_found_exactly() {
        let law = power_law(&points(|x| 5.0 * x.powi(2), &[1.0, 2.0, 4.0, 8.0])).unwrap();
        close(law.slope, 2.0);
        close(law.intercept.exp2(), 5.0);
        close(law.interval.unwrap().1, 2.0);
        let law = exponential_law(&points(|x| 3.0 * x.exp2(), &[2.0, 3.0, 4.0, 6.0, 8.0])).unwrap();
        close(law.slope, 1.0);
        close(law.residual, 0.0);
    }

    /// By hand: (x, y) = (0, 0), (1, 2), (2, 1) in logarithms: slope ½, intercept ½, residuals −½, 1, −½; their squares sum to 3/2 with one degree of
    /// freedom, Sxx = 2, so the standard error is √¾; t(0.975, 1) = tan(0.475 π) = 12.7062.
    #[test]
    fn the_interval_is_the_textbooks() {
        let law = power_law(&[(1.0, 1.0), (2.0, 4.0), (4.0, 2.0)].map(|(x, cost)| GrowthPoint { x, cost })).unwrap();
        let half = (0.475 * std::f64::consts::PI).tan() * 0.75_f64.sqrt();
        close(law.slope, 0.5);
        close(law.intercept, 0.5);
        let (low, high) = law.interval.unwrap();
        assert!((low - (0.5 - half)).abs() < 1e-6 && (high - (0.5 + half)).abs() < 1e-6, "{low} {high}");
    }

    /// 1000 + x: the one exponent is far from 1, the local ones go from 0 to 1.
    #[test]
    fn local_exponents_show_a_constant_fade() {
        let points = points(|x| 1000.0 + x, &[1.0, 10.0, 1e3, 1e5, 1e7]);
        let local = local_exponents(&points);
        assert!(local[0] < 0.01 && local[3] > 0.99, "{local:?}");
        assert!(power_law(&points).unwrap().slope < 0.7);
    }

    #[test]
    fn which_law_fits_is_said_for_modalities() {
        let growth = |method: &str, of: fn(f64) -> f64| Growth {
            method: method.into(),
            quantity: "FLOPs of inference",
            unit: GrowthUnit::Flops,
            points: points(of, &[2.0, 3.0, 4.0, 6.0, 8.0]),
        };
        let tables =
            growth_tables(&[growth("linear", |x| 7.0 * x), growth("subsets", |x| 7.0 * x.exp2())], "modalities", &["m at 8: n/a (too many)".into()]);
        assert_eq!(tables[0].rows[0].last().unwrap(), "power");
        assert_eq!(tables[0].rows[1][7..], ["2.00", "exponential"]);
        assert_eq!(tables[0].rows[0][1], "14 FLOP at 2");
        assert!(tables[0].notes.contains(&"m at 8: n/a (too many)".into()));
    }

    #[test]
    fn nothing_is_fitted_to_too_little() {
        assert_eq!(power_law(&points(|x| x, &[2.0])), None);
        assert_eq!(power_law(&points(|x| x, &[2.0, 2.0])), None);
        assert_eq!(power_law(&points(|_| 0.0, &[1.0, 2.0, 3.0])), None);
        assert_eq!(power_law(&points(|x| x, &[1.0, 2.0])).unwrap().interval, None);
    }
}
