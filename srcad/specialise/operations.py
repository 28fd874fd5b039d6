"""Calls of untyped IR: operators, names, writes, and operations of the rule table."""
from __future__ import annotations

import math
import operator
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad import errors
from srcad.errors import SrcadError
from srcad.ir import core
from srcad.ir.lengths import sized
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Effect, If, Op, Star, Var
from srcad.ir.types import (
    BOOL, INT, REAL, STR, UNKNOWN, Array, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type, is_dict, join, may_carry_derivative,
)  # fmt: skip
from srcad.ir.visit import map_arg, operands, walk
from srcad.ops import table
from srcad.ops.infer import infer
from srcad.ops.slices import with_lengths
from srcad.specialise import (
    attributes, augmented, call_options, calls, choices, containers, dunders, flat, globals, holding, items, local_classes, mixed, named,
    namespaces, numbered, objects, optional, sets, streams, texts, told_apart, variables, writers, writes,
)  # fmt: skip
from srcad.specialise.control import truth
from srcad.specialise.diverge import Diverged, Escapes
from srcad.specialise.frames import Env
from srcad.specialise.kinds import is_object
from srcad.specialise.memory import own_cell
from srcad.specialise.templates import children, same_class, with_ranges
from srcad.specialise.values import (
    NONE_VALUE, NOTHING, Bound, Cell, Closure, Dyn, Lazy, Maybe, Missing, Partial, Seq, Static, Value, container, is_literal, is_varied,
    static_atom, to_arg,
)  # fmt: skip

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

FLOAT = Scalar("float")
_FOLD: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv, "mod": operator.mod,
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "is_": operator.is_, "is_not": operator.is_not, "in_": lambda a, b: a in b, "not_in": lambda a, b: a not in b,
    "and_": operator.and_, "or_": operator.or_, "neg": operator.neg,
}  # fmt: skip
_FOLDED_TYPES = (bool, int, str, type(None), tuple, type, types.UnionType)


