"""The fence: which syntax is followed, and what to say of the rest.

An allow-list: a node type that is not named here is refused.  What only makes a statement impossible to follow is refused
where that statement stands; what changes the kind of the whole function (`async`) refuses the function.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gast


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a construct is refused: a code, what it is, what to do instead."""

    code: str
    what: str
    advice: str


STATEMENTS = (
    "Assign", "AnnAssign", "AugAssign", "Expr", "If", "For", "While", "Break", "Continue", "Pass", "Return", "Assert", "Raise", "Delete",
    "Import", "ImportFrom", "FunctionDef", "With", "Try", "Global", "Nonlocal",
    "ClassDef",
)  # fmt: skip
EXPRESSIONS = (
    "BinOp", "UnaryOp", "BoolOp", "Compare", "IfExp", "NamedExpr", "Call", "Attribute", "Subscript", "Slice", "Starred", "Name",
    "Constant", "Tuple", "List", "Set", "Dict", "ListComp", "SetComp", "DictComp", "GeneratorExp", "JoinedStr", "FormattedValue", "Lambda",
)  # fmt: skip

_FALLBACK = Refusal("SRC101", "This construct", "Write it with ordinary assignments, branches and loops.")
_REFUSED = {
    "AsyncFunctionDef": Refusal("SRC102", "An async function", "Take the computation out of it into an ordinary function."),
    "AsyncFor": Refusal("SRC102", "`async for`", "Collect the items first, then use an ordinary loop."),
    "AsyncWith": Refusal("SRC102", "`async with`", "Enter the context outside the function."),
    "Await": Refusal("SRC102", "`await`", "Await the value outside the function and pass it in."),
    "Yield": Refusal("SRC103", "A `yield` inside an expression", "Write it as a statement of its own."),
    "YieldFrom": Refusal("SRC103", "A `yield from` whose value is used", "Loop over the items: `for item in items: yield item`."),
    "Match": Refusal("SRC105", "A `match` whose guard holds a function or comprehension", "Write the guard as an `if` inside."),
    "TryStar": Refusal("SRC106", "`except*`", "Use an ordinary `except`."),
    "TypeAlias": Refusal("SRC107", "A `type` statement inside a function", "Put it at module level."),
    "TemplateStr": Refusal("SRC108", "A template string", "Use an f-string."),
}
CLASS = Refusal("SRC104", "A class inside a function", "Define the class at module level.")
CLASS_CAPTURE = Refusal(
    "SRC104", "A class inside a function that reads a variable which is assigned again", "Pass the variable as an argument of the method.",
)  # fmt: skip
ASYNC_COMPREHENSION = Refusal("SRC102", "An asynchronous comprehension", "Collect the items outside the function.")
GENERATOR_VALUE = Refusal("SRC109", "A generator expression that is not consumed at once", "Write a list: `[...]` for `(...)`.")
GLOBAL_DELETE = Refusal("SRC110", "Deleting a global variable", "Set it to None instead, or delete it outside.")
NONLOCAL_WRITE = Refusal("SRC111", "Assigning a `nonlocal` variable", "Return the value from the inner function instead.")
FRAME = Refusal("SRC112", "A call that reads the frame of its caller", "Pass the values that it needs as arguments.")
REBOUND = Refusal(
    "SRC113", "A function that captures a variable which is assigned again later",
    "Pass the variable as an argument, or use a default: `x=x`.",
)  # fmt: skip
DECORATED_RECURSION = Refusal("SRC114", "A decorated inner function that calls itself", "Define it at module level.")
AMBIGUOUS = Refusal(
    "SRC115", "A variable whose value depends on where in the `try` body the exception was raised",
    "Assign it before the `try` and only once in its last statement, or assign it in every handler.",
)  # fmt: skip
PARTIAL_CAPTURE = Refusal("SRC118", "An inner function that captures a variable which has no value yet", "Assign it before.")
FINALLY_EXIT = Refusal("SRC116", "`return`, `break` or `continue` in a `finally` clause", "Move it behind the `try` statement.")
HANDLER_TYPE = Refusal("SRC117", "An `except` clause with a computed class", "Name the exception classes there.")

READS_FRAME = frozenset({"locals", "globals", "eval", "exec"})
READS_FRAME_WITHOUT_ARGUMENTS = frozenset({"vars", "dir"})


def refusal(node: Any) -> Refusal | None:
    """Why a node of this type is refused, or None if it is followed."""
    name = type(node).__name__
    if name in STATEMENTS or name in EXPRESSIONS:
        return None
    return _REFUSED.get(name) or Refusal(_FALLBACK.code, f"`{name}`", _FALLBACK.advice)


def own(node: Any) -> Iterator[Any]:
    """The nodes of a function, those of functions and classes inside it left out (they themselves are given)."""
    todo = list(node.body) if isinstance(node.body, list) else [node.body]
    while todo:
        inner = todo.pop(0)
        yield inner
        if not isinstance(inner, gast.FunctionDef | gast.AsyncFunctionDef | gast.Lambda | gast.ClassDef):
            todo = [*gast.iter_child_nodes(inner), *todo]


def whole_function(node: Any) -> tuple[Any, Refusal] | None:
    """What refuses a function as a whole, and the node to point at."""
    if isinstance(node, gast.AsyncFunctionDef):
        return node, _REFUSED["AsyncFunctionDef"]
    for inner in own(node):
        if isinstance(inner, gast.Await):
            return inner, _REFUSED[type(inner).__name__]
    return None
