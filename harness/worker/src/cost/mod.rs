/*!
FLOPs as libtorch executes them: each operation's name and shapes come from the dispatcher, its work from a rule by name.

FLOPs are 2 × multiply-accumulates of matrix products, convolutions, attention, recurrent layers and solves. Element-wise work and reductions are counted beside
them, as elements. An operation without a rule is listed with its calls, so that nothing is silently zero.
*/

mod attention;
mod convolution;
mod elements;
mod matmul;
mod recurrent;
mod solve;

use std::collections::BTreeMap;

use bench_native::{Operation, Origin, Phase, Recording};
use bench_store::profile::{Family, FamilyWork, Work};

use crate::failure::Failure;

/// What an operation's shapes say about its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// FLOPs, and elements of element-wise work beside them.
    Flops { flops: u64, elements: u64 },
    /// Element-wise work or a reduction over so many elements.
    Elements(u64),
    /// Values are moved, made or looked at; no arithmetic.
    Move,
}

/// How one operation is counted.
struct Rule {
    names: &'static [&'static str],
    family: Family,
    /// `None` where the arguments are not those that the rule knows.
    count: fn(&Operation) -> Option<Count>,
}

const RULES: &[&[Rule]] = &[matmul::RULES, convolution::RULES, attention::RULES, recurrent::RULES, solve::RULES];

/// Names of all operations with a rule.
fn ruled() -> impl Iterator<Item = String> {
    let counted = RULES.iter().flat_map(|rules| rules.iter()).flat_map(|rule| rule.names.iter());
    counted.map(ToString::to_string).chain(elements::names())
}

fn count(operation: &Operation) -> Option<(Family, Count)> {
    let rules = RULES.iter().flat_map(|rules| rules.iter());
    match rules.into_iter().find(|rule| rule.names.contains(&operation.name.as_str())) {
        Some(rule) => Some((rule.family, (rule.count)(operation)?)),
        None => Some((Family::Own, elements::count(operation)?)),
    }
}

/// Work by phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phases {
    /// Outside the two others.
    pub forward: Work,
    /// Within backward passes.
    pub backward: Work,
    /// Within optimiser steps and clipping.
    pub optimiser: Work,
}

/// Runs `work` and counts what it executes; `look` sees the recording before it ends.
///
/// # Errors
/// What `work` fails with, or libtorch refuses to be recorded.
pub fn counted<T>(work: impl FnOnce() -> Result<T, Failure>, look: impl FnOnce(&Recording)) -> Result<(T, Phases), Failure> {
    let recording = Recording::start(ruled()).map_err(Failure::trial)?;
    let answer = work()?;
    look(&recording);
    Ok((answer, phases(&recording.finish())))
}

/// The work of recorded operations.
fn phases(operations: &[Operation]) -> Phases {
    let of = |phase: Phase| work(operations.iter().filter(|operation| operation.phase == phase));
    Phases { forward: of(Phase::Forward), backward: of(Phase::Backward), optimiser: of(Phase::Optimiser) }
}

fn work<'a>(operations: impl Iterator<Item = &'a Operation>) -> Work {
    let mut families: BTreeMap<Family, (u64, u64)> = BTreeMap::new();
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    let mut work = Work::default();
    for operation in operations {
        let calls = operation.calls;
        let mut add = |family: Family, flops: u64| {
            let (sum, times) = families.entry(family).or_default();
            *sum += flops;
            *times += calls;
        };
        match (operation.origin, count(operation)) {
            (Origin::Own(flops), _) => add(Family::Own, flops),
            (Origin::Ruled, Some((family, Count::Flops { flops, elements }))) => {
                add(family, flops * calls);
                work.elementwise += elements * calls;
            }
            (Origin::Ruled, Some((_, Count::Elements(elements)))) => work.elementwise += elements * calls,
            (Origin::Ruled, Some((_, Count::Move))) => work.moves += calls,
            _ => *unknown.entry(operation.name.clone()).or_default() += calls,
        }
    }
    work.flops = families.into_iter().map(|(family, (flops, calls))| FamilyWork { family, flops, calls }).collect();
    work.unknown = unknown.into_iter().collect();
    work
}

/// Product of lengths.
fn product(shape: &[i64]) -> u64 {
    shape.iter().map(|&length| length.max(0) as u64).product()
}

/// The shape of an operation's argument number `at`.
fn shape(operation: &Operation, at: usize) -> Option<&[i64]> {
    operation.inputs.get(at)?.shape()
}

/// FLOPs of multiply-accumulates.
fn macs(macs: u64) -> Count {
    Count::Flops { flops: 2 * macs, elements: 0 }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind, Tensor};

    use super::*;

    fn of(work: impl FnOnce()) -> Phases {
        let run = || {
            work();
            Ok(())
        };
        counted(run, |_| {}).unwrap_or_else(|_| panic!("nothing here fails")).1
    }

    fn tensor(shape: &[i64]) -> Tensor {
        Tensor::ones(shape, (Kind::Float, Device::Cpu))
    }

    /// By hand: x [5, 3] Wᵀ [3, 4] is 60 multiply-accumulates and a bias over 20 elements; backward by W alone as much, by both twice as much.
    #[test]
    fn a_linear_layer_forward_and_backward() {
        for (input_wants, factor) in [(false, 1), (true, 2)] {
            let (input, weight, bias) = (tensor(&[5, 3]).set_requires_grad(input_wants), tensor(&[4, 3]).set_requires_grad(true), tensor(&[4]));
            let counts = of(|| input.linear(&weight, Some(&bias)).sum(Kind::Float).backward());
            assert_eq!(counts.forward.total(), 2 * 60);
            assert_eq!(counts.forward.elementwise, 20 + 20, "bias and sum");
            assert_eq!(counts.backward.total(), 2 * 60 * factor);
            assert_eq!(counts.optimiser, Work::default());
            assert!(counts.forward.unknown.is_empty() && counts.backward.unknown.is_empty(), "{counts:?}");
        }
    }

    #[test]
    fn an_operation_without_a_rule_is_listed_with_its_calls() {
        let counts = of(|| drop((tensor(&[3]).erfinv(), tensor(&[4]).erfinv())));
        assert_eq!(counts.forward.unknown, [("aten::erfinv".to_string(), 2)]);
    }
}
