"""Python functions: binding of arguments, inlining, and compilation as functions of the typed program."""
from __future__ import annotations

import types
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.errors import InternalError, SrcadError
from srcad.frontend.cells import variable
from srcad.frontend.lower import lower_function
from srcad.frontend.lowered import Lowered
from srcad.ir.build import Builder
from srcad.ir.nodes import ROOTS, Arg, Atom, Block, Call, Const, Effect, Func, FuncRef, Loop, Pack, Ref, Var
from srcad.ir.visit import called_by, walk
from srcad.ops.effects import effects
from srcad.runtime import tables
from srcad.specialise import calls, choices, globals, items, local_classes, recursion, returned, several, spread, streams, writes
from srcad.specialise.arguments import import_path
from srcad.specialise.canonical import Canonical
from srcad.specialise.diverge import Diverged, Escapes, Widened
from srcad.specialise.function_names import own_name
from srcad.specialise.frames import Aside, Callee, Env, Frame, Handed, Unit
from srcad.specialise.guards import Guard
from srcad.specialise.kinds import is_object
from srcad.specialise.memory import Memory, cells, recelled
from srcad.specialise.refusals import held
from srcad.specialise.templates import key, leaves, rebuild, runtime_type, template, unify
from srcad.specialise.values import Closure, Dyn, Maybe, Missing, Seq, Static, Value, container, is_literal, type_of_constant

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_INLINE_CALLS = 14  # statements of a leaf that is worth no function of its own
_BY_VALUE = ("axis", "axes", "ndim", "dim", "order", "ord", "k", "offset", "n_axis")
_WIDENINGS = 6
Twins = tuple[tuple[int, ...], tuple[int, ...]]
_MOST_KINDS = 24  # levels of a function that calls itself, each with arguments of another structure
_DEEPEST = 8  # levels of a method that calls itself on objects in objects and changes them


def of_python(engine: Engine, obj: types.FunctionType, path: str) -> Closure:
    """A global function, or one found in a cell, as an abstract value.  Reloading its module may give it other code: that is guarded."""
    lowered = lower_function(obj)
    if not calls.is_library(obj) and lowered is not engine.frames[0].lowered:
        engine.guards.setdefault(f"code of {obj.__qualname__} {id(obj)}", Guard(lambda: obj.__code__, None, obj.__code__))
    cells = obj.__closure__ or ()
    by_name = dict(zip(obj.__code__.co_freevars, cells, strict=True))
    captures = [globals.captured(engine, Static(obj, path), name, by_name[name]) for name in lowered.free]
    path = path or import_path(obj)
    names = obj.__code__.co_varnames[obj.__code__.co_argcount - len(obj.__defaults__ or ()) :]
    given, named = Ref(f"{path}.__defaults__", obj.__defaults__), Ref(f"{path}.__kwdefaults__", obj.__kwdefaults__)
    defaults = [default(engine, d, f"{path}.{names[n]}", (given, n)) for n, d in enumerate(obj.__defaults__ or ())]
    kwdefaults = {k: default(engine, d, f"{path}.{k}", (named, k)) for k, d in (obj.__kwdefaults__ or {}).items()}
    return Closure(lowered, tuple(captures), tuple(defaults), kwdefaults, obj.__globals__, obj.__name__)


def default(engine: Engine, value: object, path: str, item: tuple[Ref, int | str] | None = None) -> Value:
    """A default: literals as they are, other objects where they can be imported, or by `path` (that of a parameter: as an `item`)."""
    if is_literal(value):
        return Seq(tuple, tuple(map(Static, value))) if isinstance(value, tuple) else Static(value)
    if isinstance(value, list | dict) and not value:
        return Seq(type(value), ())
    known = _import_path(value)
    if not known and path.startswith(".") and not isinstance(value, local_classes.Captured):
        raise engine.refuse("UnsupportedSyntax", "SRC163", f"'{path[1:]}', a default of a function that cannot be imported, is data",
                            "define that function at module level, or pass the data as an argument")  # fmt: skip
    return globals.of_object(engine, value, known or path, path.rpartition(".")[2], lambda: value, None if known else item)


