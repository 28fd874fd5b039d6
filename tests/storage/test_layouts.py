"""Views of arguments of every memory layout: where NumPy makes a view for one and a copy for another, a derivative does the same or is refused."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad.runtime import copy_strides
from tests.property.programs import Program, unload

VALUES = np.array([[0.9, -0.4, 1.3], [0.7, -1.1, 0.5]])
WIDE = np.zeros((4, 7))
LAYOUTS = {
    "C": lambda: np.zeros((2, 3)), "F": lambda: np.zeros((2, 3), order="F"), "rows and columns left out": lambda: WIDE.copy()[::2, 1:6:2],
    "part": lambda: WIDE.copy()[:2, :3], "backwards": lambda: np.zeros((2, 3))[::-1, ::-1], "F backwards": lambda: np.zeros((2, 3), order="F")[:, ::-1],
    "transposed part": lambda: WIDE.copy()[:3, :2].T,
}  # fmt: skip
VIEWS = ("A.reshape(3, 2)", "A.reshape(-1)", "A.ravel()[::-1]", "A.T.reshape(2, 3)[0]", "A.T.ravel()[1:3]", "A[1]", "A.T[1]", "A[:, ::-1][1]", "A[:1].reshape(-1)")
WRITES = {"base": "    A[1] *= A[0]\n    A[0, 1] = A[1, 2] * 3.0\n", "view": "    v *= 2.0\n    v[0] = A[0, 2] * 3.0\n"}
TEXT = """import numpy as np


def f(A):
    v = {}
{}    return np.sum(v * np.arange(1.0, 1.0 + v.size).reshape(v.shape)) + np.sum(A ** 2 * 0.5) * A[0, 0]
"""


def laid_out(make, values):
    out = make()
    out[...] = values
    return out


def verdict(f, make) -> str:
    A = laid_out(make, VALUES)
    before = A.base.tobytes() if A.base is not None else A.tobytes()
    try:
        value, gradient = srcad.value_and_grad(f)(A)
        tangent = srcad.jvp(f, (A,), (VALUES[::-1].copy(),))[1]
    except srcad.SrcadError as error:
        return error.code
    assert (A.base.tobytes() if A.base is not None else A.tobytes()) == before
    assert value == f(laid_out(make, VALUES))
    for place in np.ndindex(2, 3):
        unit = np.zeros((2, 3))
        unit[place] = 1e-5
        slope = (f(laid_out(make, VALUES + unit)) - f(laid_out(make, VALUES - unit))) / 2e-5
        assert gradient[place] == pytest.approx(slope, rel=1e-6, abs=1e-7)
    assert tangent == pytest.approx(np.sum(gradient * VALUES[::-1]), rel=1e-12)
    return "right"


@pytest.mark.parametrize("written", WRITES)
@pytest.mark.parametrize("view", VIEWS)
def test_right_or_refused(view, written):
    f = Program(TEXT.format(view, WRITES[written]), 0).load("storage_layout")["f"]
    try:
        found = {name: verdict(f, make) for name, make in LAYOUTS.items()}
    finally:
        unload("storage_layout")
    assert found["C"] == "right" or view.startswith("A.T.r"), found
    assert set(found.values()) <= {"right", "SRC146"}, found
    assert "reshape" in view or "ravel" in view or set(found.values()) == {"right"}, found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_copies_keep_the_strides(layout):
    A = laid_out(LAYOUTS[layout], VALUES)
    B = copy_strides(A)
    assert B.strides == A.strides
    np.testing.assert_array_equal(A, B)
    B[...] = 0.0
    np.testing.assert_array_equal(A, VALUES)


@pytest.mark.parametrize("x", [np.zeros((3, 0))[:, ::-1], np.broadcast_to(np.arange(3.0), (2, 3)), np.array(1.5), np.arange(4.0)[::-2]])
def test_copies_of_other_arrays(x):
    np.testing.assert_array_equal(copy_strides(x), x)
    assert copy_strides(x).flags.writeable
