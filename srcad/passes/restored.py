"""What is added to a place that has just been set to zero is stored there.

    def f(x_bar: float64[n], i: int, c: np.float64) {
      %1: np.float64 = getitem(x_bar, i)
      x_bar.1: float64[n] = store(x_bar, i, 0.0)
      %2: np.float64 = mul(c, %1)
      x_bar.2: float64[n] = accum_at(x_bar.1, i, %2)
      return x_bar.2
    }

becomes

    def f(x_bar: float64[n], i: int, c: np.float64) {
      %1: np.float64 = getitem(x_bar, i)
      %2: np.float64 = mul(c, %1)
      x_bar.2: float64[n] = store(x_bar, i, %2)
      return x_bar.2
    }

An item of a list takes only what zero in its structure would become: a cotangent of the same structure, all of it there.
"""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from srcad.analysis.apart import Places
from srcad.ir.core import LIST_SET, STORE
from srcad.ir.nodes import Arg, Block, Call, Const, Func, Op, Stmt, Var
from srcad.ir.types import CONTAINERS, REAL, Array, ListOf, Struct, Type, dtype_kind, is_number, is_scalar, may_carry_derivative
from srcad.ir.visit import blocks, operands, walk, with_blocks

_ZEROS = ("zeros_tree", "zeros_like_shape")
_ADDITIONS = ("accum_at", "accum_any")
_HANDED_ON = ("zero_on_a_path", "zeros_part", "zeros_list", "copy_tree", "add_trees", "unpack")
"""Operations that may give None in the place of a cotangent."""


@dataclass(frozen=True, slots=True)
class _Zeroed:
    """Where in a block a place is set to zero, and where the first addition to another place of that list is, if there is one."""

    at: int
    first: int | None = None


def restored(func: Func) -> Func:
    """The function without zeros that are only added to."""
    found = [s for s in walk(func.body) if isinstance(s, Call)]
    if not any(s.op in (LIST_SET, STORE) for s in found):
        return func
    stores = _Stores(func.body, found)
    body = stores.block(func.body)
    return replace(func, body=body) if stores.done else func


class _Stores:
    """Rewrites the blocks of a function."""

    def __init__(self, body: Block, calls: list[Call]) -> None:
        self._made = {o: s for s in calls for o in s.outs}
        self._reads = Counter(a for s in walk(body) for a in operands(s) if isinstance(a, Var))
        for block in (body, *(b for s in walk(body) for b in blocks(s))):
            self._reads.update(y for y in block.yields if isinstance(y, Var))

        self._places = Places(body)
        self.done = 0

    def block(self, block: Block) -> Block:
        """The block with plain stores."""
        out: list[Stmt | None] = []
        zeroed: dict[Arg, _Zeroed] = {}
        for stmt in block.stmts:
            new = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
            if isinstance(new, Call) and new.args and self._sets_zero(new):
                zeroed[new.outs[0]] = _Zeroed(len(out))
            elif isinstance(new, Call) and new.op.name in _ADDITIONS and (place := zeroed.get(new.args[0])) is not None:
                new = self._added(new, place, out, zeroed)
            out.append(new)
        return Block(block.params, tuple(s for s in out if s is not None), block.yields)

    def _sets_zero(self, call: Call) -> bool:
        """Whether a statement sets a place to zero in a list or array of which only an addition reads this version."""
        if call.op not in (LIST_SET, STORE) or self._reads[call.outs[0]] != 1:
            return False
        value = call.args[2]
        made = self._made.get(value) if isinstance(value, Var) else None
        return (isinstance(value, Const) and value.value == 0) or (made is not None and made.op.name in _ZEROS)

    def _added(self, addition: Call, place: _Zeroed, out: list[Stmt | None], zeroed: dict[Arg, _Zeroed]) -> Call:
        """An addition to a version in which a place is zero: the store, or as it was."""
        zero = out[place.at]
        assert isinstance(zero, Call)
        held, index, value = addition.args
        if index != zero.args[1]:
            if self._places.apart(index, zero.args[1]) and self._reads[addition.outs[0]] == 1:
                zeroed[addition.outs[0]] = _Zeroed(place.at, len(out) if place.first is None else place.first)
            return addition
        if not (_fits(held, value) if zero.op == STORE else self._replaces(held, value)):
            return addition
        base = zero.args[0]
        if place.first is not None:
            first = out[place.first]
            assert isinstance(first, Call)
            out[place.first] = replace(first, args=(base, *first.args[1:]))
            base = held
        out[place.at] = None
        self.done += 1
        return replace(addition, op=zero.op, args=(base, index, value))

    def _replaces(self, held: Arg, value: Arg) -> bool:
        """Whether zero in the structure of an item of a list, with a value added, is that value."""
        if not isinstance(held, Var) or not isinstance(held.type, ListOf):
            return False
        t = held.type.item
        made = self._made.get(value) if isinstance(value, Var) else None
        if not isinstance(value, Var) or made is None or not _alike(t, value.type):
            return isinstance(value, Const) and is_scalar(t) and type(value.value) is float
        if made.op.name != "pack":
            return self._is_there(value)
        return all(self._is_there(a) for a in operands(made) if isinstance(a, Var) and may_carry_derivative(a.type))

    def _is_there(self, value: Var) -> bool:
        """Whether a cotangent is sure to be no None: an operation has made it."""
        made = self._made.get(value)
        if made is None or not isinstance(made.op, Op) or made.op.name in _HANDED_ON:
            return False
        return not any(name.endswith("_or_none") for name in made.op.imports)


def _fits(held: Arg, value: Arg) -> bool:
    """Whether storing a value in an array does what adding it to zero there does."""
    if not isinstance(held, Var) or not isinstance(held.type, Array):
        return False
    kind = dtype_kind(value.type) if isinstance(value, Var) else "f"
    return isinstance(value, Var | Const) and (kind == "f" or (kind == "c" and dtype_kind(held.type) == "c"))


def _alike(t: Type, given: Type) -> bool:
    """Whether cotangents of two types are of one structure and of the same classes."""
    if not may_carry_derivative(t):
        return True
    if isinstance(t, Struct) and isinstance(given, Struct):
        same = (t.cls, t.keys, len(t.items)) == (given.cls, given.keys, len(given.items)) and t.cls in CONTAINERS
        return same and all(map(_alike, t.items, given.items))
    if isinstance(t, ListOf) and isinstance(given, ListOf):
        return _alike(t.item, given.item)
    if isinstance(t, Array) and isinstance(given, Array):
        return t.dtype == given.dtype and t.ndim == given.ndim
    return is_number(t) and not isinstance(t, Array) and (given == t or (t == REAL and is_scalar(given) and dtype_kind(given) == "f"))
