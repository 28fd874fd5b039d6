"""Functions of the user that are called what srcad calls the derivatives of others, or the halves of such: `f_fwd`, `f_bwd`, `f_grad`."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def cube_fwd(x):
    return x**3


def cube_bwd(x):
    return x**2


def cube_grad(x):
    return 2.0 * x**2


def pulled_fwd(x):
    return srcad.vjp(cube_fwd, x)[1](1.0)[0] * cube_bwd(x)


def slope(f):
    return lambda x: srcad.vjp(f, x)[1](1.0)[0]


def along(f):
    return lambda x: srcad.jvp(f, (x,), (1.0,))[1]


@pytest.mark.parametrize("inner", [srcad.grad, slope], ids=["grad", "vjp"])
@pytest.mark.parametrize("outer", [slope, along], ids=["vjp", "jvp"])
def test_halves(outer, inner):
    assert inner(cube_fwd)(2.0) == pytest.approx(12.0)
    assert outer(lambda x: inner(cube_fwd)(x) * cube_bwd(x))(2.0) == pytest.approx(12.0 * 2.0**3)
    assert outer(lambda x: inner(pulled_fwd)(x))(2.0) == pytest.approx(36.0 * 2.0**2)
    assert outer(lambda x: inner(cube_grad)(x) + cube_grad(x))(2.0) == pytest.approx(4.0 + 8.0)


def times_bwd(x, n):
    return x if n == 0 else x * times_bwd(x * 0.9, n - 1)


def times(x, n):
    return times_bwd(x, n) * np.sin(x)


def times_grad(x, n):
    return times(x, n) if n == 0 else times_grad(x, n - 1) * x


def times_fwd(x, n):
    return times_grad(x, n) + times(x, n)


@pytest.mark.parametrize("f", [times, times_fwd])
def test_functions_that_call_themselves(f):
    """They stay functions of the generated program, beside the derivatives of the others."""
    h = 1e-4
    expected = (f(1.2 + h, 3) - f(1.2 - h, 3)) / (2 * h)
    curvature = (f(1.2 + h, 3) - 2 * f(1.2, 3) + f(1.2 - h, 3)) / h**2
    g = srcad.grad(f)
    assert g(1.2, 3) == pytest.approx(expected, rel=1e-6)
    assert srcad.vjp(f, 1.2, 3)[1](1.0)[0] == pytest.approx(expected, rel=1e-6)
    assert srcad.vjp(g, 1.2, 3)[1](1.0)[0] == pytest.approx(curvature, rel=1e-5)
    assert srcad.grad(lambda x: srcad.vjp(f, x, 3)[1](1.0)[0])(1.2) == pytest.approx(curvature, rel=1e-5)
    assert srcad.jvp(lambda x: srcad.grad(f)(x, 3), (1.2,), (1.0,))[1] == pytest.approx(curvature, rel=1e-5)
