//! Frozen feature extractors, as far as both executables must agree on them.

/// An extractor's name and the samples that it reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExtractorCard {
    /// As in `bench profile --extractor NAME:SIZE`.
    pub name: &'static str,
    /// What a sample's size counts: `tokens`, `frames` (whole numbers) or `seconds`.
    pub unit: &'static str,
    /// Smallest size, in the unit.
    pub least: f64,
    /// Largest size: what the network has positions for; of frames and seconds, more is a typing error.
    pub most: f64,
}

/// BERT-base has 512 positions (Devlin et al., NAACL, 2019).
pub const BERT_BASE: ExtractorCard = ExtractorCard { name: "bert-base", unit: "tokens", least: 1.0, most: 512.0 };
/// ResNet-50 (He et al., CVPR, 2016) reads frame by frame.
pub const RESNET_50: ExtractorCard = ExtractorCard { name: "resnet-50", unit: "frames", least: 1.0, most: 1024.0 };
/// wav2vec 2.0 base (Baevski et al., NeurIPS, 2020): 25 ms are one output frame.
pub const WAV2VEC2_BASE: ExtractorCard = ExtractorCard { name: "wav2vec2-base", unit: "seconds", least: 0.025, most: 300.0 };

/// All extractors.
pub const EXTRACTORS: [ExtractorCard; 3] = [BERT_BASE, RESNET_50, WAV2VEC2_BASE];

impl ExtractorCard {
    /// Whether only whole numbers are sizes.
    pub fn is_whole(&self) -> bool {
        self.unit != "seconds"
    }

    /// Whether there are samples of this size; false for what is no number.
    pub fn reads(&self, size: f64) -> bool {
        (self.least..=self.most).contains(&size) && (!self.is_whole() || size.fract() == 0.0)
    }
}
