"""The attributes of an object as a dict: `self.__dict__`, `vars(self)`."""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.errors import SrcadError
from srcad.ir.types import CONTAINERS
from srcad.specialise import containers, items, writes
from srcad.specialise.values import Given, Lazy, Method, Seq, Static, Value, container

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_KIND = "attributes"
_READERS = ("get", "items", "keys", "values", "copy")


def of(value: Value) -> Lazy:
    """`value.__dict__`."""
    return Lazy(_KIND, (value,))


def is_namespace(value: Value) -> bool:
    """Whether a value is what `of` gives."""
    return isinstance(value, Lazy) and value.kind == _KIND


def plain(engine: Engine, value: Value) -> Value:
    """A dict of the attributes as they are now; other values as they are."""
    if not isinstance(value, Lazy) or value.kind != _KIND:
        return value
    known = writes.exploded(engine, engine.now(value.parts[0]))
    if known is None or any(known.at(k) != Static(value=True) for k in known.keys if isinstance(k, Given)):
        raise engine.refuse("UnsupportedSyntax", "SRC170", "the attributes of an object depend on the path taken, and are asked for as "
                            "a dict", "set all attributes in `__init__`")  # fmt: skip
    pairs = [(k, v) for k, v in zip(known.keys, known.items, strict=True) if not isinstance(k, Given)]
    return container(dict, tuple(v for _, v in pairs), tuple(k for k, _ in pairs))


def put(engine: Engine, target: Lazy, key: Value, value: Value) -> None:
    """`self.__dict__[key] = value`."""
    known = writes.exploded(engine, engine.now(target.parts[0]))
    if known is None or not isinstance(key, Static) or not isinstance(key.value, str):
        raise _refusal(engine)
    containers.put_attribute(engine, target.parts[0], known, key.value, value)


def method(engine: Engine, self: Lazy, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method of the dict: those that read it, and `update`."""
    if name in _READERS:
        return engine.call(Method(plain(engine, self), name), args, kwargs)
    if name != "update" or len(args) > 1:
        raise _refusal(engine)
    pairs = items.mapping_items(engine, plain(engine, args[0])) if args else []
    for key, value in (*pairs, *kwargs.items()):
        put(engine, self, Static(key), value)
    return Static(None)


def attributes(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`vars(value)`."""
    return of(args[0]) if len(args) == 1 and isinstance(args[0], Seq) and args[0].cls not in CONTAINERS and not kwargs else None


def _refusal(engine: Engine) -> SrcadError:
    return engine.refuse("UnsupportedSyntax", "SRC170", "the attributes of an object are changed as a dict in a way that is not followed",
                         "assign to the attributes, or use `update`")  # fmt: skip
