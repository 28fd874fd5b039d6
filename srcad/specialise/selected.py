"""What operators inside differentiated code are told: which parts of arguments are differentiated, and which count as the result."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srcad.errors import ArgumentError
from srcad.ir.nodes import Const
from srcad.ir.types import Struct, is_dict
from srcad.parts import RETURN, Outputs, Part, Step, parsed
from srcad.specialise import writes
from srcad.specialise.derived import parameter_names
from srcad.specialise.left import left_in, reached
from srcad.marks import LEFT, PARTS
from srcad.specialise.memory import own_cell
from srcad.specialise.templates import explode
from srcad.specialise.values import Dyn, Partial, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def literal(engine: Engine, value: Value, what: str) -> Any:
    """An option that is known while compiling; refused otherwise."""
    if isinstance(value, Static):
        return value.value
    if isinstance(value, Seq) and value.cls in (tuple, list):
        return tuple(literal(engine, i, what) for i in value.items)
    if isinstance(value, Dyn) and isinstance(value.atom, Const):
        return value.atom.value
    raise engine.refuse("ArgumentError", "SRC501", f"{what} is not known while compiling", "write it as a literal")


# ---- argnums ---------------------------------------------------------------------------------------------------------
def chosen(
    engine: Engine, f: Value, argnums: Value, args: list[Value], kwargs: dict[str, Value]
) -> tuple[Value, list[Value], dict[str, Value], tuple[int, ...], bool]:  # fmt: skip
    """A function with its arguments, the numbers of those that `argnums` means, and whether a bare gradient is meant.

    Arguments are numbered positional first, then keywords.  Where parts of arguments are meant, it is a function of these parts.
    """
    given = literal(engine, argnums, "argnums")
    wanted = given if isinstance(given, tuple) else (given,)
    parts = [_part(engine, f, a, args, list(kwargs)) for a in wanted]
    if not parts or len(set(parts)) != len(parts):
        raise engine.refuse("ArgumentError", "SRC501", f"argnums is {given!r}", "name each parameter once")
    bare = not isinstance(given, tuple)
    if not any(part.steps for part in parts):
        return f, args, kwargs, tuple(part.number for part in parts), bare
    whole = [*args, *kwargs.values()]
    points = [reached(engine, whole[part.number], part.steps) for part in parts]
    spec = (len(args), tuple(kwargs), tuple((p.number, tuple((s.key, s.attribute) for s in p.steps)) for p in parts))
    return Partial(Static(PARTS), (Static(spec), f, *whole), ()), points, {}, tuple(range(len(points))), bare


def _part(engine: Engine, f: Value, wanted: object, args: list[Value], keywords: list[str]) -> Part:
    if isinstance(wanted, str):
        name, steps = parsed(wanted)
        if name in keywords:
            return Part(len(args) + keywords.index(name), steps)
        names = parameter_names(f)
        if name in names[: len(args)]:
            return Part(names.index(name), steps)
    elif type(wanted) is int:
        number = wanted + max(len(args), len(parameter_names(f))) if wanted < 0 else wanted  # as outside, of all that it has
        if 0 <= number < len(args):
            return Part(number)
    raise engine.refuse("ArgumentError", "SRC501", f"argnums is {wanted!r}, but the call has {len(args)} positional arguments "
                        f"and the keywords {', '.join(keywords) or 'none'}", "name an argument that the call gives")  # fmt: skip


def with_parts(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call of a function in whose arguments some parts are replaced: by the last of `args`."""
    spec, f, *rest = args
    count, names, places = literal(engine, spec, "the parts")
    whole, new = rest[: len(rest) - len(places)], rest[len(rest) - len(places) :]
    for (number, steps), value in zip(places, new, strict=True):
        whole[number] = _replaced(engine, whole[number], [Step(key, attribute=a) for key, a in steps], value)
    return engine.call(f, whole[:count], dict(zip(names, whole[count:], strict=True)))


def _replaced(engine: Engine, value: Value, steps: Sequence[Step], new: Value) -> Value:
    """A value with one part replaced, as an object of its own."""
    if not steps:
        return new
    value = writes.current(engine, value)
    if isinstance(value, Dyn) and isinstance(value.type, Struct):
        value = explode(value, engine.builder)
    key = steps[0].key
    by_name = isinstance(value, Seq) and (steps[0].attribute or is_dict(value.cls))
    if not isinstance(value, Seq) or (key not in value.keys if by_name else not isinstance(key, int)):
        raise engine.refuse("ArgumentError", "SRC501", f"argnums names the part {steps[0]} of an argument whose structure is not known",
                            "pass the part as an argument of its own")  # fmt: skip
    n = value.keys.index(key) if by_name else int(key) % len(value.items)
    items = (*value.items[:n], _replaced(engine, value.items[n], steps[1:], new), *value.items[n + 1 :])
    return own_cell(replace(value, items=items))


# ---- outputs ---------------------------------------------------------------------------------------------------------
def with_outputs(engine: Engine, f: Value, outputs: Value | None) -> Value:
    """A function whose result is what another leaves in its arguments; that one itself where there are no `outputs`."""
    names = None if outputs is None else literal(engine, outputs, "outputs")
    return f if names is None else Partial(Static(LEFT), (f, Static(names)), ())


def left(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call of a function whose result is what it leaves in its arguments."""
    f, names, *given = args
    wanted = literal(engine, names, "outputs")
    whole = [opened(engine, v) for v in (*given, *kwargs.values())]
    shown = [*parameter_names(f)[: len(given)], *kwargs]
    try:
        parts = tuple(_output(name, shown) for name in ((wanted,) if isinstance(wanted, str) else wanted))
        result = engine.call(f, whole[: len(given)], dict(zip(kwargs, whole[len(given) :], strict=True)))
        return left_in(engine, Outputs(parts, isinstance(wanted, str)), whole, result, shown)
    except ArgumentError as error:
        raise engine.refuse("ArgumentError", error.code, error.message, error.advice) from None


def _output(text: str, names: Sequence[str]) -> Part:
    name, steps = parsed(text)
    if name == "return":
        return Part(RETURN)
    if name not in names:
        raise ArgumentError(f"outputs names {name!r}, but the call gives {', '.join(names)}", "name an argument that the call gives")
    return Part(names.index(name), steps)


def opened(engine: Engine, value: Value) -> Value:
    """An argument taken apart, so that what the function writes to its parts is known."""
    if not isinstance(value, Dyn) or not isinstance(value.type, Struct):
        return value
    found = explode(value, engine.builder)
    return own_cell(replace(found, items=tuple(opened(engine, v) for v in found.items)))
