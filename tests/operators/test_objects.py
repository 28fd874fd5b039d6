"""Derivatives as objects: pickled, called from threads and other processes, as methods and partials; checks of any order."""
from __future__ import annotations

import functools
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import srcad
from tests.operators.programs import PROGRAMS, X, network, rosenbrock
from tests.operators.test_custom import softplus


@srcad.grad
def decorated(x):
    return np.sum(x**3)


@srcad.hessian
def curvature(x):
    return np.sum(x**3)


plain = srcad.grad(rosenbrock)


# ---- pickling --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "df",
    [
        plain, decorated, curvature, srcad.grad(rosenbrock),
        srcad.jacfwd(rosenbrock), srcad.jacrev(plain), srcad.hessian(rosenbrock), functools.partial(srcad.jacobian(rosenbrock), X),
    ],
    ids=["grad", "decorated", "decorated hessian", "anew", "jacfwd", "of a gradient", "hessian", "partial"],
)  # fmt: skip
def test_pickled(df):
    again = pickle.loads(pickle.dumps(df))
    args = () if isinstance(df, functools.partial) else (X,)
    np.testing.assert_array_equal(again(*args), df(*args))


def test_pickled_options():
    df = srcad.value_and_grad(rosenbrock, argnums=("x",), on_cut="ignore")
    again = pickle.loads(pickle.dumps(df))
    value, (gradient,) = again(X)
    assert value == rosenbrock(X)
    np.testing.assert_array_equal(gradient, plain(X))


def test_pickled_after_it_was_called_with_numbers():
    df = srcad.grad(softplus)
    assert df(0.5) == pickle.loads(pickle.dumps(df))(0.5)


def test_a_function_with_a_rule_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(softplus)) is softplus


class Curve:
    """Derivatives as methods."""

    def __init__(self, scale):
        self.scale = scale

    @srcad.jacobian
    def slopes(self, x):
        return self.scale * x**2

    @srcad.hessian
    def bends(self, x):
        return self.scale * np.sum(x**3)

    @functools.partial(srcad.grad, argnums="x")
    def slope(self, x):
        return self.scale * np.sum(x**2)

    @srcad.sparse_jacobian
    def sparse(self, x):
        return self.scale * x**2


@srcad.sparse_jacobian
def chain(x):
    return x**2


@pytest.mark.parametrize("name", ["slopes", "bends", "slope", "sparse"])
def test_methods_are_pickled_by_object_and_name(name):
    """The Jacobian came back as the Jacobian of the Jacobian, and the gradient as that of the gradient."""
    method = getattr(Curve(3.0), name)
    again = pickle.loads(pickle.dumps(method))
    dense = np.asarray if name != "sparse" else lambda m: m.toarray()
    np.testing.assert_array_equal(dense(again(X)), dense(method(X)))


def test_pushforwards_and_sparse_jacobians_are_pickled():
    value, push = srcad.linearize(network, X)
    again = pickle.loads(pickle.dumps(push))
    assert again(X) == push(X) == srcad.jvp(network, (X,), (X,))[1]
    assert value == network(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(chain))(X).toarray(), np.diag(2 * X))
    of_method = srcad.grad(Model().loss)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(of_method))(X), of_method(X))


def test_in_another_process():
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        np.testing.assert_array_equal(pool.map(plain, [X, 2 * X])[1], plain(2 * X))
        np.testing.assert_array_equal(pool.apply(srcad.hessian(rosenbrock), (X,)), srcad.hessian(rosenbrock)(X))


# ---- threads ---------------------------------------------------------------------------------------------------------
def test_threads():
    points = [X * (1 + 0.01 * k) for k in range(16)]
    calls = (srcad.hessian(network), lambda x: srcad.hvp(network, (x,), (X,)), lambda x: srcad.grad(lambda y: np.sum(plain(y) ** 2))(x))
    for call in calls:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(call, points))
        for point, value in zip(points, found, strict=True):
            np.testing.assert_array_equal(value, call(point))


# ---- partials and methods --------------------------------------------------------------------------------------------
def weighted(w, x, power=2.0):
    return w * np.sum(x**power)


def test_partials():
    f = functools.partial(weighted, 3.0, power=3.0)
    np.testing.assert_allclose(srcad.grad(f)(X), 9 * X**2)
    np.testing.assert_allclose(srcad.hessian(f)(X), np.diag(18 * X))
    np.testing.assert_allclose(srcad.hvp(f, (X,), (X,)), 18 * X**2)
    np.testing.assert_allclose(srcad.grad(lambda x: np.sum(srcad.grad(f)(x)))(X), 18 * X)
    np.testing.assert_allclose(functools.partial(srcad.grad(weighted, argnums=1), 3.0)(X), 6 * X)
    np.testing.assert_allclose(srcad.jacrev(functools.partial(srcad.grad(weighted, argnums=1), 3.0))(X), 6 * np.eye(5))


class Model:
    scale = 2.0

    def loss(self, x):
        return self.scale * np.sum(x**3)

    @srcad.grad
    def slope(self, x):
        return self.scale * np.sum(x**3)

    @srcad.value_and_grad
    def both(self, x):
        return self.scale * np.sum(x**3)


def test_methods():
    m = Model()
    np.testing.assert_allclose(srcad.hessian(m.loss)(X), np.diag(12 * X))
    np.testing.assert_allclose(srcad.jacfwd(m.slope)(X), np.diag(12 * X))
    np.testing.assert_allclose(srcad.hvp(m.loss, (X,), (X,)), 12 * X**2)
    np.testing.assert_allclose(srcad.grad(lambda x: np.sum(m.slope(x)))(X), 12 * X)
    np.testing.assert_allclose(m.both(X)[1], 6 * X**2)


# ---- check_grads -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_check_of_order_two(f):
    first, second = srcad.check_grads(f, X), srcad.check_grads(f, X, order=2)
    assert second.ok
    assert second.entries > 2 * first.entries
    assert second.function == f.__name__


def test_check_of_order_three_with_structures():
    def f(p, n, y):
        return {"u": p["a"] ** n * y, "v": np.sin(p["b"]) * y}

    assert srcad.check_grads(f, {"a": 1.3, "b": X[:2]}, 3, 0.7, order=3).ok
    assert srcad.check_grads(f, {"a": 1.3, "b": X[:2]}, 3, 0.7, order=2, modes=("fwd",)).ok


def test_check_finds_a_wrong_second_derivative():
    wrong = srcad.custom_jvp(lambda x: x**3)
    slope = srcad.custom_jvp(lambda x: 3 * x**2)
    slope.defjvp(lambda p, t: (slope(p[0]), 7 * p[0] * t[0]))
    wrong.defjvp(lambda p, t: (wrong(p[0]), slope(p[0]) * t[0]))
    assert srcad.check_grads(wrong, 1.3).ok
    with pytest.raises(srcad.SrcadError, match="not right"):
        srcad.check_grads(wrong, 1.3, order=2)


@pytest.mark.parametrize("order", [0, -1, 1.5, True])
def test_order_must_be_a_number_of_derivatives(order):
    with pytest.raises(srcad.ArgumentError, match="order is"):
        srcad.check_grads(rosenbrock, X, order=order)
