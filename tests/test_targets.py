"""What can be handed to an operator: functions of the table, functions of any number of arguments, integers that rules must know."""
from __future__ import annotations

import functools
import inspect
import math
import operator

import numpy as np
import pytest
from scipy import linalg, special, stats

import srcad
from srcad.binding import calling

X = np.array([0.3, 0.7, 1.1])
Y = np.array([1.2, 0.4, 0.9])
M = np.array([[2.0, 0.3], [0.1, 1.5]])


def scaled(*xs, power=2.0):
    return xs[0] ** power * xs[1]


def headed(first, *rest):
    return first * rest[0] + rest[-1] ** 2


# ---- functions of the table ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("function", "args"),
    [
        (np.sin, (X,)), (np.arctan2, (X, Y)), (operator.mul, (X, Y)), (np.sum, (M,)), (np.linalg.norm, (X,)), (np.linalg.inv, (M,)),
        (special.gammaln, (Y,)), (special.logsumexp, (X,)), (stats.norm.logpdf, (X, 0.2, 1.3)), (math.hypot, (0.3, 0.4)),
        (np.add.reduce, (X,)), (functools.partial(np.prod, axis=0), (M,)), (functools.partial(special.logsumexp, axis=0), (M,)),
        (max, (0.3, 0.4)), (pow, (1.3, 2.5)), (np.trace, (M,)),
    ],
)  # fmt: skip
def test_a_function_of_the_table_is_differentiated_as_it_is(function, args):
    srcad.check_grads(function, *args, order=2)


def test_options_and_constants_of_a_function_of_the_table():
    np.testing.assert_allclose(srcad.vjp(np.einsum, "i,j->ij", X, Y)[1](np.outer(X, Y))[1], np.outer(X, Y) @ Y, rtol=1e-14)
    np.testing.assert_array_equal(srcad.jacobian(np.sum)(M, axis=0)[0], [[1.0, 0.0], [1.0, 0.0]])
    assert srcad.grad(operator.mul, argnums=(1, 0))(2.0, 3.0) == (2.0, 3.0)
    assert srcad.grad(srcad.grad(np.sin))(0.3) == -math.sin(0.3)


def test_a_function_without_rule_says_so():
    with pytest.raises(srcad.NoRule, match="kolmogi"):
        srcad.grad(special.kolmogi)(0.4)


# ---- *args -----------------------------------------------------------------------------------------------------------
def test_numbers_count_the_arguments_of_the_call():
    assert srcad.grad(scaled)(2.0, 3.0) == 12.0
    assert srcad.grad(scaled, argnums=(1, 0))(2.0, 3.0) == (4.0, 12.0)
    assert srcad.grad(scaled, argnums=1)(2.0, 3.0, power=3.0) == 8.0
    assert srcad.grad(headed, argnums=2)(2.0, 3.0, 4.0) == 8.0
    assert srcad.value_and_grad(headed, argnums=1)(2.0, 3.0) == (15.0, 8.0)


def test_a_name_means_all_of_them():
    assert srcad.grad(scaled, argnums="xs")(2.0, 3.0) == (12.0, 4.0)


def test_each_of_them_is_constant_or_not():
    assert srcad.grad(lambda *xs: xs[0] * xs[1])(2.0, 3) == 3.0


def test_every_operator_takes_them():
    assert srcad.vjp(scaled, 2.0, 3.0)[1](1.0) == (12.0, 4.0)
    assert srcad.jvp(scaled, (2.0, 3.0), (1.0, None)) == (12.0, 12.0)
    assert srcad.hvp(scaled, (2.0, 3.0), (1.0, None)) == 6.0
    assert srcad.linearize(scaled, 2.0, 3.0)[1](0.0, 1.0) == 4.0
    np.testing.assert_array_equal(srcad.jacobian(lambda *xs: xs[0] * xs[1])(X, Y), np.diag(Y))
    np.testing.assert_array_equal(srcad.hessian(lambda *xs: np.sum(xs[0] ** 2 * xs[1]), argnums=0)(X, Y), np.diag(2.0 * Y))
    assert srcad.grad(srcad.grad(scaled))(2.0, 3.0) == 6.0
    srcad.check_grads(scaled, 1.3, 0.4, order=2)


