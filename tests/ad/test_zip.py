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
