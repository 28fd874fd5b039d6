"""Jacobians and Hessians of several and structured arguments and results inside a function that is differentiated."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcad

P = {"W": np.array([[0.5, -0.2], [0.1, 0.7], [0.3, 0.4]]), "b": np.array([0.1, 0.2, -0.3])}
X = np.array([0.4, 0.9])
ALONG = {"W": np.array([[0.3, 1.1], [-0.4, 0.2], [0.9, -1.2]]), "b": np.array([0.7, -0.1, 0.4])}, np.array([-0.6, 0.8])


@dataclass
class Net:
    W: Any
    b: Any


def layer(params, x):
    return np.tanh(params["W"] @ x + params["b"])


def of_a_dict(matrix, p, x):
    j = matrix(layer)(p, x)
    return np.sum(j["W"] ** 2 * np.sin(j["W"])) + np.sum(j["b"] ** 3)


def of_two(matrix, p, x):
    by_p, by_x = matrix(layer, argnums=(0, 1))(p, x)
    return np.sum(by_p["W"] ** 2) + np.sum(by_p["b"] ** 3) + np.sum(by_x**4)


def of_two_turned(matrix, p, x):
    by_x, by_p = matrix(layer, argnums=("x", "params"))(p, x)
    return np.sum(by_p["W"] ** 2) + np.sum(by_x**4)


def of_an_object(matrix, p, x):
    j = matrix(lambda net: np.tanh(net.W @ x + net.b))(Net(p["W"], p["b"]))
    return np.sum(j.W**2) + np.sum(j.b**3)


def of_a_part(matrix, p, x):
    return np.sum(matrix(layer, argnums="params['b']")(p, x) ** 2)


def structured_result(matrix, p, x):
    j = matrix(lambda z: {"a": np.sum(z**2), "b": (z * z[0], 3)})(p["W"][0] * x)
    assert j["b"][1] is None
    return np.sum(j["a"] ** 2) + np.sum(np.sin(j["b"][0]))


def numbers(matrix, p, x):
    (aa, ab), (ba, bb) = matrix(lambda a, b: (a * b**2, a**3), argnums=(0, 1))(p["b"][0], x[1])
    return aa * ab + ba**2 * ab + bb


def with_aux(matrix, p, x):
    j, total = matrix(lambda z: (z**2 * z[0], np.sum(z)), has_aux=True)(p["W"][0] * x)
    return np.sum(j**2) * total


def keywords(matrix, p, x):
    def scaled(z, *, s):
        return z**2 * z[0] * s

    return np.sum(matrix(scaled)(p["W"][0] * x, s=x[1]) ** 2) + np.sum(matrix(scaled, argnums="s")(p["b"], s=x[1]) ** 2)


def empty(matrix, p, x):
    j = matrix(lambda z, a: (z * a, z * 2.0), argnums=(0, 1))(x[:0], p["b"][0])
    return np.sum(j[1][0]) + x[0]


def single_precision(matrix, p, x):
    first, second = matrix(lambda a: (a * x, a))(x.astype(np.float32))
    assert second.dtype == np.float32
    assert first.dtype == (np.float32 if matrix is srcad.jacrev else np.float64)
    return np.sum(first**2)


PROGRAMS = (
    of_a_dict, of_two, of_two_turned, of_an_object, of_a_part, structured_result, numbers, with_aux, keywords, empty, single_precision,
)  # fmt: skip


def hessian_of_a_dict(_, p, x):
    h = srcad.hessian(lambda q: np.sum(layer(q, x) ** 2))(p)
    return np.sum(h["W"]["b"] ** 2) + np.sum(h["b"]["b"]) + np.sum(h["W"]["W"] ** 3)


def hessian_of_two(_, p, x):
    (aa, ab), (ba, bb) = srcad.hessian(lambda a, b: np.sum(a**2) * b**3, argnums=(0, 1))(p["b"], x[0])
    return np.sum(aa**2) + np.sum(ab * ba) + bb**2


def hessian_with_aux(_, p, x):
    h, rest = srcad.hessian(lambda q: (np.sum(q["b"] ** 3) * x[0], np.sum(q["W"])), has_aux=True)(p)
    return np.sum(h["b"]["b"] ** 2) * rest


CASES = [
    *(pytest.param(m, f, id=f"{m.__name__}-{f.__name__}") for f in PROGRAMS for m in (srcad.jacfwd, srcad.jacrev)),
    *(pytest.param(srcad.jacobian, f, id=f"jacobian-{f.__name__}") for f in (of_two, structured_result, with_aux)),
    *(pytest.param(None, f, id=f.__name__) for f in (hessian_of_a_dict, hessian_of_two, hessian_with_aux)),
]


@pytest.mark.parametrize(("matrix", "f"), CASES)
def test_both_modes(matrix: Any, f: Callable[..., Any]) -> None:
    """The value is what the operators give outside; its derivative is right in both modes."""

    def program(p, x):
        return f(matrix, p, x)

    def moved(h):
        p = {k: v + h * ALONG[0][k] for k, v in P.items()}
        return program(p, X + h * ALONG[1])

    value, tangent = srcad.jvp(program, (P, X), ALONG)
    assert value == pytest.approx(program(P, X), rel=1e-6 if f is single_precision else 1e-12)
    rel = 1e-3 if f is single_precision else 1e-6
    assert tangent == pytest.approx((moved(1e-4) - moved(-1e-4)) / 2e-4, rel=rel, abs=1e-6)
    by_p, by_x = srcad.grad(program, argnums=(0, 1))(P, X)
    assert sum(np.vdot(by_p[k], ALONG[0][k]) for k in P) + np.vdot(by_x, ALONG[1]) == pytest.approx(tangent, rel=1e-6 if f is single_precision else 1e-10)


def talking(z):
    print("run")
    return z**2 * z[0]


def test_functions_with_effects_run_once(capsys):
    found = srcad.grad(lambda x: np.sum(srcad.jacobian(talking)(x) ** 2))(X)
    assert capsys.readouterr().out == "run\n"
    np.testing.assert_allclose(found, srcad.grad(lambda x: np.sum(srcad.jacrev(lambda z: z**2 * z[0])(x) ** 2))(X))
    with pytest.raises(srcad.ArgumentError, match="jacfwd runs the function several times"):
        srcad.grad(lambda x: np.sum(srcad.jacfwd(talking)(x) ** 2))(X)


def test_arguments_of_unknown_structure_are_refused():
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC189.*jacrev inside .* its argument holds something else"):
        srcad.grad(lambda x: srcad.jacrev(lambda items: sum(items) ** 2)([v * 2.0 for v in x])[0])(X)
    with pytest.raises(srcad.UnsupportedSyntax, match="its result holds something else"):
        srcad.grad(lambda x: srcad.jacrev(lambda z: ([v * 2.0 for v in z], z))(x)[0][0][0])(X)
    with pytest.raises(srcad.ArgumentError, match="jacfwd of a complex argument or result"):
        srcad.grad(lambda x: np.sum(srcad.jacfwd(lambda z: z * 1j)(x).real))(X)


def literal_points(p):
    by_a, _ = srcad.jacobian(lambda a, b: a * b**2 * p[0], argnums=(0, 1))(0.3, 2.0)
    nested = srcad.hessian(lambda q: q["a"] ** 2 * p[1] * q["b"][0])({"a": 0.3, "b": [2.0, 3]})
    return by_a + nested["a"]["b"][0] + srcad.jacobian(lambda y: y**2 * p[0])(0.5)


def from_constants(p):
    x, scale = np.array([0.6, 0.8]), 0.1
    for _ in range(2):
        by_x, by_scale = srcad.jacobian(lambda x, s: np.sum(x) * s * p[0], argnums=(0, 1))(x, scale)
        x, scale = x - by_x, scale - by_scale
    return np.sum(x**2) + scale


def by_multipliers(p):
    """Newton's method for the point of the unit circle that is next to `p`."""
    def lagrangian(x, multiplier):
        return np.sum((x - p) ** 2) + multiplier * (x @ x - 1.0)

    x, multiplier = np.array([0.6, 0.8]), 0.1
    for _ in range(5):
        slopes = srcad.grad(lagrangian, argnums=(0, 1))(x, multiplier)
        (xx, xm), (mx, mm) = srcad.hessian(lagrangian, argnums=(0, 1))(x, multiplier)
        matrix = np.block([[xx, np.reshape(xm, (2, 1))], [np.reshape(mx, (1, 2)), np.reshape(mm, (1, 1))]])
        step = np.linalg.solve(matrix, np.append(*slopes))
        x, multiplier = x - step[:2], multiplier - step[2]
    return x[0] - 2.0 * x[1]


@pytest.mark.parametrize("f", [literal_points, from_constants, by_multipliers], ids=lambda f: f.__name__)
def test_points_that_are_literals_or_constants(f):
    """Literals were left out of the matrix, and of constants the templates ran as they are: both raised."""
    srcad.check_grads(f, np.array([0.5, 0.7]), modes=("rev",))


def test_a_point_on_a_circle_moves_along_it():
    p = np.array([0.5, 0.7])
    size = np.linalg.norm(p)
    moved = (np.eye(2) - np.outer(p, p) / size**2) / size
    np.testing.assert_allclose(srcad.grad(by_multipliers)(p), moved @ [1.0, -2.0], rtol=1e-9)
