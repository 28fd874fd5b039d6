"""Random numbers: methods of generators and the functions of `numpy.random`.

Draws are calls that are made as they stand, in order.  What they give has a known type; where a parameter of the distribution is
differentiated, the draw gets its derivative from `ops.draws`.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir.nodes import Op
from srcad.ir.types import FLOAT, INT, UNKNOWN, Array, Dim, NpScalar, Opaque, Scalar, Type
from srcad.ops import draws
from srcad.specialise import forms, items, kinds, writes
from srcad.specialise.values import Dyn, Seq, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Make = Callable[[str, list[Value], dict[str, Value], Type], Value]
_NONE = Static(None)
_PARAMETERS: dict[str, tuple[tuple[tuple[str, float], ...], Op]] = {
    "normal": ((("loc", 0.0), ("scale", 1.0)), draws.SHIFTED), "laplace": ((("loc", 0.0), ("scale", 1.0)), draws.SHIFTED),
    "logistic": ((("loc", 0.0), ("scale", 1.0)), draws.SHIFTED), "gumbel": ((("loc", 0.0), ("scale", 1.0)), draws.SHIFTED),
    "uniform": ((("low", 0.0), ("high", 1.0)), draws.STRETCHED), "lognormal": ((("mean", 0.0), ("sigma", 1.0)), draws.LOGARITHMIC),
    "exponential": ((("scale", 1.0),), draws.SCALED), "rayleigh": ((("scale", 1.0),), draws.SCALED),
    "gamma": ((("scale", 1.0),), draws.SCALED), "weibull": ((("a", 1.0),), draws.ROOT), "power": ((("a", 1.0),), draws.ROOT),
    "pareto": ((("a", 1.0),), draws.PARETO), "triangular": ((("left", 0.0), ("mode", 0.0), ("right", 1.0)), draws.TRIANGULAR),
}  # fmt: skip
_FIXED = {"gamma": "shape"}  # the first parameter of these has no derivative: draws are rejected by it
_PLAIN: dict[str, tuple[tuple[str, ...], Scalar | NpScalar]] = {  # parameters without a derivative, and the type of one draw
    "integers": (("low", "high"), NpScalar("int64")), "randint": (("low", "high"), INT),
    "poisson": (("lam",), INT), "binomial": (("n", "p"), INT), "geometric": (("p",), INT),
    "beta": (("a", "b"), FLOAT), "chisquare": (("df",), FLOAT), "standard_gamma": (("shape",), FLOAT),
    "standard_t": (("df",), FLOAT), "vonmises": (("mu", "kappa"), FLOAT),
}  # fmt: skip
_WHOLE = "int64" if np.dtype("l") == np.int64 else ""  # the dtype of integers that are drawn; "" where it depends on the generator
_SIZED = ("standard_normal", "random", "random_sample", "standard_exponential", "standard_cauchy")
_BY_LENGTHS = ("rand", "randn")


def is_source(t: Type) -> bool:
    """Whether values of the type draw random numbers."""
    return isinstance(t, Opaque) and t.cls in (np.random.Generator, np.random.RandomState)


def is_function(obj: Any) -> bool:
    """Whether this is a method of a generator, or a function of `numpy.random`."""
    return isinstance(getattr(obj, "__self__", None), np.random.Generator | np.random.RandomState)


def sibling(function: Static, name: str) -> Static:
    """Another method of the generator that a function belongs to."""
    found = getattr(function.value.__self__, name)  # type: ignore[attr-defined]
    return Static(found, function.path.rpartition(function.value.__name__)[0] + name)  # type: ignore[attr-defined]


def call(engine: Engine, name: str, args: list[Value], kwargs: dict[str, Value], make: Make) -> Value | None:
    """A draw, by `make(name, args, kwargs, type)`; None where there is nothing to say about it."""
    if name in _BY_LENGTHS and not kwargs:
        return make(name, args, kwargs, _drawn_type(Seq(tuple, tuple(args)) if args else _NONE, []))
    if name in _SIZED and set(kwargs) <= {"size"} and len(args) <= 1:
        return make(name, args, kwargs, _drawn_type(args[0] if args else kwargs.get("size", _NONE), []))
    varied = any(map(is_varied, (*args, *kwargs.values())))
    if name in _PARAMETERS:
        parameters, op = _PARAMETERS[name]
        fixed = [_FIXED[name]] if name in _FIXED else []
        names = [*fixed, *(n for n, _ in parameters), "size"]
        given = dict(zip(names, args, strict=False)) | kwargs
        if len(args) > len(names) or set(given) - set(names) or any(n not in given or is_varied(given[n]) for n in fixed):
            return None
        values = [given.get(n, Static(d)) for n, d in parameters]
        t = _drawn_type(given.get("size", _NONE), [*(given[n] for n in fixed), *values])
        if not varied:
            return make(name, args, kwargs, t)
        if t == UNKNOWN:
            return None
        drawn = make(name, [forms.stopped(engine, a) for a in args], {k: forms.stopped(engine, v) for k, v in kwargs.items()}, t)
        atoms = [engine.runtime(v, "a parameter of a random number").atom for v in (drawn, *values)]
        return Dyn(engine.builder.call(op, atoms, t), t, varied=True)
    if varied or name == "shuffle":
        return _of_items(engine, name, args, kwargs, make) if args else None
    t = _plain_type(name, args, kwargs)
    return None if t == UNKNOWN else make(name, args, kwargs, t)


def _plain_type(name: str, args: list[Value], kwargs: dict[str, Value]) -> Type:
    """The type of a draw that has no derivative, as far as its arguments tell it."""
    if name in _PLAIN:
        names, item = _PLAIN[name]
        given = dict(zip((*names, "size"), args, strict=False)) | kwargs
        parameters = [given[n] for n in names if n in given]
        known = len(args) <= len(names) + 1 and set(given) <= {*names, "size", "endpoint"}
        return _drawn_type(given.get("size", _NONE), parameters, item) if known else UNKNOWN
    if name not in ("permutation", "choice") or not args or "axis" in kwargs:
        return UNKNOWN
    size = args[1] if len(args) > 1 else kwargs.get("size", _NONE)
    dtype = _WHOLE if isinstance(kinds.number_like(args[0]), int) else _dtype_of_items(args[0])
    rank = 1 if name == "permutation" else _rank(size)
    return Array(dtype, (Dim("?"),) * rank) if dtype and rank else UNKNOWN


def _dtype_of_items(value: Value) -> str:
    """The dtype of an array with one axis, or of a list of known numbers made one; "" for other values."""
    if isinstance(value, Dyn):
        return value.type.dtype if isinstance(value.type, Array) and value.type.ndim == 1 else ""
    known = isinstance(value, Seq) and value.cls in (list, tuple) and all(isinstance(i, Static) for i in value.items)
    numbers = [kinds.number_like(i) for i in value.items] if known and isinstance(value, Seq) else []
    return "" if not numbers or None in numbers else np.array(numbers).dtype.name


def _of_items(engine: Engine, name: str, args: list[Value], kwargs: dict[str, Value], make: Make) -> Value | None:
    """A choice among differentiated items, or an order of them: that of their numbers."""
    items_, *rest = args
    if not isinstance(items_, Dyn) or not isinstance(items_.type, Array) or not items_.type.shape:
        return None
    if any(map(is_varied, (*rest, *kwargs.values()))):
        return None
    if (name not in ("permutation", "shuffle") or rest or kwargs) and (name != "choice" or "axis" in kwargs or len(rest) > 3):
        return None
    count = engine.call(Static(len, "builtins:len"), [items_], {})
    if name == "choice":
        size = rest[0] if rest else kwargs.get("size", _NONE)
        numbers = make(name, [count, *rest], kwargs, UNKNOWN if size != _NONE else NpScalar("int64"))
        rank = _rank(size)
        numbers = Dyn(numbers.atom, Array("int64", (Dim("?"),) * rank)) if isinstance(numbers, Dyn) and rank else numbers
        return items.get(engine, items_, numbers) if rank or size == _NONE else None
    order = items.get(engine, items_, make("permutation", [count], {}, Array("int64", (Dim("?"),))))
    if name == "permutation":
        return order
    writes.store(engine, items_, Static(Ellipsis), order)  # both draw the same numbers from the generator
    return _NONE


def _rank(size: Value) -> int | None:
    """How many axes an array of a given size has; None where it is not known."""
    if isinstance(size, Seq) and size.cls in (tuple, list):
        return len(size.items)
    if isinstance(size, Static):
        return 1 if type(size.value) is int else len(size.value) if isinstance(size.value, tuple) else None
    is_int = isinstance(size, Dyn) and isinstance(size.type, Scalar | NpScalar)
    return 1 if is_int else None


def _drawn_type(size: Value, parameters: list[Value], item: Scalar | NpScalar = FLOAT) -> Type:
    """The type of a draw: one number, or an array of the given size or of the shape of its parameters."""
    shapes = [v.type.shape for v in parameters if isinstance(v, Dyn) and isinstance(v.type, Array)]
    plain = all(isinstance(v, Static) or (isinstance(v, Dyn) and isinstance(v.type, Array | Scalar | NpScalar)) for v in parameters)
    dtype = "float64" if item == FLOAT else "int64" if item == NpScalar("int64") else _WHOLE
    if not plain and (size == _NONE or any(map(is_varied, parameters))):
        return UNKNOWN
    if size == _NONE:
        return item if not shapes else Array(dtype, shapes[0]) if dtype and len(set(shapes)) == 1 and shapes[0] else UNKNOWN
    rank = _rank(size)
    return Array(dtype, (Dim("?"),) * rank) if dtype and rank else UNKNOWN