def _import_path(value: object) -> str:
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    return f"{module}:{name}" if module and name and "<" not in name else ""


def nested(engine: Engine, stmt: Call, lowered: Lowered, env: Env) -> Closure:
    """A function defined in the function that is being interpreted."""
    captured = [env[a] if isinstance(a, Var) else engine.value(a, env) for a in stmt.args]
    given: dict[str, Value] = {}
    defaults: tuple[Value, ...] = ()
    rebound: tuple[str, ...] = ()
    keepers: tuple[str, ...] = ()
    for name, arg in stmt.params:
        if name == "defaults":
            value = engine.value(arg, env)
            assert isinstance(value, Seq)
            defaults = value.items
        elif name == "rebound" and isinstance(arg, Const):
            rebound = arg.value  # type: ignore[assignment]
        elif name == "keepers" and isinstance(arg, Const):
            keepers = arg.value  # type: ignore[assignment]
        elif name == "kwdefaults":
            given = {str(k): v for k, v in items.mapping_items(engine, engine.value(arg, env))}
    return Closure(lowered, tuple(captured), defaults, given, engine.frames[-1].globals, lowered.name, rebound=rebound, keepers=keepers)


# ---- binding ---------------------------------------------------------------------------------------------------------
def bind(engine: Engine, f: Closure, args: list[Value], kwargs: dict[str, Value]) -> list[Value]:
    """Values for the parameters of a function, as Python binds them."""
    low = f.lowered
    positional = [*low.posonly, *low.args]
    callee = spread.Callee(_shown(low), tuple(positional), f.defaults, low.vararg is not None)
    args, rest = spread.bound(engine, callee, args, kwargs)
    named = dict(kwargs)
    bound: dict[str, Value] = dict(zip(positional, args, strict=False))
    if len(args) > len(positional) and low.vararg is None:
        raise _bad_call(engine, f, f"takes {len(positional)} positional arguments but {len(args)} were given")
    for name in [*low.args, *low.kwonly]:
        if name in named:
            if name in bound:
                raise _bad_call(engine, f, f"got multiple values for argument '{name}'")
            bound[name] = named.pop(name)
    first = len(positional) - len(f.defaults)
    for n, name in enumerate(positional):
        if name not in bound and n >= first:
            bound[name] = f.defaults[n - first]
    for name in low.kwonly:
        if name not in bound and name in f.kwdefaults:
            bound[name] = f.kwdefaults[name]
    missing = [n for n in (*positional, *low.kwonly) if n not in bound]
    if missing:
        raise _bad_call(engine, f, f"missing the argument '{missing[0]}'")
    if named and low.kwarg is None:
        raise _bad_call(engine, f, f"got an unexpected keyword argument '{next(iter(named))}'")
    values = [bound[n] for n in positional]
    if low.vararg is not None:
        values.append(Seq(tuple, tuple(args[len(positional) :])) if rest is None else rest)
    values.extend(bound[n] for n in low.kwonly)
    if low.kwarg is not None:
        values.append(container(dict, tuple(named.values()), tuple(named)))
    return values


def _shown(low: Lowered) -> str:
    """The name of a function in Python's messages."""
    outer = low.source.name if low.source.code is None else low.source.code.co_qualname
    return outer if outer.rpartition(".")[2] == low.name else f"{outer}.<locals>.{low.name}"


def _bad_call(engine: Engine, f: Closure, what: str) -> SrcadError:
    return engine.refuse("UnsupportedSyntax", "SRC182", f"{f.name}() {what}", "correct the call")


