"""`decalign?dropout=0` of `bench`, after the paper's equations, written one modality and one sweep at a time as one usually writes it."""

import itertools
import math

import torch
import torch.nn.functional as F
from torch import nn

import models

WIDTH, HEADS, LAYERS = 32, 4, 2
ALPHA, BETA, CONTRASTIVE, TEMPERATURE = 0.05, 0.05, 0.003, 0.1
ITERATIONS, REGULARISATION, SWEEPS = 5, 0.1, 50
MOST_COMPONENTS, MOST_JOINT = 16, 3


class VectorSteps(models.VectorEncoder):
    """One frame."""

    def forward(self, values):
        return super().forward(values).unsqueeze(1), None


class ImageSteps(nn.Module):
    """The positions of the feature map."""

    def __init__(self, modality):
        super().__init__()
        self.convolution0 = nn.Conv2d(modality.shape[0], 16, 3, stride=2, padding=1)
        self.convolution1 = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.position = nn.Linear(32, models.WIDTH)

    def forward(self, values):
        features = F.relu(self.convolution1(F.relu(self.convolution0(values))))
        return F.relu(self.position(features.flatten(2).transpose(1, 2))), None


class TokenSteps(nn.Module):
    """The words' embeddings, zero behind the end."""

    def __init__(self, modality):
        super().__init__()
        self.embedding = nn.Embedding(modality.words, models.WIDTH)

    def forward(self, words):
        there = words != 0
        return self.embedding(words) * there.unsqueeze(-1), there


STEPS = {"vector": VectorSteps, "image": ImageSteps, "tokens": TokenSteps}


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.projection = nn.Linear(WIDTH, 3 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)
        self.output_norm = nn.LayerNorm(WIDTH)

    def forward(self, state, context, blocked):
        weights, biases = self.projection.weight.split(WIDTH), self.projection.bias.split(WIDTH)
        split = lambda tensor: tensor.unflatten(-1, (HEADS, -1)).transpose(1, 2)
        query, key, value = (split(F.linear(source, *pair)) for source, *pair in zip((state, context, context), weights, biases))
        scores = query @ key.transpose(-1, -2) / math.sqrt(WIDTH // HEADS)
        if blocked is not None:
            scores = scores.masked_fill(blocked[:, None, None], float("-inf"))
        attended = (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)
        state = self.attention_norm(state + self.attended(attended))
        return self.output_norm(state + self.narrow(F.relu(self.widen(state))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, state, context, blocked):
        state, context = state * math.sqrt(WIDTH), context * math.sqrt(WIDTH)
        for layer in self.layers:
            state = layer(state, context, blocked)
        return state


class Decalign(models.Model):
    BATCH = 64

    def __init__(self, dataset):
        super().__init__()
        count = len(dataset.modalities)
        self.count, self.components = count, min(max(dataset.classes, 2), MOST_COMPONENTS)
        self.encoder = nn.ModuleDict({modality.name: STEPS[modality.kind](modality) for modality in dataset.modalities})
        self.projection = nn.ModuleDict({modality.name: nn.Conv1d(models.WIDTH, WIDTH, 1, bias=False) for modality in dataset.modalities})
        self.unique = nn.ModuleList(nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(count))
        self.common = nn.Linear(WIDTH, WIDTH, bias=False)
        self.transformer = nn.ModuleList(Transformer() for _ in range(count))
        self.latent = nn.ModuleList(nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH)) for _ in range(count))
        self.head = nn.Linear(2 * count * WIDTH, dataset.classes)

    def load_state_dict(self, exported):
        """`bench` holds the modalities' networks stacked."""
        own = {}
        for name, values in exported.items():
            root, _, rest = name.partition(".")
            if root == "projection":
                own[f"{name}.weight"] = values
            elif root == "common":
                own["common.weight"] = values
            elif root == "unique":
                own |= {f"unique.{at}.weight": part for at, part in enumerate(values)}
            elif root == "transformer":
                own |= {f"transformer.{at}.layers.{rest.removeprefix('layer')}": part for at, part in enumerate(values)}
            elif root == "latent":
                own |= {f"latent.{at}.{rest.replace('first', '0').replace('second', '2')}": part for at, part in enumerate(values)}
            else:
                own[name] = values
        return super().load_state_dict(own)

    def fused(self, inputs):
        frames, masks = zip(*(encoder(values) for encoder, values in zip(self.encoder.values(), inputs)))
        projected = [conv(own.transpose(1, 2)).transpose(1, 2) for conv, own in zip(self.projection.values(), frames)]
        unique = [encoder(own) for encoder, own in zip(self.unique, projected)]
        common = [self.common(own) for own in projected]
        pooled = [mean(own, mask) for own, mask in zip(common, masks)]
        heterogeneous = []
        for at, transformer in enumerate(self.transformer):
            others = [other for other in range(self.count) if other != at]
            context = torch.cat([unique[other] for other in others], 1)
            blocked = None
            if any(masks[other] is not None for other in others):
                there = [masks[other] if masks[other] is not None else torch.ones(unique[other].shape[:2], dtype=torch.bool) for other in others]
                blocked = ~torch.cat(there, 1)
                silent = blocked.all(1, keepdim=True)
                own = mean(transformer(unique[at], context, blocked & ~silent), masks[at]) * ~silent
            else:
                own = mean(transformer(unique[at], context, None), masks[at])
            heterogeneous.append(own)
        return torch.cat(heterogeneous + pooled, -1), unique, common, masks, pooled

    def forward(self, inputs, available=None):
        return self.head(self.fused(inputs)[0])

    def loss(self, inputs, labels):
        fused, unique, common, masks, pooled = self.fused(inputs)
        task = F.cross_entropy(self.head(fused), labels)
        cosines = [F.cosine_similarity(own.flatten(1), other.flatten(1)) for own, other in zip(unique, common)]
        decoupling = torch.stack([own.square().mean() for own in cosines]).mean()
        hete = self.heterogeneity([mean(own, mask) for own, mask in zip(unique, masks)])
        homo = homogeneity([latent(own) for latent, own in zip(self.latent, pooled)])
        return task + decoupling + ALPHA * hete + BETA * homo + CONTRASTIVE * contrastive(fused, labels)

    def heterogeneity(self, pooled):
        """Eqs. 2 to 9."""
        fits = [expectation_maximisation(own, self.components) for own in pooled]
        marginals = [posterior.mean(0) / posterior.mean(0).sum() for *_, posterior in fits]
        pairs = list(itertools.combinations(range(self.count), 2))
        costs = {pair: wasserstein(fits[pair[0]], fits[pair[1]]) for pair in pairs}
        if self.count <= MOST_JOINT:
            places = ["".join("ijk"[axis] for axis in range(self.count))]
            joint = 0
            for left, right in pairs:
                shape = [1] * self.count
                shape[left] = shape[right] = self.components
                joint = joint + costs[left, right].view(shape)
            transport = sinkhorn(joint, marginals, places[0])
        else:
            transport = sum(sinkhorn(costs[pair], [marginals[at] for at in pair], "ij") for pair in pairs)
        local = []
        for at, other in itertools.permutations(range(self.count), 2):
            distance = (pooled[at].unsqueeze(1) - fits[other][0].unsqueeze(0)).square().mean(-1)
            local.append((fits[at][2] * distance).sum(1).mean())
        return transport + torch.stack(local).mean()


