"""Jacobians, Hessians and products with them: identities between the modes, against differences, and structure."""
from __future__ import annotations

import functools
import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import rosen_der, rosen_hess, rosen_hess_prod

import srcad
from srcad import trees
from tests.operators.programs import PROGRAMS, X, oscillating, rosenbrock

Point = namedtuple("Point", "x y")
VECTORS = st.lists(st.floats(-2, 2), min_size=5, max_size=5).map(np.array)


@dataclass
class Body:
    mass: float
    at: np.ndarray
    name: str = "b"


def differences(f, x, step=1e-6):
    """The Jacobian by central differences of order four."""
    columns = []
    for i in np.ndindex(x.shape):
        def at(k, i=i):
            moved = x.copy()
            moved[i] += k * step
            return np.asarray(f(moved))

        columns.append((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step))
    return np.stack(columns, -1).reshape(np.shape(columns[0]) + x.shape)


# ---- identities ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_hessian_against_differences_of_the_gradient(f):
    expected = differences(srcad.grad(f), X)
    assert np.max(np.abs(expected)) > 1e-3
    found = srcad.hessian(f)(X)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7 * np.max(np.abs(expected)))
    np.testing.assert_allclose(found, found.T, rtol=1e-10, atol=1e-12 * np.max(np.abs(found)))


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_all_orders_of_modes_give_one_hessian(f):
    expected = srcad.hessian(f)(X)
    close = functools.partial(np.testing.assert_allclose, desired=expected, rtol=1e-9, atol=1e-11 * np.max(np.abs(expected)))
    close(srcad.jacrev(srcad.grad(f))(X))
    close(srcad.jacfwd(srcad.grad(f))(X))
    close(srcad.jacobian(srcad.grad(f))(X))


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@given(v=VECTORS)
@settings(max_examples=5, deadline=None)
def test_hvp_is_hessian_times_vector(f, v):
    h = srcad.hessian(f)(X)
    np.testing.assert_allclose(srcad.hvp(f, (X,), (v,)), h @ v, rtol=1e-9, atol=1e-10 * np.max(np.abs(h)))


