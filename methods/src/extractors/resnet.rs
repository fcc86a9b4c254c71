/*!
ResNet-50 (He et al., Deep Residual Learning for Image Recognition, CVPR 2016), in torchvision's form: the stride of a bottleneck is on its 3×3
convolution ("v1.5").

Batch normalisation is in evaluation mode, as a frozen extractor runs it, and is not folded into the convolutions.
*/

use std::collections::HashMap;

use bench_card::RESNET_50;
use bench_datasets::keyed;
use tch::{Device, Kind, Tensor};

use super::{Extractor, ExtractorError, SEED, frozen, input_key, numbers, samples, whole};
use crate::nn::{Linear, Parameters, Scope};

/// The extractor's name.
pub const NAME: &str = RESNET_50.name;

/// Side of the images.
const SIDE: i64 = 224;

/// Bottlenecks and inner width of each stage.
const STAGES: [(usize, i64); 4] = [(3, 64), (4, 128), (6, 256), (3, 512)];

/// Output channels of a bottleneck for each inner one.
const EXPANSION: i64 = 4;

const CLASSES: i64 = 1000;
const EPSILON: f64 = 1e-5;

/// What lies behind the average over the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Nothing.
    Features,
    /// ImageNet's 1000 classes.
    Classes,
}

/// The network.
#[derive(Debug)]
pub struct ResNet {
    parameters: HashMap<String, Tensor>,
    stem: Convolution,
    bottlenecks: Vec<Bottleneck>,
    classes: Option<Linear>,
    device: Device,
}

/// A convolution without bias and its batch normalisation.
#[derive(Debug)]
struct Convolution {
    weight: Tensor,
    stride: i64,
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
}

#[derive(Debug)]
struct Bottleneck {
    narrow: Convolution,
    middle: Convolution,
    widen: Convolution,
    /// Where the shape changes.
    shortcut: Option<Convolution>,
}

/// A size as a number of frames.
pub fn frames(size: f64) -> Result<i64, ExtractorError> {
    whole(&RESNET_50, size)
}

impl Convolution {
    fn new(scope: &Scope<'_>, inputs: i64, outputs: i64, side: i64, stride: i64) -> Self {
        // Keeps the size of numbers through a rectifier (He et al., ICCV 2015): deviation √(2 / inputs), drawn uniformly.
        let bound = (6.0 / (inputs * side * side) as f64).sqrt();
        let weight = scope.uniform("weight", &[outputs, inputs, side, side], bound);
        let (scale, shift) = (scope.ones("scale", &[outputs]), scope.zeros("shift", &[outputs]));
        // Statistics are no parameters.
        let (mean, variance) = (shift.zeros_like(), scale.ones_like());
        Self { weight, stride, scale, shift, mean, variance }
    }

    fn forward(&self, input: &Tensor) -> Tensor {
        let padding = self.weight.size().last().map_or(0, |side| side / 2);
        let stride = [self.stride, self.stride];
        let features = input.conv2d(&self.weight, None::<&Tensor>, stride, [padding, padding], [1, 1], 1);
        features.batch_norm(Some(&self.scale), Some(&self.shift), Some(&self.mean), Some(&self.variance), false, 0.1, EPSILON, true)
    }
}

impl Bottleneck {
    fn new(scope: &Scope<'_>, inputs: i64, width: i64, stride: i64) -> Self {
        let outputs = width * EXPANSION;
        let changed = inputs != outputs || stride != 1;
        Self {
            narrow: Convolution::new(&scope.at("narrow"), inputs, width, 1, 1),
            middle: Convolution::new(&scope.at("middle"), width, width, 3, stride),
            widen: Convolution::new(&scope.at("widen"), width, outputs, 1, 1),
            shortcut: changed.then(|| Convolution::new(&scope.at("shortcut"), inputs, outputs, 1, stride)),
        }
    }

