"""Every differentiable entry on its samples, called on plain numbers and arrays: the table is tested without a compiler."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcad.ops import table
from srcad.ops.entry import REGISTRY, Entry, Sample
from tests.ops import probe

CASES = list(probe.cases())
IDS = [name for name, _, _ in CASES]


def each(applies: Callable[[Entry, Sample], bool] = lambda _entry, _sample: True) -> pytest.MarkDecorator:
    """A test for the samples of all entries to which it applies."""
    rows = [(e, s, i) for (_, e, s), i in zip(CASES, IDS, strict=True) if applies(e, s)]
    return pytest.mark.parametrize(("entry", "sample"), [(e, s) for e, s, _ in rows], ids=[i for _, _, i in rows])


EVERY = each()


def close(a: Any, b: Any, rtol: float = 1e-6) -> None:
    """Leaf by leaf."""
    for x, y in zip(probe.leaves(a), probe.leaves(b), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol * max(1.0, float(np.max(np.abs(np.asarray(y)), initial=0.0))))


def check(entry: Entry, sample: Sample) -> None:
    """Forward mode against differences, reverse against forward mode; shapes and types of both."""
    f, args = probe.call(entry, sample), sample.args
    t, y = probe.direction(args), f(*args)
    tangent = entry.jvp(t, y, args, sample.params)
    expected = probe.difference(f, args, t)
    assert any(np.any(v) for v in probe.leaves(expected)), "the sample says nothing"
    close(tangent, expected)
    g = probe.direction(y, seed=11)
    bars = probe.vjp(entry, g, y, sample, args)
    np.testing.assert_allclose(probe.dot(bars, t), probe.dot(g, tangent), rtol=1e-9, atol=1e-9)
    for bar, x in zip(bars, args, strict=True):
        for b, leaf in zip(probe.leaves(bar), probe.leaves(x), strict=False):
            assert np.shape(b) == np.shape(leaf)


@EVERY
def test_rule(entry: Entry, sample: Sample) -> None:
    check(entry, sample)


@EVERY
def test_single_operands(entry: Entry, sample: Sample) -> None:
    """With one active operand at a time both modes agree, and what is not wanted is not given."""
    f, args = probe.call(entry, sample), sample.args
    y = f(*args)
    g = probe.direction(y, seed=11)
    for k, x in enumerate(args):
        if not probe.leaves([x]):
            continue
        t = tuple(probe.direction(a) if j == k else None for j, a in enumerate(args))
        wanted = tuple(j == k for j in range(len(args)))
        tangent, bars = entry.jvp(t, y, args, sample.params), entry.vjp(g, y, args, sample.params, wanted)
        assert all(b is None for j, b in enumerate(bars) if j != k)
        assert (tangent is None) == (bars[k] is None)
        np.testing.assert_allclose(probe.dot(bars, t), probe.dot(g, tangent), rtol=1e-9, atol=1e-9)


@each(lambda _entry, sample: any(isinstance(a, np.ndarray) and a.dtype == np.float64 for a in sample.args))
def test_float32(entry: Entry, sample: Sample) -> None:
    """Cotangents have the operand's dtype, tangents the result's."""
    args = tuple(a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype == np.float64 else a for a in sample.args)
    y = probe.call(entry, sample)(*args)
    g = probe.direction(y)
    for bar, x in zip(probe.vjp(entry, g, y, sample, args), args, strict=True):
        if isinstance(x, np.ndarray) and bar is not None:
            assert np.asarray(bar).dtype == x.dtype
    if isinstance(y, np.ndarray):
        assert np.asarray(entry.jvp(probe.direction(args), y, args, sample.params)).dtype == y.dtype


def test_a_wrong_rule_is_caught() -> None:
    """The check above is not vacuous."""
    entry, sample = table.entry("np.sin"), Sample((0.7,))
    assert entry is not None
    check(entry, sample)

    def wrong(g: Any, y: Any, operands: Any, statics: Any, wanted: Any) -> Any:
        return (g * np.sin(operands[0]),)

    with pytest.raises(AssertionError):
        check(replace(entry, backward=wrong), sample)
    with pytest.raises(AssertionError):
        check(replace(entry, forward=lambda t, y, operands, statics: t[0] * 0.5), sample)


def test_every_differentiable_entry_has_a_sample() -> None:
    """Helpers are tried through the rules that record them; casts and refused functions have nothing to try."""
    missing = [
        s.op.name
        for s in REGISTRY
        if s.entry.differentiable and s.entry.samples is None and not s.entry.refused
        and not any("srcad" in i or "scipy" in i for i in s.op.imports) and not s.op.name.startswith("interpolate.")
    ]
    casts = {"np.float32", "np.float16", "np.complex128", "np.complex64", "np.longdouble", "np.clongdouble", "accum", "accum_at", "accum_repeated"}
    assert set(missing) == casts
