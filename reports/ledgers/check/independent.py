#!/usr/bin/env python3
"""A second engine for ledgers of claims, written from reports/ledgers/README.md alone.

    python3 reports/ledgers/check/independent.py reports/ledgers/seeds > verdicts.csv

It shares no code with the Rust auditor; where the two disagree, one of them is wrong.
Arithmetic is exact (`fractions`); distributions come from SciPy.
"""

import csv
import math
import random
import re
import sys
import tomllib
from fractions import Fraction as F
from itertools import combinations, product
from pathlib import Path

EXACT_UNITS = {"samples", "classes", "year"}
TOLERANCE = F(1, 1000)  # how far the enclosure of an extreme may lie beyond an attained value, as a share of the naive interval's width
BOXES = 4000  # most sub-boxes looked at for one extreme


class Undecided(Exception):
    """No number comes out, for a reason that rounding leaves open."""


# ---------------------------------------------------------------- the ledger


def printed(text, unit):
    """(value, half a unit in the last digit) of a number as a table prints it; None where there is none."""
    match = re.fullmatch(r"([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]*)", re.sub(r"[,%×\s]", "", text).replace("−", "-"))
    if not match or not (match[2] or match[3]):
        return None
    sign, whole, fraction, letters = match[1], match[2], match[3] or "", match[4]
    scale = F({"K": 10**3, "M": 10**6, "B": 10**9}.get(letters, 1)) if unit == "params" else F(1)
    value = F(int((whole + fraction) or "0"), 10 ** len(fraction)) * scale * (-1 if sign == "-" else 1)
    half = F(0) if unit in EXACT_UNITS else F(1, 2 * 10 ** len(fraction)) * scale
    return value, half


class Table:
    def __init__(self, path):
        self.rows, self.columns, self.cells = [], [], {}
        with open(path, newline="", encoding="utf-8") as file:
            for record in csv.DictReader(file):
                self.paper, self.id = record["paper"], record["table"]
                row, column = record["row_key"], record["col_key"]
                if row not in self.rows:
                    self.rows.append(row)
                if column not in self.columns:
                    self.columns.append(column)
                number = printed(record["value_raw"], record["unit"])
                if number and record["value"] and abs(float(number[0]) - float(record["value"])) > 1e-9 * max(1, abs(number[0])):
                    raise SystemExit(f"{path}: {row}, {column}: value {record['value']} is not value_raw {record['value_raw']}")
                self.cells[row, column] = {
                    "value": number,
                    "sd": printed(record["std_raw"], record["unit"]),
                    "seeds": re.match(r"\d+", record["n_seeds"] or ""),
                    "higher": record["higher_is_better"],
                }


class Ledger:
    def __init__(self, folder):
        folder = Path(folder)
        read = lambda name: tomllib.loads((folder / name).read_text(encoding="utf-8")) if (folder / name).exists() else {}
        self.claims = read("claims.toml").get("claim", [])
        self.facts = {name: exact(entry["value"]) for name, entry in read("facts.toml").items()}
        self.tables = {}
        for path in sorted((folder / "tables").glob("*.csv")):
            table = Table(path)
            self.tables[table.paper, table.id] = table


def exact(number):
    """The decimal a number of a TOML file is written as, exactly."""
    return F(repr(number)) if isinstance(number, float) else F(number)


# ---------------------------------------------------------------- expressions

TOKEN = re.compile(r'\s*(?:(?P<number>\d+\.?\d*|\.\d+)|(?P<name>[A-Za-z_]\w*)|"(?P<text>[^"]*)"|(?P<sign>[-+*/(),\[\]]))')


