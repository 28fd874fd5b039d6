"""What a `with` statement does, as functions: they are not called but followed through their source."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def entered(enter: Callable[[], Any], leave: Callable[..., Any], body: Callable[[Any], Any]) -> Any:
    """`with` over a manager whose `__exit__` does the same whether there is an exception or not."""
    value = enter()
    try:
        result = body(value)
    finally:
        leave(None, None, None)
    return result


def told(enter: Callable[[], Any], leave: Callable[..., Any], body: Callable[[Any], Any]) -> Any:
    """`with` over a manager whose `__exit__` looks at the exception, and lets it pass."""
    value = enter()
    try:
        result = body(value)
    except BaseException as error:
        leave(type(error), error, error.__traceback__)
        raise
    leave(None, None, None)
    return result


def unmanaged(value: Any) -> Iterator[Any]:
    """`contextlib.nullcontext(value)`."""
    yield value
