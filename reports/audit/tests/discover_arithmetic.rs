use bench_audit::{
    discover::{self, Settings},
    ledger,
};
#[test]
fn show() {
    let ledger = ledger::builtin().unwrap();
    for check in discover::CHECKS {
        let t = std::time::Instant::now();
        let found = (check.find)(&ledger, &Settings::default());
        println!("#### {} {} {:?}", check.name, found.len(), t.elapsed());
        for f in found {
            println!("[{:?}] {} {}: {} || ASSUMES {}", f.strength, f.paper, f.place, f.sentence, f.assumes);
        }
    }
}
