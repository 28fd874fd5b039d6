"""NumPy functions that are handed functions, in both modes, to order 2, with their values bit for bit."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcad
from srcad.ops import table

M = np.array([[1.05, 0.2, 0.4], [0.55, 1.3, 0.1], [0.3, 0.2, 1.7], [0.9, 1.1, 0.6]])
PROGRAMS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "np.apply_along_axis": (
        lambda x: np.sum(np.apply_along_axis(lambda r: r**2 / np.sum(r), 1, x) ** 2),
        lambda x: np.sum(np.apply_along_axis(np.sum, 0, x) ** 2),
        lambda x: np.sum(np.apply_along_axis(lambda r, k: r[0] * r[1] * k, 1, x, 2.0) ** 2),
        lambda x: np.sum(np.apply_along_axis(lambda r: x[0] * r, -1, x) ** 2),
        lambda x: np.sum(np.apply_along_axis(lambda r: np.outer(r, r[:2]), 0, x) * np.arange(24.0).reshape(4, 2, 3)),
        lambda x: np.sum(np.apply_along_axis(lambda r: np.multiply.outer(r, r[:1]), -1, x[:, None]) ** 3),
    ),
    "np.apply_over_axes": (
        lambda x: np.sum(np.apply_over_axes(np.sum, x, [0, 1]) ** 2),
        lambda x: np.sum(np.apply_over_axes(np.mean, x, 1) * x),
    ),
    "np.piecewise": (
        lambda x: np.sum(np.piecewise(x, [x < 0.5, x > 1], [lambda v, k: v**k, lambda v, k: k * v], 3.0)),
        lambda x: np.sum(np.piecewise(x, [x < 0.5, x > 1], [1.0, lambda v: np.sum(x) * v, np.sin])),
        lambda x: np.sum(np.piecewise(x[0], x[0] < 0.5, [np.log, 2.0])),
        lambda x: np.sum(np.piecewise(x, [x > 9.0], [np.max, 2.0]) * x),
    ),
    "np.fromfunction": (
        lambda x: np.sum(np.fromfunction(lambda i, j: x[0, 0] * i + x[1, 1] * j**2, (3, 3)) ** 2),
        lambda x: np.sum(np.fromfunction(lambda i, j, k, m: x[0, 0] * i + x[1, 1] ** 2 * j * k + m, (2, 1, 2, 2)) ** 2),
    ),
}  # fmt: skip
EACH = pytest.mark.parametrize("f", [pytest.param(f, id=f"{n}-{k}") for n, fs in PROGRAMS.items() for k, f in enumerate(fs)])


def test_every_one_is_tried() -> None:
    """Those of `numpy.polynomial` are in `test_series.py`, histograms of several variables in `test_histograms.py`."""
    found = {n for n, e in table.entries().items() if e.kind == "solver" and n.startswith("np.")}
    assert {n for n in found if not n.startswith(("np.polynomial.", "np.histogram"))} == set(PROGRAMS)


@EACH
def test_both_modes(f: Callable[[Any], Any]) -> None:
    value, _ = srcad.value_and_grad(f)(M)
    assert value == f(M)
    assert srcad.check_grads(f, M, order=1).ok


@EACH
def test_second_order(f: Callable[[Any], Any]) -> None:
    df, h = srcad.grad(f), 1e-5
    steps = [h * np.eye(M.size)[k].reshape(M.shape) for k in range(M.size)]
    differences = np.stack([(df(M + e) - df(M - e)) / (2 * h) for e in steps], axis=-1).reshape(M.shape * 2)
    np.testing.assert_allclose(srcad.hessian(f)(M), differences, rtol=1e-5, atol=1e-6)


def test_reverse_mode_twice_of_a_row_that_a_number_fills() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.stack([np.asarray(np.sum(row)) for row in x]) ** 2)

    np.testing.assert_allclose(srcad.jacrev(srcad.grad(f))(M), srcad.jacfwd(srcad.jacfwd(f))(M))


@pytest.mark.parametrize("f", [
    lambda m: np.sum(np.power([m, 2 * m], [1.5, 2.0])), lambda m: np.sum(np.hypot([m, 2.0], [1, 2])),
    lambda m: np.sum(np.arctan2(M[0, :2], [m, 2 * m])),
], ids=["power", "hypot", "arctan2"])  # fmt: skip
def test_lists_as_operands(f: Callable[[Any], Any]) -> None:
    assert srcad.check_grads(f, 1.3).ok


def never(row: Any) -> Any:
    raise ValueError("rows are not wanted")


@pytest.mark.parametrize("f", [
    lambda x: np.apply_along_axis(never, 0, x), lambda x: np.sum(x) if len(np.apply_along_axis(never, 0, x)) else 0.0,
], ids=["result", "length"])  # fmt: skip
def test_a_function_that_only_raises(f: Callable[[Any], Any]) -> None:
    """Its type cannot be known from an example; the call is made all the same."""
    for run in (lambda: srcad.vjp(f, M), lambda: srcad.jvp(f, (M,), (M,)), lambda: srcad.grad(f)(M)):
        with pytest.raises(ValueError, match="rows are not wanted"):
            run()


@pytest.mark.parametrize("f", [
    lambda s: np.piecewise(s, [s > 0.5, s <= 0.5], [lambda a: a**2, lambda a: 3 * a]), lambda s: np.asarray(s)[...] ** 3,
    lambda s: np.asarray(s)[s > 0.5] ** 3, lambda s: np.asarray(s)[None] * s,
], ids=["piecewise", "ellipsis", "condition", "newaxis"])  # fmt: skip
def test_a_number_read_as_an_array_twice(f: Callable[[Any], Any]) -> None:
    assert srcad.check_grads(f, 0.7, order=2).ok
