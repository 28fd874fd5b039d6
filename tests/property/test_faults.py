"""Planted faults: the checks catch each of them within a bounded number of programs."""
from __future__ import annotations

import pytest

from tests.property.faults import FAULTS, Fault
from tests.property.programs import from_seed
from tests.property.trial import trial

BOUND = 150
FIRST = 2_000_000


@pytest.mark.parametrize("fault", [pytest.param(f, id=f.name.replace(" ", "-")) for f in FAULTS])
def test_fault_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRCAD_CACHE", "0")  # what a broken compiler makes must not be kept
    fault.plant(monkeypatch)
    for seed in range(FIRST, FIRST + BOUND):
        verdict = trial(from_seed(seed), f"srcad_fault_{FAULTS.index(fault)}_{seed}", fault.checks)
        if verdict.status == "wrong":
            print(f"caught by program {seed - FIRST + 1}: {verdict.reason.splitlines()[0]}")
            return
    pytest.fail(f"not caught within {BOUND} programs")


def test_without_a_fault_nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRCAD_CACHE", "0")
    for seed in range(FIRST, FIRST + 30):
        verdict = trial(from_seed(seed), "srcad_sound")
        assert verdict.status != "wrong", verdict.reason
