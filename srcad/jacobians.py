"""Whole derivative matrices: Jacobians column by column (forward mode) or row by row (reverse mode), and Hessians."""
from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcad import cotangents, many, trees
from srcad.api import Derivative, apart, as_tuple
from srcad.binding import Argnums, Names, Target, chosen, reduced, unpacked, with_outputs, wrapped_call
from srcad.errors import ArgumentError, NoRule
from srcad.parts import read
from srcad.pipeline import Request
from srcad.marks import marked
from srcad.store import Specialisation, check_repeatable, repeatable, store_of, target_of

_ADVICE = "use srcad.jacrev, which runs the function once"


class Jacobian:
    """A function's Jacobian as a callable; made by `jacfwd`, `jacrev`, `jacobian` and `hessian`.  `primal` is the function given."""

    def __init__(
        self, f: Callable[..., Any], name: str, argnums: Argnums, *, has_aux: bool = False, outputs: Names | None = None
    ) -> None:  # fmt: skip
        self.primal = f
        self._name = name
        self._argnums = argnums
        self._aux = has_aux
        self._outputs = outputs
        if name == "hessian":
            self._target = target_of(Derivative(f, "grad", argnums, has_aux=has_aux, outputs=outputs))
        else:
            self._target = with_outputs(unpacked(target_of(f), argnums, outputs), outputs)
        self._wrt, self._bare = chosen(argnums, self._target)
        self._objects = self._target.of is not None  # in the result, which has the structure of an argument
        functools.update_wrapper(self, f, updated=())
        self.__wrapped__ = f
        self.__srcad_primal__ = f

    @property
    def __srcad_made__(self) -> tuple[str, tuple[Any, ...]]:
        """What it is inside a function that is differentiated."""
        return self._name, (as_tuple(self._argnums), self._aux, as_tuple(self._outputs))

    @property
    def __srcad_target__(self) -> Target:
        """A Python function that calls it, whose source can be followed."""
        return wrapped_call(self, self._target)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The Jacobian at the given arguments."""
        values = self._target.bind(args, kwargs)
        points = self._points(values)
        found = self._by_columns(values, points) if self._name != "jacrev" else None
        out, blocks = self._by_rows(values, points) if found is None else found
        value, aux = out if self._aux else (out, None)
        matrix = self._assembled(value, blocks, points)
        return (matrix, aux) if self._aux else matrix

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As a method: argnums count after binding."""
        if instance is None:
            return self
        return Jacobian(self.primal.__get__(instance, owner), self._name, self._argnums, has_aux=self._aux, outputs=self._outputs)

    def __reduce__(self) -> Any:
        """Pickled by its name where a module holds it, else by the function and the options."""
        return reduced(self, (_again, (self.primal, self._name, self._argnums, self._aux, self._outputs)))

    def __repr__(self) -> str:
        return f"<srcad.{self._name} of {getattr(self.primal, '__qualname__', repr(self.primal))}>"

    def source(self, *args: Any, **kwargs: Any) -> str:
        """The generated source for example arguments: of many columns (rows for `jacrev`) at once, of one where that does not pay."""
        values = self._target.bind(args, kwargs)
        few = sum(map(np.size, _floats(self._points(values)))) < many.FEW
        one, several = ("vjp", "vjp") if self._name == "jacrev" else ("jvp", "tangent")
        found = None if few else many.compiled(self._target, self._wrt, values, several)
        return (self._compiled(values, one) if found is None else found).stages.emitted.text

    # ---- sweeps ------------------------------------------------------------------------------------------------------
    def _compiled(self, values: list[Any], form: str) -> Specialisation:
        target = self._target
        request = Request(form, self._wrt, bare=False, of=target.of, outputs=target.outputs)
        return store_of(target, request, "warn").find(values, target.function)

    def _points(self, values: list[Any]) -> list[Any]:
        """What is differentiated of the arguments."""
        points = [read(values[part.number], part, self._target.names) for part in self._wrt]
        for part, point in zip(self._wrt, points, strict=True):
            trees.require_tree(point)
            if any(np.asarray(leaf).dtype.kind == "c" for leaf in _floats(point)):
                shown = part.shown(self._target.names)
                raise ArgumentError(f"{self._name} of a complex argument ('{shown}')", "use srcad.vjp or srcad.jvp")
        return points

    def _by_columns(self, values: list[Any], points: list[Any]) -> tuple[Any, list[list[Any]]] | None:
        """The result, and per leaf of it one block per leaf of the arguments; None where rows are to be preferred."""
        sizes = [np.size(leaf) for point in points for leaf in _floats(point)]
        if not all(sizes):
            return None
        try:
            found = self._compiled(values, "jvp")
        except NoRule:  # something on the way has a rule for reverse mode only
            if self._name == "jacfwd":
                raise
            return None
        if sum(sizes) > 1 and not repeatable(found):
            if self._name == "jacfwd":
                check_repeatable(found, self._name, _ADVICE)
            return None
        zeros = [cotangents.tangent_for(None, point, n) for n, point in enumerate(points)]
        if sum(sizes) >= many.FEW:
            out, _ = found.run(self._target.function, values, *zeros)
            value = self._main(out)
            self._check_result(value)
            if self._name == "jacobian" and sum(map(np.size, self._results(value))) < sum(sizes):
                return None
            at_once = many.columns(self._target, self._wrt, values, points, value, aux=self._aux)
            if at_once is not None:
                return out, at_once
        out = None
        blocks: list[list[Any]] = []
        places = [(p, k, leaf) for p, point in enumerate(points) for k, leaf in enumerate(_floats(point))]
        for number, (place, position, like) in enumerate(places):
            for index in np.ndindex(np.shape(like)):
                directions = [*zeros]
                directions[place] = cotangents.tangent_for(_unit(points[place], position, index, objects=True), points[place], place)
                out, tangent = found.run(self._target.function, values, *directions)
                value, moved = self._main(out), tangent[0] if self._aux else tangent
                parts = list(self._results(cotangents.tangent_of(moved, value, objects=self._objects)))
                if not blocks:
                    self._check_result(value)
                    if self._name == "jacobian" and sum(map(np.size, parts)) < sum(sizes):
                        return None
                    blocks = [[] for _ in parts]
                for block, part in zip(blocks, parts, strict=True):
                    if len(block) == number:
                        block.append(np.zeros(np.shape(part) + np.shape(like), np.asarray(part).dtype))
                    block[number][(..., *index)] = part
        return (out, blocks) if blocks else None

    def _by_rows(self, values: list[Any], points: list[Any]) -> tuple[Any, list[list[Any]]]:
        """As `_by_columns`, by one pullback per element of the result."""
        found = self._compiled(values, "vjp")
        split = found.stages.split
        assert split is not None
        out, residuals = found.run(self._target.function, values)
        value = self._main(out)
        self._check_result(value)
        backward = found.functions[split.backward]
        if sum(map(np.size, self._results(value))) >= many.FEW:
            at_once = many.rows(self._target, self._wrt, values, points, value, out, residuals)
            if at_once is not None:
                return out, at_once
        likes = [leaf for point in points for leaf in _floats(point)]
        blocks: list[list[Any]] = []
        for position, leaf in enumerate(self._results(value)):
            block = [np.zeros(np.shape(leaf) + np.shape(like), np.asarray(like).dtype) for like in likes]
            for index in np.ndindex(np.shape(leaf)):
                seed = _unit(value, position, index, objects=self._objects)
                bars = backward(residuals, *cotangents.matched((seed, None) if self._aux else seed, out, split.result))
                for row, part in zip(block, (p for bar in bars for p in _floats(bar)), strict=True):
                    row[index] = part
            blocks.append(block)
        return out, blocks

    def _main(self, out: Any) -> Any:
        """What is differentiated of a result."""
        return apart(out, self._target.function.__name__)[0] if self._aux else out

    def _results(self, value: Any) -> Iterator[Any]:
        """The leaves of a result that hold floating-point numbers."""
        return trees.floats(value, objects=self._objects)

    def _check_result(self, value: Any) -> None:
        found = [np.asarray(leaf).dtype.kind for leaf in self._results(value)]
        plain = (x for x in trees.leaves(value, objects=self._objects) if trees.is_plain(type(x)))
        held = next((x for x in plain if any(map(trees.is_float, trees.contents(x).values()))), None)
        if held is not None:
            what = f"'{self._target.function.__name__}' returns an object of class '{type(held).__name__}'"
            raise ArgumentError(f"{self._name}: {what}", "return its attributes, in a tuple, list or dict")
        if not found:
            raise ArgumentError(f"'{self._target.function.__name__}' returns nothing that has a derivative", "return floats")
        if "c" in found:
            raise ArgumentError(f"{self._name} of a complex result", "return its real and imaginary parts")

    def _assembled(self, value: Any, blocks: list[list[Any]], points: list[Any]) -> Any:
        """The blocks in the structure of the result, each leaf in that of what is differentiated."""
        rows = iter(blocks)

        def row(leaf: Any) -> Any:
            if not trees.is_float(leaf):
                return None
            parts = iter(next(rows))
            found = tuple(_structured(p, leaf, parts) for p in points)
            return found[0] if self._bare else found

        return trees.rebuilt(value, iter([row(leaf) for leaf in trees.leaves(value, objects=self._objects)]), objects=self._objects)


