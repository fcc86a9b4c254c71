/*!
A trial's key holds its method's revision, so numbers may not move without a bump: old trials would be reused beside new ones.

`fingerprints.txt` holds, for every method and setting on the toy problem with all kinds of modalities, the card's revision, the objective after three
training steps on samples that lack modalities (some options show on those alone), and the mean square of the answers over all missing patterns (so that
a change of inference shows too).

Trained bits differ between machines, because kernels for other vector units sum in other orders. After three steps both numbers differ by less than 2e-6,
relatively (measured with `ATEN_CPU_CAPABILITY=default`, `ONEDNN_MAX_CPU_ISA=SSE41` and `AVX2`, and `MKL_CBWR=COMPATIBLE`, against an AVX-512 machine's
own choice). No coincidence blows that up: Adam's first steps are as long for a tiny gradient as for a large one, but a gradient so tiny that rounding
turns its sign belongs to a parameter that hardly moves the loss. A tolerance of 1e-4 leaves a fiftyfold margin, and a change of an equation is far
beyond it. A change below it, such as of Adam's `eps`, would pass; but recipes and options are part of a trial's key by themselves.
*/

use std::collections::BTreeMap;

use bench_methods::patterns;

use crate::cases::{self, Case, predict};

/// Relative.
const TOLERANCE: f64 = 1e-4;

/// Lines of `reference task revision objective answers`.
const TABLE: &str = include_str!("fingerprints.txt");

#[derive(Debug, Clone, Copy)]
struct Fingerprint {
    revision: u32,
    objective: f64,
    answers: f64,
}

#[test]
fn numbers_move_only_with_the_method_s_revision() {
    let mut committed = read();
    let mut complaints = Vec::new();
    for case in cases::all().iter().filter(|case| case.problem.arity() == 4) {
        let found = measure(case);
        let line = format!("{} {} {} {:.6e} {:.6e}", case.reference, case.task(), found.revision, found.objective, found.answers);
        match committed.remove(&(case.reference.clone(), case.task().to_string())) {
            None => complaints.push(format!("new, add the line\n  {line}")),
            Some(known) if known.revision != found.revision => {
                complaints.push(format!("revision {} is another, replace by\n  {line}", known.revision))
            }
            Some(known) if !close(known.objective, found.objective) || !close(known.answers, found.answers) => complaints.push(format!(
                "the numbers of revision {} moved from {:.6e} {:.6e}: find what moved them, or bump the card's revision and replace by\n  {line}",
                known.revision, known.objective, known.answers
            )),
            Some(_) => {}
        }
    }
    complaints.extend(committed.keys().map(|(reference, task)| format!("{reference} {task} is no setting any more, remove the line")));
    assert!(complaints.is_empty(), "tests/methods/fingerprints.txt:\n{}", complaints.join("\n"));
}

fn measure(case: &Case) -> Fingerprint {
    let mut method = case.build(42);
    let losses = case.train(method.as_mut(), &case.problem.incomplete_batch(), 4);
    let inputs = case.problem.inputs("original");
    let patterns = patterns::all(case.problem.arity());
    let square = |pattern: &Vec<bool>| predict(method.as_ref(), &inputs.restricted(pattern)).square().mean(tch::Kind::Double).double_value(&[]);
    let answers = patterns.iter().map(square).sum::<f64>() / patterns.len() as f64;
    Fingerprint { revision: case.card.revision, objective: losses.last().copied().unwrap_or(0.0), answers }
}

fn close(known: f64, found: f64) -> bool {
    (known - found).abs() <= TOLERANCE * known.abs()
}

fn read() -> BTreeMap<(String, String), Fingerprint> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let parse = |line: &str| {
        let fields: Vec<&str> = line.split(' ').collect();
        let [reference, task, revision, objective, answers] = fields[..] else { panic!("fingerprints.txt: `{line}` has not five fields") };
        let number = |text: &str| -> f64 { text.parse().unwrap_or_else(|_| panic!("fingerprints.txt: `{text}` in `{line}` is no number")) };
        let print = Fingerprint { revision: number(revision) as u32, objective: number(objective), answers: number(answers) };
        ((reference.to_string(), task.to_string()), print)
    };
    let mut table = BTreeMap::new();
    for (key, print) in lines.map(parse) {
        assert!(table.insert(key.clone(), print).is_none(), "fingerprints.txt: {key:?} stands twice");
    }
    table
}
