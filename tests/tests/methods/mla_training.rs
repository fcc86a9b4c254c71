//! How MLA trains: who moves when, what the projector takes in, and what the released plug-in does.

use std::collections::BTreeMap;

use bench_methods::{
    Batch, Inputs, Method, Optimisers, Step,
    mla::{Modification, Modifier, Round, Stepper, equations},
    nn::Linear,
};
use tch::{Device, Kind, Tensor};

use crate::{
    cases::{self, Case, bits, contents, distance},
    toy::{self, Problem},
};

/// Three modalities of other kinds, four classes.
fn problem() -> Problem {
    toy::problems().into_iter().find(|problem| problem.arity() == 3 && !problem.regression()).unwrap()
}

fn mla(query: &str) -> Case {
    cases::named(&format!("mla{query}"), &problem())
}

/// The toy rows with only these modalities.
fn with_only(pattern: [bool; 3]) -> Batch {
    let complete = problem().batch();
    Batch { inputs: complete.inputs.restricted(&pattern), ..complete }
}

/// One step a batch, with the recipe's momentum from step to step.
fn run(case: &Case, method: &mut dyn Method, batches: &[Batch]) {
    let mut optimisers = Optimisers::new(method, &case.card.recipe).unwrap();
    cases::seeded(1, || {
        for (at, batch) in batches.iter().enumerate() {
            let step = Step { epoch: 0, epochs: 1, step: at, steps: batches.len() };
            method.train_step(batch, &step, &mut optimisers);
        }
    });
}

fn after(query: &str, batches: &[Batch]) -> Box<dyn Method> {
    let case = mla(query);
    let mut method = case.build(1);
    run(&case, method.as_mut(), batches);
    method
}

fn state(method: &dyn Method, name: &str) -> Tensor {
    method.state().into_iter().find(|(own, _)| own == name).unwrap().1.copy()
}

/// Bits of the parameters whose name begins so; of all, without the state, with an empty beginning.
fn parameters(method: &dyn Method, beginning: &str) -> BTreeMap<String, Vec<u32>> {
    let groups = method.groups();
    let named = groups.iter().flat_map(|group| group.variables.variables());
    named.filter(|(name, _)| name.starts_with(beginning)).map(|(name, tensor)| (name, bits(&tensor))).collect()
}

// Momentum and weight decay would move an encoder whose gradients are zeros instead of none (finding A10 on the released code's optimiser).
#[test]
fn an_encoder_stands_still_to_the_bit_while_the_others_learn() {
    let all = [true; 3];
    let before = after("", &[with_only(all), with_only(all)]);
    let after = after("", &[with_only(all), with_only(all), with_only([true, false, true])]);
    let encoder = |method: &dyn Method, modality: &str| parameters(method, &format!("encoder.{modality}"));
    assert!(!encoder(before.as_ref(), "text").is_empty());
    assert!(encoder(before.as_ref(), "text") == encoder(after.as_ref(), "text"), "nobody has text in the third batch");
    for moved in ["speech", "image"] {
        assert!(encoder(before.as_ref(), moved) != encoder(after.as_ref(), moved), "{moved}");
    }
}

// The golden case has no modality that a whole batch lacks. Expected: the sub-steps of such modalities are as if they were not there.
#[test]
fn a_modality_that_nobody_has_takes_no_part_in_the_projector() {
    let one = after("", &[with_only([true; 3])]);
    let two = after("", &[with_only([true; 3]), with_only([true, false, false])]);
    // The one sub-step of the second batch absorbs what the image's left, and nothing for speech and text behind it.
    let expected = equations::absorb(&state(one.as_ref(), "projector"), &state(one.as_ref(), "previous-mean"), 0.1);
    assert!(distance(&state(two.as_ref(), "projector"), &expected) < 1e-6);
    assert!(distance(&state(one.as_ref(), "projector"), &expected) > 1e-3, "it took something in");
    let three = after("", &[with_only([true; 3]), with_only([true, false, false]), with_only([false, false, true])]);
    let expected = equations::absorb(&expected, &state(two.as_ref(), "previous-mean"), 0.1);
    assert!(distance(&state(three.as_ref(), "projector"), &expected) < 1e-6);
}

#[test]
fn the_very_first_sub_step_is_plain_and_the_second_is_not() {
    let first = [with_only([true, false, false])];
    assert!(parameters(after("", &first).as_ref(), "") == parameters(after("/no-gradient-modification", &first).as_ref(), ""));
    let second = [with_only([true, false, false]), with_only([false, true, false])];
    let (modified, plain) = (after("", &second), after("/no-gradient-modification", &second));
    assert!(parameters(modified.as_ref(), "head") != parameters(plain.as_ref(), "head"));
    assert!(parameters(modified.as_ref(), "encoder") == parameters(plain.as_ref(), "encoder"), "the head's step comes after its use");
}

