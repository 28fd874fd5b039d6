"""`a.flat`: the elements of an array in order, whatever its memory layout."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from srcad.ir.types import Array
from srcad.ops import table
from srcad.specialise import items, operations, writes
from srcad.specialise.values import Dyn, Lazy, Seq, SliceVal, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def elements(engine: Engine, flat: Lazy) -> Dyn:
    """The elements as a vector: a view where NumPy can make one."""
    (array,) = flat.parts
    now = writes.current(engine, array)
    if isinstance(now, Dyn) and isinstance(now.type, Array) and now.type.ndim == 1:
        return now
    return engine.runtime(_call(engine, np.ravel, [array]), "the elements of an array")


def get(engine: Engine, flat: Lazy, index: Value) -> Value:
    """`a.flat[index]`: an element, or a copy of some."""
    found = items.get(engine, elements(engine, flat), index)
    return _call(engine, np.copy, [found]) if isinstance(index, SliceVal) or index == Static(Ellipsis) else found


def put(engine: Engine, flat: Lazy, index: Value, value: Value) -> None:
    """`a.flat[index] = value`, which takes the elements of an array again from the start where they do not do."""
    (array,) = flat.parts
    now = engine.runtime(engine.now(array), "the array")
    assert isinstance(now.type, Array)
    shape = operations.shape_of(engine, now)
    spelling = table.spelling("flat_places")
    assert spelling is not None
    places = operations.apply(engine, spelling.op, [shape, index], [])
    parts = items.unpack(engine, engine.runtime(places, "the places"), now.type.ndim, None, [""] * now.type.ndim)
    if isinstance(parts[0], Dyn) and isinstance(parts[0].type, Array):
        value = _repeated(engine, value, operations.shape_of(engine, parts[0]))
    writes.set_item(engine, array, Seq(tuple, tuple(parts)) if len(parts) > 1 else parts[0], value)


def put_all(engine: Engine, flat: Lazy, value: Value) -> None:
    """`a.flat = value`."""
    (array,) = flat.parts
    now = engine.runtime(engine.now(array), "the array")
    writes.set_item(engine, array, Static(Ellipsis), _repeated(engine, value, operations.shape_of(engine, now)))


def _repeated(engine: Engine, value: Value, shape: Value) -> Value:
    """An array or list as often as it takes to fill a shape."""
    if isinstance(value, Seq) or (isinstance(value, Dyn) and isinstance(value.type, Array)):
        return _call(engine, np.resize, [value, shape])
    return value


def _call(engine: Engine, fn: object, args: list[Value]) -> Value:
    spelling = table.by_object(fn)
    assert spelling is not None
    return operations.apply(engine, spelling.op, args, [])
