"""`check_grads`: is a derivative right?  Compared with differences of the function itself, entry by entry.

What is compared: the value, bit for bit; reverse mode with Richardson differences of `<cotangent, f>`; forward mode with
Richardson differences along a direction; both modes with each other (`<cotangent, J t> = <J' cotangent, t>`); and that the
arguments are as they were.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import inspect
import linecache
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from srcad import trees
from srcad.api import jvp, vjp
from srcad.binding import Names, with_outputs
from srcad.errors import ArgumentError, Place, SrcadError
from srcad.parts import RETURN, Outputs, read
from srcad.store import target_of

Tree: TypeAlias = Any
Path: TypeAlias = str
_Item = TypeVar("_Item")

_MODES: Final = ("fwd", "rev")
_STEP: Final = 2e-3  # about eps ** (1 / 7): three steps, each half the last, leave an error of order six
_SHORTER: Final = 1e-3
_SMALLEST_SCALE: Final = 0.05
_MAX_ENTRIES: Final = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that was compared."""

    mode: str
    name: str
    expected: complex
    got: complex
    tolerance: float

    @property
    def absolute(self) -> float:
        """The absolute error; infinite where one of the two is not a number."""
        error = abs(self.got - self.expected)
        return math.inf if math.isnan(error) else error

    @property
    def relative(self) -> float:
        """The relative error."""
        return self.absolute / abs(self.expected) if self.expected else math.inf if self.absolute else 0.0

    @property
    def ok(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.absolute <= self.tolerance

    def __str__(self) -> str:
        """`reverse: x[3]: got 1, expected 2 (...)`."""
        numbers = f"got {_number(self.got)}, differences give {_number(self.expected)}"
        errors = f"absolute error {self.absolute:.2g}, relative {self.relative:.2g}, allowed {self.tolerance:.2g}"
        return f"{self.mode}: {self.name}: {numbers} ({errors})"


@dataclass(frozen=True, slots=True)
class GradientReport:
    """The outcome of `check_grads`."""

    function: str
    place: Place | None
    modes: tuple[str, ...]
    entries: int
    unsure: int
    worst: Entry | None
    faults: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything agreed."""
        return not self.faults

    def __str__(self) -> str:
        """A few lines: verdict, what was compared, the worst entry."""
        where = f" ({self.place.filename}:{self.place.line})" if self.place is not None else ""
        lines = [f"{'ok' if self.ok else 'WRONG'}: {self.function}{where}"]
        if self.place is not None and self.place.text:
            lines.append(f"  source   {self.place.text.strip()}")
        lines.append(f"  modes    {', '.join(self.modes)}")
        lines.append(f"  entries  {self.entries} compared")
        if self.unsure:
            lines[-1] += f", {self.unsure} left out: the function is too rough there for differences"
        if self.worst is not None:
            lines.append(f"  worst    {self.worst}")
        lines += [f"  fault    {fault}" for fault in self.faults]
        return "\n".join(lines)


class CheckFailed(SrcadError, AssertionError):
    """The derivative is not that of the function; `report` says where."""

    default_code = "SRC701"

    def __init__(self, report: GradientReport) -> None:
        advice = "If the function is smooth at these arguments, this is a fault of srcad: please report it with function and arguments."
        super().__init__(f"the derivative of {report.function} is not right\n{report}", advice)
        self.report = report


def check_grads(
    f: Callable[..., Any], *args: Any, order: int = 1, modes: Sequence[str] = _MODES,
    rtol: float | None = None, atol: float | None = None, seed: int = 0, outputs: Names | None = None,
) -> GradientReport:  # fmt: skip
    """Compare the derivatives of `f` at `args` with differences; a report, or `CheckFailed` which names the worst entry.

    `modes` holds "fwd", "rev" or both.  `rtol` and `atol` default to what the precision of the arguments allows.  Above 64
    numbers in the arguments, a sample of the entries is compared, and all of them together along random directions.
    `outputs` as in `grad`.
    With `order` above 1 the derivatives of the derivatives are compared too, in every combination of the modes: those of the
    pullback, by the arguments and by the cotangent, and of the tangent, by the arguments and by the direction.
    """
    if type(order) is not int or order < 1:
        raise ArgumentError(f"order is {order!r}", "The order of derivatives to compare is 1, 2, ...")
    if not modes or any(mode not in _MODES for mode in modes):
        raise ArgumentError(f'modes are "fwd" and "rev", not {modes!r}', 'Say modes=("rev",), for instance.')
    trees.require_tree(args)
    if not any(True for _ in active_leaves(args)):
        raise ArgumentError("there is nothing to differentiate: no argument holds a float", "Pass floats: 2.0, not 2.")
    return _checked(_Check(f, args, tuple(modes), rtol, atol, seed, outputs), order)


def _checked(check: _Check, order: int) -> GradientReport:
    report = check.run()
    if not report.ok:
        raise CheckFailed(report)
    reports = [report]
    for derivative, given in check.derivatives() if order > 1 else ():
        found = _checked(check.of_derivative(derivative, given), order - 1)
        reports.append(dataclasses.replace(found, function=report.function, place=report.place))
    return _together(reports)


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments at which the derivatives of a function are to be checked, with options of `check_grads`."""

    args: tuple[Any, ...]
    options: dict[str, Any]


_F = TypeVar("_F", bound=Callable[..., Any])


def example(*args: Any, **options: Any) -> Callable[[_F], _F]:
    """Decorate a function with arguments at which `pytest --srcad-check` checks its derivatives; it stays the function that it is.

    `options` are those of `check_grads`: `order`, `modes`, `rtol` and so on.  Raises ArgumentError for others.
    """
    known = {p.name for p in inspect.signature(check_grads).parameters.values() if p.kind is p.KEYWORD_ONLY}
    for name in options:
        if name not in known:
            raise ArgumentError(f"check_grads has no option {name!r}", f"its options are {', '.join(sorted(known))}")

    def put(f: _F) -> _F:
        vars(f)["__srcad_examples__"] = (Example(args, options), *examples_of(f))
        return f

    return put


def examples_of(value: Any) -> tuple[Example, ...]:
    """The examples that a function carries."""
    try:
        found = vars(value).get("__srcad_examples__", ())
    except TypeError:
        return ()
    return found if isinstance(found, tuple) else ()


def _together(reports: list[GradientReport]) -> GradientReport:
    """One report on several orders: the worst entry of all."""
    worst = max((r.worst for r in reports if r.worst is not None), key=lambda e: e.absolute / e.tolerance, default=None)
    return dataclasses.replace(reports[0], entries=sum(r.entries for r in reports), unsure=sum(r.unsure for r in reports), worst=worst)


def _pulled(f: Any, places: str, fixed: tuple[Any, ...], args: tuple[Any, ...], cotangent: Any) -> Any:
    """The pullback of `f` by the arguments that `places` marks with an x; the others are `fixed`."""
    return vjp(lambda *moving: f(*_merged(places, fixed, moving)), *args)[1](cotangent)


def _pushed(f: Any, places: str, fixed: tuple[Any, ...], args: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """The tangent of `f` by the same arguments."""
    return jvp(lambda *moving: f(*_merged(places, fixed, moving)), args, tangents)[1]


def _merged(places: str, fixed: tuple[Any, ...], moving: tuple[Any, ...]) -> list[Any]:
    """The arguments in their order."""
    found = []
    for n, place in enumerate(places):
        at = places[:n].count(place)
        found.append(moving[at] if place == "x" else fixed[at])
    return found


class _Check:
    """One run: the function, its arguments, and what was found so far."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], modes: tuple[str, ...], rtol: float | None, atol: float | None, seed: int,
        outputs: Names | None = None, *, derived: bool = False,
    ) -> None:  # fmt: skip
        self.f = f
        self.derived = derived  # whether the function is itself a derivative
        self.outputs = outputs
        self.options = modes, rtol, atol, seed
        self.target = with_outputs(target_of(f), outputs)
        self.args = args
        self.modes = modes
        self.rng = np.random.default_rng(seed)
        single = any(np.finfo(np.asarray(leaf).dtype).bits < np.finfo(np.float64).bits for _, leaf in active_leaves(args))
        self.rtol = rtol if rtol is not None else 5e-3 if single else 1e-6
        self.atol = atol if atol is not None else 1e-4 if single else 1e-8
        self.names = _parameter_names(f, len(args))
        self.entries: list[Entry] = []
        self.unsure = 0
        self.faults: list[str] = []
        self.longest = _STEP

    def run(self) -> GradientReport:
        """All comparisons."""
        before = _snapshot(self.args)
        value = self.primal(self.args)
        cotangent, tangent = self.like(value), self.like(self.args)
        self.against(value, cotangent, tangent)
        if not all(entry.ok for entry in self.entries):  # a kink may be nearer than the steps were long
            found = self.entries, self.unsure, self.faults
            self.entries, self.unsure, self.faults, self.longest = [], 0, [], _STEP * _SHORTER
            self.against(value, cotangent, tangent)
            if self.unsure > found[1] or not all(entry.ok for entry in self.entries):
                self.entries, self.unsure, self.faults = found
        if _snapshot(self.args) != before:
            self.faults.append("the arguments were changed")
        wrong = [entry for entry in self.entries if not entry.ok]
        worst = max(self.entries, key=lambda entry: entry.absolute / entry.tolerance, default=None)
        if wrong:
            self.faults.append(f"{len(wrong)} of {len(self.entries)} entries are wrong")
        numbers = any(np.size(leaf) for _, leaf in active_leaves(self.args))
        if numbers and all(entry.mode == "both modes" for entry in self.entries):
            self.faults.append("nothing could be compared: the function is too rough at these arguments for differences")
        whole = self.f.func if isinstance(self.f, functools.partial) else self.f
        name = getattr(whole, "__qualname__", None) or repr(whole)
        return GradientReport(name, _place(whole), self.modes, len(self.entries), self.unsure, worst, tuple(self.faults))

    def against(self, value: Tree, cotangent: Tree, tangent: Tree) -> None:
        """Each mode against differences, and one against the other."""
        pulled = self.reverse(value, cotangent) if "rev" in self.modes else None
        pushed = self.forward(value, tangent) if "fwd" in self.modes else None
        if pulled is not None and pushed is not None:
            left, right = _dot(cotangent, pushed), _dot(pulled, tangent)
            size = _size_of_dot(cotangent, pushed) + _size_of_dot(pulled, tangent)
            self.compare(Entry("both modes", "<cotangent, J t>", right, left, self.rtol * size + self.atol), 0.0)

    def derivatives(self) -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
        """The derivative in each mode with its arguments: those of the function in one tuple, and a random seed.

        Arguments that hold no float are bound, so that rules may know them.
        """
        value = self.primal(self.args)
        f, outputs = self.f, self.outputs
        places = "".join("x" if any(True for _ in active_leaves(a)) else "_" for a in self.args)
        if outputs is None and "_" in places:
            fixed = tuple(a for a, place in zip(self.args, places, strict=True) if place == "_")
            moving = tuple(a for a, place in zip(self.args, places, strict=True) if place == "x")
            bound = {"rev": (_pulled, self.like(value)), "fwd": (_pushed, self.like(moving))}
            return [(functools.partial(bound[mode][0], f, places, fixed), (moving, bound[mode][1])) for mode in self.modes]

        def pulled(args: tuple[Any, ...], cotangent: Any) -> Any:
            return vjp(f, *args, outputs=outputs)[1](cotangent)

        def pushed(args: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
            return jvp(f, args, tangents, outputs=outputs)[1]

        made = {"rev": (pulled, (self.args, self.like(value))), "fwd": (pushed, (self.args, self.like(self.args)))}
        return [made[mode] for mode in self.modes]

    def of_derivative(self, derivative: Callable[..., Any], args: tuple[Any, ...]) -> _Check:
        """The same check of one of them."""
        return _Check(derivative, args, *self.options, derived=True)

    def reverse(self, value: Tree, cotangent: Tree) -> Tree:
        """The pullback of a random cotangent, against differences by entry and along a direction."""
        out, pullback = vjp(self.f, *_with_own_generators(self.args), outputs=self.outputs)
        self.same("reverse", value, out)
        pulled = pullback(cotangent)
        found = dict(active_leaves(pulled))
        places = [(path, index) for path, leaf in active_leaves(self.args) for index in _indexes(leaf)]
        missing = [path for path, leaf in active_leaves(self.args) if path not in found or np.shape(found[path]) != np.shape(leaf)]
        if missing:
            self.faults.append(f"reverse: no gradient, or one of another shape, for {', '.join(self.name(path) for path in missing)}")
            return None
        scale = _largest(found)
        for path, index in self.some(places):
            unit = self.unit(path, index)
            self.entry("reverse", self.name(path, index), cotangent, unit, _dot(pulled, unit), scale)
            if np.iscomplexobj(found[path]):
                unit = self.unit(path, index, 1j)
                self.entry("reverse", self.name(path, index) + " (imaginary part)", cotangent, unit, _dot(pulled, unit), scale)
        if len(places) > _MAX_ENTRIES:
            direction = self.like(self.args)
            size = _size_of_dot(pulled, direction)
            self.entry("reverse", "along a random direction", cotangent, direction, _dot(pulled, direction), size)
        return pulled

    def forward(self, value: Tree, tangent: Tree) -> Tree:
        """The tangent of the value along a random direction, against differences by entry of the value."""
        out, pushed = jvp(self.f, _with_own_generators(self.args), tangent, outputs=self.outputs)
        self.same("forward", value, out)
        found = dict(active_leaves(pushed))
        expected, estimates = self.differences(tangent)
        scale = _largest(expected)
        for path, reference in expected.items():
            got = np.asarray(found.get(path, np.zeros(np.shape(reference))))
            if got.shape != np.shape(reference):
                self.faults.append(f"forward: value{path}: a tangent of shape {got.shape}, the value has {np.shape(reference)}")
                continue
            for index in self.some(list(_indexes(reference))):
                estimate = float(np.asarray(estimates[path])[index])
                name, number = f"value{path}{_index(index)}", reference[index].item()
                self.compare(Entry("forward", name, number, got[index].item(), self.tolerance(number, scale)), estimate)
        return pushed

    def some(self, items: list[_Item]) -> list[_Item]:
        """All of a few items, a sample of many."""
        if len(items) <= _MAX_ENTRIES:
            return items
        return [items[i] for i in self.rng.choice(len(items), _MAX_ENTRIES, replace=False)]

    def entry(self, mode: str, name: str, cotangent: Tree, direction: Tree, got: float, scale: float) -> None:
        """Compare one number of reverse mode with the difference of `<cotangent, f>` along `direction`."""
        expected, estimate = _richardson(lambda t: _dot(cotangent, self.moved(direction, t)), self.step(direction))
        self.compare(Entry(mode, name, float(expected), got, self.tolerance(float(expected), scale)), float(estimate))

    def compare(self, entry: Entry, estimate: float) -> None:
        """Keep an entry, unless the differences are not known well enough to judge it."""
        if not estimate <= entry.tolerance:
            widened = dataclasses.replace(entry, tolerance=entry.tolerance + 3 * estimate)
            if not math.isfinite(estimate) or widened.ok:
                self.unsure += 1
                return
            entry = widened
        self.entries.append(entry)

    def tolerance(self, expected: complex, scale: float) -> float:
        """What may be wrong in one entry: relative to it, and a little relative to the largest entry."""
        return self.rtol * abs(expected) + self.atol * max(1.0, scale)

    def primal(self, args: tuple[Any, ...]) -> Tree:
        """The function, with the same random numbers in every call."""
        numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002  what users' functions draw from
        try:
            return self.f(*_own(args)) if self.target.outputs is None else self.left(self.target.outputs, args)
        finally:
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)

    def left(self, outputs: Outputs, args: tuple[Any, ...]) -> Tree:
        """What the function leaves in copies of its arguments."""
        target = dataclasses.replace(self.target, args=copy.deepcopy(self.target.args))
        own = _own(args)
        returned = functools.partial(target.function, *target.args, **target.kwargs)(*own)
        values = target.bind(own, {})
        found = tuple(returned if p.number == RETURN else read(values[p.number], p, target.names) for p in outputs.parts)
        return found[0] if outputs.bare else found

    def moved(self, direction: Tree, t: float) -> Tree:
        """The value at `args + t * direction`, in double precision."""
        steps = dict(active_leaves(direction))
        return self.primal(_replace(self.args, lambda path, leaf: _shift(leaf, steps[path], t)))

    def differences(self, direction: Tree) -> tuple[dict[Path, Any], dict[Path, Any]]:
        """The derivative of each number in the value along `direction`, with estimates of its error."""
        points = _sample(lambda t: dict(active_leaves(self.moved(direction, t))), self.step(direction))
        result = {
            path: _extrapolate([(h, np.asarray(up[path]) - np.asarray(down[path])) for h, up, down in points]) for path in points[0][1]
        }
        return {path: pair[0] for path, pair in result.items()}, {path: pair[1] for path, pair in result.items()}

    def step(self, direction: Tree) -> float:
        """A step that suits the size of what it moves."""
        moves = {path: np.asarray(step) != 0 for path, step in active_leaves(direction)}
        sizes = [float(np.min(np.abs(np.asarray(leaf)[moves[path]]))) for path, leaf in active_leaves(self.args) if np.any(moves[path])]
        return self.longest * min(max(min(sizes, default=1.0), _SMALLEST_SCALE), 1.0)

    def like(self, tree: Tree) -> Tree:
        """Random numbers in the structure and types of `tree`, away from 0."""
        return _replace(tree, lambda _, leaf: _cast(_random(self.rng, leaf), leaf), other=None)

    def unit(self, path: Path, index: tuple[int, ...], number: complex = 1.0) -> Tree:
        """A direction that moves one number only."""

        def one(at: Path, leaf: Any) -> Any:
            step = np.zeros(np.shape(leaf), np.result_type(leaf))
            if at == path:
                step[index] = number
            return _cast(step, leaf)

        return _replace(self.args, one, other=None)

    def same(self, mode: str, expected: Tree, got: Tree) -> None:
        """The value must be the function's, bit for bit; a derivative that is differentiated may add up in another order."""
        same = _snapshot(expected, layout=False) == _snapshot(got, layout=False)
        if not same and not (self.derived and self.equal_but_for_rounding(expected, got)):
            self.faults.append(f"{mode}: the value is {got!r}, the function returns {expected!r}")

    def equal_but_for_rounding(self, expected: Tree, got: Tree) -> bool:
        """Whether the numbers of two trees of one structure are equal to a millionth of what derivatives may be off."""
        here, there = dict(active_leaves(expected)), dict(active_leaves(got))
        close = functools.partial(np.allclose, rtol=1e-6 * self.rtol, atol=1e-6 * self.atol, equal_nan=True)
        return here.keys() == there.keys() and all(np.shape(a) == np.shape(there[p]) and close(a, there[p]) for p, a in here.items())

    def name(self, path: Path, index: tuple[int, ...] = ()) -> str:
        """`w["bias"][2]` for path `[0]["bias"]` and index (2,)."""
        number, _, rest = path.removeprefix("[").partition("]")
        return f"{self.names[int(number)]}{rest}{_index(index)}"


def _replace(tree: Tree, change: Callable[[Path, Any], Any], path: Path = "", *, other: Any = ...) -> Tree:
    """The tree with every differentiable leaf changed; the others stay, or become `other`."""
    again = functools.partial(_replace, change=change, other=other)
    if _isactive_leaves(tree):
        return change(path, tree)
    if isinstance(tree, dict):
        return {key: again(value, path=f"{path}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return trees.with_children(tree, [again(value, path=f"{path}.{name}") for name, value in zip(tree._fields, tree, strict=True)])
    if isinstance(tree, (list, tuple)):
        return type(tree)([again(value, path=f"{path}[{i}]") for i, value in enumerate(tree)])
    if trees.children(tree, objects=True) is not None:
        items = [again(getattr(tree, name), path=f"{path}.{name}") for name in trees.attributes(tree)]
        return trees.with_children(tree, items)
    return tree if other is ... else other


def active_leaves(tree: Tree) -> Iterator[tuple[Path, Any]]:
    """The differentiable leaves with their paths."""
    found: list[tuple[Path, Any]] = []

    def note(path: Path, leaf: Any) -> Any:
        found.append((path, leaf))
        return leaf

    _replace(tree, note)
    return iter(found)


def _isactive_leaves(leaf: Any) -> bool:
    if isinstance(leaf, (float, complex)):
        return True
    return isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in "fc"


def _cast(new: Any, leaf: Any) -> Any:
    """`new` as the type of `leaf`: a Python float, a NumPy scalar, an array of its dtype."""
    if isinstance(leaf, np.ndarray):
        return np.asarray(new, leaf.dtype)
    return type(leaf)(np.asarray(new).item())


def _shift(leaf: Any, step: Any, t: float) -> Any:
    """`leaf + t * step`, single precision widened: differences of rounded numbers say little."""
    if isinstance(leaf, np.ndarray):
        return leaf.astype(np.result_type(leaf, np.float64)) + t * np.asarray(step, np.result_type(leaf, np.float64))
    if isinstance(leaf, np.generic):
        return np.result_type(leaf, np.float64).type(leaf) + t * np.result_type(leaf, np.float64).type(step)
    return leaf + t * step


def _random(rng: np.random.Generator, leaf: Any) -> Any:
    def draw() -> Any:
        return rng.uniform(0.5, 1.5, np.shape(leaf)) * rng.choice((-1.0, 1.0), np.shape(leaf))

    return draw() + 1j * draw() if np.iscomplexobj(leaf) else draw()


def _dot(a: Tree, b: Tree) -> float:
    """The real part of the sum of products, without conjugation: cotangents are transposed, not conjugated."""
    return _sum_of_products(a, b, lambda x: x)


def _size_of_dot(a: Tree, b: Tree) -> float:
    """The same sum with absolute values: the scale for rounding."""
    return _sum_of_products(a, b, np.abs)


def _sum_of_products(a: Tree, b: Tree, of: Callable[[Any], Any]) -> float:
    other = dict(active_leaves(b))
    pairs = [(of(np.asarray(x)), of(np.asarray(other[path]))) for path, x in active_leaves(a) if path in other]
    return math.fsum(float(np.real(np.sum(x * y, dtype=np.result_type(x, y, np.float64)))) for x, y in pairs)


def _largest(leaves: dict[Path, Any]) -> float:
    return max((float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves.values()), default=0.0)


def _sample(at: Callable[[float], Any], step: float) -> list[tuple[float, Any, Any]]:
    return [(h, at(h), at(-h)) for h in (step, step / 2, step / 4)]


def _richardson(at: Callable[[float], float], step: float) -> tuple[Any, Any]:
    return _extrapolate([(h, np.asarray(up - down)) for h, up, down in _sample(at, step)])


def _extrapolate(points: list[tuple[float, Any]]) -> tuple[Any, Any]:
    """The derivative from central differences at three steps, and an estimate of its error."""
    with np.errstate(all="ignore"):
        coarse, middle, fine = (difference / (2 * h) for h, difference in points)
        first, second = (4 * middle - coarse) / 3, (4 * fine - middle) / 3
        best = (16 * second - first) / 15
        return best, np.abs(second - first)


def _indexes(leaf: Any) -> Iterator[tuple[int, ...]]:
    return np.ndindex(np.shape(leaf))


def _index(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


def _snapshot(tree: Tree, *, layout: bool = True) -> Any:
    """Something that is equal only if two trees are equal bit for bit, in type and (`layout`) in memory layout."""
    if isinstance(tree, np.ndarray):
        content = repr(tree) if tree.dtype.hasobject else tree.tobytes()
        return ("array", tree.dtype.str, tree.shape, content, (tree.strides, str(tree.flags)) if layout else None)
    if isinstance(tree, (float, complex, np.generic)):
        return (type(tree), np.asarray(tree).tobytes())
    if isinstance(tree, dict):
        return (type(tree), [(key, _snapshot(value, layout=layout)) for key, value in tree.items()])
    if isinstance(tree, (list, tuple)):
        return (type(tree), [_snapshot(value, layout=layout) for value in tree])
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return (type(tree), [_snapshot(getattr(tree, field.name), layout=layout) for field in dataclasses.fields(tree)])
    return tree if isinstance(tree, (int, str, bytes, type(None))) else id(type(tree))


_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)


def _with_own_generators(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, random generators replaced by copies: every call draws the same numbers."""
    return tuple(copy.deepcopy(arg) if isinstance(arg, _GENERATORS) else arg for arg in args)


def _own(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Copies of the arguments, which the function may change."""
    kinds = (*_GENERATORS, np.ndarray)
    return tuple(copy.deepcopy(a) if isinstance(a, kinds) or trees.children(a, objects=True) is not None else a for a in args)


def _parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """The names of the first `count` arguments; `args[2]` where there is none."""
    names: list[str] = []
    try:
        for parameter in inspect.signature(f).parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
            elif parameter.kind is not parameter.KEYWORD_ONLY:
                names.append(parameter.name)
    except (TypeError, ValueError):
        pass
    return [*names[:count], *(f"args[{i}]" for i in range(len(names), count))]


def _place(f: Callable[..., Any]) -> Place | None:
    code = getattr(f, "__code__", None) or getattr(getattr(f, "__wrapped__", None), "__code__", None)
    if code is None:
        return None
    line = linecache.getline(code.co_filename, code.co_firstlineno)
    return Place(code.co_filename, code.co_firstlineno, text=line.rstrip())


def _number(value: complex) -> str:
    return f"{value:.10g}"
