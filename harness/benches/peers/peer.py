"""The peer: trains and evaluates in PyTorch what `bench` does, one request a line on standard input, one answer a line on standard output.

Requests: `train DATASET METHOD EPOCHS`, `losses DATASET METHOD STEPS`, `suite DATASET METHOD`, `profile DATASET METHOD STEPS`.
Times are those that the thread had the processor for. `cargo xtask peers` starts it; see README.md.
"""

import argparse
import copy
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import data
import models
import suite

EVALUATION_BATCH = 256


class Peer:
    def __init__(self, optimiser, datasets, exported):
        self.optimiser, self.folder, self.exported = optimiser, Path(datasets), Path(exported)
        self.datasets = {}

    def dataset(self, name):
        if name not in self.datasets:
            self.datasets[name] = data.read(self.folder / name)
        return self.datasets[name]

    def start(self, dataset, method, epochs=1):
        """The untrained model with the weights and the state that `bench` starts from, its optimisers, and the order of samples, `[epochs, N]`."""
        exported = load_file(self.exported / f"{dataset}-{method.replace('/', '-')}.safetensors")
        order, seeds = exported.pop("order"), exported.pop("seeds")
        model = models.build(method, self.dataset(dataset))
        named = {f"{name}.weight" if name.endswith(".embedding") else name.removeprefix("state/"): values for name, values in exported.items()}
        model.load_state_dict(named)
        model.steps = int(epochs) * len(order[0].split(model.BATCH))
        return model, model.optimisers(True if self.optimiser == "fused" else None), order, seeds

    def train(self, dataset, method, epochs):
        """Milliseconds of a training step, and of an epoch with its validation and the copy of the best weights."""
        model, optimisers, order, _ = self.start(dataset, method, epochs)
        train, validation, _ = self.dataset(dataset).splits
        best, stepping, steps, begin = (-1.0, 0.0), 0.0, 0, time.thread_time()
        kept = None
        for epoch in range(int(epochs)):
            start, total = time.thread_time(), 0.0
            model.train()
            for rows in order[epoch % len(order)].split(model.BATCH):
                total += step(model, optimisers, train, rows)
                steps += 1
            stepping += time.thread_time() - start
            score = validate(model, validation)
            if score > best:
                best, kept = score, copy.deepcopy(model.state_dict())
        whole = time.thread_time() - begin
        assert kept is not None
        return f"{1e3 * stepping / steps} {1e3 * whole / int(epochs)}"

    def losses(self, dataset, method, steps):
        """The objective of the first steps, with the draws that `bench` makes."""
        model, optimisers, order, seeds = self.start(dataset, method)
        losses = []
        for rows, seed in list(zip(order[0].split(model.BATCH), seeds.tolist()))[: int(steps)]:
            torch.manual_seed(seed)
            losses.append(step(model, optimisers, self.dataset(dataset).splits[data.TRAIN], rows))
        return " ".join(map(repr, losses))

    def suite(self, dataset, method):
        """Milliseconds of the robustness suite on the test split, every condition from scratch; the number of conditions."""
        model, *_ = self.start(dataset, method)
        start = time.thread_time()
        count = suite.run(model, self.dataset(dataset), EVALUATION_BATCH)
        return f"{1e3 * (time.thread_time() - start)} {count}"

    def profile(self, dataset, method, steps):
        """Self time by operation, percent of all, the largest first."""
        model, optimisers, order, _ = self.start(dataset, method)
        train = self.dataset(dataset).splits[data.TRAIN]
        rows = order[0].split(model.BATCH)
        step(model, optimisers, train, rows[0])
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
            for at in range(int(steps)):
                step(model, optimisers, train, rows[at % (len(rows) - 1)])
        events = sorted(profiler.key_averages(), key=lambda event: -event.self_cpu_time_total)
        total = sum(event.self_cpu_time_total for event in events)
        return " ".join(f"{event.key.replace(' ', '_')}={100 * event.self_cpu_time_total / total:.1f}" for event in events[:12])


def step(model, optimisers, train, rows):
    """One training step on the samples at `rows`; the objective before it."""
    return model.train_step(optimisers, [values[rows] for values in train.inputs], train.labels[rows])


@torch.no_grad()
def validate(model, split):
    """Accuracy, then the lower negative log-likelihood: better when greater."""
    model.eval()
    right = likelihood = 0.0
    for start in range(0, len(split.labels), EVALUATION_BATCH):
        labels = split.labels[start : start + EVALUATION_BATCH]
        logits = model([values[start : start + EVALUATION_BATCH] for values in split.inputs])
        right += (logits.argmax(-1) == labels).sum().item()
        likelihood -= F.cross_entropy(logits, labels, reduction="sum").item()
    return right, likelihood


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--optimiser", choices=["eager", "fused"], required=True)
    parser.add_argument("--datasets", required=True, help="folder of dataset folders")
    parser.add_argument("--exported", required=True, help="folder of initial weights and batch orders that `bench` wrote")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    peer = Peer(arguments.optimiser, arguments.datasets, arguments.exported)
    for line in sys.stdin:
        name, *rest = line.split()
        print(getattr(peer, name)(*rest), flush=True)


if __name__ == "__main__":
    main()
