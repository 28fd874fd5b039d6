"""Dicts that run-time lists hold, known by number where nothing else does: a dict of dicts whose keys are computed.

They are `Table`s, of which there are no objects at run time; their keys stand in one list, their values in another.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.ir.types import Numbered
from srcad.runtime.tables import TABLES, Table
from srcad.specialise import numbered, tables, writes
from srcad.specialise.templates import with_children
from srcad.specialise.values import Seq, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def as_item(engine: Engine, value: Value) -> Value:
    """What goes into a container for a value: for a dict its number, where dicts have numbers, also in a pair of key and dict."""
    if isinstance(value, Seq) and value.cls is tuple:
        return with_children(value, tuple(as_item(engine, i) for i in value.items))
    if not isinstance(value, Seq) or value.cell is None or TABLES.get(value.cls, value.cls) not in engine.numbering.classes:
        return value
    now = engine.now(value)
    if not isinstance(now, Seq) or not issubclass(TABLES.get(now.cls, now.cls), Table):
        return now
    whole = now if issubclass(now.cls, Table) else tables.of_dict(engine, now)
    number = numbered.entered(engine, whole.cls, dict(zip(map(str, whole.keys), whole.items, strict=True)), Numbered(whole.cls))
    writes.write(engine, value, number)
    return number