    fn forward(&self, input: &Tensor) -> Tensor {
        let inner = self.middle.forward(&self.narrow.forward(input).relu_()).relu_();
        let kept = self.shortcut.as_ref().map_or_else(|| input.shallow_clone(), |shortcut| shortcut.forward(input));
        let mut sum = self.widen.forward(&inner);
        let _ = sum.g_add_(&kept);
        sum.relu_()
    }
}

impl ResNet {
    /// Random weights.
    pub fn new(device: Device, head: Head) -> Self {
        let parameters = Parameters::new(device, SEED);
        let root = parameters.root();
        let stem = Convolution::new(&root.at("stem"), 3, 64, 7, 2);
        let mut bottlenecks = Vec::new();
        let mut inputs = 64;
        for (stage, (count, width)) in STAGES.into_iter().enumerate() {
            for at in 0..count {
                let stride = if stage > 0 && at == 0 { 2 } else { 1 };
                bottlenecks.push(Bottleneck::new(&root.at(&format!("stage{stage}")).at(&format!("bottleneck{at}")), inputs, width, stride));
                inputs = width * EXPANSION;
            }
        }
        let classes = (head == Head::Classes).then(|| Linear::new(&root.at("classes"), inputs, CLASSES));
        Self { stem, bottlenecks, classes, device, parameters: frozen(parameters) }
    }
}

impl Extractor for ResNet {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> u64 {
        numbers(&self.parameters)
    }

    /// Images, `[B · frames, 3, 224, 224]`: a frame more is an image more.
    fn input(&self, batch: usize, size: f64) -> Result<Tensor, ExtractorError> {
        let frames = frames(size)?;
        let images = samples(NAME, batch, frames * 3 * SIDE * SIDE)? * frames;
        let mut rng = input_key(NAME).rng();
        let pixels: Vec<f32> = (0..images * 3 * SIDE * SIDE).map(|_| keyed::uniform(&mut rng) as f32).collect();
        Ok(Tensor::from_slice(&pixels).view([images, 3, SIDE, SIDE]).to_device(self.device))
    }

    /// Images `[N, 3, 224, 224]` → means over the last map `[N, 2048]`.
    fn extract(&self, input: &Tensor) -> Tensor {
        let stem = self.stem.forward(input).relu_().max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false);
        let map = self.bottlenecks.iter().fold(stem, |map, bottleneck| bottleneck.forward(&map));
        let features = map.mean_dim([2i64, 3].as_slice(), false, None::<Kind>);
        self.classes.as_ref().map_or_else(|| features.shallow_clone(), |classes| classes.forward(&features))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 25,557,032 is torchvision's `resnet50`. By hand: the classes are 2048 · 1000 + 1000 of them.
    #[test]
    fn parameters_are_those_of_the_checkpoint() {
        let features = ResNet::new(Device::Cpu, Head::Features);
        assert_eq!(features.parameters(), 23_508_032);
        assert!(features.parameters.values().all(|tensor| !tensor.requires_grad()));
        let classes = ResNet::new(Device::Cpu, Head::Classes);
        assert_eq!(classes.parameters(), 25_557_032);
        assert_eq!(classes.extract(&classes.input(1, 1.0).unwrap()).size(), [1, 1000]);
    }

    /// Table 1 of the paper: 112, 56, 28, 14, 7 pixels a side.
    #[test]
    fn maps_shrink_as_in_the_paper() {
        let network = ResNet::new(Device::Cpu, Head::Features);
        let mut map = network.stem.forward(&network.input(1, 1.0).unwrap());
        assert_eq!(map.size(), [1, 64, 112, 112]);
        map = map.relu().max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false);
        let mut ends = network.bottlenecks.iter();
        for ((count, width), side) in STAGES.into_iter().zip([56, 28, 14, 7]) {
            map = ends.by_ref().take(count).fold(map, |map, bottleneck| bottleneck.forward(&map));
            assert_eq!(map.size(), [1, width * 4, side, side]);
        }
    }
}
