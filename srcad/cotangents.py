"""Cotangents and tangents at the boundary: checked against the values that they belong to."""
from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from srcad import trees
from srcad.errors import ShapeMismatch
from srcad.ir.nodes import Arg, Const, Pack
from srcad.ir.types import CONTAINERS, ListOf, Struct, TupleOf, Type, is_dict, may_carry_derivative
from srcad.runtime import gradient_like


def matched(cotangent: Any, out: Any, result: tuple[Arg, tuple[Type | None, ...]]) -> list[Any]:
    """The leaves of a cotangent in the order in which the backward half takes them.  Raises ShapeMismatch if it does not fit `out`."""
    tree, types = result
    return list(_leaves(cotangent, out, tree, types, "the cotangent"))


def _leaves(cotangent: Any, out: Any, tree: Arg, types: tuple[Type | None, ...], where: str) -> Iterator[Any]:
    if isinstance(tree, Pack):
        _same_structure(cotangent, out, where)
        for n, item in enumerate(tree.items):
            k = tree.keys[n].value if tree.keyed else n  # type: ignore[union-attr]
            yield from _leaves(None if cotangent is None else cotangent[k], out[k], item, types, f"{where}[{k!r}]")
        return
    assert isinstance(tree, Const)
    t = types[int(tree.value)]  # type: ignore[call-overload]
    if t is not None:
        yield from _typed(cotangent, out, t, where)
    else:
        _demand_nothing(cotangent, out, where)


def generic(leaves: list[Any]) -> list[Any]:
    """Leaves of a cotangent with numbers in place of zeros, none of them special: a backward half masks what is zero."""
    rng = np.random.default_rng(0)
    return [_generic(leaf, rng) for leaf in leaves]


def _generic(leaf: Any, rng: np.random.Generator) -> Any:
    if isinstance(leaf, list):
        return [_generic(v, rng) for v in leaf]
    if isinstance(leaf, dict):
        return {k: _generic(v, rng) for k, v in leaf.items()}
    if isinstance(leaf, SimpleNamespace):
        return SimpleNamespace(**{k: _generic(v, rng) for k, v in vars(leaf).items()})
    if isinstance(leaf, np.ndarray):
        return np.array(rng.uniform(0.5, 1.5, leaf.shape), leaf.dtype)
    return None if leaf is None else type(leaf)(rng.uniform(0.5, 1.5))


def unmatched(leaves: Iterable[Any], out: Any, result: tuple[Arg, tuple[Type | None, ...]]) -> Any:
    """The cotangent of `out` that `matched` takes apart into these leaves."""
    tree, types = result
    return _put_together(iter(leaves), out, tree, types)


def _put_together(leaves: Iterator[Any], out: Any, tree: Arg, types: tuple[Type | None, ...]) -> Any:
    if isinstance(tree, Pack):
        keys = [k.value for k in tree.keys] if tree.keyed else range(len(tree.items))  # type: ignore[union-attr]  # literals
        found = {k: _put_together(leaves, out[k], item, types) for k, item in zip(keys, tree.items, strict=True)}
        return found if tree.keyed else list(found.values())
    assert isinstance(tree, Const)
    t = types[int(tree.value)]  # type: ignore[call-overload]  # a number
    return None if t is None else _of_type(leaves, out, t)


def _of_type(leaves: Iterator[Any], out: Any, t: Type) -> Any:
    if isinstance(t, Struct):
        found = [_of_type(leaves, _item(out, t.keys[n] if is_dict(t.cls) else n, t), item) for n, item in enumerate(t.items)]
        if is_dict(t.cls):
            return dict(zip(t.keys, found, strict=True))
        plain = t.cls in (tuple, list) or issubclass(t.cls, tuple)
        return found if plain else SimpleNamespace(**dict(zip(map(str, t.keys), found, strict=True)))
    return next(leaves) if may_carry_derivative(t) else None


def _typed(cotangent: Any, out: Any, t: Type, where: str) -> Iterator[Any]:
    if isinstance(t, Struct):
        _same_structure(cotangent, out, where)
        for n, item in enumerate(t.items):
            k = t.keys[n] if is_dict(t.cls) else n
            part, mine = _item(out, k, t), None if cotangent is None else _item(cotangent, k, t)
            yield from _typed(mine, part, item, f"{where}[{k!r}]")
    elif may_carry_derivative(t):
        yield _checked(cotangent, out, where, lists=isinstance(t, ListOf | TupleOf))
    else:
        _demand_nothing(cotangent, out, where)


def _item(value: Any, k: Any, t: Struct) -> Any:
    return value[k] if t.cls in CONTAINERS or issubclass(t.cls, tuple) else getattr(value, str(t.keys[k]))


