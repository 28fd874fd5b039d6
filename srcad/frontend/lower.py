"""From a function to untyped IR: finds its source, checks it against the fence, lowers it, removes what is never read."""
from __future__ import annotations

import functools
import types
from collections.abc import Sequence
from typing import Any

import gast

from srcad import source as sources
from srcad.frontend import scope
from srcad.frontend.cells import Rebound, boxed
from srcad.frontend.context import Context, Exit, Stage, of_function
from srcad.frontend.fence import whole_function
from srcad.frontend.generators import Kept, named
from srcad.frontend.lower_expressions import expression
from srcad.frontend.lower_functions import captured_atoms, captures
from srcad.frontend.lower_statements import sequence
from srcad.frontend.lowered import Lowered
from srcad.frontend.polling import polled, stepping
from srcad.frontend.prune import prune
from srcad.frontend.resuming import resumable
from srcad.frontend.yields import is_generator
from srcad.ir.nodes import UNDEF, Atom, Func
from srcad.source import Source


def lower_function(function: types.FunctionType | types.MethodType | types.CodeType) -> Lowered:
    """A function in untyped IR; one for each code object."""
    return lower_source(sources.find(function))


@functools.lru_cache(maxsize=1024)
def lower_source(source: Source) -> Lowered:
    """The function that a source defines, in untyped IR."""
    with sources.deep_recursion():
        stage = _Stages()
        return _lower(of_function(source, source.tree, stage, tuple(sorted(source.freevars))), source.name, "")


@functools.lru_cache(maxsize=1024)
def lower_polled(source: Source) -> Lowered:
    """A `__next__` whose end is no exception; see `polling`."""
    return _rewritten(source, polled(source.tree))


@functools.lru_cache(maxsize=1024)
def lower_stepping(source: Source) -> Lowered | None:
    """A `__next__` as a generator of all its items; None where it has no such form."""
    tree = stepping(source.tree)
    return None if tree is None else _rewritten(source, tree)


def _rewritten(source: Source, tree: Any) -> Lowered:
    with sources.deep_recursion():
        return _lower(of_function(source, tree, _Stages(), tuple(sorted(source.freevars))), source.name, "")


def _lower(cx: Context, name: str, itself: str) -> Lowered:
    """Lower a function; once more where it reads names that some paths leave unbound, with a flag for each of them."""
    node = cx.node
    refused = whole_function(node)
    if refused is not None:
        raise cx.refuse(*refused)
    try:
        lowered = _lower_once(cx, name, itself)
    except Rebound as found:
        again = of_function(cx.source, boxed(cx.raw, frozenset({found.name})), cx.stage, cx.free)
        return _lower(again, name, itself)
    except Kept as found:
        tree = named(cx.raw, found.at)
        return _lower(of_function(cx.source, tree, cx.stage, cx.free), name, itself)
    return lowered if not cx.doubts else _lower_once(of_function(cx.source, cx.raw, cx.stage, cx.free, frozenset(cx.doubts)), name, itself)


def _lower_once(cx: Context, name: str, itself: str) -> Lowered:
    node = cx.node
    names = (*scope.parameters(node), *cx.free)
    params = tuple(cx.env[n] for n in names)
    cx.first_param = params[0] if scope.parameters(node) else None  # type: ignore[assignment]
    end = cx.stage.sequence(cx, _body(node))
    result = cx.env.get("$ret", UNDEF) if end.values else UNDEF
    func = prune(Func(name, cx.builder.block(params, (result,)), key=cx.source.key))  # type: ignore[arg-type]
    a = node.args
    return Lowered(
        name, func, cx.source,
        posonly=tuple(p.id for p in a.posonlyargs), args=tuple(p.id for p in a.args), vararg=a.vararg and a.vararg.id,
        kwonly=tuple(p.id for p in a.kwonlyargs), kwarg=a.kwarg and a.kwarg.id, free=cx.free, globals=tuple(sorted(cx.globals)),
        assigned=tuple(sorted(set(scope.assigned(scope.body(node))) & cx.locals)), nested=tuple(cx.nested), itself=itself,
        generator=is_generator(node),
        resume=functools.cache(functools.partial(_resumable, cx, name, itself)) if is_generator(node) else None,
    )  # fmt: skip


def _resumable(cx: Context, name: str, itself: str) -> Lowered | None:
    """The function that makes `resume` of a generator function; None where there is none."""
    tree = resumable(cx.raw)
    return None if tree is None else _lower(of_function(cx.source, tree, cx.stage, cx.free), name, itself)


def _body(node: Any) -> list[Any]:
    """The statements, with the `return` that ends every function made plain."""
    if isinstance(node, gast.Lambda):
        return [gast.copy_location(gast.Return(node.body), node.body)]
    last = node.body[-1]
    return [*node.body, gast.copy_location(gast.Return(None), last)]


class _Stages:
    """Ties the modules of the front end together."""

    def expression(self, cx: Context, node: Any, hint: str) -> Atom:
        """Lower an expression."""
        return expression(cx, node, hint)

    def sequence(self, cx: Context, nodes: Sequence[Any]) -> Exit:
        """Lower statements."""
        return sequence(cx, nodes)

    def function(self, cx: Context, node: Any, name: str, itself: str) -> tuple[Lowered, Sequence[Atom]]:
        """Lower an inner function; the atoms that it captures."""
        free = captures(cx, node)
        inner = of_function(cx.source, node, self, free)
        lowered = _lower(inner, name, itself if itself in free else "")
        return lowered, captured_atoms(cx, node, free, itself)


_: Stage = _Stages()

__all__ = ["lower_function", "lower_polled", "lower_source", "lower_stepping"]
