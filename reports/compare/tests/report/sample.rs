//! Small evidence with hand-made differences.

use bench_compare::{Cost, Dataset, Evidence, Lacking, Pair, Row, Side};

/// Of a test set whose samples hold 0 or 1: each seed's base and head are right on so many of them, the head on the last ones, so that they agree otherwise.
pub fn row(method: &str, quantity: &str, n_test: usize, right: &[(usize, usize)]) -> Row {
    let values = |right: usize| (0..n_test).map(|at| f64::from(u8::from(at < right))).collect::<Vec<_>>();
    let share = |right: usize| right as f64 / n_test as f64;
    let pairs = right.iter().zip(1..).map(|(&(base, head), seed)| Pair {
        seed,
        base: share(base),
        head: share(head),
        samples: Some((values(base), values(head))),
    });
    Row {
        base: method.into(),
        head: method.into(),
        quantity: quantity.into(),
        conditions: 1,
        identical: false,
        pairs: pairs.collect(),
        unavailable: None,
    }
}

/// The same row as bits that did not change.
pub fn identical(row: Row) -> Row {
    Row { identical: true, ..row }
}

pub fn dataset(name: &str, n_test: usize, rows: Vec<Row>) -> Dataset {
    Dataset { name: name.into(), n_test, groups: None, metric: "accuracy".into(), higher_is_better: true, range: 1.0, rows }
}

pub fn evidence(datasets: Vec<Dataset>) -> Evidence {
    let side = |name: &str| Side { name: name.into(), facts: vec![("suite".into(), "robustness@1".into())] };
    Evidence { base: side("runs/main"), head: side("runs/head"), datasets, costs: Vec::new(), lacking: Vec::new(), notes: Vec::new() }
}

/// Every verdict, a row that is not judged, costs, something lacking and a note.
pub fn all() -> Evidence {
    let quantity = |quantity, right: &[(usize, usize)]| row("raml", quantity, 1000, right);
    let mut away = quantity("attack mean", &[]);
    away.unavailable = Some("needs gradients".into());
    let rows = vec![
        identical(row("concat", "clean", 1000, &[(700, 700), (702, 702), (701, 701)])),
        quantity("clean", &[(800, 700), (802, 701), (801, 703), (799, 698), (800, 701)]),
        quantity("noise mean", &[(700, 701), (702, 701), (701, 702), (700, 700), (699, 700)]),
        quantity("missing macro", &[(600, 640), (602, 600), (601, 580), (600, 620), (590, 600)]),
        quantity("words mean", &[(600, 660), (602, 661), (601, 663), (600, 659), (590, 651)]),
        away,
    ];
    let errors = Dataset {
        groups: Some(("speaker".into(), (0..200).map(|at| at % 4).collect())),
        metric: "MAE".into(),
        higher_is_better: false,
        range: 6.0,
        rows: vec![Row {
            pairs: vec![Pair { seed: 1, base: 0.71, head: 0.72, samples: None }, Pair { seed: 2, base: 0.75, head: 0.71, samples: None }],
            ..row("raml", "clean", 200, &[])
        }],
        ..dataset("mosi-like", 200, Vec::new())
    };
    let cost = |what: &str, unit: &str, values, ratio, interval| Cost {
        dataset: "digits".into(),
        base: "raml".into(),
        head: "raml".into(),
        what: what.into(),
        unit: unit.into(),
        values,
        ratio,
        interval,
    };
    Evidence {
        costs: vec![
            cost("FLOPs of a prediction", "FLOPs", Some((1000.0, 1000.0)), 1.0, None),
            cost("trainable parameters", "parameters", Some((1000.0, 1200.0)), 1.2, None),
            cost("time of a prediction", "", None, 1.01, Some((0.9, 1.12))),
        ],
        lacking: vec![Lacking { side: "head".into(), what: "tmc on digits, seed 3 is not trained".into() }],
        notes: vec!["Both runs trained with the presets of the harness.".into()],
        ..evidence(vec![dataset("digits", 1000, rows), errors])
    }
}
