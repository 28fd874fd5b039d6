"""Every pass keeps what a program computes, on random programs, and leaves well-formed IR."""
from __future__ import annotations

from dataclasses import replace

import pytest

from srcad.ir.nodes import Program
from srcad.ir.text import print_program
from srcad.ir.verify import verify_program
from srcad.ir.visit import walk
from srcad.passes.cse import cse
from srcad.passes.dce import dce
from srcad.passes.inline import inline
from srcad.passes.inplace import inplace
from srcad.passes.simplify import simplify
from srcad.passes.thread import thread
from tests.ir.generate import random_program
from tests.ir.interpret import Interpreter

ARGS = ((0.3, -0.7, 2), (1.5, 0.25, 0))


def each(function):
    return lambda program: Program(tuple(function(f) for f in program.funcs), program.sources)


def small(program):
    return inline(program, 8)


def together(program):
    return small(each(lambda f: dce(cse(thread(simplify(f)))))(program))


PASSES = {"dce": each(dce), "cse": each(cse), "simplify": each(simplify), "inplace": each(inplace), "inline": small, "thread": each(thread), "all": together}


def outcome(program, args):
    """The values, or the error."""
    try:
        return repr(Interpreter(program).run(*args))
    except (ArithmeticError, ValueError) as error:
        return repr(error)


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("seed", range(60))
def test_random_programs(name, seed):
    program = verify_program(random_program(seed))
    after = verify_program(PASSES[name](program), stage=name)
    for args in ARGS:
        assert outcome(after, args) == outcome(program, args), print_program(program)


@pytest.mark.parametrize("name", ["dce", "cse", "inline"])
@pytest.mark.parametrize("seed", range(40))
def test_passes_are_idempotent(name, seed):
    once = PASSES[name](random_program(seed))
    assert PASSES[name](once) == once


def statements(program):
    return sum(1 for f in program.funcs for _ in walk(f.body))


def test_passes_do_something():
    before = after = 0
    for seed in range(60):
        program = random_program(seed)
        before += statements(program)
        after += statements(each(lambda f: dce(f, lambda op, args, params: op.effects & ~op.effects))(together(program)))
    assert after < 0.7 * before


def test_a_planted_fault_is_caught():
    """The comparison of outcomes is not vacuous: dropping a statement changes some."""
    found = 0
    for seed in range(60):
        program = random_program(seed)
        body = program.entry.body
        broken = replace(program.entry, body=replace(body, yields=body.yields[::-1]))
        found += any(outcome(program, a) != outcome(replace(program, funcs=(broken, *program.funcs[1:])), a) for a in ARGS)
    assert found > 30
