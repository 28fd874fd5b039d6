"""srcad's own operators inside the function that is compiled: `grad`, `value_and_grad`, `jvp`, `vjp`, `hvp` and what they return.

Each public operator is marked with `__srcad_operator__`, its name here; a callable that an operator made is a `Partial` of
one of the functions below.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard

from srcad.analysis.repeatable import repeatable
from srcad.ir.nodes import Atom, Const, Var
from srcad.ir.types import Scalar, Struct, Type, may_carry_derivative
from srcad.ir.visit import all_defs, called_by
from srcad.marks import GRADIENTS, LEFT, MADE, PARTS, PUBLIC, PULLBACK, PUSHING, Operator
from srcad.runtime.tables import TABLES
from srcad.specialise import copies, items, matrices, solvers, tables
from srcad.specialise.derived import Made, Ready, Wish, assembled, called, filled, in_structure, prepared
from srcad.specialise.canonical import Canonical
from srcad.specialise.matching import fitting, is_none, matched, settled, taken_apart, whole
from srcad.specialise.memory import recelled
from srcad.specialise.selected import chosen, left, literal, with_outputs, with_parts
from srcad.specialise.templates import children, explode, exploded_template, leaves
from srcad.specialise.values import NONE_VALUE, Dyn, Partial, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Run = Callable[["Engine", list[Value], dict[str, Value]], Value]


def run(engine: Engine, operator: Operator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """The value of a call of an operator, or of what one returned."""
    return _RUN[operator](engine, args, kwargs)


def bound(engine: Engine, names: tuple[str, ...], args: list[Value], kwargs: dict[str, Value]) -> dict[str, Value]:
    """The arguments of an operator by name."""
    found = dict(zip(names, args, strict=False)) | kwargs
    if len(args) > len(names) or not set(kwargs) <= set(names):
        raise engine.refuse("ArgumentError", "SRC501", "an operator of srcad gets arguments that it does not have",
                            f"it takes {', '.join(names)}")  # fmt: skip
    return found


# ---- gradients -------------------------------------------------------------------------------------------------------
def _maker(form: str) -> Run:
    def go(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
        given = bound(engine, ("f", "argnums", "has_aux", "outputs", "on_cut"), args, kwargs)
        if "f" not in given:
            return Partial(Static(PUBLIC[form]), (), tuple(kwargs.items()))
        options = (given.get("argnums", Static(0)), given.get("has_aux", Static(False)), given.get("outputs", Static(None)))
        return Partial(Static(MADE[form]), (given["f"], *options), ())

    return go


def _gradient(form: str) -> Run:
    def go(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
        f, argnums, has_aux, outputs, *given = args
        f, given, kwargs, wrt, bare = chosen(engine, with_outputs(engine, f, outputs), argnums, given, kwargs)
        aux = bool(literal(engine, has_aux, "has_aux"))
        ready = prepared(engine, f, given, kwargs, Wish(form, wrt, aux))
        own = 0 if aux else len(ready.made.entry.body.yields)
        found = called(engine, ready.made.entry, ready.atoms, ready.tokens, varied=ready.varied, own=own)
        whole = assembled(ready.made.trees[0], found)
        assert isinstance(whole, Seq)
        value: Value | None = None
        parts = whole
        if form == "value_and_grad" or aux:
            first, second = whole.items
            parts, value = (second, first) if form == "value_and_grad" else (first, second)  # type: ignore[assignment]
        gradient = _by_argument(engine, ready.made, wrt, parts, _keys(engine, ready), bare=bare)
        if aux:
            value = _with_aux(ready.made, value, form)
        if value is None:
            return gradient
        return Seq(tuple, (value, gradient) if form == "value_and_grad" else (gradient, value))

    return go


def _with_aux(made: Made, value: Value | None, form: str) -> Value:
    """The value with what comes with it (or that alone), in the structure in which the function returns it."""
    assert isinstance(value, Seq)
    assert isinstance(made.result, Seq)
    if form == "value_and_grad":
        main, rest = value.items
        assert isinstance(rest, Seq)
        return Seq(tuple, (main, filled(made.result.items[1], iter(rest.items))))
    return filled(made.result.items[1], iter(value.items))


def _keys(engine: Engine, ready: Ready) -> Seq:
    """For each argument of a derivative where the values of its dicts with computed keys stand."""
    return Seq(tuple, tuple(tables.keys_of(engine, v) for v in ready.values))


def _by_argument(
    engine: Engine, made: Made, chosen: tuple[int, ...], parts: Seq, keys: Seq, *, bare: bool, plain: bool = True
) -> Value:  # fmt: skip
    """The gradients by argument: they come leaf by leaf, in the order of the arguments."""
    left = iter(parts.items)
    args = made.args
    by_number = {n: _settled(engine, args[n], in_structure(args[n], left, keys.items[n]), plain=plain) for n in sorted(chosen)}
    found = tuple(recelled(by_number[n]) for n in chosen)
    return found[0] if bare else Seq(tuple, found)


# ---- directional derivatives -----------------------------------------------------------------------------------------
def _jvp(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    given = bound(engine, ("f", "primals", "tangents", "has_aux", "outputs"), args, kwargs)
    whole = pushed(engine, with_outputs(engine, given["f"], given.get("outputs")), given["primals"], given["tangents"])
    if not _is_set(engine, given):
        return whole
    assert isinstance(whole, Seq)
    (main, aux), (tangent, _) = (_apart(engine, v) for v in whole.items)
    return Seq(tuple, (main, tangent, aux))


def _is_set(engine: Engine, options: dict[str, Value]) -> bool:
    return bool(literal(engine, options.get("has_aux", Static(value=False)), "has_aux"))


def _apart(engine: Engine, whole: Value) -> tuple[Value, Value]:
    """The value that a function returns, and what it returns beside it."""
    if not (isinstance(whole, Seq) and whole.cls is tuple and len(whole.items) == 2):
        raise engine.refuse("ArgumentError", "SRC501", "has_aux=True, but the function does not return a pair (value, aux)",
                            "return a tuple of two")  # fmt: skip
    return whole.items[0], whole.items[1]


def _hvp(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    given = bound(engine, ("f", "primals", "tangents", "argnums", "outputs"), args, kwargs)
    options = (given.get("argnums", Static(0)), Static(False), given.get("outputs", Static(None)))
    gradient = Partial(Static(MADE["grad"]), (given["f"], *options), ())
    return pushed(engine, gradient, given["primals"], given["tangents"], form="tangent")


def pushed(engine: Engine, f: Value, primals: Value, tangents: Value, form: str = "jvp") -> Value:
    """The result of a function with its tangent, or with the form `tangent` the tangent alone."""
    points, directions = items.known_items(engine, primals), items.known_items(engine, tangents)
    if len(points) != len(directions):
        raise engine.refuse("ArgumentError", "SRC501", f"{len(points)} primals but {len(directions)} tangents",
                            "give one tangent per primal (None for zero)")  # fmt: skip
    active = tuple(n for n, d in enumerate(directions) if not is_none(d))
    if not active:
        raise engine.refuse("ArgumentError", "SRC501", "every tangent is None", "give a tangent for an argument that holds floats")
    ready = prepared(engine, f, list(points), {}, Wish(form, active))
    if form == "tangent" and _holds_table(ready.made.result):  # its keys are those of the value
        primal_and_tangent = pushed(engine, f, primals, tangents)
        assert isinstance(primal_and_tangent, Seq)
        return primal_and_tangent.items[1]
    dots: list[Atom] = []
    for n, (shape, value) in enumerate(zip(ready.made.args, ready.values, strict=True)):
        likes = [like for like in leaves(value) if may_carry_derivative(like.type)]
        if n in active:
            tables.check_keys(engine, directions[n], value, f"tangent {n}")
            dots.extend(whole(engine, directions[n], shape, likes, f"tangent {n}"))
    found = called(engine, ready.made.entry, (*ready.atoms, *dots), ready.tokens, varied=True)
    pair = assembled(ready.made.trees[0], found)
    plain = _is_plain(engine, ready.made)
    if form == "tangent":
        return recelled(_settled(engine, ready.made.result, _in_result(ready.made.result, pair), plain=plain))
    assert isinstance(pair, Seq)
    primal, tangent = (_in_result(ready.made.result, part) for part in pair.items)
    tangent = _with_keys(tangent, tables.keys_of(engine, primal))
    return Seq(tuple, (primal, recelled(_settled(engine, primal, tangent, plain=plain))))


def _holds_table(value: Value) -> bool:
    """Whether there is a dict with computed keys in a value."""
    return isinstance(value, Seq) and (value.cls in TABLES.values() or any(map(_holds_table, value.items)))


def _with_keys(tangent: Value, keys: Value) -> Value:
    """The tangent of a value, with where the values of dicts with computed keys stand."""
    if not isinstance(keys, Seq):
        return tangent if keys == NONE_VALUE else keys
    assert isinstance(tangent, Seq)
    return replace(tangent, items=tuple(map(_with_keys, tangent.items, keys.items)))


def _is_plain(engine: Engine, made: Made) -> bool:
    """Whether a derivative works on Python's numbers alone, also in what it calls."""
    funcs = called_by(made.entry, engine.funcs)
    return all(isinstance(v.type, Scalar) and v.type.kind != "real" for f in funcs for v in all_defs(f.body))


