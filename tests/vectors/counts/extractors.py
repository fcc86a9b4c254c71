"""Parameters, MACs and features of the extractors' public implementations.

pip install torch==2.11.0 torchvision==0.26.0 transformers==5.23.0 numpy
python tests/vectors/counts/extractors.py > tests/vectors/counts/extractors.json

MACs are those of PyTorch's own counter; attention is written out (`eager`), because it does not know the CPU's fused kernel. Features are of the weights and inputs that this repository
draws, drawn here once more (SHA-256 key, ChaCha8, 53-bit uniform numbers). Nothing is downloaded.
"""

import hashlib
import json
import math

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import resnet50
from transformers import BertConfig, BertModel, Wav2Vec2Config, Wav2Vec2Model

WIDTH = 768
LAYERS = 12


def words(key, count):
    """The first `count` 64-bit words of ChaCha8 with a 64-bit counter."""
    blocks = np.arange(-(-count // 8), dtype=np.uint64)
    state = [np.full(len(blocks), word, np.uint32) for word in np.frombuffer(b"expand 32-byte k" + key, "<u4")]
    state += [(blocks & np.uint64(0xFFFFFFFF)).astype(np.uint32), (blocks >> np.uint64(32)).astype(np.uint32)]
    state += [np.zeros(len(blocks), np.uint32)] * 2
    work = [word.copy() for word in state]

    def turn(at, by):
        work[at] = (work[at] << np.uint32(by)) | (work[at] >> np.uint32(32 - by))

    def quarter(a, b, c, d):
        for left, right, by in ((a, b, 16), (c, d, 12), (a, b, 8), (c, d, 7)):
            work[left] = work[left] + work[right]
            target = d if left == a else b
            work[target] = work[target] ^ work[left]
            turn(target, by)

    for _ in range(4):
        for at in range(4):
            quarter(at, at + 4, at + 8, at + 12)
        for at in range(4):
            quarter(at, 4 + (at + 1) % 4, 8 + (at + 2) % 4, 12 + (at + 3) % 4)
    stream = np.stack([left + right for left, right in zip(work, state)], 1).reshape(-1)
    return stream.view("<u8")[:count]


def key(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part.encode()).to_bytes(8, "little") + part.encode())
    return digest.digest()


def uniform(key, count):
    return (words(key, count) >> np.uint64(11)).astype(np.float64) / 2.0**53


def weight(name, shape, bound):
    """Uniform on ± bound, by the parameter's name."""
    name = name if "." in name else "." + name
    drawn = uniform(key("purpose", "initial weights", "seed", "0", "parameter", name), math.prod(shape))
    return torch.from_numpy(((drawn * 2 - 1) * bound).astype(np.float32)).reshape(shape)


def linear(ours, theirs, inputs, outputs):
    bound = 1 / math.sqrt(inputs)
    return {f"{theirs}.weight": weight(f"{ours}.weight", (outputs, inputs), bound), f"{theirs}.bias": weight(f"{ours}.bias", (outputs,), bound)}


def layers(folder, names):
    loaded = {}
    for layer in range(LAYERS):
        for ours, theirs in names.items():
            inputs, outputs = {"widen": (WIDTH, 4 * WIDTH), "narrow": (4 * WIDTH, WIDTH)}.get(ours, (WIDTH, WIDTH))
            loaded |= linear(f"layer{layer}.{ours}", f"{folder}.{layer}.{theirs}", inputs, outputs)
    return loaded


def load(model, weights):
    """Everything that is not given is what both draw alike: ones and zeros of normalisations."""
    lacking, unexpected = model.load_state_dict(weights, strict=False)
    own = ("norm", "bn", "downsample.1", "running", "LayerNorm", "num_batches", "masked_spec_embed")
    assert not unexpected and all(any(part in name for part in own) for name in lacking), (unexpected, lacking)
    return model.eval()


def bert(**settings):
    names = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value", "attended": "attention.output.dense"}
    weights = layers("encoder.layer", names | {"widen": "intermediate.dense", "narrow": "output.dense"})
    for ours, theirs, rows in (("tokens", "word", 30522), ("positions", "position", 512), ("segments", "token_type", 2)):
        weights[f"embeddings.{theirs}_embeddings.weight"] = weight(ours, (rows, WIDTH), 0.02 * math.sqrt(3))
    return load(BertModel(BertConfig(**settings)), weights | linear("pooler", "pooler.dense", WIDTH, WIDTH))


def resnet():
    weights = {}

    def convolution(ours, theirs, inputs, outputs, side):
        weights[f"{theirs}.weight"] = weight(f"{ours}.weight", (outputs, inputs, side, side), math.sqrt(6 / (inputs * side * side)))

    convolution("stem", "conv1", 3, 64, 7)
    inputs = 64
    for stage, (count, width) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for at in range(count):
            ours, theirs = f"stage{stage}.bottleneck{at}", f"layer{stage + 1}.{at}"
            convolution(f"{ours}.narrow", f"{theirs}.conv1", inputs, width, 1)
            convolution(f"{ours}.middle", f"{theirs}.conv2", width, width, 3)
            convolution(f"{ours}.widen", f"{theirs}.conv3", width, 4 * width, 1)
            if at == 0:
                convolution(f"{ours}.shortcut", f"{theirs}.downsample.0", inputs, 4 * width, 1)
            inputs = 4 * width
    model = resnet50()
    model.fc = torch.nn.Identity()
    return load(model, weights)


def wav2vec(**settings):
    names = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "attended": "out_proj"}
    names = {ours: f"attention.{theirs}" for ours, theirs in names.items()}
    weights = layers("encoder.layers", names | {"widen": "feed_forward.intermediate_dense", "narrow": "feed_forward.output_dense"})
    inputs = 1
    for at, kernel in enumerate((10, 3, 3, 3, 3, 2, 2)):
        weights[f"feature_extractor.conv_layers.{at}.conv.weight"] = weight(f"convolution{at}.weight", (512, inputs, kernel), math.sqrt(6 / (inputs * kernel)))
        inputs = 512
    weights |= linear("projection", "feature_projection.projection", 512, WIDTH)
    place, bound = "encoder.pos_conv_embed.conv", 1 / math.sqrt(48 * 128)
    weights[f"{place}.bias"] = weight("positions.bias", (WIDTH,), bound)
    weights[f"{place}.parametrizations.weight.original0"] = torch.ones(1, 1, 128)
    weights[f"{place}.parametrizations.weight.original1"] = weight("positions.weight_v", (WIDTH, 48, 128), bound)
    return load(Wav2Vec2Model(Wav2Vec2Config(**settings)), weights)


