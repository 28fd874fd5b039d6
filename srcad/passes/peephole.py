"""Rules of `simplify` for single calls: small functions, listed per operation at the end.

A rule takes the call and what is known of other values.  It returns the atoms that the outs are equal to, another call to
stand in its place, or None.
"""
from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from srcad.ir import core
from srcad.ir.core import PACK
from srcad.ir.nodes import Arg, Atom, Call, Const, Op, Pack, Ref, Star, Var
from srcad.ir.types import FLOAT, INT, REAL, NpScalar, Type, dtype_kind, is_scalar, same_shape
from srcad.ops.effects import is_fresh

Found = tuple[Atom, ...] | Call | None


@dataclass
class Known:
    """The calls that define values, those of the block that is looked at, and the values whose buffer is consumed or handed out.

    `reads` says how often a value is read.
    """

    owned: frozenset[Var]
    reads: Callable[[Var], int]
    here: set[Var] = field(default_factory=set)
    _calls: dict[Var, Call] = field(default_factory=dict)

    def define(self, call: Call) -> None:
        """Remember a call that stays."""
        self._calls.update(dict.fromkeys(call.outs, call))
        self.here.update(call.outs)

    def hands_over(self, v: Var) -> bool:
        """Whether a value is a new one of this block that is read once: what reads it may take its buffer."""
        call = self._calls.get(v)
        new = v in self.here and call is not None and isinstance(call.op, Op) and not call.op.inplace
        return new and call is not None and is_fresh(call.op.name, call.args, call.params) and self.reads(v) == 1

    def made(self, arg: Arg, *names: str) -> Call | None:
        """The call that defines a value, if it is one of these operations."""
        call = self._calls.get(arg) if isinstance(arg, Var) else None
        return call if call is not None and call.op.name in names else None

    def pack(self, arg: Arg) -> Pack | None:
        """The display that a value is, if it has no starred parts."""
        call = self.made(arg, "pack")
        whole = call.args[0] if call is not None and len(call.args) == 1 else arg
        return whole if isinstance(whole, Pack) and not any(isinstance(i, Star) for i in (*whole.items, *whole.keys)) else None


def rewrite(call: Call, known: Known) -> Found:
    """What a call becomes by the first rule that applies; None if it stays."""
    rules = (shape_of_zeros, *_RULES.get(call.op.name, ())) if getattr(call.op, "shape_only", ()) else _RULES.get(call.op.name, ())
    for rule in rules:
        found = rule(call, known)
        if found is not None:
            return found
    return None


def derivative(call: Call) -> bool:
    """Whether a call belongs to a derivative, so that it may be reassociated: rules record operators without effects."""
    declared = core.ALL.get(call.op.name)
    hint = call.outs[0].hint if call.outs else ""
    return hint.endswith(("_bar", "_dot")) or (declared is not None and bool(declared.effects) and not call.op.effects)


def _type(arg: Arg) -> Type | None:
    match arg:
        case Var(_, t):
            return t
        case Const(value) if type(value) is float:
            return FLOAT
        case _:
            return None


def _is(arg: Arg, number: float) -> bool:
    return isinstance(arg, Const) and type(arg.value) in (int, float) and arg.value == number


def _may_become(call: Call, arg: Arg, known: Known) -> bool:
    """Whether the out of a call may become another name of an operand, or take its buffer."""
    handed = isinstance(arg, Var) and arg.type == call.outs[0].type and known.hands_over(arg)
    return handed or _may_alias(call, arg, known)


def _may_alias(call: Call, arg: Arg, known: Known) -> bool:
    """Whether the out of a call may become another name of an operand: equal or more precise types, and no buffer of its own is needed."""
    out = call.outs[0]
    precise = out.type == REAL and isinstance(arg, Var) and arg.type in (FLOAT, NpScalar("float64"))
    if not isinstance(arg, Var) or not (arg.type == out.type or precise):
        return False
    return is_scalar(out.type) or (out not in known.owned and arg not in known.owned)


# ---- containers ------------------------------------------------------------------------------------------------------
def copy_of_atom(call: Call, _known: Known) -> Found:
    """`y = x` is another name; an object found by import is read where the statement stands."""
    arg = call.args[0] if len(call.args) == 1 else None
    return (arg,) if isinstance(arg, Var | Const) and len(call.outs) == 1 else None