def tokens(text):
    found, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        if not match:
            raise SystemExit(f"cannot read {text[at:at + 30]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found + [("end", "")]


class Parser:
    """('number', x) ('text', s) ('list', [..]) ('call', name, [..]) ('neg', a) ('+', a, b) ..."""

    def __init__(self, text):
        self.tokens, self.at = tokens(text), 0

    def take(self, sign):
        if self.tokens[self.at] != ("sign", sign):
            return False
        self.at += 1
        return True

    def need(self, sign):
        if not self.take(sign):
            raise SystemExit(f"expected {sign}, found {self.tokens[self.at]}")

    def parse(self):
        tree = self.sum()
        if self.tokens[self.at][0] != "end":
            raise SystemExit(f"unexpected {self.tokens[self.at]}")
        return tree

    def sum(self):
        tree = self.product()
        while True:
            if self.take("+"):
                tree = ("+", tree, self.product())
            elif self.take("-"):
                tree = ("-", tree, self.product())
            else:
                return tree

    def product(self):
        tree = self.unary()
        while True:
            if self.take("*"):
                tree = ("*", tree, self.unary())
            elif self.take("/"):
                tree = ("/", tree, self.unary())
            else:
                return tree

    def unary(self):
        if self.take("-"):
            return ("neg", self.unary())
        if self.take("+"):
            return self.unary()
        return self.atom()

    def items(self, close):
        found = []
        while not self.take(close):
            found.append(self.sum())
            if not self.take(","):
                self.need(close)
                break
        return found

    def atom(self):
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return ("number", F(text))
        if kind == "text":
            return ("text", text)
        if kind == "name":
            self.need("(")
            return ("call", text, self.items(")"))
        if (kind, text) == ("sign", "["):
            return ("list", self.items("]"))
        if (kind, text) == ("sign", "("):
            first = self.sum()
            if self.take(","):
                return ("list", [first] + self.items(")"))
            self.need(")")
            return first
        raise SystemExit(f"unexpected {text!r}")


# ---------------------------------------------------------------- from calls to arithmetic over unknowns
#
# Every claim becomes a tree of: ('number', x), ('cell', key), ('between', lo, x, hi), ('neg', a), + - * /, ('fn', name, [..]).
# A key stands for one unknown number in its rounding interval; the same cell is the same key.


class Builder:
    def __init__(self, ledger, paper):
        self.ledger, self.paper, self.boxes, self.lits = ledger, paper, {}, 0

    def table(self, node, paper=None):
        name = node[1]
        key = (paper or self.paper, name[1:])
        if node[0] != "text" or not name.startswith("t") or key not in self.ledger.tables:
            raise SystemExit(f"no table {node}")
        return self.ledger.tables[key]

    def cell(self, table, row, column, what="value"):
        if (row, column) not in table.cells:
            raise SystemExit(f"table {table.paper} {table.id} has no cell {row!r}, {column!r}")
        number = table.cells[row, column][what]
        if number is None:
            raise Undecided(f"{row}, {column} is empty")
        return self.unknown((table.paper, table.id, row, column, what), number)

    def unknown(self, key, number):
        value, half = number
        self.boxes[key] = (value - half, value, value + half)
        return ("cell", key)

    def build(self, node):
        kind = node[0]
        if kind == "number":
            return node
        if kind == "neg":
            return ("neg", self.build(node[1]))
        if kind in "+-*/":
            return (kind, self.build(node[1]), self.build(node[2]))
        if kind != "call":
            raise SystemExit(f"{node} is not a number")
        return self.call(node[1], node[2])

    def nominal(self, node):
        return interval(self.build(node), {key: (box[1], box[1], box[1]) for key, box in self.boxes.items()}, self.boxes)[1]

    def call(self, name, args):
        text = lambda index: args[index][1]
        texts = lambda index: [item[1] for item in args[index][1]]
        if name == "lit":
            self.lits += 1
            return self.unknown(("lit", self.lits), printed(text(0), ""))
        if name in ("cell", "sd"):
            return self.cell(self.table(args[0]), text(1), text(2), "value" if name == "cell" else "sd")
        if name == "xcell":
            return self.cell(self.table(args[1], text(0)), text(2), text(3))
        if name in ("avg", "tot"):
            table, columns = self.table(args[0]), texts(2)
            total = self.total([self.cell(table, text(1), column) for column in columns])
            return ("/", total, ("number", F(len(columns)))) if name == "avg" else total
        if name == "colsum":
            table = self.table(args[0])
            return self.total([self.cell(table, row, text(2)) for row in texts(1)])
        if name in ("best", "best_other"):
            table = self.table(args[0])
            column = text(-1)
            rows = [row for row in ranked(table, column) if name == "best" or row != text(1)]
            if not rows:
                raise Undecided("no value to take the best of")
            better = higher(table, column)
            pick = max(rows, key=lambda row: table.cells[row, column]["value"][0] * (1 if better else -1))
            return self.cell(table, pick, column)
        if name in ("rank", "rank_row"):
            return self.rank(name, self.table(args[0]), text(1), text(2))
        if name in ("min", "max", "abs", "sqrt", "exp", "log", "tanh"):
            return ("fn", name, [self.build(arg) for arg in args])
        if name == "fact":
            return ("number", self.ledger.facts[text(0)])
        if name == "has":
            table, row, column = self.table(args[0]), text(1), text(2) if len(args) > 2 else ""
            there = any((not row or r == row) and (not column or c == column) for (r, c), cell in table.cells.items() if cell["value"])
            return ("number", F(there))
        if name.startswith("grim"):
            return ("number", F(self.grim(name, args)))
        if name in ("probe", "val"):
            return ("number", PROBES[text(0)](*[float(self.nominal(arg)) for arg in args[1:]]))
        return ("number", F(float(self.statistic(name, args))))

    @staticmethod
    def total(nodes):
        tree = nodes[0]
        for node in nodes[1:]:
            tree = ("+", tree, node)
        return tree

    def rank(self, name, table, row, column):
        own = table.cells[row, column]
        if own["value"] is None:
            raise Undecided("the cell to be ranked is empty")
        if name == "rank":
            others = [table.cells[r, column] for r in table.rows if (r, column) in table.cells and not summary(r)]
        else:
            others = [table.cells[row, c] for c in table.columns if (row, c) in table.cells]
        up = own["higher"] == "1"
        if own["higher"] not in ("0", "1"):
            raise SystemExit(f"higher_is_better is not known for {row}, {column}")
        mine = own["value"][0]
        better = sum(1 for o in others if o["value"] and (o["value"][0] > mine if up else o["value"][0] < mine))
        missing = sum(1 for o in others if o["value"] is None)
        return ("between", F(1 + better), F(1 + better), F(1 + better + missing))

    def grim(self, name, args):
        table = self.table(args[0])
        number = lambda index: self.nominal(args[index])
        if name == "grim":
            cells, first = [table.cells[args[1][1], args[2][1]]], 3
        elif name == "grim_count":
            excluded = [item[1] for item in args[5][1]] if len(args) > 5 else []
            cells = [table.cells[row, args[1][1]] for row in table.rows if (row, args[1][1]) in table.cells and row not in excluded]
            first = 2
        else:
            cells, first = [table.cells[args[1][1], c] for c in table.columns if (args[1][1], c) in table.cells], 2
        size = number(first) * number(first + 1)
        scale = number(first + 2) if len(args) > first + 2 else F(100)
        count = 0
        for cell in cells:
            if cell["value"] is None:
                continue
            value, half = cell["value"]
            smallest = math.ceil((value - half) * size / scale)
            count += smallest * scale / size <= value + half
        return count

    def statistic(self, name, args):
        from scipy import stats

        number = lambda index: float(self.nominal(args[index]))
        if name in ("welch_p", "paired_p"):
            table, column, n = self.table(args[0]), args[3][1], number(4)
            mean = [float(table.cells[args[k][1], column]["value"][0]) for k in (1, 2)]
            sd = [float(table.cells[args[k][1], column]["sd"][0]) for k in (1, 2)]
            if name == "welch_p":
                return stats.ttest_ind_from_stats(mean[0], sd[0], n, mean[1], sd[1], n, equal_var=False).pvalue
            spread = sd[0] ** 2 + sd[1] ** 2 - 2 * number(5) * sd[0] * sd[1]
            return 2 * stats.t.sf(abs(mean[0] - mean[1]) / math.sqrt(spread / n), n - 1)
        if name == "onesample_p":
            return 2 * stats.t.sf(abs(number(0) - number(3)) / (number(1) / math.sqrt(number(2))), number(2) - 1)
        if name == "two_prop_p":
            p, q, n = number(0) / 100, number(1) / 100, number(2)
            pooled = (p + q) / 2
            return 2 * stats.norm.sf(abs(p - q) / math.sqrt(pooled * (1 - pooled) * 2 / n))
        if name == "sd_band_log10p":
            cells = [cell for cell in self.table(args[0]).cells.values() if cell["sd"]]
            low, high = min(c["sd"][0] - c["sd"][1] for c in cells), max(c["sd"][0] + c["sd"][1] for c in cells)
            total = 0.0
            for cell in cells:
                k = int(cell["seeds"][0]) - 1
                a, b = k * float(low) ** 2, k * float(high) ** 2
                # P = G(b/v) - G(a/v) for the chi-squared distribution G with k degrees: its derivative in 1/v is zero at k ln(b/a)/(b-a)
                inverse = k * math.log(b / a) / (b - a)
                total += math.log10(stats.chi2.cdf(b * inverse, k) - stats.chi2.cdf(a * inverse, k))
            return total
        if name == "sd_resid":
            table, rss, freedom = self.table(args[0]), 0.0, 0
            for row in table.rows:
                pairs = [(float(c["value"][0]), math.log(float(c["sd"][0]))) for (r, _), c in table.cells.items() if r == row and c["sd"]]
                if len(pairs) < 3:
                    continue
                line = stats.linregress([x for x, _ in pairs], [y for _, y in pairs])
                rss += sum((y - line.intercept - line.slope * x) ** 2 for x, y in pairs)
                freedom += len(pairs) - 2
            return math.sqrt(rss / freedom)
        if name == "mac_bert_base":
            tokens = number(0)
            return 12 * (12 * 768**2 * tokens + 2 * 768 * tokens**2) / 1e9
        if name == "mac_resnet50":
            return 4.1 * number(0)
        if name == "mac_wav2vec2":
            length, channels, macs = int(16000 * number(0)), 1, 0
            for kernel, stride in [(10, 5)] + [(3, 2)] * 4 + [(2, 2)] * 2:
                length = (length - kernel) // stride + 1
                macs += length * channels * 512 * kernel
                channels = 512
            macs += length * 512 * 768 + length * 768 * 48 * 128 + 12 * (12 * 768**2 * length + 2 * 768 * length**2)
            return macs / 1e9
        raise SystemExit(f"unknown function {name}")


def summary(row):
    return "Delta" in row or "Gain" in row


def ranked(table, column):
    return [row for row in table.rows if not summary(row) and (row, column) in table.cells and table.cells[row, column]["value"]]


def higher(table, column):
    known = {table.cells[row, column]["higher"] for row in ranked(table, column)}
    if known not in ({"0"}, {"1"}):
        raise SystemExit(f"higher_is_better is not known for column {column}")
    return known == {"1"}


# ---------------------------------------------------------------- probes: each a small check of a proposition


def vectors(rng, count, dimension):
    return [[rng.gauss(0, 1) for _ in range(dimension)] for _ in range(count)]


def spread(points):
    mean = [sum(x) / len(points) for x in zip(*points)]
    return sum((x - m) ** 2 for point in points for x, m in zip(point, mean))


def pairwise(points):
    return sum(sum((x - y) ** 2 for x, y in zip(a, b)) for a, b in combinations(points, 2))


def close(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))


