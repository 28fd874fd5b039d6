"""A function through lowering and the emitter, and back to something that can be called."""
from __future__ import annotations

import types
from dataclasses import replace

from srcad.backend.emit import Emitted, emit
from srcad.frontend.lower import lower_function
from srcad.frontend.lowered import Lowered
from srcad.ir.build import Names
from srcad.ir.core import CALL, CLOSURE, GLOBAL, UNARY, UNBOUND
from srcad.ir.nodes import Block, Call, Const, Func, Pack, Program, Ref
from srcad.ir.visit import all_defs, blocks, with_blocks
from tests.frontend.interpreter import bound

MADE: dict[str, Lowered] = {}


def make(key, function, captured, defaults, kwdefaults):
    """What a `def` or `lambda` inside a function makes."""
    lowered = MADE[key]

    def run(*args, **kwargs):
        values = bound(lowered, args, kwargs, defaults, kwdefaults)
        free = [run if name == lowered.itself else value for name, value in zip(lowered.free, captured, strict=True)]
        return function(*values, *free)

    run.__name__ = lowered.name
    return run


def flatten(lowered: Lowered, name: str) -> list[Func]:
    """The function and those inside it; closures are made by `make`."""
    names = Names(v.name for v in all_defs(lowered.func.body))
    inner = [flatten(n, f"{name}_in_{i}") for i, n in enumerate(lowered.nested)]

    def rewrite(block: Block) -> Block:
        out = []
        for s in block.stmts:
            if isinstance(s, Call) and s.op == CLOSURE:
                params = dict(s.params)
                number = params["func"].value
                key = f"{name}_in_{number}"
                MADE[key] = lowered.nested[number]
                function = names.var()
                out.append(Call((function,), GLOBAL, (Const(key),), (), s.loc))
                captured = Pack("tuple", s.args)
                given = (params.get("defaults", Pack("tuple", ())), params.get("kwdefaults", Pack("dict", (), ())))
                out.append(Call(s.outs, CALL, (Ref("tests.backend.reemitted:make"), Const(key), function, captured, *given), (), s.loc))
            elif isinstance(s, Call) and s.op == UNBOUND:
                out.append(Call(s.outs, UNARY["not_"], s.args[1:], (), s.loc))
            else:
                out.append(with_blocks(s, tuple(rewrite(b) for b in blocks(s))))
        return Block(block.params, tuple(out), block.yields)

    return [replace(lowered.func, name=name, body=rewrite(lowered.func.body)), *(f for fs in inner for f in fs)]


def text_of(function) -> Emitted:
    """The function as the emitter prints it."""
    lowered = lower_function(function)
    name = "f" if "<" in lowered.name else lowered.name
    return emit(Program(tuple(flatten(lowered, f"{name}_again"))))


def reemitted(function):
    """The function, run from its printed text."""
    if isinstance(function, types.MethodType):
        return types.MethodType(reemitted(function.__func__), function.__self__)
    lowered = lower_function(function)
    emitted = text_of(function)
    space = dict(function.__globals__)
    exec(compile(emitted.text, "<emitted>", "exec", dont_inherit=True), space)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    captured = [cells[name].cell_contents for name in lowered.free]
    made = space[emitted.entry]

    def run(*args, **kwargs):
        values = bound(lowered, args, kwargs, function.__defaults__ or (), function.__kwdefaults__ or {})
        free = [run if name == lowered.itself else value for name, value in zip(lowered.free, captured, strict=True)]
        return made(*values, *free)

    run.text = emitted.text
    return run
