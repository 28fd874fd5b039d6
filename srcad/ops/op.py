"""The kinds of operation.  Each constructor takes the function and its derivative in the kind's own form and makes an entry for both modes.

`elementwise`: one partial per operand.  `linear`, `bilinear`, `real_linear`: a transpose.  `general`: both modes by hand.
`nondiff`: no derivative passes, on purpose.
"""
from __future__ import annotations

import importlib
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srcad.errors import InternalError, NoRule
from srcad.ir.core import BINARY, COMPARE, GETITEM, LENGTH, UNARY
from srcad.ir.nodes import Effect, Op, View
from srcad.ir.types import ListOf, Opaque, Struct, TupleOf, dtype_kind, is_number, is_scalar
from srcad.ops.adapt import Over, cast, fit, product, strong_mask, strong_zero, to_operand, to_result
from srcad.ops.entry import Entry, Sample, Spelling, attribute_op, function_op, identifier, method_op
from srcad.ops.trace import Traced, apply, constant, find_builder, is_traced, literal, o, type_at

Fn = Callable[..., Any]
Spellings = tuple[Spelling, ...]
over = Over


@dataclass(frozen=True)
class Spelled:
    """A spelling that needs more than its text: other parameter names, a view class, operands in another arrangement."""

    text: str
    bind: Fn | None = None
    view: View = View.FRESH
    object: Fn | None = None
    names: tuple[str, ...] | None = None
    op_name: str = ""


_SIGNS = {op.form: (op, getattr(operator, name, None)) for table in (BINARY, COMPARE, UNARY) for name, op in table.items()}
_OPERATORS: dict[str, tuple[Op, Any]] = {
    **_SIGNS, "_0[_1]": (GETITEM, operator.getitem), "len(_0)": (LENGTH, len),
    "_0 in _1": (COMPARE["in_"], lambda a, b: a in b), "_0 not in _1": (COMPARE["not_in"], lambda a, b: a not in b),
}  # fmt: skip


def _resolve(path: str) -> Any:
    """The object at a dotted path, None where this Python or NumPy does not have it."""
    root, _, rest = path.partition(".")
    found: Any = np if root == "np" else importlib.import_module(root if rest else "builtins")
    for part in rest.split(".") if rest else [root]:
        found = getattr(found, part, None)
    return found


def _spell(entry: Entry, how: str | Spelled) -> Spelling | None:
    """The spelling that a text means: `a * b`, `x[i]`, `np.exp`, `abs`, `x.sum()`, `x.T`; None if it does not exist here."""
    spelled = how if isinstance(how, Spelled) else Spelled(how)
    text = spelled.text
    if spelled.bind is not None:
        entry = replace(entry, bind=spelled.bind)
    if spelled.names is not None:
        entry = replace(entry, names=spelled.names)
    form = re.sub(r"\b[bi]\b", "_1", re.sub(r"\b[ax]\b", "_0", text, count=1), count=1)
    if form in _OPERATORS:
        op, obj = _OPERATORS[form]
        return Spelling(entry, op, spelled.object or obj)
    if text.startswith("x."):
        return _spell_method(entry, spelled)
    obj = spelled.object or _resolve(text)
    op = function_op(text, view=spelled.view)
    return None if obj is None else Spelling(entry, replace(op, name=spelled.op_name or op.name), obj)


def _spell_method(entry: Entry, spelled: Spelled) -> Spelling:
    name = spelled.text[2:].removesuffix("()")
    if spelled.text.endswith("()"):
        call = spelled.object or operator_method(name)
        return Spelling(entry, method_op("ndarray", name, spelled.view), call, ("ndarray", name))
    op = attribute_op("ndarray", name, spelled.view, (0,) if name in ("shape", "ndim", "size", "dtype") else ())
    return Spelling(entry, op, spelled.object or operator.attrgetter(name), ("ndarray", name), attribute=True)