def _in_result(shape: Value, part: Value) -> Value:
    """What a derivative gives for the leaves of a result, in the structure of the result."""
    count = sum(1 for _ in leaves(shape))
    if not count:
        return part
    return filled(shape, iter(part.items if count > 1 and isinstance(part, Seq) else (part,)))


def _settled(engine: Engine, shape: Value, tangent: Value, *, plain: bool) -> Value:
    """The tangent of a result with the types of the result, as outside: inside, floats and NumPy's scalars are not told apart.

    `plain`: there are no NumPy scalars that a float could be.
    """
    if isinstance(shape, Seq) and isinstance(tangent, Seq):
        items = tuple(_settled(engine, s, t, plain=plain) for s, t in zip(shape.items, tangent.items, strict=True))
        return replace(tangent, items=items)
    if isinstance(shape, Dyn) and isinstance(tangent, Dyn) and _is_named(shape.type) and isinstance(tangent.type, Struct):
        found = replace(explode(tangent, engine.builder), cls=shape.type.cls, keys=shape.type.keys)
        return _settled(engine, exploded_template(shape), found, plain=plain)
    known = not isinstance(shape, Dyn) or not isinstance(tangent, Dyn) or (plain and tangent.type == shape.type)
    return tangent if known else settled(engine, tangent, shape)  # type: ignore[arg-type]


