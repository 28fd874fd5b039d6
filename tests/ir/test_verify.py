"""Malformed IR is named."""
from __future__ import annotations

from dataclasses import replace

import pytest

from srcad.errors import InternalError
from srcad.ir.core import ALL, BINARY, LIST_APPEND, PACK, RAISE
from srcad.ir.nodes import UNDEF, Block, Call, Const, Func, FuncRef, Handler, If, Loop, Op, Pack, Program, Range, Try, Var, With
from srcad.ir.parse import parse_func
from srcad.ir.types import FLOAT, INT
from srcad.ir.verify import defined_names, problems, reused_buffers, verify, verify_program

X, Y, Z = Var("x", FLOAT), Var("y", FLOAT), Var("z", FLOAT)
EMPTY = Block((), (), ())
ADD = BINARY["add"]


def func(*stmts, yields=(X,), result=None):
    return Func("f", Block((X,), stmts, yields), result)


def loop(inits=(X,), outs=(Z,), params=(Var("i", INT), Y), yields=(Y,), **fields):
    return Loop(outs, Range(Const(0), Const(3), Const(1)), inits, None, Block(params, (), yields), **fields)


GOOD = (
    func(Call((Y,), ADD, (X, X)), yields=(Y,)), func(loop(), yields=(Z,)), func(loop(exit=0, count=Var("k", INT))),
    func(Call((), RAISE), yields=(UNDEF,)),
)  # fmt: skip
BAD = {
    "y is undefined": func(yields=(Y,)),
    "y is defined twice": func(Call((Y,), ADD, (X, X)), Call((Y,), ADD, (X, X))),
    "x is used with another type": func(Call((Y,), ADD, (Var("x", INT), X))),
    "y is out of scope": func(If((), X, Block((), (Call((Y,), ADD, (X, X)),), ()), EMPTY), yields=(Y,)),
    "yields of the else branch: 0, not 1": func(If((Y,), X, Block((), (), (X,)), EMPTY)),
    "parameters of the then branch": func(If((), X, Block((Y,), (), ()), EMPTY)),
    "parameters of a loop body: 1, not 2": func(loop(params=(Y,))),
    "yields of a loop body: 0, not 1": func(loop(yields=())),
    "outs of a loop: 0, not 1": func(loop(outs=())),
    "the exit of a loop names carried value 1 of 1": func(loop(exit=1)),
    "parameters of a loop test: 0, not 1": func(replace(loop(), test=Block((), (), (X,)))),
    "yields of a loop test: 0, not 1": func(replace(loop(), test=Block((Var("t", FLOAT),), (), ()))),
    "a loop that nothing stops": func(Loop((), None, (), None, EMPTY)),
    "yields of a try body": func(Try((Y,), EMPTY, ())),
    "yields of a handler": func(Try((Y,), Block((), (), (X,)), (Handler(None, EMPTY),))),
    "yields of a finally block": func(Try((), EMPTY, (), Block((), (), (X,)))),
    "yields of a with body": func(With((Y,), ADD, (), (), EMPTY)),
    "consumes": func(Call((Y,), LIST_APPEND, (Const(1.0), X))),
    "needs an argument and an out": func(Call((), LIST_APPEND, (X, X))),
    "never returns but has outs": func(Call((Y,), RAISE)),
    "keys of a dict: 0, not 1": func(Call((Y,), PACK, (Pack("dict", (X,)),))),
    "2 yields but no result tree": func(yields=(X, X)),
    "the result names yield 2 of 1": func(result=Const(2)),
    "the result holds": func(result=X),
}


@pytest.mark.parametrize("good", GOOD)
def test_good(good):
    assert verify(good) is good


@pytest.mark.parametrize("message", BAD)
def test_bad(message):
    assert any(message in p for p in problems(BAD[message]))
    with pytest.raises(InternalError, match="malformed IR in f") as error:
        verify(BAD[message], stage="dce")
    assert error.value.stage == "dce"


def test_unknown_operations():
    strange = func(Call((Y,), Op("strange", "strange(_0)"), (X,)), With((), Op("odd", "odd()"), (), (), EMPTY))
    assert problems(strange, ALL.__contains__) == ["unknown operation strange", "unknown operation odd"]
    assert not problems(strange)


def test_line_is_named():
    bad = replace(GOOD[0].body.stmts[0], args=(X, Z), loc=replace(GOOD[0].body.stmts[0].loc, line=7))
    assert problems(func(bad)) == ["z is undefined at line 7"]


def test_calls_fit_their_callees():
    g = Func("g", Block((X,), (), (X,)))
    call = Call((Y,), FuncRef("g"), (X,))
    verify_program(Program((func(call), g)))
    for bad in (replace(call, args=()), replace(call, outs=(Y, Z)), replace(call, op=FuncRef("h"))):
        with pytest.raises(InternalError, match="malformed IR in f"):
            verify_program(Program((func(bad), g)))
    with pytest.raises(InternalError, match="two functions of one name"):
        verify_program(Program((g, g)))


def test_consumed_buffers_that_are_read_again():
    f = parse_func(
        "def f(l: list[float], x: float) {\n  m: list[float] = list_append(l, x)\n  if x {\n    k: list[float] = list_append(m, x)\n  }\n"
        "  y = len(l)\n  return y\n}\n",
    )  # fmt: skip
    assert reused_buffers(f) == ["l is read after list_append consumed it"]
    assert defined_names(f) == {"l", "x", "m", "k", "y"}
