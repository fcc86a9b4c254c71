use bench_card::MethodRef;
use bench_datasets::{Dataset, DatasetRef, embedded_directory};
use bench_methods::{BuildContext, registry};
use tch::Device;

use super::*;

const CONDITIONS: [&str; 9] = [
    "clean",
    "noise(image,0.18)",
    "mask(text,0.2)",
    "missing(image)",
    "missing(text)",
    "fgsm(image,1/255)",
    "noise(image,0.08)+mask(text,0.1)+fgsm(image,4/255)",
    "noise(image,0.12)+fgsm(image,4/255)+missing(text)",
    "noise(image,0.38)+missing(text)",
];

fn loaded() -> Loaded {
    let reference = DatasetRef::whole("openmoji");
    let hash = Dataset::open(&reference, &[embedded_directory()]).unwrap().hash().to_string();
    Loaded::open("openmoji", &hash, &[embedded_directory()], Device::Cpu).unwrap()
}

fn model(loaded: &Loaded, name: &str) -> Box<dyn Method> {
    let entry = registry::find(name).unwrap();
    let options = (entry.card)().resolve(&name.parse::<MethodRef>().unwrap()).unwrap();
    let context = BuildContext {
        modalities: loaded.dataset.modalities(),
        task: loaded.dataset.task(),
        options: &options,
        seed: 7,
        modality: Some(0),
        pivot: None,
        device: Device::Cpu,
    };
    (entry.build)(&context).unwrap()
}

/// The same method without its parts, so that every condition is predicted from the inputs.
struct Whole(Box<dyn Method>);

impl Method for Whole {
    fn predict(&self, inputs: &Inputs) -> Output {
        self.0.predict(inputs)
    }

    fn loss(&self, batch: &bench_methods::Batch, step: &bench_methods::Step) -> bench_methods::LossTerms {
        self.0.loss(batch, step)
    }

    fn groups(&self) -> Vec<bench_methods::Group<'_>> {
        self.0.groups()
    }
}

#[test]
fn reused_encodings_give_the_bits_of_a_whole_prediction() {
    let loaded = loaded();
    let ids = test_ids(&loaded);
    for name in ["unimodal", "concat", "sum", "late", "augmentation", "raml"] {
        let (parts, whole) = (model(&loaded, name), Whole(model(&loaded, name)));
        let mut reusing = Evaluation::new(parts.as_ref(), &loaded, &ids, 42, 256);
        for text in CONDITIONS {
            let condition = Condition::parse(text, loaded.dataset.modalities()).unwrap();
            let alone = Evaluation::new(&whole, &loaded, &ids, 42, 256).scores(&condition).unwrap();
            assert_eq!(reusing.scores(&condition).unwrap(), alone, "{name} under {text}");
        }
    }
}

#[test]
fn a_stronger_attack_moves_further_and_raises_the_loss() {
    let loaded = loaded();
    let ids = test_ids(&loaded);
    let method = model(&loaded, "concat");
    let mut evaluation = Evaluation::new(method.as_ref(), &loaded, &ids, 42, 256);
    let truth = data::targets(&loaded.dataset, loaded.dataset.indices(Split::Test), Device::Cpu);
    let mut loss = |text: &str| {
        let scores = evaluation.scores(&Condition::parse(text, loaded.dataset.modalities()).unwrap()).unwrap();
        let logits = Tensor::from_slice(&scores.values).view([ids.len() as i64, -1]);
        let reach = scores.perturbations.first().map_or(0.0, |(_, sizes)| sizes.iter().copied().fold(0.0, f32::max));
        (bench_methods::losses::task_loss(&Output::Logits(logits), &truth).double_value(&[]), reach)
    };
    let levels = ["clean", "fgsm(image,1/255)", "fgsm(image,4/255)"].map(&mut loss);
    assert!(levels[0].0 < levels[1].0 && levels[1].0 < levels[2].0, "{levels:?}");
    assert!(levels[1].1 <= 1.0 / 255.0 + 1e-6 && levels[2].1 <= 4.0 / 255.0 + 1e-6, "{levels:?}");
    assert!(levels[2].1 > 3.0 * levels[1].1, "{levels:?}");
}

#[test]
fn level_zero_of_an_attack_is_the_clean_prediction() {
    let loaded = loaded();
    let ids = test_ids(&loaded);
    let method = model(&loaded, "late");
    let mut evaluation = Evaluation::new(method.as_ref(), &loaded, &ids, 42, 256);
    let mut values = |text: &str| evaluation.scores(&Condition::parse(text, loaded.dataset.modalities()).unwrap()).unwrap().values;
    assert_eq!(values("fgsm(image,0)"), values("clean"));
}