def mean(values, mask):
    """Over the frames that are there."""
    if mask is None:
        return values.mean(1)
    return (values * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)


def expectation_maximisation(samples, components):
    """Means and variances [K, d], responsibilities [N, K]."""
    rows = len(samples)
    places = torch.linspace(0, rows - 1, components).round().long() if rows >= components else torch.arange(components) % rows
    means, share = samples[places], torch.full((components,), 1 / components)
    variances = samples.var(0, unbiased=False).clamp(min=1e-4).expand(components, -1)

    def responsibilities():
        distance = ((samples.unsqueeze(1) - means).square() / variances + variances.log() + math.log(2 * math.pi)).sum(-1)
        return (share.clamp(min=1e-8).log() - 0.5 * distance).softmax(-1)

    for _ in range(ITERATIONS):
        posterior = responsibilities()
        mass = posterior.sum(0).clamp(min=1e-6)
        share = mass / rows
        means = posterior.T @ samples / mass.unsqueeze(-1)
        variances = (posterior.T @ samples.square() / mass.unsqueeze(-1) - means.square()).clamp(min=1e-4)
    return means, variances, responsibilities()


def wasserstein(left, right):
    """Eq. 6, mean over the features."""
    means = (left[0].unsqueeze(1) - right[0].unsqueeze(0)).square().mean(-1)
    first, second = left[1].unsqueeze(1), right[1].unsqueeze(0)
    return means + (first + second - 2 * (first * second + 1e-8).sqrt()).mean(-1)


def sinkhorn(cost, marginals, axes):
    """Eqs. 7 and 8, 50 sweeps; the released loss."""
    kernel = (-cost / REGULARISATION).exp().clamp(min=1e-30)
    scalings = [torch.ones_like(own) for own in marginals]
    for _ in range(SWEEPS):
        for at, axis in enumerate(axes):
            others = [other for other in range(len(axes)) if other != at]
            terms = ",".join([axes] + [axes[other] for other in others])
            total = torch.einsum(f"{terms}->{axis}", kernel, *(scalings[other] for other in others))
            scalings[at] = marginals[at] / (total + 1e-8)
    plan = torch.einsum(f"{axes},{','.join(axes)}->{axes}", kernel, *scalings)
    return (plan * cost).sum() + REGULARISATION * (plan * (plan.clamp(min=1e-8).log() - 1)).sum()


def homogeneity(latent):
    """Eqs. 10 to 12."""
    moments = []
    for own in latent:
        centre = own.mean(0)
        away = own - centre
        variance = away.square().mean(0).clamp(min=1e-6)
        moments.append((centre, away.T @ away / (len(own) - 1), away.pow(3).mean(0) / variance.pow(1.5)))
    kernel = lambda left, right: (-torch.cdist(left, right).square() / 2).exp().mean()
    semantic, discrepancy = [], []
    for left, right in itertools.combinations(range(len(latent)), 2):
        semantic.append(sum((one - other).square().mean() for one, other in zip(moments[left], moments[right])))
        own, other = latent[left], latent[right]
        discrepancy.append(kernel(own, own) + kernel(other, other) - 2 * kernel(own, other))
    return torch.stack(semantic).mean() + torch.stack(discrepancy).mean()


def contrastive(features, labels):
    """Supervised contrastive loss of the fused features."""
    features = F.normalize(features, dim=-1)
    itself = torch.eye(len(features), dtype=torch.bool)
    similarity = (features @ features.T / TEMPERATURE).masked_fill(itself, float("-inf"))
    positive = (labels.unsqueeze(0) == labels.unsqueeze(1)) & ~itself
    each = -similarity.log_softmax(-1).masked_fill(~positive, 0).sum(1) / positive.sum(1).clamp(min=1)
    return each[positive.any(1)].mean()
