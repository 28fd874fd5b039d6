"""Reverse code of calls of other functions of the program: through their split pairs."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ad import rewind
from srcad.ad.adjoints import Adjoints, Key, is_buffer, leaf_paths, type_at
from srcad.ad.structure import value_at
from srcad.custom import Deferred
from srcad.errors import ArgumentError, NoRule
from srcad.ir.nodes import Atom, Call, Const, Effect, Func, FuncRef, Var
from srcad.ir.types import FLOAT, NONE
from srcad.ops.trace import Traced, o
from srcad.passes.handed_back import same
from srcad.passes.inline import spliced

if TYPE_CHECKING:
    from srcad.ad.reverse import Reversal


def reverse_call(rev: Reversal, stmt: Call, adjoints: Adjoints) -> None:
    """The callee's forward half takes the place of the call; its backward half is called here."""
    assert isinstance(stmt.op, FuncRef)
    if not any(adjoints.has(out) for out in stmt.outs):
        return
    active_args = tuple(n for n, a in enumerate(stmt.args) if isinstance(a, Var) and a in rev.active)
    active_outs = tuple(n for n, o in enumerate(stmt.outs) if adjoints.has(o))
    if not active_args:
        return
    callee = rev.pairs.program.func(stmt.op.name)
    if callee.custom is not None:
        _reverse_custom(rev, stmt, callee, adjoints)
        return
    pair = rev.pairs.pair(stmt.op.name, active_args, active_outs)
    residual = rev.names.var("residuals", rev.pairs.residual(pair))
    forward = FuncRef(pair.forward, Effect.RAISES | Effect.UNKNOWN)
    rev.edits.replaced[id(stmt)] = Call((*stmt.outs, residual), forward, stmt.args, stmt.params, stmt.loc)
    rev.owner[residual] = rev.owner[stmt.outs[0]]
    bars: list[Atom] = []
    for n in active_outs:
        out = stmt.outs[n]
        for path, _ in leaf_paths(out.type):
            found = adjoints.get_or_zero((out, path))
            adjoints.owned.discard(found.atom)
            bars.append(found.atom)
    call_backward(rev, stmt, pair.backward, (residual, *bars), pair.accumulated, adjoints)


def _reverse_custom(rev: Reversal, stmt: Call, callee: Func, adjoints: Adjoints) -> None:
    """The halves that the user wrote: they serve all arguments and results, active or not."""
    assert callee.custom is not None
    if not callee.custom.names:
        raise Deferred
    if callee.custom.hands_back:
        _insert(rev, stmt, callee, adjoints)
        return
    if not callee.custom.backward:
        raise NoRule(f"'{callee.name}' has no rule for reverse mode", "give it one with srcad.custom_vjp")
    check_fixed(callee, [isinstance(a, Var) and a in rev.active for a in stmt.args])
    forward = rev.pairs.program.func(callee.custom.forward)
    last = forward.body.yields[-1]
    residual = rev.names.var("residuals", last.type if isinstance(last, Var) else NONE)
    rev.edits.replaced[id(stmt)] = replace(
        stmt, outs=(*stmt.outs, residual), op=FuncRef(forward.name, Effect.RAISES | Effect.UNKNOWN)
    )  # fmt: skip
    rev.owner[residual] = rev.owner[stmt.outs[0]]
    bars: list[Atom] = []
    for out in stmt.outs:
        for path, _ in leaf_paths(out.type):
            found = adjoints.get_or_zero((out, path))
            adjoints.owned.discard(found.atom)
            bars.append(found.atom)
    builder = adjoints.builder
    moving = [*zip(stmt.args, callee.body.params, strict=True)][callee.custom.fixed :]
    keys = [(arg, path, t) for arg, param in moving for path, t in leaf_paths(param.type)]
    outs = tuple(rev.names.var("", t) for _, _, t in keys)
    builder.add(Call(outs, FuncRef(callee.custom.backward, Effect.NONE), (residual, *bars), (), builder.loc, builder.note))
    for (arg, path, t), out in zip(keys, outs, strict=True):
        adjoints.contribute_leaf(arg, path, Traced(out, t, builder))


