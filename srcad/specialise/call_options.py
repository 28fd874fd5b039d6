"""Options of a call of the table: those that are differentiated become operands, and those that no rule knows are refused."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcad.ir.nodes import Op
from srcad.ir.types import Struct
from srcad.ops import active_options, table
from srcad.ops.entry import Entry
from srcad.ops.infer import named_dtype
from srcad.specialise.kinds import is_object
from srcad.specialise.values import NONE_VALUE, NOTHING, Dyn, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def as_operands(
    op: Op, entry: Entry, args: list[Value], kwargs: list[tuple[str, Value]]
) -> tuple[Op, Entry, list[Value], list[tuple[str, Value]]]:
    """The call with options as operands that are differentiated, or have no rule otherwise, where there is an op that takes them."""
    options, known = dict((*_options(entry, args), *kwargs)), (*entry.names, *entry.statics)
    found = active_options.taking(entry, [k for k, v in options.items() if is_varied(v) or (k not in known and v != NONE_VALUE)])
    missing = entry.names[len(args) : entry.operands]
    if found is None or any(n not in entry.defaults for n in missing):
        return op, entry, args, kwargs
    spelling, own = found
    args = [*args, *(Static(entry.defaults[n]) for n in missing)]
    given = [options.pop(n, Static(spelling.entry.defaults.get(n))) for n in own]
    return spelling.op, spelling.entry, [*args[: entry.operands], *given], list(options.items())


def is_ufunc(op: Op) -> bool:
    """Whether an operation is a call of a ufunc."""
    return isinstance(getattr(table.spelling(op.name), "object", None), np.ufunc)


def check(engine: Engine, op: Op, entry: Entry | None, args: list[Value], kwargs: list[tuple[str, Value]], *, varied: bool) -> None:
    """Refuse objects of the user's, and options that the rule does not know."""
    lone = next((a for a in args if varied and isinstance(a, Dyn) and is_object(a)), None)
    if lone is not None and lone.varied and isinstance(lone.type, Struct):
        raise engine.refuse("UnsupportedSyntax", "SRC121", f"an operand of {op.name} is an object of class '{lone.type.cls.__name__}'",
                            "give it the numbers or arrays that the object holds")  # fmt: skip
    if varied and entry is not None and entry.differentiable:
        option = next((k for k, v in (*_options(entry, args), *kwargs) if is_varied(v)), "")
        if any(map(_is_of_objects, _dtypes(entry, args, kwargs))):
            raise engine.refuse("UnsupportedSyntax", "SRC129", "differentiated values are put into an array of objects or records",
                                "use an array of numbers, or a list")  # fmt: skip
        if any(named_dtype(dtype.type) is None for dtype in _run_time(_dtypes(entry, args, kwargs))):
            raise engine.refuse("NoRule", "SRC205", f"the dtype of {op.name} is only known at run time, and may cut the derivative off",
                                "name the dtype in the call: `dtype=float`")  # fmt: skip
        why = entry.refusal(tuple(args), dict(kwargs)) or (f"{op.name} has no derivative with respect to `{option}`" if option else "")
        if why:
            known = "use options that the rule knows (`srcad rules`)"
            raise engine.refuse("NoRule", "SRC201" if entry.reason else "SRC205", why, entry.advice or known)


def check_out(engine: Engine, op: Op, entry: Entry | None, found: Value, out: Value, told: bool) -> None:
    """Refuse an array for the result in whose precision NumPy would compute, where it is another than that of the result."""
    computes = entry is not None and "dtype" in (*entry.names, *entry.statics) and not is_ufunc(op) and not told
    dtypes = [getattr(v.type, "dtype", "") for v in (found, out) if isinstance(v, Dyn)]
    if computes and len(dtypes) == 2 and all(dtypes) and dtypes[0] != dtypes[1] and {np.dtype(d).kind for d in dtypes} <= {"f", "c"}:
        raise engine.refuse("NoRule", "SRC205", f"{op.name} computes in the dtype of `out`, which is {dtypes[1]}; it has {dtypes[0]}",
                            "give an array of the dtype of the result, or `dtype`")  # fmt: skip


def _options(entry: Entry, args: list[Value]) -> list[tuple[str, Value]]:
    """The options of a call that are given by position."""
    if entry.bind is not None or entry.names[-1:] == ("*xs",):
        return []
    return list(zip(entry.names, args, strict=False))[entry.operands :]


def _dtypes(entry: Entry, args: list[Value], kwargs: list[tuple[str, Value]]) -> list[Value]:
    """The dtypes that a call is given."""
    return [*(v for k, v in kwargs if k == "dtype"), *(v for n, v in zip(entry.names, args, strict=False) if n == "dtype")]


def _run_time(values: list[Value]) -> list[Dyn]:
    return [v for v in values if isinstance(v, Dyn) and v.known is NOTHING]


def _is_of_objects(dtype: Value) -> bool:
    """Whether a dtype is known to be that of objects or records."""
    known = dtype.value if isinstance(dtype, Static) else dtype.known if isinstance(dtype, Dyn) else None
    try:
        return known is not None and known is not NOTHING and np.dtype(known).kind in "OV"  # type: ignore[call-overload]  # of anything
    except TypeError:
        return False
