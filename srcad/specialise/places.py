"""The places in a value at which its run-time leaves and its containers are."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from srcad.ir.types import UNKNOWN, Type, dtype_kind, forget_lengths, join
from srcad.specialise.memory import Where, has_identity
from srcad.specialise.templates import children, runtime_type, with_children
from srcad.specialise.values import Cell, Dyn, Given, Maybe, Seq, Static, Value


def lengthless(value: Value, names: set[str]) -> Value:
    """A value of the trip before, whose lengths this trip's names do not tell."""
    if isinstance(value, Dyn):
        return replace(value, type=forget_lengths(value.type, names))
    kids = children(value)
    return with_children(value, tuple(lengthless(k, names) for k in kids)) if kids else value


def placed(value: Value, path: Where = ()) -> Iterator[tuple[Where, Dyn]]:
    """The run-time leaves of a value with their places, in the order of `leaves`."""
    if isinstance(value, Dyn):
        yield path, value
    for n, child in enumerate(children(value)):
        yield from placed(child, (*path, n))


def word_at(value: Value, where: Where, otherwise: str) -> str:
    """What to call the leaf at a place: as the innermost attribute or key on the way there."""
    for n in where:
        if isinstance(value, Seq) and value.keys:
            key = value.keys[n]
            word = f"{key.name}_is_set" if isinstance(key, Given) else key
            otherwise = word if isinstance(word, str) and word.isidentifier() else otherwise
        if isinstance(value, Maybe) and n == 0:
            otherwise = f"has_{otherwise}" if otherwise else "is_given"
        value = children(value)[n]
    return otherwise


def held_objects(value: Value, path: Where = ()) -> Iterator[tuple[Where, Seq]]:
    """The lists, dicts and objects in a value with their places."""
    if isinstance(value, Seq) and has_identity(value.cls):
        yield path, value
    for n, child in enumerate(children(value)):
        yield from held_objects(child, (*path, n))


def same_places(a: Value, b: Value) -> set[Where]:
    """The places where both values have a leaf, or both an object."""
    leaves_ = {n for n, _ in placed(a)} & {n for n, _ in placed(b)}
    return leaves_ | {n for n, _ in held_objects(a)} & {n for n, _ in held_objects(b)}


def celled(value: Value, model: Value | None, fixed: frozenset[Where], path: Where = ()) -> Value:
    """The value with new identities for its containers, but for those at fixed places: these have the model's."""
    kids = children(value)
    if kids:
        models = children(model) if model is not None and len(children(model)) == len(kids) else (None,) * len(kids)
        pairs = enumerate(zip(kids, models, strict=True))
        value = with_children(value, tuple(celled(k, m, fixed, (*path, n)) for n, (k, m) in pairs))
    if isinstance(value, Seq) and has_identity(value.cls):
        own = model.cell if path in fixed and isinstance(model, Seq) and model.cell is not None else Cell()
        return replace(value, cell=own)
    return value


def changes_kind(before: Value, after: Value) -> bool:
    """Whether a number or array in a value becomes one of another kind: they have no type in common."""
    if isinstance(before, Dyn | Static) and isinstance(after, Dyn | Static):
        old, new = runtime_type(before), runtime_type(after)
        return old is not None and new is not None and _is_numeric(old) and _is_numeric(new) and join(old, new) == UNKNOWN
    kids, others = children(before), children(after)
    return isinstance(before, Seq) and isinstance(after, Seq) and len(kids) == len(others) and any(map(changes_kind, kids, others))


def _is_numeric(t: Type) -> bool:
    return dtype_kind(t) not in ("", "b")
