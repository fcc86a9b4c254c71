"""`def-aaf?pretraining=0` of `bench`: every step of stage 2, the critic's gradient penalty by double backward, one layer on `[x; e]`."""

import itertools

import torch
import torch.nn.functional as F
from torch import nn

import models

WIDTH, HIDDEN = 256, 256
INTRA, CROSS, CONTRASTIVE, TEMPERATURE = 0.5, 0.5, 0.5, 0.5
CRITIC_STEPS, PENALTY = 5, 10


def width(modality):
    return modality.words if modality.kind == "tokens" else torch.Size(modality.shape).numel()


class Conditional(nn.Module):
    """Three layers on `[x; e]`."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.first = nn.Linear(inputs + WIDTH, HIDDEN)
        self.second = nn.Linear(HIDDEN, HIDDEN)
        self.third = nn.Linear(HIDDEN, outputs)

    def forward(self, values, embedding):
        """`[B, M, in]` and `[B, d_e]`."""
        joined = torch.cat([values, embedding.unsqueeze(1).expand(-1, values.shape[1], -1)], -1)
        return self.third(F.relu(self.second(F.relu(self.first(joined)))))


class Encoder(nn.Module):
    """Eq. 2."""

    def __init__(self, modalities):
        super().__init__()
        self.project = nn.ModuleDict({modality.name: nn.Linear(width(modality), HIDDEN) for modality in modalities})
        self.shared = Conditional(HIDDEN, WIDTH)

    def project_all(self, features):
        return torch.stack([project(own) for project, own in zip(self.project.values(), features)], 1)


class Decoder(nn.Module):
    """Eq. 3."""

    def __init__(self, modalities):
        super().__init__()
        self.output = nn.ModuleDict({modality.name: nn.Linear(HIDDEN, width(modality)) for modality in modalities})
        self.shared = Conditional(WIDTH, HIDDEN)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(WIDTH, HIDDEN)
        self.second = nn.Linear(HIDDEN, HIDDEN)
        self.last = nn.Linear(HIDDEN, 1, bias=False)

    def forward(self, values):
        return self.last(F.leaky_relu(self.second(F.leaky_relu(self.first(values), 0.2)), 0.2)).squeeze(-1)


class DefAaf(models.Model):
    BATCH = 64

    def __init__(self, dataset):
        super().__init__()
        self.kinds, self.count = [modality.kind for modality in dataset.modalities], len(dataset.modalities)
        self.encoder, self.decoder = Encoder(dataset.modalities), Decoder(dataset.modalities)
        self.classes = nn.Parameter(torch.empty(dataset.classes, WIDTH))
        self.scorer = nn.ModuleDict({"first": nn.Linear(WIDTH, HIDDEN), "second": nn.Linear(HIDDEN, 1)})
        self.head = nn.Linear(WIDTH, dataset.classes)
        self.critic = Critic()
        self.words = [getattr(modality, "words", 0) for modality in dataset.modalities]
        # From the training split; `bench` finds them before the first step.
        self.register_buffer("prior", torch.empty(dataset.classes))
        self.register_buffer("feature_scales", torch.empty(self.count))

    def load_state_dict(self, exported):
        """`bench` holds the first layer's two parts apart, and critics stacked."""
        own = dict(exported)
        for network in ("encoder", "decoder"):
            name = f"{network}.shared.first"
            own[f"{name}.weight"] = torch.cat([own[f"{name}.weight"], own.pop(f"{name}.condition")], 1)
        for layer in ("first", "second", "last"):
            own[f"critic.{layer}.weight"] = own[f"critic.{layer}.weight"].squeeze(0)
        for layer in ("first", "second"):
            own[f"critic.{layer}.bias"] = own[f"critic.{layer}.bias"].flatten()
        own["critic.last.weight"] = own["critic.last.weight"].T
        return super().load_state_dict(own)

    def optimisers(self, fused):
        model = [weights for name, weights in self.named_parameters() if not name.startswith("critic.")]
        return [
            torch.optim.AdamW(model, lr=1e-3, weight_decay=5e-4, fused=fused),
            torch.optim.Adam(self.critic.parameters(), lr=1e-4, betas=(0.0, 0.9), fused=fused),
        ]

    def features(self, inputs):
        """Fixed features: values as they are, how often each word stands in a text divided by its length."""
        flat = [word_shares(values, words) if kind == "tokens" else values.flatten(1) for values, kind, words in zip(inputs, self.kinds, self.words)]
        return [own * scale for own, scale in zip(flat, self.feature_scales)]

    def fuse(self, codes, available=None):
        """Eqs. 11 and 12; codes [B, M, d_e], available [M, B]."""
        scores = self.scorer["second"](self.scorer["first"](codes).tanh()).squeeze(-1)
        if available is not None:
            scores = scores.masked_fill(~available.T, float("-inf"))
        return (scores.softmax(-1).unsqueeze(-1) * codes).sum(1)

    def two_passes(self, projected, available=None):
        """Without the label: under the mean embedding of the classes' shares, then under the first pass's posterior."""

        def classify(embedding):
            return self.head(self.fuse(self.encoder.shared(projected, embedding), available))

        first = classify((self.prior @ self.classes).expand(len(projected), -1))
        return first, classify(first.softmax(-1) @ self.classes)

    def forward(self, inputs, available=None):
        return self.two_passes(self.encoder.project_all(self.features(inputs)), available)[1]

    def train_step(self, optimisers, inputs, labels):
        """The critic's steps, then one of everything else."""
        own, critics = optimisers
        features = self.features(inputs)
        projected = self.encoder.project_all(features)
        embedding = self.classes[labels]
        codes = self.encoder.shared(projected, embedding)
        fused = self.fuse(codes)
        self.train_critic(critics, codes.detach(), fused.detach())
        loss = self.objective(features, projected, embedding, codes, fused, labels)
        own.zero_grad()
        loss.backward()
        own.step()
        return loss.item()

    def train_critic(self, optimiser, codes, fused):
        """Eqs. 13, 14 and 16; draws as in `bench`, all at once."""
        for share in torch.rand(CRITIC_STEPS, len(codes), self.count, 1):
            between = (share * fused.unsqueeze(1) + (1 - share) * codes).requires_grad_()
            (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
            penalty = (slope.norm(dim=-1) - 1).square().mean()
            loss = self.critic(fused).mean() - self.critic(codes).mean() + PENALTY * penalty
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    def objective(self, features, projected, embedding, codes, fused, labels):
        first, second = self.two_passes(projected)
        task = (F.cross_entropy(first, labels) + F.cross_entropy(second, labels)) / 2
        pairs = list(itertools.combinations(range(self.count), 2))
        homologous = torch.stack([(codes[:, one] - codes[:, other]).square().mean() for one, other in pairs]).mean()
        intra, cross = self.reconstruction(features, codes, embedding)
        self.critic.requires_grad_(False)
        alignment = self.critic(codes).mean() - self.critic(fused).mean()
        self.critic.requires_grad_(True)
        return homologous + INTRA * intra + CROSS * cross + CONTRASTIVE * contrastive(codes) + alignment + task

    def reconstruction(self, features, codes, embedding):
        """Eqs. 5 and 6: each modality from its own code, and from the others'."""
        hidden = self.decoder.shared(codes, embedding)
        intra, cross = [], []
        for at, (output, own) in enumerate(zip(self.decoder.output.values(), features)):
            errors = (output(hidden) - own.unsqueeze(1)).square().mean((0, 2))
            intra.append(errors[at])
            cross += [errors[other] for other in range(self.count) if other != at]
        return torch.stack(intra).mean(), torch.stack(cross).mean()


def word_shares(values, words):
    there = (values != 0).float()
    counts = torch.zeros(len(values), words).scatter_add(1, values, there)
    return counts / there.sum(1, keepdim=True).clamp(min=1)


def contrastive(codes):
    """Eq. 8 on unit vectors: positives are the codes of the same sample, negatives those of all others."""
    count, modalities, _ = codes.shape
    units = F.normalize(codes, dim=-1).flatten(0, 1)
    similarity = units @ units.T / TEMPERATURE
    sample = torch.arange(count).repeat_interleave(modalities)
    same = sample.unsqueeze(1) == sample.unsqueeze(0)
    negatives = similarity.masked_fill(same, float("-inf")).logsumexp(-1, keepdim=True)
    positive = same & ~torch.eye(len(same), dtype=torch.bool)
    return (torch.logaddexp(similarity, negatives) - similarity)[positive].mean()
