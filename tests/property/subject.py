"""srcad as the checks see it: each promise is one function that raises `Wrong`.

`check` is the whole list.  Every call goes through the public names of the package.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

import srcad
from srcad.binding import target_of
from srcad.errors import SrcadError
from srcad.parts import Part
from srcad.pipeline import Request
from srcad.store import Store
from tests.oracles import differences
from tests.property.agreement import (
    Case,
    Outcome,
    Rejected,
    Truth,
    Verdict,
    Wrong,
    close,
    fingerprint,
    flat_gradient,
    line,
    observe,
    own_memory,
    require,
    same_bits,
    same_error,
    truth,
)

QUIET: dict[str, Any] = {"on_cut": "ignore"}


class Refused(Exception):
    """srcad refuses the case."""


def run(case: Case, what: str, call: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
    """Observe a call of srcad, and require that the arguments are as before."""
    before = fingerprint(args)
    outcome = observe(case, lambda: call(*args))
    if isinstance(outcome.error, SrcadError):
        if outcome.error.__class__.__name__ == "InternalError":
            raise Wrong(f"{what}: internal error\n  {outcome.error}") from outcome.error
        raise Refused(f"{what}: {outcome.error}") from outcome.error
    require(fingerprint(args) == before, f"{what}: arguments changed")
    return outcome


def same_run(what: str, found: Outcome, expected: Outcome) -> None:
    """Require the same end and the same effects, once and in order."""
    if not same_error(found.error, expected.error):
        raise Wrong(f"{what}: ended with {found.error!r} instead of {expected.error!r}") from found.error
    require(found.effects == expected.effects, f"{what}: effects", found.effects, expected.effects)


def reemitted(function: Callable[..., Any], wrt: tuple[int, ...]) -> Callable[..., Any]:
    """The function as srcad writes it back from IR."""
    target = target_of(function)
    store = Store(target, Request("primal", tuple(map(Part, wrt))), "ignore")

    def call(*args: Any) -> Any:
        values = target.bind(args, {})
        return store.find(values).run(target.function, values)

    return call


def check_primal(case: Case, known: Truth) -> None:
    """The primal re-emitted from IR behaves as the original, to the bit."""
    found = run(case, "primal", reemitted(case.function, case.argnums()), case.args())
    same_run("primal", found, known.outcome)
    require(known.outcome.error is not None or same_bits(found.value, known.outcome.value), "primal: value", found.value, known.outcome.value)


def check_reverse(case: Case, known: Truth) -> None:
    """`value_and_grad`: value to the bit, gradient against the oracles, effects, leaves."""
    argnums = case.argnums()
    args = case.args()
    found = run(case, "reverse", srcad.value_and_grad(case.function, argnums=argnums, **QUIET), args)
    same_run("reverse", found, known.outcome)
    if known.outcome.error is not None:
        return
    value, gradient = found.value
    require(same_bits(value, known.outcome.value), "reverse: value", value, known.outcome.value)
    close(flat_gradient(gradient, tuple(args[i] for i in argnums)), known.gradient, known.tolerance, "reverse: gradient")
    own_memory(gradient, args)


def check_grad(case: Case, known: Truth) -> None:
    """`grad` alone: the same gradient and effects though no value is asked for."""
    argnums = case.argnums()
    args = case.args()
    found = run(case, "grad", srcad.grad(case.function, argnums=argnums, **QUIET), args)
    same_run("grad", found, known.outcome)
    if known.outcome.error is None:
        close(flat_gradient(found.value, tuple(args[i] for i in argnums)), known.gradient, known.tolerance, "grad: gradient")
        own_memory(found.value, args)


def check_pullback(case: Case, known: Truth) -> None:
    """`vjp`: a pullback called twice, and interleaved with another, gives the same answer; results may be changed in between."""
    args, argnums = case.args(), case.argnums()
    chosen = tuple(args[i] for i in argnums)
    forward = run(case, "vjp", lambda *a: srcad.vjp(case.function, *a), args)
    same_run("vjp", forward, known.outcome)
    if known.outcome.error is not None:
        return
    value, pullback = forward.value
    require(same_bits(value, known.outcome.value), "vjp: value", value, known.outcome.value)
    seed = value * 0 + 1 if not isinstance(value, int) else 1.0

    def entries(bars: Any) -> list[float]:
        require(isinstance(bars, tuple) and len(bars) == len(args), "pullback: one cotangent per argument", bars)
        return flat_gradient(tuple(bars[i] for i in argnums), chosen)

    one = run(case, "pullback", lambda *_: pullback(seed), args)
    if one.error is not None:
        raise Wrong(f"pullback raised {one.error!r}") from one.error
    require(one.effects == ("", (), ()), "pullback: effects", one.effects)
    first = entries(one.value)
    close(first, known.gradient, known.tolerance, "pullback: gradient")
    own_memory(one.value, args)
    for leaf in differences.leaves(one.value):
        if isinstance(leaf, np.ndarray):
            leaf[...] = 7.0
    other = observe(case, lambda: srcad.vjp(case.function, *case.args())[1](seed * 2))
    require(other.error is None, "second pullback", other.error)
    close(entries(other.value), [2.0 * g for g in known.gradient], known.tolerance, "pullback of twice the seed")
    again = observe(case, lambda: pullback(seed))
    require(again.error is None, "pullback called again", again.error)
    require(entries(again.value) == first, "pullback called again: gradient", again.value, first)


def check_forward(case: Case, known: Truth, directions: int = 3) -> None:
    """`jvp`: value to the bit, tangents along a few directions, effects."""
    args, argnums = case.args(), case.argnums()
    rng = np.random.default_rng(7)
    for _ in range(directions if known.outcome.error is None else 1):
        direction = differences.random_direction(args, rng)
        tangents = tuple(_typed(d, arg) if i in argnums else None for i, (d, arg) in enumerate(zip(direction, args, strict=True)))
        before = fingerprint(tangents)
        found = run(case, "forward", lambda *a: srcad.jvp(case.function, a, tangents), args)  # noqa: B023 (called at once)
        same_run("forward", found, known.outcome)
        require(fingerprint(tangents) == before, "forward: tangents changed")
        if known.outcome.error is not None:
            return
        value, tangent = found.value
        require(same_bits(value, known.outcome.value), "forward: value", value, known.outcome.value)
        weights = np.concatenate([np.ravel(np.asarray(d)) for d in differences.leaves([t for t in tangents if t is not None])])
        expected = float(np.array(known.gradient) @ weights)
        scale = 1.0 + float(np.sum(np.abs(known.gradient)))
        require(abs(float(tangent) - expected) <= known.tolerance * scale, "forward: tangent", tangent, expected)


def _typed(direction: Any, like: Any) -> Any:
    """A direction in the dtype of its argument."""
    if isinstance(like, np.ndarray):
        return direction.astype(like.dtype)
    match like:
        case list():
            return [_typed(*pair) for pair in zip(direction, like, strict=True)]
        case tuple():
            return tuple(_typed(*pair) for pair in zip(direction, like, strict=True))
        case dict():
            return {key: _typed(direction[key], item) for key, item in like.items()}
    return direction


def check_second(case: Case, known: Truth) -> None:
    """The Hessian times a vector in all four combinations of modes: they agree, the Hessian is symmetric, and differences of the gradient
    say the same where they settle."""
    f, args, argnums = case.function, case.args(), case.argnums()
    chosen = tuple(args[i] for i in argnums)
    rng = np.random.default_rng(11)
    v, u = (tuple(map(_typed, differences.random_direction(chosen, rng), chosen)) for _ in range(2))
    gradient = srcad.grad(f, argnums=argnums, **QUIET)

    def ran(what: str, call: Callable[..., Any]) -> Any:
        before = fingerprint((v, u))
        found = run(case, what, call, args)
        same_run(what, found, known.outcome)
        require(fingerprint((v, u)) == before, f"{what}: directions changed")
        return found.value

    along_v, along_u = (tuple(dict(zip(argnums, d, strict=True)).get(i) for i in range(len(args))) for d in (v, u))

    def slope(*values: Any) -> Any:
        return srcad.jvp(f, values, along_v)[1]

    pushed = ran("forward over reverse", lambda *a: srcad.jvp(gradient, a, along_v))
    pulled = ran("reverse over reverse", lambda *a: srcad.vjp(gradient, *a)[1](v))
    swept = ran("reverse over forward", srcad.grad(slope, argnums=argnums, **QUIET))
    twice = ran("forward over forward", lambda *a: srcad.jvp(slope, a, along_u))
    if known.outcome.error is not None:
        return
    other = ran("forward over reverse again", lambda *a: srcad.jvp(gradient, a, along_u))
    close(flat_gradient(pushed[0], chosen), known.gradient, known.tolerance, "forward over reverse: gradient")
    product = flat_gradient(pushed[1], chosen)
    curvature = differences.inner(pushed[1], u)
    scale = 1.0 + float(np.sum(np.abs(product))) + float(np.sum(np.abs(flat_gradient(other[1], chosen))))
    if np.all(np.isfinite(product)):
        for what, found in (("reverse over reverse", tuple(pulled[i] for i in argnums)), ("reverse over forward", swept)):
            close(flat_gradient(found, chosen), product, known.tolerance, f"{what}, not as forward over reverse")
        for what, number in (("forward over forward", twice[1]), ("symmetry", differences.inner(other[1], v))):
            require(abs(float(number) - curvature) <= known.tolerance * scale, f"{what}, not as forward over reverse", number, curvature)
    own_memory((pushed, pulled, swept), args)

    def turned(*values: Any) -> float:
        return differences.inner(gradient(*values), tuple(u))

    try:
        expected = line(dataclasses.replace(case, function=turned, wrt=argnums), v).value
    except (differences.Unreliable, ArithmeticError) as reason:
        raise Rejected(f"differences of the gradient: {reason!r}") from None
    require(abs(curvature - expected) <= max(known.tolerance, 1e-5) * scale, "second order: not as differences of the gradient", curvature, expected)


CHECKS: dict[str, Callable[[Case, Truth], None]] = {
    "primal": check_primal,
    "reverse": check_reverse,
    "grad": check_grad,
    "pullback": check_pullback,
    "forward": check_forward,
}
SECOND: dict[str, Callable[[Case, Truth], None]] = {"second": check_second}
"""Takes ten times as long."""

WITHOUT_GRAD = tuple(name for name in CHECKS if name != "grad")
"""For the many programs of the tables: `grad` is `value_and_grad` less a value, and random programs try it."""
DERIVATIVES = ("reverse", "pullback", "forward")
"""For programs that write: all of these compare the value too, to the bit."""
BOTH_MODES = ("reverse", "forward")
"""Enough for further arguments of a function that all checks have seen."""


def judge(case: Case, checks: tuple[str, ...] = tuple(CHECKS)) -> Verdict:
    """All checks on one case."""
    try:
        known = truth(case)
        for name in checks:
            (CHECKS | SECOND)[name](case, known)
    except Rejected as reason:
        return Verdict("rejected", str(reason))
    except Refused as reason:
        return Verdict("refused", str(reason))
    except Wrong as reason:
        return Verdict("wrong", str(reason))
    return Verdict("ok", "raises" if known.outcome.error is not None else "")
