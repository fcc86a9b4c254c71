/*!
How often each check of discovery reports something on honest papers.

`cargo run -p bench-audit --example honest -- --papers 2000 [--from KEY] [--show CHECK]`

Prints, for each check, the papers with a finding that counts, by exact arithmetic and by chance, their share with a 95 % interval (Clopper and Pearson), and the
papers with an open finding, which does not count.
`--show` prints every finding of one check that counts.
*/

use std::process::ExitCode;

use bench_audit::{
    discover::{CHECKS, Settings, Strength},
    simulate::honest,
};

fn main() -> ExitCode {
    match options(std::env::args().skip(1)) {
        Ok((papers, from, show)) => {
            measure(papers, from, show.as_deref());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Result<(u64, u64, Option<String>), String> {
    let (mut papers, mut from, mut show) = (2000, 0, None);
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word} needs a whole number, not \"{value}\""));
        match word.as_str() {
            "--papers" => papers = number()?.max(1),
            "--from" => from = number()?,
            "--show" => show = Some(value),
            _ => return Err(format!("unknown option {word}; there are --papers, --from and --show")),
        }
    }
    Ok((papers, from, show))
}

fn measure(papers: u64, from: u64, show: Option<&str>) {
    let settings = Settings::default();
    // Papers with a finding of exact arithmetic, with one of chance, and with an open one.
    let mut counts = vec![[0_u64; 3]; CHECKS.len()];
    for key in from..from + papers {
        let (ledger, habits) = honest(key);
        for (check, counted) in CHECKS.iter().zip(&mut counts) {
            let findings = (check.find)(&ledger, &settings);
            let kinds: [fn(Strength) -> bool; 3] =
                [|strength| strength == Strength::Exact, |strength| matches!(strength, Strength::Chance(_)), |strength| strength == Strength::Open];
            for (count, is) in counted.iter_mut().zip(kinds) {
                *count += u64::from(findings.iter().any(|finding| is(finding.strength)));
            }
            if show == Some(check.name) {
                for finding in findings.iter().filter(|finding| finding.counts()) {
                    println!("paper {key}: {} ({:?})\n  {}\n  {habits:?}", finding.place, finding.strength, finding.sentence);
                }
            }
        }
    }
    println!("{papers} honest papers, keys {from} to {}", from + papers - 1);
    println!("| check | exact (stated: 0) | by chance (stated: at most {} of papers) | rate of both | 95 % interval | open |", settings.alpha);
    println!("|---|---|---|---|---|---|");
    for (check, [exact, chance, open]) in CHECKS.iter().zip(&counts) {
        let both = exact + chance;
        let (lo, hi) = interval(both, papers);
        println!("| {} | {exact} | {chance} | {:.4} | {lo:.4} to {hi:.4} | {open} |", check.name, both as f64 / papers as f64);
    }
}

/// The exact interval of a share, from the binomial distribution (Clopper and Pearson, Biometrika 26(4), 1934).
fn interval(found: u64, of: u64) -> (f64, f64) {
    let at_most = |share: f64, most: u64| -> f64 {
        let (mut term, mut sum) = ((of as f64) * (-share).ln_1p(), 0.0);
        for count in 0..=most {
            sum += term.exp();
            term += ((of - count) as f64 / (count + 1) as f64).ln() + (share / (1.0 - share)).ln();
        }
        sum
    };
    let solve = |above: &dyn Fn(f64) -> bool| {
        let (mut lo, mut hi) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = f64::midpoint(lo, hi);
            if above(middle) { hi = middle } else { lo = middle }
        }
        lo
    };
    let lo = if found == 0 { 0.0 } else { solve(&|share| 1.0 - at_most(share, found - 1) > 0.025) };
    let hi = if found == of { 1.0 } else { solve(&|share| at_most(share, found) < 0.025) };
    (lo, hi)
}