#[test]
fn an_infinite_lambda_is_plain_alternation() {
    let batches: Vec<Batch> = (0..4).map(|_| problem().batch()).collect();
    let head = |query: &str| {
        let method = after(query, &batches);
        method.groups()[0].variables.variables()["head0.weight"].copy()
    };
    let plain = head("/no-gradient-modification");
    assert!(distance(&head("?lam=1e8"), &plain) < 1e-6);
    assert!(distance(&head("?lam=0.1"), &plain) > 1e-4);
}

#[test]
fn the_order_of_modalities_is_as_asked() {
    let previous = |query: &str| bits(&state(after(query, &[problem().batch()]).as_ref(), "previous-mean"));
    // speech, text, image; reversed and begun with the second, both end with speech, whose encoder no other sub-step moves.
    assert!(previous("?order=reversed") == previous("?first=1"));
    assert!(previous("?order=reversed") != previous(""));
    assert!(previous("?first=3") == previous(""), "once round");
}

#[test]
fn the_projector_outlives_epochs_unless_it_is_reset() {
    for (query, kept) in [("", true), ("?p-reset=epoch", false)] {
        let mut method = after(query, &[problem().batch()]);
        let before = state(method.as_ref(), "projector");
        toy::viewed(&problem().batch(), |train| method.begin_epoch(1, train));
        assert_eq!(state(method.as_ref(), "projector") == before, kept, "{query}");
        assert_eq!(state(method.as_ref(), "begun").double_value(&[0]) == 1.0, kept, "{query}");
    }
}

#[test]
fn training_goes_on_from_a_loaded_state_as_if_it_had_not_stopped() {
    let case = mla("");
    let (first, second) = ([problem().batch()], [problem().incomplete_batch()]);
    let mut original = after("", &first);
    let mut restored = case.build(2);
    for (name, mut parameter) in restored.groups()[0].variables.variables() {
        tch::no_grad(|| parameter.copy_(&original.groups()[0].variables.variables()[&name]));
    }
    restored.load_state(&original.state()).unwrap();
    run(&case, original.as_mut(), &second);
    run(&case, restored.as_mut(), &second);
    assert!(contents(original.as_ref()) == contents(restored.as_ref()));
}

#[test]
fn each_sub_step_logs_its_loss_and_how_much_of_the_head_s_gradient_was_kept() {
    let case = mla("");
    let mut method = case.build(1);
    let mut optimisers = Optimisers::new(method.as_ref(), &case.card.recipe).unwrap();
    let step = Step { epoch: 0, epochs: 1, step: 0, steps: 1 };
    let terms = cases::seeded(1, || method.train_step(&problem().batch(), &step, &mut optimisers));
    let logged: BTreeMap<&str, f64> = terms.observed().map(|(name, value)| (name, value.double_value(&[]))).collect();
    let sum: f64 = ["speech", "text", "image"].map(|name| logged[format!("unimodal_{name}").as_str()]).iter().sum();
    assert!((sum - terms.total().double_value(&[])).abs() < 1e-5);
    assert_eq!(logged["head_gradient_kept_speech"], 1.0, "the very first sub-step is not modified");
    for later in ["head_gradient_kept_text", "head_gradient_kept_image"] {
        assert!(logged[later] > 0.0 && logged[later] < 1.0, "{later}: {}", logged[later]);
    }
}

#[test]
fn diagnostics_tell_accuracy_weight_and_what_is_left_of_the_projector() {
    let method = after("", &[problem().batch()]);
    let found: BTreeMap<String, f64> = method.diagnose(&problem().batch()).into_iter().collect();
    let weights: f64 = ["speech", "text", "image"].map(|name| found[&format!("weight_{name}")]).iter().sum();
    assert!((weights - 1.0).abs() < 1e-5, "{found:?}");
    assert!(found["accuracy_text"] >= 0.0 && found["accuracy_text"] <= 1.0);
    let trace = state(method.as_ref(), "projector").trace().double_value(&[]) / 128.0;
    assert!((found["projector_mean_eigenvalue"] - trace).abs() < 1e-9 && trace < 1.0);
    let alone: BTreeMap<String, f64> = method.diagnose(&with_only([false, true, false])).into_iter().collect();
    assert_eq!(alone["weight_text"], 1.0);
    assert_eq!(alone["accuracy_text"], found["accuracy_text"]);
}

#[test]
fn a_joint_step_and_a_round_see_the_same_loss_before_they_move() {
    let batch = problem().incomplete_batch();
    let first = |query: &str| {
        let case = mla(query);
        case.train(case.build(1).as_mut(), &batch, 1)[0]
    };
    let joint = first("/joint");
    // Later sub-steps see a head that earlier ones moved, so only about the same.
    assert!((first("") / joint - 1.0).abs() < 0.1, "{} and {joint}", first(""));
    assert_ne!(first(""), joint);
}

/// The released plug-in: it goes through the named parameters of the layer that it is given and acts on one name alone.
struct Plugin<'a> {
    names: [&'static str; 2],
    layer: &'a Linear,
    optimiser: Plain,
    modifier: Modifier,
    mean: Tensor,
    acted: usize,
}

/// Steps of −0.1 g.
struct Plain(Vec<Tensor>);

