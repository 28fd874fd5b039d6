"""Typed IR of ordinary Python functions and their forward derivatives, run by the IR interpreter: no emitter is needed."""
from __future__ import annotations

from srcad.ad.forward import jvp_program
from srcad.binding import target_of
from srcad.frontend.lower import lower_function
from srcad.ir.verify import verify_program
from srcad.specialise.arguments import abstract
from srcad.specialise.run import specialise
from srcad.specialise.signature import Tokens
from srcad.specialise.values import Dyn
from tests.ir.interpret import Interpreter


def signature(function, values, wrt):
    """The lowered function, and the abstract values of its arguments and captured names."""
    lowered = lower_function(function)
    tokens = Tokens()
    arguments = [abstract(v, tokens, varied=n in wrt) for n, v in enumerate(values)]
    cells = [function.__closure__[function.__code__.co_freevars.index(name)].cell_contents for name in lowered.free]
    captured = [abstract(v, tokens) for v in cells]
    extras = [g(v) for a, v in zip(arguments, values, strict=True) if not isinstance(a.value, Dyn) for g in a.getters]
    extras += [g(v) for a, v in zip(captured, cells, strict=True) for g in a.getters]
    return lowered, [a.value for a in (*arguments, *captured)], extras


def typed(function, args, wrt):
    """The typed program of a function for example arguments."""
    lowered, values, _ = signature(function, args, wrt)
    return verify_program(specialise(lowered, values, function.__globals__, function.__name__).program, stage="specialise")


def forward(function, args, tangents, transform=lambda program: program):
    """`(value, tangent)` by forward mode; a tangent of None is zero."""
    target = target_of(function)
    values = target.bind(tuple(args), {})
    first = len(target.args)
    wrt = tuple(n for n, t in enumerate(tangents, first) if t is not None)
    lowered, abstracts, extras = signature(target.function, values, wrt)
    program = specialise(lowered, abstracts, target.function.__globals__, "f").program
    derived = verify_program(transform(jvp_program(verify_program(program), wrt)), stage="forward")
    return Interpreter(derived).run(*values, *extras, *(tangents[n - first] for n in wrt))
