"""Values that may be None: asked where they are used, and known from there on.

`y = np.zeros(3) if c else None` is an array with a truth value (`Maybe`).  What a condition tells of such truth values holds on its
paths (`Memory.told`), so that `if y is not None:` leaves an array inside.  Any other use takes two paths, unless None raises there:
then the program raises that first.
"""
from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from srcad.ir.core import AUGMENTED, BINARY, COMPARE, UNARY
from srcad.ir.nodes import Block, Const, If, Op
from srcad.ir.types import BOOL
from srcad.ops import table
from srcad.ops.infer import NoDummy
from srcad.specialise import choices, control, dunders, operations, questions, writes
from srcad.specialise.values import NONE_VALUE, Dyn, Maybe, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_FUNCTIONS = {n: getattr(operator, n) for n in (*BINARY, *AUGMENTED, "neg", "pos", "invert", "lt", "le", "gt", "ge")}
Use = Callable[[list[Value]], Value]


# ---- what is known ---------------------------------------------------------------------------------------------------
def resolved(engine: Engine, value: Maybe) -> Value:
    """The value, or None, where it is known which; else as it is."""
    flag = value.given
    known = flag.value if isinstance(flag, Static) else engine.memory.told.get(flag.atom) if isinstance(flag, Dyn) else None
    return value if known is None else value.value if known else NONE_VALUE


def is_given(engine: Engine, value: Maybe, *, negate: bool = False) -> Value:
    """Whether a value is not None (`negate`: is None), known now or asked at run time."""
    memory, flag, known = engine.memory, value.given, resolved(engine, value)
    if known is not value:
        return Static((known == NONE_VALUE) == negate)
    assert isinstance(flag, Dyn)
    if value.told and isinstance(value.value, Dyn):
        asked = engine.builder.call(COMPARE["is_" if negate else "is_not"], (value.value.atom, Const(None)), BOOL)
    elif negate:
        asked = engine.builder.call(UNARY["not_"], (flag.atom,), BOOL)
    else:
        return flag
    memory.tells[asked] = memory.facts(flag, holds=not negate), memory.facts(flag, holds=negate)
    return Dyn(asked, BOOL)


def compared(engine: Engine, name: str, args: list[Value]) -> Value | None:
    """`is` and `==` of None and a value that may be None; None where it is another comparison."""
    if name not in ("is_", "is_not", "eq", "ne") or NONE_VALUE not in args:
        return None
    other = args[1] if args[0] == NONE_VALUE else args[0]
    if not isinstance(other, Maybe):
        return None
    literal = isinstance(other.value, Static) or (isinstance(other.value, Seq) and dunders.method(engine, other.value, "__eq__") is None)
    if name in ("eq", "ne") and not literal:  # an array compares its items
        return None
    return is_given(engine, other, negate=name in ("is_", "eq"))


def condition(engine: Engine, value: Maybe) -> Value:
    """A value that may be None as a condition."""
    given = is_given(engine, value)
    if not isinstance(given, Dyn):
        return value.value if given == Static(value=True) else NONE_VALUE

    def inside() -> list[Value]:
        return [control.asked(engine, engine.now(value.value))]

    return choices.choose(engine, given, (inside, lambda: [Static(value=False)]))[0]


# ---- uses ------------------------------------------------------------------------------------------------------------
def either(engine: Engine, args: list[Value], use: Use) -> Value:
    """`use(args)` where arguments may be None: on a path for each, or behind what Python raises for None."""
    place = next((n for n, a in enumerate(args) if isinstance(a, Maybe)), None)
    if place is None:
        return use(args)
    lone = args[place]
    assert isinstance(lone, Maybe)

    def with_(value: Value) -> list[Value]:
        return [either(engine, [*args[:place], value, *args[place + 1 :]], use)]

    given = is_given(engine, lone)
    if not isinstance(given, Dyn):
        return with_(engine.now(lone.value) if given == Static(value=True) else NONE_VALUE)[0]
    facts = engine.memory.facts(given, holds=False)
    missing = engine.path(lambda _: with_(NONE_VALUE), {}, facts)
    if missing.values is not None:
        return choices.choose(engine, given, (lambda: with_(engine.now(lone.value)), lambda: with_(NONE_VALUE)))[0]
    engine.builder.add(If((), given.atom, Block((), (), ()), missing.builder.block(), engine.builder.loc))
    engine.memory.told.update(engine.memory.facts(given, holds=True))
    return with_(engine.now(lone.value))[0]


def done(engine: Engine, args: list[Value], work: Callable[[list[Value]], None]) -> None:
    """The same for what gives no value."""

    def use(found: list[Value]) -> Value:
        work(found)
        return NONE_VALUE

    either(engine, args, use)


def operator_(engine: Engine, name: str, args: list[Value]) -> Value:
    """An operator of which an operand may be None."""
    if name == "not_":
        return engine.operation(name, [condition(engine, args[0])]) if isinstance(args[0], Maybe) else engine.operation(name, args)
    found = compared(engine, name, args)
    return either(engine, args, lambda known: engine.operation(name, known)) if found is None else found


def applied(engine: Engine, op: Op, args: list[Value], kwargs: list[tuple[str, Value]]) -> Value:
    """An operation of the table of which an argument may be None."""
    count = len(args)

    def use(found: list[Value]) -> Value:
        named = [(k, v) for (k, _), v in zip(kwargs, found[count:], strict=True)]
        if NONE_VALUE in found:
            raised_by_call(engine, op, found[:count], named)
        return operations.apply(engine, op, found[:count], named)

    return either(engine, [*args, *(v for _, v in kwargs)], use)


def opposite(engine: Engine, condition_: Dyn) -> Dyn:
    """`not condition`, which tells the same."""
    out, memory = engine.builder.call(UNARY["not_"], (condition_.atom,), BOOL), engine.memory
    memory.tells[out] = memory.facts(condition_, holds=False), memory.facts(condition_, holds=True)
    return Dyn(out, BOOL)


# ---- what Python raises for None -------------------------------------------------------------------------------------
def raised_by_operator(engine: Engine, name: str, args: Iterable[Value]) -> None:
    """Raise what Python does where an operand of an operator is None, if that is sure."""
    if name in _FUNCTIONS:
        _raised(engine, _FUNCTIONS[name], list(args), {})


def raised_by_call(engine: Engine, op: Op, args: list[Value], kwargs: list[tuple[str, Value]]) -> None:
    """Raise what a function of the table does where an argument is None, if that is sure."""
    function = _FUNCTIONS.get(op.name) or (getattr(table.spelling(op.name), "object", None) if op.name.startswith("np.") else None)
    if callable(function):
        _raised(engine, function, args, dict(kwargs))


def iterable(engine: Engine, value: Value) -> Value:
    """A value that is iterated over, behind what Python raises if it is None."""

    def use(found: list[Value]) -> Value:
        raised_by_use(engine, found[0], iter)
        return found[0]

    return either(engine, [value], use)


def raised_by_use(engine: Engine, value: Value, use: Callable[[Any], object]) -> None:
    """Raise what Python does where None is used so, if the value is that."""
    if value == NONE_VALUE:
        _raised(engine, use, [value], {})


def _raised(engine: Engine, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]) -> None:
    try:
        given, named = list(map(questions.example, args)), {k: questions.example(v) for k, v in kwargs.items()}
    except NoDummy:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function(*given, **named)
        except (TypeError, AttributeError) as error:
            writes.raise_error(engine, error)
        except Exception as error:  # noqa: BLE001 -- what examples raise otherwise says nothing
            if function is operator.matmul:  # None has no dimensions: it does not depend on the other operand
                writes.raise_error(engine, error)
