"""Rules for SciPy's packages beside `special`: every entry on its samples, both modes, recorded and run, and second order where it has one."""
from __future__ import annotations

import importlib

import pytest

from srcad.ops import table
from srcad.ops.entry import Entry, Sample
from tests.ops.test_recording import agree, second_order
from tests.ops.test_rules import check

pytest.importorskip("scipy")
PACKAGES = ("linalg", "stats")


def _entries() -> dict[str, Entry]:
    before = set(table.entries())
    for package in PACKAGES:
        importlib.import_module(f"scipy.{package}")
    table.by_object(len)
    return {n: e for n, e in table.entries().items() if n not in before or n.partition(".")[0] in PACKAGES}


ENTRIES = _entries()
CASES = [(f"{n}-{k}", e, s) for n, e in ENTRIES.items() if e.differentiable and e.samples is not None for k, s in enumerate(e.samples())]
EVERY = pytest.mark.parametrize(("entry", "sample"), [(e, s) for _, e, s in CASES], ids=[n for n, _, _ in CASES])


@EVERY
def test_rule(entry: Entry, sample: Sample) -> None:
    check(entry, sample)


@EVERY
@pytest.mark.parametrize("known", [True, False], ids=["tokens", "unknown"])
def test_recorded_rule(entry: Entry, sample: Sample, known: bool) -> None:
    agree(entry, sample, known)


@EVERY
def test_second_order(entry: Entry, sample: Sample) -> None:
    if not entry.order2:
        pytest.skip("first order only")
    second_order(entry, sample)
