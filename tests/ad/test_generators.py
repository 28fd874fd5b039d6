"""Generator expressions that are kept under a name, or that a `for` reads."""
from __future__ import annotations

import struct

import numpy as np
import pytest

import srcad

X = np.array([0.3, -0.4, 0.8, 1.1])


def summed_later(x, a):
    g = (a * e * e for e in x if e > 0)
    a = a * 3.0
    return sum(g) * a


def first_of_some(x, a):
    g = (a * e for e in x if e > 0.5)
    first = next(g)
    return first * first


def read_by_a_for(x, a):
    squares = (e * e for e in x)
    total = 0.0
    for s in squares:
        if s > 1.0:
            break
        total = total + a * s
    return total


def stacked(x, a):
    rows = (np.sin(x * k) for k in range(3))
    return np.sum(np.stack(list(rows))) * a


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("function", [summed_later, first_of_some, read_by_a_for, stacked], ids=lambda f: f.__name__)
def test_gradients(function):
    value, gradients = srcad.value_and_grad(function, argnums=(0, 1))(X, 1.3)
    assert value == function(X, 1.3)
    srcad.check_grads(function, X, 1.3)
    for got, wanted in zip(srcad.vjp(function, X, 1.3)[1](1.0), gradients, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


def lazily(x):
    g = (print(round(float(e), 3)) or e * e for e in x)
    print("made")
    first = next(g)
    print("read")
    return first


def test_items_are_made_when_they_are_read(capsys):
    lazily(X)
    expected = capsys.readouterr().out
    assert srcad.grad(lazily, on_cut="ignore")(X)[0] == 0.6
    assert capsys.readouterr().out == expected
    assert expected == "made\n0.3\nread\n"


def test_refusals_point_at_the_users_line():
    """They pointed into the Python that stands for `filter` and `zip`."""

    def numbers(x):
        yield from x

    def function(x):
        return sum(u * v for u, v in zip(filter(struct.pack, numbers(x)), numbers(x), strict=False))

    with pytest.raises(srcad.SrcadError) as caught:
        srcad.grad(function)(np.array([1.0, 2.0, 3.0]))
    assert "test_generators.py" in str(caught.value)
    assert "iterators.py" not in str(caught.value)


def mapped(f, *trees):
    first = trees[0]
    if isinstance(first, dict):
        return {k: mapped(f, *(t[k] for t in trees)) for k in first}
    if isinstance(first, list | tuple):
        return type(first)(mapped(f, *parts) for parts in zip(*trees, strict=True))
    return f(*trees)


def test_trees_are_mapped_by_generators_within_generators():
    """The function that makes lists of generators was taken for one that calls itself, which cannot be given a generator."""

    def function(p, q):
        r = mapped(lambda a, b: a * b**2, p, q)
        return np.sum(r["a"][0][0]) * r["a"][1][0] + r["b"][1][1][0] * r["b"][0]

    p = {"a": [(X, 2.0), [3.0, {"z": X}]], "b": (1.5, (2.0, [4.0]))}
    found = srcad.grad(function)(p, p)
    np.testing.assert_allclose(found["a"][0][0], 27.0 * X**2)
    assert found["a"][1][0] == pytest.approx(9.0 * np.sum(X**3))
    assert found["b"] == (64.0 * 1.5**2, (0.0, [16.0 * 1.5**3]))
    assert srcad.jvp(function, (p, p), (p, None))[1] == pytest.approx(2.0 * function(p, p))