def _is_named(t: Type) -> TypeGuard[Struct]:
    """Whether values of a type are named tuples, as `np.linalg.qr` gives one."""
    return isinstance(t, Struct) and t.cls is not tuple and issubclass(t.cls, tuple)


def _linearize(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args or not set(kwargs) <= {"has_aux", "outputs"}:
        raise engine.refuse("ArgumentError", "SRC501", "linearize needs a function and its arguments", "write srcad.linearize(f, *primals)")
    f, *primals = args
    f = with_outputs(engine, f, kwargs.get("outputs"))
    held = copies.apart(engine, primals)  # the point stays what it is when its arrays are written
    active = tuple(n for n, p in enumerate(held) if _holds_float(p))
    made = prepared(engine, f, held, {}, Wish("jvp", active or (0,))).made
    if not repeatable(called_by(made.entry, engine.funcs)):
        raise engine.refuse("ArgumentError", "SRC501", "linearize runs the function again for each tangent, but it prints, logs or draws "
                            "random numbers", "use srcad.jvp, or srcad.vjp, whose pullback runs nothing of the function again")  # fmt: skip
    aux, out = _is_set(engine, kwargs), engine.call(f, copies.apart(engine, held) if made.changed else primals, {})
    main, *rest = _apart(engine, out) if aux else (out,)
    return Seq(tuple, (main, Partial(Static(PUSHING), (f, Seq(tuple, tuple(held)), Static(aux)), ()), *rest))


def _pushing(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    f, primals, aux, *tangents = args
    whole = pushed(engine, f, primals, Seq(tuple, tuple(tangents)))
    assert isinstance(whole, Seq)
    return _apart(engine, whole.items[1])[0] if literal(engine, aux, "has_aux") else whole.items[1]


# ---- pullbacks -------------------------------------------------------------------------------------------------------
def _vjp(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        raise engine.refuse("ArgumentError", "SRC501", "vjp needs a function", "write srcad.vjp(f, *primals)")
    f, *primals = args
    kwargs = dict(kwargs)
    aux = _is_set(engine, {"has_aux": kwargs.pop("has_aux", Static(value=False))})
    f, argnums = with_outputs(engine, f, kwargs.pop("outputs", None)), kwargs.pop("argnums", Static(None))
    wrt = tuple(n for n, p in enumerate(primals) if _holds_float(p)) or (0,)
    bare: bool | None = None
    if argnums != Static(None):
        f, primals, kwargs, wrt, bare = chosen(engine, f, argnums, primals, kwargs)
    ready = prepared(engine, f, primals, kwargs, Wish("vjp", wrt))
    *found, residuals = called(engine, ready.made.entry, ready.atoms, ready.tokens, varied=ready.varied, own=1)
    out = filled(ready.made.result, iter(found)) if any(True for _ in leaves(ready.made.result)) else found[0]
    form = Static((aux, None if bare is None else (bare, wrt)))
    main, *rest = _apart(engine, out) if aux else (out,)
    kept = (Static(ready.made), form, out, residuals, _keys(engine, ready))
    return Seq(tuple, (main, Partial(Static(PULLBACK), kept, ()), *rest))


def _holds_float(value: Value) -> bool:
    """Whether there is a number in a value that can be differentiated."""
    if isinstance(value, Static):
        return type(value.value) in (float, complex)
    return may_carry_derivative(value.type) if isinstance(value, Dyn) else any(map(_holds_float, children(value)))


def _pullback(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    holder, form, out, residuals, keys, given = args
    assert isinstance(holder, Static)
    assert isinstance(keys, Seq)
    made = holder.value
    assert isinstance(made, Made)
    assert made.backward is not None
    aux, wanted = literal(engine, form, "what is differentiated")
    given = Seq(tuple, (given, Static(None))) if aux else given
    tables.check_keys(engine, given, out, "the cotangent")
    bars: list[Atom] = []
    numbered = dict(enumerate(leaves(out)))
    for n, leaf in numbered.items():
        if not isinstance(made.entry.body.yields[n], Var):
            continue
        part = _part(engine, given, out, n)
        bars.extend(_leaf_bars(engine, part, leaf))
    whole = engine.runtime(residuals, "the residuals of a pullback")
    found = called(engine, made.backward, (whole.atom, *bars), Canonical(), varied=True, own=len(made.backward.body.yields))
    tree = assembled(made.trees[1], found)
    assert isinstance(tree, Seq)
    if wanted is not None:
        bare, wrt = wanted
        return _by_argument(engine, made, wrt, tree, keys, bare=bare, plain=_is_plain(engine, made))
    every = tuple(range(len(made.args)))
    return _by_argument(engine, made, every, tree, keys, bare=False, plain=_is_plain(engine, made))


def _part(engine: Engine, given: Value, out: Value, n: int) -> Value:
    """The part of a cotangent that belongs to leaf `n` of a result."""
    numbered = iter([Dyn(Const(k), leaf.type, leaf.varied) for k, leaf in enumerate(leaves(out))])
    for like, part in matched(engine, given, out, numbered, "the cotangent"):
        if like.atom == Const(n):
            return part
    return Static(None)


def _leaf_bars(engine: Engine, given: Value, leaf: Dyn) -> Iterator[Atom]:
    """The cotangents of a leaf, one per part of it that has one."""
    if isinstance(leaf.type, Struct):
        like = explode(leaf, engine.builder)
        parts = taken_apart(engine, given, 0 if like.keys else len(like.items))
        if not isinstance(parts, Seq) or len(parts.items) != len(like.items):
            raise engine.refuse("ShapeMismatch", "SRC601", "the cotangent does not have the structure of its value",
                                "give it that structure")  # fmt: skip
        for own, part in zip(like.items, parts.items, strict=True):
            assert isinstance(own, Dyn)
            yield from _leaf_bars(engine, part, own)
    elif may_carry_derivative(leaf.type):
        yield fitting(engine, given, leaf, "the cotangent")


_RUN: dict[Operator, Run] = {
    **{PUBLIC[form]: _maker(form) for form in MADE}, **{MADE[form]: _gradient(form) for form in GRADIENTS},
    **matrices.RUN, PARTS: with_parts, LEFT: left, PUBLIC["linearize"]: _linearize, PUSHING: _pushing, **solvers.RUN,
    PUBLIC["jvp"]: _jvp, PUBLIC["hvp"]: _hvp, PUBLIC["vjp"]: _vjp, PULLBACK: _pullback,
}  # fmt: skip
