"""Operations whose derivative is that of an expression in other operations of the table.

`composed(np.nanvar, body)`: the function itself computes the value; both modes are found by recording `body` on the operands and
applying the rules of what it recorded.  So derivatives of every order close, and what is right for the parts is right for the whole.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from srcad.ir.build import Builder, Names
from srcad.ir.nodes import Arg, Call, Const, Op, Pack, Ref, SliceArg, Stmt, Var, View
from srcad.ir.types import Array, Dim, Struct, Type, dtype_kind, is_number, may_carry_derivative
from srcad.ops.adapt import fit
from srcad.ops.entry import REGISTRY, Entry
from srcad.ops.infer import type_of
from srcad.ops.op import Spelled, Spellings, define_entry, listed
from srcad.ops.trace import Traced, apply, find_builder, lift, literal, made, o, plain

Body = Callable[..., Any]


def composed(
    fn: Callable[..., Any] | str, body: Body, *, name: str | None = None, path: str | None = None, names: tuple[str, ...] = ("x",),
    operands: int = 1, arrays: int = 0, spelled: tuple[str | Spelled, ...] = (), view: View = View.FRESH, op: Op | None = None,
    **fields: Any,
) -> Spellings:  # fmt: skip
    """An operation equal to `body(*operands, **statics)`, an expression in operations of the table.
    The first `arrays` operands reach the body as arrays also where the call has lists.
    """

    def expression(*given: Any, **statics: Any) -> Any:
        return body(*(listed(x, given) if k < arrays else x for k, x in enumerate(given)), **statics)

    def backward(g: Any, y: Any, given: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        found: tuple[Any, ...] = _derive((g, given, statics), lambda seed, xs, ps: _pull(expression, seed, xs, ps, wanted))
        return found

    def forward(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: dict[str, Any]) -> Any:
        if all(t is None for t in tangents):
            return None
        return _derive((tangents, y, given, statics), lambda ts, out, xs, ps: _push(expression, ts, out, xs, ps))

    return define_entry(
        fn, "composed", path, name, spelled, view, op,
        names=names, operands=operands, backward=backward, forward=forward, **fields,
    )  # fmt: skip


def through(body: Body) -> tuple[Callable[..., tuple[Any, ...]], Body]:
    """The `vjp` and the `jvp` of a `general` entry that is equal to an expression for some of its options."""

    def vjp(g: Any, y: Any, *given: Any, **statics: Any) -> tuple[Any, ...]:
        wanted = (True,) * len(given)
        found: tuple[Any, ...] = _derive((g, given, statics), lambda seed, xs, ps: _pull(body, seed, xs, ps, wanted))
        return found

    def jvp(t: Any, y: Any, *given: Any, **statics: Any) -> Any:
        return _derive((t, y, given, statics), lambda ts, out, xs, ps: _push(body, ts, out, xs, ps))

    return vjp, jvp


def transposed(jvp: Body) -> Body:
    """The `vjp` of a `general` entry from its `jvp`, which is linear in the tangents: what the expression for the tangent pulls back.
    Where the result is a tuple, items of the cotangent that are zero leave nothing behind.
    """

    def vjp(g: Any, y: Any, *given: Any, **statics: Any) -> tuple[Any, ...]:
        found: tuple[Any, ...] = _derive((g, y, given, statics), lambda seed, out, xs, ps: _transpose(jvp, seed, out, xs, ps))
        return found

    return vjp


def _transpose(jvp: Body, g: Any, y: Any, given: tuple[Any, ...], statics: dict[str, Any]) -> tuple[Any, ...]:
    builder = find_builder([g, y, *given])
    assert builder is not None
    tangents = tuple(map(_stand_in, given))
    start = len(builder.stmts)
    result = jvp(tangents, y, *given, **statics)
    own = {v for t in tangents for v in _leaves(t)}
    bars = _sweep(builder.stmts[start:], own, result, _present(g), builder)
    return tuple(_bar(t, bars) for t in tangents)


def _stand_in(x: Any) -> Any:
    """A tangent of an operand: any of its shape and type does, since what is pulled back does not depend on it."""
    return apply("pos", x) if isinstance(x, Traced) and _floats(x.type) else None


def _present(g: Any) -> Any:
    """The cotangent, None for items of a tuple that are zero."""
    if isinstance(g, list | tuple):
        return tuple(None if made(v)[0] == "zeros_like_shape" or (literal(plain(v)) and plain(v) == 0) else v for v in g)
    return g


# ---- on plain values: record privately, then run ---------------------------------------------------------------------


def _derive(given: tuple[Any, ...], rule: Callable[..., Any]) -> Any:
    """`rule(*given)`: recorded where a value is traced, else recorded apart and computed."""
    if find_builder(list(given)) is not None:
        return rule(*given)
    builder, values = Builder(Names()), {}

    def variable(value: Any) -> Any:
        if isinstance(value, list | tuple):
            found = [variable(v) for v in value]
            return found if isinstance(value, list) else tuple(found)
        if isinstance(value, dict):
            return {k: variable(v) if isinstance(v, np.ndarray) else v for k, v in value.items()}  # options: literals stay literals
        if not isinstance(value, float | complex | np.ndarray | np.generic):
            return value
        var = builder.names.var("v", _exact(value))
        values[var] = value
        return Traced(var, var.type, builder)

    found = rule(*map(variable, given))
    for stmt in builder.stmts:
        assert isinstance(stmt, Call)
        spelling = REGISTRY.by_op(stmt.op.name)
        assert spelling is not None
        with np.errstate(all="ignore"):
            args, params = (_plain(a, values) for a in stmt.args), {k: _plain(v, values) for k, v in stmt.params}
            values[stmt.outs[0]] = spelling.object(*args, **params)
    return _computed(found, values)


def _exact(value: Any) -> Type:
    return Array(value.dtype.name, tuple(Dim(f"={n}") for n in value.shape)) if isinstance(value, np.ndarray) else type_of(value)


def _plain(arg: Arg, values: dict[Var, Any]) -> Any:
    """The value of an argument of a recorded statement."""
    match arg:
        case Var():
            return values[arg]
        case Const(value) | Ref(_, value):
            return value
        case Pack("dict" | "OrderedDict", items, keys):
            return {_plain(k, values): _plain(v, values) for k, v in zip(keys, items, strict=True)}
        case Pack(kind, items):
            found = [_plain(i, values) for i in items]
            return found if kind == "list" else tuple(found)
        case SliceArg(lower, upper, step):
            return slice(_plain(lower, values), _plain(upper, values), _plain(step, values))
    return None


def _computed(found: Any, values: dict[Var, Any]) -> Any:
    if isinstance(found, Traced):
        return _plain(found.atom, values)
    if isinstance(found, list):
        return [_computed(f, values) for f in found]
    return tuple(_computed(f, values) for f in found) if isinstance(found, tuple) else found


# ---- the two modes over a straight line ------------------------------------------------------------------------------


def _recorded(expression: Body, given: tuple[Any, ...], statics: dict[str, Any], also: Any) -> tuple[Any, list[Stmt], Builder]:
    """The expression's value, and the statements that it consists of."""
    builder = find_builder([also, *given, *statics.values()])
    assert builder is not None
    start = len(builder.stmts)
    return expression(*given, **statics), builder.stmts[start:], builder