def _again(f: Callable[..., Any], name: str, argnums: Argnums, has_aux: bool, outputs: Names | None) -> Jacobian:
    return Jacobian(f, name, argnums, has_aux=has_aux, outputs=outputs)


def _floats(argument: Any) -> Iterator[Any]:
    """The leaves of an argument that hold floating-point numbers, those of objects too."""
    return trees.floats(argument, objects=True)


def _structured(point: Any, leaf: Any, parts: Iterator[Any]) -> Any:
    """The blocks of one leaf of the result in the structure of what is differentiated."""
    return trees.rebuilt(point, iter([_entry(x, leaf, parts) for x in trees.leaves(point, objects=True)]), objects=True)


def _entry(x: Any, leaf: Any, parts: Iterator[Any]) -> Any:
    """One block; a number where both the argument and the result are numbers."""
    if not trees.is_float(x):
        return None
    block = next(parts)
    if isinstance(x, np.ndarray) or isinstance(leaf, np.ndarray):
        return block
    return block[()] if isinstance(leaf, np.generic) else float(block)


def _unit(value: Any, position: int, index: tuple[int, ...], *, objects: bool = False) -> Any:
    """A tree of zeros with a one at an element of the float leaf numbered `position`; None at leaves without derivatives."""
    count = itertools.count()

    def leaf(x: Any) -> Any:
        if not trees.is_float(x):
            return None
        one = np.zeros(np.shape(x), np.asarray(x).dtype)
        if next(count) == position:
            one[index] = 1
        return one if isinstance(x, np.ndarray) else one[()]

    return trees.rebuilt(value, iter([leaf(x) for x in trees.leaves(value, objects=objects)]), objects=objects)


