"""A dataset folder of `bench` (format 1, see docs/datasets.md) as normalised tensors."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from safetensors.numpy import load_file

TRAIN, VALIDATION, TEST = range(3)
UNKNOWN = 1  # The word that a masked one becomes.


def read(folder):
    """Splits as lists of modalities and labels; `units` and `bounds` of each continuous modality for noise and attacks."""
    folder = Path(folder)
    manifest = tomllib.loads((folder / "dataset.toml").read_text())
    tensors = load_file(folder / "data.safetensors")
    ids = (folder / manifest["ids"]).read_text().splitlines()
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__))
    codes = tensors[manifest["splits"]][order]
    rows = [order[codes == code] for code in (TRAIN, VALIDATION, TEST)]
    labels = tensors[manifest["task"]["tensor"]].astype(np.int64)
    modalities = [_modality(entry, tensors, rows, folder) for entry in manifest["modalities"]]
    splits = [
        SimpleNamespace(inputs=[torch.from_numpy(modality.values[part]) for modality in modalities], labels=torch.from_numpy(labels[part]))
        for part in rows
    ]
    return SimpleNamespace(modalities=modalities, classes=len(manifest["task"]["classes"]), splits=splits)


def _modality(entry, tensors, rows, folder):
    values, kind = tensors[entry["tensor"]], entry["kind"]
    if kind == "tokens":
        words = len((folder / entry["vocabulary"]).read_text().splitlines())
        return SimpleNamespace(name=entry["name"], kind=kind, values=values.astype(np.int64), words=words)
    if values.dtype == np.uint8:
        values = (values * entry.get("scale", 1.0) + entry.get("offset", 0.0)).astype(np.float32)
    # Per feature of a vector, per channel of an image, from the training split.
    axes = (0, 2, 3) if kind == "image" else (0,)
    train = values[rows[TRAIN]].astype(np.float64)
    mean, deviation = (figure.astype(np.float32) for figure in (train.mean(axes, keepdims=True), train.std(axes, keepdims=True)))
    scale = np.where(deviation > 0, deviation, np.float32(1))
    unit = 1.0 / scale if kind == "image" else deviation / scale
    bounds = [torch.from_numpy((bound - mean) / scale) for bound in (0.0, 1.0)] if kind == "image" else None
    return SimpleNamespace(
        name=entry["name"], kind=kind, values=(values - mean) / scale, shape=entry["shape"], unit=torch.from_numpy(unit.astype(np.float32)), bounds=bounds
    )
