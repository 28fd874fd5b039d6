"""What the rooms of SciPy's functions share: ops by module and name, and entries of functions with several results."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import Struct, dtype_kind
from srcad.ops.entry import Entry
from srcad.ops.op import Spellings, elementwise, general, nondiff
from srcad.ops.python import part
from srcad.ops.trace import apply, o, rank, type_at

Partial = Callable[..., Any] | None
R, POSITIVE, UNIT = (-1.5, 1.5), (0.4, 2.5), (0.1, 0.9)


def op_of(module: str, name: str) -> Op:
    """The op of `scipy.module.name`, printed `module.name(...)`."""
    return Op(f"{module}.{name}", f"{module}.{name}(*_)", (f"scipy:{module}",), Effect.RAISES)


def sp(name: str, *args: Any) -> Any:
    """A function of `scipy.special`."""
    return apply(f"special.{name}", *args)


def missing(what: str, k: int) -> Callable[..., Any]:
    """The partial of an operand with respect to which no derivative is known."""

    def refuse(*args: Any, **statics: Any) -> Any:
        raise NoRule(f"`{what}` has no derivative with respect to argument {k + 1}", "keep that argument constant")

    return refuse


def real_only(what: str, partial: Callable[..., Any]) -> Callable[..., Any]:
    """A partial that holds on the real line only, of a function that is not complex-differentiable."""

    def checked(y: Any, *operands: Any) -> Any:
        if any(dtype_kind(type_at(x)) == "c" for x in operands):
            raise NoRule(f"`{what}` is not complex-differentiable and has a rule for real operands only", "keep its operands real")
        return partial(y, *operands)

    return checked


def constant(spellings: Spellings, what: str, unknown: tuple[int, ...]) -> Spellings:
    """The spellings of a function that has no derivative with respect to some operands: refused where these are active."""

    def guarded(entry: Entry) -> Entry:
        inner, forth = entry.backward, entry.forward
        assert inner is not None
        assert forth is not None

        def backward(g: Any, y: Any, operands: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
            for k in unknown:
                if wanted[k] and operands[k] is not None and dtype_kind(type_at(operands[k])) not in ("b", "i", "u"):
                    missing(what, k)()
            found: tuple[Any, ...] = inner(g, y, operands, statics, wanted)
            return found

        def forward(tangents: Any, y: Any, operands: tuple[Any, ...], statics: dict[str, Any]) -> Any:
            for k in unknown:
                if tangents[k] is not None:
                    missing(what, k)()
            return forth(tangents, y, operands, statics)

        return replace(entry, backward=backward, forward=forward)

    return tuple(replace(s, entry=guarded(s.entry)) for s in spellings)


def _where(spellings: Spellings, check: Callable[[str, tuple[Any, ...]], None]) -> Spellings:
    """The spellings of a function whose rule holds for some operands: `check` is told its name and them, and refuses others."""

    def guarded(entry: Entry) -> Entry:
        inner, forth = entry.backward, entry.forward
        if inner is None or forth is None:
            return entry

        def backward(g: Any, y: Any, operands: tuple[Any, ...], statics: dict[str, Any], wanted: tuple[bool, ...]) -> tuple[Any, ...]:
            check(entry.name, operands)
            found: tuple[Any, ...] = inner(g, y, operands, statics, wanted)
            return found

        def forward(tangents: Any, y: Any, operands: tuple[Any, ...], statics: dict[str, Any]) -> Any:
            check(entry.name, operands)
            return forth(tangents, y, operands, statics)

        return replace(entry, backward=backward, forward=forward)

    return tuple(replace(s, entry=guarded(s.entry)) for s in spellings)


def of_reals(spellings: Spellings, which: tuple[int, ...] | None = None) -> Spellings:
    """The spellings of a function whose rule does not hold for complex numbers: refused where the operands `which` (None: any) are."""

    def check(name: str, operands: tuple[Any, ...]) -> None:
        if any(dtype_kind(type_at(x)) == "c" for k, x in enumerate(operands) if which is None or k in which):
            raise NoRule(f"`scipy.{name}` of complex numbers has no rule", "keep its operands real")

    return _where(spellings, check)


def unstacked(spellings: Spellings, most: int = 2) -> Spellings:
    """The spellings of a function whose rule holds for so many axes: stacks, which newer versions of SciPy take, are refused."""

    def check(name: str, operands: tuple[Any, ...]) -> None:
        for x in operands:
            pair = isinstance(x, tuple) or isinstance(type_at(x), Struct)
            if (rank(x[0] if pair else x) or 0) > most:
                raise NoRule(f"`scipy.{name}` of a stack has no rule", "loop over it, or use numpy.linalg")

    return _where(spellings, check)


def several(fn: Any, *partials: Partial, module: str, name: str, **fields: Any) -> Spellings:
    """A function of each element that gives a tuple: `partials[k](y, *operands)` is the tuple of derivatives with respect to operand k."""
    what, count = f"scipy.{module}.{name}", len(partials)

    def vjp(g: Any, y: Any, *operands: Any) -> tuple[Any, ...]:
        return tuple(None if p is None else _pulled(g, p(y, *operands), x) for p, x in zip(partials, operands, strict=True))

    def jvp(t: Any, y: Any, *operands: Any) -> Any:
        total: list[Any] = []
        for k, (partial, move) in enumerate(zip(partials, t, strict=True)):
            if move is not None:
                terms = [slope * move for slope in (partial or missing(what, k))(y, *operands)]
                total = [a + b for a, b in zip(total, terms, strict=True)] if total else terms
        return tuple(total)

    names = tuple(f"x{k + 1}" for k in range(count))
    made = general(fn, vjp=vjp, jvp=jvp, name=f"{module}.{name}", path="", op=op_of(module, name), names=names, operands=count, **fields)
    return constant(made, what, tuple(k for k, p in enumerate(partials) if p is None))


def _pulled(g: Any, slopes: tuple[Any, ...], x: Any) -> Any:
    """The cotangent of an operand from those of several results."""
    total = None
    for k, slope in enumerate(slopes):
        c = part(g, k)
        if c is not None:
            total = c * slope if total is None else total + c * slope
    return None if total is None else o.unbroadcast(total, x)


def elements(fn: Any, *partials: Partial, module: str, name: str, **fields: Any) -> Spellings:
    """A function of each element; a partial that is None is unknown: that operand must be constant."""
    rules = [p or missing(f"scipy.{module}.{name}", k) for k, p in enumerate(partials)]
    return elementwise(fn, *rules, name=f"{module}.{name}", path="", op=op_of(module, name), **fields)


def unruled(fn: Any, module: str, name: str, why: str, advice: str, infer: Any = None) -> Spellings:
    """A function that has a derivative and no rule: fine on inactive values, refused with the reason on active ones."""
    reason = f"`scipy.{module}.{name}` of an active value has no derivative rule: {why}"

    def refuse(*args: Any, **params: Any) -> Any:
        raise NoRule(reason, advice)

    return general(fn, vjp=refuse, jvp=refuse, name=f"{module}.{name}", path="", op=op_of(module, name), names=("*xs",), refused=True,
        reason=reason, advice=advice, infer=infer)  # fmt: skip


def stepped(fn: Any, module: str, name: str) -> Spellings:
    """A function that is constant but for steps."""
    return nondiff(fn, name=f"{module}.{name}", path="", op=op_of(module, name))
