"""Derivatives of functions inside the function that is compiled: `srcad.grad(f)(x)` where `x` may itself be differentiated.

The function is interpreted as a function of the program whose parameters are the run-time leaves of what it captures and of
its arguments.  `Engine.derive` differentiates it there, and the derivative is called like any other function of the program;
so whatever is differentiated outside passes through it.  Which leaves are differentiated is said here, by number: no value
carries a mark that another derivative could mistake for its own.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from srcad.analysis.handing import handed
from srcad.errors import ArgumentError, SrcadError
from srcad.frontend.cells import variable
from srcad.ir.build import Builder
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Effect, Func, FuncRef, Pack, Var
from srcad.ir.types import KINDS, NONE, holds_nothing, may_carry_derivative
from srcad.ir.visit import callees
from srcad.specialise import recursion, writes
from srcad.specialise.diverge import Diverged, Escapes
from srcad.specialise.frames import Callee, Unit
from srcad.specialise.function_names import free_name
from srcad.specialise.refusals import located
from srcad.specialise.canonical import Canonical
from srcad.marks import INSERT, Operator
from srcad.specialise.memory import Memory, can_change, cells, recelled
from srcad.specialise.templates import children, key, leaves, parts, rebuild, template, with_children
from srcad.specialise.values import (
    NONE_VALUE, Bound, Closure, Dyn, Missing, Partial, Poison, Seq, Static, Value, is_varied, type_of_constant,
)  # fmt: skip

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a function: `form` as in a request (grad, value_and_grad, jvp, tangent, vjp), of which arguments."""

    form: str
    args: tuple[int, ...]
    aux: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A derivative in the program: its functions (`backward` for vjp), and how what it takes and gives is put together.

    `trees` say how their yields are put together, `result` and `args` are templates of the function's result and of the
    arguments, in which what is differentiated is varied.  `changed`: the leaves that the function changes; -1: a list or object.
    """

    entry: Func
    backward: Func | None
    trees: tuple[Arg, ...]
    result: Value
    args: tuple[Value, ...]
    changed: frozenset[int]


Derive = Callable[[Func, Sequence[Func], dict[str, str], str, tuple[int, ...], bool], tuple[Func, ...]]
"""From a function of the program, all others, the sources, and form, wrt and aux of a request to the new functions, entry first."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A derivative with the leaves of what it is to be called with, and its arguments; `varied`: they are differentiated outside."""

    made: Made
    given: tuple[Dyn, ...]
    values: tuple[Value, ...]
    tokens: Canonical
    varied: bool

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The arguments of the derivative, but for tangents."""
        return tuple(leaf.atom for leaf in self.given)


def called(engine: Engine, func: Func, args: Sequence[Atom], tokens: Canonical, *, varied: bool, own: int = 0) -> list[Value]:
    """Call a function of the program that a derivative consists of; its yields as values.

    `own`: how many of the last share nothing with others: all of the gradients, and residuals, which nobody sees.
    """
    outs: list[Var] = []
    found: list[Value] = []
    for y in func.body.yields:
        t = y.type if isinstance(y, Var) else type_of_constant(y.value) if isinstance(y, Const) else NONE
        whole = tokens.outward(Dyn(Const(None), t))
        assert isinstance(whole, Dyn)
        outs.append(engine.unit.names.var("", whole.type))
        if isinstance(y, Const) and not isinstance(y.value, int | float | complex):
            found.append(Static(y.value))
        else:
            found.append(Dyn(outs[-1], whole.type, varied and may_carry_derivative(whole.type)))
    op = FuncRef(func.name, Effect.RAISES | Effect.UNKNOWN)
    engine.builder.add(Call(tuple(outs), op, tuple(args), (), engine.builder.loc))
    _relate(engine, func, outs[: len(outs) - own], args)
    return found


def _relate(engine: Engine, func: Func, outs: Sequence[Var], args: Sequence[Atom]) -> None:
    """What a derivative gives may be, or be a view of, what it was called with, and what else it gives."""
    shown = {n: out for n, out in enumerate(outs) if can_change(out.type)}
    if not shown:
        return
    memory, shared = engine.memory, handed(func, engine.funcs)
    for n, out in shown.items():
        given = [a for m in shared.results[n] if isinstance(a := args[m], Var)]
        near = {r for v in given for r in memory.roots(Dyn(v, v.type))} | {shown[m] for m in shared.together[n] & shown.keys()}
        if near:
            memory.relate(out, near)


def prepared(engine: Engine, function: Value, args: list[Value], kwargs: dict[str, Value], wish: Wish) -> Ready:
    """The derivative of a function for these arguments, made on first use; `wish.args` numbers positional, then keyword arguments."""
    moving = [seeded(v) if n in wish.args else v for n, v in enumerate((*args, *kwargs.values()))]
    for n in wish.args:
        inner = list(leaves(moving[n]))
        empty = not inner and isinstance(moving[n], Seq)
        if not empty and not any(may_carry_derivative(leaf.type) or holds_nothing(leaf.type) for leaf in inner):
            raise engine.refuse("ArgumentError", "SRC501", f"argument {n} of a function that is differentiated here holds no float",
                                "pass a float, an array of floats, or a container of these")  # fmt: skip
    whole = Seq(tuple, (function, *moving))
    outer = any(map(is_varied, (function, *args, *kwargs.values())))
    tokens = Canonical()
    shape = template(tokens.inward(whole))
    ident = ("derived", wish, key(shape), len(args), tuple(kwargs), engine.in_try > 0)
    callee = engine.callees.get(ident)
    if callee is None:
        try:
            made = _make(engine, shape, len(args), tuple(kwargs), wish)
        except Diverged:
            engine.call(function, args, kwargs)  # it always raises, and shall do so here
            raise
        callee = engine.callees[ident] = Callee("", Static(made), busy=False)
    assert isinstance(callee.result, Static)
    known = callee.result.value
    assert isinstance(known, Made)
    _demand_distinct(engine, known, whole)
    return Ready(known, tuple(leaves(whole)), tuple(moving), tokens, outer)


def _demand_distinct(engine: Engine, made: Made, given: Seq) -> None:
    """Refuse one storage in two places of the arguments, or captured too, where the function changes it: there it has two parameters.

    Where that depends on the run, it is refused there.
    """
    function = given.items[0]
    if isinstance(function, Partial) and isinstance(function.function, Static) and isinstance(function.function.value, Operator):
        given = replace(given, items=(Static(None), *given.items[1:]))  # of srcad's own: it holds arguments, to be replaced by the others
    skipped = len(list(leaves(function))) - len(list(leaves(given.items[0])))
    every = list(leaves(given))
    first = recursion.twins(engine, every)
    changed = [n - skipped for n in made.changed if n >= skipped]
    objects = [engine.memory.origin.get(c, c) for c in cells(given)]
    if any(first.count(first[n]) > 1 for n in changed) or (-1 in made.changed and len(set(objects)) < len(objects)):
        raise engine.refuse("UnsupportedSyntax", "SRC128", "an object is in the arguments twice, and the function changes it",
                            "pass a copy in one of the places")  # fmt: skip
    recursion.check_apart(engine, [every[n] for n in changed], every, every)


def seeded(value: Value) -> Value:
    """An argument with its floats differentiated: literals are run-time values then."""
    match value:
        case Static(obj) if type(obj) in (float, complex):
            return Dyn(Const(obj), type_of_constant(obj), varied=True)
        case Dyn(_, t):
            return replace(value, varied=may_carry_derivative(t))
        case Static() | Missing() | Poison():
            return value
    return with_children(value, tuple(map(seeded, children(value))))


# ---- making ----------------------------------------------------------------------------------------------------------
def _make(engine: Engine, shape: Value, count: int, names: tuple[str, ...], wish: Wish) -> Made:
    assert isinstance(shape, Seq)
    function = shape.items[0]
    if engine.derive is None:
        raise engine.refuse("UnsupportedSyntax", "SRC187", "a derivative is taken where none can be made",
                            "take it outside")  # fmt: skip
    floats = [may_carry_derivative(leaf.type) for leaf in leaves(shape)]
    wrt = tuple(n for n, own in enumerate(_owners(shape)) if own - 1 in wish.args and floats[n])
    name = free_name(engine, word(function))
    func, result, changed = _interpreted(engine, shape, count, names, name, aux=wish.aux)
    missing = unfinished(func, {f.name: f for f in engine.funcs})
    if missing:
        raise engine.refuse("UnsupportedSyntax", "SRC187", f"'{missing}' takes a derivative of itself",
                            "hand the order of the derivative over as a number, or write the orders out")  # fmt: skip
    try:
        new = engine.derive(func, engine.funcs, engine.sources, wish.form, wrt, wish.aux)
    except ArgumentError as error:
        raise engine.refuse("ArgumentError", error.code, error.message, error.advice) from None
    except SrcadError as error:
        raise located(error, engine.origins) from None
    count = 2 if wish.form == "vjp" else 1
    own = tuple(replace(f, result=flat(len(f.body.yields))) for f in new[:count])
    engine.funcs.extend((*own, *new[count:]))
    trees = tuple(Const(0) if f.result is None else f.result for f in new[:count])
    return Made(own[0], own[1] if count == 2 else None, trees, result, shape.items[1:], changed)


def unfinished(func: Func, present: dict[str, Func]) -> str:
    """A function that is called, here or by what is called, and still being typed; '' if there is none."""
    todo, seen = [func], {func.name}
    for f in todo:
        for name in callees(f.body):
            if name not in seen:
                if name not in present:
                    return name
                seen.add(name)
                todo.append(present[name])
    return ""


def flat(count: int) -> Arg | None:
    """The result of a function that the program calls: its yields, or the only one."""
    return None if count == 1 else Pack("tuple", tuple(Const(n) for n in range(count)))


def _owners(shape: Seq) -> Iterator[int]:
    """For each leaf the number of the item that it belongs to."""
    for n, item in enumerate(shape.items):
        for _ in leaves(item):
            yield n


def word(function: Value) -> str:
    """A name for a function value."""
    match function:
        case Static(obj):
            return str(getattr(obj, "__name__", type(obj).__name__))
        case Closure(name=name):
            return name
        case Bound(inner, _):
            return word(inner)
        case Partial(Static(Operator(suffix=suffix)), (inner, *_), _):
            return f"{word(inner)}_{suffix}"
        case Partial(inner, _, _):
            return word(inner)
    return "function"


def _interpreted(
    engine: Engine, shape: Seq, count: int, names: tuple[str, ...], name: str, *, aux: bool
) -> tuple[Func, Value, frozenset[int]]:  # fmt: skip
    """The function of the leaves of `shape` that calls its first item with the others, and the template of its result."""
    saved = engine.unit, engine.builder, engine.frames, engine.memory
    engine.unit, engine.memory = Unit(name), Memory()
    engine.builder = Builder(engine.unit.names, saved[1].loc)
    engine.frames = list(saved[2])
    depth, engine.conditional = engine.conditional, 0
    try:
        params = [engine.unit.names.var(hint, leaf.type) for hint, leaf in zip(hints(shape), leaves(shape), strict=True)]
        value = recelled(rebuild(shape, iter(params)))
        assert isinstance(value, Seq)
        function, *given = value.items
        captured = zip(params, leaves(function), strict=False)
        engine.unit.foreign.update((p, f"'{p.hint or p.name}', which the function has captured") for p, _ in captured)
        engine.unit.borrowed.update(cells(function))
        try:
            result = engine.call(function, given[:count], dict(zip(names, given[count:], strict=True)))
        except Escapes:
            raise engine.refuse("UnsupportedSyntax", "SRC145", "a function that is differentiated here changes an object that it captures",
                                "pass it as an argument, or work on a copy") from None  # fmt: skip
        result = writes.current(engine, result)
        tree, yields = _result(engine, result, aux=aux)
        stmts = (*engine.unit.prologue, *engine.builder.stmts)
        key = engine.frames[-1].lowered.key
        written = engine.memory.now.keys() | engine.memory.stale.keys()
        changed = {n for n, p in enumerate(params) if p in written} | {-1 for c in cells(value) if c in written}
        return Func(name, Block(tuple(params), stmts, yields), tree, key), template(result), frozenset(changed)
    finally:
        engine.unit, engine.builder, engine.frames, engine.memory = saved
        engine.conditional = depth


def hints(shape: Seq) -> Iterator[str]:
    """Names for the leaves: of the parameters and captured variables, where they are known."""
    function, *given = shape.items
    yield from _hints(function, "")
    names = parameter_names(function)
    for n, item in enumerate(given):
        yield from _hints(item, names[n] if n < len(names) else "")


def _hints(value: Value, name: str) -> Iterator[str]:
    """Names for the leaves of a value that is called `name`: of captured variables, where it is a function."""
    if isinstance(value, Closure):
        captured = dict(zip(value.lowered.free, value.captures, strict=True))
        for own, inner in (*captured.items(), *(("", d) for d in (*value.defaults, *value.kwdefaults.values()))):
            yield from _hints(inner, variable(own))
    elif isinstance(value, Dyn):
        yield name
    else:
        for inner in children(value):
            yield from _hints(inner, name if isinstance(value, Seq) else "")


def parameter_names(f: Value) -> list[str]:
    """The names of the positional parameters of a function value, as far as they are known."""
    match f:
        case Static(obj):
            code = getattr(obj, "__code__", None)
            return [] if code is None else list(code.co_varnames[: code.co_argcount])
        case Closure(lowered):
            return [*lowered.posonly, *lowered.args]
        case Bound(function, _):
            return parameter_names(function)[1:]
        case Partial(Static(Operator() as operator), (inner, *options), _):
            names = parameter_names(inner)
            if operator is not INSERT:
                return names
            assert isinstance(options[0], Static)
            order, count, keywords = cast("tuple[tuple[int, ...], int, tuple[str, ...]]", options[0].value)
            placed = [*names[:count], *[""] * (count - len(names)), *keywords]
            return [placed[n] for n in order]
        case Partial(function, args, _):
            return parameter_names(function)[len(args) :]
    return []


def _result(engine: Engine, result: Value, *, aux: bool) -> tuple[Arg | None, tuple[Atom, ...]]:
    """The result as yields: its leaves, or with `aux` the value and the leaves of what comes with it."""
    if not aux:
        atoms = tuple(leaf.atom for leaf in leaves(result))
        if isinstance(result, Static):
            atoms = (engine.runtime(result, "the result of a function that is differentiated").atom,)
        return flat(len(atoms)), atoms
    if not isinstance(result, Seq) or result.cls is not tuple or len(result.items) != 2:
        raise engine.refuse("ArgumentError", "SRC501", "has_aux=True, but the function does not return a pair (value, aux)",
                            "return a tuple of two")  # fmt: skip
    main = engine.runtime(result.items[0], "the value of a function that is differentiated")
    rest = tuple(leaf.atom for leaf in leaves(result.items[1]))
    return Pack("tuple", (Const(0), Pack("tuple", tuple(Const(n) for n in range(1, 1 + len(rest)))))), (main.atom, *rest)


# ---- what derivatives give -------------------------------------------------------------------------------------------
def assembled(tree: Arg, found: Sequence[Value]) -> Value:
    """A result tree over values."""
    if isinstance(tree, Pack):
        keys = tuple(k.value for k in tree.keys if isinstance(k, Const))
        return Seq(KINDS[tree.kind], tuple(assembled(i, found) for i in tree.items), keys)
    assert isinstance(tree, Const)
    return found[int(str(tree.value))]


def in_structure(shape: Value, found: Iterator[Value], others: Value = NONE_VALUE) -> Value:
    """Cotangents or tangents in the structure of a value: one part per leaf that is differentiated, elsewhere what `others` have: None."""
    if isinstance(shape, Dyn):
        return next(found) if shape.varied and may_carry_derivative(shape.type) else others
    own = parts(shape)
    if own is None:
        return NONE_VALUE
    rest = others.items if isinstance(others, Seq) else (NONE_VALUE,) * len(own[1])
    items = tuple(in_structure(i, found, o) for i, o in zip(own[1], rest, strict=True))
    return replace(shape, items=items) if isinstance(shape, Seq) else Seq(tuple, items)


def filled(shape: Value, parts: Iterator[Value]) -> Value:
    """A template with values in place of its leaves."""
    if isinstance(shape, Dyn):
        return next(parts)
    return with_children(shape, tuple(filled(c, parts) for c in children(shape)))