@given(x=VECTORS, v=VECTORS)
@settings(max_examples=20, deadline=None)
def test_rosenbrock_against_scipy(x, v):
    np.testing.assert_allclose(srcad.grad(rosenbrock)(x), rosen_der(x), rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(srcad.hessian(rosenbrock)(x), rosen_hess(x), rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(srcad.hvp(rosenbrock, (x,), (v,)), rosen_hess_prod(x, v), rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("outer", [srcad.jacfwd, srcad.jacrev])
@pytest.mark.parametrize("inner", [srcad.jacfwd, srcad.jacrev])
def test_jacobians_of_jacobians(outer, inner):
    np.testing.assert_allclose(outer(inner(rosenbrock))(X), rosen_hess(X), rtol=1e-12, atol=1e-9)


def test_third_order_against_the_complex_step_of_the_second():
    def f(x):
        return np.sum(np.sin(x) * x**3) * x[0]

    def second(x):
        """The Hessian by hand."""
        a, b, c = np.sin(x) * x**3, np.cos(x) * x**3 + 3 * np.sin(x) * x**2, -np.sin(x) * x**3 + 6 * np.cos(x) * x**2 + 6 * np.sin(x) * x
        unit = np.eye(len(x))[0]
        assert a.shape == b.shape
        return np.diag(c) * x[0] + np.outer(unit, b) + np.outer(b, unit)

    x = X[:3]
    expected = np.stack([second(x + 1e-30j * e).imag / 1e-30 for e in np.eye(3)], -1)
    np.testing.assert_allclose(srcad.jacfwd(srcad.hessian(f))(x), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(srcad.jacrev(srcad.hessian(f))(x), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(srcad.jacfwd(srcad.jacfwd(srcad.jacfwd(f)))(x), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_dot_test_of_the_gradient(f):
    """<w, H v> by a pullback and by a pushforward of the gradient."""
    v, w = np.cos(X), np.sin(X)
    pullback = srcad.vjp(srcad.grad(f), X)[1]
    pushforward = srcad.linearize(srcad.grad(f), X)[1]
    left, right = np.dot(pullback(w)[0], v), np.dot(w, pushforward(v))
    assert left == pytest.approx(right, rel=1e-9)
    assert abs(left) > 1e-6


# ---- Jacobians -------------------------------------------------------------------------------------------------------
def field(x, y):
    return np.stack([x[0] * x[1], np.sin(x[1]) * y, x[0] ** 2]), x * y


BY_X = (np.array([[0.7, 1.3], [0.0, 3 * np.cos(0.7)], [2.6, 0.0]]), 3 * np.eye(2))
BY_Y = (np.array([0.0, np.sin(0.7), 0.0]), np.array([1.3, 0.7]))


@pytest.mark.parametrize("jac", [srcad.jacfwd, srcad.jacrev, srcad.jacobian])
def test_structure_of_results_and_arguments(jac):
    found = jac(field, argnums=(0, 1))(X[:2], 3.0)
    assert type(found) is tuple
    for k in range(2):
        np.testing.assert_allclose(found[k][0], BY_X[k], rtol=1e-15)
        np.testing.assert_allclose(found[k][1], BY_Y[k], rtol=1e-15)
        np.testing.assert_allclose(jac(field, argnums="y")(X[:2], y=3.0)[k], BY_Y[k], rtol=1e-15)
        np.testing.assert_allclose(jac(field, argnums=("y", "x"))(X[:2], 3.0)[k][1], BY_X[k], rtol=1e-15)


@pytest.mark.parametrize("jac", [srcad.jacfwd, srcad.jacrev, srcad.jacobian])
def test_containers(jac):
    def f(p):
        return {"e": p["w"] * p["b"].mass, "l": [p["q"].x ** 2, 7]}

    p = {"w": X[:2], "b": Body(2.0, X[:3]), "q": Point(3.0, 4), "n": 5}
    found = jac(f)(p)
    assert set(found) == {"e", "l"}
    np.testing.assert_allclose(found["e"]["w"], 2 * np.eye(2))
    np.testing.assert_allclose(found["e"]["b"].mass, X[:2])
    assert type(found["e"]["b"]) is Body
    assert found["e"]["b"].name is None
    assert found["e"]["n"] is None
    np.testing.assert_allclose(found["e"]["q"].x, np.zeros(2))
    assert type(found["l"][0]["q"]) is Point
    assert found["l"][0]["q"].x == 6.0
    assert found["l"][1] is None


@pytest.mark.parametrize("jac", [srcad.jacfwd, srcad.jacrev, srcad.jacobian, srcad.hessian])
def test_has_aux(jac):
    found, aux = jac(lambda x: (np.sum(x**3), ("seen", x)), has_aux=True)(X)
    np.testing.assert_allclose(found, np.diag(6 * X) if jac is srcad.hessian else 3 * X**2, rtol=1e-14)
    assert aux[0] == "seen"
    np.testing.assert_array_equal(aux[1], X)


def test_numbers_give_numbers():
    assert srcad.jacfwd(lambda x: x**3)(2.0) == 12.0
    assert type(srcad.jacrev(lambda x: x**3)(2.0)) is float
    assert type(srcad.hessian(lambda x: x**3)(2.0)) is float
    assert type(srcad.hessian(lambda x: x**3)(np.float64(2.0))) is np.float64


@pytest.mark.parametrize("jac", [srcad.jacfwd, srcad.jacrev])
def test_dtypes_and_shapes(jac):
    x = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    found = jac(lambda x: x[:, :2].T * x[0, 0])(x)
    assert found.dtype == np.float32
    assert found.shape == (2, 2, 2, 3)
    assert jac(lambda x: 2.0 * x)(np.zeros((0, 3))).shape == (0, 3, 0, 3)
    np.testing.assert_allclose(jac(lambda x: np.asarray(x**2))(np.array(3.0)), 6.0)


def test_jacobian_takes_the_cheaper_mode():
    wide, tall = (lambda x: x[:2] * x[1]), (lambda x: np.outer(x, x))
    assert "x_bar" in _texts(wide, np.ones(6))
    assert "_dot" in _texts(tall, np.ones(6))


def _texts(f, x):
    from srcad import store  # noqa: PLC0415

    store._STORES.clear()
    srcad.jacobian(f)(x)
    (last,) = [s.request.form for s in list(store._STORES.values())[-1:]]
    return {"vjp": "x_bar", "jvp": "_dot", "tangent": "_dot"}[last]


def test_decorators_methods_and_partials():
    class Model:
        scale = 3.0

        @srcad.jacfwd
        def slopes(self, x):
            return self.scale * x**2

        @srcad.hessian
        def curvature(self, x):
            return self.scale * np.sum(x**3)

    @srcad.jacrev(argnums=1)
    def g(a, x):
        return a * x

    x = X[:2]
    np.testing.assert_allclose(Model().slopes(x), np.diag(6 * x))
    np.testing.assert_allclose(Model().curvature(x), np.diag(18 * x))
    np.testing.assert_allclose(g(2.0, x), 2 * np.eye(2))
    np.testing.assert_allclose(srcad.jacfwd(functools.partial(field, y=3.0))(x)[0], BY_X[0])


# ---- what runs once --------------------------------------------------------------------------------------------------
def noisy(x):
    print("once")
    return x * np.sum(x)


def test_effects_happen_once(capsys):
    expected = np.diag(np.full(3, np.sum(X[:3]))) + X[:3, None]
    for jac in (srcad.jacrev, srcad.jacobian):
        np.testing.assert_allclose(jac(noisy)(X[:3]), expected)
        assert capsys.readouterr().out == "once\n"
    np.testing.assert_allclose(srcad.hessian(lambda x: np.sum(noisy(x)))(X[:3]), np.full((3, 3), 2.0))
    assert capsys.readouterr().out == "once\n"
    with pytest.raises(srcad.ArgumentError, match="'noisy' several times"):
        srcad.jacfwd(noisy)(X[:3])
    assert capsys.readouterr().out == ""
    value, push = srcad.linearize(noisy, X[:3])
    np.testing.assert_array_equal(value, X[:3] * np.sum(X[:3]))
    for v in np.eye(3):
        np.testing.assert_allclose(push(v), expected @ v)
    assert capsys.readouterr().out == "once\n"


def test_random_numbers_are_drawn_once():
    rng = np.random.default_rng(1)

    def f(x):
        return x * rng.normal(size=3)

    drawn = np.random.default_rng(1).normal(size=3)
    np.testing.assert_allclose(srcad.jacobian(f)(X[:3]), np.diag(drawn))
    np.testing.assert_allclose(srcad.linearize(lambda x: x * np.random.default_rng(1).normal(size=3), X[:3])[1](X[:3]), drawn * X[:3])
    with pytest.raises(srcad.ArgumentError, match="random"):
        srcad.jacfwd(f)(X[:3])


# ---- linearize -------------------------------------------------------------------------------------------------------
def test_linearize():
    x = X[:2].copy()
    out, pushforward = srcad.linearize(field, x, 3.0)
    np.testing.assert_allclose(out[1], 3 * x)
    x[:] = 0.0  # what it is linearised at stays
    for v, dy in ((np.ones(2), 0.0), (np.array([1.0, -2.0]), 2.0)):
        found = pushforward(v, dy)
        for k in range(2):
            np.testing.assert_allclose(found[k], BY_X[k] @ v + BY_Y[k] * dy, rtol=1e-14)
    np.testing.assert_allclose(pushforward(None, 1.0)[1], BY_Y[1])
    np.testing.assert_allclose(pushforward(None, None)[1], np.zeros(2))


@srcad.custom_jvp
def forward_alone(x):
    return np.sin(x)


@forward_alone.defjvp
def _(primals, tangents):
    return forward_alone(primals[0]), np.cos(primals[0]) * tangents[0]


def in_a_loop(x):
    y = x
    for _ in range(4):
        if np.sum(y) > 3.0:
            break
        y = y * np.sin(y) + x[0]
    return y, {"total": np.sum(y), "count": 3}


LINEARIZED = {
    "loop": in_a_loop, "singular": lambda x: np.sqrt(np.maximum(x - 0.5, 0.0)) + np.abs(x - 0.5), "rule": lambda x: forward_alone(x) * x[0],
    "complex": lambda x: np.fft.fft(x * (1 + 2j)), "solved": lambda x: np.linalg.solve(np.outer(x, x) + np.eye(len(x)), x),
    "numbers": lambda x: [float(np.sum(x)), x[0], None, "text"], "masked": lambda x: np.where(x > 0.4, x**2, 0.0),
    "partial": functools.partial(lambda a, x, b: a * np.sin(x) * b, 2.0, b=3.0),
}  # fmt: skip


@pytest.mark.parametrize("name", LINEARIZED)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_linearize_is_jvp(name, dtype):
    x, v = X[:3].astype(dtype), np.array([1.0, -2.0, 0.5], dtype)
    value, push = srcad.linearize(LINEARIZED[name], x)
    expected = srcad.jvp(LINEARIZED[name], (x,), (v,))
    for _ in range(2):
        for found, wanted in ((value, expected[0]), (push(v), expected[1])):
            leaves = zip(trees.leaves(found), trees.leaves(wanted), strict=True)
            for a, b in leaves:
                assert type(a) is type(b)
                assert a == b if a is None or isinstance(a, str) else np.allclose(a, b, rtol=1e-5)


# ---- products --------------------------------------------------------------------------------------------------------
def test_hvp_of_some_arguments():
    def f(a, x, n):
        return a**2 * np.sum(x**n)

    x, v = X[:3], np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(srcad.hvp(f, (2.0, x, 3), (None, v, None), argnums=1), 24 * x * v)
    np.testing.assert_allclose(srcad.hvp(f, (2.0, x, 3), (1.0, None, None), argnums=1), 12 * x**2)
    both = srcad.hvp(f, (2.0, x, 3), (1.0, v, None), argnums=("x", "a"))
    np.testing.assert_allclose(both[0], 24 * x * v + 12 * x**2)
    assert both[1] == pytest.approx(2 * np.sum(x**3) + 12 * np.sum(x**2 * v))
    np.testing.assert_array_equal(srcad.hvp(f, (2.0, x, 3), (None, None, None), argnums=1), np.zeros(3))


def test_source_of_a_hessian_vector_product_is_readable():
    text = srcad.jacfwd(srcad.grad(oscillating)).source(X)
    assert "(forward mode over reverse mode)" in text
    assert "# forward sweep" in text
    assert "# reverse sweep" in text
    assert "x_bar" in text
    assert "x_dot" in text
    assert len(text.splitlines()) < 50


def bump(x1, x2):
    return x1 * math.exp(-(x1**2 + x2**2) / 2)


def valley(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def test_products_compute_nothing_twice():
    """Common factors are taken out of sums, signs go through literals, and nothing of the gradient is left that the product does not need."""
    text = srcad.jacfwd(srcad.grad(bump, argnums=(0, 1)), argnums=(0, 1)).source(0.3, 0.7)
    assert "exp_dot = -(exp * (x1 * x1_dot + x2 * x2_dot))" in text
    text = srcad.jacfwd(srcad.grad(valley)).source(X)
    assert "x_bar =" not in text
    assert "x_bar_dot = np.zeros((*x.shape, count))" in text
    assert "2.0 * x_part_dot + " in text


# ---- wrong use -------------------------------------------------------------------------------------------------------
WRONG = [
    (lambda: srcad.hvp(rosenbrock, (X,), (X[:2],)), "tangent 0 has shape"),
    (lambda: srcad.hvp(rosenbrock, (X,), ()), "1 primals but 0 tangents"),
    (lambda: srcad.hvp(rosenbrock, X, X), "sequences"),
    (lambda: srcad.hvp(field, (X[:2], 3.0), (X[:2], 0.0)), "one real number"),
    (lambda: srcad.hessian(field)(X[:2], 3.0), "one real number"),
    (lambda: srcad.hessian(rosenbrock, argnums=1), "argnums 1 is out of range"),
    (lambda: srcad.jacfwd(field, argnums="z"), "no parameter 'z'"),
    (lambda: srcad.jacrev(field, argnums=()), "argnums is empty"),
    (lambda: srcad.jacfwd(lambda x: x * 2)(3), "argument 0 .*integer"),
    (lambda: srcad.jacfwd(lambda x: x * 2)(1j), "complex argument"),
    (lambda: srcad.jacrev(lambda x: x * 2j)(1.0), "complex result"),
    (lambda: srcad.jacrev(lambda x: 3)(1.0), "nothing that has a derivative"),
    (lambda: srcad.jacfwd(lambda x: x, has_aux=True)(X), "has_aux"),
    (lambda: srcad.linearize(lambda n: n, 3), "floating-point"),
    (lambda: srcad.linearize(field, X[:2], 3.0)[1](X[:3], 0.0), "tangent 0 has shape"),
    (lambda: srcad.grad(srcad.grad(rosenbrock))(X), "one real number; 'rosenbrock_grad' returns an array"),
]


@pytest.mark.parametrize(("call", "words"), [pytest.param(*w, id=str(n)) for n, w in enumerate(WRONG)])
def test_clear_errors(call, words):
    with pytest.raises(srcad.ArgumentError, match=words):
        call()


# ---- products that are taken again -----------------------------------------------------------------------------------
def cubic(x, y=2.0):
    if x > 3.0:
        raise ValueError(x)
    return x**3 * y


def test_products_of_numbers_that_are_taken_again():
    """What finds them faster the second time must see other arguments, defaults and exceptions."""
    for _ in range(2):
        assert srcad.hvp(cubic, (2.0,), (1.0,)) == 24.0
        assert srcad.hvp(cubic, (2.0, 3.0), (1.0, 1.0)) == 48.0
        assert srcad.hvp(cubic, (2.0, 3.0), (1.0, 1.0), (0, 1)) == (48.0, 12.0)
        assert srcad.hvp(cubic, (2.0, 3.0), (1.0, None)) == 36.0
        assert type(srcad.hvp(cubic, (np.float64(2.0), 3.0), (1.0, 1.0))) is np.float64
        with pytest.raises(srcad.ArgumentError, match="2 primals but 1 tangents"):
            srcad.hvp(cubic, (2.0, 3.0), (1.0,))
        with pytest.raises(ValueError, match="4.0") as caught:
            srcad.hvp(cubic, (4.0,), (1.0,))
        assert "test_matrices.py" in caught.value.__notes__[0]


def product_with(x, w, a):
    x[0] = x[0] * a
    return a * np.sum(x**3 * w)


def test_products_of_arrays_that_are_taken_again():
    """The second time sees other shapes, dtypes and numbers of arguments; the result is a fresh array and the arguments stay."""
    w = np.array([1.0, 2.0, -1.0])
    for _ in range(3):
        for x in (X[:3].copy(), np.float32([0.5, 1.5, 2.5])):
            v, old = x[::-1].copy(), x.copy()
            found = srcad.hvp(product_with, (x, w.astype(x.dtype), 2.0), (v, 0 * w.astype(x.dtype), 0.0))
            expected = 12.0 * x * w * v * np.array([8.0, 1.0, 1.0])
            np.testing.assert_allclose(found, expected, rtol=1e-6 if x.dtype == np.float32 else 1e-12)
            assert found.dtype == x.dtype
            np.testing.assert_array_equal(x, old)
            np.testing.assert_array_equal(v, old[::-1])
        half = srcad.hvp(lambda x: np.sum(x**2) / 2, (w,), (w,))
        np.testing.assert_array_equal(half, w)
        assert not np.shares_memory(half, w)
        with pytest.raises(srcad.ShapeMismatch, match="tangent 0 has shape"):
            srcad.hvp(valley, (X[:3],), (X[:2],))
        np.testing.assert_allclose(srcad.hvp(valley, (X[:3],), (X[:3],)), srcad.hvp(valley, [X[:3]], [X[:3]]), rtol=0)
        with pytest.raises(srcad.ArgumentError, match="1 primals but 2 tangents"):
            srcad.hvp(valley, (X[:3],), (X[:3], X[:3]))


def mixed(x, n, w):
    return x**n * np.sum(w * w)


def test_products_of_numbers_without_tangents_and_integers_that_are_taken_again():
    """Which arguments have tangents, and integers and arrays of other shapes, are told apart however the calls come."""
    w = np.array([1.0, 2.0])
    for _ in range(2):
        for n in (3, 2, 3):
            assert srcad.hvp(mixed, (2.0, n, w), (1.0, None, None)) == 5.0 * n * (n - 1) * 2.0 ** (n - 2)
            assert srcad.hvp(mixed, (2.0, n, w[:1]), (1.0, None, None)) == 1.0 * n * (n - 1) * 2.0 ** (n - 2)
            moved, turned = srcad.hvp(mixed, [2.0, n, w], [None, None, w], (0, 2))
            assert moved == 2.0 * n * 2.0 ** (n - 1) * 5.0
            np.testing.assert_array_equal(turned, 2.0**n * 2.0 * w)
            assert srcad.hvp(cubic, (2.0, n), (1.0, None)) == 12.0 * n
            assert srcad.hvp(cubic, (2.0, float(n)), (None, 1.0)) == 12.0


def of_axis(x, n):
    a = np.arange(8.0).reshape(2, 2, 2)
    return np.sum(np.einsum(a * x, list(range(3)), [n]) ** 2)


def test_integers_whose_values_decide_about_the_program():
    df = srcad.grad(of_axis)
    for n in (1, 2, 1, 2):
        slope = of_axis(1.0, n)
        assert df(2.0, n) == 4.0 * slope
        assert srcad.hvp(of_axis, (2.0, n), (1.0, None)) == 2.0 * slope


def test_a_captured_function_that_changes_is_seen_by_products():
    power = cubic

    def f(x):
        return power(x) * x

    assert [srcad.hvp(f, (2.0,), (1.0,)) for _ in range(2)] == [96.0, 96.0]
    power = np.square
    assert [srcad.hvp(f, (2.0,), (1.0,)) for _ in range(2)] == [12.0, 12.0]


def by_list(c, x):
    return x * sum(v**3 for v in c)


def test_products_of_lists_of_numbers_that_are_taken_again():
    for _ in range(2):
        given, along = [1.0, 2.0], [1.0, -1.0]
        found, slope = srcad.hvp(by_list, (given, 2.0), (along, 1.0), (0, 1))
        assert found == [12.0 * a * d + 3.0 * a * a for a, d in zip(given, along, strict=True)]
        assert slope == sum(3.0 * a * a * d for a, d in zip(given, along, strict=True))
        assert (given, along) == ([1.0, 2.0], [1.0, -1.0])
        found, _ = srcad.hvp(by_list, ([1.0, 2], 2.0), ([1.0, 0.0], 0.0), (0, 1))
        assert found == [12.0, None]


def by_global(x):
    return x**3 * FACTOR


FACTOR = 2.0


def test_a_global_that_changes_is_seen_by_products(monkeypatch):
    assert [srcad.hvp(by_global, (2.0,), (1.0,)) for _ in range(2)] == [24.0, 24.0]
    monkeypatch.setitem(globals(), "FACTOR", 3.0)
    assert srcad.hvp(by_global, (2.0,), (1.0,)) == 36.0
    monkeypatch.setitem(globals(), "FACTOR", np.array([1.0, 2.0]))
    with pytest.raises(srcad.ArgumentError, match="one real number"):
        srcad.hvp(by_global, (2.0,), (1.0,))


def test_integers_as_tangents():
    for tangent in (1, np.int64(1), True):
        assert srcad.jvp(cubic, (2.0,), (tangent,)) == (16.0, 24.0)
    np.testing.assert_array_equal(srcad.jvp(lambda x: x**2, (np.ones(2),), (np.array([1, 2]),))[1], [2.0, 4.0])
    assert srcad.jvp(lambda x, n: x**n, (2.0, 3), (1.0, 0))[1] == 12.0
    with pytest.raises(srcad.ArgumentError, match="nothing that can be differentiated"):
        srcad.jvp(lambda x, n: x**n, (2.0, 3), (1.0, 1))


def test_tangents_of_a_tape_are_unpacked():
    def walk(x, n):
        for _ in range(n):
            x = np.sin(x) * np.exp(x)
        return x

    text = srcad.jacfwd(srcad.grad(walk)).source(0.3, 5)
    assert "_dot[0]" not in text