def operator_method(name: str) -> Fn:
    """The function that calls the method of that name on its first argument."""

    def call(x: Any, *args: Any, **params: Any) -> Any:
        return getattr(x, name)(*args, **params)

    return call


def _define(fn: Fn, entry: Entry, path: str, spelled: tuple[str | Spelled, ...], view: View, op: Op | None = None) -> Spellings:
    first = Spelling(entry, op or function_op(path, view=view), fn) if path or op else None
    rest = [_spell(entry, how) for how in spelled]
    found = tuple(s for s in (first, *rest) if s is not None)
    if not found:
        raise InternalError(f"the entry {entry.name} has no spelling", stage="ops")
    return found


def define_entry(
    fn: Fn | str, kind: str, path: str | None, name: str | None, spelled: tuple[str | Spelled, ...], view: View, op: Op | None = None,
    **fields: Any,
) -> Spellings:  # fmt: skip
    """An entry of a kind that is made elsewhere; none for a dotted path that this NumPy does not have."""
    function: Any = _resolve(fn) if isinstance(fn, str) else fn
    if function is None:
        return ()
    entry, where = _entry(function, kind, fn if isinstance(fn, str) else path, name, **fields)
    return _define(function, entry, where, spelled, view, op)


def path_of(fn: Fn) -> str:
    """How a function of `math`, `numpy` or `builtins` is written."""
    module = getattr(fn, "__module__", "") or ""
    name = getattr(fn, "__name__", "")
    if isinstance(fn, np.ufunc):
        return f"np.{name}"
    if module == "numpy.linalg":
        return f"np.linalg.{name}"
    if module.startswith("numpy"):
        return f"np.{name}"
    return f"math.{name}" if module == "math" else name


def _entry(fn: Fn, kind: str, path: str | None, name: str | None, **fields: Any) -> tuple[Entry, str]:
    where = path_of(fn) if path is None else path
    samples = fields.pop("sample", None)
    entry = Entry(name or identifier(where), fn, kind, samples=samples, **fields)
    return entry, where


def as_array(x: Any) -> Any:
    """A list, tuple or range as the array that NumPy makes of it."""
    t = type_at(x)
    if isinstance(x, list | tuple) or isinstance(t, ListOf | TupleOf | Struct) or (isinstance(t, Opaque) and t.cls is range):
        return apply("np.array", x)
    return x


def listed(x: Any, like: Any) -> Any:
    """An operand as an array, also where it is a list of literals; recorded where `like` is."""
    return constant(like, "np.array", x) if isinstance(x, list | tuple) and find_builder(x) is None else as_array(x)


def from_array(c: Any, x: Any) -> Any:
    """The cotangent of `as_array(x)` in the structure of `x`."""
    if isinstance(x, list | tuple):
        found = [from_array(c[k], item) for k, item in enumerate(x)]
        return found if isinstance(x, list) else tuple(found)
    return apply("tree_like", c, x) if isinstance(type_at(x), ListOf | TupleOf | Struct) else c


def _arrays(given: tuple[Any, ...], arrays: int, like: Any) -> tuple[Any, ...]:
    return (*(listed(x, like) for x in given[:arrays]), *given[arrays:])


def _no_matrix(name: str, operands: tuple[Any, ...]) -> None:
    """Refuse a sparse matrix among the operands of an active call: `*` may be a product of matrices, and the result is one again."""
    for x in operands:
        t = type_at(x)
        if isinstance(t, Opaque) and getattr(t.cls, "__module__", "").startswith("scipy.sparse"):
            raise NoRule(f"{name} of a sparse matrix and a differentiated value has no rule",
                         "multiply by `@`, and scale or add the products: `a * (C @ x)` for `(a * C) @ x`")  # fmt: skip


def _active(x: Any) -> bool:
    """Whether a derivative with respect to an operand makes sense."""
    t = type_at(x)
    return not is_number(t) or dtype_kind(t) in "fc"


_UFUNC_OPTIONS = ("where", "dtype", "casting")