def call_statement(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """The values of the outs of one untyped statement."""
    op = stmt.op
    assert isinstance(op, Op)
    special = _SPECIAL.get(op.name)
    if special is not None:
        return special(engine, stmt, env)
    args = [engine.value(a, env) for a in stmt.args]
    return [operator_(engine, op.name, args)]


def operator_(engine: Engine, name: str, args: list[Value]) -> Value:
    """The value of an operator."""
    args = [namespaces.plain(engine, a) for a in args]
    if any(isinstance(a, Maybe) for a in args):
        return optional.operator_(engine, name, args)
    if name in ("is_", "is_not") and all(map(numbered.is_numbered, args)):
        return _identity(engine, name, args)
    found = numbered.contained(engine, name, args) or choices.split(engine, args, lambda given: operator_(engine, name, given))
    if found is not None:
        return found
    folded = _folded(name, args)
    if folded is not None:
        return folded
    same = _same_dtype(engine, name, args)
    if same is not None:
        return same
    by_method = told_apart.operator(engine, name, args) or dunders.operator(engine, name, args)
    if by_method is not None:
        return by_method
    if name == "not_":
        args = [dunders.condition(engine, args[0])]
        decided = truth(args[0])
        if decided is not None:
            return Static(not decided)
        return optional.opposite(engine, engine.runtime(args[0], "the operand"))
    if name in ("is_", "is_not"):
        return _identity(engine, name, args)
    united = containers.united(engine, name, args)
    on_sequences = united or _on_sequences(engine, name, args) or named.on_sets(name, args) or sets.operator(engine, name, args)
    if on_sequences is not None:
        return on_sequences
    if name == "mod" and _is_text(args[0]):  # `"%5.2f" % x`
        return emit_trees(engine, core.BINARY["mod"], [argument(engine, a, "`%`") for a in args], STR)
    if name in ("add", "mul") and any(map(_is_sequence, args)) and _python_decides(engine, name, args):
        return _on_runtime_sequences(engine, name, args)
    if NONE_VALUE in args:
        optional.raised_by_operator(engine, name, args)
    if name in core.AUGMENTED:
        return augmented.augmented(engine, name, args)
    return apply(engine, _OPERATORS[name], args, [])


operator_name = operator_
_OPERATORS: dict[str, Op] = {**core.BINARY, **core.COMPARE, **core.UNARY}


def _folded(name: str, args: list[Value]) -> Value | None:
    if name == "neg" and isinstance(args[0], Dyn) and args[0].known == math.inf:
        return Static(-math.inf)  # `-np.inf`: an order or a start that rules look at
    if name not in _FOLD or not all(isinstance(a, Static) for a in args):
        return None
    values = [a.value for a in args if isinstance(a, Static)]
    if name in ("is_", "is_not") or all(type(v) in _FOLDED_TYPES for v in values) or name in ("eq", "ne", "in_", "not_in"):
        try:
            return Static(_FOLD[name](*values))
        except Exception:  # noqa: BLE001 -- the primal raises it at run time, in its place
            return None
    return None


def _same_dtype(engine: Engine, name: str, args: list[Value]) -> Static | None:
    """Comparisons of dtypes that types tell, up to the byte order: that arguments have the machine's is checked at the start."""
    if name not in ("eq", "ne", "in_", "not_in") or not any(isinstance(a, Dyn) and isinstance(a.known, np.dtype) for a in args):
        return None
    first, second = args
    among = second.items if isinstance(second, Seq) and second.cls in (tuple, list) else None
    if (among is None) == (name in ("in_", "not_in")):
        return None
    known = [_dtype(v) for v in (first, *(among or (second,)))]
    if any(k is None for k in known):
        return None
    engine.asks_dtypes = True
    return Static((known[0] in known[1:]) == (name in ("eq", "in_")))


def _dtype(value: Value) -> object:
    """What a dtype, or what stands for one, is known to be; None if it is not."""
    known = value.known if isinstance(value, Dyn) else value.value if isinstance(value, Static) else None
    return known if isinstance(known, np.dtype | type | str) else None


def _identity(engine: Engine, name: str, args: list[Value]) -> Value:
    """`is`: decided where one side is None (or another constant) and the other surely is not."""
    negate = name == "is_not"
    a, b = args
    by_number = numbered.same(engine, a, b, negate=negate)
    if by_number is not None:
        return by_number
    for x, y in ((a, b), (b, a)):
        if isinstance(y, Static) and y.value is None and surely_not_none(x):
            return Static(negate)
        if isinstance(y, Static) and is_literal(y.value) and isinstance(x, Closure | Bound | Partial):
            return Static(negate)
    if any(isinstance(v, Seq) for v in args):
        return _same_object(engine, a, b, negate=negate)
    whole = [engine.runtime(v, "an operand of `is`").atom for v in args]
    return emit(engine, core.COMPARE[name], whole, BOOL)


def _same_object(engine: Engine, a: Value, b: Value, *, negate: bool) -> Static:
    """`is` of containers and objects: whether they are known under one identity."""
    memory = engine.memory
    first, second = memory.identity(a), memory.identity(b)
    different = isinstance(a, Static) or isinstance(b, Static) or (isinstance(a, Seq) and isinstance(b, Seq) and not same_class(a, b))
    known = first is not None and second is not None
    near = first is not None and first != second and (memory.root(a) == memory.root(b) or second in memory.alias.get(first, ()))
    near = near or any(isinstance(v, Dyn) and is_object(v) for v in (a, b))  # out of a list, which may hold what is followed
    if not different and first != second and {first, second} <= engine.unit.borrowed:
        raise Escapes  # two arguments of a function that is compiled on its own may be one object
    if not different and (not known or near):
        raise engine.refuse("UnsupportedSyntax", "SRC123", "whether these are one object is not known when compiling",
                            "compare their contents")  # fmt: skip
    return Static((not different and first == second) != negate)


def surely_not_none(value: Value) -> bool:
    """Whether a value is known not to be None."""
    if isinstance(value, Dyn):
        return not isinstance(value.type, Opaque) or value.type.cls not in (None, type(None), object)
    return not isinstance(value, Static | Missing | Maybe) or (isinstance(value, Static) and value.value is not None)


_MOST_COPIES = 64  # a display repeated more often is a list of any length


def _is_tuple(t: Type) -> bool:
    return isinstance(t, Struct) and t.cls is tuple


def _on_sequences(engine: Engine, name: str, args: list[Value]) -> Value | None:
    """`+`, `*` and comparisons of displays."""
    if len(args) != 2 or not any(isinstance(a, Seq) for a in args):
        return None
    a, b = (holding.taken_apart(engine, v) if isinstance(v, Dyn) and _is_tuple(v.type) else v for v in args)
    if name in ("eq", "ne") and isinstance(a, Seq) and isinstance(b, Seq):
        equal = containers.equal(a, b)
        return None if equal is None else Static(equal == (name == "eq"))
    if name == "add" and isinstance(a, Seq) and isinstance(b, Seq) and a.cls is b.cls and a.cls in (tuple, list):
        return container(a.cls, a.items + b.items)
    for x, y in ((a, b), (b, a)):
        times = y.value if isinstance(y, Static) else None
        if name == "mul" and isinstance(x, Seq) and x.cls in (tuple, list) and type(times) is int and times <= _MOST_COPIES:
            return container(x.cls, x.items * times)
    if name in ("in_", "not_in") and isinstance(b, Seq) and isinstance(a, Static):
        members = b.keys if is_dict(b.cls) else [i.value for i in b.items if isinstance(i, Static)]
        if is_dict(b.cls) or len(members) == len(b.items):
            return Static((a.value in members) == (name == "in_"))
    return None


def _is_text(value: Value) -> bool:
    return isinstance(value.value, str) if isinstance(value, Static) else isinstance(value, Dyn) and value.type == STR


def _by_numpy(name: str, value: Value) -> bool:
    """Whether NumPy decides what an operator on the value and a list means; a whole number of it repeats the list, as Python's do."""
    if not isinstance(value, Dyn) or not isinstance(value.type, Array | NpScalar):
        return False
    return name != "mul" or isinstance(value.type, Array) or np.dtype(value.type.dtype).kind not in "iu"


def _python_decides(engine: Engine, name: str, args: list[Value]) -> bool:
    """Whether `+` or `*` of a list joins or repeats it; refused where the other operand is of unknown type and that matters."""
    if any(_by_numpy(name, a) for a in args):
        return False
    other = next((a for a in args if isinstance(a, Dyn) and a.type == UNKNOWN), None)
    if other is None:
        return True
    if (name != "mul" or not other.varied) and any(map(is_varied, args)):  # nothing that has a derivative counts repetitions
        raise engine.refuse("UnsupportedSyntax", "SRC144", "a list is added to, or multiplied with, a value of unknown type",
                            "make the list an array, or give the value one type on all paths")  # fmt: skip
    return False


def _is_sequence(value: Value) -> bool:
    """Whether a value is surely a list or tuple."""
    if isinstance(value, Dyn):
        return isinstance(value.type, ListOf | TupleOf) or (isinstance(value.type, Struct) and value.type.cls in (list, tuple))
    return isinstance(value, Seq) and value.cls in (list, tuple)


def _on_runtime_sequences(engine: Engine, name: str, args: list[Value]) -> Value:
    """`+` and `*` of lists and tuples: of their items, not of numbers."""
    parts = [_sequence(engine, a) if _is_sequence(a) else engine.runtime(a, "an operand") for a in args]
    if name == "add":
        a, b = parts
        if type(a.type) is not type(b.type):
            raise engine.refuse("UnsupportedSyntax", "SRC144", "a list or tuple is added to something else", "convert one of them first")
        return holding.copied(engine, emit(engine, core.LIST_CONCAT, [a.atom, b.atom], join(a.type, b.type), a.varied or b.varied), parts)
    held, count = parts if _is_sequence(args[0]) else reversed(parts)
    return holding.copied(engine, emit(engine, core.LIST_REPEAT, [held.atom, count.atom], held.type, held.varied), [held, held])


def _sequence(engine: Engine, value: Value) -> Dyn:
    if isinstance(value, Dyn) and isinstance(value.type, Struct):
        value = holding.taken_apart(engine, value)
    return engine.sequence(value) if isinstance(value, Seq) else engine.runtime(value, "an operand")


def refuse_where(engine: Engine, condition: Value, error: SrcadError) -> None:
    """Refuse at run time where a condition holds."""
    with engine.aside() as builder:
        builder.do(core.REFUSE, (Const(type(error).__name__), Const(str(error))))
    engine.builder.add(If((), engine.runtime(condition, "a condition").atom, builder.block(), Block((), (), ()), engine.builder.loc))


# ---- typed operations ------------------------------------------------------------------------------------------------
def emit(engine: Engine, op: Op, args: list[Atom], t: Type, varied: bool = False) -> Dyn:
    """Write an operation of known result type."""
    return Dyn(engine.builder.call(op, args, t), t, varied)


def apply(engine: Engine, op: Op, args: list[Value], kwargs: list[tuple[str, Value]]) -> Value:
    """Write an operation of the table and type it."""
    if any(isinstance(a, Maybe) for a in (*args, *(v for _, v in kwargs))):
        return optional.applied(engine, op, args, kwargs)
    entry = table.entry(op.name)
    args = [flat.elements(engine, a) if isinstance(a, Lazy) and a.kind == "flat" else a for a in args]
    args = objects.converted(engine, op, [dunders.as_array(engine, a) for a in args] if op.form.startswith("np.") else args, kwargs)
    target, args, kwargs = _without_out(op, args, kwargs)
    if target is not None:
        where = dict(kwargs).get("where")
        rest = [(k, v) for k, v in kwargs if k != "where" or not call_options.is_ufunc(op)]
        masked = where is not None and call_options.is_ufunc(op)
        given = writers.masked(engine, args, where) if masked and where is not None else args
        found = apply(engine, op, given, rest)
        call_options.check_out(engine, op, entry, found, target, "dtype" in dict(kwargs))
        return writers.into(engine, target, found, where if masked else None)
    args, kwargs = table.canonical(op.name, *table.plain(op.name, args, kwargs), Static(None))
    varied = any(map(is_varied, args)) or any(is_varied(v) for _, v in kwargs)
    if varied and entry is not None:
        op, entry, args, kwargs = call_options.as_operands(op, entry, args, kwargs)
    call_options.check(engine, op, entry, args, kwargs, varied=varied)
    trees = [argument(engine, a, op.name) for a in args]
    params = [(k, argument(engine, v, op.name)) for k, v in kwargs]
    t = _result_type(op, trees, params, [*args, *(v for _, v in kwargs)])
    if op == core.GETITEM and isinstance(args[0], Dyn):
        t = with_lengths(t, args[0].type, trees[1])
    if varied and entry is None and may_carry_derivative(t):
        raise engine.refuse("NoRule", "SRC204", f"`{op.form}` has no derivative rule",
                            "use an operation of the table (`srcad rules`), or srcad.stop_gradient")  # fmt: skip
    follows = entry is not None and entry.kind != "nondiff" and may_carry_derivative(t)
    op = told_apart.with_effects(op, (*trees, *(v for _, v in params)))
    out = engine.builder.call(op, trees, sized(engine.unit.names.lengths, op, trees, t), params=params)
    if Effect.DIVERGES in op.effects:
        raise Diverged
    if op.name in core.BINARY or op.name in core.UNARY or call_options.is_ufunc(op):
        mixed.note(engine.memory, out, [(engine.memory, a) for a in trees])
    return writes.note_view(engine, Dyn(out, out.type, varied and follows), op, args, kwargs)


def _without_out(
    op: Op, args: list[Value], kwargs: list[tuple[str, Value]]
) -> tuple[Value | None, list[Value], list[tuple[str, Value]]]:
    """The array that a call writes its result into, and the call without it."""
    out = next((v for k, v in kwargs if k == "out" and not (isinstance(v, Static) and v.value is None)), None)
    if out is not None:
        return out, args, [(k, v) for k, v in kwargs if k != "out"]
    fn = getattr(table.spelling(op.name), "object", None)
    count = fn.nin if isinstance(fn, np.ufunc) and fn.nout == 1 else 2 if fn in (np.dot, np.outer) else None
    if len(args) - 1 == count:
        last = args[-1]
        return (None if isinstance(last, Static) and last.value is None else last), args[:-1], kwargs
    return None, args, kwargs


def writes_out(kwargs: list[tuple[str, Value]]) -> bool:
    """Whether a call is told to write its result into an array."""
    return any(k == "out" and not (isinstance(v, Static) and isinstance(v.value, str | int | None)) for k, v in kwargs)


def argument(engine: Engine, value: Value, what: str) -> Arg:
    """The value as an argument tree; values without one are refused."""
    if isinstance(value, Lazy) and value.kind == "rest":
        return Star(engine.runtime(value.parts[0], f"an argument of {what}").atom)
    if numbered.is_numbered(value):
        raise numbered.refusal(engine, value)
    arg = to_arg(value)
    if arg is None:
        value = with_ranges(value, engine.builder)
        arg = to_arg(value)
    return engine.runtime(value, f"an argument of {what}").atom if arg is None else arg


def _result_type(op: Op, trees: list[Arg], params: list[tuple[str, Arg]], operands: list[Value]) -> Type:
    """The type of an operation's result; known compile-time values of operands are used."""
    known = {v.atom: v.known for v in _dyns(operands) if v.known is not NOTHING}
    loose = False

    def found(real: Type) -> Type:
        """The type where a `real` is a number of this type."""

        def see(atom: Atom) -> Atom:
            nonlocal loose
            if isinstance(atom, Var) and atom in known:
                return static_atom(Static(known[atom], "known:value")) or atom
            if isinstance(atom, Var) and atom.type == REAL:
                loose = True
                return Var(atom.name, real)
            return atom

        return infer(op.name, tuple(map_arg(t, see) for t in trees), tuple((k, map_arg(v, see)) for k, v in params))

    first = found(FLOAT)
    if not loose or first not in (FLOAT, NpScalar("float64"), INT):
        return first
    return first if found(NpScalar("float64")) == first and found(INT) == first else REAL


def _dyns(values: list[Value]) -> list[Dyn]:
    out: list[Dyn] = []
    for v in values:
        if isinstance(v, Dyn):
            out.append(v)
        elif isinstance(v, Seq):
            out.extend(_dyns(list(v.items)))
    return out


# ---- statements that are not operators -------------------------------------------------------------------------------
def _global(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    name = stmt.args[0]
    assert isinstance(name, Const)
    return [globals.read(engine, str(name.value))]


def _call(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    function = engine.value(stmt.args[0], env)
    outer, engine.call_mark = engine.call_mark, Cell().serial
    try:
        args, kwargs = calls.arguments(engine, stmt, env)
        result = engine.call(function, args, kwargs)
    finally:
        engine.call_mark = outer
    kept = () if isinstance(function, Static) and isinstance(result, Lazy) else _rebound(result, stmt.outs[0].hint if stmt.outs else "")
    if kept and not (isinstance(result, Partial) and _only_called(engine, stmt.outs[0])):
        raise engine.refuse(
            "UnsupportedSyntax", "SRC113", f"a function that captures '{kept[0]}' is kept while that variable is assigned again",
            "pass the variable as an argument, or use a default: `x=x`",
        )
    return [result]


def _only_called(engine: Engine, made: Var) -> bool:
    """Whether a function is called where it is made, `grad(f)(x)`, and nobody else gets to see it."""
    body = engine.frames[-1].lowered.func.body
    called = sum(s.op == core.CALL and s.args[0] == made for s in walk(body) if isinstance(s, Call))
    return not made.hint and called == 1 and sum(a == made for s in walk(body) for a in operands(s)) == 1


def _rebound(value: Value, keeper: str) -> tuple[str, ...]:
    """Captured variables, assigned again later, of a function inside a value that `keeper` is to hold."""
    if isinstance(value, Closure) and value.rebound and keeper not in value.keepers:
        return value.rebound
    return next((found for found in (_rebound(c, keeper) for c in children(value)) if found), ())


def _getattr(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    name = stmt.args[1]
    assert isinstance(name, Const)
    return [optional.either(engine, [engine.value(stmt.args[0], env)], lambda found: attributes.get(engine, found[0], str(name.value)))]


def _getitem(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    given = [engine.value(a, env) for a in stmt.args]
    return [optional.either(engine, given, lambda found: items.get(engine, *found))]


def _pack(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    return [engine.value(stmt.args[0], env)]


def _unpack(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    star = next((v.value for k, v in stmt.params if k == "star" and isinstance(v, Const)), None)
    value = optional.iterable(engine, engine.value(stmt.args[0], env))
    return items.unpack(engine, value, len(stmt.outs), star if isinstance(star, int) else None, [o.hint for o in stmt.outs])


def _closure(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    return [calls.closure(engine, stmt, env)]


def _import(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    return [globals.imported(engine, stmt)]


def emit_trees(engine: Engine, op: Op, args: list[Arg], t: Type) -> Dyn:
    """Write an operation whose arguments are trees; its result is inactive."""
    return Dyn(engine.builder.call(op, args, t), t)


def _setitem(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    target, index = (engine.value(a, env) for a in stmt.args[:2])
    held = env.get(stmt.args[2]) if isinstance(stmt.args[2], Var) else None
    if isinstance(target, Dyn) and held is not None and writes.is_own_part(engine, target, index, held):
        return []
    value = engine.value(stmt.args[2], env)
    optional.done(engine, [target, index], lambda found: writes.set_item(engine, found[0], found[1], value))
    return []


def _setattr(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    target, name, value = stmt.args[0], stmt.args[1], engine.value(stmt.args[2], env)
    assert isinstance(name, Const)
    optional.done(engine, [engine.value(target, env)], lambda found: containers.set_attribute(engine, found[0], str(name.value), value))
    return []


def _delitem(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    optional.done(engine, [engine.value(a, env) for a in stmt.args], lambda found: containers.delete_item(engine, *found))
    return []


def _delattr(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    raise engine.refuse("UnsupportedSyntax", "SRC141", "deleting an attribute changes an object in place, which is not followed",
                        "keep the value in a variable of the function")  # fmt: skip


def _setglobal(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    name, value = stmt.args
    assert isinstance(name, Const)
    variables.write(engine, engine.frames[-1].globals, str(name.value), engine.value(value, env))
    return []


def shape_of(engine: Engine, value: Dyn) -> Value:
    """The shape of an array, as a tuple."""
    return attributes.get(engine, value, "shape")


def _raise(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    args = [argument(engine, engine.value(a, env), "raise") for a in stmt.args]
    params = [(k, argument(engine, engine.value(v, env), "raise")) for k, v in stmt.params]
    engine.builder.do(core.RAISE, args, params)
    raise Diverged


def _refuse(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """What the front end refused on some paths only."""
    kind, text = (a.value for a in stmt.args if isinstance(a, Const))
    if not engine.conditional or engine.in_try:
        raise errors.again(str(kind), str(text))
    engine.builder.do(core.REFUSE, stmt.args)
    raise Diverged


def _unbound(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """Whether a name has no value here: its value tells, where it is never None; else the flag."""
    value, flag = stmt.args
    found, bound = env[value] if isinstance(value, Var) else NOTHING, engine.value(flag, env)
    if isinstance(bound, Static):
        return [Static(not bound.value)]
    if isinstance(found, Dyn) and surely_not_none(found):
        return [emit(engine, core.ABSENT, [found.atom], BOOL)]
    return [operator_(engine, "not_", [bound])]


def _list_append(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """A comprehension's list with one more item: a list of its own, which nobody else has seen."""
    return [own_cell(containers.appended(engine, engine.value(stmt.args[0], env), engine.value(stmt.args[1], env)))]


_SPECIAL: dict[str, Callable[[Engine, Call, Env], list[Value]]] = {
    "hand": streams.hand, "global": _global, "call": _call, "getattr": _getattr, "getitem": _getitem, "pack": _pack, "unpack": _unpack,
    "closure": _closure, "import": _import, "fstring": texts.formatted, "setitem": _setitem, "setattr": _setattr, "delitem": _delitem,
    "delattr": _delattr, "setglobal": _setglobal, "raise": _raise, "refuse": _refuse, "list_append": _list_append,
    "unbound": _unbound, "steady": streams.steady, "new_class": local_classes.defined,
}  # fmt: skip
