"""`mla` of `bench`: one modality after the other in every batch, a head that all share, its gradient projected; answers weighed by their entropy."""

import torch
import torch.nn.functional as F
from torch import nn

import models

LAMBDA = 0.1


class Mla(models.Model):
    BATCH = 64

    def __init__(self, dataset):
        super().__init__()
        self.encoder = models.encoders(dataset.modalities)
        self.head0 = nn.Linear(models.WIDTH, dataset.classes)
        self.register_buffer("projector", torch.eye(models.WIDTH))
        # Mean feature of the sub-step before; none before the first.
        self.previous = None

    def load_state_dict(self, exported):
        """The exported projector is that of the first step, an identity that waits for nothing."""
        return super().load_state_dict({name: values for name, values in exported.items() if name not in ("previous-mean", "begun")})

    def optimisers(self, fused):
        """One group; PyTorch's fused step wants a group a module, since it fails where some parameters of a group have a momentum and some have none yet."""
        modules = [*self.encoder.values(), self.head0]
        groups = [{"params": module.parameters()} for module in modules] if fused else self.parameters()
        return [torch.optim.SGD(groups, lr=0.1, momentum=0.9, weight_decay=1e-4, fused=fused)]

    def forward(self, inputs, available=None):
        logits = torch.stack([self.head0(encoder(values)) for encoder, values in zip(self.encoder.values(), inputs)])
        log = logits.log_softmax(-1)
        scores = (log.exp() * log).sum(-1)
        if available is not None:
            scores = scores.masked_fill(~available, float("-inf"))
        return (scores.softmax(0).unsqueeze(-1) * logits).sum(0)

    def train_step(self, optimisers, inputs, labels):
        """A round of sub-steps, one a modality; the sum of their losses, each before its step."""
        (optimiser,) = optimisers
        total = 0.0
        for encoder, values in zip(self.encoder.values(), inputs):
            features = encoder(values)
            loss = F.cross_entropy(self.head0(features), labels)
            optimiser.zero_grad()
            loss.backward()
            self.modify_gradient(features.detach().mean(0))
            optimiser.step()
            total += loss.item()
        return total

    @torch.no_grad()
    def modify_gradient(self, mean):
        """P absorbs the sub-step before by recursive least squares, then G P; the very first sub-step is left alone."""
        if self.previous is not None:
            seen = self.projector @ self.previous
            self.projector -= torch.outer(seen, seen) / (LAMBDA + self.previous @ seen)
            self.head0.weight.grad = self.head0.weight.grad @ self.projector
        self.previous = mean