def _same_structure(cotangent: Any, out: Any, where: str) -> None:
    if cotangent is None:
        return
    fits = type(cotangent) is type(out) or (isinstance(out, list | tuple) and isinstance(cotangent, list | tuple))
    if not fits or (hasattr(out, "__len__") and len(cotangent) != len(out)) or (isinstance(out, dict) and set(cotangent) != set(out)):
        raise ShapeMismatch(f"{where} is {_word(cotangent)}, but its value is {_word(out)}", "give it the structure of its value")


def _demand_nothing(given: Any, value: Any, where: str) -> None:
    """Refuse a number for what has no derivative; zero, and the value itself as in a copy of the structure, say nothing.

    A float of which none is wanted, since it is a constant, takes any.
    """
    numbers = isinstance(given, int | float | complex | np.ndarray | np.generic) and np.asarray(given).dtype.kind in "biufc"
    if trees.is_float(value) or not numbers:
        return
    if np.any(given) and not np.array_equal(given, value):
        held = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else _word(value)
        raise ShapeMismatch(f"{where} is {_word(given)}, but its value is {held}, which has no derivative", "give None there")


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return f"a dict with the keys {', '.join(map(repr, value)) or 'none'}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    if np.ndim(value):
        return f"an array of shape {np.shape(value)}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _checked(value: Any, like: Any, where: str, *, lists: bool = False) -> Any:
    """A leaf that fits the shape and kind of another, as a copy of its own."""
    if type(value) is np.ndarray and type(like) is np.ndarray and value.dtype == like.dtype and value.shape == like.shape:
        return value.copy()  # the common case; the others take longer to tell
    if lists or isinstance(like, list | tuple):
        _same_structure(value, like, where)
        items = [None] * len(like) if value is None else value
        return [_checked(v, x, f"{where}[{n}]") for n, (v, x) in enumerate(zip(items, like, strict=True))]
    if isinstance(like, dict):
        _same_structure(value, like, where)
        held = {k: v for k, v in like.items() if trees.is_float(v) or isinstance(v, list | tuple | dict)}
        return {k: _checked(None if value is None else value[k], v, f"{where}[{k!r}]") for k, v in held.items()}
    if trees.children(like, objects=True) is not None:
        parts = _attributes(value, like, where)
        known = {k: getattr(like, k) for k in parts}
        inner = {k: trees.is_float(v) or trees.children(v, objects=True) is not None for k, v in known.items()}
        return SimpleNamespace(**{k: _checked(v, known[k], f"{where}.{k}") if inner[k] else None for k, v in parts.items()})
    shape, dtype = np.shape(like), np.asarray(like).dtype
    if value is None:
        return np.zeros(shape, dtype) if isinstance(like, np.ndarray) else 0.0
    found = np.asarray(value)
    if found.dtype.kind not in "biufc":
        given = f"an array of dtype {found.dtype}" if found.shape else _word(value)
        raise ShapeMismatch(f"{where} is {given}, but its value is {_word(like)}", "give it the structure of the value")
    if found.shape != shape:
        raise ShapeMismatch(f"{where} has shape {found.shape}, but its value has shape {shape}", "give it the shape of the value")
    if found.dtype.kind == "c" and dtype.kind != "c":
        raise ShapeMismatch(f"{where} is complex, but its value is real ({dtype})", "pass a real one")
    both = isinstance(like, np.ndarray | np.generic) and isinstance(value, np.ndarray | np.generic)
    if both and found.dtype.kind in "fc" and found.dtype != dtype:
        raise ShapeMismatch(f"{where} has dtype {found.dtype}, but its value has dtype {dtype}", f"convert it: .astype(np.{dtype})")
    if isinstance(like, np.ndarray):
        return np.array(found, dtype)
    return dtype.type(found) if isinstance(like, np.generic) else found.astype(dtype).item()


def tangent_for(tangent: Any, primal: Any, number: int) -> Any:
    """A tangent that fits a primal, copied.  Raises ShapeMismatch if it does not."""
    if type(tangent) is float and type(primal) is float:
        return tangent
    return _tangent(tangent, primal, f"tangent {number}")


def _tangent(tangent: Any, primal: Any, where: str) -> Any:
    if type(primal) in trees.LEAVES and trees.is_float(primal):
        return _checked(tangent, primal, where)
    if isinstance(primal, dict):
        _same_structure(tangent, primal, where)
        return {k: _tangent(None if tangent is None else tangent[k], v, f"{where}[{k!r}]") for k, v in primal.items()}
    if isinstance(primal, list | tuple):
        _same_structure(tangent, primal, where)
        items = [None] * len(primal) if tangent is None else list(tangent)
        found = [_tangent(t, p, f"{where}[{n}]") for n, (t, p) in enumerate(zip(items, primal, strict=True))]
        found = _beside_floats(found, primal)
        return found if isinstance(primal, list) else tuple(found)
    if trees.children(primal, objects=True) is not None:
        parts = _attributes(tangent, primal, where)
        return SimpleNamespace(**{k: _tangent(v, getattr(primal, k), f"{where}.{k}") for k, v in parts.items()})
    kind = "" if isinstance(primal, type) else getattr(getattr(primal, "dtype", None), "kind", "")
    if isinstance(primal, float | complex | np.floating | np.complexfloating) or kind in ("f", "c"):
        return _checked(tangent, primal, where)
    _demand_nothing(tangent, primal, where)
    return None


