"""Programs whose second derivatives went wrong, in all four combinations of modes."""
from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import integrate

import srcad


def filtered(q, r, zs):
    """An array that is scaled in place, read in a loop, and put back by the reverse sweep: both its versions are kept for the next order."""
    R = np.eye(1)
    R *= r
    K = np.array([[q], [q * q]])
    P = np.eye(2)
    for z in zs:
        S = np.dot(K.T, K) + R
        P = P * z + np.dot(np.dot(K, R), K.T) * np.sum(np.linalg.inv(S))
    return np.sum(P)


def squares(xs):
    for x in xs:
        yield x * x


def next_or_default(q, r, zs):
    """A generator that may end: what its state is unbound then."""
    found = squares(zs[:2])
    total = q * r
    for _ in range(4):
        total += next(found, 0.5) * q
    return total


def rows(q, r, zs):
    """Cotangents of lists of lists are added, not joined."""
    made = [[p * z * q for z in zs] for p in zs]
    return sum([sum(row) * row[0] for row in made]) * r


def place_of_unknown_type(q, r, zs):
    """The tangent of an index was taken for the index."""
    y = np.zeros(3)
    it = iter(range(3))
    for i in it:
        y[i] = zs[i] * q + (y[i - 1] if i > 0 else 0.0)
        following = next(it, None)
        if following is not None:
            y[following] = zs[following] * y[i] * r
    return y @ y


def displays_in_lists(q, r, zs):
    """Parts of what a list is made of had the type of the whole, or were asked for by number where they have keys."""
    items = [("a", q * r), ("bb", zs[0])] if q > 0 else [("c", zs[1])]
    held = [{"u": q, "n": 1}] if q > 0 else [{"u": r * zs[2], "n": 2}]
    items.append(("z", q))
    held.append({"u": zs[1] * 2.0, "n": 3})
    total = 0.0
    for name, v in items:
        total += v * v * len(name)
    for h in held:
        total += h["u"] ** 3 * h["n"]
    return total


def solved_or_stepped(q, r, zs):
    """What the body of a `try` has not got to has no shape."""
    u = zs.copy()
    J = np.outer(zs, zs) * q
    J[0] *= 0.0
    try:
        u -= np.linalg.solve(J, zs)
    except np.linalg.LinAlgError:
        u -= r * zs * u
    return np.sum(u * u)


def scaled_by_the_first(a):
    if a.shape[0] > 1:
        a[1:] *= a[0]
        scaled_by_the_first(a[1:])
    return a


def recursion_without_residuals(q, r, zs):
    """The innermost call keeps nothing, and its cotangents are None."""
    y = zs * q
    b = scaled_by_the_first(y)
    b[1] *= y[2]
    return np.sum(y * b) * r


ARGS = (0.3, 0.7, np.array([0.9, -0.4, 0.5]))
FIRST = (0.4, -1.1, np.array([0.2, 0.8, -0.6]))
SECOND = (1.3, 0.5, np.array([-0.7, 0.1, 0.9]))


def dot(a, b):
    return sum(float(np.vdot(x, y)) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("f", [filtered, next_or_default, rows, place_of_unknown_type, displays_in_lists, solved_or_stepped, recursion_without_residuals])
def test_all_modes_agree(f):
    def forward(q, r, zs):
        return srcad.jvp(f, (q, r, zs), FIRST)[1]

    def reverse(q, r, zs):
        a, b, c = srcad.grad(f, argnums=(0, 1, 2))(q, r, zs)
        return a * FIRST[0] + b * FIRST[1] + np.vdot(c, FIRST[2])

    h = 1e-5
    ahead, behind = (srcad.jvp(f, tuple(x + s * h * d for x, d in zip(ARGS, SECOND, strict=True)), FIRST)[1] for s in (1, -1))
    expected = pytest.approx((ahead - behind) / (2 * h), rel=1e-6)
    assert srcad.jvp(forward, ARGS, SECOND)[1] == expected
    assert srcad.jvp(reverse, ARGS, SECOND)[1] == expected
    assert dot(srcad.grad(forward, argnums=(0, 1, 2))(*ARGS), SECOND) == expected
    assert dot(srcad.grad(reverse, argnums=(0, 1, 2))(*ARGS), SECOND) == expected


# ---- variables that hold derivatives ---------------------------------------------------------------------------------
def square(x):
    return x**2


def power(n, x):
    return x**n


HELD = srcad.grad(square)


def uses_held(x):
    return HELD(x) * x


@pytest.mark.parametrize(("made", "expected"), [
    (srcad.grad(lambda x: x**3), 36.0), (functools.partial(power, 3.0), 32.0), (functools.partial(power, 4.0), 80.0), (np.exp, 3 * np.exp(2.0)),
], ids=["derivative", "partial", "another partial", "ufunc"])  # fmt: skip
def test_a_variable_that_holds_a_derivative_may_change(monkeypatch, made, expected):
    """What was compiled with the old one is compiled anew."""
    d = srcad.grad(uses_held)
    assert d(2.0) == 8.0
    monkeypatch.setitem(globals(), "HELD", made)
    assert d(2.0) == pytest.approx(expected)


def bell(x, a):
    return np.exp(-a * x**2)


def test_integrals_with_extra_arguments():
    """The rule of an integral meets itself in its own derivative, with arguments of another length."""

    def area(a):
        return integrate.quad(bell, 0.0, 1.0, args=(a,))[0]

    expected = integrate.quad(lambda x: x**4 * np.exp(-0.7 * x**2), 0.0, 1.0)[0]
    assert srcad.grad(srcad.grad(area))(0.7) == pytest.approx(expected, rel=1e-9)
    assert srcad.hvp(area, (0.7,), (1.0,)) == pytest.approx(expected, rel=1e-9)


def network(weights, x):
    for w in weights:
        x = np.tanh(x @ w)
    return np.sum(x**2)


def test_tangents_of_shapes_that_are_only_known_at_run_time_are_not_stretched():
    """Where all operands are differentiated, the sum of the terms has the shape of the result."""
    weights, x = [0.5 * np.eye(3) + 0.1, np.ones((3, 2))], np.ones((4, 3))
    text = srcad.jacfwd(srcad.grad(network)).source(weights, x)
    assert "broadcast_to" not in text
    srcad.check_grads(network, weights, x, order=2)


def growing(items, fixed):
    y = items[0]
    for k in range(1, len(items)):
        v = items[k]
        y = y * v + v - y / v + fixed[k] * y + np.maximum(y, fixed[k])
    return y


def test_operands_of_other_shapes_in_lists():
    """What is differentiated may be narrower than what is not."""
    items = [np.array([0.5]), np.array([1.1, 0.7, 1.6]), np.array([[0.9], [1.3]])]
    fixed = [np.ones(1), np.array([0.2, 0.1, 0.7]), np.array([[[0.3]], [[2.5]]])]
    srcad.check_grads(growing, items, fixed, order=2)
    _, moved = srcad.jvp(growing, (items[:1] * 3, fixed), (items[:1] * 3, None))
    assert moved.shape == growing(items[:1] * 3, fixed).shape == (2, 1, 3)