def _apart(given: Sequence[Any]) -> tuple[Any, ...]:
    """The operands, those that are one variable told apart."""
    seen: set[Var] = set()

    def own(x: Any) -> Any:
        if isinstance(x, list | tuple):
            found = [own(v) for v in x]
            return found if isinstance(x, list) else tuple(found)
        if not isinstance(x, Traced) or not isinstance(x.atom, Var):
            return x
        if x.atom in seen and is_number(x.type):
            return apply("pos", x)
        seen.add(x.atom)
        return x

    return tuple(map(own, given))


def _floats(t: Type) -> bool:
    return dtype_kind(t) in "fc" if is_number(t) else may_carry_derivative(t)


def _leaves(x: Any) -> Iterable[Var]:
    if isinstance(x, list | tuple):
        for v in x:
            yield from _leaves(v)
    elif isinstance(x, Traced) and isinstance(x.atom, Var) and _floats(x.type):
        yield x.atom


def _entry(stmt: Stmt) -> Entry:
    assert isinstance(stmt, Call)
    spelling = REGISTRY.by_op(stmt.op.name)
    assert spelling is not None
    return spelling.entry


def _touches(arg: Arg, active: set[Var]) -> bool:
    if isinstance(arg, Pack):
        return any(_touches(i, active) for i in arg.items)
    return arg in active if isinstance(arg, Var) else False


