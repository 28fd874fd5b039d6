"""Functions whose derivative is not made from their source: `custom_vjp`, `custom_jvp`, and `checkpoint`, which runs them again.

A call becomes a call of a function of the program that carries a `Custom`: functions made here from the rule of the user, for
arguments and results whose leaves are numbers and arrays.
"""
from __future__ import annotations

import inspect
import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srcad.analysis.repeatable import repeatable
from srcad.custom import by_rule
from srcad.errors import SrcadError
from srcad.ir.build import Builder
from srcad.ir.core import CALL, PACK, UNPACK
from srcad.ir.nodes import Atom, Block, Call, Const, Custom, Effect, Func, FuncRef, Op, Pack, Ref, Var
from srcad.ir.types import NONE, UNKNOWN, Struct, Type, dtype_kind, is_scalar, may_carry_derivative
from srcad.ops import table
from srcad.specialise import forms, functions, matching
from srcad.specialise.canonical import Canonical
from srcad.specialise.derived import called_by, filled, flat, free_name, hints, unfinished
from srcad.specialise.frames import Callee, Unit
from srcad.specialise.memory import can_change
from srcad.specialise.templates import explode, key, leaves, rebuild, template
from srcad.specialise.values import Dyn, Seq, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def call(engine: Engine, obj: Any, path: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call of a function with a rule: by the rule where a differentiated value reaches it."""
    given = _bound(engine, obj, args, kwargs)
    if not any(map(is_varied, given)):
        return engine.call(_member(obj, path, "primal"), list(given), {})
    for n in _apart(obj):
        if n < len(given) and is_varied(given[n]):
            what = f"argument {n} of '{obj.__name__}' is named in nondiff_argnums, and differentiated"
            raise engine.refuse("ArgumentError", "SRC501", what, "leave it out of nondiff_argnums, or pass srcad.stop_gradient(x) for x")
    for n, value in enumerate(given):
        if obj.__srcad_custom__ in _BY_ARGUMENT and not isinstance(value, Dyn | Seq) and is_varied(value):
            what = f"argument {n} of '{obj.__name__}' is a function that captures a differentiated variable"
            raise engine.refuse("ArgumentError", "SRC501", f"{what}, and its rule has no derivative by that",
                                "pass the variable as an argument of its own")  # fmt: skip
    tokens = Canonical()
    whole = Seq(tuple, tuple(_taken_apart(engine, v) for v in given))
    shape = template(tokens.inward(whole))
    assert isinstance(shape, Seq)
    ident = ("custom", id(obj), key(shape), engine.in_try > 0)
    callee = engine.callees.get(ident) or _made(engine, obj, path, shape, ident)
    if callee.result is None:
        raise engine.refuse("UnsupportedSyntax", "SRC187", f"'{callee.name}' is made of itself", "take the recursion out of it")
    result = tokens.outward(callee.result)
    outs = tuple(engine.unit.names.var("", leaf.type) for leaf in leaves(result))
    atoms = tuple(leaf.atom for leaf in leaves(whole))
    engine.builder.add(Call(outs, FuncRef(callee.name, Effect.RAISES | Effect.UNKNOWN), atoms, (), engine.builder.loc))
    roots = set(engine.memory.roots(whole))
    for out in outs:
        if roots and can_change(out.type):  # it may give back what it was given
            engine.memory.relate(out, roots)
    return rebuild(result, iter(outs))


_BY_ARGUMENT = ("vjp", "jvp", "differences")  # kinds of rules that give a derivative for each argument, and for nothing else


def _made(engine: Engine, obj: Any, path: str, shape: Seq, ident: object) -> Callee:
    """The function of the program for a function with a rule; while that is made, what the rule calls finds it half-made."""
    count = len(engine.funcs)
    room = _Room(engine, obj, path, shape)
    engine.callees[ident] = room.callee
    try:
        _MAKERS[obj.__srcad_custom__](room)
    except BaseException:
        del engine.callees[ident]
        del engine.funcs[count:]
        raise
    return room.callee


def _bound(engine: Engine, obj: Any, args: list[Value], kwargs: dict[str, Value]) -> tuple[Value, ...]:
    """The arguments by position, as Python binds them."""
    try:
        bound = inspect.signature(obj.primal).bind(*args, **kwargs)
    except TypeError as error:
        raise engine.refuse("ArgumentError", "SRC501", f"{obj.__name__}(): {error}", "correct the call") from None
    if bound.kwargs:
        raise engine.refuse("UnsupportedSyntax", "SRC190", f"'{obj.__name__}' has a rule and keyword-only parameters",
                            "give it positional parameters")  # fmt: skip
    given: list[tuple[str, Value]] = []
    for name, p in bound.signature.parameters.items():
        if p.kind is p.VAR_POSITIONAL:
            given.extend((name, v) for v in bound.arguments.get(name, ()))
        elif name in bound.arguments or p.default is not p.empty:
            given.append((name, bound.arguments.get(name, Static(p.default))))
    if isinstance(obj, by_rule):
        return tuple(v for _, v in given)
    return tuple(v if n in _apart(obj) else functions.widened(engine, name, v) for n, (name, v) in enumerate(given))


def _apart(obj: Any) -> tuple[int, ...]:
    """The numbers of the arguments that a rule has no derivative for."""
    return obj.nondiff if obj.__srcad_custom__ in ("vjp", "jvp") else ()


def _taken_apart(engine: Engine, value: Value) -> Value:
    """An argument whose leaves are numbers and arrays."""
    match value:
        case Dyn(_, Struct(cls)) if cls in (tuple, list, dict):
            return _taken_apart(engine, explode(value, engine.builder))
        case Seq():
            return replace(value, items=tuple(_taken_apart(engine, v) for v in value.items))
    return value


def _member(obj: Any, path: str, name: str) -> Static:
    return Static(getattr(obj, name), f"{path}.{name}" if path else "")


class _Room:
    """Where the functions of one rule are made, for arguments of one shape."""

    def __init__(self, engine: Engine, obj: Any, path: str, shape: Seq) -> None:
        self.engine = engine
        self.obj = obj
        self.path = path
        self.shape = shape
        self.name = free_name(engine, obj.__name__)
        self.types: list[Type] = [leaf.type for leaf in leaves(shape)]
        self.floats = [t for t in self.types if may_carry_derivative(t)]
        self.apart = tuple(n for n in _apart(obj) if n < len(shape.items))
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
            yields = tuple(body(params))
            block = Block(tuple(params), (*engine.unit.prologue, *engine.builder.stmts), yields)
            return Func(engine.unit.name, block, flat(len(yields)), engine.frames[-1].lowered.key)
        finally:
            engine.unit, engine.builder, engine.conditional = saved

    def _words(self) -> list[str]:
        """Names for the parameters and for their tangents."""
        own = list(hints(Seq(tuple, (Static(self.obj.primal), *self.shape.items))))
        return [*own, *(f"{h}_dot" if h else "" for h, t in zip(own, self.types, strict=True) if may_carry_derivative(t))]

    def names(self) -> list[str]:
        """What the arguments are called in messages."""
        parameters = list(inspect.signature(self.obj.primal).parameters.values())
        fixed = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]
        star = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "")
        return [fixed[n] if n < len(fixed) else f"{star}[{n - len(fixed)}]" for n in range(len(self.shape.items))]

    def given(self, params: Sequence[Var]) -> list[Value]:
        """The arguments, made of the first parameters."""
        found = rebuild(self.shape, iter(params))
        assert isinstance(found, Seq)
        return list(found.items)

    def without(self, given: Sequence[Value]) -> tuple[Value, ...]:
        """One value for each argument, without those that the rule has no derivative for."""
        return tuple(v for n, v in enumerate(given) if n not in self.apart)

    def padded(self, found: Sequence[Value]) -> tuple[Value, ...]:
        """The reverse of `without`, with None for these."""
        rest = iter(found)
        return tuple(Static(None) if n in self.apart else next(rest) for n in range(len(self.shape.items)))

    def user(self, name: str, *args: Value) -> Value:
        """What a function of the user gives."""
        return self.engine.call(_member(self.obj, self.path, name), list(args), {})

    def pair(self, found: Value, who: str, advice: str) -> tuple[Value, Value]:
        """The two parts of what a rule gives."""
        if not isinstance(found, Seq) or found.cls is not tuple or len(found.items) != 2:
            raise self.wrong(who, "does not return a pair", advice)
        return found.items[0], found.items[1]

    def wrong(self, who: str, what: str, advice: str) -> SrcadError:
        """An error in a rule."""
        return self.engine.refuse("ArgumentError", "SRC501", f"the {who} of '{self.obj.__name__}' {what}", advice)

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
            given = [forms.stopped(self.engine, v) for v in self.given(params)]
            outer, self.engine.ruled = self.engine.ruled, isinstance(self.obj, by_rule)
            try:
                found.append(self._run(given))
            finally:
                self.engine.ruled = outer
            return self.atoms(found[0])

        return self.function("", self.types, body), template(found[0])

    def _run(self, given: list[Value]) -> Value:
        with self.engine.aside() as inner:
            try:
                value = self.user("primal", *given)
            except SrcadError:
                if not self.path or isinstance(self.obj, by_rule):
                    raise
                inner.stmts.clear()
                value = self.opaque(given, f"{self.path}.primal")
        self.engine.builder.stmts.extend(inner.stmts)
        return value

    def opaque(self, given: list[Value], path: str) -> Dyn:
        """The function called as it is; what it returns is known at run time only."""
        args = [self.engine.runtime(v, "an argument").atom for v in given]
        return Dyn(self.engine.builder.call(CALL, (Ref(path, self.obj.primal), *args)), UNKNOWN)

    def derived(self, func: Func, form: str, wrt: tuple[int, ...]) -> tuple[Func, ...]:
        """The derivative of a function of the program: the functions to call (two halves for vjp)."""
        engine = self.engine
        missing = unfinished(func, {f.name: f for f in engine.funcs})
        if missing or engine.derive is None:
            raise engine.refuse("UnsupportedSyntax", "SRC187", f"'{missing or func.name}' takes a derivative of itself",
                                "the order of a derivative must not depend on a recursion: write the orders out")  # fmt: skip
        new = engine.derive(func, engine.funcs, engine.sources, form, wrt, False)
        count = 2 if form == "vjp" else 1
        own = tuple(replace(f, result=flat(len(f.body.yields))) for f in new[:count])
        engine.funcs.extend((*own, *new[count:]))
        return own

    def begin(self, func: Func, result: Value, *suffixes: str) -> None:
        """Put the function with its rule into the program; `suffixes` name the functions of the rule, which may still be made."""
        self.engine.funcs.append(replace(func, custom=Custom(*(f"{self.name}{s}" if s else "" for s in suffixes))))
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

    def forward(params: list[Var]) -> list[Atom]:
        given = room.given(params)
        out, kept = room.pair(room.user("fwd", *given), "forward function", "return (result, residuals)")
        parts.extend((out, Seq(tuple, (*(given[n] for n in room.apart), kept))))
        likes = [_prototype(room.engine, leaf) for v in given for leaf in _floats_of(v) if not is_scalar(leaf.type)]
        held = [leaf.atom for leaf in leaves(parts[1])]
        names.extend(a.hint if isinstance(a, Var) else "" for a in held)
        return [*room.atoms(out), room.packed([*held, *likes])]

    first = room.function("_fwd", room.types, forward)
    room.engine.funcs.append(first)
    out, residuals = map(template, parts)
    count = len(list(leaves(residuals)))

    def backward(params: list[Var]) -> list[Atom]:
        held = room.unpacked(params[0], names)
        seen = filled(residuals, iter(_seeded(held[:count])))
        assert isinstance(seen, Seq)
        found = room.user("bwd", *seen.items, matching.in_structure(out, iter(_seeded(params[1:]))))
        wanted = len(room.shape.items) - len(room.apart)
        if not isinstance(found, Seq) or len(found.items) != wanted:
            got = f"{len(found.items)} cotangents" if isinstance(found, Seq) else "no tuple"
            raise room.wrong("backward function", f"returns {got} for {wanted} arguments", "return one for each, None for zero")
        arrays = iter(_seeded(held[count:]))
        bars: list[Atom] = []
        for name, item, bar in zip(room.names(), room.shape.items, room.padded(found.items), strict=True):
            likes = [Dyn(Const(0.0), leaf.type) if is_scalar(leaf.type) else next(arrays) for leaf in _floats_of(item)]
            where = f"the cotangent that the rule of '{room.obj.__name__}' gives for '{name}'"
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
        given = room.given(params[: len(room.types)])
        tangents = matching.in_structure(room.shape, iter(_seeded(params[len(room.types) :])))
        assert isinstance(tangents, Seq)
        pair = (Seq(tuple, room.without(given)), Seq(tuple, room.without(tangents.items)))
        found = room.user("jvp", *(given[n] for n in room.apart), *pair)
        out, moved = room.pair(found, "rule", "return (result, tangent of the result)")
        parts.append(out)
        dots = matching.whole(room.engine, moved, out, _floats_of(out), f"the tangent that the rule of '{room.obj.__name__}' gives")
        return [*room.atoms(out), *dots]

    jvp = room.function("_jvp", [*room.types, *room.floats], pushed)
    room.engine.funcs.append(jvp)
    room.settle(room.result(primal, template(parts[0])))
    return jvp, parts[0]


def _transposed(room: _Room, jvp: Func, outs: int) -> None:
    """Make both halves of reverse mode: the rule is linear in the tangents, so its pullback by them is taken, at zero."""
    count = len(room.types)

    whole = room.function("_linear", [*room.types, *room.floats], lambda params: room.called(jvp, params))
    halves = room.derived(whole, "vjp", tuple(range(count, count + len(room.floats))))
    made = halves[0].body.yields
    residual = made[-1]
    assert isinstance(residual, Var)

    def forward(params: list[Var]) -> list[Atom]:
        zeros = [matching.zero(room.engine, Dyn(v, v.type)).atom for v in params if may_carry_derivative(v.type)]
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
        found.append(room.user("primal", *room.given(params)))
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
        raise room.engine.refuse("UnsupportedSyntax", "SRC192", f"'{room.obj.__name__}' is to run again in the reverse sweep, "
                                 "but it prints, draws random numbers or calls a function that nobody has read",
                                 "do that before, and pass the result as an argument")  # fmt: skip


# ---- differences -----------------------------------------------------------------------------------------------------
_ALONG = Op("differences_along", "differences_along(*_)", ("srcad.runtime:differences_along",), Effect.RAISES | Effect.UNKNOWN)
_BACK = Op("differences_back", "differences_back(*_)", ("srcad.runtime:differences_back",), Effect.RAISES | Effect.UNKNOWN)


def _import_path(obj: Any) -> str:
    """Where the function under a rule is found by import: by its name, which may be that of the rule; '' if nowhere."""
    module, name = obj.primal.__module__, obj.primal.__qualname__
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is obj.primal else f"{module}:{name}.primal" if found is obj else ""


def _by_differences(room: _Room) -> None:
    """The function called as it is, in the rules too, which have no rules themselves."""
    engine, obj = room.engine, room.obj
    path = f"{room.path}.primal" if room.path else _import_path(obj)
    if not path:
        raise room.wrong("function", "cannot be imported", "define it at the level of a module")
    if any(dtype_kind(t) == "c" for t in room.floats):
        raise room.wrong("differences", "are by real arguments only", "pass real and imaginary parts")
    ref = Ref(path, obj.primal)

    def plainly(params: list[Var]) -> list[Atom]:
        return room.atoms(room.opaque([forms.stopped(engine, v) for v in room.given(params)], path))

    func = room.function("", room.types, plainly)
    primal = Dyn(Const(None), UNKNOWN)
    room.begin(func, primal, "_fwd", "_bwd", "_jvp")

    def opening(params: list[Var]) -> tuple[Atom, ...]:
        whole = engine.runtime(Seq(tuple, tuple(room.given(params))), "the arguments").atom
        return (ref, Const(obj.step), whole)

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