def pairwise_variance_identity():
    rng = random.Random(1)
    return F(all(close(pairwise(c), m * spread(c)) for m in range(2, 7) for c in [vectors(rng, m, 5)]))


def lh_over_var(modalities):
    """Eq. 4: 2/(M(M-1)) sum of squared distances of pairs, over (1/M) sum of squared distances to the mean."""
    m = int(modalities)
    c = vectors(random.Random(2), m, 5)
    return F(round(2 / (m * (m - 1)) * pairwise(c) / (spread(c) / m) * 10**9), 10**9)


def contraction_bound(largest, steps):
    grid = [F(largest) * k / 1000 for k in range(1, 1001)]
    return F(all((1 - 2 * x) ** (2 * t) <= 1 / (1 + x) for x in grid for t in range(1, int(steps) + 1)))


def sup_ordering():
    """The largest logit over element weights, over one weight a modality, and with equal weights; a sigmoid keeps the order."""
    rng = random.Random(3)
    for _ in range(1000):
        a, b = vectors(rng, 2, 6)
        fine, coarse, uniform = sum(map(max, zip(a, b))), max(sum(a), sum(b)), (sum(a) + sum(b)) / 2
        if not fine >= coarse - 1e-12 or not coarse >= uniform - 1e-12:
            return F(0)
    return F(1)


