/*!
The fast gradient sign method through the method's true inference path.

`x' = clip(x + ε u sign(∂ℓ/∂x))` per modality, where `u` is the modality's unit (a pixel's range for images, a training standard deviation for
features) and ℓ the task's loss at the true label (Goodfellow et al., 2015). One backward gives the direction for all modalities and levels. The
labels are the attacker's, never the method's.
*/

use bench_datasets::{Modality, Standardisation};
use bench_methods::{Inputs, Method, ModalityInput, Targets, losses};
use tch::{Device, Kind, Tensor};

use crate::failure::Failure;

/// Makes what a method sees of what the attacker moves, with its gradient: features of a raw input.
pub type Through<'a> = Box<dyn Fn(&ModalityInput) -> Result<ModalityInput, Failure> + 'a>;

/// Sign of the loss's gradient with respect to each modality's values, shaped like them; zeros where the answer does not depend on it. Where `through` has
/// something for a modality, `inputs` holds its raw values, and the sign is of theirs.
///
/// Tokens have no gradient: theirs is `None`.
///
/// # Errors
/// What `through` refuses.
pub fn directions(method: &dyn Method, inputs: &Inputs, through: &[Option<Through<'_>>], targets: &Targets) -> Result<Vec<Option<Tensor>>, Failure> {
    let leaves: Vec<ModalityInput> = inputs
        .modalities
        .iter()
        .map(|modality| {
            let values = if modality.is_tokens() { modality.values.shallow_clone() } else { modality.values.detach().copy().set_requires_grad(true) };
            ModalityInput { values, lengths: modality.lengths.as_ref().map(Tensor::shallow_clone) }
        })
        .collect();
    let inputs = Inputs { modalities: leaves, availability: inputs.availability.shallow_clone() };
    // The sum over the batch, not the mean: a sample's gradient must not depend on the others, nor shrink with their number.
    let _native = WithoutCudnn::new();
    let seen = inputs.modalities.iter().enumerate().map(|(at, leaf)| match through.get(at) {
        Some(Some(through)) => through(leaf),
        _ => Ok(leaf.shallow_clone()),
    });
    let seen = Inputs { modalities: seen.collect::<Result<_, _>>()?, availability: inputs.availability.shallow_clone() };
    let loss = losses::per_sample(&method.predict(&seen), targets).sum(None::<Kind>);
    let free: Vec<&Tensor> = inputs.modalities.iter().filter(|modality| !modality.is_tokens()).map(|modality| &modality.values).collect();
    // Of the inputs alone: the parameters' gradients would cost as much again, and stay in memory.
    let gradients = if loss.requires_grad() { Tensor::run_backward(&[loss], &free, false, false) } else { Vec::new() };
    let mut gradients = gradients.into_iter();
    let mut direction = |modality: &ModalityInput| match gradients.next() {
        Some(gradient) if gradient.defined() => gradient.sign(),
        _ => modality.values.zeros_like(),
    };
    Ok(inputs.modalities.iter().map(|modality| (!modality.is_tokens()).then(|| direction(modality))).collect())
}

/// cuDNN has no backward through a recurrent network in evaluation mode; libtorch's own kernels have. Switched back on even after a panic, because later
/// trials of this process must not run on other kernels.
struct WithoutCudnn;

impl WithoutCudnn {
    fn new() -> Self {
        bench_native::set_cudnn_enabled(false);
        Self
    }
}

impl Drop for WithoutCudnn {
    fn drop(&mut self) {
        bench_native::set_cudnn_enabled(true);
    }
}

/// Step of an attack in normalised space and the bounds it must stay within, for one modality.
pub struct Reach {
    /// Normalised size of one unit, broadcastable to `[B, …]`; zero for constant features.
    unit: Tensor,
    /// The same, with 1 for constant features, which do not move.
    divisor: Tensor,
    /// Share of a sample's elements that are not constant.
    movable: f64,
    /// Normalised lower and upper bound, broadcastable likewise.
    bounds: Option<(Tensor, Tensor)>,
}

impl Reach {
    /// From the training split's statistics.
    pub fn new(modality: &Modality, statistics: &Standardisation, device: Device) -> Self {
        // Images have statistics per channel, in front of height and width; vectors and sequences per feature, at the end.
        let shape: &[i64] = if modality.kind.name() == "image" { &[1, -1, 1, 1] } else { &[1, -1] };
        let tensor = |values: Vec<f32>| Tensor::from_slice(&values).view(shape).to_device(device);
        let each = |value: &dyn Fn(usize) -> f32| (0..statistics.scale.len()).map(value).collect::<Vec<f32>>();
        let bound = |bound: f32| tensor(each(&|at| (bound - statistics.mean[at]) / statistics.scale[at]));
        let units = each(&|at| statistics.unit[at] / statistics.scale[at]);
        let movable = units.iter().filter(|unit| **unit != 0.0).count() as f64 / units.len().max(1) as f64;
        let divisor = units.iter().map(|&unit| if unit == 0.0 { 1.0 } else { unit }).collect();
        Self { unit: tensor(units), divisor: tensor(divisor), movable, bounds: modality.kind.bounds().map(|(low, high)| (bound(low), bound(high))) }
    }

    /// Of a raw input, which is attacked in its own values and not in normalised ones.
    pub fn raw(modality: &Modality, statistics: &Standardisation, device: Device) -> Self {
        let features = statistics.scale.len();
        let as_they_are = Standardisation { mean: vec![0.0; features], scale: vec![1.0; features], unit: statistics.unit.clone() };
        Self::new(modality, &as_they_are, device)
    }

    /// The attacked values, and per sample the root mean square of the change in the modality's unit over all non-constant elements.
    pub fn attack(&self, values: &Tensor, direction: &Tensor, epsilon: f64) -> (Tensor, Vec<f32>) {
        let moved = values + direction * &self.unit * epsilon;
        let attacked = match &self.bounds {
            Some((low, high)) => moved.max_other(&low.min_other(values)).min_other(&high.max_other(values)),
            None => moved,
        };
        let change = ((&attacked - values) / &self.divisor).flatten(1, -1);
        let counted = (change.size()[1] as f64 * self.movable).round().max(1.0);
        let size = ((&change * &change).sum_dim_intlist(1, false, Kind::Double) / counted).sqrt().to_kind(Kind::Float);
        let sizes = Vec::<f32>::try_from(size.to_device(Device::Cpu)).unwrap_or_default();
        (attacked, sizes)
    }
}

#[cfg(test)]
mod tests {
    use bench_datasets::Kind as ModalityKind;

    use super::*;

    fn reach(kind: ModalityKind, mean: &[f32], scale: &[f32], unit: &[f32]) -> Reach {
        let statistics = Standardisation { mean: mean.into(), scale: scale.into(), unit: unit.into() };
        Reach::new(&Modality { name: "m".into(), kind }, &statistics, Device::Cpu)
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        Vec::try_from(tensor.flatten(0, -1)).unwrap()
    }

    #[test]
    fn features_move_by_training_deviations_and_constant_ones_stay() {
        let reach = reach(ModalityKind::Vector { dim: 3 }, &[1.0, 2.0, 3.0], &[4.0, 1.0, 0.5], &[4.0, 0.0, 0.5]);
        let clean = Tensor::from_slice(&[0.5f32, 0.0, -1.0]).view([1, 3]);
        let (attacked, size) = reach.attack(&clean, &Tensor::from_slice(&[1.0f32, 1.0, -1.0]).view([1, 3]), 0.25);
        assert_eq!(values(&attacked), [0.75, 0.0, -1.25]);
        assert_eq!(size, [0.25]);
    }

    #[test]
    fn pixels_stay_between_black_and_white() {
        // One channel of mean 0.5 and deviation 0.25: black is −2, white is 2, and a step of 0.1 is 0.4.
        let reach = reach(ModalityKind::Image { channels: 1, height: 1, width: 3 }, &[0.5], &[0.25], &[1.0]);
        let clean = Tensor::from_slice(&[1.8f32, -2.0, 0.0]).view([1, 1, 1, 3]);
        let (attacked, size) = reach.attack(&clean, &Tensor::from_slice(&[1.0f32, -1.0, 0.0]).view([1, 1, 1, 3]), 0.1);
        let close = values(&attacked).iter().zip([2.0, -2.0, 0.0]).all(|(found, expected)| (found - expected).abs() < 1e-6);
        assert!(close, "{attacked:?}");
        let expected = ((0.05f32 * 0.05) / 3.0).sqrt();
        assert!((size[0] - expected).abs() < 1e-6, "{size:?}");
    }
}
