"""Derivatives of the table beside JAX's, where JAX has the function and means the same by it.

Skipped where JAX is not installed: `pip install --group jax` from the project's folder.
"""
from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad.ops.entry import REGISTRY, Entry, Sample
from srcad.ops.table import take_up_all
from tests.ops import probe

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)

ROOTS = {"np": "jax.numpy", "special": "jax.scipy.special"}
OTHERWISE = {
    "np.linalg.norm": "at matrices whose singular values are equal, another subgradient",
    "np.linalg.eig": "vectors of another phase",
    "np.arange": "a constant for JAX",
    "np.unique": "a constant for JAX",
    "special.spence": "nan in JAX's reverse mode",
}
"""Where both are right, but not the same, or JAX has no number."""
SYMMETRIC = ("np.linalg.cholesky", "np.linalg.eigvalsh", "np.linalg.eigh")
"""They read one triangle, and JAX the mean of both (docs/conventions.md): compared along symmetric directions."""


def theirs(name: str) -> Callable[..., Any] | None:
    """The function of JAX that has the name of an operation."""
    root, _, rest = name.partition(".")
    found: Any = None
    if rest and root in ROOTS:
        found = functools.reduce(lambda obj, part: getattr(obj, part, None), [*ROOTS[root].split(".")[1:], *rest.split(".")], jax)
    return found if callable(found) else None


def cases() -> list[tuple[str, Entry]]:
    """The operations that both have."""
    take_up_all()
    return sorted(
        {s.op.name: s.entry for s in REGISTRY if s.entry.differentiable and s.entry.samples is not None and theirs(s.op.name)}.items()
    )


CASES = cases()


def compare(name: str, entry: Entry, sample: Sample) -> bool:
    """Both modes along random directions; False where JAX does not take the arguments, or gives another value."""
    f = theirs(name)
    active = [n for n, x in enumerate(sample.args) if probe.leaves([x])]
    if f is None or not active:
        return False

    def of_active(*xs: Any) -> Any:
        args = list(sample.args)
        for n, x in zip(active, xs, strict=True):
            args[n] = x
        return f(*args, **sample.params)

    t, y = probe.direction(sample.args), probe.call(entry, sample)(*sample.args)
    if name in SYMMETRIC:
        t = tuple(None if v is None else v + np.conj(np.swapaxes(v, -1, -2)) for v in t)
    g = probe.direction(y, seed=11)
    given, moves = tuple(sample.args[n] for n in active), tuple(t[n] for n in active)
    try:
        value, tangent = jax.jvp(of_active, given, moves)
        bars = jax.vjp(of_active, *given)[1](g)
    except Exception:  # noqa: BLE001 -- an option or type of argument that JAX does not know
        return False
    if not same(value, y):
        return False
    found = probe.vjp(entry, g, y, sample, sample.args)
    ours = [np.zeros(np.shape(sample.args[n])) if found[n] is None else found[n] for n in active]
    assert same(entry.jvp(t, y, sample.args, sample.params), tangent), f"forward mode at {sample}"
    if name in SYMMETRIC:
        ours, bars = ([b + np.swapaxes(b, -1, -2) for b in both] for both in (ours, bars))
    assert same(ours, list(bars)), f"reverse mode at {sample}"
    return True


def same(a: Any, b: Any) -> bool:
    """Leaf by leaf, to 8 digits."""
    ours, others = jax.tree_util.tree_leaves(a), jax.tree_util.tree_leaves(b)
    pairs = zip(ours, others, strict=False)
    return len(ours) == len(others) and all(np.shape(x) == np.shape(v) and np.allclose(x, v, rtol=1e-8, atol=1e-9) for x, v in pairs)


@functools.cache
def compared(number: int) -> int:
    """How many samples of an operation were compared."""
    name, entry = CASES[number]
    assert entry.samples is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sum(compare(name, entry, sample) for sample in entry.samples())


@pytest.mark.parametrize("number", [n for n, (name, _) in enumerate(CASES) if name not in OTHERWISE], ids=lambda n: CASES[n][0])
def test_as_jax(number: int) -> None:
    if not compared(number):
        pytest.skip("JAX takes none of the samples, or gives other values")


def test_most_are_compared() -> None:
    """The comparison is not vacuous."""
    assert sum(bool(compared(n)) for n, (name, _) in enumerate(CASES) if name not in OTHERWISE) >= 90
