"""Derivative code never raises where the primal did not; kinks have finite subgradients; ties share equally."""
from __future__ import annotations

import itertools
import math
import warnings
from typing import Any

import numpy as np
import pytest

import srcad
from srcad.ops import table
from srcad.ops.entry import REGISTRY, Spelling
from srcad.ops.op import path_of
from tests.ops.interpret import Recorder
from tests.ops.probe import of_scipy

POINTS = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, 710.0, -745.0, 1e-170, 1e170, -1e170, 5e-324, 1.7e308, math.inf, -math.inf, math.nan)
FEW = (0.0, -0.0, 1.0, -2.5, 1e200, math.inf, math.nan)


def scalar_spellings() -> list[Spelling]:
    """Elementwise spellings that work on Python floats; what takes an order, which is a literal in rules, is left out."""
    others = ("np.where", "complex", "polygamma", "sinc_derivative", "zeta_derivative", "gamma_by_shape", "beta_by_shapes")
    return [
        s for s in REGISTRY
        if s.entry.kind == "elementwise" and s.entry.differentiable and s.op.name not in others and not s.op.name.startswith("cmath.")
        and not of_scipy(s.entry)
    ]


def derive(spelling: Spelling, args: tuple[float, ...], y: Any, unknown: bool = False) -> tuple[Any, Any]:
    """Cotangents and tangent from recorded code, run as printed."""
    from srcad.ir.types import REAL

    recorder = Recorder()
    traced = tuple(recorder.var(a, type=REAL if unknown else None) for a in args)
    result = recorder.var(y, "y", REAL if unknown else None)
    bars = spelling.entry.vjp(recorder.var(1.25, "g"), result, traced, (), (True,) * len(args))
    tangent = spelling.entry.jvp(tuple(recorder.var(0.75, "t") for _ in args), result, traced)
    recorder.run()
    return recorder.value(bars), recorder.value(tangent)


@pytest.mark.parametrize("spelling", scalar_spellings(), ids=lambda s: s.op.name)
@pytest.mark.parametrize("numpy_floats", [False, True], ids=["float", "float64"])
def test_never_raises_where_the_primal_did_not(spelling: Spelling, numpy_floats: bool) -> None:
    count = spelling.entry.operands
    tried = 0
    points = itertools.product(POINTS if count == 1 else FEW, repeat=count)
    for point in itertools.islice(points, 0, None, 1 if count < 4 else 23):
        args = tuple(map(np.float64, point)) if numpy_floats else point
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                y = spelling.object(*args)
            except (ArithmeticError, ValueError, TypeError, AttributeError):
                continue
            if not isinstance(y, float):
                continue
            derive(spelling, args, y)
            tried += 1
    assert tried or spelling.op.name in ("math.ldexp", "np.ldexp", "ndarray.clip", "np.i0")


@pytest.mark.parametrize("name", ["add", "mul", "truediv", "pow", "mod", "abs", "neg"])
def test_never_raises_on_numbers_of_unknown_class(name: str) -> None:
    spelling = table.spelling(name)
    assert spelling is not None
    for point in itertools.product(FEW, repeat=spelling.entry.operands):
        try:
            y = spelling.object(*point)
        except ArithmeticError:
            continue
        if isinstance(y, float):
            derive(spelling, point, y, unknown=True)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.0, 0.5, 1.0, 1.5, 2.0, -0.5, 2.5])
@pytest.mark.parametrize("op", ["pow", "math.pow", "np.power"])
def test_literal_exponents(exponent: float, op: str) -> None:
    spelling = table.spelling(op)
    assert spelling is not None
    for x in POINTS[:1] + POINTS[2:]:
        with np.errstate(all="ignore"):
            try:
                y = spelling.object(x, exponent)
            except (ArithmeticError, ValueError):
                continue
            if not isinstance(y, float):
                continue
            recorder = Recorder()
            (bar, _) = spelling.entry.vjp(recorder.var(1.0, "g"), recorder.var(y, "y"), (recorder.var(x), exponent), (), (True, False))
            recorder.run()
            got = recorder.value(bar)
            slope = exponent * np.float64(x) ** (exponent - 1) if exponent else 0.0
            if abs(x) < 1e100 and x == x:
                np.testing.assert_allclose(got, slope, rtol=1e-12)


def bars(name: str, *args: Any, g: Any = 1.0, **params: Any) -> Any:
    entry, spelling = table.entry(name), table.spelling(name)
    assert entry is not None
    assert spelling is not None
    return entry.vjp(g, spelling.object(*args, **params), args, params)


