"""Helpers without differentiated arguments are called as they are: what a path of theirs gives that cannot be followed is not known."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def _rate(n):
    if n > 2:
        return eval("2.0 * n")  # noqa: S307 -- it cannot be followed
    return None


def none_or_number(x, n):
    rate = _rate(n)
    return x * 5.0 if rate is None else x * rate


def _scale(n):
    if n > 2:
        return eval("2.0 * n")  # noqa: S307 -- it cannot be followed
    return 1.0


def literal_or_number(x, n):
    return x * _scale(n)


def _strict(n):
    if n < 0:
        raise ValueError("negative")
    return eval("2.0 * n")  # noqa: S307 -- it cannot be followed


def nothing_else_returns(x, n):
    return x * _strict(n)


def _flag(n):
    return eval("n") if n > 2 else 0  # noqa: S307 -- it cannot be followed


def condition(x, n):
    if _flag(n):
        return x * 2.0
    return x * 3.0


def _weights(n):
    return eval("[1.0, 2.0, 3.0]") if n > 2 else np.ones(2)  # noqa: S307 -- it cannot be followed


def list_or_array(x, n):
    return sum(x * w for w in _weights(n))


def _outer(n):
    return _scale(n) + 1.0


def through_another(x, n):
    return x * _outer(n) + x * _scale(n)


def _some(n):
    return eval("(1.0, 2.0, 3.0)") if n > 2 else (1.0, 2.0)  # noqa: S307 -- it cannot be followed


def length(x, n):
    return x * len(_some(n))


PROGRAMS = (none_or_number, literal_or_number, nothing_else_returns, condition, list_or_array, through_another, length)


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_value_and_slope(program, n):
    value, slope = srcad.value_and_grad(program)(1.5, n)
    assert value == program(1.5, n)
    assert slope == pytest.approx(value / 1.5, rel=1e-14)
    assert srcad.jvp(program, (1.5, n), (1.0, None)) == (value, slope)


class _Model:
    def __init__(self, n):
        self.n = n

    def rate(self):
        if self.n > 2:
            return eval("7.0")  # noqa: S307 -- it cannot be followed
        return None


def of_an_object(x, n):
    rate = _Model(n).rate()
    return x if rate is None else x * rate


def _append(n, out):
    if n > 2:
        eval("out.append(4.0)", {"out": out})  # noqa: S307 -- it cannot be followed
    else:
        out.append(1.0)


def into_a_list(x, n):
    out = []
    _append(n, out)
    return x * out[0]


@pytest.mark.parametrize("program", [of_an_object, into_a_list], ids=lambda p: p.__name__)
def test_refused_only_there_where_something_may_change(program):
    assert srcad.grad(program)(1.5, 1) == 1.0
    with pytest.raises(srcad.errors.UnsupportedSyntax, match="eval"):
        srcad.grad(program)(1.5, 4)
