"""Random control flow: value, exception and effects of the IR are those of the source."""
from __future__ import annotations

import contextlib
import linecache
import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from srcad.errors import UnsupportedSyntax
from tests.frontend.interpreter import Refused, relowered
from tests.frontend.programs import PROGRAMS, program

ARGUMENTS = ((0, 0, 0), (1, 2, 3), (3, -1, 2), (2, 2, 7))
SEEN: Counter[str] = Counter()


class OutOfFuel(BaseException):
    """The program runs too long."""


class World:
    """What a program may touch: effects are logged, loops are bounded."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.log: list[object] = []
        self.fuel = 60

    def note(self, x):
        self.log.append(x)
        if len(self.log) > 2000:
            raise OutOfFuel
        return x

    def tick(self):
        self.fuel -= 1
        if self.fuel < 0:
            raise OutOfFuel
        return True

    @contextlib.contextmanager
    def manager(self, x):
        self.log.append(("enter", x))
        try:
            yield x
        finally:
            self.log.append("exit")

    def run(self, function, args):
        self.reset()
        try:
            value = function(*args)
            result = ("value", type(value), value)
        except Refused:
            return None
        except OutOfFuel:
            result = ("out of fuel",)
        except NameError:
            result = ("raised", NameError)  # Python tells a captured name from a local one
        except Exception as error:
            result = ("raised", type(error))
        return result, self.log


def define(text: str, world: World):
    name = f"<program {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space = {"note": world.note, "tick": world.tick, "manager": world.manager}
    exec(compile(text, name, "exec"), space)
    return space["f"], name


def check(text: str) -> None:
    world = World()
    f, name = define(text, world)
    try:
        again = relowered(f)
    except UnsupportedSyntax:
        SEEN["refused"] += 1
        return
    finally:
        linecache.cache.pop(name, None)
    for args in ARGUMENTS:
        expected = world.run(f, args)
        found = world.run(again, args)
        if found is None:
            SEEN["refused at a point"] += 1
            continue
        assert expected is not None
        SEEN[expected[0][0]] += 1
        assert found == expected, text


@pytest.mark.parametrize("start", range(0, 250, 50))
def test_random_programs_run_as_the_original(start):
    before = Counter(SEEN)
    for seed in range(start, start + 50):
        check(program(random.Random(seed)))
    seen = SEEN - before
    # Programs that all raise or are refused would show nothing.
    assert seen["value"] > 0.3 * seen.total()
    assert seen["refused"] + seen["refused at a point"] < 0.25 * seen.total()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROGRAMS)
def test_small_programs_run_as_the_original(text):
    check(text)