# ---- calling ---------------------------------------------------------------------------------------------------------
def call(engine: Engine, f: Closure, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """The value of a call of a Python function whose source is followed."""
    values = streams.askable_for(engine, f.lowered, bind(engine, f, args, kwargs))
    own = f.lowered.itself  # where its defaults have run-time parts, it is handed on like any value
    carried = any(True for d in (*f.defaults, *f.kwdefaults.values()) for _ in leaves(d))
    given = [f if carried and n == own else c for n, c in zip(f.lowered.free, f.captures, strict=True)]
    captures = [engine.now(c) for c in given]  # of a function that calls itself they are as they were when it was called
    if f.lowered.generator:
        return streams.made(engine, f, [*values, *captures])
    simple = _is_leaf(f.lowered) or f.globals is vars(tables)  # the latter stand for methods of Python, no functions of the user
    if simple and not calls_itself(f) and all(frame.lowered is not f.lowered for frame in engine.frames):
        return inline(engine, f, [*values, *captures])
    depth = sum(frame.lowered is f.lowered for frame in engine.frames)
    recursive = depth > 0 or calls_itself(f)
    if _in_place(engine, f, values, depth, recursive=recursive) or _goes_over_another(f, values, depth):
        return inline(engine, f, [*values, *captures])
    if recursive:
        return call_recursive(engine, f, values, captures)
    mark = len(engine.funcs), dict(engine.callees), dict(engine.guards)
    try:
        found = _called_apart(engine, f, values, captures)
    except SrcadError as error:
        if isinstance(error, InternalError) or not _gets_numbers(engine, f, values):
            raise
        del engine.funcs[mark[0] :]
        engine.callees, engine.guards = mark[1], mark[2]
        return _with_numbers(engine, f, [*values, *captures], error)
    return inline(engine, f, [*values, *captures]) if found is None else found


def _in_place(engine: Engine, f: Closure, values: list[Value], depth: int, *, recursive: bool) -> bool:
    """Whether a function is interpreted where it is called, see `InPlace`; one that calls itself only by numbers that are known."""
    counts = any(isinstance(v, Static) and type(v.value) is int for v in values)
    if id(f.lowered) not in engine.in_place:
        if counts:
            engine.counting.add(id(f.lowered))
        return False
    if recursive and counts and depth <= _MOST_KINDS and engine.calls_in_place > 0:
        engine.calls_in_place -= 1
        return True
    return not recursive


def _goes_over_another(f: Closure, values: list[Value], depth: int) -> bool:
    """Whether a function goes over a generator in which it was called: `list` of a generator that makes lists of generators."""
    return 0 < depth <= _MOST_KINDS and not calls_itself(f) and any(map(streams.is_generator, values))


def _called_apart(engine: Engine, f: Closure, values: list[Value], captures: list[Value], *, lends: bool = False) -> Value | None:
    """The value of a call of a function compiled on its own; None where it changes what it is given, which needs another way."""
    tokens = Canonical()
    ident = (id(f.lowered), *(key(template(tokens.inward(v))) for v in (*values, *captures)), lends)
    if ident in engine.escaping:
        return None
    mark = len(engine.funcs), dict(engine.callees), dict(engine.guards)
    try:
        return call_compiled(engine, f, values, captures, lends=lends)
    except (Escapes, Widened) as signal:
        del engine.funcs[mark[0] :]
        engine.callees, engine.guards = mark[1], mark[2]
        if isinstance(signal, Widened):
            signal.shape = tokens.outward(signal.shape)
            raise
        engine.escaping.add(ident)
    return None


def call_recursive(engine: Engine, f: Closure, values: list[Value], captures: list[Value]) -> Value:
    """A call of a function that calls itself: if it changes arrays that it is given, it hands them back."""
    depth = sum(frame.lowered is f.lowered for frame in engine.frames)
    if depth > _MOST_KINDS:
        raise engine.refuse("UnsupportedSyntax", "SRC149", f"each call that '{f.name}' makes of itself gets arguments of another structure",
                            "write the recursion as a loop")  # fmt: skip
    values = recursion.settled(engine, f, values)
    recursion.check_orders(engine, f, values)
    found = _called_apart(engine, f, values, captures)
    for _ in range(_WIDENINGS * (1 + len(values) + len(captures))):
        if found is not None:
            return found
        try:
            found = _called_apart(engine, f, values, captures, lends=True)
        except Widened as wider:
            if not recursion.widen(engine, wider, [*_as_parameters(engine, f, values), *captures]):
                break
            values, captures = list(map(engine.now, values)), list(map(engine.now, captures))
        else:
            break
    if found is not None:
        return found
    if any(several.is_any(v) for v in values):
        raise Escapes  # trees of such objects end nowhere that compiling knows
    objects = any(is_object(v.value if isinstance(v, Maybe) else v) for v in values)
    if objects and depth <= _DEEPEST and engine.calls_in_place > 0:
        engine.calls_in_place -= 1
        return inline(engine, f, [*values, *captures])
    raise engine.refuse("UnsupportedSyntax", "SRC149", f"'{f.name}' calls itself and changes a list, dict or object, or a global",
                        "return the changed object, or write the recursion as a loop")  # fmt: skip


def calls_itself(f: Closure) -> bool:
    """Whether a function names itself."""
    return f.lowered.itself in f.lowered.free or is_recursive(f.lowered, f.globals)


def _gets_numbers(engine: Engine, f: Closure, values: list[Value]) -> bool:
    """Whether a function gets whole numbers that are known, which a compiled one takes as it takes any: how often to differentiate, say."""
    known = any(isinstance(v, Static) and type(v.value) is int for v in values)
    return known and all(frame.lowered is not f.lowered for frame in engine.frames)


def _with_numbers(engine: Engine, f: Closure, values: list[Value], error: SrcadError) -> Value:
    """The callee's body in place, where its numbers are known; `error` says why it could not be a function of any number."""
    try:
        return inline(engine, f, values)
    except InternalError:
        raise
    except SrcadError:
        raise error from None


def with_itself(f: Closure, values: list[Value]) -> list[Value]:
    """The values of all parameters, with the function where it captures itself: what else it captures is what it has here."""
    first = len(f.lowered.params)
    for n, name in enumerate(f.lowered.free, first):
        if name == f.lowered.itself and isinstance(values[n], Missing):
            return [*values[:n], replace(f, captures=tuple(values[first:])), *values[n + 1 :]]
    return values


def inline(engine: Engine, f: Closure, values: list[Value]) -> Value:
    """Interpret the callee's body in place."""
    outer = engine.builder.loc
    engine.frames.append(Frame(f.lowered, f.globals, given=tuple(values)))
    engine.known(f.lowered)
    env: Env = dict(zip(f.lowered.func.body.params, with_itself(f, values), strict=True))
    (result,) = engine.run(f.lowered.func.body, env)
    engine.frames.pop()
    engine.builder.loc = outer
    return result


def _is_leaf(lowered: Lowered) -> bool:
    """Whether a function is a few operations without loops, nested functions or calls of itself."""
    count = 0
    for stmt in walk(lowered.func.body):
        if isinstance(stmt, Loop):
            return False
        if isinstance(stmt, Call):
            count += 1
            first = stmt.args[0] if stmt.args else None
            if stmt.op.name == "global" and isinstance(first, Const) and first.value == lowered.name:
                return False
    return count <= _INLINE_CALLS


def widened(engine: Engine, name: str, value: Value, *, counts: bool = False) -> Value:
    """A number that a caller passes is an ordinary argument, unless it is the kind that fixes ranks; if it `counts`, it is none."""
    by_value = not counts and (name in _BY_VALUE or (engine.exact and isinstance(value, Static) and type(value.value) is int))
    if isinstance(value, Static) and type(value.value) in (int, float) and not by_value:
        return Dyn(Const(value.value), type_of_constant(value.value))
    return value


def _as_parameters(engine: Engine, f: Closure, values: list[Value]) -> list[Value]:
    """The arguments of a call as the function that is compiled takes them: numbers are leaves, too."""
    params = zip(f.lowered.func.body.params, values, strict=False)
    return [widened(engine, v.hint, value, counts=_counts(engine, f, n, value)) for n, (v, value) in enumerate(params)]


def _counts(engine: Engine, f: Closure, n: int, value: Value) -> bool:
    """Whether a function that is being interpreted calls itself with another number as its n-th argument."""
    given = [frame.given[n] for frame in engine.frames if frame.lowered is f.lowered and n < len(frame.given)]
    return isinstance(value, Static) and any(g != value for g in given)


def is_recursive(lowered: Lowered, namespace: dict[str, object]) -> bool:
    """Whether a global function names itself."""
    own = namespace.get(lowered.name)
    own = getattr(own, "__srcad_primal__", own)
    if not isinstance(own, types.FunctionType) or own.__code__.co_firstlineno > lowered.source.first_line:
        return False
    if lower_function(own) is not lowered:
        return False
    reads = (s.args[0] for s in walk(lowered.func.body) if isinstance(s, Call) and s.op.name == "global")
    return any(isinstance(a, Const) and a.value == lowered.name for a in reads)


def call_compiled(engine: Engine, f: Closure, values: list[Value], captures: list[Value], *, lends: bool = False) -> Value:
    """A call of a function of the typed program, which is compiled for these arguments if need be.

    `lends`: it may change arrays that it is given, whose last versions it hands back.  Raises `Escapes` if it changes others.
    """
    whole = [*_as_parameters(engine, f, values), *captures]
    tokens = Canonical()
    given_leaves = [leaf for value in whole for leaf in leaves(value)]
    held = [c for value in whole for c in recursion.containers(value)]
    twins = (recursion.twins(engine, given_leaves), recursion.twins(engine, held)) if lends else ((), ())
    callee = compiled(engine, f, [tokens.inward(v) for v in whole], lends=lends, twins=twins)
    if callee.result is not None and not callee.busy and not callee.recursive and not lends and _does_nothing(engine, callee.name):
        return inline(engine, f, [*values, *captures])
    atoms = [leaf.atom for leaf in given_leaves]
    roots = {r for value in whole for r in engine.memory.roots(value)} - returned.places(engine, whole)
    if callee.result is None:
        callee.recursive = callee.busy
        if not callee.busy:
            engine.builder.add(Call((), FuncRef(callee.name, Effect.RAISES | Effect.UNKNOWN), tuple(atoms), (), engine.builder.loc))
        raise Diverged
    if callee.busy:
        callee.recursive = True
    result = tokens.outward(callee.result)
    if lends:
        return recursion.handed_over(engine, callee, result, recursion.once(given_leaves, twins[0]), held, roots)
    outs = tuple(engine.unit.names.var("", leaf.type) for leaf in leaves(result))
    engine.builder.add(Call(outs, FuncRef(callee.name, Effect.RAISES | Effect.UNKNOWN), tuple(atoms), (), engine.builder.loc))
    made = recelled(rebuild(result, iter(outs)))
    if returned.related(engine, callee, made, roots) and not callee.recursive and not calls_itself(f):
        engine.sharing.add(id(f.lowered))
    return made


def compiled(engine: Engine, f: Closure, values: list[Value], *, lends: bool = False, twins: Twins = ((), ())) -> Callee:
    """The function of the typed program for these abstract arguments, compiled on first use.

    `twins`: of the leaves and of the containers, see `recursion.twins`.
    """
    shapes = [template(v) for v in values]
    ident = (id(f.lowered), tuple(map(key, shapes)), engine.in_try > 0, lends, twins)
    if ident in engine.callees:
        return engine.callees[ident]
    callee = engine.callees[ident] = Callee(own_name(engine, f.name))
    try:
        return _settled(engine, f, shapes, callee, lends=lends, twins=twins)
    except BaseException:
        engine.callees.pop(ident, None)  # else the next call would be taken for a recursion
        raise


def _settled(engine: Engine, f: Closure, shapes: list[Value], callee: Callee, *, lends: bool, twins: Twins) -> Callee:
    """Compile a function until the type of its result, and what it hands back, no longer change: they may depend on themselves."""
    known, count = set(engine.callees), len(engine.funcs)
    for _ in range(_WIDENINGS):
        callee.recursive = False
        for other in set(engine.callees) - known:  # they relied on what this function was last thought to return
            del engine.callees[other]
        del engine.funcs[count:]
        func, result, handed = _compile(engine, f, shapes, callee, lends=lends, twins=twins)
        if result is None and not callee.recursive:
            return _never_returns(engine, callee, func)
        fits = callee.result is not None and handed.containers == callee.handed.containers
        joined = unify(callee.result, result) if fits and callee.result is not None and result is not None else result
        if joined is None:
            break
        settled = not callee.recursive or (callee.result is not None and key(joined) == key(callee.result) and handed == callee.handed)
        callee.result, callee.handed = joined, handed
        if settled:
            callee.busy = False
            engine.funcs.append(func)
            return callee
    raise engine.refuse(
        "UnsupportedSyntax", "SRC183", f"the type of what '{f.name}' returns does not settle",
        "return one kind of value on all paths",
    )


def _never_returns(engine: Engine, callee: Callee, func: Func) -> Callee:
    """A function that raises on every path: by what it could not be followed through, or on purpose."""
    refusal = held(func.body)
    if refusal is not None:
        raise refusal
    callee.busy = False
    engine.funcs.append(func)
    return callee


def _compile(
    engine: Engine, f: Closure, shapes: list[Value], callee: Callee, *, lends: bool, twins: Twins
) -> tuple[Func, Value | None, Handed]:
    """The typed function, its result's template (None if it never returns), and what it hands back."""
    saved = engine.unit, engine.builder, engine.frames, engine.memory
    engine.unit = Unit(callee.name, lends=lends, inlinable=True)
    engine.memory = Memory()
    engine.builder = Builder(engine.unit.names)
    engine.frames = [*saved[2], Frame(f.lowered, f.globals, given=tuple(shapes))]
    engine.known(f.lowered)
    try:
        params, values = parameters(engine, f.lowered, shapes)
        if lends:
            values = [rebuild(v, iter(recursion.paired(params, twins[0], v))) for v in values]
            params = recursion.once(params, twins[0])
            values = recursion.lend(engine, values, params, twins[1])
        else:
            engine.unit.foreign.update((p, "argument") for p in params)
            values = [_celled(engine, v) for v in values]
        env: Env = dict(zip(f.lowered.func.body.params, with_itself(f, values), strict=True))
        try:
            (result,) = engine.run(f.lowered.func.body, env)
        except Diverged:
            return finished(engine, f.lowered, params, ()), None, Handed()
        result = choices.as_one(engine, writes.current(engine, result))
        if returned.tangles(engine, result) and all(frame.lowered is not f.lowered for frame in saved[2]):
            raise Escapes
        if local_classes.escaping(engine, result):
            raise Escapes
        writes.check_outside(engine)
        handed, yields, whole = recursion.hand_back(engine, params, result, callee.handed)
        return finished(engine, f.lowered, params, yields), template(whole), handed
    finally:
        engine.unit, engine.builder, engine.frames, engine.memory = saved


def _celled(engine: Engine, value: Value) -> Value:
    """An argument with containers that must not be changed where the function is compiled on its own."""
    found = recelled(value)
    engine.unit.borrowed.update(cells(found))
    return found


def parameters(engine: Engine, low: Lowered, shapes: list[Value]) -> tuple[list[Var], list[Value]]:
    """Variables for the run-time leaves of the parameters, and the values made of them."""
    params: list[Var] = []
    values: list[Value] = []
    for untyped, shape in zip(low.func.body.params, shapes, strict=True):
        found = list(leaves(shape))
        hint = variable(untyped.hint)
        single = isinstance(shape, Dyn) or (hint != untyped.hint and len(found) == 1)  # a number, or the dict around a captured one
        new = [engine.unit.names.var(hint if single else f"{hint}_{n}", leaf.type) for n, leaf in enumerate(found)]
        params.extend(new)
        values.append(rebuild(shape, iter(new)))
    return params, values


def finished(engine: Engine, low: Lowered, params: list[Var], yields: tuple[Atom, ...]) -> Func:
    """The typed function whose body is what the engine's builder holds."""
    stmts = (*engine.unit.prologue, *engine.builder.stmts)
    count = len(yields)
    tree: Arg | None = None if count == 1 else Pack("tuple", tuple(Const(n) for n in range(count)))
    return Func(engine.unit.name, Block(tuple(params), stmts, yields), tree, low.key)


def _does_nothing(engine: Engine, name: str) -> bool:
    """Whether a function of the typed program only hands on values, or reads what cannot fail."""
    stmts = next((f.body.stmts for f in engine.funcs if f.name == name), ())
    return all(isinstance(s, Call) and not effects(s.op, s.args, s.params) & ROOTS for s in stmts)


def _is_refused(engine: Engine, name: str) -> bool:
    """Whether a path of a function of the typed program is refused, or one of what it calls."""
    return any(held(g.body) is not None for f in engine.funcs if f.name == name for g in called_by(f, engine.funcs))


def probe(
    engine: Engine, function: Static, f: Closure, args: list[Value], kwargs: dict[str, Value], *, changes_nothing: bool
) -> Value:  # fmt: skip
    """A call without differentiated arguments: made as it stands, typed by interpreting the callee aside.

    What that relied on of globals stays guarded: the type rests on it.  Where a path of the callee is refused, nothing is known of the
    result, and the call is made as it stands only if it `changes_nothing` that it is given.
    """
    values = [*bind(engine, f, args, kwargs), *f.captures]
    if not function.path or id(f.lowered) in engine.in_place or any(runtime_type(v) is None for v in (*args, *kwargs.values())):
        return call(engine, f, args, kwargs)
    tokens = Canonical()
    widen = zip(f.lowered.func.body.params, values, strict=True)
    found = _interpreted_aside(engine, f, [template(tokens.inward(widened(engine, v.hint, x))) for v, x in widen])
    if found.plain:
        return inline(engine, f, values)
    if found.escapes or (found.doubtful and not changes_nothing):
        return call(engine, f, args, kwargs)
    if found.doubtful:
        return calls.opaque(engine, function, args, kwargs)
    if found.result is None:
        calls.opaque(engine, function, args, kwargs)
        raise Diverged
    result = tokens.outward(found.result)
    whole = runtime_type(result)
    if whole is None:
        return call(engine, f, args, kwargs)
    out = calls.opaque(engine, function, args, kwargs, whole, fresh=bool(found.handed.fresh) and all(found.handed.fresh))
    if returned.as_one(engine, out, found.handed):
        engine.sharing.add(id(f.lowered))
    return result if isinstance(result, Static) else out


def _interpreted_aside(engine: Engine, f: Closure, shapes: list[Value]) -> Aside:
    """What a function does with such arguments.  Loops are interpreted several times, and ask for the same again and again."""
    ident = (id(f.lowered), tuple(map(key, shapes)), engine.in_try > 0)
    found = engine.asides.get(ident)
    if found is None:
        busy = [(c, c.recursive) for c in engine.callees.values() if c.busy]
        for callee, _ in busy:
            callee.recursive = False
        found = _aside(engine, f, shapes)
        if not any(c.recursive for c, _ in busy):  # else it rests on what is not known yet
            engine.asides[ident] = found
        for callee, before in busy:
            callee.recursive |= before
    for path, guard in found.guards.items():
        engine.guards.setdefault(path, guard)
    return found


def _aside(engine: Engine, f: Closure, shapes: list[Value]) -> Aside:
    funcs, known, guards = len(engine.funcs), dict(engine.callees), engine.guards
    engine.guards = {}
    try:
        callee = compiled(engine, f, shapes)
        callee.recursive |= callee.busy
        plain = callee.result is not None and not callee.busy and _does_nothing(engine, callee.name)
        doubtful = _is_refused(engine, callee.name)
        return Aside(tuple(shapes), callee.result, plain, engine.guards, doubtful=doubtful, handed=callee.handed)
    except Escapes:
        return Aside(tuple(shapes), None, plain=False, guards=engine.guards, escapes=True)
    finally:
        del engine.funcs[funcs:]
        engine.callees = known
        engine.guards = guards | {k: g for k, g in engine.guards.items() if k not in guards}