def softmax_uniform(beta):
    for alpha in ([0.5, 0.3, 0.2], [0.9, 0.05, 0.05], [1 / 3] * 3):
        weights = [math.exp(beta * a) for a in alpha]
        if max(abs(w / sum(weights) - 1 / 3) for w in weights) > 1e-12:
            return F(0)
    return F(1)


def mixture_is_barycenter():
    """Three points at 0, 0 and 1. W1 to a point is the mean distance; the mixture's sum must not exceed that of any point mass."""
    places = [0, 0, 1]
    mixture = sum(sum(abs(x - s) for x in places) / F(3) for s in places)
    other = min(sum(abs(F(k, 10) - s) for s in places) for k in range(11))
    return F(mixture <= other)


def independent_coupling_below_w1():
    """Two fair coins with one distribution: W1 is 0, the expected distance of independent draws is 1/2."""
    expected = sum(F(1, 4) * abs(a - b) for a, b in product((0, 1), repeat=2))
    return F(expected <= 0)


def eq40_fused_deviation():
    """Three modalities, two at e, one at e +- 1, all weight on that one: E|z-e| = 1 against sqrt(2/3)."""
    return F(1 <= math.sqrt(2 / 3 * (0 + 0 + 1)))


def inverse_variance_weights_sum_to_one():
    rng = random.Random(4)
    for _ in range(200):
        sigma = [rng.uniform(0.1, 3) for _ in range(4)]
        there = [1] + [rng.randint(0, 1) for _ in range(3)]
        joint = 1 / sum(d / s**2 for d, s in zip(there, sigma))
        if not close(sum(d * joint / s**2 for d, s in zip(there, sigma)), 1):
            return F(0)
    return F(1)


