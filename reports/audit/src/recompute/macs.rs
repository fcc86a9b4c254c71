//! Multiply-accumulate operations of the frozen networks that multimodal pipelines run. A FLOP count is usually twice these; papers also call these FLOPs.

/// Kernel and stride of wav2vec 2.0's convolutions.
const CONVOLUTIONS: [(u64, u64); 7] = [(10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)];

/// Width of BERT-base and wav2vec 2.0 base.
const WIDTH: f64 = 768.0;

/// GMAC of BERT-base's 12 layers on one sequence of `tokens` (Devlin et al., NAACL, 2019); the embeddings are looked up.
pub fn bert_base(tokens: f64) -> f64 {
    twelve_layers(tokens) / 1e9
}

/// GMAC of ResNet-50 on `frames` images of 224 × 224 (He et al., CVPR, 2016, Table 1: 3.8 to 4.1 by who counts; 4.1 is torchvision's).
pub fn resnet50(frames: f64) -> f64 {
    4.1 * frames
}

/// GMAC of wav2vec 2.0 base on one clip of `seconds` at 16 kHz (Baevski et al., NeurIPS, 2020); a clip under 25 ms ends within the convolutions.
pub fn wav2vec2_base(seconds: f64) -> f64 {
    let mut length = (seconds * 16_000.0) as u64;
    let (mut total, mut channels) = (0.0, 1.0);
    for (kernel, stride) in CONVOLUTIONS {
        length = length.checked_sub(kernel).map_or(0, |rest| rest / stride + 1);
        total += length as f64 * kernel as f64 * channels * 512.0;
        channels = 512.0;
    }
    let frames = length as f64;
    let projection = frames * 512.0 * WIDTH;
    // 16 groups of 48 channels, 128 wide.
    let positions = frames * WIDTH * 48.0 * 128.0;
    (total + projection + positions + twelve_layers(frames)) / 1e9
}

/// Projections and feed-forward (12 w² a position), scores and weighted sums (2 w a pair of positions), 12 times.
fn twelve_layers(positions: f64) -> f64 {
    12.0 * (12.0 * WIDTH * WIDTH * positions + 2.0 * WIDTH * positions * positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64) {
        assert!((got / expected - 1.0).abs() < 1e-12, "{got} instead of {expected}");
    }

    // Expected values: the formulas of the claims ledger's README, rule 11, in Python integers.

    #[test]
    fn bert_base_on_128_tokens() {
        close(bert_base(128.0), 11.173625856);
        // By hand: 12 · (12 · 589,824 + 1,536) for one token.
        close(bert_base(1.0), 0.084953088);
    }

    #[test]
    fn resnet50_counts_frames() {
        close(resnet50(13.0), 53.3);
    }

    #[test]
    fn wav2vec2_on_clips() {
        close(wav2vec2_base(4.5), 32.135506944);
        close(wav2vec2_base(1.0), 6.906655744);
        // 400 samples are the shortest clip with an output frame.
        assert!(wav2vec2_base(0.025) > 0.0);
        assert_eq!(wav2vec2_base(0.0), 0.0);
    }
}
