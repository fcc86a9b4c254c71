/*!
wav2vec 2.0 base (Baevski et al., wav2vec 2.0: A Framework for Self-Supervised Learning of Speech Representations, NeurIPS 2020), as the checkpoint
`facebook/wav2vec2-base` runs it.

Seven convolutions over the waveform, a projection, a convolution that stands for positions, twelve layers. The weight normalisation of the positional
convolution is folded in when the network is built; its two factors stay the parameters.
*/

use std::collections::HashMap;

use bench_card::WAV2VEC2_BASE;
use bench_datasets::keyed;
use tch::{Device, Kind, Tensor};

use super::{
    Extractor, ExtractorError, SEED, frozen, input_key, numbers, refused, samples as batch_size,
    transformer::{Encoder, Norm, WIDTH},
};
use crate::nn::{Linear, Parameters};

/// The extractor's name.
pub const NAME: &str = WAV2VEC2_BASE.name;

/// Samples a second.
const RATE: f64 = 16_000.0;

/// Kernel and stride of the convolutions.
const CONVOLUTIONS: [(i64, i64); 7] = [(10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)];
const CHANNELS: i64 = 512;

const POSITION_KERNEL: i64 = 128;
const POSITION_GROUPS: i64 = 16;
const EPSILON: f64 = 1e-5;

/// The network.
#[derive(Debug)]
pub struct Wav2Vec {
    parameters: HashMap<String, Tensor>,
    convolutions: Vec<(Tensor, i64)>,
    /// Behind the first convolution: one group a channel.
    channel_norm: (Tensor, Tensor),
    features_norm: Norm,
    projection: Linear,
    positions: (Tensor, Tensor),
    norm: Norm,
    encoder: Encoder,
}

/// A size in seconds as a number of samples.
pub fn samples(size: f64) -> Result<i64, ExtractorError> {
    let count = (size * RATE).round();
    if WAV2VEC2_BASE.reads(size) { Ok(count as i64) } else { Err(refused(&WAV2VEC2_BASE, size)) }
}

impl Wav2Vec {
    /// Random weights.
    pub fn new(device: Device) -> Self {
        let parameters = Parameters::new(device, SEED);
        let root = parameters.root();
        let mut inputs = 1;
        let convolution = |(at, (kernel, stride)): (usize, (i64, i64))| {
            let bound = (6.0 / (inputs * kernel) as f64).sqrt();
            let weight = root.at(&format!("convolution{at}")).uniform("weight", &[CHANNELS, inputs, kernel], bound);
            inputs = CHANNELS;
            (weight, stride)
        };
        let convolutions = CONVOLUTIONS.into_iter().enumerate().map(convolution).collect();
        let channel_norm = (root.at("channel_norm").ones("weight", &[CHANNELS]), root.at("channel_norm").zeros("bias", &[CHANNELS]));
        let features_norm = Norm::new(&root.at("features_norm"), CHANNELS, EPSILON);
        let projection = Linear::new(&root.at("projection"), CHANNELS, WIDTH);
        let place = root.at("positions");
        let bound = 1.0 / ((WIDTH / POSITION_GROUPS * POSITION_KERNEL) as f64).sqrt();
        let direction = place.uniform("weight_v", &[WIDTH, WIDTH / POSITION_GROUPS, POSITION_KERNEL], bound);
        let length = place.ones("weight_g", &[1, 1, POSITION_KERNEL]);
        let bias = place.uniform("bias", &[WIDTH], bound);
        let norm = Norm::new(&root.at("norm"), WIDTH, EPSILON);
        let encoder = Encoder::new(&root, EPSILON);
        // What pre-training puts in place of masked frames; an extraction masks none.
        let _ = root.uniform("masked", &[WIDTH], 1.0);
        let parameters = frozen(parameters);
        let weight = folded(&direction, &length);
        let positions = (weight, bias);
        Self { parameters, convolutions, channel_norm, features_norm, projection, positions, norm, encoder }
    }

    /// The positional convolution. An even kernel with half of it as padding puts out one frame more than it reads; the last is cut, as in the released code.
    fn place(&self, frames: &Tensor) -> Tensor {
        let (weight, bias) = &self.positions;
        let channels = frames.transpose(1, 2);
        let places = channels.conv1d(weight, Some(bias), 1, POSITION_KERNEL / 2, 1, POSITION_GROUPS);
        let kept = channels.size().last().copied().unwrap_or(0);
        places.narrow(2, 0, kept).gelu("none").transpose(1, 2)
    }
}

