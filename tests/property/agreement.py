"""What must hold for every program: the checks, and the verdict on one case.

A case is rejected where the oracles give no answer (a value that is not finite, differences that do not settle, an argument
without influence), refused where srcad says so, and wrong in every other case of disagreement.
"""
from __future__ import annotations

import contextlib
import dataclasses
import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import differences, dual


class Wrong(AssertionError):
    """srcad disagrees with an oracle, or breaks a promise."""


class Rejected(Exception):
    """The oracles have no answer for this case."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A function with fresh arguments on demand, and the same function for duals."""

    name: str
    function: Callable[..., Any]
    args: Callable[[], tuple[Any, ...]]
    dual: Callable[..., Any] | None = None
    log: list[Any] = dataclasses.field(default_factory=list)  # where the function's recorder writes
    wrt: tuple[int, ...] | None = None  # default: every argument that holds a float
    rtol: float = 1e-8
    insensitive: bool = False  # whether an argument without influence is meant
    smooth: bool = True  # whether differences can be used

    def argnums(self) -> tuple[int, ...]:
        """The arguments to differentiate."""
        if self.wrt is not None:
            return self.wrt
        return tuple(i for i, arg in enumerate(self.args()) if differences.leaves(arg))


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What came of a case: ok, rejected, refused or wrong."""

    status: str
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What running something showed: its value or exception, what it printed and recorded."""

    value: Any
    error: BaseException | None
    effects: tuple[Any, ...]


# ---- observing -------------------------------------------------------------------------------------------------------
def observe(case: Case, run: Callable[[], Any]) -> Outcome:
    """Run something of the case; printed text, records and warnings are its effects."""
    case.log.clear()
    printed = io.StringIO()
    value, error = None, None
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            value = run()
        except Exception as exception:  # whatever the program raises is compared
            error = exception
    # What is computed twice may be computed once (and warn once, as Python itself does by default).
    # Of deprecations NumPy tells whoever asks, which may be another line.
    heard = [w for w in caught if w.category.__name__ != "CutWarning" and not issubclass(w.category, DeprecationWarning)]
    said = tuple(dict.fromkeys(str(w.message) for w in heard))
    return Outcome(value, error, (printed.getvalue(), tuple(case.log), said))


def fingerprint(tree: Any) -> Any:
    """Everything about arguments that must not change: bytes, flags, strides, of views also the base."""
    match tree:
        case list() | tuple():
            return type(tree), tuple(map(fingerprint, tree))
        case dict():
            return tuple((key, fingerprint(item)) for key, item in tree.items())
        case np.ndarray():
            base = None if tree.base is None else np.asarray(tree.base).tobytes()
            return tree.tobytes(), tree.shape, tree.strides, str(tree.flags), tree.dtype.str, base
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return type(tree), tuple((key, fingerprint(item)) for key, item in vars(tree).items())
    return type(tree), repr(tree)


def same_bits(a: Any, b: Any) -> bool:
    """Whether two values are equal to the bit, in the same types."""
    match a:
        case list() | tuple():
            return type(a) is type(b) and len(a) == len(b) and all(map(same_bits, a, b))
        case dict():
            return type(b) is dict and list(a) == list(b) and all(same_bits(a[k], b[k]) for k in a)
        case np.ndarray():
            return type(b) is np.ndarray and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        return type(a) is type(b) and same_bits(vars(a), vars(b))
    if isinstance(a, np.generic) or isinstance(a, float | complex):
        return type(a) is type(b) and np.asarray(a).tobytes() == np.asarray(b).tobytes()
    return type(a) is type(b) and bool(a == b)


def same_error(a: BaseException | None, b: BaseException | None) -> bool:
    """Whether two runs ended alike.  Shapes that do not fit are named in any order: an in-place operator names that of its result too,
    where a sum that is stored afterwards does not, and a tangent may be the first that is multiplied."""
    return type(a) is type(b) and (a is None or _told(a) == _told(b))