def made_up(name, shape):
    drawn = words(key("purpose", "extractor input", "extractor", name), math.prod(shape))
    even = (drawn >> np.uint64(11)).astype(np.float64) / 2.0**53
    numbers = {
        "bert-base": lambda: (drawn % np.uint64(30522)).astype(np.int64),
        "resnet-50": lambda: even.astype(np.float32),
        "wav2vec2-base": lambda: ((even * 2 - 1) * math.sqrt(3)).astype(np.float32),
    }
    return torch.from_numpy(numbers[name]()).reshape(shape)


def entry(name, model, shape, features, sizes):
    """`sizes`: size and shape of one sample; `shape`: of the batch of two whose features are told."""

    def macs(shape):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(made_up(name, shape))
        return counter.get_total_flops() // 2

    parameters = sum(parameter.numel() for parameter in model.parameters())
    with torch.no_grad():
        found = features(model(made_up(name, shape))).flatten(1)
    return {
        "parameters": parameters,
        "macs_by_size": {str(size): macs(shape) for size, shape in sizes.items()},
        "first_8_features_of_two": [[float(f"{number:.6g}") for number in row[:8]] for row in found.tolist()],
        "features_root_mean_square": float(f"{found.square().mean().sqrt():.6g}"),
    }


torch.set_num_threads(1)
clips = {seconds: (1, round(seconds * 16_000)) for seconds in (0.025, 0.1, 1.0, 4.5)}
images = {frames: (frames, 3, 224, 224) for frames in (1, 3)}
found = {
    "bert-base": entry("bert-base", bert(attn_implementation="eager"), (2, 6), lambda out: out.pooler_output, {t: (1, t) for t in (1, 7, 128)}),
    "resnet-50": entry("resnet-50", resnet(), (2, 3, 224, 224), lambda out: out, images),
    "wav2vec2-base": entry("wav2vec2-base", wav2vec(attn_implementation="eager"), (2, 1600), lambda out: out.last_hidden_state, clips),
}
print(json.dumps(found, indent=1))
