//! Verdicts of the built-in claims as CSV on standard output, and on standard error how long reading and judging took.

use std::{error::Error, time::Instant};

use bench_audit::{ledger::builtin, number::nearest, verdict::judge_all};

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let ledger = builtin()?;
    let read = start.elapsed();
    let judgements = judge_all(&ledger)?;
    let judged = start.elapsed() - read;
    let mut writer = csv::Writer::from_writer(std::io::stdout());
    writer.write_record(["id", "verdict", "value", "lo", "hi", "reason"])?;
    for judgement in &judgements {
        let [value, lo, hi] = judgement
            .recomputed
            .as_ref()
            .map_or_else(Default::default, |found| [&found.value, &found.range.lo, &found.range.hi].map(|number| format!("{}", nearest(number))));
        writer.write_record([judgement.claim.id.as_str(), judgement.verdict.name(), &value, &lo, &hi, &judgement.reason])?;
    }
    writer.flush()?;
    eprintln!("{} claims: read in {read:.1?}, judged in {judged:.1?}", judgements.len());
    Ok(())
}
