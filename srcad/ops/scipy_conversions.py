"""Linear systems in other forms: zeros and poles, coefficients of transfer functions, state space: `scipy.signal`.

The value is SciPy's, the derivative that of the same polynomials written in NumPy.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.marks import LIKE, REFUSED, TYPED
from srcad.ops.op import Spellings
from srcad.ops.solver import equal_to, solver


def _one_filter(*coefficients: Any) -> None:
    if any(np.ndim(c) > 1 for c in coefficients):
        REFUSED("a conversion of several filters at once has no rule", "loop over the filters")


def _to_zeros(solve: Any, b: Any, a: Any) -> Any:
    """Roots of both polynomials, of which leading zeros are no part, and the ratio of the leading coefficients."""
    _one_filter(b, a)

    def expression(lengths: Any, b: Any, a: Any) -> Any:
        top, below = np.asarray(b)[-lengths[0] :], np.asarray(a)[-lengths[1] :]
        top = top / below[0]
        return np.roots(top / top[0]), np.roots(below / below[0]), top[0]

    def call(b: Any, a: Any) -> Any:
        zeros, poles, gain = solve(b=b, a=a)
        return (zeros, poles, TYPED(gain, 0.0)), (len(zeros) + 1, len(poles) + 1)

    return equal_to(call, expression, (b, a))[0]


def _from_zeros(solve: Any, z: Any, p: Any, k: Any) -> Any:
    _one_filter(z, p)

    def expression(_: Any, z: Any, p: Any, k: Any) -> Any:
        return k * np.poly(z), np.poly(p)

    def call(z: Any, p: Any, k: Any) -> Any:
        b, a = solve(z=z, p=p, k=k)
        like = LIKE(expression, (), z, p, k)
        return (TYPED(b, like[0]), TYPED(a, like[1])), ()

    return equal_to(call, expression, (z, p, k))[0]


def _characteristic(a: Any) -> Any:
    """The characteristic polynomial, by the method of Faddeev and LeVerrier: without eigenvalues, which may be complex or coincide."""
    power, found = np.eye(len(a)), [1.0]
    for k in range(1, len(a) + 1):
        power = a @ power
        c = -np.trace(power) / k
        found.append(c)
        power = power + c * np.eye(len(a))
    return np.array(found)


def _from_states(solve: Any, A: Any, B: Any, C: Any, D: Any, input: Any = 0) -> Any:  # noqa: N803 -- SciPy's words
    """The characteristic polynomials of the states, and of the states with each output fed back."""

    def expression(_: Any, states: Any, inputs: Any, outputs: Any, past: Any) -> Any:
        whole, column, rows = np.atleast_2d(states), np.atleast_2d(inputs)[:, input : input + 1], np.atleast_2d(outputs)
        below, direct = _characteristic(whole), np.atleast_2d(past)[:, input]
        fed = [_characteristic(whole - column @ rows[k : k + 1]) + (direct[k] - 1.0) * below for k in range(len(rows))]
        return np.array(fed), below

    def call(states: Any, inputs: Any, outputs: Any, past: Any) -> Any:
        top, below = solve(A=states, B=inputs, C=outputs, D=past, input=input)
        return (TYPED(top, "matrix"), TYPED(below, "vector")), ()

    return equal_to(call, expression, (A, B, C, D))[0]


def conversions(signal: Any) -> tuple[Spellings, ...]:
    """The entries."""
    return (
        solver(signal.tf2zpk, _to_zeros, module="signal"), solver(signal.zpk2tf, _from_zeros, module="signal"),
        solver(signal.ss2tf, _from_states, module="signal"),
    )  # fmt: skip
