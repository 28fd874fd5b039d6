"""Rules for functions of other packages: one call per function, from anywhere.

A rule is an ordinary function of operands; it computes with operators, with NumPy's functions by `o` (`o.exp(x)`), and with any operation
of the table by `apply("np.linalg.solve", a, b)`.  The function itself must be importable and free of side effects, since it is run on small
made-up values to find the type of its result.  A rule takes the place of one that the table refuses, and of an earlier one for the same
function; it holds for what is compiled afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcad.ops import compose, foreign, op
from srcad.ops.trace import apply, o

__all__ = ["apply", "bilinear", "composed", "elementwise", "general", "linear", "nondiff", "o"]

Rule = Callable[..., Any]


def elementwise(fn: Rule, *partials: Rule | None, path: str | None = None, **options: Any) -> None:
    """Add a function of each element: `partials[k](y, *operands)` is the derivative by operand k, None for zero.

    `path`: 'package.module:function', where the function does not say it itself.  `options`: `names` (of the parameters), `statics`
    (keywords that the rule accepts).
    """
    _add(op.elementwise, fn, partials, {}, path, options)


def linear(fn: Rule, *, transpose: Rule, path: str | None = None, **options: Any) -> None:
    """Add a function linear in its first operand: `transpose(g, x, *others)` is the cotangent of x where g is that of the result."""
    _add(op.linear, fn, (), {"transpose": transpose}, path, options)


def bilinear(fn: Rule, *, transpose: Rule, path: str | None = None, **options: Any) -> None:
    """Add a product of two operands: `transpose(g, a, b)` is the pair of their cotangents."""
    _add(op.bilinear, fn, (), {"transpose": transpose}, path, options)


def general(fn: Rule, *, vjp: Rule, jvp: Rule, names: tuple[str, ...], path: str | None = None, **options: Any) -> None:
    """Add a function with both modes by hand: `vjp(g, y, *operands)` gives a tuple of cotangents, `jvp(tangents, y, *operands)` a tangent.

    `names`: the parameters, the differentiable ones first; `operands`: how many of these there are (default: all).
    """
    _add(op.general, fn, (), {"vjp": vjp, "jvp": jvp}, path, {"names": names, "operands": len(names), **options})


def composed(fn: Rule, body: Rule, *, names: tuple[str, ...], path: str | None = None, **options: Any) -> None:
    """Add a function whose derivative is that of `body(*operands)`, an equal expression in operations of the table."""
    _add(compose.composed, fn, (body,), {}, path, {"names": names, "operands": len(names), **options})


def nondiff(fn: Rule, *, path: str | None = None) -> None:
    """Add a function that is constant but for steps: a cut, on purpose."""
    _add(op.nondiff, fn, (), {}, path, {})


def _add(kind: Rule, fn: Rule, rules: tuple[Any, ...], named: dict[str, Rule], path: str | None, options: dict[str, Any]) -> None:
    where = foreign.op_of(fn, path)
    made = kind(fn, *rules, name=where.name, path="", op=where, **named, **options)
    foreign.add(made, (*rules, *named.values(), tuple(sorted(options.items()))))
