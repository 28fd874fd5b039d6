"""The entries of functions that are handed functions, and what their templates share.

Templates and the rules of `by_rule` functions are not run: their source is followed in place of the call, and what they call (`_vjp`,
`LEAVES`, ...) stands for srcad's own operators.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.custom import by_rule
from srcad.marks import FIXED, LEAVES, MATCHED, PUBLIC
from srcad.ops.entry import Entry, Spelling, function_op
from srcad.ops.op import Spellings
from srcad.ops.scipy_words import op_of

_jvp, _vjp = PUBLIC["jvp"], PUBLIC["vjp"]


def solver(
    fn: Any, template: Callable[..., Any], *, module: str, name: str = "", options: str = "", made: type | None = None,
    kept: tuple[str, ...] = (), always: bool = False,
) -> Spellings:  # fmt: skip
    """A function of SciPy that is handed functions: `template(solve, ...)` takes the arguments of `fn` that matter to the derivative.

    `options` names those that it leaves to the call; others are refused where something is differentiated.  A template that takes `*args`
    is handed `fn` itself in the place of `solve`, and all arguments.  `made` is the class of the result, `kept` are the parameters that
    the methods of the result are given as keywords.  With `always` the template is followed where nothing is differentiated, too.
    """
    own = name or fn.__name__
    infer = None if made is None else lambda: made
    entry = Entry(f"{module}.{own}", fn, "solver", ("*xs",), statics=tuple(options.split()), template=template, infer=infer, kept=kept,
        always=always)  # fmt: skip
    op = function_op(f"{module}.{own}") if module.partition(".")[0] == "np" else op_of(module, own)
    return (Spelling(entry, op, fn),)


def applied(f: Any, x: Any, args: Any) -> Any:
    """The value of a function, of itself too: of what it captures."""
    return f(*x, *args)


def moved(f: Any, x: Any, args: Any, f_dot: Any, x_dot: Any, args_dot: Any) -> Any:
    """The tangent of the value of a function that moves with what it captures."""
    return _jvp(applied, (f, x, args), (f_dot, x_dot, args_dot))[1]


def pulled(f: Any, x: Any, args: Any, value_bar: Any) -> Any:
    """The cotangents of a function, of its arguments and of its extra arguments."""
    return _vjp(applied, f, x, args)[1](value_bar)


def as_tuple(args: Any) -> Any:
    """Extra arguments as SciPy takes them: one need not be in a tuple."""
    return args if isinstance(args, tuple) else (args,)


def flat_leaves(tree: Any) -> Any:
    """The numbers in a value as one vector."""
    return joined(LEAVES(tree))


def flat_matched(found: Any, tree: Any) -> Any:
    """The tangents or cotangents of the numbers in a value as one vector."""
    return joined(MATCHED(found, tree))


def joined(parts: Any) -> Any:
    """Numbers and arrays as one vector."""
    return np.concatenate([np.ravel(p) for p in parts])


def part(vector: Any, start: Any, like: Any) -> Any:
    """The part of a vector from `start` on in the shape of a number or an array, and where the next one starts."""
    if np.ndim(like) == 0:
        return vector[start], start + 1
    return np.reshape(vector[start : start + np.size(like)], np.shape(like)), start + np.size(like)


class Result:
    """What a solver returns: some attributes are differentiated, `fixed` ones are constant; others are refused.

    It is made by `RESULT`, with the differentiated attributes beside `found`, the object that SciPy has returned.
    """

    found: Any
    fixed: Any
    known: Any

    def __getattr__(self, name: str) -> Any:
        if name not in self.fixed:
            FIXED(self.known, f"the attribute '{name}' of the result of a solver has no derivative rule", "compute it from the solution")
        return getattr(self.found, name)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@by_rule
def equal_to(call: Any, expression: Any, inputs: Any) -> Any:
    """`call(*inputs)`, which gives a value, whose derivative is that of `expression(rest, *inputs)`, and the rest."""
    return call(*inputs)


def _equal_jvp(primals: Any, tangents: Any) -> Any:
    call, expression, inputs = primals
    value, rest = equal_to(call, expression, inputs)
    return (value, rest), (_jvp(lambda *inputs: expression(rest, *inputs), inputs, tangents[2])[1], None)


def _equal_fwd(call: Any, expression: Any, inputs: Any) -> Any:
    value, rest = equal_to(call, expression, inputs)
    return (value, rest), (expression, inputs, rest)


def _equal_bwd(residuals: Any, bars: Any) -> Any:
    expression, inputs, rest = residuals
    return None, None, _vjp(lambda *inputs: expression(rest, *inputs), *inputs)[1](bars[0])


equal_to.rules(_equal_jvp, _equal_fwd, _equal_bwd)
