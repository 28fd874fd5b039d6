"""Parts of arguments that users name, as in `argnums="params['W']"` or `outputs="state.u"`: a parameter, then items and attributes."""
from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from srcad import trees
from srcad.errors import ArgumentError

RETURN = -1
"""The number of the returned value among outputs."""
_ADVICE = "write a parameter, then items and attributes of it: \"params['W']\", \"model.layers[0].w\""


@dataclass(frozen=True, slots=True)
class Step:
    """From an object to a part of it: `[key]`, or `.key` for an attribute."""

    key: int | str
    attribute: bool = False

    def __str__(self) -> str:
        """As it is written behind the object."""
        return f".{self.key}" if self.attribute else f"[{self.key!r}]"


@dataclass(frozen=True, slots=True)
class Part:
    """The parameter of a number, or with `steps` a part of it."""

    number: int
    steps: tuple[Step, ...] = ()

    def shown(self, names: Sequence[str]) -> str:
        """As users write it."""
        return "".join(["return" if self.number == RETURN else names[self.number], *map(str, self.steps)])


@dataclass(frozen=True, slots=True)
class Outputs:
    """What counts as the result of a function: the final contents of parts of its arguments; `bare`: of the only one, not a tuple."""

    parts: tuple[Part, ...]
    bare: bool = True


def parsed(text: str) -> tuple[str, tuple[Step, ...]]:
    """The name and the steps that a text means.  Raises ArgumentError for anything else."""
    if text == "return":
        return text, ()
    try:
        node: ast.expr = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise _unclear(text) from None
    steps: list[Step] = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value, key):
                steps.append(Step(key, attribute=True))
            case ast.Subscript(value, index):
                steps.append(Step(_key(index, text)))
            case _:
                raise _unclear(text)
        node = value
    return node.id, tuple(reversed(steps))


def _key(index: ast.expr, text: str) -> int | str:
    try:
        key = ast.literal_eval(index)
    except ValueError:
        raise _unclear(text) from None
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise _unclear(text)
    return key


def _unclear(text: str) -> ArgumentError:
    return ArgumentError(f"{text!r} does not name an argument or a part of one", _ADVICE)


def split(text: str) -> tuple[str, ...]:
    """The parts named in a text, comma separated.  Raises ArgumentError where it is no such list."""
    try:
        whole = ast.parse(f"({text},)", mode="eval").body
    except (SyntaxError, ValueError):
        if "return" not in text:
            raise _unclear(text) from None
        return tuple(t.strip() for t in text.split(","))
    return tuple(map(ast.unparse, whole.elts)) if isinstance(whole, ast.Tuple) else (text,)


def read(value: Any, part: Part, names: Sequence[str]) -> Any:
    """The part of an argument.  Raises ArgumentError where it does not exist."""
    shown = Part(part.number).shown(names) if part.steps else ""
    for step in part.steps:
        if step.attribute:
            if not trees.has_attribute(value, str(step.key)):
                raise ArgumentError(f"{shown}{step} does not exist: {_held(shown, value)}", _other(value, step, shown))
            value = getattr(value, str(step.key))
        else:
            try:
                value = _item(value, step.key)
            except (LookupError, TypeError):
                raise ArgumentError(f"{shown}{step} does not exist: {_held(shown, value)}", _other(value, step, shown)) from None
        shown += str(step)
    return value


def _item(value: Any, key: int | str) -> Any:
    if not isinstance(value, list | tuple | dict):
        raise TypeError
    return value[key]  # type: ignore[index]


def _held(shown: str, value: Any) -> str:
    """What an object has."""
    if isinstance(value, dict):
        return f"{shown} is a dict with the keys {', '.join(map(repr, value)) or 'none'}"
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return f"{shown} is a {type(value).__name__} of {len(value)}"
    names = trees.attributes(value)
    return f"{shown} is a {type(value).__name__}" + (f" with the attributes {', '.join(names)}" if names else "")


def _other(value: Any, step: Step, shown: str) -> str:
    """What may have been meant."""
    if step.attribute and isinstance(value, dict) and step.key in value:
        return f"write {shown}[{step.key!r}]"
    if not step.attribute and trees.has_attribute(value, str(step.key)):
        return f"write {shown}.{step.key}"
    if trees.children(value) is None and not trees.attributes(value):
        return f"an array or number is differentiated as a whole: write {shown!r}"
    return _ADVICE
