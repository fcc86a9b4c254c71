//! Texts for fuzzing the expression language, and what must be true of each. Used by a test with proptest's seeds and by the example `fuzz` for as long as one likes.

use std::sync::OnceLock;

use bench_audit::{
    Ledger,
    expression::{Stop, compile, parse},
    ledger::{builtin, read_folder},
    number::{Interval, Rational, integer},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const TABLE: &str = "paper,table,row_key,col_key,value_raw,std_raw,n_seeds,unit,higher_is_better
p,1,a,v,10.0,1.0,5,,1
p,1,b,v,8.0,0.50,5,,1
p,1,c,v,-3,0.2,5,,1
p,1,d,v,0.5,0.1,5,,1
p,1,a,w,0,,,,1
p,1,b,w,1593,,,samples,1
p,1,c,w,,,,,1
";

/// A generator for one seed.
pub fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A ledger of one small table of paper `p`.
pub fn small() -> &'static Ledger {
    static LEDGER: OnceLock<Ledger> = OnceLock::new();
    LEDGER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tables")).unwrap();
        std::fs::write(folder.path().join("tables/p-table1.csv"), TABLE).unwrap();
        std::fs::write(folder.path().join("facts.toml"), "[pi]\nvalue = 3.14\nsource = \"a book\"\n").unwrap();
        read_folder(folder.path()).unwrap()
    })
}

/// The built-in ledger.
pub fn real() -> &'static Ledger {
    static LEDGER: OnceLock<Ledger> = OnceLock::new();
    LEDGER.get_or_init(|| builtin().unwrap())
}

fn pick<'a, T: ?Sized>(random: &mut ChaCha8Rng, from: &[&'a T]) -> &'a T {
    from[random.random_range(0..from.len())]
}

const WORDS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "*",
    "/",
    " ",
    "\n",
    "\"",
    "\\",
    "1",
    "0",
    "0.5",
    ".",
    "1e9",
    "1e-9",
    "cell",
    "sd",
    "xcell",
    "avg",
    "tot",
    "colsum",
    "best",
    "best_other",
    "rank",
    "rank_row",
    "min",
    "max",
    "abs",
    "sqrt",
    "exp",
    "log",
    "tanh",
    "grim",
    "grim_count",
    "grim_count_row",
    "welch_p",
    "paired_p",
    "onesample_p",
    "two_prop_p",
    "sd_band_log10p",
    "sd_resid",
    "mac_bert_base",
    "mac_resnet50",
    "mac_wav2vec2",
    "has",
    "lit",
    "fact",
    "probe",
    "val",
    "\"t1\"",
    "\"a\"",
    "\"b\"",
    "\"v\"",
    "\"w\"",
    "\"p\"",
    "\"pi\"",
    "\"softmax_uniform\"",
    "\"lh_over_var\"",
    "\"85.04\"",
    "cell(\"t1\",\"a\",\"v\")",
    "é",
    "\u{2212}",
    "\u{0}",
];

/// Words of the language in any order.
pub fn soup(random: &mut ChaCha8Rng) -> String {
    (0..random.random_range(0..40)).map(|_| pick(random, WORDS)).collect()
}

/// A built-in expression with pieces deleted, doubled, swapped or spliced in from another, and its paper.
pub fn mutated(random: &mut ChaCha8Rng, ledger: &Ledger) -> (String, String) {
    let written: Vec<_> = ledger.claims.iter().filter(|claim| !claim.expr.is_empty()).collect();
    let claim = written[random.random_range(0..written.len())];
    let other: Vec<char> = written[random.random_range(0..written.len())].expr.chars().collect();
    let mut text: Vec<char> = claim.expr.chars().collect();
    for _ in 0..random.random_range(1..4) {
        let from = random.random_range(0..=text.len());
        let to = (from + random.random_range(0..12)).min(text.len());
        match random.random_range(0..5) {
            0 => drop(text.drain(from..to)),
            1 => {
                let piece: Vec<char> = text[from..to].to_vec();
                text.splice(to..to, piece);
            }
            2 => {
                let place = random.random_range(0..=text.len());
                if let Some(c) = text.get(place).copied() {
                    text[place] = text.get(from).copied().unwrap_or(c);
                }
            }
            3 => {
                let start = random.random_range(0..=other.len());
                let end = (start + random.random_range(0..40)).min(other.len());
                text.splice(from..to, other[start..end].iter().copied());
            }
            _ => drop(text.splice(from..to, pick(random, WORDS).chars())),
        }
    }
    (claim.paper.clone(), text.into_iter().collect())
}

