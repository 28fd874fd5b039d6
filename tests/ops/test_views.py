"""What is declared fresh shares memory with no argument: adjoints are added to such results in place."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import srcad
from srcad import runtime
from srcad.ir.nodes import View
from srcad.ops.entry import REGISTRY, Entry, Sample
from tests.ops.test_rules import EVERY


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _arrays(item)
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))


@EVERY
def test_fresh_results_share_no_memory(entry: Entry, sample: Sample) -> None:
    given = list(_arrays([*sample.args, *sample.params.values()]))
    for spelling in REGISTRY.spellings(entry.name):
        if spelling.op.inplace or spelling.op.view is not View.FRESH:
            continue
        try:
            value = spelling.object(*sample.args, **sample.params)
        except (TypeError, ValueError, AttributeError, NotImplementedError):
            continue
        for array in _arrays(value):
            assert not any(np.shares_memory(array, other) for other in given), spelling.op.name


_X, _G = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
TRIVIAL = {
    "unbroadcast": (_G, _X), "broadcast_like": (_G, _X), "unsum": (_G, _X, None, True), "tree_like": (_G, _X), "fitting": (_G, _X),
    "gradient_like": (_G, _X), "add_trees": (_G, None), "diff_back": (_G, _X, 0), "crop_like": (_G, _X), "fill_tree": (_G, [_X, _X]),
    "split_like": (_G, [_X]), "unstack_like": (_G, list(_X)), "hsplit_like": (_G, [_X]), "vsplit_like": (_G, [_X]),
    "column_split_like": (_G, [_X]), "pad_back": (_G, _X, 0), "copy_tree": (_G,), "scatter_add": (_X, slice(None), _G),
    "take_back": (_G, _X, [0, 1], 0), "along_back": (_G, _X, np.zeros((2, 3), int)), "tile_back": (_G, _X, 1), "repeat_back": (_G, _X, 1, 0),
    "resize_back": (_G, _X, (2, 3)), "matmul_left": (_G, _X, np.eye(3)), "matmul_right": (_G, np.eye(2), _X), "dot_left": (_G, _X, 1.0),
    "dot_right": (_G, 1.0, _X), "inner_left": (_G, _X, 1.0), "inner_right": (_G, 1.0, _X), "phi": (np.eye(3),), "prod_others": (_X,),
    "tensordot_left": (_G, _X, np.array(1.0), 0), "tensordot_right": (_G, np.array(1.0), _X, 0), "einsum_back": (_G, _X, "ij", "ij"),
}  # fmt: skip
"""Arguments for which there is nothing to do, so that a helper is tempted to give one of them back."""


@pytest.mark.parametrize("name", [n for n in TRIVIAL if hasattr(runtime, n)])
def test_helpers_that_may_give_back_an_argument_say_so(name: str) -> None:
    spelling = REGISTRY.by_op(name)
    assert spelling is not None
    found = list(_arrays(getattr(runtime, name)(*TRIVIAL[name])))
    shared = any(np.shares_memory(a, b) for a in found for b in _arrays(list(TRIVIAL[name])))
    assert not shared or spelling.op.view is not View.FRESH


def _listed(x):
    v = np.array([e * 1.5 for e in x])
    return np.sum(x * v) + 0.4 * np.sum(v)


def test_an_argument_that_is_its_own_cotangent_is_not_added_to():
    x = np.array([0.3, -0.4, 0.8, 1.1])
    before = x.tobytes()
    np.testing.assert_allclose(srcad.grad(_listed)(x), 3.0 * x + 0.6, rtol=1e-13)
    assert x.tobytes() == before
    value, pullback = srcad.vjp(_listed, x)
    np.testing.assert_allclose(pullback(1.0)[0], 3.0 * x + 0.6, rtol=1e-13)
    assert x.tobytes() == before


def _stretched(x, c, d):
    diagonal = 0.0
    for k in range(3):
        diagonal = diagonal + x[k, k] ** 2
    return np.sum(np.sum(x, axis=0) * c) + np.sum(np.mean(x, axis=0) * d) + diagonal


def test_a_sum_of_stretched_cotangents_is_no_buffer():
    """It is a read-only view of the sum of what was stretched."""
    x, c, d = np.arange(9.0).reshape(3, 3) / 7, np.ones(3), np.arange(3.0)
    np.testing.assert_allclose(srcad.grad(_stretched)(x, c, d), c + d / 3 + 2 * np.diag(np.diag(x)), rtol=1e-13)
