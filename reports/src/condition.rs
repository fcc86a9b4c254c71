//! A condition as tables and curves know it.

/// What the test set suffers, with its place among the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Canonical form, e.g. `noise(image,0.18)`.
    pub name: String,
    /// `clean`, `noise`, `words`, `missing`, `attack` or `mixed`.
    pub group: String,
    /// Its place on a curve, where one corruption of one modality grows.
    pub point: Option<Point>,
    /// Which modalities are there, in dataset order.
    pub available: Vec<bool>,
    /// Of an attack and nothing else: (modality, ε) in dataset order.
    pub attack: Vec<(usize, f64)>,
}

/// A point of a degradation curve; the clean test set is its level 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The corruption without its level, e.g. `noise(image)`.
    pub curve: String,
    /// Above 0, in the modality's unit.
    pub level: f64,
    /// In words, e.g. `pixels`.
    pub unit: String,
}
