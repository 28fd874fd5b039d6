"""`zip` of displays, whose length is known, with arrays and ranges, whose length is not."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def weights(x, a):
    s = 0.0
    for w, e in zip([0.5, a, 2.0], x):
        s = s + w * e * e
    return s


def pairs_second(x, a):
    s = 0.0
    for e, (w, k) in zip(x, ((a, 2), (1.5, 3))):
        s = s + w * e**k
    return s


def arrays_in_a_list(x, a):
    rows = [x * a, np.sin(x), x]
    return np.sum(np.array([np.sum(r) * e for r, e in zip(rows, x)]))


def with_a_range(x, a):
    s = a
    for k, w, e in zip(range(len(x)), (a, a * a, 3.0), x):
        s = s + w * e * (k + 1)
        if s > 4.0:
            break
    return s


def enumerated(x, a):
    s = 0.0
    for n, (e, w) in enumerate(zip(x, (a, 1.0, a, 2.0))):
        s = s + e * w * n
    return s


def values_of_a_dict(x, a):
    return sum(w * e for e, w in zip(x, {"p": a, "q": 2.0}.values()))


def nothing(x, a):
    s = a * x[0]
    for e, _ in zip(x, ()):
        s = s + e
    return s


FUNCTIONS = [weights, pairs_second, arrays_in_a_list, with_a_range, enumerated, values_of_a_dict, nothing]


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("length", [1, 2, 3, 6])
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_the_shorter_one_decides(function, length):
    x = np.array([0.3, -0.4, 0.8, 1.1, 0.2, 0.7])[:length]
    value, gradients = srcad.value_and_grad(function, argnums=(0, 1))(x, 1.3)
    assert value == function(x, 1.3)
    srcad.check_grads(function, x, 1.3)
    for got, wanted in zip(srcad.vjp(function, x, 1.3)[1](1.0), gradients, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


# ---- columns of rows whose number is not known -----------------------------------------------------------------------
def columns_of_a_list_that_grows(a, n):
    states, s = [], [1.0, a]
    while len(states) < n:
        states.append(s)
        s = [s[0] + 0.1 * s[1], s[1] - 0.2 * s[0] * a]
    xs, ys = zip(*states)
    return sum(xs) + max(ys)


def columns_as_arrays(a, n):
    rows, x, y = [], 1.0, a
    for i in range(n):
        rows.append((x, y, i))
        x, y = x + 0.1 * y, y - a * x
    xs, ys, t = map(np.array, zip(*rows))
    return np.trapezoid(xs**2 * ys, t)


def columns_of_an_array(a, n):
    xs, ys = zip(*np.arange(2.0 * n).reshape(n, 2) * a)
    return sum(x * y for x, y in zip(xs, ys))


def columns_with_arrays(a, n):
    scalars, vectors = zip(*[(a * i, np.array([a, i])) for i in range(n)])
    return sum(scalars) + np.sum(np.stack(vectors) ** 2)


@pytest.mark.parametrize("function", [columns_of_a_list_that_grows, columns_as_arrays, columns_of_an_array, columns_with_arrays])
def test_columns(function):
    srcad.check_grads(lambda a: function(a, 5), 0.5, order=2)
    for derivative in (srcad.grad(function), lambda a, n: srcad.jvp(function, (a, n), (1.0, 0.0))):
        with pytest.raises(ValueError, match="not enough values to unpack"):
            derivative(0.5, 0)


def test_rows_that_are_too_long():
    with pytest.raises(ValueError, match=r"too many values to unpack \(expected 2\)"):
        srcad.grad(_two)(0.5, 3)


def _two(a, n):
    xs, ys = zip(*[[a, a, a] for _ in range(n)])
    return sum(xs) + sum(ys)


def strictly(x, a, n):
    s = 0.0
    for k, (e, w) in enumerate(zip(x, [a * i for i in range(n)], strict=True)):
        s = s + e * w * k
    return s


def strictly_known(x, a):
    table = dict(zip(("p", "q"), (a, a * a), strict=True))
    return table["p"] * table["q"] + sum(e * w for e, w in zip(x, x * a, strict=True))


def strictly_left(x, a):
    s = a
    for e, w in zip(x, (x * a)[1:], strict=True):
        s = s + e * w
        if s > 0.0:
            break
    return s


def test_strict_zip():
    x = np.array([0.4, 0.7, 1.3])
    srcad.check_grads(strictly, x, 0.6, 3)
    srcad.check_grads(strictly_known, x, 0.6)
    srcad.check_grads(strictly_left, x, 0.6)


@pytest.mark.parametrize("n", [2, 4, 0])
def test_strict_zip_of_other_lengths_raises_what_python_raises(n):
    x = np.array([0.4, 0.7, 1.3])
    with pytest.raises(ValueError, match="zip") as expected:
        strictly(x, 0.6, n)
    for derivative in (srcad.grad(strictly), lambda *a: srcad.jvp(strictly, a, (np.ones(3), 1.0, 0))):
        with pytest.raises(ValueError, match="zip") as caught:
            derivative(x, 0.6, n)
        assert str(caught.value) == str(expected.value)


# ---- from the last item, beside what runs forwards ---------------------------------------------------------------------
def counted_backwards(x, a):
    s = 0.0
    for k, e in enumerate(reversed(x), 1):
        s = s * a + e * k
    return s


def both_ways(x, a):
    items = [a * e for e in x]
    s = sum(p * q for p, q in zip(items, reversed(items)))
    for k, (p, q) in enumerate(zip(reversed(items), range(len(items)))):
        s = s + p * q * k
    return s


def written_backwards(x, a):
    x = x.copy()
    for k, e in enumerate(reversed(x)):
        x[k] = e * a
    return np.sum(x * np.arange(1.0, x.size + 1.0))


def known_backwards(x, a):
    s = 0.0
    for e, w in zip(x, reversed([a, 2.0, a * a, 3.0])):
        s = s + e * w
    for k, w in enumerate(reversed((a, x[0]))):
        s = s + k * w * w
    return s


@pytest.mark.parametrize("length", [1, 3, 6])
@pytest.mark.parametrize("function", [counted_backwards, both_ways, written_backwards, known_backwards])
def test_reversed_beside_what_runs_forwards(function, length):
    srcad.check_grads(function, np.linspace(0.4, 1.3, length), 0.6)
    srcad.check_grads(function, list(np.linspace(0.4, 1.3, length)) if function is not written_backwards else np.ones(length), 0.6)
