"""The operations of the language itself: what `frontend` lowers to and what `ad` inserts.  Operations on numbers are in `ops`.

Untyped IR (after `lower`) uses these and the operators; `specialise` replaces `CALL`, `GETATTR`, `GETITEM`, `GLOBAL` and
`CLOSURE` by typed operations, by calls of other functions of the program, or leaves them where the value is inactive.
"""
from __future__ import annotations

import types

from srcad.ir.nodes import Effect, Op, Ref, View

# ---- names, calls, containers ----------------------------------------------------------------------------------------
GLOBAL = Op("global", "_global", effects=Effect.RAISES)  # args: Const(name)
CLOSURE = Op("closure", "_closure")  # args: captured atoms; params: func=Const(index into Lowered.nested; in typed IR the name)
NEW_CLASS = Op("new_class", "_new_class")  # args: captured atoms; params: see `frontend.lower_classes`; in untyped IR only
CALL = Op("call", "_0(*_)", effects=Effect.UNKNOWN | Effect.RAISES)
BUILD = Op("build", "_0(*_)")  # args: class; params: every field of a dataclass or named tuple
NEW_OBJECT = Op("build", "new_object(*_)", ("srcad.runtime:new_object",))  # as BUILD, of a class whose constructor may do more than keep
BUILD_LIKE = Op("build", "object_like(*_)", ("srcad.runtime:object_like",), shape_only=(0,))  # as BUILD; args: an object of the class
NAMESPACE = Ref("types:SimpleNamespace", types.SimpleNamespace)  # the class of what holds the tangents of an object's attributes
GETATTR = Op("getattr", "_getattr", effects=Effect.RAISES)  # args: object, Const(name)
GETITEM = Op("getitem", "_0[_1]", effects=Effect.RAISES, view=View.MAYBE)
PACK = Op("pack", "_0", view=View.SAME)  # args: one Pack (or any argument tree): gives the value a name
UNPACK = Op("unpack", "_0", effects=Effect.RAISES)  # outs: the targets; params: star=Const(position of the starred target)
# args: Const(str) or Pack("tuple", (value, Const(conversion), Const(format spec)))
FSTRING = Op("fstring", "_fstring", effects=Effect.RAISES)
STOP = Op("stop_gradient", "_0", view=View.SAME)  # the same value, which carries no derivative
CELL = Op("cell", "cell(_0, _1)", ("srcad.runtime:cell",))  # args: function, Const(name of a captured variable)
UNBOUND = Op("unbound", "_unbound")  # args: value of a name, whether it has one (a bool); in untyped IR only
CHANGES = Op("changes_in_place", "changes_in_place(_0, _1)", ("srcad.runtime:changes_in_place",))  # args: value, Const(name of the method)
ABSENT = Op("absent", "_0 is None")  # args: a value that is no None, or undefined
HAND = Op("hand", "_hand", effects=Effect.UNKNOWN | Effect.RAISES)  # args: an item that a generator gives; out: whether it shall stop
STEADY = Op("steady", "_0", view=View.SAME)  # args: what a loop goes over; it must not raise between trips
IMPORT = Op("import", "_import", effects=Effect.RAISES)  # args: Const(module), Const(attribute or None), Const(level)

# ---- writes and statements with effects ------------------------------------------------------------------------------
SETITEM = Op("setitem", "_0[_1] = _2", effects=Effect.WRITES | Effect.RAISES)
SETATTR = Op("setattr", "_setattr", effects=Effect.WRITES | Effect.RAISES)  # args: object, Const(name), value
STORE = Op("store", "_0[_1] = _2", effects=Effect.RAISES, inplace=True)  # args: array, index, value; out: the array, changed
STORE_IN = Op("store_in", "_0[_1][_2] = _3", effects=Effect.RAISES, inplace=True)  # args: array, index of a view, index in it, value
DELITEM = Op("delitem", "del _0[_1]", effects=Effect.WRITES | Effect.RAISES)
DELATTR = Op("delattr", "_delattr", effects=Effect.WRITES | Effect.RAISES)
SETGLOBAL = Op("setglobal", "_setglobal", effects=Effect.WRITES)  # args: Const(name), value
RAISE = Op("raise", "raise _0", effects=Effect.RAISES | Effect.DIVERGES)  # args: exception or none; params: cause
REFUSE = Op("refuse", "refuse(*_)", ("srcad.runtime:refuse",), Effect.RAISES | Effect.DIVERGES)  # args: Const(message)
BANNER = Op("banner", "", effects=Effect.IO)  # args: Const(text): a comment line; blank lines around it are the emitter's