def ld_depends_on_sigma_scale():
    def loss(sigma, mu):
        joint = 1 / sum(1 / s**2 for s in sigma)
        return sum(abs(joint / s**2 * m) for s, m in zip(sigma, mu))

    return F(not close(loss([0.5, 1, 2], [1, -2, 3]), loss([5, 10, 20], [1, -2, 3])))


def bures_trace_identity():
    """AB and A^(1/2) B A^(1/2) are similar, so their roots have one trace. 2 x 2: the trace of a root is sqrt(tr + 2 sqrt(det))."""
    rng = random.Random(5)
    multiply = lambda p, q: [[sum(p[i][k] * q[k][j] for k in (0, 1)) for j in (0, 1)] for i in (0, 1)]
    trace = lambda p: p[0][0] + p[1][1]
    det = lambda p: p[0][0] * p[1][1] - p[0][1] * p[1][0]
    for _ in range(200):
        a, b = (multiply(m, list(map(list, zip(*m)))) for m in ([[rng.gauss(0, 1) for _ in (0, 1)] for _ in (0, 1)] for _ in (0, 1)))
        scale = math.sqrt(trace(a) + 2 * math.sqrt(det(a)))
        root = [[(a[i][j] + (math.sqrt(det(a)) if i == j else 0)) / scale for j in (0, 1)] for i in (0, 1)]
        left, right = multiply(a, b), multiply(multiply(root, b), root)
        value = [math.sqrt(trace(p) + 2 * math.sqrt(max(0, det(p)))) for p in (left, right)]
        if abs(value[0] - value[1]) > 1e-6 * max(1, value[0]):
            return F(0)
    return F(1)


def decoupling_loss_minimum_is_orthogonal():
    """Eq. 1 sums cosines without an absolute value or a square: opposite features give -1, orthogonal ones 0."""
    lowest = min(math.cos(math.pi * k / 180) for k in range(181))
    return F(lowest >= 0)