def test_absolute_values_at_zero() -> None:
    assert bars("abs", 0.0) == (0.0,)
    assert bars("math.fabs", -0.0) == (0.0,)
    assert bars("np.abs", np.zeros(2), g=np.ones(2))[0].tolist() == [0.0, 0.0]
    assert bars("np.abs", np.zeros(2, complex), g=np.ones(2))[0].tolist() == [0.0, 0.0]


def test_norms_at_the_origin() -> None:
    assert bars("math.hypot", 0.0, 0.0) == (0.0, 0.0)
    assert bars("np.hypot", 0.0, 0.0) == (0.0, 0.0)
    assert bars("np.linalg.norm", np.zeros(3))[0].tolist() == [0.0] * 3
    assert bars("math.dist", [1.0, 2.0], [1.0, 2.0]) == ([0.0, 0.0], [0.0, 0.0])
    assert bars("np.std", np.ones(3))[0].tolist() == [0.0] * 3
    assert bars("math.atan2", 0.0, 0.0) == (0.0, 0.0)


def test_ties_share_equally() -> None:
    assert bars("max", 2.0, 2.0) == (0.5, 0.5)
    assert bars("min", 2.0, 2.0, 2.0) == pytest.approx((1 / 3,) * 3)
    assert bars("max", [1.0, 2.0, 2.0]) == ([0.0, 0.5, 0.5],)
    assert bars("np.maximum", np.zeros(2), np.zeros(2), g=np.ones(2))[0].tolist() == [0.5, 0.5]
    assert bars("np.max", np.array([1.0, 3.0, 3.0]))[0].tolist() == [0.0, 0.5, 0.5]
    assert bars("np.min", np.zeros((2, 2)), axis=1, g=np.ones(2))[0].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert bars("np.maximum", np.array([np.inf]), np.array([np.inf]), g=np.ones(1))[0].tolist() == [0.5]


def test_a_product_with_itself_and_bounds_that_are_none() -> None:
    x = np.array([1.5, -2.0])
    assert srcad.grad(lambda x: np.sum(x * x))(x).tolist() == [3.0, -4.0]
    assert srcad.grad(lambda x: np.sum(np.clip(x * x, *((None, 3.0) if x[0] > 0.0 else (1.0, None)))))(x).tolist() == [3.0, 0.0]
    entry = table.entry("np.clip")
    assert entry is not None
    assert entry.vjp(np.ones(2), x, (x, None, None), {})[0].tolist() == [1.0, 1.0]


def test_powers_at_zero_and_below() -> None:
    assert bars("pow", 0.0, 0.0) == (0.0, 0.0)
    assert bars("pow", 0.0, 2.0) == (0.0, 0.0)
    assert bars("pow", -2.0, 3.0) == (12.0, 0.0)
    x = np.array([0.0, -1.5, 2.0])
    x_bar, p_bar = bars("np.power", x, 2.0, g=np.ones(3))
    assert x_bar.tolist() == [0.0, -3.0, 4.0]
    assert p_bar == pytest.approx(4.0 * math.log(2.0))


def test_roots_at_zero() -> None:
    with np.errstate(all="ignore"):
        assert bars("math.sqrt", 0.0) == (math.inf,)
        assert bars("np.sqrt", np.zeros(1), g=np.ones(1))[0].tolist() == [math.inf]
        assert bars("math.asin", 1.0) == (math.inf,)


def test_products_with_zeros() -> None:
    assert bars("np.prod", np.array([0.0, 2.0, 3.0]))[0].tolist() == [6.0, 0.0, 0.0]
    assert bars("math.prod", [0.0, 0.0, 3.0]) == ([0.0, 0.0, 0.0],)
    assert bars("np.cumprod", np.array([2.0, 0.0, 3.0]), g=np.ones(3))[0].tolist() == [1.0, 8.0, 0.0]


def test_paths_of_functions() -> None:
    assert [path_of(f) for f in (np.exp, np.sum, np.linalg.norm, math.exp, abs)] == ["np.exp", "np.sum", "np.linalg.norm", "math.exp", "abs"]


def test_histogram_is_followed_in_weights_edges_and_range() -> None:
    data, weights = np.array([0.3, 1.2, 0.7, 1.9, 5.0]), np.arange(1.0, 6.0)

    def binned(w, low, high):
        counts, edges = np.histogram(data, 3, (low, high), weights=w)
        return np.sum(counts * np.arange(3.0)) + np.sum(edges**2)

    srcad.check_grads(binned, weights, 0.1, 2.3)
    srcad.check_grads(lambda e: np.sum(np.histogram(data, e)[1] ** 2), np.array([0.1, 0.8, 1.5, 2.0]))
    srcad.check_grads(lambda a: np.sum(np.histogram(a, 3)[1] ** 2), data)
    srcad.check_grads(lambda w: np.sum(np.histogram(data, 3, density=True, weights=w)[0] ** 2), weights)
