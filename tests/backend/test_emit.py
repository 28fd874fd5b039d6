"""What is printed for a program, and that it runs."""
from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import srcad
from srcad.backend.emit import emit
from srcad.ir.build import Builder, Names
from srcad.ir.core import BINARY, CLOSURE, FSTRING, GLOBAL, IMPORT
from srcad.ir.nodes import Block, Const, Func, Loc, Pack, Program, Ref
from srcad.ir.types import FLOAT
from tests.backend.cases import CASES
from tests.backend.support import emitted, run


@pytest.mark.parametrize("name", CASES)
def test_text(name):
    ir, text, _ = CASES[name]
    assert emitted(ir) == text


@pytest.mark.parametrize("name", CASES)
def test_text_runs(name):
    _, text, runs = CASES[name]
    for args, expected in runs:
        np.testing.assert_equal(run(text)["f"](*args), expected)


def func_of(builder, params, *yields):
    return Program((Func("f", builder.block(params, yields)),))


def chain(length, op="add"):
    names = Names()
    x = names.var("x", FLOAT)
    b = Builder(names)
    total = x
    for i in range(length):
        total = b.call(BINARY[op], (total, Const(float(i))), FLOAT)
    return func_of(b, (x,), total)


@pytest.mark.parametrize("op", ["add", "pow", "mul"])
def test_long_chains(op):
    text = emit(chain(400, op)).text
    assert run(text)["f"](1.0) == {"add": 79801.0, "mul": 0.0, "pow": 1.0}[op]
    assert op == "pow" or max(map(len, text.splitlines())) <= 100


def test_line_map_names_the_place_in_the_primal():
    names = Names()
    x = names.var("x", FLOAT)
    b = Builder(names, Loc(2, 4, 2, 9))
    y = b.call(BINARY["mul"], (x, x), FLOAT, hint="y")
    b.loc = Loc(7, 4, 7, 9)
    z = b.call(BINARY["mul"], (y, y), FLOAT, hint="z")
    made = emit(func_of(b, (x,), z))
    lines = made.text.splitlines()
    assert {lines[n - 1].strip(): loc.line for n, loc in made.line_map.items() if "*" in lines[n - 1]} == {"y = x * x": 2, "z = y * y": 7}


def test_comments_mark_runs():
    names = Names()
    x = names.var("x", FLOAT)
    b = Builder(names)
    for note, line in (("first", 2), ("first", 2), ("second", 3), ("", 3), ("second", 3), ("", 5), ("second", 6)):
        b.note, b.loc = note, Loc(line, 0, line, 9)
        x_bar = b.call(BINARY["mul"], (x, x), FLOAT, hint="x_bar")
        b.call(BINARY["add"], (x_bar, x_bar), FLOAT, hint="y_bar")
    text = emit(func_of(b, (x,), x)).text
    assert [line.partition("# ")[2] for line in text.splitlines() if "# " in line] == ["first", "second", "second"]
    assert {line.index("# ") for line in text.splitlines() if "# " in line} == {48}


def test_fstrings_globals_imports_closures():
    names = Names()
    x = names.var("x")
    b = Builder(names)
    name = b.call(GLOBAL, (Const("scale"),))
    text = b.call(FSTRING, (Const("{a}'\n"), Pack("tuple", (x, Const("r"), Const(">9"))), Pack("tuple", (name, Const(""), Const("")))))
    math = b.call(IMPORT, (Const("math"), Const(None), Const(0)), hint="m")
    pi = b.call(IMPORT, (Const("math"), Const("pi"), Const(0)), hint="pi")
    g = b.call(CLOSURE, (x,), params=(("func", Const("g")), ("names", Const(("y",)))))
    y = Names().var("y")
    inner = Func("g", Block((y,), (), (y,)))
    program = Program((Func("f", b.block((x,), (text, math, pi, g, Ref("numpy:float64")))), inner))
    space = run(emit(program).text)
    space["scale"] = 3
    shown, module, number, made, kind = space["f"]("q")
    assert shown == "{a}'\n      'q'3"
    assert (module.__name__, number, made(), kind) == ("math", module.pi, "q", np.float64)


def falling(a, c):
    b = a.copy()
    for i in range(1, len(b)):
        b[i] -= b[i - 1] * a[i]
        b[0] += -c[i]
    return np.sum(b**2)


def test_negative_cotangents_are_subtracted():
    """What the function itself writes stays as it is."""
    a = np.array([0.5, -0.3, 0.7])
    text = srcad.value_and_grad(falling).source(a, a)
    assert "a_bar[i] -= b_item * b_bar_i" in text
    assert "b[0] += -c[i]" in text
    srcad.check_grads(falling, a, a)


def test_same_text_in_every_process():
    program = (
        "from tests.backend.cases import CASES\n"
        "from tests.backend.support import emitted\n"
        "print(''.join(emitted(ir) for ir, _, _ in CASES.values()))\n"
    )
    texts = set()
    for seed in ("0", "1", "77"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(p for p in ("", *sys.path) if p) + os.pathsep + os.getcwd()}
        texts.add(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=env).stdout)
    assert len(texts) == 1
