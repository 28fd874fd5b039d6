"""Rewinding: the reverse sweep undoes the stores of the primal, so that it sees in every array what the primal saw.

Reverse code is written as if every store were undone: what it overwrote is put back (`Reversal.saved`).  Where nothing reads the
array at an earlier time, dead code elimination takes the undoing out again, and then nothing is saved either.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcad.ad.mirror import Draft, DraftIf, DraftLoop, Mirror, inner
from srcad.analysis.versions import STORES
from srcad.ir.core import GETITEM, STORE, STORE_IN
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, If, Loop, Op, Stmt, Var
from srcad.ir.types import Array, Type, is_scalar
from srcad.ir.visit import all_defs
from srcad.ops.entry import quiet
from srcad.ops.infer import infer
from srcad.ops.trace import Traced, lift

if TYPE_CHECKING:
    from srcad.ad.adjoints import Adjoints
    from srcad.ad.reverse import Reversal

_COPY = Op("copy", "_0.copy()")
_READ = quiet(GETITEM)
_WHY = "overwritten next, put back by the reverse sweep"
_AFTER = ("store_truediv", "store_truediv_whole")  # their rules read what the store has made


class Blocked(Exception):
    """A store could not be undone; the sweep is written again, with copies on the tape instead."""


# ---- what an array holds now -----------------------------------------------------------------------------------------
def current(rev: Reversal, adjoints: Adjoints, var: Atom) -> Atom | None:
    """What stands for a version of an array at this point of the reverse sweep; None if it does not exist here."""
    if not rev.rewinds or not isinstance(var, Var) or rev.versions.chain(var) is None:
        return None
    at: Adjoints | None = adjoints
    while at is not None:
        if var in at.now:
            return at.now[var]
        at = at.outer
    return var if var in rev.versions.last else None


def lifted(rev: Reversal, adjoints: Adjoints, arg: Arg) -> Any:
    """An operand of a primal statement as its rule sees it: an array that is stored into as it was then."""
    found = _again(rev, adjoints, arg) if isinstance(arg, Var) else None
    return lift(adjoints.builder, arg) if found is None else found


def _again(rev: Reversal, adjoints: Adjoints, var: Var) -> Traced | None:
    """An array had again from what is rewound: itself, a part of such an array, or arithmetic on such arrays; None if it cannot."""
    if not isinstance(var.type, Array):
        return None
    atom = current(rev, adjoints, var)
    if atom is not None:
        return Traced(atom, var.type, adjoints.builder)
    made = rev.parts.get(var)
    if made is not None and isinstance(made.args[0], Var):
        base = _again(rev, adjoints, made.args[0])
        if base is not None:
            return Traced(adjoints.builder.call(_READ, (base.atom, made.args[1]), var.type), var.type, adjoints.builder)
    return _repeated(rev, adjoints, var)


def _repeated(rev: Reversal, adjoints: Adjoints, var: Var) -> Traced | None:
    """Arithmetic done again, on at least one array that is rewound and on others that need no keeping."""
    made = rev.sums.get(var)
    if made is None:
        return None
    assert isinstance(made.op, Op)
    found = [_again(rev, adjoints, a) if isinstance(a, Var) else None for a in made.args]
    if all(f is None for f in found) or not all(f is not None or _is_there(rev, a) for f, a in zip(found, made.args, strict=True)):
        return None
    args = tuple(a if f is None else f.atom for f, a in zip(found, made.args, strict=True))
    return Traced(adjoints.builder.call(quiet(made.op), args, var.type, hint=var.hint), var.type, adjoints.builder)


def _is_there(rev: Reversal, arg: Arg) -> bool:
    """Whether an operand costs no array per trip: a number, or a value of the function's own block."""
    return not isinstance(arg, Var) or is_scalar(arg.type) or (arg in rev.owner and id(rev.owner[arg]) not in rev.around)


# ---- stores ----------------------------------------------------------------------------------------------------------
def is_store(stmt: Call) -> bool:
    """Whether a statement stores into an array."""
    return isinstance(stmt.op, Op) and stmt.op.name in STORES and isinstance(stmt.args[0], Var)


def undone_after(stmt: Call) -> bool:
    """Whether a store is undone behind the code of its rule, not before it."""
    return stmt.op.name in _AFTER


def undo(rev: Reversal, stmt: Call, adjoints: Adjoints) -> None:
    """Put back what a store has overwritten."""
    base, out = stmt.args[0], stmt.outs[0]
    atom = current(rev, adjoints, out)
    if atom is None or not isinstance(base, Var):
        return
    old = _saved(rev, stmt, base)
    place = stmt.args[1:3] if stmt.op.name == "store_in" else (Const(Ellipsis),) if stmt.op.name.endswith("_whole") else stmt.args[1:2]
    op = quiet(STORE_IN if stmt.op.name == "store_in" else STORE)
    put_back = adjoints.builder.call(op, (atom, *place, old), base.type, hint=base.hint)
    rev.rewound[put_back] = base
    adjoints.now[base], adjoints.now[out] = put_back, None


def _saved(rev: Reversal, stmt: Call, base: Var) -> Var:
    """The value that holds what a store overwrites; it is saved only if it is needed in the end."""
    if id(stmt) not in rev.saves:
        t = _part_type(stmt, base)
        old = rev.names.var(f"{base.hint}_old" if base.hint else "", t)
        rev.saves[id(stmt)] = (stmt, old)
        rev.saved[old] = stmt
        rev.owner[old] = rev.owner[stmt.outs[0]]
    return rev.saves[id(stmt)][1]


def _part_type(stmt: Call, base: Var) -> Type:
    if stmt.op.name.endswith("_whole"):
        return base.type
    t = infer(GETITEM.name, (base, stmt.args[1]), ())
    if stmt.op.name != "store_in":
        return t
    return infer(GETITEM.name, (Var("%part", t), stmt.args[2]), ())