def unpack_of_display(call: Call, known: Known) -> Found:
    """`a, b = (x, y)`."""
    whole = known.pack(call.args[0])
    if whole is None or whole.kind not in ("tuple", "list") or call.params or len(whole.items) != len(call.outs):
        return None
    items = tuple(i for i in whole.items if isinstance(i, Var | Const))
    return items if len(items) == len(call.outs) else None


def item_of_display(call: Call, known: Known) -> Found:
    """`(x, y)[0]`, `{"a": x}["a"]`."""
    whole, index = known.pack(call.args[0]), call.args[1]
    if whole is None or not isinstance(index, Const):
        return None
    if whole.keyed:
        matches = [i for k, i in zip(whole.keys, whole.items, strict=True) if k == index]
        item = matches[-1] if matches and all(isinstance(k, Const) for k in whole.keys) else None
    elif whole.kind in ("tuple", "list") and type(index.value) is int and -len(whole.items) <= index.value < len(whole.items):
        item = whole.items[index.value]
    else:
        return None
    if item is None:
        return None
    return (item,) if isinstance(item, Var | Const) else Call(call.outs, PACK, (item,), (), call.loc, call.note)


def attribute_of_new(call: Call, known: Known) -> Found:
    """`C(x=v).x`, of an object that generated code makes from its attributes."""
    made, name = known.made(call.args[0], "build"), call.args[1]
    found = [v for k, v in made.params if isinstance(name, Const) and k == name.value] if made is not None else []
    return (found[0],) if found and isinstance(found[0], Var | Const) else None


def least_of_one(call: Call, _known: Known) -> Found:
    """`min(n, n)` of lengths."""
    function, *rest = call.args
    same = isinstance(function, Ref) and function.path == "builtins:min" and len(rest) > 1 and len(set(rest)) == 1
    return (rest[0],) if same and isinstance(rest[0], Var) and rest[0].type == INT else None


def item_just_stored(call: Call, known: Known) -> Found:
    """`xs[i]` where `xs[i] = v` made this version of the list."""
    stored = known.made(call.args[0], "list_set")
    v = stored.args[2] if stored is not None and stored.args[1] == call.args[1] else None
    return (v,) if isinstance(v, Var) and v.type == call.outs[0].type else None


# ---- arithmetic ------------------------------------------------------------------------------------------------------
def times_one(call: Call, known: Known) -> Found:
    """`x * 1.0`, `1.0 * x`, `x / 1.0` of a float."""
    a, b = call.args
    pairs = ((a, b),) if call.op.name == "truediv" else ((a, b), (b, a))
    for x, one in pairs:
        if isinstance(x, Var) and _is(one, 1) and dtype_kind(x.type) == "f" and _may_become(call, x, known):
            return (x,)
    return None


def double_negation(call: Call, known: Known) -> Found:
    """`-(-x)` of a float."""
    inner = known.made(call.args[0], "neg")
    x = None if inner is None else inner.args[0]
    return (x,) if isinstance(x, Var) and dtype_kind(x.type) == "f" and _may_alias(call, x, known) else None


def add_zero(call: Call, known: Known) -> Found:
    """`0.0 + g`: the first contribution to an adjoint; `x * 0.0 + g`: that of a tangent which is zero."""
    a, b = call.args
    if not derivative(call):
        return None
    for zero, x in ((a, b), (b, a)):
        if not isinstance(x, Var) or dtype_kind(x.type) not in "fc" or not _may_alias(call, x, known):
            continue
        if _is(zero, 0) or (_is_times_zero(zero, known) and same_shape(x.type, call.outs[0].type)):
            return (x,)
    return None


def _is_times_zero(arg: Arg, known: Known) -> bool:
    product = known.made(arg, "mul")
    return product is not None and derivative(product) and any(_is(a, 0) for a in product.args)


def add_to_zeros(call: Call, known: Known) -> Found:
    """`zeros_like(x) + g` where `g` has that shape and dtype: the first contribution to an adjoint."""
    if call.op.name == "add" and not derivative(call):
        return None
    a, b = call.args
    for zero, x in ((a, b), (b, a)) if call.op.name == "add" else ((a, b),):
        if known.made(zero, *_ZEROS) and isinstance(x, Var) and same_shape(x.type, call.outs[0].type) and _may_alias(call, x, known):
            return (x,)
    return None


