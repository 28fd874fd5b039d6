"""Rules where types are only known at run time, as where paths leave arrays of different ranks: right, or refused."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcad
from srcad.errors import NoRule
from srcad.ir.types import UNKNOWN, Type
from srcad.ops.entry import Entry, Sample
from srcad.ops.trace import Traced
from tests.ops.interpret import Recorder
from tests.ops.test_complex import HOLOMORPHIC, complexified
from tests.ops.test_recording import agree_forward, agree_reverse
from tests.ops.test_rules import CASES

OF_COMPLEX = {*HOLOMORPHIC, "svd", "qr"}
SAMPLES: dict[str, tuple[Entry, list[Sample]]] = {}
for _, an_entry, a_sample in CASES:
    SAMPLES.setdefault(an_entry.name, (an_entry, []))[1].append(a_sample)


class Untyped(Recorder):
    """A recorder whose values are of unknown type where `without` says so."""

    def __init__(self, without: Callable[[Any, str], bool]) -> None:
        super().__init__(known=False)
        self.without = without

    def var(self, value: Any, hint: str = "x", type: Type | None = None) -> Traced:
        return super().var(value, hint, UNKNOWN if type is None and self.without(value, hint) else type)


WITHOUT: dict[str, Callable[[Any, str], bool]] = {
    "arrays": lambda value, hint: isinstance(value, np.ndarray),
    "first": lambda value, hint: hint == "x0",
    "second": lambda value, hint: hint == "x1",
    "moves": lambda value, hint: hint in "gt",
}


@pytest.mark.parametrize("without", WITHOUT.values(), ids=WITHOUT)
@pytest.mark.parametrize("name", SAMPLES)
def test_rule(name: str, without: Callable[[Any, str], bool]) -> None:
    """Each mode gives what it gives on arrays, or is refused; those of each element and of moves of unknown type are right."""
    entry, samples = SAMPLES[name]
    if name in OF_COMPLEX:
        samples = samples + [Sample(tuple(complexified(a, k) for k, a in enumerate(s.args)), s.params) for s in samples if "dtype" not in s.params]
    for sample in samples[:3]:
        for agree in (agree_forward, agree_reverse):
            try:
                agree(entry, sample, Untyped(without))
            except NoRule:
                assert entry.kind != "elementwise"


TURNED = np.array([[1 + 2j, 0.5], [0.3j, 1 - 1j]])


def of_real_parts(z: Any) -> Any:
    """The cotangent of a real array behind a complex product: what it has of imaginary must not reach `z`."""
    parts = z.real if abs(z[0]) > 0.1 else z.real[None]
    return np.sum(np.abs(parts @ TURNED) ** 2)


def of_roots(x: Any) -> Any:
    p = x if x[0] > 0.1 else x[None]
    return np.sum(np.abs(np.roots(p)) ** 2)


def of_diagflat(x: Any) -> Any:
    p = x if x[0] > 0.1 else x[None]
    return np.sum(np.diagflat(p, 1) ** 2)


def of_weights(x: Any) -> Any:
    p = np.outer(x, x) if x[0] > 0.1 else x
    return np.sum(np.average(p, axis=0, weights=x) ** 2)


def of_diag(x: Any) -> Any:
    p = x if x[0] > 0.1 else x[None]
    return np.sum(np.diag(p) ** 2)


def of_right_side(x: Any) -> Any:
    b = x if x[0] > 0.1 else x[:, None]
    stack = np.stack([np.outer(x, x) + np.eye(3), 2.0 * np.eye(3), 3.0 * np.eye(3)])
    return np.sum(np.linalg.solve(stack, b) ** 2)


X = np.array([1.3, -0.7, 0.4])


@pytest.mark.parametrize(("f", "x"), [(of_real_parts, np.array([1.3 + 0.2j, -0.7 - 0.4j])), (of_roots, X), (of_diagflat, X)])
def test_programs(f: Any, x: Any) -> None:
    """Where a branch leaves an array of one rank or another."""
    srcad.check_grads(f, x, order=2)


@pytest.mark.parametrize("f", [of_weights, of_diag, of_right_side])
def test_reverse_rules_that_must_know_a_rank_say_so(f: Any) -> None:
    """A rule that took the other branch gave wrong numbers, or raised at run time."""
    with pytest.raises(NoRule, match="of unknown rank"):
        srcad.vjp(f, X)


@pytest.mark.parametrize("f", [of_weights, of_right_side])
def test_forward_rules_that_must_know_a_rank_say_so(f: Any) -> None:
    with pytest.raises(NoRule, match="of unknown rank"):
        srcad.jvp(f, (X,), (X,))


def test_a_rank_known_by_value_is_enough() -> None:
    """A count that decides about ranks is asked for by value where types do not do."""

    def f(x: Any, n: int) -> Any:
        return np.sum(np.diag(x if n > 0 else x[None]) ** 2)

    srcad.check_grads(f, X, 1, order=2)


def _counts(x, k):
    parts = [x, np.array([0, 1, 1])]
    return np.bincount(parts[k], minlength=3) * x


def _filled(x, k):
    sizes = [x[0], 3]
    return np.full(sizes[k], 2.0) * x


@pytest.mark.parametrize("f", [_counts, _filled])
def test_places_and_shapes_of_unknown_type_do_not_move(f):
    """In forward mode counts were taken for their tangents."""
    x, t = np.array([0.3, 0.7, 0.2]), np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(srcad.jvp(f, (x, 1), (t, None))[1], f(t, 1))
    np.testing.assert_allclose(srcad.vjp(f, x, 1)[1](t)[0], f(t, 1))