def _beside_floats(tangents: list[Any], primal: Any) -> list[Any]:
    """The tangents of the items of a list, zero for whole numbers where other items hold floats: a loop may go over all of them."""
    if all(map(_is_empty, tangents)):
        return tangents
    return [_filled(t, p) for t, p in zip(tangents, primal, strict=True)]


def _is_empty(tangent: Any) -> bool:
    """Whether a tangent says nothing about any number."""
    return tangent is None or (isinstance(tangent, list) and all(map(_is_empty, tangent)))


def _filled(tangent: Any, primal: Any) -> Any:
    """A tangent with zeros for whole numbers, in lists too."""
    if isinstance(primal, list):
        return [_filled(t, p) for t, p in zip(tangent, primal, strict=True)]
    whole = tangent is None and (type(primal) is int or isinstance(primal, np.integer))
    return 0.0 if whole else tangent


def _attributes(value: Any, like: Any, where: str) -> dict[str, Any]:
    """What a tangent or cotangent of an object has for each of its attributes; None is zero."""
    _same_structure(value, like, where)
    names = trees.attributes(like)
    if value is not None and (missing := next((k for k in names if not hasattr(value, k)), None)):
        raise ShapeMismatch(f"{where} has no attribute '{missing}', as its value has", "give it the attributes of its value")
    return {k: None if value is None else getattr(value, k) for k in names}


def placed(primal: Any, leaves: Iterator[Any]) -> Any:
    """A tangent as generated code takes it, of leaves in the order of those of the primal that hold floats."""
    if isinstance(primal, dict):
        return {k: placed(v, leaves) for k, v in primal.items()}
    if isinstance(primal, list | tuple):
        found = _beside_floats([placed(v, leaves) for v in primal], primal)
        return found if isinstance(primal, list) else tuple(found)
    if trees.children(primal, objects=True) is not None:
        return SimpleNamespace(**{k: placed(getattr(primal, k), leaves) for k in trees.attributes(primal)})
    return next(leaves) if trees.is_float(primal) else None


def parts(tangent: Any, primal: Any, *, objects: bool = False) -> Iterator[Any]:
    """The leaves of a tangent as generated code gives it, in the order of those of the primal that hold floats; None for zero."""
    inner = trees.children(primal, objects=objects)
    if inner is not None:
        for t, p in zip(_children(tangent, primal, len(inner)), inner, strict=True):
            yield from parts(t, p, objects=objects)
    elif trees.is_float(primal):
        yield tangent


def tangent_of(tangent: Any, out: Any, *, objects: bool = False) -> Any:
    """The tangent of a result in the structure and dtypes of the result, zeros filled in; None at leaves without derivatives.

    `objects`: the result is a derivative, in which objects of ordinary classes have tangents, zero ones too.
    """
    return gradient_of(tangent, out, objects=objects)


def gradient_of(bar: Any, value: Any, *, objects: bool = True) -> Any:
    """A cotangent or tangent of an argument in its structure and dtypes, that of objects too; `bar` None is zero.

    Without `objects`, those that have no part in `bar` give None.
    """
    kind = type(value)
    if kind is np.ndarray:
        return gradient_like(bar, value)
    if kind is type(bar) and (kind is float or (kind is list and set(map(type, (*bar, *value))) == {float})):
        return bar if kind is float else bar.copy()  # the common cases; the others take longer to tell
    inner = trees.children(value, objects=objects or bar is not None)
    if inner is None:
        return gradient_like(bar, value)
    pairs = zip(_children(bar, value, len(inner)), inner, strict=True)
    return trees.with_children(value, [gradient_of(b, x, objects=objects) for b, x in pairs])


def _children(tangent: Any, value: Any, count: int) -> list[Any]:
    """The parts of a tangent as generated code gives it, one for each of the children of its value; None for zero."""
    if tangent is None:
        return [None] * count
    if isinstance(value, dict):
        return [tangent[k] for k in value]
    return list(tangent) if isinstance(value, list | tuple) else [getattr(tangent, k) for k in trees.attributes(value)]


def copied(value: Any, known: dict[int, Any] | None = None) -> Any:
    """An argument that later changes of its arrays, containers and objects do not reach; what is one object stays one."""
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, np.ndarray):
        return known.setdefault(id(value), value.copy())
    if trees.is_plain(type(value)) and not dataclasses.is_dataclass(value):
        made = known.setdefault(id(value), object.__new__(type(value)))
        for name, part in trees.contents(value).items():
            trees.hold(made, name, copied(part, known))
        return made
    inner = trees.children(value)
    if inner is None:
        return value
    return known.setdefault(id(value), trees.with_children(value, [copied(v, known) for v in inner]))
