"""Calls of solvers: functions of the table that are handed functions.

What stands in the table is a template, which is followed in place of the call: it says what the result is and how it is differentiated,
in Python, with srcad's own operators.  The call itself is made by `SOLVE`; the functions in it become functions of the program.
"""
from __future__ import annotations

import inspect
import operator
import types
from typing import TYPE_CHECKING, Any

from srcad.ir.build import Builder
from srcad.ir.core import CALL, CLOSURE, STOP
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Func, Pack, Var
from srcad.ir.types import (
    CONTAINERS, UNKNOWN, Array, Dim, ListOf, Opaque, Struct, TupleOf, Type, is_dict, is_scalar, join, may_carry_derivative,
)  # fmt: skip
from srcad.ir.visit import callees, walk
from srcad.marks import ARITY, CONSTANT, EACH, FIXED, ITEMS, LEAVES, LIKE, MATCHED, MOVES, REFUSED, RESULT, SOLVE, SPREAD, TYPED, Operator
from srcad.ops import solver as templates
from srcad.ops import table
from srcad.ops.effects import acts
from srcad.ops.entry import Spelling
from srcad.errors import SrcadError
from srcad.specialise import functions, items, matching, operations
from srcad.specialise.canonical import Canonical
from srcad.specialise.derived import hints, seeded, word
from srcad.specialise.diverge import Diverged, Escapes
from srcad.specialise.frames import Callee, Unit
from srcad.specialise.function_names import free_name
from srcad.specialise.memory import Memory, cells, recelled
from srcad.specialise.templates import explode, key, leaves, rebuild, runtime_type, template
from srcad.specialise.values import NONE_VALUE, Bound, Closure, Dyn, Method, Partial, Seq, Static, Value, container, is_varied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcad.specialise.engine import Engine

_FUNCTIONS = (Closure, Partial, Bound, Method)


