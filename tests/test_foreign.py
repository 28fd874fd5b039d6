"""Rules of other packages: used in both modes, in the place of what the table refuses, and part of the cache's key."""

from __future__ import annotations

import importlib
import sys
import types

import numpy as np
import pytest

import srcad
from srcad import kept, store
from srcad.cache import Cache
from srcad.errors import ArgumentError, NoRule
from srcad.ops import foreign, table
from srcad.ops.entry import REGISTRY

LIBRARY = """
import numpy as np

SLOPE = 3.0
calls = []

def ramp(x):
    calls.append(1)  # not followed: a list outside
    return np.where(x > 0, SLOPE * x, 0.0)

def pair(a, b):
    return a * b * SLOPE

def helper(x):
    return 1.0 * x
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A package that srcad does not know; the table is as before afterwards."""
    (tmp_path / "strangelib.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    module = importlib.import_module("strangelib")
    yield module
    for name in list(foreign.FOREIGN):
        del foreign.FOREIGN[name]
        for found in (REGISTRY._by_op, REGISTRY._by_object, REGISTRY._by_entry):
            for key in [k for k, s in found.items() if getattr(s, "op", None) is not None and s.op.name == name or k == name]:
                del found[key]
    del sys.modules["strangelib"]


def test_both_modes_use_the_rule(library):
    srcad.rules.elementwise(library.ramp, lambda y, x: 5.0 * (x > 0))

    def f(x):
        return np.sum(library.ramp(x) ** 2)

    x = np.array([0.5, -1.0, 2.0])
    expected = 2 * np.where(x > 0, 3 * x, 0.0) * 5.0 * (x > 0)
    np.testing.assert_allclose(srcad.grad(f)(x), expected)
    np.testing.assert_allclose(srcad.jvp(f, (x,), (np.ones(3),))[1], expected.sum())


def test_other_kinds(library):
    srcad.rules.bilinear(library.pair, transpose=lambda g, a, b: (g * b * 3.0, g * a * 3.0))
    srcad.rules.composed(library.helper, lambda x: srcad.rules.o.exp(x), names=("x",))
    assert srcad.grad(lambda a: library.pair(a, a))(2.0) == 12.0
    assert srcad.grad(lambda a: library.helper(a))(2.0) == pytest.approx(np.exp(2.0))


def test_what_is_known_is_left_alone(library):
    with pytest.raises(ArgumentError, match="has a rule already"):
        srcad.rules.elementwise(np.sin, lambda y, x: y)
    with pytest.raises(ArgumentError, match="can be imported"):
        srcad.rules.elementwise(lambda x: x, lambda y, x: y)


def test_what_is_refused_can_be_given_a_rule():
    special = pytest.importorskip("scipy.special")
    before = table.by_object(special.kolmogi)
    with pytest.raises(NoRule):
        srcad.grad(lambda x: special.kolmogi(x))(0.4)
    srcad.rules.elementwise(special.kolmogi, lambda y, x: 7.0)
    try:
        assert srcad.grad(lambda x: special.kolmogi(x) * 1.0)(0.4) == 7.0
        srcad.rules.elementwise(special.kolmogi, lambda y, x: 8.0)
        assert srcad.grad(lambda x: special.kolmogi(x) * 1.0)(0.4) == 8.0
    finally:
        REGISTRY.replace(table.by_object(special.kolmogi), before)
        del foreign.FOREIGN["special.kolmogi"]


def _prints(library, slope):
    name = f"{library.__name__}.ramp"
    srcad.rules.elementwise(library.ramp, slope)
    return foreign.fingerprint({name})


def test_the_fingerprint_tells_rules_apart(library):
    def with_cell(k):
        return lambda y, x: k * x

    def with_default(k):
        def slope(y, x, k=k):
            return k * x

        return slope

    def naming(value):
        namespace = {"value": value, "__name__": "strangelib"}
        exec("def slope(y, x):\n    return value * x\ndef outer(y, x):\n    return slope(y, x)\n", namespace)
        return namespace["outer"]

    rules = [lambda y, x: 2.0 * x, lambda y, x: 3.0 * x, lambda y, x: 2.0 + x, lambda y, x: 2.0 * y, with_cell(2.0), with_cell(4.0),
             with_default(2.0), with_default(4.0), naming(1.0), naming(2.0), with_cell(np.array([1.0])), with_cell(np.array([2.0]))]  # fmt: skip
    prints = [_prints(library, r) for r in rules]
    assert None not in prints
    assert len(set(prints)) == len(prints)
    assert _prints(library, with_cell(4.0)) == prints[5]


def test_what_cannot_be_told_is_not_kept(library):
    assert _prints(library, lambda y, x, held=object(): x) is None
    module = types.ModuleType("nowhere")
    assert _prints(library, lambda y, x, held=module: x) is None
    assert foreign.fingerprint({"np.sin"}) == ()


def test_a_changed_rule_is_a_miss(library, tmp_path, monkeypatch):
    """The same program with another rule gets other text also where the first one's is kept."""
    monkeypatch.setenv("SRCAD_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.delenv("SRCAD_CACHE")
    monkeypatch.setattr(kept, "source_fingerprint", lambda: "as it is")
    monkeypatch.setattr(store, "_STORES", {})

    def f(x):
        return library.pair(x, 2.0)

    found = []
    for slope in (3.0, 5.0, 3.0):
        srcad.rules.elementwise(library.pair, [lambda y, a, b: b * 3.0, lambda y, a, b: b * 5.0][slope == 5.0], None)
        store._STORES.clear()
        found.append(srcad.grad(f)(1.5))
        assert Cache().info().entries == min(len(found), 2)
    assert found == [6.0, 10.0, 6.0]
