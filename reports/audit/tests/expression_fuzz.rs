//! The expression language against texts that nobody wrote: no panic, errors that point into the text, trees that display as themselves, intervals that hold every value.

mod fuzz;

use bench_audit::ledger::builtin;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz::survives(fuzz::small(), "p", &String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn token_soup(seed in any::<u64>()) {
        fuzz::survives(fuzz::small(), "p", &fuzz::soup(&mut fuzz::random(seed)));
    }

    #[test]
    fn mutated_real_expressions(seed in any::<u64>()) {
        let ledger = fuzz::real();
        let mut random = fuzz::random(seed);
        let (paper, text) = fuzz::mutated(&mut random, ledger);
        fuzz::survives(ledger, &paper, &text);
    }

    #[test]
    fn deep_nesting_and_huge_numbers(seed in any::<u64>()) {
        fuzz::survives(fuzz::small(), "p", &fuzz::extreme(&mut fuzz::random(seed)));
    }

    #[test]
    fn intervals_of_valid_expressions_hold_every_value(seed in any::<u64>()) {
        let mut random = fuzz::random(seed);
        let text = fuzz::valid(&mut random);
        fuzz::holds_every_value(&mut random, &text);
    }
}

#[test]
fn real_expressions_survive_as_they_are() {
    let ledger = builtin().unwrap();
    for claim in ledger.claims.iter().filter(|claim| !claim.expr.is_empty()) {
        fuzz::survives(&ledger, &claim.paper, &claim.expr);
    }
}
