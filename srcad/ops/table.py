"""The rule table: every entry of every module, found by op name, by Python object or by method."""
from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import MethodType
from typing import Any

import numpy as np

from srcad.ops import complex as complex_rules
from srcad.ops import (
    active_options,
    applied,
    augmented,
    calculus,
    chains,
    complex_math,
    constructors,
    contract,
    draws,
    elementwise,
    factor,
    fft,
    histograms,
    index,
    internal,
    joins,
    linalg,
    matrix,
    nested,
    nondiff,
    norms,
    padding,
    peephole,
    pieces,
    polynomial,
    python,
    quantiles,
    reduce,
    scipy_data,
    scipy_distance,
    scipy_fft,
    scipy_interpolate,
    scipy_linalg,
    scipy_ndimage,
    scipy_stats,
    series,
    shape,
    special,
    statistics,
    storage,
    ufuncs,
    windows,
)  # fmt: skip
from srcad.ops.entry import NO_VALUE, REGISTRY, Entry, Spelling
from srcad.ops.infer import infer

MODULES = (
    elementwise, python, reduce, shape, joins, index, linalg, contract, matrix, statistics, polynomial, complex_rules, constructors,
    nondiff, internal, fft, factor, norms, chains, ufuncs, quantiles, calculus, pieces, windows, storage, nested, augmented,
    draws, complex_math, applied, histograms, padding, series,
)  # fmt: skip
PEEPHOLE_RULES = peephole.__name__  # loading it registers them
__all__ = ["by_object", "canonical", "entries", "entry", "infer", "method", "plain", "register", "spelling", "take_up_all"]


_BOUND: dict[tuple[type, str], Spelling] = {}
"""Methods of objects that a package has one of, such as the distributions of `scipy.stats`."""
_ROOMS: dict[str, Callable[[Any], tuple[tuple[Spelling, ...], ...]]] = {
    "scipy.special": special.rules, "scipy.linalg": scipy_linalg.rules, "scipy.stats": scipy_stats.rules,
    "scipy.integrate": scipy_data.integrals, "scipy.optimize": scipy_data.equations, "scipy.signal": scipy_data.filters,
    "scipy.sparse.linalg": scipy_data.sparse, "scipy.interpolate": scipy_interpolate.rules,
    "scipy.ndimage": scipy_ndimage.rules, "scipy.fft": scipy_fft.rules, "scipy.spatial.distance": scipy_distance.rules,
    "numpy.polynomial": series.rules,
}  # fmt: skip
"""Entries of packages that srcad does not need, taken up once a program has imported the package."""
_TAKING_UP = threading.Lock()


def register(definitions: Iterable[tuple[Spelling, ...]]) -> None:
    """Add entries to the table (also for other packages' functions)."""
    for spellings in definitions:
        for spelling in spellings:
            REGISTRY.add(spelling)
            if isinstance(spelling.object, MethodType):
                _BOUND[type(spelling.object.__self__), spelling.object.__name__] = spelling


def _take_up() -> None:
    if any(package in sys.modules for package in _ROOMS):
        with _TAKING_UP:
            for package in [p for p in _ROOMS if p in sys.modules]:
                register(_ROOMS[package](sys.modules[package]))
                del _ROOMS[package]


def take_up_all() -> None:
    """Take up the entries of every package that is installed."""
    for package in list(_ROOMS):
        with contextlib.suppress(ImportError):
            importlib.import_module(package)
    _take_up()


for _module in MODULES:
    register(_module.RULES)
register(active_options.rules())


def by_object(fn: object) -> Spelling | None:
    """The spelling of a Python function: `np.exp`, `math.exp`, `operator.mul`, `abs`."""
    _take_up()
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, np.ufunc):  # a method of a ufunc is a new object each time
        return REGISTRY.by_op(f"np.{owner.__name__}.{getattr(fn, '__name__', '')}")
    if isinstance(fn, MethodType):
        return _BOUND.get((type(fn.__self__), fn.__name__))
    return REGISTRY.by_object(fn)


def path(spelling: Spelling) -> tuple[str, str]:
    """The module of NumPy or SciPy where an object of the table is found, and its name there."""
    module, _, name = spelling.op.name.rpartition(".")
    return (f"numpy{module[2:]}" if module.partition(".")[0] == "np" else f"scipy.{module}"), name


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


@functools.cache
def _parameters(fn: Any) -> dict[str, inspect.Parameter]:
    """The parameters of a function; none where it does not tell them."""
    try:
        return dict(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        return {}


def plain(op_name: str, args: Sequence[Any], params: Sequence[tuple[str, Any]]) -> tuple[list[Any], list[tuple[str, Any]]]:
    """The call without options that its rule does not know, where they only repeat a default or allow something; it means the same."""
    given, named, found = list(args), list(params), REGISTRY.by_op(op_name)
    if found is None or found.entry.bind is not None or not found.entry.differentiable or any(n.startswith("*") for n in found.entry.names):
        return given, named
    known = {*found.entry.names, *found.entry.statics}
    if len(given) <= len(found.entry.names) and all(k in known for k, _ in named):
        return given, named
    own = _parameters(found.object)
    behind = [p.name for p in own.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][len(found.entry.names) :]
    extra = given[len(found.entry.names) :]
    if len(extra) > len(behind):
        return given, named
    named = [*zip(behind, extra, strict=False), *named]
    spare = [k for k, v in named if k not in known and (_permits(op_name, k) or (k in own and _repeats(v, own[k].default)))]
    return given[: len(found.entry.names)], [(k, v) for k, v in named if k not in spare]


def _permits(op_name: str, name: str) -> bool:
    """Whether an option lets a function spoil an operand, which it need not do, and must not: derivatives may read the operand."""
    return op_name.startswith(("linalg.", "fft.")) and name.startswith("overwrite_")


def _repeats(value: Any, default: Any) -> bool:
    """Whether an argument is known to be the default."""
    given = getattr(value, "value", inspect.Parameter.empty)
    return default is not inspect.Parameter.empty and type(given) is type(default) and bool(given == default)


def canonical(op_name: str, args: Sequence[Any], params: Sequence[tuple[str, Any]], none: Any) -> tuple[list[Any], list[tuple[str, Any]]]:
    """The call with operands given by keyword moved to their positions, since rules give cotangents by position; it means the same.

    `none`, a literal, stands for a parameter between them that is left out, with its default.
    """
    given, found = list(args), REGISTRY.by_op(op_name)
    if found is None or found.entry.bind is not None or "*xs" in found.entry.names:
        return given, list(params)
    names, rest = found.entry.names[: found.entry.operands], found.entry.renamed(dict(params))
    while any(n in rest for n in names[len(given) :]):
        name = names[len(given)]
        default = found.entry.defaults.get(name)
        left_out = replace(none, value=default, path="numpy:_NoValue") if default is NO_VALUE else replace(none, value=default)
        given.append(rest.pop(name, left_out))
    return given, list(rest.items())
