"""A number that becomes a text or the key of a dict, and a number again: its derivative is cut, and that is told.

Texts that only say something cut nothing.
"""
from __future__ import annotations

import ast
import decimal
import io
import json
import math
import warnings

import numpy as np
import pytest

import srcad


class Shown:
    def __init__(self, v):
        self.v = v

    def __str__(self):
        return f"{self.v}"


def through_a_buffer(x):
    buffer = io.StringIO()
    buffer.write(str(x))
    return float(buffer.getvalue()) * 2.0


def printed_into_a_buffer(x):
    buffer = io.StringIO()
    print(x, file=buffer)
    return float(buffer.getvalue())


def as_a_key(x):
    return float(next(iter({f"{x}": 1.0}))) * 3.0


def letter_by_letter(x):
    total = 0.0
    for letter in str(x):
        if letter != ".":
            total += float(letter)
    return total


def in_a_callee(x):
    def shown(v):
        return f"{v:.4g}"

    return float(shown(x)) * 3.0


CUTS = {
    "f-string": lambda x: float(f"{x}") * 2.0, "f-string with a format": lambda x: float(f"{x:.3f}") * x, "str": lambda x: float(str(x)),
    "repr": lambda x: float(repr(x)) * 2.0, "percent": lambda x: round(float("%.3f" % x), 2), "percent of a tuple": lambda x: float("%.3f" % (x,)),
    "percent of a dict": lambda x: float("%(a).3f" % {"a": x}), "str.format": lambda x: float("{:.3f}".format(x)),
    "str.format by name": lambda x: float("{a}".format(a=x)) * x, "format": lambda x: float(format(x, ".3f")) * x,
    "int of str": lambda x: int(str(x)[0]) * 1.0, "Decimal": lambda x: float(decimal.Decimal(str(x))),
    "literal_eval": lambda x: ast.literal_eval(repr(x)) * 2.0, "join": lambda x: sum(float(t) for t in ",".join([str(x), f"{x}"]).split(",")),
    "np.float64": lambda x: np.float64(str(x)) * 1.0, "array of texts": lambda x: np.array([f"{x}"]).astype(float)[0],
    "astype": lambda x: np.array([x]).astype(str).astype(float)[0], "complex": lambda x: complex(f"{x}").real, "method": lambda x: float(str(Shown(x))),
    "object": lambda x: float(f"{Shown(x)}"), "replace": lambda x: float(f"{x},".replace(",", "")), "strip": lambda x: float((" %g " % x).strip()),
    "object array": lambda x: float(np.array([f"{x}"], dtype=object)[0]), "list": lambda x: float(str([x])[1:-1]),
    "length": lambda x: len(str(x)) * 1.0, "round": lambda x: round(x, 2), "trunc": lambda x: math.trunc(x) / 2.0,
    "whole numbers": lambda x: np.array([x]).astype(int)[0] * 1.0,
    **{f.__name__: f for f in (through_a_buffer, printed_into_a_buffer, as_a_key, letter_by_letter, in_a_callee)},
}  # fmt: skip


@pytest.mark.parametrize("f", CUTS.values(), ids=CUTS)
def test_is_told(f):
    value = srcad.value_and_grad(f, on_cut="ignore")(1.5)[0]
    assert (type(value), value) == (type(f(1.5)), f(1.5))
    with pytest.raises(srcad.NotDifferentiable, match="cut off"):
        srcad.grad(f, on_cut="raise")(1.5)
    with pytest.warns(srcad.CutWarning):
        srcad.jvp(f, (1.5,), (1.0,))


REFUSED = {
    "json": lambda x: json.loads(json.dumps([x]))[0] * 2.0, "hex": lambda x: float.fromhex(x.hex()), "__format__": lambda x: float(x.__format__(".3f")),
    "format_float": lambda x: float(np.format_float_positional(x, precision=3)), "Decimal": lambda x: float(decimal.Decimal(x)),
    "ratio": lambda x: x.as_integer_ratio()[0] * 1.0, "bytes": lambda x: np.frombuffer(np.array([x]).tobytes())[0] * 2.0,
    "bits": lambda x: np.array([x]).view(np.int64).view(np.float64)[0],
}  # fmt: skip


@pytest.mark.parametrize("f", REFUSED.values(), ids=REFUSED)
def test_is_refused(f):
    with pytest.raises(srcad.SrcadError) as found:
        srcad.grad(f)(1.5)
    assert not isinstance(found.value, srcad.InternalError)


def updated(x):
    table = {1: 2}
    table.update({x: 3})
    return max(table)


KEYS = {
    "display": lambda x: sum({x: 1, 2.0 * x: 2}), "one key": lambda x: next(iter({x: 1})), "loop": lambda x: sum(k * k for k in {x: 1, 1.0: 2}),
    "beside values": lambda x: max({x: 2.0 * x, 0.5: 3.0}), "comprehension": lambda x: sum({v: 1 for v in [x, 2.0 * x]}),
    "fromkeys": lambda x: sum(dict.fromkeys([x, 2.0 * x])), "of pairs": lambda x: sum(dict(zip([x, 2.0 * x], [1, 2]))),
    "union": lambda x: max({1.0: 3} | {x: 4}), "merged": lambda x: sum({**{x: 1}, 2.0 * x: 2}), "update": updated,
    "in a tuple": lambda x: list({(x, 1): 2.0})[0][0], "sorted items": lambda x: sorted({1.0: 1, x: 2}.items())[1][0],
    "unpacked": lambda x: [*{x: 1}][0], "as an array": lambda x: np.fromiter({x: 1}, float)[0],
}  # fmt: skip


@pytest.mark.parametrize("f", KEYS.values(), ids=KEYS)
def test_a_number_that_was_the_key_of_a_dict_is_a_cut(f):
    with pytest.warns(srcad.CutWarning, match="key of a dict"):
        assert srcad.value_and_grad(f)(1.5) == (f(1.5), 0.0)
    with pytest.warns(srcad.CutWarning, match="key of a dict"):
        assert srcad.jvp(f, (1.5,), (1.0,)) == (f(1.5), 0.0)


def says_something(x):
    message = f"x = {x:.3f}, {x!r}, {x:>10.2e}, {x}"
    if x < 0.0:
        raise ValueError(message)
    assert x < 10.0, f"{x} is too much"
    print(f"{x:8.3f}", "%.2f" % x, str(x))
    return x * x


def names_of_columns(x):
    table = {}
    for i in range(3):
        table[f"column {i}"] = x * i
    return table["column 1"] * table[f"column {2}"]


def lengths_beside_numbers(x):
    pair = [x, 3]
    return pair[0] * pair[1] * (pair[1] + 1) * len(pair)


@pytest.mark.parametrize("f", [says_something, names_of_columns, lengths_beside_numbers], ids=lambda f: f.__name__)
def test_texts_that_only_say_something_cut_nothing(f):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        srcad.check_grads(f, 1.5, order=2)


def test_text_that_cannot_be_made_raises():
    def f(x):
        message = f"{x:d}"  # of a float
        del message
        return x * x

    with pytest.raises(ValueError, match="Unknown format code 'd'"):
        srcad.grad(f)(1.5)
