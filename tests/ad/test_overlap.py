"""Arguments that share memory, where the function writes to one of them: refused, since the copies that it works on would not."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def scale(a, b):
    a[0] = a[0] * b[1]
    return np.sum(a * b)


def read(a, b):
    return np.sum(a * b)


def first(arrays, b):
    arrays[0][0] = b[1]
    return np.sum(arrays[0] * arrays[1])


BASE = np.array([2.0, 3.0, 4.0])


@pytest.mark.parametrize("args", [(BASE, BASE), (BASE[:-1], BASE[1:]), (BASE[::-1], BASE)], ids=["same", "shifted", "reversed"])
def test_written_arguments_that_overlap_are_refused(args):
    """One array given twice is followed if only one of the two is differentiated."""
    first = () if args[0] is args[1] else (srcad.grad(scale),)
    for make in (*first, srcad.value_and_grad(scale, argnums=(0, 1)), lambda *a: srcad.vjp(scale, *a)):
        with pytest.raises(srcad.UnsupportedSyntax, match="SRC128"):
            make(*args)


def test_an_array_that_is_in_a_list_twice():
    x = np.array([1.0, 2.0])
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC128"):
        srcad.grad(first)([x, x], np.ones(2))


def test_neighbours_and_tangents_may_overlap():
    even, odd = np.arange(6.0)[::2], np.arange(6.0)[1::2]
    both = np.arange(6.0)
    a, b = both[::2], both[1::2]
    np.testing.assert_allclose(srcad.grad(scale)(a, b), srcad.grad(scale)(even.copy(), odd.copy()))
    _, dot = srcad.jvp(scale, (a, b), (a, a))
    assert np.isfinite(dot)
    np.testing.assert_allclose(srcad.grad(read)(BASE, BASE), BASE)


def reshaped(a):
    b = a.T.reshape(-1)
    b[0] = 5.0
    return np.sum(a * a)


@pytest.mark.parametrize(
    ("function", "args", "line"),
    [(scale, (BASE[:-1], BASE[1:]), "def scale"), (reshaped, (np.arange(6.0).reshape(2, 3),), "b[0] = 5.0")], ids=["SRC128", "SRC146"],
)  # fmt: skip
def test_what_only_the_run_finds_names_its_place(function, args, line):
    """Memory that is shared and layouts are known when the derivative runs: its errors have file, line and caret all the same."""
    for run in (srcad.grad(function), lambda *a: srcad.vjp(function, *a), lambda *a: srcad.jvp(function, a, a)):
        with pytest.raises(srcad.UnsupportedSyntax) as caught:
            run(*args)
        text = str(caught.value).splitlines()
        assert text[1].startswith(__file__)
        assert text[2].strip().startswith(line)
        assert text[3].strip(" ^") == ""


def _differences(a, w):
    s = np.cumsum(a, axis=0)
    for _ in range(w):
        s = s * 1.0
    return s[w:-1] - s[: -w - 1]


def _squared_in_place(a):
    s = _differences(a, a.shape[0] - 5)
    np.multiply(s, s, out=s)
    s /= 3.0
    return np.sum(s)


def test_a_tangent_that_a_callee_has_stretched_is_copied_before_it_is_written():
    a = np.random.default_rng(0).normal(size=(7, 3))
    srcad.check_grads(_squared_in_place, a)