def _told(error: BaseException | None) -> tuple[str, set[str]]:
    words, marker, shapes = str(error).partition("could not be broadcast together with shapes ")
    return words + marker, set(re.findall(r"\([\d,]*\)", shapes))


def require(holds: bool, message: str, *details: Any) -> None:
    """Raise `Wrong` unless it holds."""
    if not holds:
        raise Wrong(message + "".join(f"\n  {detail!r}" for detail in details))


# ---- oracles ---------------------------------------------------------------------------------------------------------
def dual_gradient(case: Case, value: Any) -> list[float] | None:
    """The gradient, entry by entry over the differentiated arguments, by dual numbers."""
    if case.dual is None:
        return None
    entries = []
    argnums = case.argnums()
    for direction in differences.basis(tuple(case.args()[i] for i in argnums)):
        args = list(case.args())
        for i, d in zip(argnums, direction, strict=True):
            args[i] = dual.attach(args[i], d)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                result = case.dual(*args)
            except dual.Unknown:
                return None
            except TypeError as reason:
                if "Dual" not in str(reason):
                    raise
                return None  # a library function that was not loaded for duals
        if not isinstance(result, dual.Dual):
            result = dual.Dual(result, 0.0)
        if not same_bits(result.value, value):
            raise Rejected(f"dual value {result.value!r} is not {value!r}")
        entries.append(float(result.slope))
    return entries


def line(case: Case, direction: Any) -> differences.Slope:
    """Derivative along a direction of the differentiated arguments, by differences."""
    argnums = case.argnums()
    base = [differences.map_leaves(arg, _widen) if i in argnums else arg for i, arg in enumerate(case.args())]
    base = [case.args()[i] if item is None else _fill(item, case.args()[i]) for i, item in enumerate(base)]

    def moved(*chosen: Any) -> float:
        args = list(base)
        for i, arg in zip(argnums, chosen, strict=True):
            args[i] = arg
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(np.real(case.function(*args)))

    return differences.directional(moved, tuple(base[i] for i in argnums), direction)


def _widen(leaf: Any) -> Any:
    return leaf.astype(np.float64) if isinstance(leaf, np.ndarray) else leaf if type(leaf) is float else np.float64(leaf)


def _fill(mapped: Any, original: Any) -> Any:
    """Put back the leaves that `map_leaves` made None."""
    match original:
        case list():
            return [_fill(*pair) for pair in zip(mapped, original, strict=True)]
        case tuple():
            items = [_fill(*pair) for pair in zip(mapped, original, strict=True)]
            return type(original)(*items) if hasattr(original, "_fields") else tuple(items)
        case dict():
            return {key: _fill(mapped[key], item) for key, item in original.items()}
    if dataclasses.is_dataclass(original) and not isinstance(original, type):
        return dataclasses.replace(original, **{k: _fill(getattr(mapped, k), v) for k, v in vars(original).items()})
    return original if mapped is None else mapped


@dataclasses.dataclass(frozen=True)
class Truth:
    """What the oracles say of a case."""

    outcome: Outcome
    gradient: list[float]  # by dual numbers, or by differences where there are none
    tolerance: float


def truth(case: Case) -> Truth:
    """Ask the oracles; `Rejected` where they do not know, and where they disagree with each other."""
    outcome = observe(case, lambda: case.function(*case.args()))
    if outcome.error is not None:
        return Truth(outcome, [], 0.0)
    if not (isinstance(outcome.value, int | float | np.number) and np.isfinite(outcome.value)):
        raise Rejected("value is no finite number")
    chosen = tuple(case.args()[i] for i in case.argnums())
    narrow = any(np.asarray(leaf).dtype.itemsize < 8 for leaf in differences.leaves(chosen))
    tolerance = 2e-3 if narrow else case.rtol
    directions = differences.basis(chosen)
    try:
        gradient = dual_gradient(case, outcome.value)
        if gradient is None:
            gradient, tolerance = [line(case, d).value for d in directions], max(tolerance, 1e-6)
        elif case.smooth:
            _compare_oracles(case, chosen, directions, gradient, max(tolerance, 1e-5))
    except differences.Unreliable as reason:
        raise Rejected(f"differences: {reason}") from None
    except ArithmeticError as reason:
        raise Rejected(f"differences: {reason!r}") from None
    if not np.all(np.isfinite(gradient)):
        raise Rejected("gradient is not finite")
    _demand_influence(case, chosen, gradient)
    return Truth(outcome, gradient, tolerance)


