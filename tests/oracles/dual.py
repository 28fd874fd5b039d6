"""Dual numbers, run by CPython itself: an oracle for derivatives that shares nothing with the compiler.

`load(text)` executes the text of a module with `math`, `numpy` and a few builtins replaced by versions that accept `Dual`.
A function of that module, called with duals, returns the value bit for bit and beside it the directional derivative.
Control flow, scoping and calls are those of the interpreter: there is nothing of ours to get wrong in them.  Writes into
arrays work: every float array that a program makes is a dual from birth, its slope is laid out in memory as its value is, and
so a view of a dual is a dual of two views, with the aliases that NumPy gives them.
"""
from __future__ import annotations

import builtins
import copy
import dataclasses
import functools
import math
import operator
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np


class Dual:
    """A number or array with its tangent."""

    __slots__ = ("slope", "value")
    __array_ufunc__ = None  # an ndarray beside a dual leaves the operation to the dual

    def __init__(self, value: Any, slope: Any) -> None:
        self.value = value
        self.slope = _laid_out(slope, value) if isinstance(value, np.ndarray) else slope

    def __getitem__(self, index: Any) -> Dual:
        return Dual(self.value[plain(index)], self.slope[plain(index)])

    def __setitem__(self, index: Any, new: Any) -> None:
        dot = np.array(tangent(new))  # a copy: the two sides may overlap
        dot = dot if np.iscomplexobj(self.slope) else np.real(dot)
        self.value[plain(index)] = plain(new)
        self.slope[plain(index)] = dot

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self.value)))

    def __len__(self) -> int:
        return len(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.value, digits) if digits is not None else round(self.value)

    def __floor__(self) -> int:
        return math.floor(self.value)

    def __ceil__(self) -> int:
        return math.ceil(self.value)

    def __trunc__(self) -> int:
        return math.trunc(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return repr(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __abs__(self) -> Any:
        y = elementwise(abs, _UNARY["abs"])(self)
        return Dual(y.value, np.real(y.slope))

    def __deepcopy__(self, memo: Any) -> Any:
        return Dual(copy.deepcopy(self.value), copy.deepcopy(self.slope))

    def __getattr__(self, name: str) -> Any:
        if name in {"T", "real", "imag"}:
            return Dual(getattr(self.value, name), getattr(np.asarray(self.slope), name))
        if name in _METHODS:
            return functools.partial(_METHODS[name], self)
        if name == "item":
            return lambda *i: Dual(self.value.item(*i), np.asarray(self.slope).item(*i))
        if name in {"transpose", "reshape"}:
            return lambda *a, **k: Dual(getattr(self.value, name)(*a, **k), getattr(self.slope, name)(*a, **k))
        if name == "tolist":
            return lambda: _to_list(self)
        attribute = getattr(self.value, name)
        if not callable(attribute):
            return attribute
        function = getattr(numpy, name)
        return lambda *a, **k: function(self, *a, **k)


def _laid_out(slope: Any, value: np.ndarray) -> np.ndarray:
    """The slope of an array, as an array whose elements lie in memory as those of the value do."""
    found = np.asarray(slope, dtype=complex if np.iscomplexobj(value) else None)
    if found.shape == value.shape and _steps(found) == _steps(value):
        return found
    made = np.empty_like(value, dtype=np.result_type(found, 0.0))
    if _steps(made) != _steps(value):  # not every layout is one that NumPy makes: take the base with its steps
        made = np.lib.stride_tricks.as_strided(*_room(value, made.dtype))
    made[...] = found
    return made


def _steps(x: np.ndarray) -> list[int]:
    return [s // x.itemsize for s, n in zip(x.strides, x.shape, strict=True) if n > 1] if x.size else []


def _room(value: np.ndarray, dtype: Any) -> tuple[np.ndarray, tuple[int, ...], tuple[int, ...]]:
    steps = [s // value.itemsize for s in value.strides]
    reach = [(n - 1) * s for n, s in zip(value.shape, steps, strict=True)]
    start = -sum(min(r, 0) for r in reach)
    room = np.zeros(start + sum(max(r, 0) for r in reach) + 1, dtype)
    return room[start:], value.shape, tuple(s * room.itemsize for s in steps)


def plain(tree: Any) -> Any:
    """The tree with each dual replaced by its value, and each class that stands for another by that."""
    return _map(tree, _plain_leaf)


def _plain_leaf(leaf: Any) -> Any:
    match leaf:
        case Dual():
            return leaf.value
        case DType():
            return leaf.cls
        case type() | types.FunctionType():
            return _CLASSES.get(leaf, leaf)
    return leaf


def tangent(tree: Any) -> Any:
    """The tree with each leaf replaced by its tangent, zero for what is no dual."""
    return _map(tree, lambda leaf: leaf.slope if isinstance(leaf, Dual) else np.zeros(np.shape(leaf)))


def _map(tree: Any, leaf: Callable[[Any], Any]) -> Any:
    match tree:
        case list():
            return [_map(item, leaf) for item in tree]
        case tuple():
            items = [_map(item, leaf) for item in tree]
            return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
        case dict():
            return {key: _map(item, leaf) for key, item in tree.items()}
        case slice():
            return slice(_map(tree.start, leaf), _map(tree.stop, leaf), _map(tree.step, leaf)) if leaf(tree) is tree else tree
    return leaf(tree)


def has_dual(tree: Any) -> bool:
    """Whether a dual occurs in the tree."""
    found: list[Any] = []
    _map(tree, lambda leaf: found.append(leaf) if isinstance(leaf, Dual) else None)
    return bool(found)


def _to_list(d: Dual) -> Any:
    values = d.value.tolist()
    return [_to_list(item) if np.ndim(item.value) else Dual(v, item.slope) for v, item in zip(values, d, strict=True)]


def buffer(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose result, where it is an array of floats, is a dual: the program may write duals into it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        y = function(*args, **kwargs)
        return Dual(y, np.zeros(y.shape)) if isinstance(y, np.ndarray) and y.dtype.kind in "fc" else y

    return call


def into(function: Callable[..., Any], places: int = 99) -> Callable[..., Any]:
    """A function that knows `out=`, also behind its operands: the result is stored there, and it is the result."""

    def call(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        if len(args) > places:
            *args, out = args  # type: ignore[assignment]
        if out is None:
            return function(*args, **kwargs)
        target: Any = out[0] if isinstance(out, tuple) else out
        mask = kwargs.pop("where", True)
        y = function(*args, **kwargs)
        _copyto(target, y, where=mask)
        return target

    return call


def elementwise(function: Callable[..., Any], *partials: Callable[..., Any]) -> Callable[..., Any]:
    """`function` on duals; `partials[i](y, *args)` is its derivative by argument i."""

    def call(*args: Any, **kwargs: Any) -> Any:
        values = [plain(a) for a in args]
        y = function(*values, **kwargs)
        if not any(isinstance(a, Dual) for a in args):
            return y
        dot: Any = np.zeros(np.shape(y))
        for arg, partial in zip(args, partials, strict=False):
            if isinstance(arg, Dual):
                dot = dot + partial(y, *values) * arg.slope
        return Dual(y, np.real(dot) if np.isrealobj(y) else dot)

    return into(call, function.nin if isinstance(function, np.ufunc) else 99)


def linear(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is linear in its first argument (an array or a nest of numbers)."""

    @into
    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = plain(args), plain(kwargs)
        if not has_dual(x):
            return function(x, *args, **kwargs)
        dots = {key: item for key, item in kwargs.items() if key != "dtype"}
        return Dual(function(plain(x), *args, **kwargs), function(tangent(x), *args, **dots))

    return call


def bilinear(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is linear in each of its first two arguments."""

    @into
    def call(a: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
        y = function(plain(a), plain(b), *args, **kwargs)
        if not has_dual((a, b)):
            return y
        return Dual(y, function(tangent(a), plain(b), *args, **kwargs) + function(plain(a), tangent(b), *args, **kwargs))

    return call


def composed(function: Callable[..., Any], formula: Callable[..., Any]) -> Callable[..., Any]:
    """The value of `function`, the tangent of a formula in terms of other entries."""

    @into
    def call(*args: Any, **kwargs: Any) -> Any:
        y = function(*plain(args), **plain(kwargs))
        return Dual(y, np.zeros(np.shape(y)) + tangent(formula(*args, **kwargs))) if has_dual(args) else y

    return call


def _power_partials() -> tuple[Callable[..., Any], Callable[..., Any]]:
    def by_exponent(y: Any, a: Any, b: Any) -> Any:
        return y * np.log(np.where(np.asarray(a) > 0, a, 1.0))

    return (lambda y, a, b: b * np.asarray(a) ** np.where(np.asarray(b) == 0, 1.0, b - 1.0)), by_exponent


def _extreme(function: Callable[..., Any]) -> Callable[..., Any]:
    @into
    def call(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        y = function(plain(x), axis=axis, keepdims=keepdims)
        if not has_dual(x):
            return y
        hit = np.asarray(plain(x)) == function(plain(x), axis=axis, keepdims=True)
        share = hit / np.sum(hit, axis=axis, keepdims=True)
        return Dual(y, np.sum(share * tangent(x), axis=axis, keepdims=keepdims))

    return call


def _where(condition: Any, *branches: Any) -> Any:
    y = np.where(plain(condition), *plain(branches))
    return Dual(y, np.where(plain(condition), *tangent(branches))) if has_dual(branches) else y


def _sort(x: Any, axis: int = -1) -> Any:
    if not has_dual(x):
        return np.sort(x, axis=axis)
    order = np.argsort(plain(x), axis=axis)
    return Dual(np.sort(plain(x), axis=axis), np.take_along_axis(np.asarray(tangent(x)), order, axis))


def _sort_in_place(x: Dual, axis: int = -1) -> None:
    x[...] = _sort(x, axis)


def writer(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that writes its last argument, or sums of it, into its first: the slopes go where the values go."""

    def call(target: Any, *args: Any) -> None:
        *places, new = args
        new = new if has_dual(new) or np.ndim(plain(new)) else Dual(new, 0.0)
        dot = np.broadcast_to(tangent(new), np.shape(plain(new))).copy()
        function(plain(target), *plain(places), plain(new))
        if isinstance(target, Dual):
            function(target.slope, *plain(places), dot)

    return call


def _copyto(target: Any, new: Any, where: Any = True, casting: str = "same_kind") -> None:
    dot = np.array(tangent(new))
    np.copyto(plain(target), plain(new), where=plain(where), casting=casting)
    if isinstance(target, Dual):
        np.copyto(target.slope, dot, where=plain(where), casting="unsafe")


def _astype(x: Dual, dtype: Any, copy: bool = True, **options: Any) -> Any:
    y = x.value.astype(plain(dtype), copy=copy, **options)
    return y if y.dtype.kind not in "fc" else Dual(y, x.slope if y is x.value else x.slope.copy())


_METHODS: dict[str, Callable[..., Any]] = {
    "astype": _astype, "sort": _sort_in_place, "fill": lambda x, new: x.__setitem__(..., new),
    "copy": lambda x, order="C": Dual(x.value.copy(order), x.slope.copy(order)),
    "flatten": lambda x, order="C": Dual(x.value.flatten(order), x.slope.flatten(order)),
    "conj": lambda x: Dual(x.value.conj(), x.slope.conj()), "conjugate": lambda x: Dual(x.value.conjugate(), x.slope.conjugate()),
    "put": lambda x, places, new: numpy.put(x, places, new), "view": lambda x: Dual(x.value.view(), x.slope.view()),
}  # fmt: skip


@into
def _einsum(spec: str, *operands: Any, **kwargs: Any) -> Any:
    y = np.einsum(spec, *plain(operands), **kwargs)
    if len(operands) == 1 and isinstance(operands[0], Dual):
        return Dual(y, np.einsum(spec, operands[0].slope, **kwargs))  # may be a view
    parts = [(*plain(operands[:i]), o.slope, *plain(operands[i + 1 :])) for i, o in enumerate(operands) if isinstance(o, Dual)]
    return Dual(y, sum(np.einsum(spec, *part) for part in parts)) if parts else y


def _prod(x: Any, axis: Any = None, **kwargs: Any) -> Any:
    y = np.prod(plain(x), axis=axis, **kwargs)
    if not has_dual(x):
        return y
    value, dot = np.asarray(plain(x)), np.asarray(tangent(x))
    terms = [np.prod(np.where(np.arange(value.size).reshape(value.shape) == i, dot, value), axis=axis) for i in range(value.size)]
    if axis is None:
        return Dual(y, sum(terms))
    rest = np.prod(value, axis=axis, **kwargs)
    return Dual(y, rest * np.sum(dot / value, axis=axis, **kwargs))


def _var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    centred = x - numpy.mean(x, axis=axis, keepdims=True)
    count = np.size(plain(x)) if axis is None else np.shape(plain(x))[axis]
    return numpy.sum(centred * centred, axis=axis, keepdims=keepdims) / (count - ddof)


def _std(x: Any, **options: Any) -> Any:
    spread = numpy.sqrt(_var(x, **options))
    rounding = (0 < plain(spread)) & (plain(spread) < 1e-12 * np.max(np.abs(plain(x))))
    return spread * np.where(rounding, np.nan, 1.0)  # equal numbers: the slope is 0/0, whatever rounding makes of it


def _solve(a: Any, b: Any) -> Dual:
    y = np.linalg.solve(plain(a), plain(b))
    return Dual(y, np.linalg.solve(plain(a), np.asarray(tangent(b)) - tangent(a) @ y))


def _sum_builtin(items: Any, start: Any = 0) -> Any:
    items = list(items)
    y = builtins.sum(plain(items), plain(start))
    return Dual(y, builtins.sum(tangent(items)) + tangent(start)) if has_dual([items, start]) else y


def _hypot(*args: Any) -> Any:
    return numpy.sqrt(_sum_builtin([a * a for a in args]))


def _erf_slope(x: Any) -> Any:
    return 2.0 / math.sqrt(math.pi) * np.exp(-x * x)


def _gamma_slope(function: Callable[[float], float]) -> Callable[..., Any]:
    def slope(y: Any, x: float) -> float:
        coarse, fine = ((function(x + h) - function(x - h)) / (2 * h) for h in (1e-3, 5e-4))
        return (4 * fine - coarse) / 3  # a numerical slope: good to 1e-11, and of nobody's digamma

    return slope


class DType:
    """A NumPy scalar class: called, compared, and given as a dtype."""

    def __init__(self, cls: type) -> None:
        self.cls, self.dtype = cls, np.dtype(cls)

    def __call__(self, *args: Any) -> Any:
        return elementwise(self.cls, lambda y, x: 1.0)(*args)


_UNARY: dict[str, Callable[..., Any]] = {
    "negative": lambda y, x: -1.0, "positive": lambda y, x: 1.0, "sin": lambda y, x: np.cos(x), "cos": lambda y, x: -np.sin(x),
    "tan": lambda y, x: 1.0 + y * y, "arcsin": lambda y, x: 1.0 / np.sqrt(1.0 - x * x), "arccos": lambda y, x: -1.0 / np.sqrt(1.0 - x * x),
    "arctan": lambda y, x: 1.0 / (1.0 + x * x), "sinh": lambda y, x: np.cosh(x), "cosh": lambda y, x: np.sinh(x),
    "tanh": lambda y, x: 1.0 - y * y, "arcsinh": lambda y, x: 1.0 / np.sqrt(1.0 + x * x), "arccosh": lambda y, x: 1.0 / np.sqrt(x * x - 1.0),
    "arctanh": lambda y, x: 1.0 / (1.0 - x * x), "exp": lambda y, x: y, "expm1": lambda y, x: y + 1.0,
    "exp2": lambda y, x: y * math.log(2.0), "log": lambda y, x: 1.0 / x, "log1p": lambda y, x: 1.0 / (1.0 + x),
    "log2": lambda y, x: 1.0 / (x * math.log(2.0)), "log10": lambda y, x: 1.0 / (x * math.log(10.0)), "sqrt": lambda y, x: 0.5 / y,
    "cbrt": lambda y, x: 1.0 / (3.0 * y * y), "square": lambda y, x: 2.0 * x, "reciprocal": lambda y, x: -y * y, "abs": lambda y, x: np.sign(x) if np.isrealobj(x) else np.conj(x) / y,
    "radians": lambda y, x: math.pi / 180.0, "degrees": lambda y, x: 180.0 / math.pi, "sinc": lambda y, x: (np.cos(np.pi * x) - y) / x,
}  # fmt: skip
_BINARY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "add": (lambda y, a, b: 1.0, lambda y, a, b: 1.0), "subtract": (lambda y, a, b: 1.0, lambda y, a, b: -1.0),
    "multiply": (lambda y, a, b: b, lambda y, a, b: a), "divide": (lambda y, a, b: 1.0 / b, lambda y, a, b: -a / (b * b)),
    "power": _power_partials(), "mod": (lambda y, a, b: 1.0, lambda y, a, b: -np.floor_divide(a, b)),
    "fmod": (lambda y, a, b: 1.0, lambda y, a, b: -np.trunc(a / b)), "hypot": (lambda y, a, b: a / y, lambda y, a, b: b / y),
    "arctan2": (lambda y, a, b: b / (a * a + b * b), lambda y, a, b: -a / (a * a + b * b)),
    "maximum": (lambda y, a, b: 0.5 + 0.5 * np.sign(a - b), lambda y, a, b: 0.5 + 0.5 * np.sign(b - a)),
    "minimum": (lambda y, a, b: 0.5 + 0.5 * np.sign(b - a), lambda y, a, b: 0.5 + 0.5 * np.sign(a - b)),
    "logaddexp": (lambda y, a, b: np.exp(a - y), lambda y, a, b: np.exp(b - y)),
    "copysign": (lambda y, a, b: np.sign(a) * np.copysign(1.0, b), lambda y, a, b: 0.0),
    "floor_divide": (lambda y, a, b: 0.0, lambda y, a, b: 0.0),
}  # fmt: skip
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    **{name: elementwise(getattr(np, name), partial) for name, partial in _UNARY.items()},
    **{name: elementwise(getattr(np, name), *partials) for name, partials in _BINARY.items()},
}
for _alias, _name in {"absolute": "abs", "fabs": "abs", "true_divide": "divide", "remainder": "mod", "fmax": "maximum", "fmin": "minimum",
                      "deg2rad": "radians", "rad2deg": "degrees"}.items():  # fmt: skip
    ELEMENTWISE[_alias] = ELEMENTWISE[_name]
_MATH = {
    **{name: elementwise(getattr(math, name), _UNARY[name]) for name in _UNARY.keys() & vars(math).keys()},
    **{"a" + name[3:]: elementwise(getattr(math, "a" + name[3:]), p) for name, p in _UNARY.items() if name.startswith("arc")},
    **{name: elementwise(getattr(math, name), *_BINARY[name]) for name in ("fmod", "copysign")},
    "atan2": elementwise(math.atan2, *_BINARY["arctan2"]), "pow": elementwise(math.pow, *_BINARY["power"]),
    "fabs": elementwise(math.fabs, _UNARY["abs"]), "hypot": composed(math.hypot, _hypot),
    "dist": composed(math.dist, lambda p, q: _hypot(*(a - b for a, b in zip(p, q, strict=True)))),
    "fsum": composed(lambda items: math.fsum(items), _sum_builtin), "prod": lambda items, start=1: start * composed(math.prod, _prod)(list(items)),
    "log": lambda x, *base: ELEMENT_LOG(x) if not base else composed(math.log, lambda a, b: ELEMENT_LOG(a) / ELEMENT_LOG(b))(x, *base),
    "erf": elementwise(math.erf, lambda y, x: _erf_slope(x)), "erfc": elementwise(math.erfc, lambda y, x: -_erf_slope(x)),
    "gamma": elementwise(math.gamma, _gamma_slope(math.gamma)), "lgamma": elementwise(math.lgamma, _gamma_slope(math.lgamma)),
    "remainder": elementwise(math.remainder, lambda y, a, b: 1.0, lambda y, a, b: -np.round((a - y) / b)),
    "ldexp": elementwise(math.ldexp, lambda y, x, n: 2.0**n),
    "modf": lambda x: (Dual(math.modf(x.value)[0], x.slope), math.modf(x.value)[1]) if isinstance(x, Dual) else math.modf(x),
    "sumprod": lambda p, q: composed(math.sumprod, lambda a, b: _sum_builtin(u * v for u, v in zip(a, b, strict=True)))(list(p), list(q)),
}  # fmt: skip
ELEMENT_LOG = elementwise(math.log, _UNARY["log"])
_LINEAR = """sum mean reshape ravel transpose cumsum concatenate stack vstack hstack column_stack array asarray asanyarray
    ascontiguousarray diff flip fliplr flipud roll repeat tile take trace squeeze expand_dims broadcast_to diag diagonal triu tril real
    imag conj conjugate swapaxes moveaxis copy atleast_1d atleast_2d rot90 average nansum pad split matrix_transpose""".split()
_MAKERS = "zeros ones empty zeros_like ones_like empty_like full full_like array copy arange linspace eye identity".split()
_ARRAY = {
    **ELEMENTWISE,
    **{name: linear(getattr(np, name)) for name in _LINEAR},
    **{name: lambda *a, make=getattr(np, name), **k: make(*plain(a), **plain(k)) for name in _MAKERS if name not in _LINEAR},
    **{name: bilinear(getattr(np, name)) for name in ("dot", "matmul", "outer", "inner", "vdot", "tensordot", "kron", "cross")},
    "where": _where, "sort": _sort, "einsum": _einsum, "prod": _prod, "max": _extreme(np.max), "min": _extreme(np.min),
    "amax": _extreme(np.max), "amin": _extreme(np.min), "var": composed(np.var, _var),
    "std": composed(np.std, _std),
    "ptp": composed(np.ptp, lambda x, axis=None: numpy.max(x, axis=axis) - numpy.min(x, axis=axis)),
    "clip": composed(np.clip, lambda x, lo, hi: numpy.where((plain(x) >= plain(lo)) & (plain(x) <= plain(hi)), x, numpy.where(plain(x) < plain(lo), lo, hi))),
    "cumprod": composed(np.cumprod, lambda x: numpy.stack([_prod(x[: i + 1]) for i in range(len(x))])),
    "median": composed(np.median, lambda x: numpy.mean(_sort(x)[(len(x) - 1) // 2 : len(x) // 2 + 1])),
    "full": composed(np.full, lambda shape, x: numpy.broadcast_to(x, shape)), "full_like": composed(np.full_like, lambda a, x: numpy.broadcast_to(x, np.shape(plain(a)))),
    "linspace": composed(np.linspace, lambda a, b, n: a + (b - a) * np.arange(n) / (n - 1)),
    "float64": DType(np.float64), "float32": DType(np.float32),
    "interp": elementwise(np.interp, lambda y, x, xp, fp: (np.interp(x + 1e-6, xp, fp) - np.interp(x - 1e-6, xp, fp)) / 2e-6),
    "convolve": bilinear(np.convolve), "heaviside": elementwise(np.heaviside, lambda y, a, b: 0.0),
    "copyto": _copyto, "fill_diagonal": writer(np.fill_diagonal), "put": writer(np.put), "place": writer(np.place), "putmask": writer(np.putmask),
}  # fmt: skip
_ARRAY.update({name: buffer(_ARRAY[name]) for name in _MAKERS})
_ARRAY["add"].reduce = lambda x, axis=0, **k: _ARRAY["sum"](x, axis=axis, **k)
_ARRAY["add"].accumulate = lambda x, axis=0: _ARRAY["cumsum"](x, axis=axis)
_ARRAY["maximum"].reduce = lambda x, axis=0, **k: _ARRAY["max"](x, axis=axis, **k)
for _name in ("add", "subtract"):
    _ARRAY[_name].at = writer(getattr(np, _name).at)
_LINALG = {
    "norm": composed(np.linalg.norm, lambda x, axis=None: numpy.sqrt(numpy.sum(x * x, axis=axis))), "solve": _solve,
    "inv": lambda a: _solve(a, np.eye(len(plain(a)))),
    "det": composed(np.linalg.det, lambda a: Dual(0.0, np.linalg.det(a.value) * np.trace(np.linalg.solve(a.value, a.slope)))),
}  # fmt: skip


_PLAIN = set("""shape size ndim argmax argmin argsort searchsorted all any isfinite isnan isinf isclose allclose array_equal count_nonzero sign
    floor ceil trunc round rint isscalar nonzero less greater less_equal greater_equal equal not_equal
    signbit result_type iscomplexobj isrealobj shares_memory""".split())


class Unknown(Exception):
    """A function that this oracle does not know met a dual."""


class Substitute(types.ModuleType):
    """A module whose differentiable functions accept duals; the others see their values only."""

    def __init__(self, module: types.ModuleType, known: dict[str, Any]) -> None:
        super().__init__(module.__name__)
        self.__dict__["_module"], self.__dict__["_known"] = module, known

    def __getattr__(self, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        original = getattr(self._module, name)
        if isinstance(original, type) or not callable(original):
            return original

        def call(*args: Any, **kwargs: Any) -> Any:
            if name not in _PLAIN and has_dual([args, kwargs]):
                raise Unknown(name)
            return original(*plain(args), **plain(kwargs))

        return call


numpy = Substitute(np, {**_ARRAY, "linalg": Substitute(np.linalg, _LINALG)})
"""NumPy for duals."""
_MODULES = {"math": Substitute(math, _MATH), "numpy": numpy, "numpy.linalg": numpy.linalg}


def _binary_methods() -> None:
    table = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power", "mod": "mod", "floordiv": "floor_divide"}
    for name, entry in table.items():
        base = getattr(operator, name)
        call = elementwise(base, *_BINARY[entry])
        setattr(Dual, f"__{name}__", lambda a, b, call=call: call(a, b))
        setattr(Dual, f"__r{name}__", lambda a, b, call=call: call(b, a))
        setattr(Dual, f"__i{name}__", lambda a, b, call=call: _in_place(a, call(a, b)))
    matmul = bilinear(operator.matmul)
    Dual.__imatmul__ = lambda a, b: _in_place(a, matmul(a, b))  # type: ignore[attr-defined]
    Dual.__matmul__ = lambda a, b: matmul(a, b)  # type: ignore[attr-defined]
    Dual.__rmatmul__ = lambda a, b: matmul(b, a)  # type: ignore[attr-defined]
    Dual.__neg__ = elementwise(operator.neg, _UNARY["negative"])  # type: ignore[attr-defined]
    Dual.__pos__ = elementwise(operator.pos, _UNARY["positive"])  # type: ignore[attr-defined]
    Dual.__divmod__ = lambda a, b: (a // b, a % b)  # type: ignore[attr-defined]
    Dual.__rdivmod__ = lambda a, b: (b // a, b % a)  # type: ignore[attr-defined]
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(Dual, f"__{name}__", lambda a, b, compare=getattr(operator, name): compare(plain(a), plain(b)))


def _in_place(a: Dual, new: Dual) -> Dual:
    if not isinstance(a.value, np.ndarray):
        return new
    a.value[...] = new.value
    a.slope[...] = new.slope
    return a


_binary_methods()


class _Float(type):
    def __instancecheck__(cls, item: Any) -> bool:
        return isinstance(plain(item), float)

    def __call__(cls, *args: Any) -> Any:
        return elementwise(float, _UNARY["positive"])(*args)


class Float(metaclass=_Float):
    """`float` for duals."""


def _complex(re: Any, im: Any = 0.0) -> Any:
    y = complex(plain(re), plain(im))
    return Dual(y, tangent(re) + 1j * tangent(im)) if has_dual([re, im]) else y


_CLASSES: dict[Any, Any] = {Float: float, _complex: complex}


def _isinstance(item: Any, cls: Any) -> bool:
    classes = tuple(float if c is Float else getattr(c, "cls", c) for c in (cls if isinstance(cls, tuple) else (cls,)))
    return isinstance(item.value if isinstance(item, Dual) else item, classes)


def load(text: str, name: str = "dual_module") -> dict[str, Any]:
    """Execute the text of a module so that its functions accept duals; gives its namespace."""

    def import_(module: str, *args: Any, **kwargs: Any) -> Any:
        return _MODULES[module] if module in _MODULES else builtins.__import__(module, *args, **kwargs)

    changed = {"__import__": import_, "float": Float, "isinstance": _isinstance, "sum": _sum_builtin,
               "pow": lambda a, b: a**b, "complex": _complex, "type": lambda x, *a: type(plain(x), *a)}  # fmt: skip
    module = types.ModuleType(name)
    module.__dict__["__builtins__"] = {**vars(builtins), **changed}
    sys.modules[name] = module  # dataclasses look their module up
    exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    return module.__dict__


def attach(tree: Any, tangents: Any) -> Any:
    """Join arguments with tangents of the same structure (None: no tangent) into duals."""
    match tree:
        case list():
            return [attach(*pair) for pair in zip(tree, tangents, strict=True)]
        case tuple():
            items = [attach(*pair) for pair in zip(tree, tangents, strict=True)]
            return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
        case dict():
            return {key: attach(item, tangents[key]) for key, item in tree.items()}
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type) and tangents is not None:
        return dataclasses.replace(tree, **{k: attach(getattr(tree, k), t) for k, t in vars(tangents).items()})
    if tangents is None:
        return buffer(copy.deepcopy)(tree) if isinstance(tree, np.ndarray) else tree
    return Dual(tree.copy() if isinstance(tree, np.ndarray) else tree, np.array(tangents, dtype=np.result_type(tangents, 0.0)))
