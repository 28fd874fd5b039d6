"""Stores of what was computed from the stored place itself are augmented assignments again.

    def f(a: float64[n], i: int, v: np.float64) {
      %1: np.float64 = getitem(a, i)
      %2: np.float64 = add(%1, v)
      a.1: float64[n] = store(a, i, %2)
      return a.1
    }

becomes

    def f(a: float64[n], i: int, v: np.float64) {
      a.1: float64[n] = store_add(a, i, v)
      return a.1
    }

What was read may be read elsewhere too, before the store.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from srcad.ir.core import BINARY, augmented_store
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Effect, Func, Stmt, Var
from srcad.ir.types import Type, dtype_kind, is_scalar
from srcad.ir.visit import blocks, operands, walk, with_blocks

_ORDERED = Effect.IO | Effect.RNG | Effect.UNKNOWN | Effect.WARNS
_LADDER = "buifc"  # kinds of dtypes, of which NumPy puts a later one into no earlier one in place
_NEAR = 40  # statements between reading a place and storing to it


def augment(func: Func, names: Collection[str] = tuple(BINARY)) -> Func:
    """The function with augmented assignments of the operators in `names`; where it is differentiated behind this, they need rules."""
    counts = Counter(a for s in walk(func.body) for a in operands(s))
    counts.update(y for s in walk(func.body) for b in blocks(s) for y in b.yields)
    counts.update(func.body.yields)
    return replace(func, body=_block(func.body, counts, names))


def _block(block: Block, counts: Counter[Atom], names: Collection[str]) -> Block:
    stmts: list[Stmt | None] = [with_blocks(s, tuple(_block(b, counts, names) for b in blocks(s))) for s in block.stmts]
    for at, stmt in enumerate(stmts):
        if isinstance(stmt, Call) and stmt.op.name == "store":
            _store(stmts, at, stmt, counts, names)
    return Block(block.params, tuple(s for s in stmts if s is not None), block.yields)


def _store(stmts: list[Stmt | None], at: int, store: Call, counts: Counter[Atom], names: Collection[str]) -> None:
    """Rewrite one store, if it is an augmented assignment."""
    base, index, value = store.args
    made = _definition(stmts, at, value, counts)
    if made is None or counts[value] != 1 or stmts[at - 1] is not stmts[made]:  # type: ignore[index]  # a variable, since it was made
        return
    operation = stmts[made]
    assert isinstance(operation, Call)
    name = operation.op.name.removeprefix("store_").removesuffix("_whole")  # of an array that may be a view of the place
    if name not in names or operation.params or operation.op.name not in (name, f"store_{name}_whole"):
        return
    place, other = operation.args
    if not _fits(operation.outs[0].type, place, base):
        return
    whole = index == Const(Ellipsis) and place == base
    if not whole:
        read = _definition(stmts, made, place, counts)
        got = None if read is None else stmts[read]
        if not isinstance(got, Call) or got.op.name != "getitem" or got.args != (base, index):
            return
        counts[place] -= 1  # type: ignore[index]  # what was read, which is a variable
        if not counts[place]:  # type: ignore[index]  # the same
            stmts[read] = None  # type: ignore[index]  # where it was read is known, or `got` were None
    stmts[made] = None
    counts[base] -= 1  # type: ignore[index]  # an array, which is a variable
    args = (base, other) if whole else (base, index, other)
    stmts[at] = Call(store.outs, augmented_store(name, whole=whole), args, (), store.loc, store.note)


def _fits(result: Type, place: Arg, base: Arg) -> bool:
    """Whether a result may be put into a place in place: a store casts as it must, `+=` on arrays as NumPy thinks safe enough."""
    if isinstance(place, Var) and is_scalar(place.type):
        return True  # an element, which is set anew
    kinds = dtype_kind(base.type) if isinstance(base, Var) else "", dtype_kind(result)
    return all(k and k in _LADDER for k in kinds) and _LADDER.index(kinds[1]) <= _LADDER.index(kinds[0])


def _definition(stmts: list[Stmt | None], at: int, value: object, counts: Counter[Atom]) -> int | None:
    """Where a value was computed, shortly before, that nothing reads behind the statement `at`."""
    if not isinstance(value, Var):
        return None
    reads = 0
    for n in range(at, max(-1, at - 1 - _NEAR), -1):
        stmt = stmts[n]
        if stmt is None:
            continue
        if isinstance(stmt, Call) and stmt.outs == (value,):
            return n if reads == counts[value] else None
        if n < at and (not isinstance(stmt, Call) or stmt.op.effects & _ORDERED):
            return None
        reads += operands(stmt).count(value)
    return None