def _compare_oracles(case: Case, chosen: Any, directions: list[Any], gradient: list[float], tolerance: float) -> None:
    rng = np.random.default_rng(len(directions))
    flat = np.array(gradient)
    for _ in range(2):
        direction = differences.random_direction(chosen, rng)
        weights = np.concatenate([np.ravel(d) for d in differences.leaves(direction)])
        slope = line(case, direction).value
        scale = 1.0 + float(np.sum(np.abs(flat)))
        if abs(float(flat @ weights) - slope) > tolerance * scale:
            raise Rejected(f"oracles disagree: dual {float(flat @ weights)!r}, differences {slope!r}")


def _demand_influence(case: Case, chosen: Any, gradient: list[float]) -> None:
    start = 0
    for arg in chosen:
        size = sum(np.size(leaf) for leaf in differences.leaves(arg))
        if not case.insensitive and max(map(abs, gradient[start : start + size]), default=1.0) < 1e-6:
            raise Rejected("an argument has no influence")
        start += size


# ---- srcad against the oracles ---------------------------------------------------------------------------------------
def flat_gradient(tree: Any, like: Any) -> list[float]:
    """The entries of a gradient in the order of `basis`, checking structure, types and shapes against the argument."""
    entries: list[float] = []
    _collect(tree, like, entries)
    return entries


def _collect(tree: Any, like: Any, entries: list[float]) -> None:
    if isinstance(like, list | tuple):
        require(type(tree) is type(like) and len(tree) == len(like), "structure of the gradient", tree, like)
        for pair in zip(tree, like, strict=True):
            _collect(*pair, entries)
    elif isinstance(like, dict):
        require(isinstance(tree, dict) and list(tree) == list(like), "keys of the gradient", tree, like)
        for key, item in like.items():
            _collect(tree[key], item, entries)
    elif dataclasses.is_dataclass(like):
        require(type(tree) is type(like), "class of the gradient", tree, like)
        for key, item in vars(like).items():
            _collect(getattr(tree, key), item, entries)
    elif not differences.is_float(like):
        require(tree is None, "a leaf without derivative must be None", tree, like)
    elif isinstance(like, np.ndarray):
        require(isinstance(tree, np.ndarray) and tree.dtype == like.dtype and tree.shape == like.shape, "leaf of the gradient", tree, like)
        require(tree.flags.writeable and not np.shares_memory(tree, like), "a gradient must own its memory", tree)
        entries.extend(map(float, tree.ravel()))
    else:
        require(isinstance(tree, float) if isinstance(like, float) else type(tree) is type(like), "type of a gradient leaf", tree, type(tree), like)
        entries.append(float(tree))


def close(found: list[float], expected: list[float], tolerance: float, what: str) -> None:
    """Require two gradients to agree, relative to their size."""
    scale = 1.0 + max(map(abs, expected), default=0.0)
    require(len(found) == len(expected), f"{what}: number of entries", found, expected)
    worst = max((abs(f - e) if np.isfinite(f) else np.inf for f, e in zip(found, expected, strict=True)), default=0.0)
    require(worst <= tolerance * scale, f"{what}: off by {worst:.3g}", found, expected)


def own_memory(gradients: Any, args: Any) -> None:
    """Require that no leaf shares memory with another leaf or with an argument."""
    arrays = [leaf for leaf in differences.leaves(gradients) if isinstance(leaf, np.ndarray)]
    given = [leaf for leaf in differences.leaves(args) if isinstance(leaf, np.ndarray)]
    require(not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i]), "leaves of the gradient share memory", gradients)
    require(not any(np.shares_memory(a, b) for a in arrays for b in given), "a gradient must own its memory: it is an argument", gradients)
