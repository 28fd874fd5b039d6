"""Random programs: primal = original, reverse = forward = differences = dual numbers, effects once, arguments untouched.

Some here; `make fuzz` runs ten thousand.
"""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.property.kinds import KINDS
from tests.property.programs import Program, programs
from tests.property.subject import BOTH_MODES, SECOND
from tests.property.trial import Tally, explain, trial

CHUNKS, SIZE = 4, 10
FIRST = 1_000_000  # not the seeds of the long run
MOST_REFUSED = 0.10


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "derived"])
def test_programs_from_seeds(kind, chunk, record_property):
    tally = Tally()
    for seed in range(FIRST + chunk * SIZE, FIRST + (chunk + 1) * SIZE):
        program = KINDS[kind](seed)
        verdict = trial(program)
        tally.add(seed, program, verdict)
        if verdict.status == "wrong":
            pytest.fail(f"seed {seed}: {verdict.reason}\n\n{explain(program, verdict)}", pytrace=False)
    print(tally.report())
    record_property("accepted", tally.status["ok"])
    decided = tally.status["ok"] + tally.status["refused"]
    assert decided >= 0.25 * SIZE
    assert tally.status["refused"] <= max(3, MOST_REFUSED * decided), tally.report()


@pytest.mark.parametrize(("kind", "checks"), [*((kind, tuple(SECOND)) for kind in KINDS if kind != "derived"), ("derived", BOTH_MODES)])
def test_derivatives_of_derivatives(kind, checks):
    """A few: `scripts/fuzz.py --second` runs many."""
    tally = Tally()
    for seed in range(FIRST, FIRST + 4):
        program = KINDS[kind](seed)
        verdict = trial(program, checks=checks, seconds=60.0)
        tally.add(seed, program, verdict)
        if verdict.status == "wrong":
            pytest.fail(f"seed {seed}: {verdict.reason}\n\n{explain(program, verdict, checks)}", pytrace=False)
    assert tally.status["ok"], tally.report()


@settings(max_examples=30, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(programs(size=4))
def test_programs_from_hypothesis(program: Program) -> None:
    verdict = trial(program)
    assert verdict.status != "wrong", f"{verdict.reason}\n\n{explain(program, verdict)}"
