"""Builds `digits` from an archive of the three upstream sources; docs/datasets.md says step by step how to make the archive.

    python datasets/build/digits.py digits.npz [OUTPUT]

Arrays of the archive, one row a sample:
audio_logmel_20x40 u8 [N, 20 time steps, 40 mel bands]; image_28x28 u8 [N, 784]; pen_8xy u8 [N, 16]; y u8; speaker u8 (alphabetical);
is_test bool; fsdd_index u8, mnist_t10k_index u16, pendigits_row u16 (rows upstream).
"""

import sys
from pathlib import Path

import numpy as np

from folder import TEST, TRAIN, VALIDATION, write

HERE = Path(__file__).parent
SPEAKERS = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]
VALIDATION_SPEAKER = "nicolas"


def main():
    archive = np.load(sys.argv[1])
    output = sys.argv[2] if len(sys.argv) > 2 else HERE.parent / "embedded" / "digits"
    label, speaker = archive["y"], archive["speaker"]
    ids = [f"{digit}_{SPEAKERS[who]}_{index}" for digit, who, index in zip(label, speaker, archive["fsdd_index"])]
    split = np.where(archive["is_test"], TEST, np.where(speaker == SPEAKERS.index(VALIDATION_SPEAKER), VALIDATION, TRAIN)).astype(np.uint8)
    tensors = {
        "audio": archive["audio_logmel_20x40"],
        "image": archive["image_28x28"].reshape(-1, 1, 28, 28),
        "pen": archive["pen_8xy"],
        "label": label,
        "speaker": speaker,
        "split": split,
        "mnist_t10k_index": archive["mnist_t10k_index"],
        "pendigits_row": archive["pendigits_row"],
    }
    manifest = {
        "name": "digits",
        "title": "Digits spoken, written and traced: speech, image, pen, paired by label",
        "ids": "ids.txt",
        "splits": "split",
        "task": {"kind": "classification", "tensor": "label", "classes": [str(digit) for digit in range(10)]},
        "groups": {"name": "speaker", "tensor": "speaker", "names": "speakers.txt"},
        "modalities": [
            {"name": "audio", "kind": "sequence", "shape": [20, 40], "tensor": "audio", "dtype": "u8"},
            {"name": "image", "kind": "image", "shape": [1, 28, 28], "tensor": "image", "dtype": "u8", "scale": 1 / 255, "offset": 0.0},
            {"name": "pen", "kind": "vector", "shape": [16], "tensor": "pen", "dtype": "u8"},
        ],
        "provenance": {
            "source": "Free Spoken Digit Dataset (Jakobovski/free-spoken-digit-dataset, commit 26eb9aaf); MNIST test images (kelas/mnist, commit 283b3872, "
            "t10k-images-idx3-ubyte); UCI Pen-Based Recognition of Handwritten Digits (kgolofit/MOW-14Z, commit 012ab2ff, pendigits.csv)",
            "licence": "CC-BY-SA-4.0 (speech); MNIST and pendigits: see the licence file",
            "licence_file": "LICENSE.txt",
            "citation": "Z. Jackson et al., Free Spoken Digit Dataset; Y. LeCun et al., Gradient-based learning applied to document recognition, "
            "Proc. IEEE 86(11), 1998; E. Alpaydin and F. Alimoglu, Pen-Based Recognition of Handwritten Digits, UCI, 1996, doi:10.24432/C5MG6K",
            "notes": [
                "Paired by LABEL: a spoken 3, a written 3 and a traced 3 of three different people. Given the label the modalities are independent, so no "
                "cross-modal interaction can be learnt and late fusion (a product of experts) is favoured by construction. Say so beside every result.",
                "Test: the speakers lucas and yweweler, never heard in training. Validation: nicolas; of the four other speakers, the one whose "
                f"difficulty for a linear model trained on the rest (accuracy 0.58) is closest to the test speakers' (mean 0.63); jackson and theo "
                "(0.87, 0.86) would flatter.",
                "The speech is log-mel energy, 20 time steps (stretched to the clip) of 40 bands, stored as bytes; the loudness of a clip is kept.",
                "Only six speakers: results on two test speakers do not judge generalisation over speakers.",
                "Images and pen rows are used once each, so they cross no split either; pen rows of training samples come from the official training file.",
                "An id is DIGIT_SPEAKER_INDEX, the recording's name upstream. The tensors mnist_t10k_index and pendigits_row give the other two rows.",
            ],
        },
    }
    lists = {"ids.txt": ids, "speakers.txt": SPEAKERS}
    write(output, manifest, tensors, lists, [(HERE / "notices" / "digits.txt", "LICENSE.txt")])


main()
