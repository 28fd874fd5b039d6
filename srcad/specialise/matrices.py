"""Jacobians and Hessians inside differentiated code: of one array into another as a loop over columns or rows, of all else by blocks."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from srcad.analysis.repeatable import repeatable
from srcad.ir.nodes import Const
from srcad.ir.types import UNKNOWN, Array, ListOf, Struct, TupleOf, dtype_kind, is_number, may_carry_derivative
from srcad.ir.visit import called_by
from srcad.marks import INSERT, MADE, MATRICES, Operator
from srcad.specialise import columns, copies
from srcad.specialise.derived import Wish, prepared
from srcad.specialise.matching import in_structure, settled
from srcad.specialise.memory import recelled
from srcad.specialise.selected import chosen, literal, opened, with_outputs
from srcad.specialise.templates import children, leaves, with_children
from srcad.specialise.values import Dyn, Partial, Seq, Static, Value, type_of_constant

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Run = Callable[["Engine", list[Value], dict[str, Value]], Value]


def _matrix(name: str) -> Run:
    def go(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
        f, argnums, has_aux, outputs, *given = args
        f, given, kwargs, wrt, bare = chosen(engine, with_outputs(engine, f, outputs), argnums, given, kwargs)
        aux = bool(literal(engine, has_aux, "has_aux"))
        whole = [*given, *kwargs.values()]
        points = [_at_run_time(opened(engine, whole[n])) for n in wrt]
        others = [n for n in range(len(whole)) if n not in wrt]
        rest = [whole[n] for n in others]
        f = Partial(Static(INSERT), (f, Static(((*wrt, *others), len(given), tuple(kwargs)))), ())
        if name == "hessian":
            which: Value = Static(0) if bare else Seq(tuple, tuple(Static(n) for n in range(len(wrt))))
            f = Partial(Static(MADE["grad"]), (f, which, Static(aux), Static(None)), ())
        forward = name != "jacrev"
        made = prepared(engine, f, [*points, *rest], {}, Wish("jvp" if forward else "vjp", tuple(range(len(points))))).made
        several = len(points) > 1 or not isinstance(points[0], Dyn) or isinstance(points[0].type, Array)
        if forward and several and not repeatable(called_by(made.entry, engine.funcs)):
            if name == "jacfwd":
                what = "jacfwd runs the function several times, but it prints, logs or draws random numbers"
                raise engine.refuse("ArgumentError", "SRC501", what, "use srcad.jacrev, which runs the function once")
            forward = False
        for value in (*points, made.result):
            _demand_real(engine, name, value)
        if bare and not aux and _is_number(points[0]) and _is_number(made.result):
            simple = columns.forward if forward else columns.reverse
            return engine.call(Static(simple, f"srcad.specialise.columns:{simple.__name__}"), [f, *points, Seq(tuple, tuple(rest))], {})
        shape = made.result
        if aux and (not isinstance(shape, Seq) or shape.cls is not tuple or len(shape.items) != 2):
            raise engine.refuse("ArgumentError", "SRC501", "has_aux=True, but the function does not return a pair (value, aux)",
                                "return a tuple of two")  # fmt: skip
        for point in points:
            _demand_known(engine, name, point, "argument")
        _demand_known(engine, name, shape.items[0] if aux and isinstance(shape, Seq) else shape, "result")
        return _by_blocks(engine, f, points, rest, forward=forward, bare=bare, aux=aux, writes=bool(made.changed))

    return go


def _at_run_time(value: Value) -> Value:
    """An argument whose literals are numbers like others."""
    if isinstance(value, Static) and type(value.value) in (float, complex):
        return Dyn(Const(value.value), type_of_constant(value.value))
    inner = children(value)
    return with_children(value, tuple(map(_at_run_time, inner))) if inner else value


def _is_number(value: Value) -> bool:
    """Whether a value is one number or array, as far as is known."""
    return isinstance(value, Dyn) and (is_number(value.type) or value.type == UNKNOWN)


def _demand_real(engine: Engine, name: str, value: Value) -> None:
    if any(dtype_kind(leaf.type) == "c" for leaf in leaves(value) if is_number(leaf.type)):
        raise engine.refuse("ArgumentError", "SRC501", f"{name} of a complex argument or result",
                            "use its real and imaginary parts, or srcad.vjp")  # fmt: skip


def _by_blocks(
    engine: Engine, f: Value, points: list[Value], rest: list[Value], *, forward: bool, bare: bool, aux: bool, writes: bool
) -> Value:  # fmt: skip
    """The Jacobian in the structure of the result, each leaf in that of what is differentiated; `writes`: f changes its arguments."""
    several = columns.forward_of_many if forward else columns.reverse_of_many
    given = [f, Seq(tuple, tuple(points)), Seq(tuple, tuple(rest)), Static(aux)]
    if forward:
        args = [*points, *rest]
        given.append(engine.call(f, copies.apart(engine, args) if writes else args, {}))
    found = engine.call(Static(several, f"srcad.specialise.columns:{several.__name__}"), given, {})
    assert isinstance(found, Seq)
    out, matrix = found.items
    value, beside = out.items if aux and isinstance(out, Seq) else (out, None)
    row: Value = Static(0)
    rows: list[Value] = []
    for y in _floats(value):
        column: Value = Static(0)
        blocks: list[list[Value]] = [[] for _ in points]
        for own, point in zip(blocks, points, strict=True):
            for x in _floats(point):
                cut = engine.call(Static(columns.block, "srcad.specialise.columns:block"), [matrix, row, column, y, x], {})
                assert isinstance(cut, Seq)
                part, below, column = cut.items
                own.append(_like(engine, part, y, y if forward else x))
        row = below
        parts = [in_structure(point, iter(own)) for own, point in zip(blocks, points, strict=True)]
        rows.append(parts[0] if bare else Seq(tuple, tuple(parts)))
    matrix = recelled(in_structure(value, iter(rows)))
    return matrix if beside is None else Seq(tuple, (matrix, beside))


def _floats(value: Value) -> Iterator[Dyn]:
    """The numbers and arrays in a value that can be differentiated."""
    return (leaf for leaf in leaves(value) if may_carry_derivative(leaf.type))


def _demand_known(engine: Engine, name: str, value: Value, what: str) -> None:
    """Refuse what is no number, array or container of known structure of these."""
    for leaf in _floats(value):
        if isinstance(leaf.type, ListOf | TupleOf | Struct) or leaf.type == UNKNOWN:
            raise engine.refuse("UnsupportedSyntax", "SRC189", f"{name} inside differentiated code takes numbers, arrays and containers of "
                                f"known structure; its {what} holds something else", "put the numbers into one array")  # fmt: skip


def _like(engine: Engine, part: Value, y: Dyn, like: Dyn) -> Value:
    """A block as it is outside: an array in the dtype of `like`, a number of the class of the number `y`."""
    if not isinstance(part, Dyn) or not isinstance(part.type, Array):
        return settled(engine, part, y) if isinstance(part, Dyn) else part
    if getattr(like.type, "dtype", "float64") == "float64":
        return part
    return engine.call(Static(columns.narrowed, "srcad.specialise.columns:narrowed"), [part, like], {})


def _insert(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call with the arguments in their places."""
    f, places, *given = args
    order, count, names = literal(engine, places, "the places of arguments")
    whole = [v for _, v in sorted(zip(order, given, strict=True), key=lambda pair: pair[0])]
    return engine.call(f, whole[:count], dict(zip(names, whole[count:], strict=True)))


RUN: dict[Operator, Run] = {**{MADE[name]: _matrix(name) for name in MATRICES}, INSERT: _insert}
