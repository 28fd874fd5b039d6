"""Generator functions under `contextlib.contextmanager`, as functions that are given the body of the `with` statement.

    @contextmanager                        def scaled(value, *, body):
    def scaled(value):                         before = start(value)
        before = start(value)     ==>          try:
        try:                                       result = body(before)
            yield before                       finally:
        finally:                                   stop(before)
            stop(before)                       return result

That is what happens: the body runs where the generator stands at its `yield`, and an exception of the body is raised there.
"""
from __future__ import annotations

import copy
from typing import Any

import gast

from srcad.frontend import scope

BODY = "body@with"  # the parameter that is the body of the `with` statement
_RESULT = "result@with"


def with_body(function: Any) -> Any | None:
    """The function of the body; None where the generator may yield another number of times than once, or stop an exception."""
    function = copy.deepcopy(function)
    yields = [n for n in _own(function) if isinstance(n, gast.Yield | gast.YieldFrom)]
    if len(yields) != 1 or scope.contains(function.body, gast.Return) or not _called(function.body):
        return None
    last = function.body[-1]
    function.body.append(gast.copy_location(gast.Return(_name(last, _RESULT, gast.Load())), last))
    function.args.kwonlyargs.append(_name(function, BODY, gast.Param()))
    function.args.kw_defaults.append(None)
    return gast.fix_missing_locations(function)


def _own(function: Any) -> list[Any]:
    found: list[Any] = []
    todo = list(function.body)
    while todo:
        node = todo.pop()
        found.append(node)
        todo.extend(scope.children(node))
    return found


def _called(statements: list[Any]) -> bool:
    """Put a call of the body for the `yield` of these statements; False where it stands where that cannot be done."""
    for n, statement in enumerate(statements):
        match statement:
            case gast.Expr(value=gast.Yield() as found):
                statements[n] = _call(found)
                return True
            case gast.Assign(targets=[gast.Name()], value=gast.Yield() as found):
                statement.value = gast.copy_location(gast.Constant(None, None), found)
                statements.insert(n, _call(found))
                return True
            case gast.Try(body=body, handlers=handlers) if all(map(_raises_again, handlers)) and _called(body):
                return True
            case gast.With(body=body) if _called(body):
                return True
    return False


def _raises_again(handler: Any) -> bool:
    last = handler.body[-1]
    return isinstance(last, gast.Raise) and last.exc is None


def _call(found: Any) -> Any:
    value = found.value or gast.copy_location(gast.Constant(None, None), found)
    call = gast.copy_location(gast.Call(_name(found, BODY, gast.Load()), [value], []), found)
    return gast.copy_location(gast.Assign([_name(found, _RESULT, gast.Store())], call, None), found)


def _name(at: Any, name: str, ctx: Any) -> Any:
    return gast.copy_location(gast.Name(name, ctx, None, None), at)
