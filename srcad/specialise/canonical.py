"""Array lengths across the border of a function of the program."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcad.ir.types import Dim, map_dims
from srcad.specialise.templates import children, with_children
from srcad.specialise.values import Dyn, Value


class Canonical:
    """Array lengths in a callee are numbered in the order in which its arguments show them, so that callers share it."""

    def __init__(self) -> None:
        self._inner: dict[str, str] = {}
        self._outer: dict[str, str] = {}

    def inward(self, value: Value) -> Value:
        """An argument with the callee's tokens."""
        return with_children(self._typed(value, self._in), tuple(map(self.inward, children(value))))

    def outward(self, value: Value) -> Value:
        """A result with the caller's tokens; lengths that only the callee knows are unknown."""
        return with_children(self._typed(value, self._out), tuple(map(self.outward, children(value))))

    def _typed(self, value: Value, dim: Callable[[Dim], Dim]) -> Value:
        return replace(value, type=map_dims(value.type, dim)) if isinstance(value, Dyn) else value

    def _in(self, dim: Dim) -> Dim:
        if dim.unknown or dim.token.startswith("="):
            return dim
        if dim.token not in self._inner:
            kind = "n" if dim.token.startswith("n") else "~"
            self._inner[dim.token] = f"{kind}c{len(self._inner)}"
            self._outer[self._inner[dim.token]] = dim.token
        return Dim(self._inner[dim.token], dim.less)

    def _out(self, dim: Dim) -> Dim:
        if dim.unknown or dim.token.startswith("="):
            return dim
        return Dim(self._outer[dim.token], dim.less) if dim.token in self._outer else Dim("?")
