//! Numbers as people read them: three digits and a unit.

/// Steps of 1000.
const METRIC: [&str; 6] = ["", "k", "M", "G", "T", "P"];
/// Steps of 1024.
const BINARY: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

/// `12.3 MFLOP`.
pub(super) fn flops(count: f64) -> String {
    if count == 0.0 {
        return "0".into();
    }
    let (value, prefix) = scaled(count, 1000.0, &METRIC);
    format!("{} {prefix}FLOP", digits(value, prefix.is_empty()))
}

/// `1.24 M`: numbers, elements.
pub(super) fn count(count: f64) -> String {
    let (value, prefix) = scaled(count, 1000.0, &METRIC);
    format!("{} {prefix}", digits(value, prefix.is_empty())).trim_end().to_string()
}

/// `63.1 k`, `1.06`: samples a second.
pub(super) fn rate(a_second: f64) -> String {
    if a_second < 999.5 { digits(a_second, false) } else { count(a_second) }
}

/// `3.91 MiB`.
pub(super) fn bytes(count: u64) -> String {
    if count == 0 {
        return "0".into();
    }
    let (value, unit) = scaled(count as f64, 1024.0, &BINARY);
    format!("{} {unit}", digits(value, unit == "B"))
}

/// `1.24 ms`.
pub(super) fn time(nanoseconds: f64) -> String {
    let (scale, unit) = time_unit(nanoseconds);
    format!("{} {unit}", digits(nanoseconds / scale, unit == "ns"))
}

/// `1.24 [1.20, 1.31] ms`: all three in the unit of the first.
pub(super) fn time_with_interval(nanoseconds: f64, interval: Option<(f64, f64)>) -> String {
    let Some((low, high)) = interval else { return time(nanoseconds) };
    let (scale, unit) = time_unit(nanoseconds);
    let text = |value: f64| digits(value / scale, unit == "ns");
    format!("{} [{}, {}] {unit}", text(nanoseconds), text(low), text(high))
}

fn time_unit(nanoseconds: f64) -> (f64, &'static str) {
    match nanoseconds.abs() {
        time if time < 999.5 => (1.0, "ns"),
        time if time < 999.5e3 => (1e3, "µs"),
        time if time < 999.5e6 => (1e6, "ms"),
        _ => (1e9, "s"),
    }
}

/// `value` in the largest unit that leaves at least 1 after rounding to three digits.
fn scaled<'a>(value: f64, step: f64, units: &[&'a str]) -> (f64, &'a str) {
    let mut value = value;
    let mut at = 0;
    while value.abs() >= step - 0.5 && at + 1 < units.len() {
        value /= step;
        at += 1;
    }
    (value, units.get(at).copied().unwrap_or_default())
}

/// Three significant digits, or a whole number where nothing was divided.
fn digits(value: f64, whole: bool) -> String {
    let decimals = match value.abs() {
        _ if whole => 0,
        size if size < 9.995 => 2,
        size if size < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit() {
        assert_eq!(
            [0.0, 12.0, 999.0, 1000.0, 12_345_678.0, 999_700.0, 24.4e9].map(flops),
            ["0", "12 FLOP", "999 FLOP", "1.00 kFLOP", "12.3 MFLOP", "1.00 MFLOP", "24.4 GFLOP"]
        );
        assert_eq!([0, 512, 1536, 4_100_000].map(bytes), ["0", "512 B", "1.50 KiB", "3.91 MiB"]);
        assert_eq!([0.0, 850.0, 1240.0, 1.24e6, 2.5e9].map(time), ["0 ns", "850 ns", "1.24 µs", "1.24 ms", "2.50 s"]);
        assert_eq!([0.376, 21.3, 598.2, 63_085.0].map(rate), ["0.38", "21.3", "598", "63.1 k"]);
        assert_eq!([7.0, 1000.0, 1_240_000.0].map(count), ["7", "1.00 k", "1.24 M"]);
    }

    #[test]
    fn an_interval_shares_its_medians_unit() {
        assert_eq!(time_with_interval(1.0e6, Some((0.9e6, 1.2e6))), "1.00 [0.90, 1.20] ms");
        assert_eq!(time_with_interval(1.0e6, None), "1.00 ms");
    }
}