/// w = g v / ‖v‖, one norm for each place of the kernel (Salimans and Kingma 2016, Eq. 2). `v` `[out, in, k]`, `g` `[1, 1, k]`.
fn folded(direction: &Tensor, length: &Tensor) -> Tensor {
    let norms = direction.square().sum_dim_intlist([0i64, 1].as_slice(), true, None::<Kind>).sqrt();
    direction * (length / norms)
}

impl Extractor for Wav2Vec {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> u64 {
        numbers(&self.parameters)
    }

    /// Waveforms at 16 kHz of mean 0 and deviation 1, `[B, S]`.
    fn input(&self, batch: usize, size: f64) -> Result<Tensor, ExtractorError> {
        let length = samples(size)?;
        let batch = batch_size(NAME, batch, length)?;
        let mut rng = input_key(NAME).rng();
        let wave: Vec<f32> = (0..batch * length).map(|_| ((keyed::uniform(&mut rng) * 2.0 - 1.0) * 3f64.sqrt()) as f32).collect();
        Ok(Tensor::from_slice(&wave).view([batch, length]).to_device(self.projection.weight.device()))
    }

    /// Waveforms `[B, S]` → frames `[B, F, 768]`, one for every 20 ms.
    fn extract(&self, input: &Tensor) -> Tensor {
        let mut features = input.unsqueeze(1);
        for (at, (weight, stride)) in self.convolutions.iter().enumerate() {
            features = features.conv1d(weight, None::<&Tensor>, *stride, 0, 1, 1);
            if at == 0 {
                let (scale, shift) = &self.channel_norm;
                features = features.group_norm(CHANNELS, Some(scale), Some(shift), EPSILON, true);
            }
            features = features.gelu("none");
        }
        let frames = self.projection.forward(&self.features_norm.forward(&features.transpose(1, 2)));
        let frames = self.norm.forward(&(&frames + self.place(&frames)));
        self.encoder.forward(&frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hugging Face's `Wav2Vec2Model` of `facebook/wav2vec2-base` has 94,371,712. By hand: convolutions 512 · (10 + 4 · 512 · 3 + 2 · 512 · 2) = 4,199,424, the
    /// group normalisation 1,024, its projection's normalisation 1,024 and 512 · 768 + 768 = 393,984, positions 768 · 48 · 128 + 128 + 768 = 4,719,488, a
    /// normalisation 1,536, twelve layers of 7,087,872, the masked frame 768.
    #[test]
    fn parameters_are_those_of_the_checkpoint() {
        let network = Wav2Vec::new(Device::Cpu);
        assert_eq!(network.parameters(), 4_199_424 + 1_024 + 1_024 + 393_984 + 4_719_488 + 1_536 + 12 * 7_087_872 + 768);
        assert_eq!(network.parameters(), 94_371_712);
        assert!(network.parameters.values().all(|tensor| !tensor.requires_grad()));
    }

    /// By hand, length → ⌊(length − kernel) / stride⌋ + 1: one second is 3199, 1599, 799, 399, 199, 99, 49 frames; 400 samples are 79, 39, 19, 9, 4, 2, 1.
    #[test]
    fn a_second_has_49_frames() {
        let network = Wav2Vec::new(Device::Cpu);
        let frames = |seconds| network.extract(&network.input(1, seconds).unwrap()).size()[1];
        assert_eq!(frames(1.0), 49);
        assert_eq!(frames(0.025), 1);
    }

    /// Every place of the kernel has length g: by hand v = (3, 4) at one place and (0, 2) at the other, g = (10, 1).
    #[test]
    fn folded_weights_have_the_length_g() {
        let direction = Tensor::from_slice(&[3.0, 0.0, 4.0, 2.0]).view([2, 1, 2]);
        let length = Tensor::from_slice(&[10.0, 1.0]).view([1, 1, 2]);
        let weight = Vec::<f64>::try_from(folded(&direction, &length).flatten(0, -1)).unwrap();
        assert_eq!(weight, [6.0, 0.0, 8.0, 1.0]);
    }
}
