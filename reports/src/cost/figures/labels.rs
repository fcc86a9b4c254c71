//! Where labels go so that they cover neither each other nor a point.

/// Of a letter at 11 pixels, somewhat more than the average.
const LETTER: i32 = 7;
/// Of a line of text.
const HEIGHT: i32 = 13;
/// Between a point and its label.
const GAP: i32 = 7;

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    width: i32,
    height: i32,
}

impl Place {
    /// The place of it nearest to a point.
    pub fn nearest(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (x.clamp(self.x, self.x + self.width), y.clamp(self.y, self.y + self.height))
    }

    /// Pixels that both cover.
    fn overlap(&self, other: &Self) -> i32 {
        let side =
            |start: i32, length: i32, other_start: i32, other_length: i32| (start + length).min(other_start + other_length) - start.max(other_start);
        let (across, down) = (side(self.x, self.width, other.x, other.width), side(self.y, self.height, other.y, other.height));
        if across > 0 && down > 0 { across * down } else { 0 }
    }
}

/// A place for each label beside its point, one after another where it covers least of what is there already; `area` is width and height.
pub fn places(points: &[(i32, i32)], labels: &[String], area: (i32, i32)) -> Vec<Place> {
    let marks: Vec<Place> = points.iter().map(|&(x, y)| Place { x: x - 4, y: y - 4, width: 8, height: 8 }).collect();
    let mut taken: Vec<Place> = Vec::new();
    for (&(x, y), label) in points.iter().zip(labels) {
        let width = LETTER * i32::try_from(label.chars().count()).unwrap_or(1);
        let candidates = (0..6).flat_map(|far| {
            let away = far * HEIGHT;
            [
                // Above or below the height of the point, where a level line may run.
                (x + GAP, y - HEIGHT - 1 - away),
                (x + GAP, y + 1 + away),
                (x - GAP - width, y - HEIGHT - 1 - away),
                (x - GAP - width, y + 1 + away),
                (x - width / 2, y - GAP - HEIGHT - away),
                (x - width / 2, y + GAP + away),
            ]
        });
        let cost = |place: &Place| {
            let inside = place.x >= 0 && place.y >= 0 && place.x + place.width <= area.0 && place.y + place.height <= area.1;
            taken.iter().chain(&marks).map(|other| place.overlap(other)).sum::<i32>() + if inside { 0 } else { 10_000 }
        };
        let best = candidates.map(|(x, y)| Place { x, y, width, height: HEIGHT }).min_by_key(cost);
        taken.extend(best);
    }
    taken
}

/// Whether a label is so far from its point that a line should join them.
pub fn is_far(point: (i32, i32), place: &Place) -> bool {
    let (x, y) = place.nearest(point);
    (x - point.0).abs().max((y - point.1).abs()) > GAP + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_points_close_together_do_not_overlap() {
        let points = [(100, 100), (103, 102), (106, 99), (280, 10), (5, 190)];
        let labels = ["concat", "late", "raml/no-sparsity", "unimodal/image", "prior"].map(String::from);
        let found = places(&points, &labels, (300, 200));
        assert!(!is_far(points[3], &found[3]) && is_far((0, 0), &found[0]));
        for (at, place) in found.iter().enumerate() {
            assert!(found[at + 1..].iter().all(|other| place.overlap(other) == 0), "{found:?}");
            assert!(place.x >= 0 && place.y >= 0 && place.x + place.width <= 300 && place.y + place.height <= 200, "{place:?}");
        }
    }
}
