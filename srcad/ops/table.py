"""The rule table: every entry of every module, found by op name, by Python object or by method."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from srcad.ops import complex as complex_rules
from srcad.ops import (
    constructors,
    contract,
    elementwise,
    index,
    internal,
    linalg,
    matrix,
    nondiff,
    peephole,
    python,
    reduce,
    shape,
    statistics,
)  # fmt: skip
from srcad.ops.entry import REGISTRY, Entry, Spelling
from srcad.ops.infer import infer

Pairs = tuple[tuple[str, Any], ...]
MODULES = (elementwise, python, reduce, shape, index, linalg, contract, matrix, statistics, complex_rules, constructors, nondiff, internal)
PEEPHOLE_RULES = peephole.__name__  # loading it registers them
__all__ = ["by_object", "canonical", "entries", "entry", "infer", "method", "register", "spelling"]


def register(definitions: Iterable[tuple[Spelling, ...]]) -> None:
    """Add entries to the table (also for other packages' functions)."""
    for spellings in definitions:
        for spelling in spellings:
            REGISTRY.add(spelling)


for _module in MODULES:
    register(_module.RULES)


def by_object(fn: object) -> Spelling | None:
    """The spelling of a Python function: `np.exp`, `math.exp`, `operator.mul`, `abs`."""
    return REGISTRY.by_object(fn)


_SHARED = {"scalar", "float", "int", "complex", "bool"}
_PYTHON_METHODS = {"real", "imag", "conjugate"}


def method(type_kind: str, name: str) -> Spelling | None:
    """The spelling of a method or attribute of a value: `ndarray`, `scalar` (of NumPy), or a Python number's class."""
    found = REGISTRY.by_method(type_kind, name)
    if found is None and (type_kind == "scalar" or (type_kind in _SHARED and name in _PYTHON_METHODS)):
        found = REGISTRY.by_method("ndarray", name)
    return found


def entry(op_name: str) -> Entry | None:
    """The entry of an op by the op's name; None if it is not in the table."""
    spelling = REGISTRY.by_op(op_name)
    return None if spelling is None else spelling.entry


def spelling(op_name: str) -> Spelling | None:
    """The spelling of an op by the op's name."""
    return REGISTRY.by_op(op_name)


def entries() -> dict[str, Entry]:
    """All entries by name, in the order of the table."""
    found: dict[str, Entry] = {}
    for item in REGISTRY:
        found.setdefault(item.entry.name, item.entry)
    return found


def canonical(found: Spelling, args: tuple[Any, ...], params: Pairs) -> tuple[tuple[Any, ...], Pairs]:
    """The call with operands given by keyword moved to their positions, where no gap is left: it means the same."""
    entry, given, rest = found.entry, list(args), dict(params)
    if found.entry.bind is None and "*xs" not in found.entry.names:
        while len(given) < entry.operands and entry.names[len(given)] in rest:
            given.append(rest.pop(entry.names[len(given)]))
    return tuple(given), tuple((k, v) for k, v in params if k in rest)
