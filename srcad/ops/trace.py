"""Recording: rules are called on `Traced` values, and what they do is appended to a block of IR.

`o.exp(x)` runs NumPy where all operands are plain values, and records a call where one of them is `Traced`.
"""
from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from srcad.errors import InternalError, NoRule
from srcad.ir.build import Builder, Names
from srcad.ir.nodes import Arg, Atom, Call, Const, Pack, Ref, SliceArg, Undef, Var
from srcad.ir.types import (
    BOOL, NONE, UNKNOWN, Array, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type, dtype_kind, is_scalar, same_shape,
)  # fmt: skip
from srcad.ops.slices import with_lengths
from srcad.ops.entry import MATH_ALLOWED, REGISTRY, Entry, Spelling, quiet
from srcad.ops.infer import infer_spelling, type_of

Peephole = Callable[..., Any]
NO_CHANGE: Any = object()
PEEPHOLES: dict[str, list[Peephole]] = {}
"""Op name -> simplifications; each returns NO_CHANGE where it does not apply."""

_made: weakref.WeakKeyDictionary[Names, dict[Var, tuple[str, tuple[Any, ...]]]] = weakref.WeakKeyDictionary()


_UNKNOWN_OPTION = ("an option of this function is only known at run time, and its rule must know it",
    "write it as a literal, or pass it as an argument of its own")  # fmt: skip


