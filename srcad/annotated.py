"""Example arguments made up from annotations, for compiling a function that has not been called."""
from __future__ import annotations

import inspect
import typing
from typing import Any

import numpy as np

from srcad.binding import Target

_FLOATS: tuple[Any, ...] = (float, "float", inspect.Parameter.empty)


def from_annotations(target: Target) -> list[Any]:
    """One value per parameter: from its annotation, its default, or a float."""
    values: list[Any] = list(target.args)
    parameters = list(target.signature.parameters.values())
    try:
        hints = typing.get_type_hints(target.function)
    except Exception:  # noqa: BLE001 -- annotations may name anything; they only help here
        hints = {}
    rest = parameters[len(values) :]
    return values + [target.kwargs[p.name] if p.name in target.kwargs else _example(p, hints.get(p.name, p.annotation)) for p in rest]


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
    return 0.5
