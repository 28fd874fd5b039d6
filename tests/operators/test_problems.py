"""Problems with derivatives inside, as people in several fields write them: value, both modes, and the derivative of the derivative."""
from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import srcad
from srcad import trees

RNG = np.random.default_rng(3)
X, Y, W = RNG.standard_normal((6, 3)), RNG.standard_normal(6), RNG.standard_normal(3) * 0.3
THETA = RNG.standard_normal(12) * 0.5


class Line(NamedTuple):
    w: Any
    b: float


@dataclass
class Affine:
    w: Any
    b: float


def misfit(p):
    return np.mean((X @ p.w + p.b - Y) ** 2)


def step_of_a_named_tuple(p, rate):
    """Meta-learning: the loss behind a step of gradient descent."""
    value, g = srcad.value_and_grad(misfit)(p)
    return misfit(p._replace(w=p.w - rate * g.w, b=p.b - rate * g.b)) + value


def step_of_a_dataclass(p, rate):
    for _ in range(2):
        g = srcad.grad(misfit)(p)
        p = Affine(p.w - rate * g.w, p.b - rate * g.b)
    return misfit(p)


def step_of_a_dict(p, rate):
    def loss(q):
        return np.mean((np.tanh(X @ q["w"]) + q["b"] - Y) ** 2)

    for _ in range(2):
        g = srcad.grad(loss)(p)
        p = p | {k: p[k] - rate * g[k] for k in p}
    return loss(p)


def newton_of_a_parameter(p):
    """Bilevel: a minimum found by Newton's method, by a parameter of what is minimised."""

    def objective(w):
        return np.sum(np.log(np.cosh(X @ w - Y))) + np.exp(p) * np.sum(w**2)

    w = np.zeros(3)
    for _ in range(5):
        w = w - np.linalg.solve(srcad.hessian(objective)(w), srcad.grad(objective)(w))
    return np.sum(w**3)


def hessian_free(w, mu):
    """Conjugate gradients with Hessian-vector products."""

    def f(u):
        return np.sum(np.log1p(np.exp(X @ u))) + mu * np.sum(u**2)

    r = -srcad.grad(f)(w)
    found, p, rs = np.zeros(3), r, r @ r
    for _ in range(2):
        product = srcad.hvp(f, (w,), (p,))
        length = rs / (p @ product)
        found, r = found + length * p, r - length * product
        p, rs = r + (r @ r) / rs * p, r @ r
    return np.sum((w + found) ** 2)


def physics_informed(theta):
    """The residual of a differential equation of a network's second derivatives."""

    def u(x, t):
        return np.tanh(theta[:4] * x + theta[4:8] * t) @ theta[8:]

    residual = 0.0
    for x in (0.2, 0.7):
        residual += (srcad.grad(u, argnums=1)(x, 0.4) - 0.3 * srcad.grad(srcad.grad(u))(x, 0.4)) ** 2
    return residual


def lagrangian(q, v, mass):
    """Accelerations from a Lagrangian."""

    def energy(q, v):
        return 0.5 * mass * np.sum(v**2) + 0.3 * v[0] * v[1] * np.cos(q[0] - q[1]) + np.cos(q[0]) + 2 * np.cos(q[1])

    coupling = srcad.jacobian(srcad.grad(energy, argnums=1), argnums=0)(q, v) @ v
    return np.sum(np.linalg.solve(srcad.hessian(energy, argnums=1)(q, v), srcad.grad(energy)(q, v) - coupling) ** 2)


def leapfrog(q, p, h):
    def energy(q, p):
        return 0.5 * np.sum(p**2) + 0.25 * np.sum(q**4) + q[0] * q[1]

    for _ in range(4):
        p = p - 0.5 * h * srcad.grad(energy, 0)(q, p)
        q = q + h * srcad.grad(energy, 1)(q, p)
        p = p - 0.5 * h * srcad.grad(energy, 0)(q, p)
    return np.sum(q**2) + energy(q, p)


def natural_gradient(w):
    def chances(u):
        return 1 / (1 + np.exp(-X @ u))

    j, p = srcad.jacfwd(chances)(w), chances(w)
    fisher = j.T @ (j / (p * (1 - p))[:, None]) + 0.1 * np.eye(3)
    return np.sum(np.linalg.solve(fisher, srcad.grad(lambda u: np.sum((chances(u) - 0.3) ** 2))(w)) ** 2)


def gauss_newton_product(w):
    def f(u):
        return np.tanh(X @ u)

    along = np.array([1.0, -0.5, 0.2])
    _, pullback = srcad.vjp(f, w)
    return np.sum(pullback(srcad.jvp(f, (w,), (along,))[1])[0] ** 2)


def torsion(t, a):
    def curve(s):
        return np.array([a[0] * np.cos(s), a[1] * np.sin(2 * s), a[2] * s**3])

    first = srcad.jacfwd(curve)
    second = srcad.jacfwd(first)
    normal = np.cross(first(t), second(t))
    return normal @ srcad.jacfwd(second)(t) / (normal @ normal)


def christoffel(x):
    def metric(z):
        return np.array([[1 + z[0] ** 2, z[0] * z[1]], [z[0] * z[1], 2 + np.sin(z[1])]])

    d = srcad.jacfwd(metric)(x)
    return np.sum(np.einsum("il,ljk->ijk", np.linalg.inv(metric(x)), d.transpose(0, 2, 1) + d - d.transpose(2, 0, 1)) ** 2)


def laplacian_of_a_laplacian(x):
    def laplacian(f):
        return lambda z: np.trace(srcad.hessian(f)(z))

    return laplacian(laplacian(lambda z: np.sin(z[0]) * z[1] ** 2))(x)