# ---- operators -------------------------------------------------------------------------------------------------------
BINARY = {
    name: Op(name, f"_0 {sign} _1", effects=Effect.RAISES)
    for name, sign in {
        "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
        "lshift": "<<", "rshift": ">>", "and_": "&", "or_": "|", "xor": "^",
    }.items()
}  # fmt: skip
COMPARE = {
    name: Op(name, f"_0 {sign} _1", effects=Effect.RAISES)
    for name, sign in {
        "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
        "is_": "is", "is_not": "is not", "in_": "in", "not_in": "not in",
    }.items()
}  # fmt: skip
UNARY = {
    name: Op(name, f"{sign}_0", effects=Effect.RAISES)
    for name, sign in {"neg": "-", "pos": "+", "invert": "~", "not_": "not "}.items()
}
AUGMENTED = {
    "i" + name.rstrip("_"): Op("i" + name.rstrip("_"), op.form.replace(" _1", "= _1"), effects=Effect.RAISES | Effect.WRITES, inplace=True)
    for name, op in BINARY.items()
}
"""`x += y` on a name: one op until types tell whether it changes x in place."""


def augmented_store(name: str, *, whole: bool) -> Op:
    """`x[i] += y` on an array, with args array, index, value; `whole`: `x += y`, with args array, value.  Out: the array, changed."""
    sign = BINARY[name].form.split()[1]
    form = f"_0 {sign}= _1" if whole else f"_0[_1] {sign}= _2"
    return Op(f"store_{name}{'_whole' if whole else ''}", form, effects=Effect.RAISES, inplace=True)


AUGMENTED_STORES = frozenset(augmented_store(name, whole=whole).name for name in BINARY for whole in (False, True))

# ---- lists that grow, tapes ------------------------------------------------------------------------------------------
LIST_APPEND = Op("list_append", "_0.append(_1)", inplace=True)  # args: list, item; out: the list, one longer
LIST_POP = Op("list_pop", "_0.pop()", inplace=True)  # outs: the list, one shorter; the item
LIST_SET = Op("list_set", "_0[_1] = _2", effects=Effect.RAISES, inplace=True)  # args: list, index, item
LIST_POP_AT = Op("list_pop_at", "_0.pop(_1)", effects=Effect.RAISES, inplace=True)  # args: list, place from the front; outs as LIST_POP
LIST_INSERT = Op("list_insert", "_0.insert(_1, _2)", inplace=True)  # args: list, place from the front, item
LIST_SWAP = Op("list_swap", "_0[_1], _0[_2] = _0[_2], _0[_1]", effects=Effect.RAISES, inplace=True)  # args: list, two places
# Of a list of lists: args are the list, the place of an inner one, and what the operation on that one takes.
ITEM_IN = Op("item_in", "_0[_1][_2]", effects=Effect.RAISES)
LIST_SET_IN = Op("list_set_in", "_0[_1][_2] = _3", effects=Effect.RAISES, inplace=True)
LIST_ADD_IN = Op("list_add_in", "_0[_1][_2] += _3", effects=Effect.RAISES, inplace=True)
LIST_APPEND_IN = Op("list_append_in", "_0[_1].append(_2)", effects=Effect.RAISES, inplace=True)
LIST_POP_IN = Op("list_pop_in", "_0[_1].pop()", effects=Effect.RAISES, inplace=True)  # outs: the list; the item
LIST_CONCAT = Op("list_concat", "_0 + _1")
LIST_REPEAT = Op("list_repeat", "_0 * _1")
LIST_FOLD = Op("list_fold", "fold_repeats(_0, _1)", ("srcad.runtime:fold_repeats",))
LIST_ZEROS = Op("list_zeros", "[0.0] * len(_0)", shape_only=(0,))
LIST_FLOATS = Op("list_floats", "list(map(float, _0))")
TAPE_NEW = Op("tape_new", "[]")
OUTER_SUM = Op("outer_sum", "outer_sum(_0)", ("srcad.runtime:outer_sum",))  # of a list of pairs of vectors
TAPE_PUSH = Op("tape_push", "_0.append(_1)", inplace=True)  # a record is a Pack("tuple")
TRUTH = Op("truth", "bool(_0)", effects=Effect.RAISES)  # of something that can change
LENGTH = Op("len", "len(_0)", effects=Effect.RAISES, shape_only=(0,))

ALL = {
    op.name: op
    for op in (
        *(augmented_store(n, whole=w) for n in BINARY for w in (False, True)),
        GLOBAL, CLOSURE, NEW_CLASS, CALL, BUILD, GETATTR, GETITEM, PACK, UNPACK, FSTRING, STOP, CELL, UNBOUND, CHANGES, ABSENT, HAND,
        STEADY, IMPORT, SETITEM, SETATTR, STORE, STORE_IN, DELITEM, DELATTR, SETGLOBAL,
        RAISE, REFUSE, BANNER, *BINARY.values(), *COMPARE.values(), *UNARY.values(), *AUGMENTED.values(),
        LIST_APPEND, LIST_POP, LIST_POP_AT, LIST_INSERT, LIST_SET, LIST_SWAP, ITEM_IN, LIST_SET_IN, LIST_ADD_IN, LIST_APPEND_IN,
        LIST_POP_IN, LIST_CONCAT, LIST_REPEAT, LIST_FOLD, LIST_ZEROS, LIST_FLOATS, TAPE_NEW, TAPE_PUSH, OUTER_SUM, TRUTH, LENGTH,
    )
}  # fmt: skip
