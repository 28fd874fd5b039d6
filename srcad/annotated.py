"""Example arguments made up from annotations, for compiling a function that has not been called."""
from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.binding import Target
from srcad.errors import ArgumentError

_FLOATS: tuple[Any, ...] = (float, "float", inspect.Parameter.empty)
_HOLD_OTHERS = (list, tuple, dict, set, frozenset, Callable)


def from_annotations(target: Target) -> list[Any]:
    """One value per parameter: from its annotation, its default, or a float.  Raises ArgumentError for what an annotation leaves open."""
    values: list[Any] = list(target.args)
    parameters = list(target.signature.parameters.values())
    try:
        hints = typing.get_type_hints(target.function)
    except Exception:  # noqa: BLE001 -- annotations may name anything; they only help here
        hints = {}
    rest = parameters[len(values) :]
    if rest and rest[0].name == "self" and rest[0].annotation is rest[0].empty:
        raise _unknown("self", "an object")
    return values + [target.kwargs[p.name] if p.name in target.kwargs else _example(p, hints.get(p.name, p.annotation)) for p in rest]


def call_from_annotations(target: Target) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The same as a call: what is bound already is left out, and what has to be named is."""
    args: list[Any] = []
    named: dict[str, Any] = {}
    parameters = list(target.signature.parameters.values())
    for p, value in list(zip(parameters, from_annotations(target), strict=True))[len(target.args) :]:
        if p.name in target.kwargs or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        if p.kind is p.KEYWORD_ONLY or len(args) + len(target.args) < parameters.index(p):
            named[p.name] = value
        else:
            args.append(value)
    return tuple(args), named


def _example(p: inspect.Parameter, annotation: Any) -> Any:
    if p.kind is p.VAR_POSITIONAL:
        return ()
    if p.kind is p.VAR_KEYWORD:
        return {}
    if "ndarray" in str(annotation) or "NDArray" in str(annotation):
        return np.full(3, 0.5)
    for cls, value in ((int, 2), (bool, True), (str, ""), (complex, 0.5j)):
        if annotation is cls or annotation == cls.__name__:
            return p.default if p.default is not p.empty else value
    if p.default is not p.empty and annotation in _FLOATS and not isinstance(p.default, float):
        return p.default
    cls = typing.get_origin(annotation) or annotation
    if cls in _HOLD_OTHERS or (isinstance(cls, type) and cls.__module__ not in ("builtins", "inspect", "numpy")):
        if p.default is not p.empty:
            return p.default
        raise _unknown(p.name, annotation.__name__ if annotation is cls and isinstance(cls, type) else str(annotation))
    return 0.5


def _unknown(name: str, what: str) -> ArgumentError:
    return ArgumentError(f"{name!r} is {what}, of which no example can be made up", "give the arguments, as in a call of the function")
