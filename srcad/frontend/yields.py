"""Generator functions: each `yield` hands an item to whoever goes over the items, and stops where that one stops.

    yield x                          if hand(x): return
    y = yield x              ==>     if hand(x): return          with y = None behind it
    yield from items                 for item in items:
                                         if hand(item): return

Who consumes the items is put in the place of `hand` by the specialiser; see `specialise/streams.py`.
"""
from __future__ import annotations

import copy
from typing import Any

import gast

from srcad.frontend import scope


class Hand(gast.Yield):  # type: ignore[misc]
    """`yield value` as an expression that tells whether the function shall stop.

    `closing`: it stands in a `try` or `with`, so that stopping there is seen.
    """

    closing = False


def is_generator(function: Any) -> bool:
    """Whether a `def` makes generators."""
    return isinstance(function, gast.FunctionDef) and scope.contains(function.body, gast.Yield, gast.YieldFrom)


def handed(function: Any) -> Any:
    """The function with its `yield` statements written out; itself where it has none.  Others are left, and refused where they stand."""
    if not is_generator(function):
        return function
    function = copy.deepcopy(function)
    function.body = _statements(function.body, closing=False)
    return function


def _statements(nodes: list[Any], *, closing: bool) -> list[Any]:
    return [new for node in nodes for new in _written(node, closing=closing)]


def _written(node: Any, *, closing: bool) -> list[Any]:
    match node:
        case gast.Expr(value=gast.Yield(value=value)):
            return [_hand(node, value, closing=closing)]
        case gast.Expr(value=gast.YieldFrom(value=value)):
            name = f"item@{node.lineno}_{node.col_offset}"
            read = gast.copy_location(gast.Name(name, gast.Load(), None, None), node)
            target = gast.copy_location(gast.Name(name, gast.Store(), None, None), node)
            return [gast.copy_location(gast.For(target, value, [_hand(node, read, closing=closing)], [], None), node)]
        case gast.Assign(value=gast.Yield(value=value)):
            nothing = gast.copy_location(gast.Constant(None, None), node)
            return [_hand(node, value, closing=closing), gast.copy_location(gast.Assign(node.targets, nothing, None), node)]
    if not isinstance(node, scope.FUNCTIONS):
        closing = closing or isinstance(node, gast.Try | gast.With)
        for field in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, field, None), list):
                setattr(node, field, _statements(getattr(node, field), closing=closing))
        for handler in getattr(node, "handlers", ()):
            handler.body = _statements(handler.body, closing=closing)
    return [node]


def _hand(node: Any, value: Any, *, closing: bool) -> Any:
    """`if hand(value): return`."""
    given = gast.copy_location(gast.Constant(None, None), node) if value is None else value
    stop = gast.copy_location(gast.Return(None), node)
    hand = gast.copy_location(Hand(given), node)
    hand.closing = closing
    return gast.copy_location(gast.If(hand, [stop], []), node)
