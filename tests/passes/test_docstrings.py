"""The before/after example in the docstring of every pass is what the pass does."""
from __future__ import annotations

import importlib
import inspect
import pkgutil
import textwrap

import pytest

import srcad.passes
from srcad.ir.core import ALL
from srcad.ir.nodes import Func, Program
from srcad.ir.parse import parse_program
from srcad.ir.text import print_program
from srcad.ir.verify import verify
from srcad.ops import table
from srcad.ops.entry import quiet

PASSES = sorted(
    m.name for m in pkgutil.iter_modules(srcad.passes.__path__)
    if hasattr(importlib.import_module(f"srcad.passes.{m.name}"), m.name)
)  # fmt: skip


def find(name):
    """The operation of a name as derivatives use it, core operations first as users do."""
    if name in ALL:
        return ALL[name]
    spelling = table.spelling(name)
    return None if spelling is None else quiet(spelling.op)


def example(module):
    """The two programs of a docstring."""
    doc = inspect.getdoc(module)
    before, mark, after = doc.partition("becomes\n")
    assert mark, f"{module.__name__} has no example"
    return tuple(parse_program(code(part), find) for part in (before, after))


def code(text):
    """The indented lines of a text."""
    return textwrap.dedent("\n".join(line for line in text.splitlines() if line.startswith("    ") or not line)) + "\n"


def run(function, program):
    """A pass takes a function or a program."""
    first = next(iter(inspect.signature(function).parameters.values())).annotation
    if "Program" in str(first):
        return function(program)
    return Program(tuple(function(f) for f in program.funcs))


def test_there_are_passes():
    assert {"dce", "cse", "simplify", "inplace", "inline"} <= set(PASSES)


@pytest.mark.parametrize("name", PASSES)
def test_example(name):
    module = importlib.import_module(f"srcad.passes.{name}")
    before, after = example(module)
    for program in (before, after):
        for f in program.funcs:
            assert isinstance(verify(f), Func)
    got = run(getattr(module, name), before)
    assert print_program(got) == print_program(after)
    assert got == after
