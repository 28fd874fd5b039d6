"""Other views of an array: `x.flat`, `x.base`, what `np.trim_zeros` leaves."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

M = np.array([[0.3, -1.2], [0.8, 1.7]])


def quaternion(m):
    a, b, c, d = m.flat
    out = m.T.copy()
    out.flat[1] = a * d
    return b * c + sum(k * v for k, v in enumerate(out.flat)) + np.sum(m.T.flat[1:3] ** 2)


def test_flat():
    srcad.check_grads(quaternion, M)


def changed_later(m):
    out = m * 1.0
    row = out.flat
    out[0, 1] = m[1, 1] ** 2
    return row[1] * row[2]


def test_flat_sees_what_is_written_later():
    srcad.check_grads(changed_later, M)
    assert srcad.value_and_grad(changed_later)(M)[0] == changed_later(M)


def owned(x):
    y = x[1:] if x[0] > 0.0 else x
    if y.base is not None:
        y = y.copy()
    return np.sum(y * y) + x[1]


def through_the_base(x):
    return np.sum(x[1:].base * x)


def test_whether_an_array_has_a_base_may_be_asked():
    srcad.check_grads(owned, np.array([0.3, 1.2, -0.7]))


@pytest.mark.parametrize("run", [lambda x: srcad.grad(through_the_base)(x), lambda x: srcad.jvp(through_the_base, (x,), (x,))], ids=["rev", "fwd"])
def test_what_the_base_holds_is_refused(run):
    with pytest.raises(srcad.NoRule, match="base"):
        run(np.array([0.3, 1.2, -0.7]))


def trimmed(x):
    w = x * 1.0
    y = np.trim_zeros(w)
    w[3] = x[1] * x[2]
    y[1] = x[2] ** 2
    return np.sum(w * np.arange(6.0)) + y[2] * len(np.trim_zeros(x, "f"))


@pytest.mark.filterwarnings("ignore::srcad.CutWarning")
def test_trimmed_zeros_are_a_view():
    x = np.array([0.0, 1.0, 2.0, 0.5, 3.0, 0.0])
    value, gradient = srcad.value_and_grad(trimmed)(x)
    assert value == trimmed(x)
    np.testing.assert_allclose(gradient, [0.0, 17.0, 16.0, 0.0, 4.0, 5.0])
    np.testing.assert_allclose(srcad.jvp(trimmed, (x,), (np.ones(6),))[1], 42.0)
