"""The oracles themselves: right on functions with known derivatives, silent where there is no answer."""
from __future__ import annotations

import math

import numpy as np
import pytest

from tests.oracles import differences, dual
from tests.property.agreement import Case, Rejected, close, truth

TEXT = """
import math
import numpy as np

def smooth(a, x):
    s = 0.0
    for i, e in enumerate(x):
        s += math.sin(e * a) * x[-1 - i]
    return s + np.sum(np.where(x > 0, x, a) ** 2) + float(np.linalg.norm(x)) * max(a, 0.1) + abs(complex(a, 0.3))

def written(a, x):
    y = x * a
    y[1:] = y[:-1] * a
    z = y[::-1]
    z[0] += a * a
    y *= 2.0
    return np.sum(y * y)
"""


@pytest.mark.parametrize("name", ["smooth", "written"])
def test_dual_numbers_agree_with_differences(name):
    plain: dict = {}
    exec(TEXT, plain)
    args = (0.7, np.array([0.3, -0.5, 0.9]))
    for direction in differences.basis(args):
        found = dual.load(TEXT)[name](*dual.attach(args, direction))
        assert found.value == plain[name](*args)
        assert found.slope == pytest.approx(differences.directional(plain[name], args, direction).value, rel=1e-9)


def test_complex_step_is_exact():
    x = np.array([0.3, 0.8])
    direction = np.array([1.0, -2.0])
    found = differences.complex_step(lambda v: np.sum(np.exp(v) * np.sin(v)), (x,), (direction,))
    assert found == pytest.approx(float(np.sum(np.exp(x) * (np.sin(x) + np.cos(x)) * direction)), rel=1e-14)


@pytest.mark.parametrize("function", [lambda t: abs(t - 0.5004), lambda t: math.floor(2.0 * t) * 1.0, lambda t: math.sin(1e6 * t)], ids=["kink", "jump", "chaos"])
def test_differences_refuse_kinks_jumps_and_chaos(function):
    with pytest.raises(differences.Unreliable):
        differences.directional(function, (0.5,), (1.0,))


def test_a_case_without_influence_is_rejected():
    with pytest.raises(Rejected, match="no influence"):
        truth(Case("cut", lambda a, b: int(a) * b, lambda: (2.5, 0.0), None))


def test_oracles_that_disagree_reject():
    with pytest.raises(Rejected, match="disagree"):
        truth(Case("lie", lambda a: a * a, lambda: (1.5,), lambda a: dual.Dual(a.value * a.value, a.slope)))


def test_comparison_of_gradients_sees_one_wrong_entry():
    close([1.0, 2.0], [1.0, 2.0 + 1e-12], 1e-9, "gradient")
    for wrong in ([1.0, 2.001], [1.0, math.nan], [1.0]):
        with pytest.raises(AssertionError):
            close(wrong, [1.0, 2.0], 1e-9, "gradient")


def test_structure_of_directions():
    args = (0.5, {"p": np.array([1.0, 2.0]), "n": 3}, [(0.1, "s")])
    directions = differences.basis(args)
    assert len(directions) == 4
    assert directions[0] == (1.0, {"p": pytest.approx(np.zeros(2)), "n": None}, [(0.0, None)])
    moved = differences.shift(args, directions[3], 0.25)
    assert moved[2] == [(0.35, "s")]
    assert moved[1]["n"] == 3
