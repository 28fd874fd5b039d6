"""Functions whose derivative is not made from their source: `custom_vjp`, `custom_jvp`, and `checkpoint`, which runs them again.

A call becomes a call of a function of the program that carries a `Custom`: functions made here from the rule of the user, for
arguments and results whose leaves are numbers and arrays.
"""
from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from srcad.analysis.linear import bent
from srcad.analysis.repeatable import repeatable
from srcad.analysis.sharing import Sharing
from srcad.errors import SrcadError
from srcad.ir.build import Builder
from srcad.ir.core import CALL, PACK, UNPACK
from srcad.ir.nodes import Atom, Block, Call, Const, Custom, Effect, Func, FuncRef, Op, Pack, Program, Ref, Var
from srcad.ir.types import CONTAINERS, NONE, UNKNOWN, Struct, Type, dtype_kind, is_scalar, may_carry_derivative
from srcad.ir.visit import called_by
from srcad.ops import table
from srcad.specialise import forms, functions, matching
from srcad.specialise.canonical import Canonical
from srcad.specialise.derived import filled, flat, hints, unfinished
from srcad.specialise.frames import Callee, Unit
from srcad.specialise.function_names import free_name
from srcad.specialise.memory import can_change
from srcad.specialise.ruled import Given, Ruled
from srcad.specialise.templates import children, explode, key, leaves, rebuild, template, with_children
from srcad.specialise.values import Bound, Closure, Dyn, Partial, Seq, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def call(engine: Engine, rule: Ruled, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call of a function with a rule: by the rule where a differentiated value reaches it."""
    if not any(map(is_varied, (*args, *kwargs.values(), rule.whole))):
        return engine.call(rule.primal, args, kwargs)
    bound = rule.bound(engine, args, kwargs)
    named = zip((*bound.names, *bound.keywords), bound.values, strict=True)
    given = [v if n in rule.apart or rule.kind == "both" else functions.widened(engine, name, v) for n, (name, v) in enumerate(named)]
    for n in rule.apart:
        if n < len(given) and is_varied(given[n]):
            what = f"argument {n} of '{rule.name}' is named in nondiff_argnums, and differentiated"
            raise engine.refuse("ArgumentError", "SRC501", what, "leave it out of nondiff_argnums, or pass srcad.stop_gradient(x) for x")
    for n, value in enumerate(given):
        if rule.kind in _BY_ARGUMENT and not isinstance(value, Dyn | Seq) and is_varied(value):
            what = f"argument {n} of '{rule.name}' is a function that captures a differentiated variable"
            raise engine.refuse("ArgumentError", "SRC501", f"{what}, and its rule has no derivative by that",
                                "pass the variable as an argument of its own")  # fmt: skip
    tokens = Canonical()
    own = replace(rule.whole, items=tuple(map(engine.now, rule.whole.items)))
    whole = Seq(tuple, (own, *(_taken_apart(engine, v) for v in given)))
    shape = template(tokens.inward(whole))
    assert isinstance(shape, Seq)
    captured = _places(list(leaves(own)))
    ident = ("custom", rule.kind, rule.step, rule.apart, tuple(rule.members), bound.keywords, captured, key(shape), engine.in_try > 0)
    callee = engine.callees.get(ident) or _made(engine, _Room(engine, rule, bound, shape, captured), ident)
    if callee.result is None:
        raise engine.refuse("UnsupportedSyntax", "SRC187", f"'{callee.name}' is made of itself", "take the recursion out of it")
    result = tokens.outward(callee.result)
    outs = tuple(engine.unit.names.var("", leaf.type) for leaf in leaves(result))
    every = [leaf.atom for leaf in leaves(whole)]
    atoms = (*_once(every, captured), *every[len(captured) :])
    engine.builder.add(Call(outs, FuncRef(callee.name, Effect.RAISES | Effect.UNKNOWN), atoms, (), engine.builder.loc))
    _relate(engine, callee.name, outs, whole)
    return rebuild(result, iter(outs))


T = TypeVar("T")
def _relate(engine: Engine, name: str, outs: Sequence[Var], given: Value) -> None:
    """The results of a function may be what it was given: where it is still being made, that is not known."""
    roots = set(engine.memory.roots(given))
    func = next((f for f in engine.funcs if f.name == name), None)
    sharing = None if func is None else Sharing(func.body)
    for n, out in enumerate(outs):
        y = None if func is None else func.body.yields[n]
        fresh = sharing is not None and not (isinstance(y, Var) and sharing.is_given(y))
        if roots and can_change(out.type) and not fresh:
            engine.memory.relate(out, roots)


_BY_ARGUMENT = ("vjp", "jvp", "differences")  # kinds of rules that give a derivative for each argument, and for nothing else


def _made(engine: Engine, room: _Room, ident: object) -> Callee:
    """The function of the program for a function with a rule; while that is made, what the rule calls finds it half-made."""
    count = len(engine.funcs)
    engine.callees[ident] = room.callee
    try:
        _MAKERS[room.rule.kind](room)
    except BaseException:
        del engine.callees[ident]
        del engine.funcs[count:]
        raise
    return room.callee


def _places(found: Sequence[Dyn]) -> tuple[int, ...]:
    """For each of these its number when each value is counted once."""
    known: dict[tuple[Atom, Type], int] = {}
    return tuple(known.setdefault((leaf.atom, leaf.type), len(known)) for leaf in found)


def _once(found: Sequence[T], places: Sequence[int]) -> list[T]:
    """What stands in each place."""
    first: dict[int, T] = {}
    for place, one in zip(places, found, strict=False):
        first.setdefault(place, one)
    return list(first.values())


def _taken_apart(engine: Engine, value: Value, *, captured: bool = False) -> Value:
    """An argument whose leaves are numbers and arrays; what functions have captured is only read, so that objects are taken apart too."""
    match value:
        case Dyn(_, Struct(cls), varied) if varied or captured or cls in CONTAINERS:
            return _taken_apart(engine, explode(value, engine.builder), captured=captured)
        case Seq() | Closure() | Bound() | Partial():
            inside = captured or not isinstance(value, Seq)
            return with_children(value, tuple(_taken_apart(engine, v, captured=inside) for v in children(value)))
    return value


class _Room:
    """Where the functions of one rule are made, for arguments of one shape."""

    def __init__(self, engine: Engine, rule: Ruled, bound: Given, shape: Seq, captured: tuple[int, ...]) -> None:
        self.engine = engine
        self.rule = rule
        self.names = bound.names  # of the arguments by position
        self.keywords = bound.keywords  # of those behind them
        self.shape = shape  # the functions of the rule, then the arguments
        self.name = free_name(engine, rule.name)
        count = len(set(captured))
        every = list(leaves(shape))
        self.captured = captured  # which parameter each captured leaf is
        self.types: list[Type] = [leaf.type for leaf in (*_once(every, captured), *every[len(captured) :])]
        self.fixed = count if rule.kind in _BY_ARGUMENT else 0  # first parameters, which the rule has no derivative for
        self.floats = [t for t in self.types[self.fixed :] if may_carry_derivative(t)]
        self.apart = tuple(n for n in rule.apart if n < len(bound.names))
        self.callee = Callee(self.name, busy=False)

    def function(
        self, suffix: str, types: Sequence[Type], body: Callable[[list[Var]], Sequence[Atom]], first: str = ""
    ) -> Func:  # fmt: skip
        """A function of the program with parameters of these types, whose statements `body` writes.

        The parameters are those of the user with their tangents, or residuals, called so by `first`, and cotangents.
        """
        engine = self.engine
        saved = engine.unit, engine.builder, engine.conditional
        engine.unit = Unit(f"{self.name}{suffix}")
        engine.builder = Builder(engine.unit.names, saved[1].loc)
        engine.conditional = 0
        try:
            words = [first, *("value_bar" for _ in types[1:])] if first else self._words()
            params = [engine.unit.names.var(h, t) for h, t in zip(words, types, strict=False)]
            engine.unit.foreign.update((p, f"what '{self.rule.name}', a function with a rule, is given or captures") for p in params)
            yields = tuple(body(params))
            block = Block(tuple(params), (*engine.unit.prologue, *engine.builder.stmts), yields)
            return Func(engine.unit.name, block, flat(len(yields)), engine.frames[-1].lowered.key)
        finally:
            engine.unit, engine.builder, engine.conditional = saved

    def _words(self) -> list[str]:
        """Names for the parameters and for their tangents."""
        functions_, *given = self.shape.items
        named = [*hints(Seq(tuple, (self.rule.primal, *given)))]
        own = [*_once([*hints(Seq(tuple, (functions_,)))], self.captured), *named[len(named) - len([*leaves(Seq(tuple, tuple(given)))]) :]]
        floats = [h for h, t in zip(own[self.fixed :], self.types[self.fixed :], strict=True) if may_carry_derivative(t)]
        return [*own, *(f"{h}_dot" if h else "" for h in floats)]

    def given(self, params: Sequence[Var]) -> tuple[dict[str, Value], list[Value]]:
        """The functions of the rule and the arguments, made of the first parameters."""
        count = len(set(self.captured))
        found = rebuild(self.shape, iter([*(params[n] for n in self.captured), *params[count:]]))
        assert isinstance(found, Seq)
        own, *given = found.items
        assert isinstance(own, Seq)
        return dict(zip(self.rule.members, own.items, strict=True)), given

    def without(self, given: Sequence[Value]) -> tuple[Value, ...]:
        """One value for each argument, without those that the rule has no derivative for."""
        return tuple(v for n, v in enumerate(given) if n not in self.apart)

    def padded(self, found: Sequence[Value]) -> tuple[Value, ...]:
        """The reverse of `without`, with None for these."""
        rest = iter(found)
        return tuple(Static(None) if n in self.apart else next(rest) for n in range(len(self.names)))

    def pair(self, found: Value, who: str, advice: str) -> tuple[Value, Value]:
        """The two parts of what a rule gives."""
        if not isinstance(found, Seq) or found.cls is not tuple or len(found.items) != 2:
            raise self.wrong(who, "does not return a pair", advice)
        return found.items[0], found.items[1]

    def wrong(self, who: str, what: str, advice: str) -> SrcadError:
        """An error in a rule."""
        return self.engine.refuse("ArgumentError", "SRC501", f"the {who} of '{self.rule.name}' {what}", advice)

    def atoms(self, value: Value) -> list[Atom]:
        """The leaves of a result."""
        if isinstance(value, Static):
            return [self.engine.runtime(value, "a result").atom]
        return [leaf.atom for leaf in leaves(value)]

    def called(self, func: Func, args: Sequence[Atom]) -> list[Var]:
        """Call a function of the program."""
        outs = [self.engine.unit.names.var("", y.type if isinstance(y, Var) else NONE) for y in func.body.yields]
        op = FuncRef(func.name, Effect.RAISES | Effect.UNKNOWN)
        self.engine.builder.add(Call(tuple(outs), op, tuple(args), (), self.engine.builder.loc))
        return outs

    def packed(self, atoms: Sequence[Atom]) -> Var:
        """Residuals: a tuple; lengths of arrays mean nothing outside the function."""
        types = tuple(_loose(a.type) if isinstance(a, Var) else NONE for a in atoms)
        return self.engine.builder.call(PACK, (Pack("tuple", tuple(atoms)),), Struct(tuple, (), types))

    def unpacked(self, whole: Var, names: Sequence[str] = ()) -> list[Var]:
        """The residuals again; `names` is what they were called, as far as that is known."""
        assert isinstance(whole.type, Struct)
        called = itertools.chain(names, itertools.repeat(""))
        held = [self.engine.unit.names.var(n, t) for n, t in zip(called, whole.type.items, strict=False)]
        if held:
            self.engine.builder.add(Call(tuple(held), UNPACK, (whole,), (), self.engine.builder.loc))
        return held

    def primal(self) -> tuple[Func, Value]:
        """The function itself.  It is not differentiated: where its source cannot be followed, it is called as it is."""
        found: list[Value] = []

        def body(params: list[Var]) -> list[Atom]:
            own, given = self.given(params)
            outer, self.engine.ruled = self.engine.ruled, self.rule.kind == "both"
            try:
                found.append(self._run(forms.stopped(self.engine, own["primal"]), [forms.stopped(self.engine, v) for v in given]))
            finally:
                self.engine.ruled = outer
            return self.atoms(found[0])

        return self.function("", self.types, body), template(found[0])

    def _run(self, f: Value, given: list[Value]) -> Value:
        with self.engine.aside() as inner:
            try:
                value = self.engine.call(f, given, {})
            except SrcadError:
                if not isinstance(f, Static) or not f.path or self.rule.kind == "both":
                    raise
                inner.stmts.clear()
                value = self.opaque(f, given)
        self.engine.builder.stmts.extend(inner.stmts)
        return value

    def opaque(self, f: Static, given: list[Value]) -> Dyn:
        """The function called as it is; what it returns is known at run time only."""
        args = [self.engine.runtime(v, "an argument").atom for v in given]
        return Dyn(self.engine.builder.call(CALL, (Ref(f.path, f.value), *args)), UNKNOWN)

    def derived(self, func: Func, form: str, wrt: tuple[int, ...]) -> tuple[Func, ...]:
        """The derivative of a function of the program: the functions to call (two halves for vjp)."""
        engine = self.engine
        missing = unfinished(func, {f.name: f for f in engine.funcs})
        if missing or engine.derive is None:
            raise engine.refuse("UnsupportedSyntax", "SRC187", f"'{missing or func.name}' takes a derivative of itself",
                                "hand the order of the derivative over as a number, or write the orders out")  # fmt: skip
        new = engine.derive(func, engine.funcs, engine.sources, form, wrt, False)
        count = 2 if form == "vjp" else 1
        own = tuple(replace(f, result=flat(len(f.body.yields))) for f in new[:count])
        engine.funcs.extend((*own, *new[count:]))
        return own

    def begin(self, func: Func, result: Value, forward: str = "", backward: str = "", jvp: str = "") -> None:
        """Put the function with its rule into the program, by the suffixes of the rule's functions, which may still be made."""
        forward, backward, jvp = (f"{self.name}{suffix}" if suffix else "" for suffix in (forward, backward, jvp))
        self.engine.funcs.append(replace(func, custom=Custom(forward, backward, jvp, self.fixed)))
        self.settle(result)

    def settle(self, result: Value) -> None:
        """Say what callers get."""
        varied = [replace(leaf, varied=may_carry_derivative(leaf.type)) for leaf in leaves(result)]
        self.callee.result = filled(result, iter(varied))

    def result(self, primal: Value, out: Value) -> Value:
        """The result of a function and of its rule, which must be alike."""
        pairs = list(zip(leaves(primal), leaves(out), strict=False))
        same = len(list(leaves(primal))) == len(list(leaves(out))) and all(matching.alike(a.type, b.type) for a, b in pairs)
        if not same or _structure(primal) != _structure(out):
            raise self.wrong("rule", "gives another kind of result than the function", "return what the function returns")
        return filled(primal, iter([b if a.type == UNKNOWN else a for a, b in pairs]))


def _structure(value: Value) -> object:
    return (value.cls, value.keys, *map(_structure, value.items)) if isinstance(value, Seq) else None


def _loose(t: Type) -> Type:
    """A type without lengths."""
    found = Canonical().outward(Dyn(Const(None), t))
    assert isinstance(found, Dyn)
    return found.type


def _prototype(engine: Engine, leaf: Dyn) -> Atom:
    """What has the shape and dtype of an argument: nothing of it is kept."""
    prototype = table.spelling("prototype")
    assert prototype is not None
    return engine.builder.call(prototype.op, (leaf.atom,), leaf.type)


def _floats_of(value: Value) -> list[Dyn]:
    return [leaf for leaf in leaves(value) if may_carry_derivative(leaf.type)]


def _seeded(variables: Sequence[Var]) -> list[Dyn]:
    return [Dyn(v, v.type, may_carry_derivative(v.type)) for v in variables]


# ---- custom_vjp ------------------------------------------------------------------------------------------------------
def _by_vjp(room: _Room) -> None:
    func, primal = room.primal()
    room.begin(func, primal, "_fwd", "_bwd", "")
    _halves(room, primal)


def _halves(room: _Room, primal: Value) -> None:
    """Make both halves of reverse mode from the functions of the rule."""
    parts: list[Value] = []
    names: list[str] = []
    places: list[int] = []

    def forward(params: list[Var]) -> list[Atom]:
        own, given = room.given(params)
        out, kept = room.pair(room.engine.call(own["fwd"], given, {}), "forward function", "return (result, residuals)")
        parts.extend((out, Seq(tuple, (own["bwd"], *(given[n] for n in room.apart), kept))))
        likes = [_prototype(room.engine, leaf) for v in given for leaf in _floats_of(v) if not is_scalar(leaf.type)]
        kept_leaves = list(leaves(parts[1]))
        places.extend(_places(kept_leaves))
        held = [leaf.atom for leaf in _once(kept_leaves, places)]
        names.extend(a.hint if isinstance(a, Var) else "" for a in held)
        return [*room.atoms(out), room.packed([*held, *likes])]

    first = room.function("_fwd", room.types, forward)
    room.engine.funcs.append(first)
    out, residuals = map(template, parts)
    count = len(set(places))

    def backward(params: list[Var]) -> list[Atom]:
        held = room.unpacked(params[0], names)
        seen = filled(residuals, iter(_seeded([held[n] for n in places])))
        assert isinstance(seen, Seq)
        bwd, *rest = seen.items
        found = room.engine.call(bwd, [*rest, matching.in_structure(out, iter(_seeded(params[1:])))], {})
        wanted = len(room.names) - len(room.apart)
        if not isinstance(found, Seq) or len(found.items) != wanted:
            got = f"{len(found.items)} cotangents" if isinstance(found, Seq) else "no tuple"
            raise room.wrong("backward function", f"returns {got} for {wanted} arguments", "return one for each, None for zero")
        arrays = iter(_seeded(held[count:]))
        bars: list[Atom] = []
        for name, item, bar in zip(room.names, room.shape.items[1:], room.padded(found.items), strict=True):
            likes = [Dyn(Const(0.0), leaf.type) if is_scalar(leaf.type) else next(arrays) for leaf in _floats_of(item)]
            where = f"the cotangent that the rule of '{room.rule.name}' gives for '{name}'"
            bars.extend(matching.whole(room.engine, bar, item, likes, where))
        return bars

    residual = first.body.yields[-1]
    assert isinstance(residual, Var)
    second = room.function("_bwd", [residual.type, *(_loose(leaf.type) for leaf in _floats_of(out))], backward, "residuals")
    room.engine.funcs.append(second)
    room.settle(room.result(primal, out))


# ---- custom_jvp ------------------------------------------------------------------------------------------------------
def _by_jvp(room: _Room) -> None:
    func, primal = room.primal()
    room.begin(func, primal, "_fwd", "_bwd", "_jvp")
    jvp, out = _pushed(room, primal)
    _transposed(room, jvp, len(list(leaves(out))) or 1)


def _pushed(room: _Room, primal: Value) -> tuple[Func, Value]:
    """Make the function that gives the result with its tangent, from that of the rule; and what it gives."""
    parts: list[Value] = []

    def pushed(params: list[Var]) -> list[Atom]:
        own, given = room.given(params[: len(room.types)])
        tangents = matching.in_structure(Seq(tuple, room.shape.items[1:]), iter(_seeded(params[len(room.types) :])))
        assert isinstance(tangents, Seq)
        pair = (Seq(tuple, room.without(given)), Seq(tuple, room.without(tangents.items)))
        found = room.engine.call(own["jvp"], [*(given[n] for n in room.apart), *pair], {})
        out, moved = room.pair(found, "rule", "return (result, tangent of the result)")
        parts.append(out)
        dots = matching.whole(room.engine, moved, out, _floats_of(out), f"the tangent that the rule of '{room.rule.name}' gives")
        return [*room.atoms(out), *dots]

    jvp = room.function("_jvp", [*room.types, *room.floats], pushed)
    room.engine.funcs.append(jvp)
    room.settle(room.result(primal, template(parts[0])))
    return jvp, parts[0]


def _transposed(room: _Room, jvp: Func, outs: int) -> None:
    """Make both halves of reverse mode: the rule is linear in the tangents, so its pullback by them is taken, at zero."""
    count = len(room.types)

    whole = room.function("_linear", [*room.types, *room.floats], lambda params: room.called(jvp, params))
    moving = range(count, count + len(room.floats))
    halves = room.derived(whole, "vjp", tuple(moving))
    curve = bent(jvp, frozenset(moving), Program((jvp, *(f for f in room.engine.funcs if f is not jvp))))
    if curve is not None:
        raise room.wrong("rule", f"is not linear in the tangents: they go into {curve.op.name}",
                         "give a sum of products of one tangent each; write what clips cotangents with srcad.custom_vjp")  # fmt: skip
    made = halves[0].body.yields
    residual = made[-1]
    assert isinstance(residual, Var)

    def forward(params: list[Var]) -> list[Atom]:
        zeros = [matching.zero(room.engine, Dyn(v, v.type)).atom for v in params[room.fixed :] if may_carry_derivative(v.type)]
        found = room.called(halves[0], [*params, *zeros])
        return [*found[:outs], found[-1]]

    first = room.function("_fwd", room.types, forward)
    fixed = sum(isinstance(y, Var) and may_carry_derivative(y.type) for y in made[:outs])
    bars = [_loose(y.type) for y in made[outs:-1] if isinstance(y, Var) and may_carry_derivative(y.type)]

    def backward(params: list[Var]) -> list[Atom]:
        return list(room.called(halves[1], [params[0], *(Const(0.0) for _ in range(fixed)), *params[1:]]))

    second = room.function("_bwd", [_loose(residual.type), *bars], backward, "residuals")
    room.engine.funcs.extend((first, second))


# ---- checkpoint ------------------------------------------------------------------------------------------------------
def _again(room: _Room) -> None:
    found: list[Value] = []

    def body(params: list[Var]) -> list[Atom]:
        own, given = room.given(params)
        count = len(room.names)
        found.append(room.engine.call(own["primal"], given[:count], dict(zip(room.keywords, given[count:], strict=True))))
        return room.atoms(found[0])

    func = room.function("", room.types, body)
    _check_repeatable(room, called_by(func, room.engine.funcs))
    wrt = tuple(n for n, t in enumerate(room.types) if may_carry_derivative(t))
    halves = room.derived(func, "vjp", wrt)
    (moved,) = room.derived(func, "jvp", wrt)
    jvp = room.function("_moved", [*room.types, *room.floats], lambda params: room.called(moved, params)[:-1])
    first = room.function("_start", room.types, lambda params: [*room.called(func, params), room.packed(params)])

    def backward(params: list[Var]) -> list[Atom]:
        made = room.called(halves[0], room.unpacked(params[0]))
        return list(room.called(halves[1], [made[-1], *params[1:]]))

    residual = first.body.yields[-1]
    assert isinstance(residual, Var)
    bars = [_loose(y.type) for y in func.body.yields if isinstance(y, Var) and may_carry_derivative(y.type)]
    second = room.function("_again", [residual.type, *bars], backward, "residuals")
    room.engine.funcs.extend((jvp, first, second))
    room.begin(func, template(found[0]), "_start", "_again", "_moved")


def _check_repeatable(room: _Room, funcs: list[Func]) -> None:
    """Refuse effects: they would come twice, and random numbers would be others the second time."""
    if not repeatable(funcs):
        raise room.engine.refuse("UnsupportedSyntax", "SRC192", f"'{room.rule.name}' is to run again in the reverse sweep, "
                                 "but it prints, draws random numbers or calls a function that nobody has read",
                                 "do that before, and pass the result as an argument")  # fmt: skip


# ---- differences -----------------------------------------------------------------------------------------------------
_ALONG = Op("differences_along", "differences_along(*_)", ("srcad.runtime:differences_along",), Effect.RAISES | Effect.UNKNOWN)
_BACK = Op("differences_back", "differences_back(*_)", ("srcad.runtime:differences_back",), Effect.RAISES | Effect.UNKNOWN)


def _import_path(f: Static) -> str:
    """Where a function under a rule is found by import: by its name, which may be that of the rule; '' if nowhere."""
    obj: Any = f.value
    found: Any = sys.modules.get(obj.__module__)
    for part in obj.__qualname__.split("."):
        found = getattr(found, part, None)
    own = f"{obj.__module__}:{obj.__qualname__}"
    return own if found is obj else f"{own}.primal" if getattr(found, "primal", None) is obj else ""


def _by_differences(room: _Room) -> None:
    """The function called as it is, in the rules too, which have no rules themselves."""
    engine, found = room.engine, room.rule.primal
    path = "" if not isinstance(found, Static) else found.path or _import_path(found)
    if not isinstance(found, Static) or not path:
        raise room.wrong("function", "cannot be imported", "define it at the level of a module")
    f = Static(found.value, path)
    if any(dtype_kind(t) == "c" for t in room.floats):
        raise room.wrong("differences", "are by real arguments only", "pass real and imaginary parts")
    ref = Ref(path, f.value)

    def plainly(params: list[Var]) -> list[Atom]:
        return room.atoms(room.opaque(f, [forms.stopped(engine, v) for v in room.given(params)[1]]))

    func = room.function("", room.types, plainly)
    primal = Dyn(Const(None), UNKNOWN)
    room.begin(func, primal, "_fwd", "_bwd", "_jvp")

    def opening(params: list[Var]) -> tuple[Atom, ...]:
        whole = engine.runtime(Seq(tuple, tuple(room.given(params)[1])), "the arguments").atom
        return (ref, Const(room.rule.step), whole)

    def backward(params: list[Var]) -> list[Atom]:
        t = Struct(tuple, (), tuple(map(_loose, room.floats)))
        found = engine.builder.call(_BACK, (*opening(room.unpacked(params[0])), params[1]), t)
        return list(room.unpacked(found))

    def moved(params: list[Var]) -> list[Atom]:
        count = len(room.types)
        dots = Pack("tuple", tuple(params[count:]))
        made = room.called(func, params[:count])
        return [*made, engine.builder.call(_ALONG, (*opening(params[:count]), dots), _loose(made[0].type))]

    first = room.function("_fwd", room.types, lambda params: [*room.called(func, params), room.packed(params)])
    residual = first.body.yields[-1]
    assert isinstance(residual, Var)
    second = room.function("_bwd", [residual.type, UNKNOWN], backward, "residuals")
    jvp = room.function("_jvp", [*room.types, *room.floats], moved)
    engine.funcs.extend((first, *(replace(f, custom=Custom(f.name)) for f in (second, jvp))))


# ---- srcad's own rules -------------------------------------------------------------------------------------------------
def _by_both(room: _Room) -> None:
    """Rules for both modes.  Inside as many others as there are orders to be made, the rule is left out until it is asked for."""
    engine = room.engine
    func, primal = room.primal()
    if engine.depth == engine.orders:
        room.begin(func, primal)
        return
    room.begin(func, primal, "_fwd", "_bwd", "_jvp")
    engine.depth += 1
    try:
        _halves(room, primal)
        _pushed(room, primal)
    finally:
        engine.depth -= 1


_MAKERS: dict[str, Callable[[_Room], None]] = {
    "vjp": _by_vjp, "jvp": _by_jvp, "checkpoint": _again, "both": _by_both, "differences": _by_differences,
}  # fmt: skip