def _made(name: str, f: Callable[..., Any] | None, argnums: Argnums, has_aux: bool, outputs: Names | None) -> Any:
    if f is None:
        return lambda g: Jacobian(g, name, argnums, has_aux=has_aux, outputs=outputs)
    return Jacobian(f, name, argnums, has_aux=has_aux, outputs=outputs)


@marked
def jacfwd(
    f: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, outputs: Names | None = None
) -> Any:  # fmt: skip
    """The Jacobian of a function by forward mode, one sweep per element of the arguments; also as a decorator.

    `argnums` and `outputs` as in `grad`.  The Jacobian has the structure of the result, each leaf of which is replaced by the structure of
    the argument (by a tuple of these if `argnums` is a tuple), in which a leaf of shape `a` is an array of shape `r + a` where
    the result's leaf has shape `r`; leaves that are not floating-point are None.  With `has_aux` the function returns
    `(value, aux)` and the derivative `(jacobian, aux)`.
    Raises ArgumentError as `grad` does, for complex arguments and results, and for a function that prints, logs or draws
    random numbers, since it would run several times.
    """
    return _made("jacfwd", f, argnums, has_aux, outputs)


@marked
def jacrev(
    f: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, outputs: Names | None = None
) -> Any:  # fmt: skip
    """Like `jacfwd`, by reverse mode: the function runs once, then one backward sweep per element of the result."""
    return _made("jacrev", f, argnums, has_aux, outputs)


@marked
def jacobian(
    f: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, outputs: Names | None = None
) -> Any:  # fmt: skip
    """Like `jacfwd` or `jacrev`, whichever takes fewer sweeps at the given arguments."""
    return _made("jacobian", f, argnums, has_aux, outputs)


@marked
def hessian(
    f: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, outputs: Names | None = None
) -> Any:  # fmt: skip
    """The matrix of second derivatives of a function that returns one real number: the Jacobian of its gradient.

    `argnums`, `has_aux` and `outputs` as in `grad`.  For an argument of shape `a` it is an array of shape `a + a`; for other structures
    it has that of the gradient, each leaf replaced by that of the argument.  Forward over reverse mode, one sweep per element.
    """
    return _made("hessian", f, argnums, has_aux, outputs)