impl Stepper for Plain {
    fn zero_gradients(&mut self) {
        self.0.iter_mut().for_each(Tensor::zero_grad);
    }

    fn step(&mut self) {
        for parameter in self.0.iter_mut().filter(|parameter| parameter.grad().defined()) {
            tch::no_grad(|| drop(parameter.g_add_(&(parameter.grad() * -0.1))));
        }
    }
}

impl Stepper for Plugin<'_> {
    fn zero_gradients(&mut self) {
        self.optimiser.zero_gradients();
    }

    fn step(&mut self) {
        for (name, parameter) in self.names.into_iter().zip([&self.layer.weight, &self.layer.bias]) {
            if name == "module.weight" {
                let modified = tch::no_grad(|| self.modifier.modify(&parameter.grad(), self.mean.shallow_clone(), 0, 1));
                tch::no_grad(|| parameter.grad().copy_(&modified));
                self.acted += 1;
            }
        }
        self.optimiser.step();
    }
}

const RELEASED: Modification = Modification { as_released: true, lambda: 0.1, falling_lambda: false, normalise: false, absorb_current: false };

/// Head and encoders of two modalities after six sub-steps of `step`, given layer, encoders' output and parameters.
fn six_substeps(modifier: Option<&mut Modifier>, plugin: Option<[&'static str; 2]>) -> (Vec<Vec<u32>>, usize) {
    let wave = |shape: [i64; 2], salt: f64| {
        let count = shape.iter().product::<i64>();
        (Tensor::arange(count, (Kind::Float, Device::Cpu)) * (1.3 + salt)).sin().view(shape)
    };
    let leaf = |tensor: Tensor| tensor.set_requires_grad(true);
    let head = Linear { weight: leaf(wave([3, 4], 0.1)), bias: leaf(Tensor::zeros([3], (Kind::Float, Device::Cpu))) };
    let encoders = [leaf(wave([5, 4], 0.2)), leaf(wave([5, 4], 0.3))];
    let inputs = [wave([6, 5], 0.4), wave([6, 5], 0.5)];
    let classes = Tensor::from_slice(&[0i64, 1, 2, 0, 1, 2]);
    let shares = equations::shares(&Tensor::ones([2, 6], (Kind::Bool, Device::Cpu)), Kind::Float);
    let parameters = || vec![encoders[0].shallow_clone(), encoders[1].shallow_clone(), head.weight.shallow_clone(), head.bias.shallow_clone()];
    // Features after a ReLU, as the encoders of the released code have.
    let encode = |at: usize| inputs[at].mm(&encoders[at]).relu();
    let mut modifier = modifier;
    let mut names = plugin.map(|names| Plugin {
        names,
        layer: &head,
        optimiser: Plain(parameters()),
        modifier: Modifier::new(RELEASED, 4, (Kind::Float, Device::Cpu)),
        mean: Tensor::zeros([4], (Kind::Float, Device::Cpu)),
        acted: 0,
    });
    for _ in 0..3 {
        for modality in 0..2 {
            let round = Round { order: &[modality], classes: &classes, shares: &shares, batch: 0, batches: 1 };
            match &mut names {
                Some(plugin) => {
                    plugin.mean = equations::mean_feature(&encode(modality), &shares.get(0));
                    round.run(encode, |_| &head, None, plugin);
                }
                None => drop(round.run(encode, |_| &head, modifier.as_deref_mut(), &mut Plain(parameters()))),
            }
        }
    }
    (parameters().iter().map(bits).collect(), names.map_or(0, |plugin| plugin.acted))
}

// The layer is a bare `nn.Linear`, whose parameters are called `weight` and `bias`; in a wrapped model they would be `module.weight`, `module.bias`.
#[test]
fn the_released_plug_in_finds_no_parameter_and_changes_nothing() {
    let (plain, _) = six_substeps(None, None);
    let (released, acted) = six_substeps(None, Some(["weight", "bias"]));
    assert_eq!(acted, 0);
    assert!(released == plain, "the released code trains as head-gradient=none");
    let (wrapped, acted) = six_substeps(None, Some(["module.weight", "module.bias"]));
    assert_eq!(acted, 6);
    assert!(wrapped != plain, "with the name that it waits for it would change the head");
    let mut modifier = Modifier::new(RELEASED, 4, (Kind::Float, Device::Cpu));
    assert!(wrapped == six_substeps(Some(&mut modifier), None).0, "and then train as head-gradient=released-arithmetic");
}

#[test]
fn the_released_variant_is_no_modification_with_entropies_over_the_batch() {
    let batch = [problem().incomplete_batch(), problem().batch()];
    let (released, plain) = (after("/released", &batch), after("/no-gradient-modification", &batch));
    assert!(contents(released.as_ref()) == contents(plain.as_ref()));
    let inputs: Inputs = problem().inputs("original");
    assert!(distance(&cases::predict(released.as_ref(), &inputs), &cases::predict(plain.as_ref(), &inputs)) > 1e-6);
}
