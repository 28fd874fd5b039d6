"""Typed IR of ordinary Python functions, for tests of `ad` and `analysis` that need no emitter."""
from __future__ import annotations

from srcad.frontend.lower import lower_function
from srcad.ir.verify import verify_program
from srcad.specialise.arguments import abstract
from srcad.specialise.run import specialise
from srcad.specialise.signature import Tokens


def typed(function, args, wrt):
    """The typed program of a function for example arguments."""
    lowered = lower_function(function)
    tokens = Tokens()
    values = [abstract(v, tokens, varied=n in wrt).value for n, v in enumerate(args)]
    return verify_program(specialise(lowered, values, function.__globals__, function.__name__).program, stage="specialise")
