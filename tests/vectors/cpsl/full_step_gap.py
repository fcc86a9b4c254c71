"""Makes full_step_gap and minmax_constant: own cases for what full_step (its errors nearly tie) and minmax (no constant feature) cannot tell.

Plain Python, no libtorch: gradients by complex steps, f(x + ih).imag / h. It first recomputes full_step and stops if that is off by 1e-10.
Run in this folder: python3 full_step_gap.py
"""

import cmath
import json
import math
import struct

WIDTHS = {"a": "A", "v": "V"}
ENCODER = ["mu_W", "mu_b", "var_W", "var_b"]


def read(name):
    data = open(f"{name}.safetensors", "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    body = data[8 + size :]
    tensors = {}
    for key, entry in header.items():
        if key != "__metadata__":
            first, last = entry["data_offsets"]
            code = {"F64": "d", "I64": "q"}[entry["dtype"]]
            tensors[key] = (entry["shape"], list(struct.unpack(f"<{(last - first) // 8}{code}", body[first:last])))
    return tensors


def write(name, tensors, precision):
    header, body = {}, b""
    for key, (shape, values) in tensors.items():
        whole = all(isinstance(value, int) for value in values)
        code, kind = ("q", "I64") if whole else (("d", "F64") if precision == "float64" else ("f", "F32"))
        part = struct.pack(f"<{len(values)}{code}", *values)
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [len(body), len(body) + len(part)]}
        body += part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(name, "wb").write(struct.pack("<Q", len(text)) + text + body)


def linear(x, weight, bias=None):
    (rows, columns), values = weight
    return [sum(values[r * columns + c] * x[c] for c in range(columns)) + (bias[1][r] if bias else 0) for r in range(rows)]


def tanh(x):
    return [cmath.tanh(value) for value in x]


def sigmoid(value):
    return 1 / (1 + cmath.exp(-value))


def mean(x):
    return sum(x) / len(x)


def variance(x):
    centre = mean(x)
    return mean([(value - centre) ** 2 for value in x])


def norm(x, eps):
    deviation = cmath.sqrt(variance(x) + eps)
    centre = mean(x)
    return [(value - centre) / deviation for value in x]


def token(tensor, b, l):
    (_, length, width), values = tensor
    at = (b * length + l) * width
    return values[at : at + width]


def step(p, h):
    """All outputs before modulation, from parameters `p` and hyper-parameters `h`."""
    (rows, length, _), _ = p["T"]
    y = p["y"][1]
    pred, uni, recon, stat, div = [], {"t": [], "a": [], "v": []}, {"a": [], "v": []}, [], []
    for b in range(rows):
        latents = {"a": [], "v": []}
        first = None
        for l in range(length):
            for m, name in WIDTHS.items():
                x = token(p[name], b, l)
                mu = linear(x, p[f"{m}_mu_W"], p[f"{m}_mu_b"])
                var = [cmath.log(1 + cmath.exp(raw)) for raw in linear(x, p[f"{m}_var_W"], p[f"{m}_var_b"])]
                noise = token(p[f"eps_{m}"], b, l)
                z = [u + e * cmath.sqrt(s + h["varepsilon"]) for u, s, e in zip(mu, var, noise)]
                latents[m].append(z)
                back = linear(z, p[f"r{m}_W"], p[f"r{m}_b"])
                recon[m] += [(u - w) ** 2 for u, w in zip(x, back)]
                stat.append((mean(mu) - mean(x)) ** 2 + (mean(var) - variance(x)) ** 2)
                exps = [cmath.exp(value) for value in z]
                shares = [value / sum(exps) for value in exps]
                div.append(sum(q * cmath.log(q) for q in shares) / math.log(len(z)))
            if l == 0:
                za, zv = latents["a"][0], latents["v"][0]
                gate = [sigmoid(value) for value in linear(za + zv, p["Wg"], p["bg"])]
                fa, fv = tanh(linear(za, p["Wa"], p["ba"])), tanh(linear(zv, p["Wv"], p["bv"]))
                fused = [g * u + (1 - g) * w for g, u, w in zip(gate, fa, fv)]
                shift = tanh(linear(fused, p["Wp"]))
                first = [t + h["beta"] * s for t, s in zip(token(p["T"], b, 0), shift)]
        pooled = tanh(linear(norm(first, h["layernorm_eps"]), p["Wpool"], p["bpool"]))
        pred.append(linear(pooled, p["Wout"], p["bout"])[0])
        steps = {"t": [token(p["T"], b, l) for l in range(length)], **latents}
        for m, values in steps.items():
            uni[m].append(linear([mean(column) for column in zip(*values)], p[f"u{m}_W"], p[f"u{m}_b"])[0])
    square = lambda answers: mean([(u - w) ** 2 for u, w in zip(answers, y)])
    out = {"pred": pred, "L_task": square(pred), "L_uni": sum(square(uni[m]) for m in "tav")}
    out["L_recon"] = (mean(recon["a"]) + mean(recon["v"])) / 2
    out["L_stat"] = sum(stat) / (4 * rows * length)
    out["L_div"] = sum(div) / (2 * rows * length)
    weights = {"recon": "lambda_recon", "uni": "lambda_uni", "div": "lambda_div", "stat": "lambda_stat"}
    out["total"] = out["L_task"] + sum(h[weight] * out[f"L_{name}"] for name, weight in weights.items())
    for m in "av":
        out[f"mae_{m}"] = mean([abs(u - w) for u, w in zip(uni[m], y)])
    return out