# ---- calls -----------------------------------------------------------------------------------------------------------
def call(engine: Engine, spelling: Spelling, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """The value of a call of a solver: of the template where it knows all options, else of the call as it stands."""
    entry = spelling.entry
    assert entry.template is not None
    values = (*args, *kwargs.values())
    if not entry.always and not any(is_varied(v) or any(isinstance(f, _FUNCTIONS) for f in _parts(v)) for v in values):
        like: dict[str, Value] = {} if entry.infer is None else {"like": Static(entry.infer())}
        found = solved(engine, [Static(spelling), Seq(tuple, tuple(args)), Seq(dict, tuple(kwargs.values()), tuple(kwargs))], like)
        _keep(engine, spelling, found, args, kwargs)
        return found
    if inspect.getfullargspec(entry.template).varargs is not None:
        return engine.call(Static(entry.template), [Static(spelling.object, _path(spelling)), *args], kwargs)
    given = _bound(engine, spelling, args, kwargs)
    wanted = list(inspect.signature(entry.template).parameters.values())[1:]
    own = {p.name for p in wanted}
    solve = Partial(Static(SOLVE), (Static(spelling), _without(spelling, args, own), _named(kwargs, own)), ())
    unknown = [n for n in given if n not in own and n not in entry.statics]
    unknown = [n for n in unknown if not (isinstance(given[n], Static) and _same_default(spelling, n, given[n]))]
    if unknown:
        raise engine.refuse("NoRule", "SRC205", f"`{spelling.op.name}` of an active value has no derivative rule with `{unknown[0]}`",
                            "leave the option out, or keep what it is given constant")  # fmt: skip
    chosen = [given.get(p.name, Static(p.default)) for p in wanted]
    return engine.call(Static(entry.template), [solve, *chosen], {})


def _keep(engine: Engine, spelling: Spelling, found: Value, args: list[Value], kwargs: dict[str, Value]) -> None:
    """Remember the parameters of an object that are numbers: its methods are then followed as those of what has made it."""
    numbers = all(isinstance(v, Static) or (isinstance(v, Dyn) and is_scalar(v.type)) for v in (*args, *kwargs.values()))
    if numbers and isinstance(found, Dyn) and isinstance(found.atom, Var) and 0 < len(spelling.entry.kept) >= len(args):
        named = (*zip(spelling.entry.kept, args, strict=False), *kwargs.items())
        engine.unit.kept[found.atom] = Partial(Static(spelling.object, _path(spelling)), (), named)


def _bound(engine: Engine, spelling: Spelling, args: list[Value], kwargs: dict[str, Value]) -> dict[str, Value]:
    """The arguments by name, with the defaults of the function."""
    signature = inspect.signature(spelling.object)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise engine.refuse("UnsupportedSyntax", "SRC182", f"{spelling.op.name}() {error}", "correct the call") from None
    found: dict[str, Value] = {}
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            found |= value
        else:
            found[name] = Seq(tuple, value) if kind is inspect.Parameter.VAR_POSITIONAL else value
    return found


def _same_default(spelling: Spelling, name: str, value: Value) -> bool:
    """Whether an option is given as it is anyway."""
    parameter = inspect.signature(spelling.object).parameters.get(name)
    return parameter is not None and value == Static(parameter.default)


def _positional(spelling: Spelling) -> list[str]:
    return list(inspect.signature(spelling.object).parameters)


def _without(spelling: Spelling, args: list[Value], own: set[str]) -> Seq:
    """The positional arguments without those that the template gets: it hands them over itself."""
    return Seq(tuple, tuple(Static(None) if n in own else v for n, v in zip(_positional(spelling), args, strict=False)))


def _named(kwargs: dict[str, Value], own: set[str]) -> Seq:
    return Seq(dict, tuple(Static(None) if n in own else v for n, v in kwargs.items()), tuple(kwargs))


def solved(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`SOLVE`: the call with new values for some arguments, in the places where it has them."""
    known, positional, named, *examples = args
    assert isinstance(known, Static)
    assert isinstance(positional, Seq)
    assert isinstance(named, Seq)
    spelling, given = known.value, dict(kwargs)
    assert isinstance(spelling, Spelling)
    like = given.pop("like", None)
    extra = given.get("args")
    handed = [*examples, *(extra.items if isinstance(extra, Seq) else ())]
    placed = _placed(spelling, list(positional.items), given)
    held = {*_positional(spelling)[: len(positional.items)], *_rest(spelling)}
    keywords = {str(n): given.get(str(n), v) for n, v in zip(named.keys, named.items, strict=True)}
    new = [n for n in given if n not in held and n not in keywords and given[n] != NONE_VALUE]
    keywords |= {n: given[n] for n in new if not _same_default(spelling, n, given[n])}
    if any(isinstance(v, Seq) for v in handed) and any(isinstance(v, _FUNCTIONS) for v in (*placed, *keywords.values())):
        raise engine.refuse("NoRule", "SRC205", f"`{spelling.op.name}` hands a container to an inner function as an extra argument",
                            "give its parts one by one, or let the function capture it")  # fmt: skip
    quiet = all(_quiet(engine, spelling, f, handed) for v in (*placed, *keywords.values()) for f in _parts(v) if _is_function(f))
    trees = [_argument(engine, v, handed) for v in placed]
    params = [(n, _argument(engine, v, handed)) for n, v in keywords.items()]
    t = UNKNOWN if like is None else _type_like(like)
    if quiet:
        return Dyn(engine.builder.call(spelling.op, trees, t, params=params), t)
    function = engine.runtime(Static(spelling.object, _path(spelling)), "a solver")
    return Dyn(engine.builder.call(CALL, [function.atom, *trees], t, params=params), t)


def _rest(spelling: Spelling) -> list[str]:
    """The name of the parameter that takes all further positional arguments."""
    parameters = inspect.signature(spelling.object).parameters
    return [n for n, p in parameters.items() if p.kind is inspect.Parameter.VAR_POSITIONAL]


def _placed(spelling: Spelling, values: list[Value], given: dict[str, Value]) -> list[Value]:
    """The positional arguments with new values; those of `*args` come last."""
    found: list[Value] = []
    rest = _rest(spelling)
    for n, name in enumerate(_positional(spelling)):
        if name in rest:
            new = given.get(name)
            found.extend(new.items if isinstance(new, Seq) else values[n:])
            break
        if n < len(values):
            found.append(given.get(name, values[n]))
    return found


def _path(spelling: Spelling) -> str:
    return ":".join(table.path(spelling))


def _is_function(value: Value) -> bool:
    return isinstance(value, _FUNCTIONS) or (isinstance(value, Static) and callable(value.value) and not isinstance(value.value, type))


_VECTOR = Array("float64", (Dim("?"),))
_ARRAYS: dict[str, Type] = {"vector": _VECTOR, "vectors": ListOf(_VECTOR), "matrix": Array("float64", (Dim("?"), Dim("?")))}


def _type_like(like: Value) -> Type:
    """The type of an example; a class stands for its objects."""
    if isinstance(like, Static) and isinstance(like.value, str):
        return _ARRAYS[like.value]
    if isinstance(like, Static) and isinstance(like.value, type):
        return Opaque(like.value)
    if isinstance(like, Seq):
        return Struct(like.cls, like.keys, tuple(map(_type_like, like.items)))
    return runtime_type(like) or UNKNOWN


# ---- functions that are called from outside ----------------------------------------------------------------------------
def _parts(value: Value) -> Iterator[Value]:
    """The items of a display, those of displays in it too; a value that is none itself."""
    if isinstance(value, Seq) and value.cls in CONTAINERS:
        for item in value.items:
            yield from _parts(item)
    else:
        yield value


def _argument(engine: Engine, value: Value, handed: list[Value]) -> Arg:
    """An argument of a solver; a function is one of the program, bound to what it captures, unless it is found in a module."""
    if isinstance(value, Seq) and any(isinstance(f, _FUNCTIONS) for f in _parts(value)) and value.cls in CONTAINERS:
        items = tuple(_argument(engine, v, handed) for v in value.items)
        return Pack(value.cls.__name__, items, tuple(map(Const, value.keys)) if is_dict(value.cls) else ())
    if not isinstance(value, _FUNCTIONS):
        return operations.argument(engine, value, "a solver")
    func = _function(engine, value, handed)
    captured = tuple(leaf.atom for leaf in leaves(value))
    return engine.builder.call(CLOSURE, captured, Opaque(), params=(("func", Const(func.name)),))


def _quiet(engine: Engine, spelling: Spelling, f: Value, handed: list[Value]) -> bool:
    """Whether a function that a solver calls has no effects; where it is differentiated, effects are refused, since it runs again."""
    try:
        func = _function(engine, f, handed)
    except SrcadError:
        if isinstance(f, Static):
            return False  # it is called as it is
        raise
    by_name = {g.name: g for g in (func, *engine.funcs)}
    todo = [func.name]
    for name in todo:
        if name not in by_name or any(isinstance(s, Call) and acts(s) for s in walk(by_name[name].body)):
            break
        todo.extend(n for n in callees(by_name[name].body) if n not in todo)
    else:
        return True
    if engine.ruled:
        raise engine.refuse("NoRule", "SRC206", f"the function that `{spelling.op.name}` is given prints, logs or draws random numbers, "
                            "and its derivative would do so again", "take that out of the function")  # fmt: skip
    return False


def _function(engine: Engine, f: Value, handed: list[Value]) -> Func:
    """The function of the program for a function and its arguments: followed as if it were differentiated, if that can be done.

    A function that takes fewer arguments than another one of the same solver, as a limit of an integral does, gets the first of them.
    """
    given = [functions.widened(engine, "", v) for v in handed[: _most_positions(f, len(handed))]]
    try:
        return _made(engine, f, [seeded(v) for v in given])
    except SrcadError:
        if isinstance(f, Static):
            raise
        return _made(engine, f, given)


def _made(engine: Engine, f: Value, given: list[Value]) -> Func:
    shape = template(Canonical().inward(Seq(tuple, (f, *given))))
    assert isinstance(shape, Seq)
    ident = ("callback", key(shape))
    callee = engine.callees.get(ident)
    if callee is None:
        callee = engine.callees[ident] = Callee(free_name(engine, word(f)))
        try:
            engine.funcs.append(_compiled(engine, shape, callee.name))
        except BaseException:
            del engine.callees[ident]
            raise
        callee.busy = False
    return next(g for g in engine.funcs if g.name == callee.name)


def _compiled(engine: Engine, shape: Seq, name: str) -> Func:
    """The function of the program whose parameters are what a function captures, then its arguments."""
    saved = engine.unit, engine.builder, engine.memory, engine.conditional, engine.in_try
    frames, engine.frames = engine.frames, list(engine.frames)
    engine.unit, engine.memory, engine.conditional, engine.in_try = Unit(name), Memory(), 0, 0
    engine.builder = Builder(engine.unit.names, saved[1].loc)
    try:
        params = [engine.unit.names.var(hint, leaf.type) for hint, leaf in zip(hints(shape), leaves(shape), strict=True)]
        engine.unit.foreign.update((p, "what a solver hands to a function, or what that captures") for p in params)
        value = recelled(rebuild(shape, iter(params)))
        assert isinstance(value, Seq)
        engine.unit.borrowed.update(cells(value))
        yields: tuple[Atom, ...] = (Const(None),)
        try:
            function, *given = value.items
            yields = (engine.runtime(engine.call(function, given, {}), "the result of a function that a solver calls").atom,)
        except Diverged:
            pass
        except Escapes:
            raise engine.refuse("UnsupportedSyntax", "SRC145", "a function that a solver calls changes what it is handed or captures",
                                "let it work on a copy") from None  # fmt: skip
        body = Block(tuple(params), (*engine.unit.prologue, *engine.builder.stmts), yields)
        return Func(name, body, None, engine.frames[-1].lowered.key)
    finally:
        engine.unit, engine.builder, engine.memory, engine.conditional, engine.in_try = saved
        engine.frames = frames


# ---- values in rules ---------------------------------------------------------------------------------------------------
def _typed(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value, like = args
    whole, t = engine.runtime(value, "a result"), _type_like(like)
    if join(whole.type, t) == t:  # as it is, or better known: the derivative goes through
        return whole
    if is_varied(whole):
        raise engine.refuse("NoRule", "SRC208", "what a solver is given depends on what is differentiated, and its type is not known",
                            "make an array of floats of it: `np.asarray(x, dtype=float)`")  # fmt: skip
    return Dyn(engine.builder.call(STOP, (whole.atom,), t), t)


def _refused(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    message, advice = (str(a.value) if isinstance(a, Static) else "" for a in args)
    raise engine.refuse("NoRule", "SRC208", message, advice)


def _fixed(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value, *why = args
    return _refused(engine, why, {}) if is_varied(value) else value


def _moves(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    (value,) = args
    return Static(is_varied(value))


def _like(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    function, *given = args
    with engine.aside() as builder:
        try:
            return template(engine.call(function, given, {}))
        except Diverged:  # it raises: what is called in its place does too, at run time
            return Dyn(builder.names.var("like", UNKNOWN), UNKNOWN)


def _constant(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    whole = engine.runtime(args[0], "a constant")
    return Dyn(engine.builder.call(STOP, (whole.atom,), whole.type), whole.type)


def _arity(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Static(_positions(engine, args[0]))


def _most_positions(f: Value, otherwise: int) -> int:
    """How many arguments a function can take by position, where that is known."""
    match f:
        case Closure(lowered) if lowered.vararg is None:
            return len(lowered.posonly) + len(lowered.args)
        case Static(types.FunctionType() as obj) if not obj.__code__.co_flags & inspect.CO_VARARGS:
            return obj.__code__.co_argcount
    return otherwise


def _positions(engine: Engine, function: Value) -> int:
    """How many arguments a function takes by position; refused where it takes any number."""
    match function:
        case Closure(lowered) if lowered.vararg is None:
            return len(lowered.posonly) + len(lowered.args)
        case Partial(inner, given, named):
            return _positions(engine, inner) - len(given) - len(named)
        case Bound(inner, _):
            return _positions(engine, inner) - 1
        case Static(obj) if isinstance(obj, types.FunctionType) and not obj.__code__.co_flags & inspect.CO_VARARGS:
            return obj.__code__.co_argcount
    raise engine.refuse("NoRule", "SRC208", "the number of parameters of the function is not known", "write them out: def f(x, a, b)")


def _items(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    vector, count = args
    assert isinstance(count, Static)
    return Seq(tuple, tuple(engine.call(Static(operator.getitem), [vector, Static(k)], {}) for k in range(int(str(count.value)))))


def _each(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    function, *tuples = args
    rows = zip(*(items.known_items(engine, t) for t in tuples), strict=True)
    return Seq(tuple, tuple(engine.call(function, list(row), {}) for row in rows))


def _result(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found, known, fixed = args
    assert isinstance(known, Seq)
    return container(templates.Result, (found, fixed, known, *known.items), ("found", "fixed", "known", *known.keys))


def _held(engine: Engine, value: Value) -> Iterator[Dyn]:
    """The numbers and arrays in a value that may have a derivative."""
    for leaf in leaves(value):
        if isinstance(leaf.type, Struct):
            yield from _held(engine, explode(leaf, engine.builder))
        elif may_carry_derivative(leaf.type):
            if isinstance(leaf.type, ListOf | TupleOf) or leaf.type == UNKNOWN:
                raise engine.refuse("NoRule", "SRC207", "a function that a solver calls captures a list or a value of unknown type",
                                    "make it an array before it is captured")  # fmt: skip
            yield leaf


def _leaves(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    (tree,) = args
    return Seq(list, tuple(_held(engine, tree)))


def _matched(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    found, tree = args
    likes = list(_held(engine, tree))
    atoms = matching.whole(engine, found, tree, likes, "a derivative")
    return Seq(list, tuple(Dyn(a, like.type, varied=True) for a, like in zip(atoms, likes, strict=True)))


def _spread(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    vector, tree = args
    parts: list[Value] = []
    start: Value = Static(0)
    for like in _held(engine, tree):
        pair = engine.call(Static(templates.part), [vector, start, like], {})
        assert isinstance(pair, Seq)
        part, start = pair.items
        parts.append(part)
    return matching.in_structure(tree, iter(parts))


RUN: dict[Operator, Callable[[Any, list[Value], dict[str, Value]], Value]] = {
    SOLVE: solved, TYPED: _typed, REFUSED: _refused, FIXED: _fixed, MOVES: _moves, RESULT: _result, LIKE: _like,
    ARITY: _arity, CONSTANT: _constant, EACH: _each, ITEMS: _items,
    LEAVES: _leaves, MATCHED: _matched, SPREAD: _spread,
}  # fmt: skip
