"""Random programs: primal = original, reverse = forward = differences = dual numbers, effects once, arguments untouched.

Some here; `make fuzz` runs ten thousand.
"""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.property.kinds import KINDS
from tests.property.programs import Program, programs
from tests.property.subject import BOTH_MODES, SECOND
from tests.property.topics import TOPICS
from tests.property.trial import Tally, explain, trial

CHUNKS, SIZE = 4, 10
FEW = 6  # of each topic
FIRST = 1_000_000  # not the seeds of the long run
MOST_REFUSED = 0.10
ALSO_REFUSED = {"shared": 0.7}  # of an array in several places it is often not known which of them a write reaches
ORDINARY = [kind for kind in KINDS if kind != "derived" and kind not in TOPICS]


@pytest.mark.parametrize(
    ("kind", "first", "size"),
    [
        *(pytest.param(kind, FIRST + chunk * SIZE, SIZE, id=f"{kind}-{chunk}") for kind in ORDINARY for chunk in range(CHUNKS)),
        *(pytest.param(topic, FIRST, FEW, id=topic) for topic in TOPICS),
    ],
)
def test_programs_from_seeds(kind, first, size, record_property):
    tally = Tally()
    for seed in range(first, first + size):
        program = KINDS[kind](seed)
        verdict = trial(program)
        tally.add(seed, program, verdict)
        if verdict.status == "wrong":
            pytest.fail(f"seed {seed}: {verdict.reason}\n\n{explain(program, verdict)}", pytrace=False)
    print(tally.report())
    record_property("accepted", tally.status["ok"])
    decided = tally.status["ok"] + tally.status["refused"]
    assert decided >= 0.25 * size
    assert tally.status["refused"] <= max(3, ALSO_REFUSED.get(kind, MOST_REFUSED) * decided), tally.report()


@pytest.mark.parametrize(("kind", "checks"), [*((kind, tuple(SECOND)) for kind in ORDINARY), ("derived", BOTH_MODES)])
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