class Traced:
    """An IR value that rules compute with."""

    __slots__ = ("atom", "builder", "type")
    __array_priority__ = 1e6
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, atom: Atom, type: Type, builder: Builder) -> None:
        self.atom = atom
        self.type = type
        self.builder = builder

    def __repr__(self) -> str:
        return f"Traced({self.atom!r})"

    def __bool__(self) -> bool:
        raise NoRule(*_UNKNOWN_OPTION)

    def __iter__(self) -> Any:
        raise NoRule(*_UNKNOWN_OPTION)

    def __add__(self, other: Any) -> Any:
        return apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return apply("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return apply("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return apply("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return apply("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return apply("truediv", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return apply("truediv", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return apply("floordiv", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return apply("floordiv", other, self)

    def __mod__(self, other: Any) -> Any:
        return apply("mod", self, other)

    def __rmod__(self, other: Any) -> Any:
        return apply("mod", other, self)

    def __pow__(self, other: Any) -> Any:
        return apply("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return apply("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        return apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return apply("matmul", other, self)

    def __neg__(self) -> Any:
        return apply("neg", self)

    def __abs__(self) -> Any:
        return apply("abs", self)

    def __invert__(self) -> Any:
        return apply("invert", self)

    def __and__(self, other: Any) -> Any:
        return apply("and_", self, other)

    def __eq__(self, other: object) -> Any:
        return apply("eq", self, other)

    def __ne__(self, other: object) -> Any:
        return apply("ne", self, other)

    def __lt__(self, other: Any) -> Any:
        return apply("lt", self, other)

    def __le__(self, other: Any) -> Any:
        return apply("le", self, other)

    def __gt__(self, other: Any) -> Any:
        return apply("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        return apply("ge", self, other)

    def __getitem__(self, index: Any) -> Any:
        return apply("getitem", self, index)

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's word
        """The transpose."""
        return apply("ndarray.T", self)

    @property
    def real(self) -> Any:
        """The real part."""
        return apply("ndarray.real", self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return apply("ndarray.imag", self)

    @property
    def shape(self) -> Any:
        """The shape, as a run-time tuple."""
        return apply("ndarray.shape", self)

    @property
    def ndim(self) -> int | None:
        """The rank where it is known."""
        return rank(self)

    @property
    def size(self) -> Any:
        """The number of elements."""
        return apply("ndarray.size", self)


def is_traced(value: Any) -> bool:
    """Whether a value, or any leaf of it, is `Traced`."""
    return find_builder(value) is not None


def find_builder(value: Any) -> Builder | None:
    """The builder of the first traced leaf."""
    if isinstance(value, Traced):
        return value.builder
    if isinstance(value, list | tuple):
        return next((b for b in map(find_builder, value) if b is not None), None)
    if isinstance(value, dict):
        return find_builder(list(value.values()))
    if isinstance(value, slice):
        return find_builder((value.start, value.stop, value.step))
    return None


def type_in(value: Any) -> Any:
    """The abstract argument for `infer`: types at traced leaves."""
    if isinstance(value, Traced):
        return value.type if isinstance(value.atom, Var) else getattr(value.atom, "value", value.type)
    if isinstance(value, list):
        return [type_in(v) for v in value]
    if isinstance(value, tuple):
        return tuple(type_in(v) for v in value)
    if isinstance(value, dict):
        return {k: type_in(v) for k, v in value.items()}
    if isinstance(value, slice):
        return slice(type_in(value.start), type_in(value.stop), type_in(value.step))
    return value


def type_at(value: Any) -> Type:
    """The type of a traced or plain value."""
    return value.type if isinstance(value, Traced) else type_of(value)


def maybe_complex(value: Any) -> bool:
    """Whether a value is complex, or may be: its type is only known at run time, where derivatives are cast to what it is."""
    return dtype_kind(type_at(value)) in ("c", "")


def rank(value: Any) -> int | None:
    """The rank of a number or array, None if unknown."""
    if not isinstance(value, Traced):
        return int(np.ndim(value))
    if isinstance(value.type, Array):
        return value.type.ndim
    if isinstance(value.type, Opaque) and value.type.cls is range:
        return 1
    return 0 if is_scalar(value.type) else None


def rank_known(x: Any, name: str) -> int:
    """The rank of a number or array; NoRule for the function `name` where it is only known at run time."""
    found = rank(x)
    if found is None:
        raise NoRule(f"`{name}` of an array of unknown rank has no rule", "give the name one rank on all paths")
    return found


def known_same_shape(a: Any, b: Any) -> bool:
    """Whether two traced or plain values provably have equal shapes."""
    if not isinstance(a, Traced) and not isinstance(b, Traced):
        return bool(np.shape(a) == np.shape(b))
    if same_shape(type_at(a), type_at(b)):
        return True
    return isinstance(type_at(a), Array) and isinstance(type_at(b), Array) and shape_root(a) == shape_root(b)


_DEPTH = 8


def shape_root(value: Any, depth: int = _DEPTH) -> Any:
    """A value whose shape is that of `value`: what elementwise operations in derivative code started from."""
    name, inner = made(value)
    spelling = REGISTRY.by_op(name) if name and depth else None
    if spelling is None or spelling.op.inplace or not isinstance(value, Traced) or not isinstance(value.type, Array):
        return value.atom if isinstance(value, Traced) else value
    if name in ("full_like_shape", "spread", "ones_like_shape", "zeros_like_shape", "scatter_add"):
        return shape_root(inner[1 if name in ("full_like_shape", "spread") else 0], depth - 1)
    if spelling.entry.kind != "elementwise":
        return value.atom
    arrays = [v for v in inner if not is_scalar(type_at(v))]
    if not all(isinstance(v, Traced) and isinstance(v.type, Array) and v.type.ndim == value.type.ndim for v in arrays):
        return value.atom
    roots = {shape_root(v, depth - 1) for v in arrays}
    return roots.pop() if len(roots) == 1 else value.atom


def literal(value: Any) -> bool:
    """Whether a value is a Python number known now."""
    return type(value) in (bool, int, float, complex)


def lift(builder: Builder, arg: Arg) -> Any:
    """What a rule sees for an IR argument: `Traced`, a plain value, or a list, tuple, dict or slice of these."""
    match arg:
        case Var():
            return None if arg.type == NONE else Traced(arg, arg.type, builder)
        case Const(value):
            return value
        case Ref(_, value):
            return value if value is None or isinstance(value, type | np.dtype) else Traced(arg, type_of(value), builder)
        case Undef():
            return None
        case Pack("dict" | "OrderedDict", items, keys):
            return {lift(builder, k): lift(builder, v) for k, v in zip(keys, items, strict=True)}
        case Pack(kind, items):
            found = [lift(builder, i) for i in items]
            return found if kind == "list" else tuple(found)
        case SliceArg(lower, upper, step):
            return slice(lift(builder, lower), lift(builder, upper), lift(builder, step))
    return Traced(UNDEF_ATOM, UNKNOWN, builder)


UNDEF_ATOM = Undef()


def lower(value: Any) -> Arg:
    """The IR argument for what a rule computes with."""
    if isinstance(value, Traced):
        return value.atom
    if value is None or value is Ellipsis or type(value) in (bool, int, float, complex, str):
        return Const(value)
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return Const(value.item())
    if isinstance(value, np.ndarray):  # what a display of literals became
        return lower(value.tolist())
    if isinstance(value, list | tuple):
        return Pack("list" if isinstance(value, list) else "tuple", tuple(map(lower, value)))
    if isinstance(value, slice):
        return SliceArg(lower(value.start), lower(value.stop), lower(value.step))
    if isinstance(value, np.dtype):
        return Ref(f"numpy:{value.type.__name__}", value.type)
    if isinstance(value, type):
        return Ref(f"{value.__module__}:{value.__qualname__}", value)
    raise InternalError(f"a rule uses a {type(value).__name__}, which has no literal", stage="ops")


def made(value: Any) -> tuple[str, tuple[Any, ...]]:
    """Name of the op that gave a recorded value, and its operands; ('', ()) where that is not known.

    What is made of the operands is recorded where the value is used: they may come from a block around.
    """
    if isinstance(value, Traced) and isinstance(value.atom, Var):
        name, operands = _made.get(value.builder.names, {}).get(value.atom, ("", ()))
        return name, tuple(_recorded_in(value.builder, a) for a in operands)
    return "", ()


def zero_on_a_path(names: Names, out: Var, condition: Atom, *, where: bool) -> None:
    """Remember that a cotangent or tangent is zero on one of two paths that meet in it: the one where a condition is `where`."""
    asked = Traced(condition, condition.type if isinstance(condition, Var) else BOOL, Builder(names))
    _made.setdefault(names, {})[out] = ("zero_on_a_path", (asked, where))


def renamed(builder: Builder, old: Var, new: Var) -> None:
    """Remember that `new` stands for a recorded value; but the negative of a temporary keeps its name where it is used."""
    known = _made.get(builder.names, {})
    name, operands = known.get(old, ("", ()))
    if name and not (name == "neg" and isinstance(operands[0], Traced) and not getattr(operands[0].atom, "hint", "")):
        known[new] = name, operands


def _recorded_in(builder: Builder, value: Any) -> Any:
    """The same value; what is computed with it goes to `builder`."""
    if isinstance(value, Traced):
        return Traced(value.atom, value.type, builder)
    if isinstance(value, list | tuple):
        return type(value)(_recorded_in(builder, v) for v in value)
    if isinstance(value, slice):
        return slice(*(_recorded_in(builder, v) for v in (value.start, value.stop, value.step)))
    return value


def plain(value: Any) -> Any:
    """A traced literal or a NumPy scalar known now as the plain number."""
    if isinstance(value, Traced) and isinstance(value.atom, Const):
        return value.atom.value
    return value.item() if isinstance(value, np.generic) and value.dtype.kind in "biufc" else value


def known(value: Any) -> Any:
    """The value of a literal or of a constant of a module, such as `np.inf`; what is only known at run time stays as it is."""
    return value.atom.value if isinstance(value, Traced) and isinstance(value.atom, Const | Ref) else value


def items_of(option: Any) -> list[Any] | None:
    """The items of an option that is a tuple or list, also where only their number is known now; None for a single value."""
    if isinstance(option, list | tuple):
        return list(option)
    t = type_at(option)
    if isinstance(t, Struct) and t.cls in (list, tuple):
        return [option[k] for k in range(len(t.items))]
    if isinstance(t, ListOf | TupleOf) or (isinstance(t, Array) and t.ndim > 0):
        raise NoRule(*_UNKNOWN_OPTION)
    return None


def record(builder: Builder, what: Entry | Spelling, args: Iterable[Any], params: Iterable[tuple[str, Any]] = (), hint: str = "") -> Any:
    """Simplify, or append `what(*args, **params)` and return its value."""
    spelling = what if isinstance(what, Spelling) else choose(what, tuple(args))
    given, keywords = tuple(map(plain, args)), tuple((k, plain(v)) for k, v in params)
    for peephole in PEEPHOLES.get(spelling.op.name, ()):
        found = peephole(*given, **dict(keywords))
        if found is not NO_CHANGE:
            return found
    result = infer_spelling(spelling, tuple(map(type_in, given)), {k: type_in(v) for k, v in keywords})
    atoms = tuple(map(lower, given))
    if spelling.op.name == "getitem" and isinstance(given[0], Traced):
        result = with_lengths(result, given[0].type, atoms[1])
    out = builder.names.var(hint, result)
    lowered = tuple((k, lower(v)) for k, v in keywords)
    builder.add(Call((out,), quiet(spelling.op), atoms, lowered, builder.loc, builder.note))
    traced = Traced(out, out.type, builder)
    if not keywords:
        _made.setdefault(builder.names, {})[out] = (spelling.op.name, given)
    return traced


_PYTHON_KINDS = ("float", "int", "bool", "whole", "real")


def choose(entry: Entry, args: tuple[Any, ...]) -> Spelling:
    """The cheapest spelling of an entry for these operands: operators and `math` on Python floats, else NumPy."""
    found = REGISTRY.spellings(entry.name)
    if not found:
        raise NoRule(f"{entry.name} is not in the rule table", "add an entry for it")
    by_name = {s.op.name: s for s in found}
    math_name = next((n for n in by_name if n.startswith("math.")), "")
    if math_name and MATH_ALLOWED.get() and all(_cheap(a) for a in args):
        return by_name[math_name]
    return next((s for s in found if s.op.name.startswith("np.")), found[0]) if math_name else found[0]


def _cheap(value: Any) -> bool:
    t = type_at(value)
    return (isinstance(t, Scalar) and t.kind in _PYTHON_KINDS) or t == NpScalar("float64")


def apply(what: str | Entry, *args: Any, **params: Any) -> Any:
    """Run or record an operation: an entry, or the name of an op or (where there is no such op) of an entry."""
    spelling = REGISTRY.by_op(what) if isinstance(what, str) else None
    if isinstance(what, str) and spelling is None:
        found = REGISTRY.spellings(what)
        if not found:
            raise NoRule(f"{what} is not in the rule table", "add an entry for it")
        what = found[0].entry
    builder = find_builder(args) or find_builder(list(params.values()))
    if builder is None:
        run = spelling.object if spelling is not None else what.fn  # type: ignore[union-attr]
        return run(*args, **params)
    chosen = spelling if spelling is not None else choose(what, args)  # type: ignore[arg-type]
    if all(literal(plain(a)) for a in args) and not params:
        return _fold(chosen, tuple(map(plain, args)), builder)
    return record(builder, chosen, args, params.items())


def constant(like: Any, what: str, *args: Any, **params: Any) -> Any:
    """An operation on literals whose value is no literal: recorded where `like` is, run where that is plain."""
    builder = find_builder(like)
    spelling = REGISTRY.by_op(what)
    if spelling is None:
        raise NoRule(f"{what} is not in the rule table", "add an entry for it")
    return spelling.object(*args, **params) if builder is None else record(builder, spelling, args, params.items())


def _fold(spelling: Spelling, args: tuple[Any, ...], builder: Builder) -> Any:
    try:
        value = spelling.object(*args)
    except (ArithmeticError, ValueError):
        return record(builder, spelling, args)
    return value if literal(value) else record(builder, spelling, args)


class _Namespace:
    """`o`: the operations, as attributes."""

    def __init__(self) -> None:
        self.special: dict[str, Callable[..., Any]] = {}

    def define(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Add a function that decides by types what to record (a decorator)."""
        self.special[function.__name__] = function
        return function

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self.special.get(name)
        if found is not None:
            return found

        def call(*args: Any, **params: Any) -> Any:
            return apply(name, *args, **params)

        return call


o = _Namespace()
