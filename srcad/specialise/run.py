"""Specialise one function for one signature: the stage of the pipeline."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from srcad.errors import SrcadError
from srcad.frontend.lowered import Lowered
from srcad.ir.build import Builder
from srcad.ir.core import HAND
from srcad.ir.nodes import NOWHERE, Arg, Atom, Block, Call, Const, Effect, Func, Op, Pack, Program, Ref, Stmt, Var
from srcad.ir.types import CONTAINERS, Array, Opaque, Struct
from srcad.ir.visit import blocks, map_atoms, walk, with_blocks
from srcad.parts import Outputs
from srcad.source import Source
from srcad.trees import is_plain
from srcad.runtime.tables import Deque, Table
from srcad.specialise import functions, tables, writes
from srcad.specialise.derived import Derive
from srcad.specialise.diverge import Assigned, Diverged, Escapes, Opened, InPlace, Unstructured
from srcad.specialise.engine import Engine
from srcad.specialise.erased import without_numbers
from srcad.specialise.facts import NO_FACTS, Facts
from srcad.specialise.frames import Callee, Env, Frame, Unit
from srcad.specialise.guards import Guard
from srcad.specialise.left import left_in
from srcad.specialise.opening import Opening
from srcad.specialise.memory import can_change, cells, recelled
from srcad.specialise.numbered import Numbering, another
from srcad.specialise.refusals import held, refusal
from srcad.specialise.templates import children, leaves, materialise, rebuild, with_children
from srcad.specialise.variables import Variables
from srcad.specialise.values import Cell, Closure, Dyn, Maybe, Seq, Static, Value, static_atom, type_of_constant


_NATIVE = Op("require_native", "require_native(*_)", ("srcad.runtime:require_native",), Effect.RAISES)
_SEPARATE = Op("require_separate", "require_separate(*_)", ("srcad.runtime:require_separate",), Effect.RAISES)
_DISTINCT = Op("require_distinct", "require_distinct(*_)", ("srcad.runtime:require_distinct",), Effect.RAISES)


@dataclass(frozen=True, slots=True)
class Specialised:
    """Typed IR of one signature.  `guards`: facts about globals that it relies on; `namespaces`: global namespaces that no
    import finds, by the module name under which the generated code imports them.
    """

    program: Program
    guards: tuple[tuple[str, Guard], ...]
    namespaces: dict[str, dict[str, object]]
    result: Value | None
    written: tuple[int, ...] = ()  # parameters that are arrays and are written
    origins: dict[str, Source] = field(default_factory=dict)  # the sources of the functions in it, by their keys


def specialise(
    lowered: Lowered, arguments: list[Value], namespace: dict[str, object], name: str, derive: Derive | None = None,
    outputs: Outputs | None = None, orders: int = 1, facts: Facts = NO_FACTS, *, exact: bool = False,
) -> Specialised:  # fmt: skip
    """The typed program for abstract arguments, one per parameter of the untyped function (free variables included).

    `derive` differentiates functions of the program whose derivatives are taken inside it; without it these are refused.
    With `outputs` the result is what the function leaves in these parts of its arguments.
    `orders`: how deep rules of solvers are made that call solvers themselves; differentiating what is deeper raises `Deferred`.
    `exact`: the values of integers may steer the compilation, not their types alone.
    """
    if lowered.generator:
        where = next((s.loc for s in walk(lowered.func.body) if isinstance(s, Call) and s.op == HAND), NOWHERE)
        raise refusal("UnsupportedSyntax", "SRC103", f"'{lowered.name}' makes a generator, which has no derivative",
                      "differentiate a function that consumes the items", lowered, where)  # fmt: skip
    variables = Variables()
    opened: set[str] = set()
    in_place: set[int] | None = None

    def attempt(numbering: Numbering) -> Specialised:
        nonlocal in_place
        while True:
            try:
                engine = Engine(derive, variables, orders, exact=exact)
                engine.numbering, engine.in_place, engine.precise = numbering, frozenset(in_place or ()), in_place is not None
                return _specialised(engine, lowered, arguments, namespace, name, outputs, opened, facts)
            except Assigned as found:
                variables.add(found.namespace, found.name)
            except Opened as signal:
                opened.add(signal.param.name)
            except InPlace as signal:
                in_place = {*(in_place or ()), *signal.functions}
            numbering.restart()

    return _numbered_where_needed(attempt)


def _numbered_where_needed(attempt: Callable[[Numbering], Specialised]) -> Specialised:
    """What an attempt gives; where that is refused, and lists of unknown length hold objects, with these known by number.

    Where that does not do either, all this once more with containers told apart between which a path has chosen, and once with numbers
    for objects of several classes.
    """
    numbering: Numbering | None = Numbering()
    found, refused = None, None
    tried: list[Numbering] = []
    while numbering is not None and (found is None or _is_refused(found)):
        try:
            other = attempt(numbering)
            found = other if found is None or not _is_refused(other) else found
        except SrcadError as error:
            refused = refused or error
        except (Unstructured, Escapes):
            if found is None and refused is None:
                raise
        tried.append(numbering)
        numbering = numbering.wider() or another(tried)
    if found is None:
        assert refused is not None
        raise refused
    leaner = tried[-1].leaner() if not _is_refused(found) else None
    return found if leaner is None else _leaner(attempt, leaner) or found


def _leaner(attempt: Callable[[Numbering], Specialised], numbering: Numbering | None) -> Specialised | None:
    """What an attempt gives that knows objects in lists by number; None where that is refused."""
    while numbering is not None:
        try:
            found = attempt(numbering)
        except (SrcadError, Unstructured, Escapes):
            found = None
        if found is not None and not _is_refused(found):
            return found
        numbering = numbering.wider()
    return None


def _is_refused(made: Specialised) -> bool:
    """Whether a path of a program cannot be followed."""
    return any(held(f.body) is not None for f in made.program.funcs)


def _specialised(
    engine: Engine, lowered: Lowered, arguments: list[Value], namespace: dict[str, object], name: str, outputs: Outputs | None,
    opened: set[str], facts: Facts,
) -> Specialised:  # fmt: skip
    """The typed program; `opened` names parameters that are taken apart at the start, since the function changes them."""
    engine.unit = engine.entry = Unit(name)
    for taken in (name, *lowered.params):  # no callee takes its name, or one of its parameters
        engine.callees["entry", taken] = Callee(taken)
    engine.builder = Builder(engine.unit.names)
    engine.frames = [Frame(lowered, namespace)]
    engine.known(lowered)
    engine.variables.start(engine)
    opening = Opening(engine.unit.names)
    params, values = _entry_parameters(engine, lowered, arguments, opened, opening)
    engine.unit.unstructured = any(isinstance(p.type, Opaque) and p.type.cls is not None and is_plain(p.type.cls) for p in params)
    engine.unit.read_only = {params[n] for n in facts.read_only}
    for n, first in facts.twins:
        values[n] = values[first]
    result: Value | None = None
    yields: list[Atom] = []
    tree: Arg = Pack("tuple", ())
    try:
        result = _interpret(engine, lowered, values, namespace)
        if outputs is not None:
            result = left_in(engine, outputs, values, result, lowered.params)
        result = _at_run_time(engine, result)
        writes.check_outside(engine)
        tree = _result_tree(engine, result, yields)
    except Diverged:
        pass
    twins = {n for n, _ in facts.twins}
    apart = [p for n, p in enumerate(params) if n not in twins], [v for n, v in enumerate(values) if n not in twins]
    native = _native(params) if engine.asks_dtypes else ()
    stmts = (*engine.unit.prologue, *native, *_separate(engine, *apart), *opening.statements(engine.memory), *engine.builder.stmts)
    block = engine.builder.block(params, yields)
    entry = Func(name, type(block)(block.params, stmts, block.yields), None if tree == Const(0) else tree, lowered.key)
    program = Program(tuple(_at_home(f, engine.homes) for f in (entry, *engine.funcs)), tuple(engine.sources.items()))
    program = without_numbers(program, engine.origins)
    changed = {*engine.memory.now, *engine.memory.stale}
    written = tuple(n for n, p in enumerate(params[: len(lowered.params)]) if p in changed and isinstance(p.type, Array))
    return Specialised(program, tuple(engine.guards.items()), engine.namespaces, result, written, engine.origins)


def _at_home(func: Func, homes: dict[type, str]) -> Func:
    """The function with the classes of its objects found where the program has reached them, for those that no import finds."""

    def atom(a: Atom) -> Atom:
        return replace(a, path=homes[a.value]) if isinstance(a, Ref) and isinstance(a.value, type) and a.value in homes else a

    def block(b: Block) -> Block:
        return Block(b.params, tuple(with_blocks(map_atoms(s, atom, atom), tuple(map(block, blocks(s)))) for s in b.stmts), b.yields)

    return replace(func, body=block(func.body)) if homes else func


def _native(params: list[Var]) -> tuple[Stmt, ...]:
    """A check at the start: arrays have the byte order of this machine, so that their types tell their dtypes."""
    asked = tuple(p for p in params if can_change(p.type))
    return (Call((), _NATIVE, asked),) if asked else ()


def _separate(engine: Engine, params: list[Var], values: list[Value]) -> list[Stmt]:
    """Checks at the start: what is written shares memory with nothing else, and what is replaced is in no other place."""
    known = dict(zip(params, values, strict=False))
    parts = {p: [p, *(leaf.atom for leaf in leaves(v))] for p, v in known.items()}
    memory = engine.memory
    written = [p for p in params if any(v in memory.now or v in memory.stale for v in parts.get(p, (p,)) if isinstance(v, Var))]
    others = [p for p in params if p not in written and can_change(p.type)]
    checks: list[Stmt] = []
    if written and not (len(written) == 1 and not others and isinstance(written[0].type, Array)):
        checks.append(Call((), _SEPARATE, (Pack("tuple", tuple(written)), *others)))
    containers = {p: [*cells(v), *(leaf.atom for leaf in leaves(v) if can_change(leaf.type) and not isinstance(leaf.type, Array))]
                  for p, v in known.items()}  # fmt: skip
    replaced = [p for p, found in containers.items() if any(c in memory.now for c in found if isinstance(c, Cell | Var))]
    holders = [p for p in params if p not in replaced and can_change(p.type) and not isinstance(p.type, Array)]
    if replaced and (holders or sum(len(containers[p]) for p in replaced) > 1):
        checks.append(Call((), _DISTINCT, (Pack("tuple", tuple(replaced)), *holders)))
    return checks


def _interpret(engine: Engine, lowered: Lowered, values: list[Value], namespace: dict[str, object]) -> Value:
    """The value of the function: of a call of itself where it is recursive, so that one pair serves all levels."""
    if functions.is_recursive(lowered, namespace):
        own = len(lowered.params)
        itself = Closure(lowered, tuple(values[own:]), (), {}, namespace, lowered.name)
        return functions.call_recursive(engine, itself, values[:own], values[own:])
    env: Env = dict(zip(lowered.func.body.params, values, strict=True))
    (result,) = engine.run(lowered.func.body, env)
    return result


def _entry_parameters(
    engine: Engine, lowered: Lowered, shapes: list[Value], opened: set[str], opening: Opening
) -> tuple[list[Var], list[Value]]:  # fmt: skip
    """The user's parameters, one variable each, then one for every captured value."""
    own = len(lowered.params)
    params: list[Var] = []
    extras: list[Var] = []
    values: list[Value] = []
    for n, (untyped, shape) in enumerate(zip(lowered.func.body.params, shapes, strict=True)):
        if isinstance(shape, Dyn) and n < own:
            params.append(engine.unit.names.var(untyped.hint, shape.type))
            whole = rebuild(shape, iter(params[-1:]))
            if isinstance(shape.type, Struct) and params[-1].name in opened:
                whole = recelled(opening.apart(replace(shape, atom=params[-1]), untyped.hint))
            elif isinstance(shape.type, Struct):
                engine.unit.closed.add(params[-1])
            values.append(whole)
            continue
        if n < own:
            params.append(engine.unit.names.var(untyped.hint, Opaque()))
        single = isinstance(shape, Dyn)
        new = [engine.unit.names.var(untyped.hint if single else f"{untyped.hint}_{k}", leaf.type) for k, leaf in enumerate(leaves(shape))]
        extras.extend(new)
        engine.unit.foreign.update((v, f"'{untyped.hint}', which the function has captured") for v in new if n >= own)
        values.append(recelled(rebuild(shape, iter(new))))
    return [*params, *extras], values


def _at_run_time(engine: Engine, result: Value) -> Value:
    """The returned value, with run-time values for parts that may be None."""
    result = writes.current(engine, result)
    if isinstance(result, Maybe):
        return engine.runtime(result, "the returned value")
    kids = children(result) if isinstance(result, Seq) else ()
    return with_children(result, tuple(_at_run_time(engine, k) for k in kids)) if kids else result


def _result_tree(engine: Engine, result: Value, yields: list[Atom]) -> Arg:
    """The structure of the returned value; its leaves go to `yields`."""
    result = writes.current(engine, result)
    if isinstance(result, Seq) and issubclass(result.cls, Table | Deque):
        result = tables.returned(engine, result)
    if isinstance(result, Seq) and result.cls in CONTAINERS:
        items = tuple(_result_tree(engine, i, yields) for i in result.items)
        return Pack(result.cls.__name__, items, tuple(map(Const, result.keys)))
    whole: Dyn | None
    if isinstance(result, Static):
        atom = static_atom(result)
        whole = None if atom is None else Dyn(atom, type_of_constant(result.value))
    else:
        whole = materialise(result, engine.builder)
    if whole is None:
        whole = engine.runtime(result, "the returned value")
    yields.append(whole.atom)
    return Const(len(yields) - 1)
