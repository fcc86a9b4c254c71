"""The models of `bench` as PyTorch modules: same layers, same sizes, same names of parameters."""

import torch
import torch.nn.functional as F
from torch import nn

WIDTH = 128


class Model(nn.Module):
    """What is common to all: the samples of a step and one step of training, where a model has no other."""

    BATCH = 128
    # Of the whole training, for rates that depend on it.
    steps = 0

    def optimisers(self, fused):
        """Optimisers, in the order that `train_step` takes them in; `fused` as PyTorch's own argument."""
        return [torch.optim.Adam(self.parameters(), lr=1e-3, weight_decay=5e-4, fused=fused)]

    def train_step(self, optimisers, inputs, labels):
        """One step on a batch, as it is usually written; the objective before it."""
        (optimiser,) = optimisers
        optimiser.zero_grad()
        loss = self.loss(inputs, labels)
        loss.backward()
        optimiser.step()
        return loss.item()


class VectorEncoder(nn.Module):
    """d -> 128 -> 128, ReLU after each."""

    def __init__(self, modality):
        super().__init__()
        self.first = nn.Linear(modality.shape[0], WIDTH)
        self.second = nn.Linear(WIDTH, WIDTH)

    def forward(self, values):
        return F.relu(self.second(F.relu(self.first(values))))


class ImageEncoder(nn.Module):
    """Two 3x3 convolutions of stride 2 (16 and 32 channels), then linear to 128; ReLU after each."""

    def __init__(self, modality):
        super().__init__()
        channels, height, width = modality.shape
        self.convolution0 = nn.Conv2d(channels, 16, 3, stride=2, padding=1)
        self.convolution1 = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.out = nn.Linear(32 * ((height + 3) // 4) * ((width + 3) // 4), WIDTH)

    def forward(self, values):
        features = F.relu(self.convolution1(F.relu(self.convolution0(values))))
        return F.relu(self.out(features.flatten(1)))


class MeanText(nn.Module):
    """Mean of the words' embeddings, then linear to 128 and ReLU; a text without words is zero."""

    def __init__(self, modality):
        super().__init__()
        self.embedding = nn.Embedding(modality.words, WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, words):
        there = (words != 0).unsqueeze(-1)
        count = there.sum(1)
        mean = (self.embedding(words) * there).sum(1) / count.clamp(min=1)
        return F.relu(self.out(mean)) * (count > 0)


ENCODERS = {"vector": VectorEncoder, "image": ImageEncoder, "tokens": MeanText}


def encoders(modalities):
    return nn.ModuleDict({modality.name: ENCODERS[modality.kind](modality) for modality in modalities})


class Unimodal(Model):
    """One modality's encoder and a linear classifier."""

    def __init__(self, dataset, modality):
        super().__init__()
        self.at = next(at for at, own in enumerate(dataset.modalities) if own.name == modality)
        self.encoder = encoders([dataset.modalities[self.at]])
        self.head = nn.Linear(WIDTH, dataset.classes)

    def forward(self, inputs, available=None):
        (encoder,) = self.encoder.values()
        return self.head(encoder(inputs[self.at]))

    def loss(self, inputs, labels):
        return F.cross_entropy(self(inputs), labels)


class Concat(Model):
    """A linear classifier on the concatenated encodings."""

    def __init__(self, dataset):
        super().__init__()
        self.encoder = encoders(dataset.modalities)
        self.head = nn.Linear(WIDTH * len(dataset.modalities), dataset.classes)

    def forward(self, inputs, available=None):
        return self.head(torch.cat([encoder(values) for encoder, values in zip(self.encoder.values(), inputs)], -1))

    def loss(self, inputs, labels):
        return F.cross_entropy(self(inputs), labels)


class Head(nn.Module):
    """RAML's mean and logarithm of the deviation (half of a log-variance, clamped)."""

    def __init__(self):
        super().__init__()
        self.mu = nn.Linear(WIDTH, WIDTH)
        self.sigma = nn.Linear(WIDTH, WIDTH)

    def forward(self, encoding):
        return self.mu(encoding), self.sigma(encoding).clamp(-10, 10) * 0.5


class Raml(Model):
    """RAML (arXiv 2310.14496) with the default options of `bench`: L_M over all missing patterns, L_U with one draw, L_D as a mean over features."""

    def __init__(self, dataset, unimodal_weight=1.0, sparsity_weight=0.2):
        super().__init__()
        count = len(dataset.modalities)
        self.encoder = encoders(dataset.modalities)
        self.head = nn.ModuleDict({modality.name: Head() for modality in dataset.modalities})
        self.predictor0 = nn.Linear(WIDTH, dataset.classes)
        self.weights = unimodal_weight, sparsity_weight
        numbers = torch.arange(1, 2**count)
        bits = torch.arange(count - 1, -1, -1)
        self.register_buffer("patterns", ((numbers.unsqueeze(1) >> bits) & 1).bool(), persistent=False)

    def gaussians(self, inputs):
        pairs = [head(encoder(values)) for head, encoder, values in zip(self.head.values(), self.encoder.values(), inputs)]
        mu, log_sigma = zip(*pairs)
        return torch.stack(mu), torch.stack(log_sigma)

    @staticmethod
    def fuse(mu, log_sigma, available):
        """Eq. 4; mu [M, B, D], available [..., M, B]."""
        scores = (-2 * log_sigma).masked_fill(~available.unsqueeze(-1), float("-inf"))
        return (scores.softmax(-3) * mu).sum(-3)

    def forward(self, inputs, available=None):
        mu, log_sigma = self.gaussians(inputs)
        if available is None:
            available = torch.ones(mu.shape[:2], dtype=torch.bool)
        return self.predictor0(self.fuse(mu, log_sigma, available))

    def loss(self, inputs, labels):
        mu, log_sigma = self.gaussians(inputs)
        copies = self.patterns.unsqueeze(-1).expand(-1, -1, len(labels))
        logits = self.predictor0(self.fuse(mu, log_sigma, copies))
        multimodal = F.cross_entropy(logits.flatten(0, 1), labels.repeat(len(copies)))
        drawn = mu + torch.randn_like(mu) * log_sigma.exp()
        unimodal = sum(F.cross_entropy(self.predictor0(own), labels) for own in drawn)
        omega = (-2 * log_sigma).softmax(0)
        sparsity = (omega * mu).abs().sum((0, 2)).mean() / WIDTH
        return multimodal + self.weights[0] * unimodal + self.weights[1] * sparsity


def build(name, dataset):
    """`concat`, `raml`, `mla`, `cp-sl`, `decalign?dropout=0`, `def-aaf?pretraining=0` or `unimodal/MODALITY`."""
    from cp_sl import CpSl
    from decalign import Decalign
    from def_aaf import DefAaf
    from mla import Mla

    method, _, modality = name.partition("/")
    if method == "unimodal":
        return Unimodal(dataset, modality)
    own = {"concat": Concat, "raml": Raml, "mla": Mla, "cp-sl": CpSl, "decalign?dropout=0": Decalign, "def-aaf?pretraining=0": DefAaf}
    return own[method](dataset)