def test_methods_and_partial_functions_with_them():
    class Model:
        weight = 3.0

        def loss(self, *xs):
            return self.weight * xs[0] * xs[1]

    assert srcad.grad(Model().loss, argnums=1)(2.0, 5.0) == 6.0
    assert srcad.grad(functools.partial(scaled, 2.0))(3.0) == 4.0
    assert srcad.grad(functools.partial(scaled, power=3.0))(2.0, 3.0) == 36.0


# ---- integers that rules must know -----------------------------------------------------------------------------------
def summed(function, *args):
    return srcad.check_grads(lambda *xs: np.sum(np.sin(function(*xs))), *args, order=2)


def test_captured_integers_and_shapes():
    order, axes, shape, place, shifts = 3, (1, 0), (3, 2), 1, (1, 2)
    wide = np.arange(1.0, 7.0).reshape(2, 3)
    summed(lambda x: np.linalg.norm(x, ord=order), X)
    summed(lambda x: np.transpose(x, axes), wide)
    summed(lambda x: np.reshape(x, shape), wide)
    summed(lambda x: np.gradient(x, axis=place), wide)
    summed(lambda x: np.roll(x, shifts, axis=axes), wide)


ORDER = 4


def test_global_integers_and_those_that_calls_hand_over():
    def norm(x, p):
        return np.linalg.norm(x, p)

    summed(lambda x: np.linalg.norm(x, ORDER), X)
    summed(lambda x: norm(x, 3), X)


def test_another_value_is_another_program():
    def with_order(order):
        return srcad.grad(lambda x: np.linalg.norm(x, order))

    for order in (3, 4, 3, 1):
        np.testing.assert_allclose(with_order(order)(X), (X / np.linalg.norm(X, order)) ** (order - 1), rtol=1e-14)


def test_arguments_that_stand_behind_a_star():
    rest, place = (2.0, Y), 1

    def product(a, b, c):
        return np.sum(a * b * c)

    np.testing.assert_array_equal(srcad.grad(lambda x: product(*rest[:place], x, *rest[place:]))(X), 2.0 * Y)


def test_the_first_error_is_the_one_that_is_shown():
    n = 3
    with pytest.raises(srcad.NoRule, match="kolmogi"):
        srcad.grad(lambda x: special.kolmogi(x) ** n)(0.4)


def test_functions_whose_defaults_say_that_nothing_was_given():
    """Such a mark is handed on by nobody; what a call gives is."""
    m = np.array([[4.0, 1.0], [0.5, 3.0]])
    srcad.check_grads(linalg.sqrtm, m, order=2)
    np.testing.assert_array_equal(srcad.jacobian(linalg.sqrtm, "A")(m), srcad.jacobian(lambda a: linalg.sqrtm(a))(m))


@pytest.mark.skipif("disp" not in inspect.signature(linalg.sqrtm).parameters, reason="SciPy 1.18 has done away with it")
def test_an_option_beside_such_a_default_is_handed_on():
    with pytest.raises(srcad.NoRule, match="disp"):
        srcad.jacobian(linalg.sqrtm)(np.array([[4.0, 1.0], [0.5, 3.0]]), disp=False)


def first_of(x, mode=object(), *more, scale=2.0):
    return scale * x if type(mode) is object else x**2


def test_what_stands_behind_such_a_mark_is_handed_on():
    made = calling(first_of)
    assert (made(3.0), made(3.0, scale=5.0), made(3.0, "square"), made(x=3.0)) == (6.0, 15.0, 9.0, 6.0)
    with pytest.raises(TypeError, match="required"):
        made()


# ---- types of derivatives inside -------------------------------------------------------------------------------------
def test_tangents_inside_have_the_type_of_their_value():
    def f(x):
        return 3.0 * np.rad2deg(x)

    def inner(x):
        return srcad.jvp(f, (x,), (1.0,))[1]

    outside, inside = srcad.jvp(f, (1.0,), (1.0,))[1], srcad.value_and_grad(inner)(1.0)[0]
    assert type(outside) is type(inside) is np.float64
    assert outside == inside
