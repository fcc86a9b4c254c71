"""FLOPs of the peers' models by PyTorch's own counter: what `bench profile` is checked against.

    .peers-venv/bin/python harness/benches/peers/flops.py [--batch N] DATASET METHOD …

A line a method: prediction, objective, backward pass of the objective. `cargo xtask peers` makes the environment.
"""

import argparse
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

import data
import models

EMBEDDED = Path(__file__).resolve().parents[3] / "datasets" / "embedded"


def flops(work):
    with FlopCounterMode(display=False) as counter:
        answer = work()
    return counter.get_total_flops(), answer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64, help="samples (default 64)")
    parser.add_argument("dataset", help="an embedded dataset")
    parser.add_argument("methods", nargs="+", metavar="method")
    arguments = parser.parse_args()
    dataset = data.read(EMBEDDED / arguments.dataset)
    train = dataset.splits[data.TRAIN]
    inputs, labels = [values[: arguments.batch] for values in train.inputs], train.labels[: arguments.batch]
    for method in arguments.methods:
        model = models.build(method, dataset)
        with torch.no_grad():
            inference, _ = flops(lambda: model(inputs))
        forward, loss = flops(lambda: model.loss(inputs, labels))
        backward, _ = flops(loss.backward)
        print(f"{method}: inference {inference}, forward {forward}, backward {backward}")


if __name__ == "__main__":
    main()
