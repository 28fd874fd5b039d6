"""`numpy.polynomial`: its functions and its classes in programs."""
from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import Chebyshev, Hermite, Legendre, Polynomial
from numpy.polynomial import chebyshev as C
from numpy.polynomial import hermite_e as He
from numpy.polynomial import laguerre as La
from numpy.polynomial import legendre as L
from numpy.polynomial import polynomial as P

import srcad

X, Y = np.array([0.3, 0.8, 0.45, 1.2, 0.9]), np.array([0.5, 1.7, 0.65, 0.2, 1.1])
A = np.array([[0.3, 0.8, 0.45], [1.2, 0.9, 0.7], [0.15, 0.6, 1.4]])


def at_points(x, y):
    return np.sum(np.sin(Polynomial(x)(y)) + Chebyshev(x)(y[0]) * Legendre([1.0, 0.3, 0.2])(x) + Hermite([1, 2])(y))


def in_a_window(x, y):
    return np.sum(Polynomial(x, domain=[0, 2], window=[-1, 1])(y) ** 2)


def derived(x, y):
    p = Chebyshev(x)
    return np.sum(p.deriv()(y) * p.integ(2, lbnd=0.1)(y) + p.deriv(m=7)(0.3))


def arithmetic(x, y):
    p, q = Polynomial(x), Polynomial(y[:3])
    r = (2.0 * p - 1.0) * q + (1.0 - q) ** 2 - (-p)
    return r(0.3) * np.sum(r.coef**2) * p.degree()


def division(x, y):
    quotient, rest = Polynomial(x) // Polynomial(y[:3]), Polynomial(x) % Polynomial(y[:3])
    return np.sum(quotient.coef**2) + rest(0.4) + P.polydiv(x, y[:2])[0][1]


def fits(x, y):
    p = Polynomial.fit(np.arange(5.0), x * y, 2)
    return p(2.3) + np.sum(L.legfit(x, y, 2, w=1.0 + x) ** 2) + np.sum(P.polyfit(x, np.stack([x * y, y], axis=1), 1))


def fit_over_moving_points(x, y):
    return Chebyshev.fit(x, y, 2)(0.7)


def roots(x, y):
    return np.sum(P.polyroots(x - 0.6).real ** 2) + np.sum(C.chebroots(x[:4] - 0.7).real) + np.sum(P.polyfromroots(y) ** 2)


def functions(x, y):
    found = P.polyval(y, P.polymul(x, y)) + C.chebval(y, C.chebmul(x, y))
    found = found + He.hermeval(y, He.hermeadd(x, y[:2])) + La.lagval(y, La.lagsub(x, y))
    return np.sum(np.sin(found)) + np.sum(L.legint(x, 2, k=[0.3, 0.1], scl=0.5) ** 2) + np.sum(P.polypow(x[:3], 3))


def without_trailing_zeros(x, y):
    p = Polynomial(np.concatenate([x[:2], np.zeros(2)])) + Polynomial(y[:1])
    return np.sum(p.coef**2) * len(p.coef)


def of_matrices(x, y):
    a, b = np.outer(x[:3], y[:3]), A
    first = P.polyval2d(a, b, A) + C.chebgrid2d(x[:3], y[:3], A) + L.legval(a[0], b, tensor=False)
    second = np.sum(He.hermeval(0.4, a)) + np.sum(P.polyval3d(x, x, y, A[None] * x[0]))
    return np.sum(np.sin(first)) + np.sum(P.polyder(a, axis=1) ** 2) + second


def older_form(x, y):
    p, q = np.poly1d(x), np.poly1d(y[:3])
    r = (2 * p - 1.0) * q + p.deriv() * p.integ(k=0.5)
    return r(0.3) * np.sum(p(y)) + r.order * r[1] + np.polyval(p, y[0]) + np.sum(np.polymul(x, y).real) + np.sum(np.poly1d([1.0, 2.0])(x))


PROGRAMS = [
    older_form, at_points, in_a_window, derived, arithmetic, division, fits, fit_over_moving_points, roots, functions, without_trailing_zeros, of_matrices,
]  # fmt: skip


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(function):
    value, _ = srcad.value_and_grad(function, argnums=(0, 1))(X, Y)
    assert value == function(X, Y)
    srcad.check_grads(function, X, Y)


@pytest.mark.parametrize("function", [at_points, derived, fits, roots], ids=lambda f: f.__name__)
def test_second_derivatives(function):
    srcad.check_grads(function, X, Y, order=2)


def points_apart(x):
    return np.sum(P.polyval2d(x, x[:1], A))


def test_points_of_two_shapes_raise_as_in_numpy():
    for call in (points_apart, srcad.grad(points_apart)):
        with pytest.raises(ValueError, match="x, y are incompatible"):
            call(X)


def all_of_a_fit(x):
    return np.sum(P.polyfit(np.arange(5.0), x, 2, full=True)[0])


def constant_of_integration(x):
    return np.sum(P.polyint(X, k=[x[0]]))


def from_roots_of_another_kind(x):
    return np.sum(C.chebfromroots(x))


@pytest.mark.parametrize("function", [all_of_a_fit, constant_of_integration, from_roots_of_another_kind], ids=lambda f: f.__name__)
def test_what_has_no_rule_is_refused(function):
    with pytest.raises(srcad.errors.NoRule):
        srcad.grad(function)(X)
