"""What is known of the lengths of arrays: by the numbers that they are made with, and not across the trips of a loop."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.8, 0.7, 1.1])


def of_a_list(x, n):
    made = []
    for i in range(3):
        m = n + i
        made.append(np.ones(m) * x[i])
    return np.sum(made[0] * made[1]) + np.sum(made[2] * made[0])


def of_a_dict(x, n):
    made = {}
    for i in range(3):
        made[i] = np.ones(n + i) * x[i]
    return np.sum(made[0] * made[1]) + np.sum(made[2] * made[0])


def of_tuples(x, n):
    made = []
    for i in range(3):
        m = n + i
        made.append((np.ones(m) * x[i], m))
    return np.sum(made[0][0] * made[1][0]) * made[2][1]


def of_the_trip_before(x, n):
    total = 0.0
    kept = np.ones(1)
    for i in range(3):
        m = n + i
        new = np.ones(m) * x[i]
        if i < 2:
            total += np.sum(kept * new)
        kept = new
    return total


def of_a_name_first_bound_inside(x, n):
    for i in range(3):
        m = n + i
        new = np.ones(m) * x[0]
        if i == 0:
            first = new
    return np.sum(new * first)


def _ones(m, a):
    return [np.ones(m + i) * a for i in range(2)]


def of_lists_that_functions_return(x, n):
    m = n
    short = _ones(m, x[0])
    m = n + 1
    long = _ones(m, x[1])
    return np.sum(short[0] * long[0]) + np.sum(short[0] * long[1])


def _first_of_both(short, m, a):
    long = [np.ones(m) * a for _ in range(2)]
    return np.sum(short[0] * long[0])


def of_lists_that_functions_are_given(x, n):
    m = n
    short = [np.ones(m) * x[0] for _ in range(3)]
    return _first_of_both(short, n + 2, x[1])


def of_slices(x, n):
    made = []
    for i in range(3):
        m = n + i
        made.append(x[:m] * 2.0)
    return np.sum(made[0] * made[1]) + np.sum(made[0] * made[2])


def of_a_number_less_one(x, n):
    made = []
    for i in range(3):
        m = n + i + 1
        made.append(np.zeros(m - 1) + x[i])
    return np.sum(made[0] * made[2])


PROGRAMS = (
    of_a_list, of_a_dict, of_tuples, of_the_trip_before, of_a_name_first_bound_inside, of_lists_that_functions_return,
    of_lists_that_functions_are_given, of_slices, of_a_number_less_one,
)  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_equal_names_in_two_trips_are_not_equal_lengths(program):
    srcad.check_grads(program, X, 1)


def volatility(theta, r):
    omega, alpha, beta = theta
    n = len(r)
    s2 = np.empty(n)
    s2[0] = np.var(r)
    for t in range(1, n):
        s2[t] = omega + alpha * r[t - 1] ** 2 + beta * s2[t - 1]
    return 0.5 * np.sum(np.log(s2) + r**2 / s2)


def stencil(a, steps):
    n, m = a.shape
    b = np.zeros((n, m))
    c = np.ones(a.shape)
    d = np.arange(n - 1) * 0.1
    for _ in range(steps):
        b += a * c
        a = a + b * c
    return np.sum(a * b) + np.sum(d * a[1:, 0])


def two_buffers(x, n):
    u = np.zeros(n)
    v = np.empty(n)
    v[:] = 2.0
    for i in range(3):
        u[i] = x[i]
    return np.sum(u * v * u)


@pytest.mark.parametrize(
    ("program", "args"),
    [(volatility, (np.array([0.1, 0.2, 0.3]), X)), (stencil, (np.ones((3, 2)), 2)), (two_buffers, (X, 5))],
    ids=["volatility", "stencil", "two_buffers"],
)
def test_arrays_made_with_a_length_need_no_sums(program, args):
    text = srcad.grad(program, argnums=0).source(*args)
    assert "unbroadcast" not in text
    srcad.check_grads(program, *args)


def forward_algorithm(transition, emission, observed):
    alpha = emission[:, observed[0]]
    for o in observed[1:]:
        m = alpha.max()
        alpha = np.log(np.exp(alpha - m) @ np.exp(transition)) + m + emission[:, o]
    return np.sum(alpha)


def test_what_is_the_same_in_each_trip_is_not_taped():
    args = np.array([[0.1, 0.4], [0.3, 0.2]]), np.array([[0.1, 0.2, 0.3], [0.5, 0.1, 0.2]]), [0, 2, 1]
    text = srcad.grad(forward_algorithm).source(*args)
    record = next(line for line in text.splitlines() if "append" in line)
    assert "exp_transition" not in record
    srcad.check_grads(forward_algorithm, *args)


def collected(xs):
    h = np.zeros(2)
    kept = []
    for x in xs:
        h = np.tanh(h + x)
        kept.append(h)
    return np.mean(np.array(kept) ** 2)


def test_a_list_of_cotangents_that_is_used_up_is_not_copied():
    text = srcad.grad(collected).source(np.ones((3, 2)))
    assert "copy" not in text
    srcad.check_grads(collected, np.array([[0.1, 0.5], [0.4, -0.2], [0.3, 0.9]]))


def added_to_none(x, n):
    made = [None] * n
    for i in range(n):
        made[i] = x * (i + 1.0)
    h = np.sin(x)
    for y in made:
        z = np.sum(h * x)
        h = h + y
        h = h * z
    return np.sum(h) + np.sum(made[1])


def test_a_cotangent_that_a_list_takes_is_not_changed_by_others():
    srcad.check_grads(added_to_none, X, 3)