/// Deep nesting, long chains and numbers at the limits.
pub fn extreme(random: &mut ChaCha8Rng) -> String {
    let count = random.random_range(0..3000);
    let number =
        pick(random, &["9", "1e64", "1e-64", "0", "1e65", &"7".repeat(64), &"7".repeat(65), "1e99999999999", "cell(\"t1\",\"a\",\"v\")", "sqrt(2)"])
            .to_owned();
    let deep = random.random_range(0..60);
    match random.random_range(0..7) {
        0 => format!("{}{number}{}", "(".repeat(count), ")".repeat(count)),
        1 => format!("{}{number}", "-".repeat(deep)),
        2 => format!("{}{number}{}", "abs(".repeat(deep), ")".repeat(deep)),
        3 => format!("{}{number}", format!("{number}*").repeat(count.min(400))),
        4 => format!("{}{number}", format!("{number}/3+").repeat(count.min(100))),
        5 => format!("{}{number}{}", "exp(".repeat(deep), ")".repeat(deep)),
        _ => format!("max({}{number})", format!("{number}*cell(\"t1\",\"b\",\"v\"),").repeat(count.min(60))),
    }
}

/// An expression that means something, over the small table.
pub fn valid(random: &mut ChaCha8Rng) -> String {
    let depth = random.random_range(1..5);
    part(random, depth)
}

fn part(random: &mut ChaCha8Rng, depth: u32) -> String {
    if depth == 0 || random.random_bool(0.2) {
        return pick(
            random,
            &[
                "1",
                "0.3",
                "2.5",
                "lit(\"0.5\")",
                "lit(\"1.00\")",
                "sd(\"t1\",\"a\",\"v\")",
                "cell(\"t1\",\"a\",\"v\")",
                "cell(\"t1\",\"b\",\"v\")",
                "cell(\"t1\",\"c\",\"v\")",
                "cell(\"t1\",\"d\",\"v\")",
                "cell(\"t1\",\"a\",\"w\")",
                "best(\"t1\",\"v\")",
                "best_other(\"t1\",\"a\",\"v\")",
                "colsum(\"t1\",[\"a\",\"d\"],\"v\")",
                "avg(\"t1\",\"a\",[\"v\",\"w\"])",
                "rank(\"t1\",\"b\",\"w\")",
                "fact(\"pi\")",
            ],
        )
        .to_owned();
    }
    let mut next = || part(random, depth - 1);
    let (a, b) = (next(), next());
    match random.random_range(0..12) {
        0 | 1 => format!("({a}+{b})"),
        2 | 3 => format!("({a}-{b})"),
        4 | 5 => format!("{a}*{b}"),
        6 => format!("{a}/{b}"),
        7 => format!("max({a},{b})"),
        8 => format!("min({a},{b})"),
        9 => format!("abs({a}-{b})"),
        10 => format!("-{a}"),
        _ => format!("{}({a}/10)", pick(random, &["exp", "tanh", "sqrt", "log"])),
    }
}

/// Whatever the text: an error points into it, or the tree displays as itself, and it can be evaluated or not without a panic.
pub fn survives(ledger: &Ledger, paper: &str, text: &str) {
    let points = |span: &std::ops::Range<usize>| {
        assert!(span.start <= span.end && text.get(span.clone()).is_some(), "{span:?} is not a part of {text:?}");
    };
    match parse(text) {
        Ok(tree) => assert_eq!(parse(&tree.to_string()).as_ref(), Ok(&tree), "{text:?}"),
        Err(error) => {
            points(&error.span);
            assert!(error.pointed(text).contains('^'), "{text:?}");
        }
    }
    match compile(ledger, paper, text) {
        Ok(compiled) => match compiled.program.range() {
            Ok(range) => assert!(range.interval.contains(&compiled.program.value()), "{text:?}"),
            Err(undefined) => points(&undefined.span),
        },
        Err(Stop::Mistake(error)) => {
            points(&error.span);
            assert!(error.pointed(text).contains('^'), "{text:?}");
        }
        Err(Stop::Missing { span, .. }) => points(&span),
    }
}

/// The interval with shared unknowns lies within the plain one and holds the values at random places of the box.
pub fn holds_every_value(random: &mut ChaCha8Rng, text: &str) {
    survives(small(), "p", text);
    let Ok(compiled) = compile(small(), "p", text) else { return };
    let program = compiled.program;
    let Ok(range) = program.range() else { return };
    if let Ok(plain) = program.over(&program.intervals()) {
        assert!(plain.lo <= range.interval.lo && range.interval.hi <= plain.hi, "{text}: {range:?} is not within {plain:?}");
    }
    for _ in 0..100 {
        let place: Vec<Interval> = program.intervals().iter().map(|interval| Interval::point(within(random, interval))).collect();
        if let Ok(value) = program.over(&place) {
            // Elementary functions are known to a few units in the last place: their value there is an interval too, and some of it must be inside.
            assert!(range.interval.meets(&value), "{text}: {value:?} at {place:?} is not in {range:?}");
        }
    }
}

/// A number of an interval; its ends every now and then.
fn within(random: &mut ChaCha8Rng, interval: &Interval) -> Rational {
    let part = integer(random.random_range(0..=8)) / integer(8);
    &interval.lo + (&interval.hi - &interval.lo) * part
}
