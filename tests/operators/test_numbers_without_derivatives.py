"""Tangents and cotangents of whole numbers in structures: nothing but zero, or the number itself, can be meant."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.8, 1.4])


@dataclass
class Model:
    w: Any
    size: Any


def weighed(params):
    return np.sum(params["w"]) * params["k"]


def parts(x):
    return {"a": np.sin(x), "b": (np.sum(x), 3)}


PARAMS = {"w": X, "k": 2, "i": np.arange(2)}
ALONG = {"w": X, "k": None, "i": None}


@pytest.mark.parametrize(("given", "place"), [
    ({**ALONG, "k": 5.0}, r"tangent 0\['k'\] is a float, but its value is an int"),
    ({**ALONG, "i": np.ones(2)}, r"tangent 0\['i'\] is an array of shape \(2,\), but its value is an array of int64"),
])  # fmt: skip
@pytest.mark.parametrize("push", [
    lambda t: srcad.jvp(weighed, (PARAMS,), (t,)), lambda t: srcad.hvp(weighed, (PARAMS,), (t,)), lambda t: srcad.linearize(weighed, PARAMS)[1](t),
], ids=["jvp", "hvp", "linearize"])  # fmt: skip
def test_a_tangent_of_a_whole_number_is_refused(push, given, place):
    with pytest.raises(srcad.ShapeMismatch, match=place):
        push(given)


def test_a_cotangent_of_a_whole_number_is_refused():
    _, pullback = srcad.vjp(parts, X)
    with pytest.raises(srcad.ShapeMismatch, match=r"the cotangent\['b'\]\[1\] is a float, but its value is an int, which has no derivative"):
        pullback({"a": X, "b": (1.0, 5.0)})


@pytest.mark.parametrize("k", [None, 0, 0.0, 2], ids=repr)
def test_zero_and_the_number_itself_say_nothing(k):
    """A copy of the structure with other floats in it is a tangent."""
    assert srcad.jvp(weighed, (PARAMS,), ({**ALONG, "k": k},))[1] == pytest.approx(2.0 * np.sum(X))
    model = Model(X, 2)
    assert srcad.jvp(lambda m: np.sum(m.w) * m.size, (model,), (replace(model, w=2.0 * X),))[1] == pytest.approx(4.0 * np.sum(X))


def test_a_list_of_floats_with_a_whole_number():
    """It was taken for zero without a word, so that the tangent of the sum was too small."""
    with pytest.raises(srcad.ShapeMismatch, match=r"tangent 0\[1\]"):
        srcad.jvp(sum, ([1.0, 2, 3.0],), ([1.0, 1.0, 1.0],))
    assert srcad.jvp(sum, ([1.0, 2, 3.0],), ([1.0, None, 1.0],))[1] == 2.0


def test_what_holds_no_numbers_is_named():
    with pytest.raises(srcad.ShapeMismatch, match="the cotangent is an array of dtype object"):
        srcad.vjp(np.sin, X)[1](np.array([None] * 3))
    with pytest.raises(srcad.ArgumentError, match="outputs is 0"):
        srcad.grad(weighed, outputs=0)