def _own(statics: dict[str, Any]) -> dict[str, Any]:
    """The options of the function itself, without those that every ufunc has."""
    return {k: v for k, v in statics.items() if k not in _UFUNC_OPTIONS}


def _where(statics: dict[str, Any], c: Any) -> Any:
    """`c`, and 0 where a ufunc with `where` computes nothing."""
    where = statics.get("where", True)
    return c if where is True else apply("np.where", where, c, 0.0)


def elementwise(
    fn: Fn, *partials: Fn | None, name: str | None = None, path: str | None = None, spelled: tuple[str | Spelled, ...] = (),
    op: Op | None = None, names: tuple[str, ...] | None = None, view: View = View.FRESH, masks: bool = False, **fields: Any,
) -> Spellings:  # fmt: skip
    """An operation on each element; `partials[k](y, *operands)` is the derivative with respect to operand k, None for none.
    A partial may return None where the others say all (the square of one value).
    `singular`: the partials may be infinite where the value is finite (or a function of the operands that tells).
    `masks`: the partials are 0 where the operand was not chosen, whatever the cotangent is there.
    """
    count = len(partials)
    singular: bool | Fn = fields.get("singular", False)
    if isinstance(fn, np.ufunc) or any(isinstance(_resolve(str(getattr(s, "text", s))), np.ufunc) for s in spelled if "np." in str(s)):
        fields["statics"] = (*fields.get("statics", ()), *_UFUNC_OPTIONS)

    def backward(g: Any, y: Any, operands: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        _no_matrix(entry.name, operands)
        found: list[Any] = []
        arrays = tuple(listed(x, y) for x in operands)
        for k, partial in enumerate(partials):
            x = arrays[k]
            if partial is None or not wanted[k] or x is None or not _active(x):
                found.append(None)
                continue
            others = arrays[:k] + arrays[k + 1 :]
            slope = partial(y, *arrays, **_own(statics))
            if slope is None:
                found.append(None)
                continue
            c = _where(statics, product(slope, g, y))
            if singular is True or (singular is not False and singular(*arrays)):
                c = strong_zero(c, g)
            elif masks:
                c = strong_mask(slope, c, g)
            c = to_operand(c, x, [v for v in others if v is not None])
            found.append(c if c is None or x is operands[k] else from_array(c, operands[k]))
        return tuple(found)

    def forward(tangents: tuple[Any, ...], y: Any, operands: tuple[Any, ...], statics: dict[str, Any]) -> Any:
        _no_matrix(entry.name, operands)
        total = None
        covered: set[int] = set()  # operands whose shapes the tangent has
        tangents = tuple(t if t is None else as_array(filled(t, x)) for t, x in zip(tangents, operands, strict=True))
        operands = tuple(listed(x, y) for x in operands)
        for k, (t, partial) in enumerate(zip(tangents, partials, strict=False)):
            slope = None if t is None or partial is None else partial(y, *operands, **_own(statics))
            if slope is not None:
                covered |= {k, *_factors(slope, y, operands)} if not literal(slope) or slope else set()
                term = _where(statics, product(slope, t, y))
                if singular is True or (singular is not False and singular(*operands)):
                    term = strong_zero(term, t)
                elif masks:
                    term = strong_mask(slope, term, t)
                total = term if total is None else total + term
        given = tuple((x, t is not None) for x, t in zip(operands, tangents, strict=True) if x is not None)
        full = all(k in covered or is_scalar(type_at(x)) or literal(x) for k, x in enumerate(operands) if x is not None)
        return to_result(total, y, tuple(x for x, _ in given), tuple(a for _, a in given), full=full and "where" not in statics)

    arity = names or (("x",) if count == 1 else tuple(f"x{k + 1}" for k in range(count)))
    entry, where = _entry(fn, "elementwise", path, name, names=arity, operands=count, backward=backward, forward=forward, **fields)
    return _define(fn, entry, where, spelled, view, op)


def _factors(slope: Any, y: Any, operands: tuple[Any, ...]) -> Iterator[int]:
    """The operands whose shapes a product with the slope has, since they are its factors."""
    for factor in (slope.num, slope.den, slope.scale) if isinstance(slope, Over) else (slope,):
        if isinstance(factor, Traced):
            same = isinstance(y, Traced) and factor.atom == y.atom
            yield from (k for k, x in enumerate(operands) if same or (isinstance(x, Traced) and factor.atom == x.atom))


def linear(
    fn: Fn, *, transpose: Fn, name: str | None = None, path: str | None = None, names: tuple[str, ...] = ("x",), operands: int = 1,
    spelled: tuple[str | Spelled, ...] = (), view: View = View.FRESH, op: Op | None = None, kind: str = "linear", arrays: int = 0,
    offsets: tuple[str, ...] = (), **fields: Any,
) -> Spellings:  # fmt: skip
    """An operation linear in its first operand; `transpose(g, x, *others, **statics)` is that operand's cotangent.
    The first `arrays` operands reach the transpose as arrays also where the call has lists; `offsets` are options that are added.
    """

    def backward(g: Any, y: Any, given: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        if not wanted[0]:
            return (None,) * len(given)
        x, *rest = _arrays(given, arrays, y)
        c = transpose(g, x, *rest, **statics)
        return (fit(from_array(c, given[0]) if arrays else c, given[0]), *(None,) * len(rest))

    def forward(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: dict[str, Any]) -> Any:
        if tangents[0] is None:
            return None
        rest = given[1:]
        while rest and rest[-1] is None and not entry.accumulates:
            rest = rest[:-1]
        return apply(entry, filled(tangents[0], given[0]), *rest, **{k: v for k, v in statics.items() if k not in offsets})

    entry, where = _entry(fn, kind, path, name, names=names, operands=operands, backward=backward, forward=forward, **fields)
    return _define(fn, entry, where, spelled, view, op)


def real_linear(fn: Fn, **fields: Any) -> Spellings:
    """Linear over the reals only: conj, real, imag."""
    return linear(fn, kind="real_linear", **fields)


def bilinear(
    fn: Fn, *, transpose: Fn, name: str | None = None, path: str | None = None, names: tuple[str, ...] = ("a", "b"),
    spelled: tuple[str | Spelled, ...] = (), op: Op | None = None, **fields: Any,
) -> Spellings:  # fmt: skip
    """An operation linear in each of two operands; `transpose(g, a, b, **statics)` gives both cotangents."""

    def backward(g: Any, y: Any, given: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        found = transpose(g, *_arrays(given, 2, y), **statics)
        return tuple(fit(from_array(c, x), x) if w and _active(x) else None for c, x, w in zip(found, given, wanted, strict=False))

    def forward(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: dict[str, Any]) -> Any:
        ta, tb = (None if t is None else as_array(filled(t, x)) for t, x in zip(tangents, given, strict=True))  # a list has no `@`
        a, b = given
        left = None if ta is None else apply(entry, ta, b, **statics)
        right = None if tb is None else apply(entry, a, tb, **statics)
        return right if left is None else left if right is None else left + right

    entry, where = _entry(fn, "bilinear", path, name, names=names, operands=2, backward=backward, forward=forward, **fields)
    return _define(fn, entry, where, spelled, View.FRESH, op)


def general(
    fn: Fn, *, jvp: Fn, vjp: Fn, name: str | None = None, path: str | None = None, names: tuple[str, ...] = ("x",), operands: int = 1,
    spelled: tuple[str | Spelled, ...] = (), view: View = View.FRESH, op: Op | None = None, arrays: int = 0, **fields: Any,
) -> Spellings:  # fmt: skip
    """An operation with both modes by hand: `jvp(t, y, *operands, **statics)`, t a tuple with None for zero, and
    `vjp(g, y, *operands, **statics)`, which gives a tuple with a cotangent for each operand.
    The first `arrays` operands are handed over as arrays also where the call has lists.
    """

    def backward(g: Any, y: Any, given: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        found = vjp(g, y, *_arrays(given, arrays, y), **statics)
        pairs = enumerate(zip(found, given, wanted, strict=False))
        return tuple(fit(from_array(c, x) if k < arrays and c is not None else c, x) if w else None for k, (c, x, w) in pairs)

    def forward(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: dict[str, Any]) -> Any:
        if all(t is None for t in tangents):
            return None
        pairs = enumerate(zip(tangents, given, strict=True))
        t = tuple(as_array(filled(t, x)) if k < arrays and t is not None else t for k, (t, x) in pairs)
        return fit(jvp(t, y, *_arrays(given, arrays, y), **statics), y)

    entry, where = _entry(fn, "general", path, name, names=names, operands=operands, backward=backward, forward=forward, **fields)
    return _define(fn, entry, where, spelled, view, op)


def nondiff(
    fn: Fn | str, *, name: str | None = None, path: str | None = None, names: tuple[str, ...] = ("*xs",), operands: int = 0,
    spelled: tuple[str | Spelled, ...] = (), view: View = View.FRESH, op: Op | None = None, **fields: Any,
) -> Spellings:  # fmt: skip
    """An operation through which no derivative passes: integers, comparisons, rounding, shapes."""
    if isinstance(fn, str):
        path = fn
    function: Any = _resolve(fn) if isinstance(fn, str) else fn
    if function is None:
        return ()
    entry, where = _entry(function, "nondiff", path, name, names=names, operands=operands, **fields)
    return _define(function, entry, where, spelled, view, op)


def refused(path: str, *, names: tuple[str, ...] = ("*xs",), infer: Fn | None = None) -> Spellings:
    """An operation whose derivative exists and has no rule: fine on inactive values, refused on active ones."""

    def refuse(*args: Any, **params: Any) -> Any:
        advice = "write it with other functions, or wrap it with a rule of your own"
        raise NoRule(f"`{path}` of an active value has no derivative rule", advice)

    fn = _resolve(path)
    return () if fn is None else general(fn, jvp=refuse, vjp=refuse, path=path, name=path, names=names, infer=infer, refused=True)


def helper(fn: Fn, make: Fn, *, fresh: bool = False, view: View = View.MAYBE, **fields: Any) -> Spellings:
    """An entry for a function of `srcad.runtime`, made by the kind `make`.

    `fresh`: its result surely shares memory with no argument; most give an argument back where there is nothing to do.
    """
    name = fn.__name__
    op = Op(name, f"{name}(*_)", (f"srcad.runtime:{name}",), Effect.NONE, view=View.FRESH if fresh else view)
    found: Spellings = make(fn, name=name, path="", op=fields.pop("op", op), **fields)
    return found


def step_helper(fn: Fn, name: str = "", shape_only: tuple[int, ...] = (), infer: Fn | None = None) -> Spellings:
    """A helper that is constant but for steps: the derivative is zero."""
    op = Op(name or fn.__name__, f"{fn.__name__}(*_)", (f"srcad.runtime:{fn.__name__}",), Effect.NONE, shape_only=shape_only)
    return nondiff(fn, name=op.name, path="", op=op, infer=infer)


def filled(t: Any, x: Any) -> Any:
    """A tangent tree with zeros in place of None."""
    if t is None:
        return o.zeros_like(x)
    if isinstance(t, list | tuple) and isinstance(x, list | tuple):
        found = [filled(ti, xi) for ti, xi in zip(t, x, strict=True)]
        return found if isinstance(t, list) else tuple(found)
    return t


__all__ = [
    "Entry", "Over", "Sample", "Spelled", "Spelling", "Spellings", "bilinear", "cast", "elementwise", "filled", "general", "helper",
    "is_traced", "linear", "nondiff", "over", "path_of", "real_linear", "refused", "step_helper",
]  # fmt: skip