def shape_of_zeros(call: Call, known: Known) -> Found:
    """The shape of zeros in the shape of `x` is that of `x`."""
    assert isinstance(call.op, Op)
    inner = {n: known.made(call.args[n], "zeros_like_shape") for n in call.op.shape_only if n < len(call.args)}
    if not any(inner.values()):
        return None
    return replace(call, args=tuple(a if (zeros := inner.get(n)) is None else zeros.args[0] for n, a in enumerate(call.args)))


def whole_number(call: Call, _known: Known) -> Found:
    """`n + 0`, `n - 0`, `n * 1` of a whole number."""
    a, b = call.args
    neutral = 1 if call.op.name == "mul" else 0
    for n, other in ((a, b),) if call.op.name == "sub" else ((a, b), (b, a)):
        if isinstance(n, Var) and n.type == INT and call.outs[0].type == INT and isinstance(other, Const) and type(other.value) is int:
            return (n,) if other.value == neutral else None
    return None


def signed_literal(call: Call, _known: Known) -> Found:
    """`n + -1` is `n - 1` and `n - -1` is `n + 1`, exactly; not of whole numbers of NumPy, which may have no sign."""
    a, b = call.args
    if not isinstance(a, Var) or not (a.type == INT or dtype_kind(a.type) == "f"):
        return None
    if not isinstance(b, Const) or not isinstance(b.value, int | float) or b.value >= 0:
        return None
    op = core.BINARY["sub" if call.op.name == "add" else "add"]
    return replace(call, op=replace(op, effects=call.op.effects), args=(a, Const(-b.value)))


def fold(call: Call, _known: Known) -> Found:
    """Arithmetic on literals in derivative code."""
    function = _FOLDED[call.op.name]
    values = [a.value for a in call.args if isinstance(a, Const) and type(a.value) in (int, float)]
    if len(values) != len(call.args) or not derivative(call):
        return None
    try:
        result = function(*values)
    except (ArithmeticError, ValueError):
        return None
    return (Const(result),) if type(result) in (int, float) else None


def negated_sum(call: Call, known: Known) -> Found:
    """`a + (-b)` is `a - b`, exactly."""
    a, b = call.args
    inner = known.made(b, "neg")
    if inner is not None and derivative(call) and _type(inner.args[0]) == _type(b):
        return replace(call, op=replace(core.BINARY["sub"], effects=call.op.effects), args=(a, inner.args[0]))
    return None


def multiples(call: Call, known: Known) -> Found:
    """`x + x` of floats is `2.0 * x`, exactly; `x + c * x` is `(1.0 + c) * x`, where that is a number as short."""
    (c, x), (d, y) = _multiple(call.args[0], known), _multiple(call.args[1], known)
    if not isinstance(x, Var) or x != y or x.type == REAL or dtype_kind(x.type) not in ("f", "c") or not derivative(call):
        return None
    total = c + d
    if total in (0.0, -1.0) or len(repr(total)) > max(len(repr(c)), len(repr(d))):
        return None
    return replace(call, op=replace(core.BINARY["mul"], effects=call.op.effects), args=(Const(total), x))


def _multiple(arg: Arg, known: Known) -> tuple[float, Arg]:
    """What a value is a multiple of, and how many times that."""
    product = known.made(arg, "mul")
    if product is None or not derivative(product):
        return 1.0, arg
    c, x = product.args
    if isinstance(c, Const) and type(c.value) is float and math.isfinite(c.value) and _type(x) == _type(arg):
        return c.value, x
    return 1.0, arg


_ZEROS = ("zeros_like_shape", "zeros_tree", "np.zeros", "np.zeros_like")
_FOLDED: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv, "pow": operator.pow, "neg": operator.neg,
}  # fmt: skip
_RULES: dict[str, tuple[Callable[[Call, Known], Found], ...]] = {
    "pack": (copy_of_atom,),
    "unpack": (unpack_of_display,),
    "getitem": (item_of_display, item_just_stored),
    "getattr": (attribute_of_new,),
    "call": (least_of_one,),
    "mul": (fold, times_one, whole_number),
    "truediv": (fold, times_one),
    "add": (fold, add_zero, add_to_zeros, negated_sum, multiples, whole_number, signed_literal),
    "accum": (add_zero, add_to_zeros),
    "sub": (fold, whole_number, signed_literal),
    "pow": (fold,),
    "neg": (fold, double_negation),
}
