"""The robustness suite as a loop that evaluates each condition from scratch."""

import torch
import torch.nn.functional as F

import data

NOISE = {"image": [0.08, 0.12, 0.18, 0.26, 0.38], "vector": [0.25, 0.5, 1.0, 2.0]}
WORDS = [0.05, 0.10, 0.15, 0.20, 0.25]
ATTACKS = {"image": [1 / 255, 4 / 255, 16 / 255], "vector": [0.02, 0.05, 0.1]}


def conditions(dataset):
    """(kind, modality, level), as `bench suites show robustness` lists them for the dataset."""
    yield "clean", None, None
    for at, modality in enumerate(dataset.modalities):
        yield from (("noise", at, level) for level in NOISE.get(modality.kind, []))
        yield from (("mask", at, level) for level in WORDS if modality.kind == "tokens")
    count = len(dataset.modalities)
    for pattern in range(1, 2**count - 1):
        yield "missing", [bool(pattern >> at & 1) for at in range(count)], None
    for at, modality in enumerate(dataset.modalities):
        yield from (("attack", at, level) for level in ATTACKS.get(modality.kind, []))


def run(model, dataset, batch):
    """Evaluates every condition; gives their number."""
    model.eval()
    test, count = dataset.splits[data.TEST], 0
    for kind, which, level in conditions(dataset):
        for start in range(0, len(test.labels), batch):
            inputs = [values[start : start + batch] for values in test.inputs]
            available = torch.ones(len(inputs), len(inputs[0]), dtype=torch.bool)
            if kind == "noise":
                inputs[which] = noisy(inputs[which], dataset.modalities[which], level)
            elif kind == "mask":
                inputs[which] = masked(inputs[which], level)
            elif kind == "missing":
                inputs = [values if there else torch.zeros_like(values) for values, there in zip(inputs, which)]
                available &= torch.tensor(which).unsqueeze(1)
            elif kind == "attack":
                inputs[which] = attacked(model, inputs, which, test.labels[start : start + batch], dataset.modalities[which], level)
            with torch.no_grad():
                logits = model(inputs, available)
            assert bool(logits.isfinite().all())
        count += 1
    return count


def bounded(values, modality):
    return values if modality.bounds is None else torch.maximum(torch.minimum(values, modality.bounds[1]), modality.bounds[0])


def noisy(values, modality, level):
    return bounded(values + level * modality.unit * torch.randn_like(values), modality)


def masked(words, rate):
    return words.masked_fill((torch.rand(words.shape) < rate) & (words != 0), data.UNKNOWN)


def attacked(model, inputs, which, labels, modality, level):
    """FGSM on one modality."""
    leaves = list(inputs)
    leaves[which] = inputs[which].clone().requires_grad_()
    loss = F.cross_entropy(model(leaves), labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, leaves[which], materialize_grads=True, allow_unused=True)
    return bounded(inputs[which] + level * modality.unit * gradient.sign(), modality)