def saving(rev: Reversal, old: Var) -> tuple[Stmt, ...]:
    """The statements of the forward sweep that save what a store overwrites."""
    stmt = rev.saved[old]
    base = stmt.args[0]
    if stmt.op.name.endswith("_whole"):
        return (Call((old,), _COPY, (base,), (), stmt.loc, _WHY),)
    made: list[Stmt] = []
    places = stmt.args[1:3] if stmt.op.name == "store_in" else stmt.args[1:2]
    at: Arg = base
    for n, place in enumerate(places):
        final = n == len(places) - 1 and not isinstance(old.type, Array)
        t = old.type if n == len(places) - 1 else infer(GETITEM.name, (at, place), ())
        out = old if final else rev.names.var("", t)
        made.append(Call((out,), GETITEM, (at, place), (), stmt.loc, _WHY if final else ""))
        at = out
    if isinstance(old.type, Array):
        made.append(Call((old,), _COPY, (at,), (), stmt.loc, _WHY))
    return tuple(made)


# ---- control flow ----------------------------------------------------------------------------------------------------
def into_branch(rev: Reversal, stmt: Stmt, block: Block, adjoints: Adjoints, local: Adjoints) -> None:
    """At the end of a path its yields are what the statement's outs are."""
    for out, atom in zip(stmt.outs, block.yields, strict=False):
        found = current(rev, adjoints, out)
        if found is not None and isinstance(atom, Var) and rev.versions.chain(atom) == rev.versions.chain(out):
            local.now[atom] = found


def out_of_branches(rev: Reversal, stmt: If, adjoints: Adjoints, maps: list[Adjoints], draft: DraftIf) -> None:
    """Before an `if` an array is what it was at the start of either path."""
    inside = {v for b in (stmt.then, stmt.orelse) for v in all_defs(b)}
    for out in stmt.outs:
        if current(rev, adjoints, out) is None:
            continue
        chain = rev.versions.chain(out)
        found = [{v: a for v, a in m.now.items() if a is not None and v not in inside and rev.versions.chain(v) == chain} for m in maps]
        common = [v for v in found[0] if v in found[1]]
        if len(common) != 1:
            raise Blocked
        before = common[0]
        merged = rev.names.var(before.hint, before.type)
        rev.rewound[merged] = before
        draft.outs.append(merged)
        for row, m in zip(draft.yields, found, strict=True):
            row.append(m[before])
        adjoints.now[before] = merged


def into_loop(
    rev: Reversal, stmt: Loop, carried: tuple[Var, ...], last: tuple[Atom, ...], adjoints: Adjoints, local: Adjoints
) -> list[tuple[Var, Var, Atom, Atom]]:
    """The arrays that a reversed loop rewinds: parameter of the primal, that of the reverse, what it starts with, the primal's init."""
    found = []
    for param, out, init, y in zip(carried, stmt.outs, stmt.inits, last, strict=True):
        start = current(rev, adjoints, out)
        if start is None or not isinstance(y, Var) or rev.versions.chain(y) != rev.versions.chain(param):
            continue
        var = rev.names.var(param.hint, param.type)
        rev.rewound[var] = param
        local.now[y] = var
        found.append((param, var, start, init))
    return found


def out_of_loop(rev: Reversal, arrays: list[tuple[Var, Var, Atom, Atom]], adjoints: Adjoints, local: Adjoints, draft: DraftLoop) -> None:
    """Behind a reversed trip an array is what the trip was given."""
    for param, var, start, init in arrays:
        final = local.now.get(param)
        if final is None:
            raise Blocked
        out = rev.names.var(param.hint, param.type)
        rev.rewound[out] = param
        draft.inits.append(start)
        draft.params.append(var)
        draft.yields.append(final)
        draft.outs.append(out)
        if isinstance(init, Var):
            adjoints.now[init] = out


# ---- shapes ----------------------------------------------------------------------------------------------------------
def shapes_from_outside(rev: Reversal, mirror: Mirror, params: tuple[Var, ...]) -> None:
    """Let code that reads only the shape of an array read that of another one, which needs no keeping.

    That is the first version of an array that is stored into, or a parameter that is surely as long.  Other arrays of the function
    will not do: lengths found in a loop are those of a trip.
    """
    known = {t: v for v in reversed(params) if isinstance(t := v.type, Array) and not any(d.unknown for d in t.shape)}
    _shapes_in(rev, mirror, known)


def _shapes_in(rev: Reversal, mirror: Mirror, known: dict[Array, Var]) -> None:
    code: list[Draft] = []
    for draft in mirror.code:
        for child in inner(draft):
            _shapes_in(rev, child, known)
        code.append(_with_shapes(rev, draft, known) if isinstance(draft, Call) else draft)
    mirror.builder.stmts = code  # type: ignore[assignment]


def _with_shapes(rev: Reversal, stmt: Call, known: dict[Array, Var]) -> Call:
    shapes = stmt.op.shape_only if isinstance(stmt.op, Op) else ()
    if not shapes:
        return stmt
    args = list(stmt.args)
    for n in shapes:
        arg = args[n] if n < len(args) else None
        if isinstance(arg, Var):
            args[n] = rev.versions.top(rev.rewound.get(arg, arg)) or _as_long(rev, arg, known)
    return Call(stmt.outs, stmt.op, tuple(args), stmt.params, stmt.loc, stmt.note)


def _as_long(rev: Reversal, var: Var, known: dict[Array, Var]) -> Var:
    """A parameter of the same type, for a value of a loop or branch."""
    inside = var in rev.owner and id(rev.owner[var]) in rev.around
    return known.get(var.type, var) if inside and isinstance(var.type, Array) else var
