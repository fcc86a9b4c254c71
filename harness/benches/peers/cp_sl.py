"""`cp-sl` of `bench` for one modality beside the pivot: Eqs. 1 to 6, gradient enhancement by noise, AdamW with warm-up. Draws as in `bench`."""

import math

import torch
import torch.nn.functional as F
from torch import nn

import models

HIDDEN, LATENT, FUSION, PATCH = 256, 128, 512, 4
RECONSTRUCTION, UNIMODAL, DIVERSITY, STATISTICS = 1.0, 0.5, 0.1, 0.1
ALPHA, ETA, WARM_UP = 1.0, 0.5, 0.1


class Perceptron(nn.Module):
    """in -> hidden -> out, ReLU and dropout between."""

    def __init__(self, inputs, outputs, dropout=0.0):
        super().__init__()
        self.first, self.second, self.dropout = nn.Linear(inputs, HIDDEN), nn.Linear(HIDDEN, outputs), dropout

    def forward(self, values):
        hidden = F.relu(self.first(values))
        return self.second(F.dropout(hidden, self.dropout, self.training) if self.dropout else hidden)


class CpSl(models.Model):
    def __init__(self, dataset):
        super().__init__()
        names = [modality.name for modality in dataset.modalities]
        self.pivot = names.index("text") if "text" in names else 0
        (self.at,) = set(range(len(names))) - {self.pivot}
        pivot, own = dataset.modalities[self.pivot], dataset.modalities[self.at]
        self.kinds = pivot.kind, own.kind
        features = own.shape[0] * (PATCH**2 if own.kind == "image" else 1)
        states = nn.ModuleDict({"embedding": nn.Embedding(pivot.words, models.WIDTH)}) if pivot.kind == "tokens" else models.VectorEncoder(pivot)
        # What lies below the other's encoder here is what Eqs. 5 and 6 are about.
        self.encoder = nn.ModuleDict(
            {
                pivot.name: states,
                own.name: nn.ModuleDict({"mean": Perceptron(features, LATENT, 0.3), "variance": Perceptron(features, LATENT, 0.3)}),
            }
        )
        self.names = pivot.name, own.name
        self.other = nn.ModuleDict(
            {
                own.name: nn.ModuleDict(
                    {"branch": nn.Linear(LATENT, FUSION), "decoder": Perceptron(LATENT, features), "head": Perceptron(LATENT, dataset.classes)}
                )
            }
        )
        self.pivots = Perceptron(models.WIDTH, dataset.classes)
        self.projection = nn.Linear(FUSION, models.WIDTH, bias=False)
        self.norm = nn.LayerNorm(models.WIDTH, eps=1e-7)
        self.pooler = nn.Linear(models.WIDTH, models.WIDTH)
        self.head = nn.Linear(models.WIDTH, dataset.classes)
        # Bounds of the training split; `bench` finds them before the first step.
        self.register_buffer("low", torch.empty(1))
        self.register_buffer("high", torch.empty(1))

    def load_state_dict(self, exported):
        renamed = {"fusion.projection": "projection.weight", f"low:{self.names[1]}": "low", f"high:{self.names[1]}": "high"}
        return super().load_state_dict({renamed.get(name, name).replace("pivot.head.", "pivots."): values for name, values in exported.items()})

    def optimisers(self, fused):
        """Matrices decay, vectors do not."""
        matrices = [weights for weights in self.parameters() if weights.dim() > 1]
        vectors = [weights for weights in self.parameters() if weights.dim() < 2]
        groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
        optimiser = torch.optim.AdamW(groups, lr=4e-3, fused=fused)
        rising = math.floor(WARM_UP * self.steps)

        def rate(step):
            return step / rising if step < rising else (self.steps - step) / (self.steps - rising)

        return [optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, rate)]

    def read(self, inputs, available=None):
        """The pivot's states `[B, L, 128]`, the other's features `[B, L, d]`, the mean over the steps `[B, L]` where there are several."""
        pivot, own = self.states(inputs[self.pivot]), normalised(self.steps_of(inputs[self.at]), self.low, self.high)
        length, pooling = pivot.shape[1], None
        if available is not None:
            pivot = pivot * available[self.pivot].view(-1, 1, 1)
        if self.kinds[0] == "tokens":
            count = (inputs[self.pivot] != 0).sum(1)
            if available is not None:
                count = count * available[self.pivot]
            count = count.masked_fill(count == 0, length).float()
            pooling = (torch.arange(length) < count.unsqueeze(1)) / count.unsqueeze(1)
            own = segments(count, length, own.shape[1]) @ own
        if available is not None:
            own = own * available[self.at].view(-1, 1, 1)
        return pivot, own, pooling

    def states(self, values):
        encoder = self.encoder[self.names[0]]
        if self.kinds[0] == "tokens":
            return encoder["embedding"](values) * (values != 0).unsqueeze(-1)
        return encoder(values).unsqueeze(1)

    def steps_of(self, values):
        """A vector is one step, an image its patches of 4 x 4 pixels."""
        if self.kinds[1] != "image":
            return values.unsqueeze(1)
        patches = values.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)
        return patches.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)

    def answer(self, pivot, latent, pooling):
        """Eq. 2, then normalisation, pooling and head."""
        shift = self.projection(self.other[self.names[1]]["branch"](latent).tanh())
        normed = F.dropout(self.norm(pivot + shift.tanh()), 0.5, self.training)
        pooled = self.pooler(over_steps(normed, pooling)).tanh()
        return self.head(F.dropout(pooled, 0.5, self.training))

    def forward(self, inputs, available=None):
        pivot, own, pooling = self.read(inputs, available)
        return self.answer(pivot, self.encoder[self.names[1]]["mean"](own), pooling)

    def train_step(self, optimisers, inputs, labels):
        optimiser, schedule = optimisers
        loss, right = self.objective(*self.read(inputs), labels)
        optimiser.zero_grad()
        loss.backward()
        self.modulate(right)
        optimiser.step()
        schedule.step()
        return loss.item()

    def objective(self, pivot, own, pooling, labels):
        """Eq. 4, and the mean probability of the true class by the pivot's head and the other's."""
        encoder, networks = self.encoder[self.names[1]], self.other[self.names[1]]
        mean, variance = encoder["mean"](own), F.softplus(encoder["variance"](own))
        latent = mean + torch.randn_like(mean) * (variance + 1e-6).sqrt()
        task = F.cross_entropy(self.answer(pivot, latent, pooling), labels)
        alone = [self.pivots(over_steps(pivot, pooling)), networks["head"](over_steps(latent, pooling))]
        errors = [F.cross_entropy(logits, labels, reduction="none") for logits in alone]
        reconstruction = (networks["decoder"](latent) - own).square().mean()
        log = latent.log_softmax(-1)
        diversity = (log.exp() * log).sum(-1).mean() / math.log(LATENT)
        off = (mean.mean(-1) - own.mean(-1)).square() + (variance.mean(-1) - own.var(-1, correction=0)).square()
        unimodal = sum(error.mean() for error in errors)
        loss = task + RECONSTRUCTION * reconstruction + UNIMODAL * unimodal + DIVERSITY * diversity + STATISTICS * off.mean() / 2
        return loss, [(-error.detach()).exp().mean() for error in errors]

    @torch.no_grad()
    def modulate(self, right):
        """Eqs. 5 and 6 and the noise, on the other's encoder."""
        rival, own = right
        norms = [torch.stack([weights.grad.norm() for weights in self.encoder[name].parameters()]).mean() for name in self.names]
        coefficient = 1 - (ALPHA * own / (rival + 1e-8)).tanh() if own > rival else 1.0
        if own > rival and norms[1] > norms[0]:
            coefficient = coefficient * ETA
        for _, weights in sorted(self.encoder[self.names[1]].named_parameters()):
            deviation = weights.grad.std() + 1e-8
            weights.grad.mul_(coefficient).add_(torch.randn_like(weights.grad) * deviation)


def normalised(values, low, high):
    return (values - low) / (high - low)


def over_steps(values, pooling):
    return values.squeeze(1) if pooling is None else (pooling.unsqueeze(1) @ values).squeeze(1)


def segments(count, length, steps):
    """Weights `[B, L, T]`: step i of a sample with `count` steps takes the mean over the i-th of `count` equal parts of the T steps."""
    count = count.view(-1, 1, 1)
    width, to, start = steps / count, torch.arange(length).view(1, -1, 1), torch.arange(steps)
    begin = to * width
    end = (begin + width).clamp(max=steps)
    overlap = (end.minimum(start + 1) - begin.maximum(start)).clamp(min=0)
    return (overlap / width).masked_fill(to >= count, 0)