def _pull(expression: Body, g: Any, given: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    """The cotangents of the operands."""
    own = _apart(given)
    result, stmts, builder = _recorded(expression, own, statics, g)
    bars = _sweep(stmts, {v for x, w in zip(own, wanted, strict=False) if w for v in _leaves(x)}, result, _present(g), builder)
    return tuple(_bar(x, bars) if w else None for x, w in zip(own, wanted, strict=False))


def _sweep(stmts: list[Stmt], inputs: set[Var], result: Any, g: Any, builder: Builder) -> dict[Var, Any]:
    """The cotangents of the inputs of a straight line."""
    active = set(inputs)
    for stmt in stmts:
        assert isinstance(stmt, Call)
        if _entry(stmt).differentiable and any(_touches(a, active) for a in stmt.args) and _floats(stmt.outs[0].type):
            active.add(stmt.outs[0])
    bars: dict[Var, Any] = {}
    _contribute(bars, active, result, g)
    for stmt in reversed(stmts):
        assert isinstance(stmt, Call)
        bar = bars.pop(stmt.outs[0], None)
        if bar is not None:
            _reverse(stmt, bar, bars, active, builder)
    return bars


def _reverse(stmt: Call, bar: Any, bars: dict[Var, Any], active: set[Var], builder: Builder) -> None:
    out, args = stmt.outs[0], tuple(lift(builder, a) for a in stmt.args)
    if stmt.op.name == "getitem" and isinstance(stmt.args[0], Var) and isinstance(stmt.args[0].type, Struct) and type(args[1]) is int:
        parts = bars.setdefault(stmt.args[0], [None] * len(stmt.args[0].type.items))
        parts[args[1]] = bar if parts[args[1]] is None else parts[args[1]] + bar
        return
    if isinstance(out.type, Struct) and isinstance(bar, list):
        y = Traced(out, out.type, builder)
        bar = tuple(o.zeros_like(y[k]) if b is None else b for k, b in enumerate(bar))
    wanted = tuple(_touches(a, active) for a in stmt.args)
    params = {k: lift(builder, v) for k, v in stmt.params}
    found = _entry(stmt).vjp(bar, Traced(out, out.type, builder), args, params, wanted)
    for arg, c in zip(args, found, strict=True):
        _contribute(bars, active, arg, c)


def _contribute(bars: dict[Var, Any], active: set[Var], x: Any, c: Any) -> None:
    """Add a cotangent to that of a value, or of each item of a display."""
    if c is None or x is None:
        return
    if isinstance(x, list | tuple):
        for k, item in enumerate(x):
            _contribute(bars, active, item, c[k])
    elif isinstance(x, Traced) and isinstance(x.atom, Var) and x.atom in active:
        bars[x.atom] = c if x.atom not in bars else bars[x.atom] + c


def _bar(x: Any, bars: dict[Var, Any]) -> Any:
    """The cotangent of an operand, in its structure; None if there is none."""
    if isinstance(x, list | tuple):
        found = [_bar(v, bars) for v in x]
        if all(f is None for f in found):
            return None
        whole = [o.zeros_like(v) if f is None and (isinstance(v, Traced) or type(v) is float) else f for f, v in zip(found, x, strict=True)]
        return whole if isinstance(x, list) else tuple(whole)
    if not isinstance(x, Traced) or not isinstance(x.atom, Var) or not _floats(x.type):
        return None
    bar = bars.get(x.atom)
    return o.zeros_like(x) if bar is None else fit(bar, x)


def _push(expression: Body, tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: dict[str, Any]) -> Any:
    """The tangent of the result."""
    own = _apart(given)
    result, stmts, builder = _recorded(expression, own, statics, tangents)
    dots: dict[Var, Any] = {}
    for x, t in zip(own, tangents, strict=False):
        _move(dots, x, t)
    for stmt in stmts:
        assert isinstance(stmt, Call)
        entry, args = _entry(stmt), tuple(lift(builder, a) for a in stmt.args)
        moves = tuple(_dot(a, dots) for a in args)
        if all(m is None for m in moves) or not entry.differentiable or not _floats(stmt.outs[0].type):
            continue
        if stmt.op.name == "getitem" and isinstance(moves[0], tuple):
            found = moves[0][args[1]]
        else:
            params = {k: lift(builder, v) for k, v in stmt.params}
            found = entry.jvp(moves, Traced(stmt.outs[0], stmt.outs[0].type, builder), args, params)
        if found is not None:
            dots[stmt.outs[0]] = found
    return _moved(result, dots, y)


def _move(dots: dict[Var, Any], x: Any, t: Any) -> None:
    if t is None:
        return
    if isinstance(x, list | tuple):
        for v, d in zip(x, t, strict=True):
            _move(dots, v, d)
    elif isinstance(x, Traced) and isinstance(x.atom, Var) and _floats(x.type):
        dots[x.atom] = t


def _dot(x: Any, dots: dict[Var, Any]) -> Any:
    """The tangent of an argument; None if it does not move."""
    if isinstance(x, list | tuple):
        found = [_dot(v, dots) for v in x]
        if all(f is None for f in found):
            return None
        whole = [o.zeros_like(v) if f is None else f for f, v in zip(found, x, strict=True)]
        return whole if isinstance(x, list) else tuple(whole)
    return dots.get(x.atom) if isinstance(x, Traced) and isinstance(x.atom, Var) else None


def _moved(result: Any, dots: dict[Var, Any], y: Any) -> Any:
    if isinstance(result, list | tuple):
        found = [_moved(r, dots, y[k]) for k, r in enumerate(result)]
        return found if isinstance(result, list) else tuple(found)
    found = _dot(result, dots)
    return o.zeros_like(y) if found is None else found if isinstance(found, list | tuple) else fit(found, y)

