"""Writes a dataset's folder: dataset.toml, data.safetensors, lists. Deterministic: the same content gives the same bytes."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save

TRAIN, VALIDATION, TEST = 0, 1, 2


def key(purpose, **parts):
    """SHA-256 of length-prefixed parts, as `bench_datasets::keyed::Key` computes it: sorting by it is a keyed shuffle."""
    digest = hashlib.sha256()
    for name, value in [("purpose", purpose), *parts.items()]:
        for part in (name, str(value)):
            encoded = part.encode()
            digest.update(len(encoded).to_bytes(8, "little"))
            digest.update(encoded)
    return digest.hexdigest()


def write(root, manifest, tensors, lists, copies=()):
    """`manifest`: tables as dictionaries, in the order in which they are to stand; `copies`: (path, name) of licence files and the like."""
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    contents = {name: "".join(f"{line}\n" for line in lines).encode() for name, lines in lists.items()}
    contents["data.safetensors"] = save({name: np.ascontiguousarray(values) for name, values in tensors.items()})
    for name, content in contents.items():
        (root / name).write_bytes(content)
    for source, name in copies:
        if Path(source).resolve() != (root / name).resolve():
            shutil.copyfile(source, root / name)
        contents[name] = (root / name).read_bytes()
    manifest = {"format": 1, **manifest}
    manifest["files"] = {name: hashlib.sha256(contents[name]).hexdigest() for name in sorted(contents)}
    (root / "dataset.toml").write_text(toml(manifest))
    codes = tensors["split"]
    print(f"{root}: {len(codes)} samples: {(codes == TRAIN).sum()} train, {(codes == VALIDATION).sum()} validation, {(codes == TEST).sum()} test")


def toml(table):
    plain = {name: value for name, value in table.items() if not is_table(value)}
    lines = [f"{name} = {literal(value)}" for name, value in plain.items()]
    for name, value in table.items():
        if name in plain:
            continue
        for entry in value if isinstance(value, list) else [value]:
            lines += ["", f"[[{name}]]" if isinstance(value, list) else f"[{name}]"]
            lines += [f"{literal(field) if '.' in field else field} = {literal(content)}" for field, content in entry.items()]
    return "\n".join(lines) + "\n"


def is_table(value):
    return isinstance(value, dict) or isinstance(value, list) and any(isinstance(entry, dict) for entry in value)


def literal(value):
    if isinstance(value, list) and any(isinstance(entry, str) and len(entry) > 30 for entry in value):
        return "[\n" + "".join(f"    {literal(entry)},\n" for entry in value) + "]"
    # JSON's strings, numbers and arrays of them are TOML's too.
    return json.dumps(value, ensure_ascii=False)
