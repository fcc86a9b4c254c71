"""Builds `cremad-votes` and `cremad-agree` from CREMA-D's votes; docs/datasets.md says step by step how to make the archive.

    python datasets/build/cremad.py cremad-votes.npz [OUTPUT FOLDER OF BOTH]

Arrays of the archive, one row a clip:
voice, face, av u8 [N, 6]: raters who chose anger, disgust, fear, happiness, neutral, sadness when they heard the voice, saw the face, or both;
y u8: emotion acted; actor u16: 1001 to 1091; clip: the clip's name.
"""

import sys
from pathlib import Path

import numpy as np

from folder import TEST, TRAIN, VALIDATION, key, write

HERE = Path(__file__).parent
EMOTIONS = ["anger", "disgust", "fear", "happiness", "neutral", "sadness"]
TRAIN_ACTORS, VALIDATION_ACTORS = 50, 14


def main():
    archive = np.load(sys.argv[1])
    output = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parent / "embedded"
    votes = {name: archive[name].astype(np.float64) for name in ("voice", "face", "av")}
    shares = {name: counts / counts.sum(1, keepdims=True) for name, counts in votes.items()}
    label = archive["y"]
    actors = sorted(set(archive["actor"].tolist()))
    inputs = {
        "voice": shares["voice"].astype(np.float32),
        "face": shares["face"].astype(np.float32),
        "actor": np.searchsorted(actors, archive["actor"]).astype(np.uint8),
        "split": splits(archive["actor"], actors),
        "emotion": label,
    }
    agreement = (6 * shares["av"][np.arange(len(label)), label] - 3).astype(np.float32)
    lists = {"ids.txt": archive["clip"].tolist(), "actors.txt": [str(actor) for actor in actors]}
    copies = [(HERE / "notices" / "cremad.txt", "LICENSE.txt")]

    classes = {"kind": "classification", "tensor": "emotion", "classes": EMOTIONS}
    title = "Emotion acted, from what raters heard in the voice and saw in the face (CREMA-D)"
    write(output / "cremad-votes", manifest("cremad-votes", title, classes, []), inputs, lists, copies)

    target = "agreement of audio-visual raters with the acted emotion: 6 * share - 3"
    value = {"kind": "regression", "tensor": "agreement", "target": target, "low": -3.0, "high": 3.0}
    title = "How well raters agreed on an acted emotion, from what others heard and saw (CREMA-D)"
    note = "The target is the share of the raters of the whole clip (voice and face) who chose the acted emotion, mapped to [-3, 3] by 6 * share - 3."
    write(output / "cremad-agree", manifest("cremad-agree", title, value, [note]), {**inputs, "agreement": agreement}, lists, copies)


def splits(actor_of, actors):
    order = sorted(actors, key=lambda actor: key("cremad split", actor=actor))
    code = {actor: TRAIN if at < TRAIN_ACTORS else VALIDATION if at < TRAIN_ACTORS + VALIDATION_ACTORS else TEST for at, actor in enumerate(order)}
    return np.array([code[actor] for actor in actor_of.tolist()], np.uint8)


def manifest(name, title, task, notes):
    return {
        "name": name,
        "title": title,
        "ids": "ids.txt",
        "splits": "split",
        "task": task,
        "groups": {"name": "actor", "tensor": "actor", "names": "actors.txt"},
        "modalities": [{"name": name, "kind": "vector", "shape": [6], "tensor": name, "dtype": "f32"} for name in ("voice", "face")],
        "provenance": {
            "source": "CREMA-D (CheyneyComputerScience/CREMA-D, commit 1658cd34), processedResults/tabulatedVotes.csv",
            "licence": "ODbL-1.0 (database), DbCL-1.0 (contents)",
            "licence_file": "LICENSE.txt",
            "citation": "H. Cao et al., CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset, IEEE Transactions on Affective Computing 5(4), 2014, "
            "doi:10.1109/TAFFC.2014.2336244",
            "notes": [
                *notes,
                "The modalities are not signals: each is the shares of 4 to 12 human raters who chose " + ", ".join(EMOTIONS) + ". "
                "Voice raters only heard the clip, face raters only saw it.",
                "Split by actor: 50, 14 and 27 of 91 actors for training, validation and test, in the order of the keyed SHA-256 of the actor's number.",
            ],
        },
    }


main()