def gaussian_has_free_skewness():
    """The third central moment of a Gaussian is 0 whatever its mean and variance (a trapezoid rule on the density)."""
    for mean, sd in ((0, 1), (2, 0.5), (-3, 4)):
        third = sum(((k / 100) * sd) ** 3 * math.exp(-((k / 100) ** 2) / 2) for k in range(-1000, 1001))
        if abs(third) > 1e-9:
            return F(1)
    return F(0)


PROBES = {
    "pairwise_variance_identity": pairwise_variance_identity,
    "lh_equals_variance": lambda: F(all(lh_over_var(m) == 1 for m in range(2, 7))),
    "lh_over_var": lh_over_var,
    "contraction_bound": contraction_bound,
    "sup_ordering": sup_ordering,
    "softmax_uniform": softmax_uniform,
    "mixture_is_barycenter": mixture_is_barycenter,
    "independent_coupling_below_w1": independent_coupling_below_w1,
    "eq40_fused_deviation": eq40_fused_deviation,
    "inverse_variance_weights_sum_to_one": inverse_variance_weights_sum_to_one,
    "LD_depends_on_sigma_scale": ld_depends_on_sigma_scale,
    "bures_trace_identity": bures_trace_identity,
    "decoupling_loss_minimum_is_orthogonal": decoupling_loss_minimum_is_orthogonal,
    "gaussian_has_free_skewness": gaussian_has_free_skewness,
}


# ---------------------------------------------------------------- values and extremes


def interval(node, boxes, printed_boxes):
    """(lo, nominal, hi) by interval arithmetic. Nominal is from the printed values, whatever the box."""
    kind = node[0]
    if kind == "number":
        return node[1], node[1], node[1]
    if kind == "between":
        return node[1], node[2], node[3]
    if kind == "cell":
        box = boxes.get(node[1], printed_boxes[node[1]])
        return box
    if kind == "fn":
        parts = [interval(arg, boxes, printed_boxes) for arg in node[2]]
        return function(node[1], parts)
    if kind == "neg":
        lo, mid, hi = interval(node[1], boxes, printed_boxes)
        return -hi, -mid, -lo
    a, b = interval(node[1], boxes, printed_boxes), interval(node[2], boxes, printed_boxes)
    if kind == "+":
        return a[0] + b[0], a[1] + b[1], a[2] + b[2]
    if kind == "-":
        return a[0] - b[2], a[1] - b[1], a[2] - b[0]
    if kind == "/":
        if b[0] <= 0 <= b[2]:
            raise Undecided("the divisor may be 0")
        b = (1 / b[2], 1 / b[1], 1 / b[0])
    products = [a[0] * b[0], a[0] * b[2], a[2] * b[0], a[2] * b[2]]
    return min(products), a[1] * b[1], max(products)


def function(name, parts):
    if name == "min":
        return tuple(min(part[k] for part in parts) for k in range(3))
    if name == "max":
        return tuple(max(part[k] for part in parts) for k in range(3))
    lo, mid, hi = parts[0]
    if name == "abs":
        if lo >= 0:
            return lo, mid, hi
        if hi <= 0:
            return -hi, -mid, -lo
        return F(0), abs(mid), max(-lo, hi)
    if (name == "sqrt" and lo < 0) or (name == "log" and lo <= 0):
        raise Undecided(f"{name} of a number that may be negative or 0")
    apply = {"sqrt": math.sqrt, "exp": math.exp, "log": math.log, "tanh": math.tanh}[name]
    return tuple(F(apply(float(x))) for x in (lo, mid, hi))


def leaves(node):
    if node[0] == "cell":
        yield node[1]
    for part in node[1:]:
        if isinstance(part, tuple) and part and isinstance(part[0], str):
            yield from leaves(part)
        elif isinstance(part, list):
            for item in part:
                yield from leaves(item)