def whole(p, h):
    """Every output and gradient of the case."""
    out = step(p, h)
    found = {name: ([len(value)], [v.real for v in value]) if isinstance(value, list) else ([], [value.real]) for name, value in out.items()}
    raw = {}
    for m in "av":
        for tensor in ENCODER:
            name = f"{m}_{tensor}"
            shape, values = p[name]
            gradient = []
            for at in range(len(values)):
                moved = dict(p)
                moved[name] = (shape, [value + (1e-30j if i == at else 0) for i, value in enumerate(values)])
                gradient.append(step(moved, h)["total"].imag / 1e-30)
            raw[name] = (shape, gradient)
        norms = [math.sqrt(sum(g * g for g in raw[f"{m}_{tensor}"][1])) for tensor in ENCODER]
        found[f"g_{m}"] = ([], [mean(norms)])
    score = {m: 1 / (out[f"mae_{m}"].real + h["eps"]) for m in "av"}
    conflict = []
    for m, other in ("av", "va"):
        ratio = score[m] / (score[other] + h["eps"])
        before = 1 - math.tanh(h["alpha"] * max(ratio, 0)) if score[m] > score[other] else 1.0
        clash = out[f"mae_{m}"].real < out[f"mae_{other}"].real and found[f"g_{m}"][1] > found[f"g_{other}"][1]
        after = before * (h["eta"] if clash else 1)
        conflict.append(int(clash))
        found[f"c_{m}_gm"], found[f"c_{m}"] = ([], [before]), ([], [after])
        for tensor in ENCODER:
            shape, gradient = raw[f"{m}_{tensor}"]
            found[f"raw_{m}_{tensor}"] = (shape, gradient)
            found[f"mod_{m}_{tensor}"] = (shape, [after * g for g in gradient])
    found["conflict"] = ([2], conflict)
    return found


def save(case, about, description, tensors):
    description = {**description, "case": case, "about": about, "files": {"float64": f"{case}.safetensors", "float32": f"{case}.f32.safetensors"}}
    open(f"{case}.json", "w").write(json.dumps(description, indent=1) + "\n")
    write(f"{case}.safetensors", tensors, "float64")
    write(f"{case}.f32.safetensors", tensors, "float32")


def main():
    description = json.load(open("full_step.json"))
    tensors = read("full_step")
    h = description["hyper_parameters"]
    inputs = {entry["name"] for entry in description["tensors"] if entry["role"] in ("input", "parameter")}
    p = {name: tensors[name] for name in inputs}
    for name, (_, values) in whole(p, h).items():
        off = max(abs(u - w) for u, w in zip(values, tensors[name][1]))
        assert off < 1e-10, (name, off)

    # The visual head errs by far more, and its encoder has the larger gradients: audio is suppressed, without a conflict.
    p["uv_b"] = (p["uv_b"][0], [value + 2.5 for value in p["uv_b"][1]])
    found = whole(p, h)
    ordered = {entry["name"]: p.get(entry["name"]) or found[entry["name"]] for entry in description["tensors"]}
    save("full_step_gap", "full_step with the bias of the visual unimodal head raised by 2.5: the errors differ widely.", description, ordered)
    for name in ("mae_a", "mae_v", "g_a", "g_v", "c_a_gm", "c_v_gm", "c_a", "c_v", "conflict"):
        print(name, found[name][1])

    # Feature 1 is 2.5 everywhere: by feature it becomes 0, over the tensor (0.75 + 1.5) / 4 of the range [-1.5, 2.5] and so on.
    values = [[0.5, 2.5, -1.5], [1.0, 2.5, 0.0], [0.0, 2.5, 2.0], [2.0, 2.5, 1.0]]
    low, high = -1.5, 2.5
    columns = list(zip(*values))
    by_feature = [[(v - min(c)) / (max(c) - min(c)) if max(c) > min(c) else 0.0 for v, c in zip(row, columns)] for row in values]
    flat = lambda rows: ([2, 2, 3], [float(v) for row in rows for v in row])
    tensors = {"x": flat(values), "global": flat([[(v - low) / (high - low) for v in row] for row in values]), "per_feature": flat(by_feature)}
    save("minmax_constant", "minmax with a constant feature.", json.load(open("minmax.json")), tensors)


main()
