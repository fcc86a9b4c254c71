"""Builds `openmoji` from the npm package openmoji 17.0.0.

    npm pack openmoji@17.0.0
    python datasets/build/openmoji.py openmoji-17.0.0.tgz [OUTPUT]

Without arguments, it fetches the package with npm into a temporary folder. Needs the command rsvg-convert (librsvg; 2.54.7 was used, another
version may draw some pixels differently) and the Python packages numpy, pillow, safetensors, scipy.
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.sparse.csgraph import connected_components

from folder import TEST, TRAIN, VALIDATION, key, write

HERE = Path(__file__).parent
GROUPS = ["smileys-emotion", "people-body", "animals-nature", "food-drink", "travel-places", "activities", "objects", "symbols", "flags"]
REMOVED = (
    "activities activity animal animals body drink drinks emotion emotions flag flags food nature object objects people place places "
    "smiley smileys symbol symbols travel"
).split()
SIZE = 24
STEPS = 24
PIXEL_DISTANCE = 0.10
WORD_OVERLAP = 0.60
SHARES = {TRAIN: 0.6, VALIDATION: 0.2, TEST: 0.2}


def main():
    archive = sys.argv[1] if len(sys.argv) > 1 else None
    output = sys.argv[2] if len(sys.argv) > 2 else HERE.parent / "embedded" / "openmoji"
    with tempfile.TemporaryDirectory() as scratch:
        if archive is None:
            subprocess.run(["npm", "pack", "openmoji@17.0.0"], cwd=scratch, check=True)
            archive = next(Path(scratch).glob("openmoji-17.0.0.tgz"))
        with tarfile.open(archive) as package:
            package.extractall(scratch, filter="data")
        package = Path(scratch) / "package"
        emoji = select(json.loads((package / "data" / "openmoji.json").read_text(encoding="utf-8")))
        with ThreadPoolExecutor() as pool:
            images = np.stack(list(pool.map(lambda entry: draw(package, Path(scratch), entry), emoji)))
        build(output, emoji, images, package / "LICENSE.txt")


def select(entries):
    """Emoji of the nine groups without skin tones, and without the men and women of whom there is a person too."""
    annotations = {entry["annotation"] for entry in entries}

    def has_twin(annotation):
        match = re.match(r"(man|woman)\b[: ]*(.*)$", annotation)
        if match is None:
            return False
        who, rest = match.groups()
        twins = {f"person {rest}", f"person: {rest}", rest}
        if who == "woman":
            twins.add(annotation.replace("woman", "man", 1))
        return bool(twins & annotations)

    return [entry for entry in entries if not entry["skintone"] and entry["group"] in GROUPS and not has_twin(entry["annotation"])]


def draw(package, scratch, entry):
    """Pixels [3, 24, 24] on white."""
    name = entry["hexcode"]
    target = scratch / f"{name}.png"
    source = package / "color" / "svg" / f"{name}.svg"
    subprocess.run(["rsvg-convert", "-w", str(SIZE), "-h", str(SIZE), "-b", "white", source, "-o", target], check=True)
    return np.asarray(Image.open(target).convert("RGB")).transpose(2, 0, 1)


def build(output, emoji, images, licence):
    ids = [entry["hexcode"] for entry in emoji]
    label = np.array([GROUPS.index(entry["group"]) for entry in emoji], np.uint8)
    texts = [re.findall(r"[a-z0-9]+", f"{entry['annotation']} {entry['tags']} {entry['openmoji_tags']}".lower()) for entry in emoji]
    texts = [[word for word in words if word not in REMOVED] for words in texts]
    cluster = clusters(images, texts)
    split = splits(ids, label, cluster)
    samples_with = Counter(word for words, code in zip(texts, split) if code == TRAIN for word in set(words))
    vocabulary = ["<pad>", "<unk>", *sorted(word for word, samples in samples_with.items() if samples > 1)]
    number = {word: at for at, word in enumerate(vocabulary)}
    tokens = np.zeros((len(ids), STEPS), np.uint16)
    for row, words in enumerate(texts):
        shown = [number.get(word, 1) for word in words[:STEPS]]
        tokens[row, : len(shown)] = shown
    truncated = sum(len(words) > STEPS for words in texts)
    unknown = {code: np.mean([word not in number for words, other in zip(texts, split) if other == code for word in words]) for code in SHARES}
    names = [ids[np.flatnonzero(cluster == at)[0]] for at in range(cluster.max() + 1)]
    sizes = np.bincount(cluster)
    manifest = {
        "name": "openmoji",
        "title": "Emoji: a 24 × 24 colour image and its words, nine groups (OpenMoji)",
        "ids": "ids.txt",
        "splits": "split",
        "task": {"kind": "classification", "tensor": "label", "classes": GROUPS},
        "groups": {"name": "cluster", "tensor": "cluster", "names": "clusters.txt"},
        "modalities": [
            {"name": "image", "kind": "image", "shape": [3, SIZE, SIZE], "tensor": "image", "dtype": "u8", "scale": 1 / 255, "offset": 0.0},
            {"name": "text", "kind": "tokens", "shape": [STEPS], "tensor": "text", "dtype": "u16", "vocabulary": "vocabulary.txt"},
        ],
        "provenance": {
            "source": "npm package openmoji 17.0.0: data/openmoji.json and color/svg, drawn at 24 × 24 on white by rsvg-convert 2.54.7",
            "licence": "CC-BY-SA-4.0",
            "licence_file": "LICENSE.txt",
            "citation": "OpenMoji, the open-source emoji and icon project, https://openmoji.org",
            "notes": [
                "Truly paired: image and words belong to the same emoji. Emoji with a skin tone, and men and women of whom there is a person too, are left out.",
                "The words are annotation, tags and OpenMoji tags in lower case, in this order, so a word can stand twice. The names of the classes "
                "(removed_words) are taken out: they would give the class away.",
                f"Near-twins are two emoji whose images differ by less than {PIXEL_DISTANCE} (root mean square over pixels in [0, 1]) or whose sets of words "
                f"overlap by {WORD_OVERLAP} or more (shared over all). Clusters are the connected components: {len(sizes)} of them, "
                f"{(sizes > 1).sum()} with more than one emoji ({sizes[sizes > 1].sum()} emoji), the largest with {sizes.max()}. No cluster crosses splits.",
                "Clusters go to splits from the largest down (equal ones in the order of the keyed SHA-256 of their first emoji), each to the split that "
                "lacks most of its classes on the way to 60/20/20; large clusters therefore lie in training.",
                f"The vocabulary is made of words that at least two training emoji have; the others are <unk>, so that it is trained: "
                f"{unknown[TRAIN]:.1%} of the words in training, {unknown[VALIDATION]:.1%} in validation, {unknown[TEST]:.1%} in test.",
                f"Texts are cut behind {STEPS} words: {truncated} of {len(ids)} emoji lose some.",
                "Labels are the emoji standard's groups, partly a matter of convention: the animal crab and the zodiac's crab are of different groups (and in one cluster).",
            ],
            "removed_words": REMOVED,
        },
    }
    tensors = {"image": images, "text": tokens, "label": label, "split": split, "cluster": cluster.astype(np.uint16)}
    lists = {"ids.txt": ids, "clusters.txt": names, "vocabulary.txt": vocabulary}
    write(output, manifest, tensors, lists, [(licence, "LICENSE.txt")])


def clusters(images, texts):
    """Connected components of near-twins, numbered by their first emoji. Whole-number arithmetic: the same on every machine."""
    flat = images.reshape(len(images), -1).astype(np.int64)
    limit = int(PIXEL_DISTANCE**2 * 255**2 * flat.shape[1])
    sets = [set(words) for words in texts]
    near = np.zeros((len(flat), len(flat)), bool)
    for row in range(len(flat)):
        near[row] = ((flat - flat[row]) ** 2).sum(1) < limit
        near[row] |= [len(sets[row] & other) >= WORD_OVERLAP * len(sets[row] | other) for other in sets]
    _, component = connected_components(near, directed=False)
    order = {}
    return np.array([order.setdefault(number, len(order)) for number in component.tolist()])


def splits(ids, label, cluster):
    have = {code: np.zeros(len(GROUPS)) for code in SHARES}
    target = {code: share * np.bincount(label, minlength=len(GROUPS)) for code, share in SHARES.items()}
    members = [np.flatnonzero(cluster == at) for at in range(cluster.max() + 1)]
    codes = np.zeros(len(ids), np.uint8)
    for rows in sorted(members, key=lambda rows: (-len(rows), key("openmoji split", cluster=ids[rows[0]]))):
        counts = np.bincount(label[rows], minlength=len(GROUPS))
        code = max(SHARES, key=lambda code: (float(counts @ (target[code] - have[code])), -code))
        have[code] += counts
        codes[rows] = code
    return codes


main()