def check_fixed(callee: Func, active: Sequence[bool]) -> None:
    """Refuse a differentiated value among what a function with a rule, or its rule, has captured: `active` says which arguments are."""
    assert callee.custom is not None
    for param, is_active in zip(callee.body.params[: callee.custom.fixed], active, strict=False):
        if is_active:
            captured = param.hint or param.name
            raise ArgumentError(f"the rule of '{callee.name}' has no derivative by '{captured}', which is captured and differentiated",
                                "pass the variable as an argument, or capture srcad.stop_gradient of it")  # fmt: skip


def _insert(rev: Reversal, stmt: Call, callee: Func, adjoints: Adjoints) -> None:
    """Code of the user that takes the cotangents of the results and says what they are from here on."""
    assert callee.custom is not None
    rev.edits.replaced[id(stmt)] = same(stmt)
    given: list[Atom] = []
    for arg in stmt.args:
        found = rewind.lifted(rev, adjoints, arg)
        given.append(found.atom if isinstance(found, Traced) else Const(found))
    keys = [(arg, out, path) for arg, out in zip(stmt.args, stmt.outs, strict=False) for path, _ in leaf_paths(out.type)]
    for _, out, path in keys:
        held = adjoints.buffer((out, path)) if is_buffer(type_at(out.type, path)) else adjoints.get_or_zero((out, path))
        adjoints.owned.discard(held.atom)
        given.append(held.atom)
    builder = adjoints.builder
    body = spliced(rev.names, rev.pairs.program.func(callee.custom.backward), given)
    for n, inner in enumerate(body.stmts):
        builder.stmts.append(replace(inner, note=builder.note if not n else ""))
    for (arg, _, path), bar in zip(keys, body.yields, strict=True):
        t = bar.type if isinstance(bar, Var) else FLOAT
        adjoints.contribute_leaf(arg, path, Traced(bar, t, builder))


def call_backward(rev: Reversal, stmt: Call, name: str, args: tuple[Atom, ...], accumulated: tuple[int, ...], adjoints: Adjoints) -> None:
    """`x_bar, w_bar = g_bwd(residuals, out_bar, w_bar)`."""
    passed: list[Atom] = []
    outs: list[Var] = []
    back: list[tuple[Key, bool]] = []
    seen: set[Var] = set()
    for n, arg in enumerate(stmt.args):
        if not isinstance(arg, Var) or arg not in rev.active:
            continue
        for path, t in leaf_paths(arg.type):
            shared = n in accumulated and is_buffer(t) and arg not in seen
            if n in accumulated:
                buffer = adjoints.buffer((arg, path)) if shared else _new_buffer(adjoints, (arg, path))
                adjoints.owned.discard(buffer.atom)
                passed.append(buffer.atom)
            outs.append(rev.names.var("", t))
            back.append(((arg, path), shared))
        seen.add(arg)
    builder = adjoints.builder
    builder.add(Call(tuple(outs), FuncRef(name, Effect.NONE), (*args, *passed), (), builder.loc, builder.note))
    for (key, shared), out in zip(back, outs, strict=True):
        value = Traced(out, out.type, builder)
        if shared:
            adjoints.set(key, adjoints.named(value, key))
            adjoints.owned.add(out)
        else:
            adjoints.contribute_leaf(key[0], key[1], value)


def _new_buffer(adjoints: Adjoints, key: Key) -> Traced:
    """A buffer of zeros for a value, whatever its type is known to be here."""
    found = adjoints.zero(key)
    if isinstance(found.atom, Const):
        return o.zeros_like(value_at(adjoints.builder, key[0], key[0].type, key[1]))  # type: ignore[no-any-return]
    return found
