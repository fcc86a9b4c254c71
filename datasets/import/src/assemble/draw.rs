//! Keyed draws of samples or groups into a split that the files do not have.

use bench_datasets::keyed::Key;

/// Rows of about `count` samples, each class in proportion. A row's place is its random rank within its class over the class's size, as with `?train=N`.
pub fn samples(rows: &[usize], count: usize, split: &str, id: impl Fn(usize) -> String, class: impl Fn(usize) -> u32) -> Vec<usize> {
    let key = Key::new("import").with("split", split);
    let mut drawn: Vec<(u32, f64, usize)> = rows.iter().map(|&row| (class(row), key.clone().with("sample", id(row)).uniform(), row)).collect();
    drawn.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then_with(|| a.2.cmp(&b.2)));
    let mut placed: Vec<(f64, f64, usize)> = Vec::with_capacity(drawn.len());
    for class in drawn.chunk_by(|a, b| a.0 == b.0) {
        let size = class.len() as f64;
        placed.extend(class.iter().enumerate().map(|(rank, &(_, draw, row))| ((rank as f64 + 0.5) / size, draw, row)));
    }
    placed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then_with(|| a.2.cmp(&b.2)));
    placed.into_iter().take(count).map(|(_, _, row)| row).collect()
}

/// Groups that together come as near to `count` samples as a pass in random order does; one at least, and `spare` are left. `groups` has the name and the
/// number of samples of each.
pub fn groups(groups: &[(&str, usize)], count: usize, spare: usize, split: &str) -> Vec<usize> {
    let key = Key::new("import").with("split", split);
    let mut order: Vec<(f64, usize)> = groups.iter().enumerate().map(|(at, (name, _))| (key.clone().with("group", name).uniform(), at)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let limit = groups.len().saturating_sub(spare);
    let (mut taken, mut total) = (Vec::new(), 0_usize);
    for (_, at) in order {
        let size = groups.get(at).map_or(0, |group| group.1);
        if taken.len() < limit && (total + size).abs_diff(count) < total.abs_diff(count) {
            taken.push(at);
            total += size;
        }
    }
    if taken.is_empty() {
        taken.extend((0..groups.len()).min_by_key(|&at| groups.get(at).map_or(0, |group| group.1)));
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_drawn_in_proportion() {
        let rows: Vec<usize> = (0..100).collect();
        // 80 of class 0, 20 of class 1.
        let drawn = samples(&rows, 20, "test", |row| format!("id{row}"), |row| u32::from(row >= 80));
        assert_eq!(drawn.iter().filter(|&&row| row >= 80).count(), 4);
        assert_eq!(drawn.len(), 20);
        assert_ne!(drawn, samples(&rows, 20, "validation", |row| format!("id{row}"), |row| u32::from(row >= 80)));
    }

    #[test]
    fn a_draw_depends_on_ids_and_not_on_their_order() {
        let id = |row: usize| format!("id{row}");
        let mut forward = samples(&(0..50).collect::<Vec<_>>(), 10, "test", id, |_| 0);
        let mut backward = samples(&(0..50).rev().collect::<Vec<_>>(), 10, "test", id, |_| 0);
        forward.sort_unstable();
        backward.sort_unstable();
        assert_eq!(forward, backward);
    }

    #[test]
    fn groups_come_near_to_the_count_and_some_are_left() {
        let sizes: Vec<(String, usize)> = (0..20).map(|at| (format!("g{at}"), 5 + at % 3)).collect();
        let named: Vec<(&str, usize)> = sizes.iter().map(|(name, size)| (name.as_str(), *size)).collect();
        let taken = groups(&named, 24, 1, "test");
        let total: usize = taken.iter().map(|&at| named[at].1).sum();
        assert!(total.abs_diff(24) <= 3, "{total}");
        assert_eq!(groups(&[("a", 10), ("b", 90)], 50, 1, "test").len(), 1);
        assert_eq!(groups(&[("a", 90), ("b", 80)], 20, 1, "test"), [1]);
    }
}