def extremes(tree, boxes):
    """(lo, nominal, hi): attained at corners, or inside where cutting the box finds something further out.

    Only unknowns that occur more than once need it: for the others interval arithmetic is exact. The box is cut until no part of it
    can hold anything further out than what has been attained, to within TOLERANCE of the naive width.
    """
    naive = interval(tree, {}, boxes)
    used = list(leaves(tree))
    shared = sorted({key for key in used if used.count(key) > 1 and boxes[key][0] != boxes[key][2]}, key=str)
    if not shared:
        return naive
    point = lambda values: interval(tree, {key: (x, boxes[key][1], x) for key, x in zip(shared, values)}, boxes)
    corners = [point(values) for values in product(*[(boxes[key][0], boxes[key][2]) for key in shared])]
    lo, hi = min(c[0] for c in corners), max(c[2] for c in corners)
    for sign in (-1, 1):
        start = tuple((boxes[key][0], boxes[key][2]) for key in shared)
        queue, looked = [start], 0
        while queue and looked < BOXES:
            box = queue.pop(0)
            looked += 1
            enclosure = interval(tree, {key: (a, boxes[key][1], b) for key, (a, b) in zip(shared, box)}, boxes)
            slack = TOLERANCE * (naive[2] - naive[0])
            if (enclosure[0] >= lo - slack) if sign < 0 else (enclosure[2] <= hi + slack):
                continue
            for values in product(*[(a, (a + b) / 2, b) for a, b in box]):
                found = point(values)
                lo, hi = min(lo, found[0]), max(hi, found[2])
            widest = max(range(len(box)), key=lambda k: box[k][1] - box[k][0])
            a, b = box[widest]
            for half in ((a, (a + b) / 2), ((a + b) / 2, b)):
                queue.append(box[:widest] + (half,) + box[widest + 1 :])
        if queue:
            print(f"not every part of the box was looked at ({len(shared)} shared cells)", file=sys.stderr)
    return lo, naive[1], hi


def never_negative(node):
    """Whether a tree is an absolute value, or a sum, maximum or positive multiple of such."""
    kind = node[0]
    if kind == "fn" and node[1] == "abs":
        return True
    if kind == "fn" and node[1] == "max":
        return all(map(never_negative, node[2]))
    if kind == "+":
        return never_negative(node[1]) and never_negative(node[2])
    if kind == "*":
        sides = node[1:]
        return any(never_negative(a) and (never_negative(b) or (b[0] == "number" and b[1] > 0)) for a, b in (sides, sides[::-1]))
    if kind == "/":
        return never_negative(node[1]) and node[2][0] == "number" and node[2][1] > 0
    return False


def judge(claim, tree, lo, value, hi):
    op, stated = claim["op"], exact(claim.get("stated_value", 0))
    if op == "approx":
        return "holds" if lo <= exact(claim["stated_hi"]) and exact(claim["stated_lo"]) <= hi else "fails"
    if op == "agree":
        if never_negative(tree):
            return "holds" if lo == 0 else "fails"
        return "holds" if lo < 0 < hi or value == 0 else "fails"
    if op == "true":
        stated = F(1)
    always, never = {
        "lt": (hi < stated, lo >= stated),
        "le": (hi <= stated, lo > stated),
        "gt": (lo > stated, hi <= stated),
        "ge": (lo >= stated, hi < stated),
        "eq": (lo == stated == hi, not lo <= stated <= hi),
        "true": (lo == stated == hi, not lo <= stated <= hi),
    }[op]
    return "holds" if always else "fails" if never else "undecidable"


def main(folder):
    ledger = Ledger(folder)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["id", "verdict", "value", "lo", "hi"])
    for claim in ledger.claims:
        if claim["op"] == "manual":
            writer.writerow([claim["id"], "undecidable", "", "", ""])
            continue
        builder = Builder(ledger, claim["paper"])
        try:
            tree = builder.build(Parser(claim["expr"]).parse())
            lo, value, hi = extremes(tree, builder.boxes)
            row = [judge(claim, tree, lo, value, hi)] + [f"{float(x):.12g}" for x in (value, lo, hi)]
        except Undecided:
            row = ["undecidable", "", "", ""]
        except (SystemExit, KeyError, IndexError) as error:
            raise SystemExit(f"claim {claim['id']}: {error}") from error
        writer.writerow([claim["id"]] + row)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