def poisson_brackets(z):
    def bracket(f, g):
        return lambda q, p: srcad.grad(f, 0)(q, p) * srcad.grad(g, 1)(q, p) - srcad.grad(f, 1)(q, p) * srcad.grad(g, 0)(q, p)

    return bracket(lambda q, p: q**2 * p, bracket(lambda q, p: np.sin(q) * p**2, lambda q, p: q * p))(z[0], z[1])


def flow(theta):
    """The logarithm of the density of a normalising flow."""

    def moved(x):
        return x + np.tanh(theta[0] * x + theta[1]) * theta[2]

    x, density = 0.3, 0.0
    for _ in range(3):
        density, x = density + np.log(abs(srcad.grad(moved)(x))), moved(x)
    return density - 0.5 * x**2


def line_search(x):
    def f(z):
        return np.sum((z - 1) ** 4) + np.sum(z**2)

    g, t = srcad.grad(f)(x), 1.0
    while f(x - t * g) > f(x) - 0.1 * t * (g @ g):
        t *= 0.5
    return f(x - t * g)


def partials(x):
    f = functools.partial(lambda a, b, z: a * np.sum(z**b), 2.0, 3)
    return np.sum(srcad.grad(f)(x) ** 2)


class Field:
    def __init__(self, w):
        self.w = w

    def energy(self, x):
        return np.sum(np.tanh(self.w * x))

    def force(self, x):
        return -srcad.grad(self.energy)(x)


def methods(w, x):
    return np.sum(Field(w).force(x) ** 2)


Z3, Z2 = np.array([0.4, 0.2, 0.9]), np.array([0.3, -0.5])
PROBLEMS = [
    (step_of_a_named_tuple, (Line(W, 0.2), 0.05)), (step_of_a_dataclass, (Affine(W, 0.2), 0.05)), (step_of_a_dict, ({"w": W, "b": 0.1}, 0.1)),
    (newton_of_a_parameter, (0.3,)), (hessian_free, (W, 0.5)), (physics_informed, (THETA,)), (lagrangian, (Z2, np.array([0.2, 0.9]), 2.0)),
    (leapfrog, (Z2, np.array([0.2, 0.9]), 0.05)), (natural_gradient, (W,)), (gauss_newton_product, (W,)), (torsion, (0.7, np.array([1.0, 0.5, 0.2]))),
    (christoffel, (Z2,)), (laplacian_of_a_laplacian, (Z2,)), (poisson_brackets, (Z2,)), (flow, (Z3,)), (line_search, (Z3,)), (partials, (Z3,)),
    (methods, (Z3, np.array([1.0, -0.3, 0.5]))),
]  # fmt: skip


def along(args, h, direction):
    left = iter(direction)
    return trees.rebuilt(args, iter([x + h * next(left) for x in trees.leaves(args)]))


@pytest.mark.parametrize(("f", "args"), [pytest.param(*p, id=p[0].__name__) for p in PROBLEMS])
def test_problem(f, args):
    rng = np.random.default_rng(1)
    direction = [rng.standard_normal(np.shape(x)) if np.ndim(x) else float(rng.standard_normal()) for x in trees.leaves(args)]
    tangents = trees.rebuilt(args, iter(direction))
    wrt = tuple(range(len(args)))

    def slope(h):
        return srcad.jvp(f, along(args, h, direction), tangents)

    value, tangent = slope(0.0)
    assert value == pytest.approx(f(*args), rel=1e-12)
    assert tangent == pytest.approx((f(*along(args, 1e-5, direction)) - f(*along(args, -1e-5, direction))) / 2e-5, rel=1e-6, abs=1e-6)
    gradient = trees.leaves(srcad.grad(f, argnums=wrt)(*args))
    assert sum(np.vdot(g, d) for g, d in zip(gradient, direction, strict=True)) == pytest.approx(tangent, rel=1e-10)
    product = trees.leaves(srcad.hvp(f, args, tangents, argnums=wrt))
    curvature = (slope(1e-4)[1] - slope(-1e-4)[1]) / 2e-4
    assert sum(np.vdot(p, d) for p, d in zip(product, direction, strict=True)) == pytest.approx(curvature, rel=1e-4, abs=1e-5)


# ---- what is made inside ---------------------------------------------------------------------------------------------
def wave(x):
    return np.sum(np.sin(x) ** 3)


def test_checkpoints_made_inside():
    def f(x):
        return srcad.checkpoint(wave)(x) * x[0]

    np.testing.assert_allclose(srcad.grad(f)(Z3), srcad.grad(lambda x: wave(x) * x[0])(Z3))


def test_named_tuples_that_are_given():
    def f(p):
        return np.sum(p._asdict()["w"]) * Line(*p).b + np.sum(Line._make(p).w) + np.sum(p._replace(b=2.0).w)

    found = srcad.grad(f)(Line(Z3, 0.5))
    np.testing.assert_allclose(found.w, np.full(3, 2.5))
    assert found.b == pytest.approx(np.sum(Z3))


def test_unions_of_dicts():
    """They were taken for `|` of integers, which cuts the derivative."""

    def f(p, more):
        q = p | {"w": p["w"] * 2.0}
        r = more | q
        return np.sum(q["w"]) * q["b"] + r["b"] * r["c"] + np.sum(p["w"])

    p, more = srcad.grad(f, argnums=(0, 1))({"w": Z3, "b": 0.5}, {"b": 7.0, "c": 3.0})
    np.testing.assert_allclose(p["w"], np.full(3, 2.0))
    assert p["b"] == pytest.approx(2.0 * np.sum(Z3) + 3.0)
    assert more == {"b": 0.0, "c": 0.5}
