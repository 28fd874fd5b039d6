"""Functions lowered and printed again behave as the originals."""
from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from srcad.errors import UnsupportedSyntax
from tests.backend.reemitted import reemitted
from tests.frontend.cases import CASES
from tests.frontend.programs import PROGRAMS, program
from tests.frontend.test_lower import outcome, same
from tests.frontend.test_random import ARGUMENTS, World, define

RUNS = [pytest.param(f, args, id=f"{f.__name__}-{n}") for f, lists in CASES for n, args in enumerate(lists)]
SEEN: Counter[str] = Counter()


@pytest.mark.parametrize(("function", "args"), RUNS)
def test_runs_as_the_original(function, args):
    expected = outcome(function, args)
    assert same(outcome(reemitted(function), args), expected)


def check(text):
    world = World()
    f, _ = define(text, world)
    try:
        again = reemitted(f)
    except UnsupportedSyntax:
        return
    for args in ARGUMENTS:
        expected = world.run(f, args)
        found = world.run(again, args)
        if expected[0] == ("raised", NameError) or found[0] == ("raised", UnsupportedSyntax):
            continue
        SEEN[expected[0][0]] += 1
        assert found == expected, f"{text}\n{again.text}"


@pytest.mark.parametrize("start", range(0, 120, 60))
def test_random_programs_run_as_the_original(start):
    before = SEEN["value"]
    for seed in range(start, start + 60):
        check(program(random.Random(seed)))
    assert SEEN["value"] - before > 60


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS)
def test_small_programs_run_as_the_original(text):
    check(text)


def test_text_is_what_the_user_wrote():
    assert reemitted(sample).text == SAMPLE


def sample(xs, limit):
    total = 0.0
    for i, x in enumerate(xs):
        if x < 0.0:
            continue
        if total > limit and x < 2.0:
            total = total - 1.0
        while x > 1.0 and total < 2.0 * limit:
            x = 0.5 * (x + 1.0 / x)
            total += x**2
        if x == 0.5:
            break
    else:
        total = -total
    ys = [y - 1.0 for y in xs if 0.0 < y <= limit]
    return (sum(ys), max(total, len(xs) * limit) if ys else None)


SAMPLE = """\
def sample_again(xs, limit):
    total = 0.0
    for i, x in enumerate(xs):
        if not x < 0.0:
            if total > limit and x < 2.0:
                total = total - 1.0
            while x > 1.0 and total < 2.0 * limit:
                x = 0.5 * (x + 1.0 / x)
                total += x**2
            if x == 0.5:
                break
    else:
        total = -total
    ys = [y - 1.0 for y in xs if 0.0 < y <= limit]
    return sum(ys), max(total, len(xs) * limit) if ys else None
"""
