"""Planted faults: the checks catch each of them within a bounded number of programs."""
from __future__ import annotations

import functools
import re

import pytest

from srcad import store
from tests.property.agreement import Case, Rejected, Truth, Wrong, truth
from tests.property.faults import FAULTS, FIRST, Fault
from tests.property.programs import from_seed
from tests.property.subject import CHECKS, Refused
from tests.property.trial import Alarm, alarm, case_of

BOUND = 100  # programs that are tried per fault; most show within ten


@functools.cache
def _accepted(seed: int) -> tuple[Case, Truth, int]:
    """The first program from this seed on that the oracles accept, the truth about it, and its seed."""
    while True:
        try:
            case = case_of(from_seed(seed), f"srcad_accepted_{seed}")
            return case, truth(case), seed
        except (Rejected, SyntaxError):
            seed += 1


def _finding(seed: int, checks: tuple[str, ...]) -> str:
    """What the checks say of a program: nothing where it is right."""
    case, known, _ = _accepted(seed)
    try:
        with alarm(20.0):
            for name in checks:
                CHECKS[name](case, known)
    except (Wrong, Refused) as reason:
        return str(reason) or "wrong"
    except Alarm:
        return "no end"
    except Exception as reason:
        return f"crash: {reason!r}"
    return ""


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a broken compiler makes must not be kept, neither on disk nor in memory."""
    monkeypatch.setenv("SRCAD_CACHE", "0")
    monkeypatch.setattr(store, "_STORES", {})


@pytest.mark.parametrize("fault", [pytest.param(f, id=re.sub(r"\W+", "-", f.name)) for f in FAULTS])
def test_fault_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caught means: a program that is right without the fault is wrong with it, in the way that the fault must show."""
    seed = fault.first
    for count in range(1, BOUND + 1):
        with pytest.MonkeyPatch.context() as patch:
            fault.plant(patch)
            found = _finding(seed, fault.checks)
        monkeypatch.setattr(store, "_STORES", {})
        if re.search(fault.shows, found) and not _finding(seed, fault.checks):
            print(f"caught by program {count}, seed {_accepted(seed)[2]}: {found.splitlines()[0]}")
            return
        seed = _accepted(seed)[2] + 1
        assert "broken() " not in found, f"the fault no longer fits the code that it breaks: {found}"
    pytest.fail(f"not caught within {BOUND} programs")


def test_without_a_fault_nothing_is_caught() -> None:
    seed = FIRST
    for _ in range(12):
        found = _finding(seed, tuple(CHECKS))
        seed = _accepted(seed)[2] + 1
        assert not found or re.match(r"\w+: \[SRC[12]", found), found
