"""Rules for `scipy.special`, added to the table once a program uses it: srcad itself does not need SciPy."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.types import Type, dtype_kind
from srcad.ops import (
    special_bessel, special_integrals, special_polynomials, special_probability, special_quadrature, special_refused, special_shapes,
)  # fmt: skip
from srcad.ops.entry import Sample
from srcad.ops.op import Spellings, general
from srcad.ops.python import part
from srcad.ops.reduce import infer_reduction, keywords_of
from srcad.ops.samples import arr, calls, domain
from srcad.ops.scipy_words import elements, op_of, several, sp
from srcad.ops.trace import apply, o, type_at

PARTIALS = special_bessel.PARTIALS | special_integrals.PARTIALS | special_polynomials.PARTIALS | special_probability.PARTIALS
SEVERAL = special_bessel.SEVERAL | special_integrals.SEVERAL


def _weights(y: Any, a: Any, axis: Any, b: Any, keepdims: Any, return_sign: Any) -> Any:
    """The derivative of the logarithm of the sum by each of its weights, in the shape of the operands."""
    if return_sign and any(dtype_kind(type_at(v)) == "c" for v in (a, b)):
        raise NoRule("`logsumexp` of complex numbers with `return_sign` has no rule", "leave `return_sign` away")
    if b is None and not return_sign:
        return o.exp(apply("log_ratio", a, o.unreduce(y, a, axis, keepdims)))
    whole = apply("special.logsumexp", a, axis, b, True, return_sign)
    return whole[1] * o.exp(apply("log_ratio", a, whole[0])) if return_sign else o.exp(apply("log_ratio", a, whole))


def logsumexp_vjp(g: Any, y: Any, a: Any, axis: Any = None, b: Any = None, keepdims: Any = False, return_sign: Any = False) -> Any:
    """The weights of the softmax; the sign is a step function."""
    c = part(g, 0) if return_sign else g
    if c is None:
        return None, None, None
    found = _weights(y, a, axis, b, keepdims, return_sign)
    if b is None:
        return found * o.unreduce(c, a, axis, keepdims), None, None
    found = found * o.unreduce(c, found * b, axis, keepdims)
    return o.unbroadcast(found * b, a), None, o.unbroadcast(found, b)


def logsumexp_jvp(t: Any, y: Any, a: Any, axis: Any = None, b: Any = None, keepdims: Any = False, return_sign: Any = False) -> Any:
    """The mean of the tangents with the weights of the softmax."""
    found = _weights(y, a, axis, b, keepdims, return_sign)
    moved = None if t[0] is None else found * t[0] if b is None else found * b * t[0]
    if t[2] is not None:
        moved = found * t[2] if moved is None else moved + found * t[2]
    total = apply("np.sum", moved, **keywords_of(axis, keepdims))
    return (total, o.zeros_like(y[1])) if return_sign else total


def infer_logsumexp(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """As a reduction; weights may be longer than what they weigh."""
    return infer_reduction(spelling, args, params, operands, {**statics, "axis": operands[1]}) if operands[2] is None else None


def softmax_vjp(g: Any, y: Any, x: Any, axis: Any = None) -> tuple[Any]:
    """The cotangent less its weighted mean."""
    return (y * (g - _total(g * y, axis)),)


def softmax_jvp(t: Any, y: Any, x: Any, axis: Any = None) -> Any:
    """The tangent less its weighted mean."""
    return y * (t[0] - _total(t[0] * y, axis))


def log_softmax_vjp(g: Any, y: Any, x: Any, axis: Any = None) -> tuple[Any]:
    """The cotangent less the softmax of its sum."""
    return (g - o.exp(y) * _total(g, axis),)


def log_softmax_jvp(t: Any, y: Any, x: Any, axis: Any = None) -> Any:
    """The tangent less its weighted mean."""
    return t[0] - _total(t[0] * o.exp(y), axis)


def _total(v: Any, axis: Any) -> Any:
    return apply("np.sum", v) if axis is None else apply("np.sum", v, axis=axis, keepdims=True)


def lambertw_slope(w: Any) -> Any:
    """The derivative of Lambert's function where its value is `w`."""
    return apply("np.exp", -w) / (1.0 + w)


def _comb_n(y: Any, n: Any, k: Any) -> Any:
    return y * (sp("psi", n + 1.0) - sp("psi", n - k + 1.0))


_CHOICES = {
    "comb": ((_comb_n, lambda y, n, k: y * (sp("psi", n - k + 1.0) - sp("psi", k + 1.0))), ("N", "k"), domain((3.1, 4.0), (0.2, 0.9))),
    "perm": ((_comb_n, lambda y, n, k: y * sp("psi", n - k + 1.0)), ("N", "k"), domain((3.1, 4.0), (0.2, 0.9))),
}


def _axes(special: Any) -> tuple[Spellings, ...]:
    """Functions along axes."""
    sums = calls((arr(4),), Sample((arr(2, 3),), {"axis": 1, "keepdims": True}), (arr(2, 3), 0, arr(2, 3, low=0.2, seed=1)),
        (arr(2, 3), None, arr(3, low=0.2)), Sample((arr(4), None, np.array([0.5, -1.5, 0.3, -0.4])), {"return_sign": True}))  # fmt: skip
    rows = calls((arr(4),), (arr(2, 3), 1))
    return (
        general(special.logsumexp, vjp=logsumexp_vjp, jvp=logsumexp_jvp, name="special.logsumexp", path="",
            op=op_of("special", "logsumexp"), names=("a", "axis", "b", "keepdims", "return_sign"), operands=3, arrays=1,
            infer=infer_logsumexp, sample=sums),
        general(special.softmax, vjp=softmax_vjp, jvp=softmax_jvp, name="special.softmax", path="", op=op_of("special", "softmax"),
            names=("x", "axis"), arrays=1, sample=rows),
        general(special.log_softmax, vjp=log_softmax_vjp, jvp=log_softmax_jvp, name="special.log_softmax", path="",
            op=op_of("special", "log_softmax"), names=("x", "axis"), arrays=1, sample=rows),
    )  # fmt: skip


def rules(special: Any) -> tuple[Spellings, ...]:
    """The entries for the functions that the installed SciPy has."""
    found = [
        elements(getattr(special, n), *p, module="special", name=n, sample=s, singular=True)
        for n, (p, s) in PARTIALS.items() if hasattr(special, n)
    ]
    found += [several(getattr(special, n), *p, module="special", name=n, sample=s) for n, (p, s) in SEVERAL.items() if hasattr(special, n)]
    found += [elements(getattr(special, n), *p, module="special", name=n, names=names, sample=s) for n, (p, names, s) in _CHOICES.items()]
    found.append(general(special.lambertw, name="special.lambertw", path="", op=op_of("special", "lambertw"),
        names=("z", "k", "tol"), singular=True,
        vjp=lambda g, y, z, k=0, tol=1e-8: (g * lambertw_slope(y),),
        jvp=lambda t, y, z, k=0, tol=1e-8: t[0] * lambertw_slope(y), sample=calls((0.7 + 0.2j,), (arr(3, low=0.2) + 0.1j,))))  # fmt: skip
    found += [special_probability.ZETA, *special_shapes.HELPERS]
    return (*found, *_axes(special), *special_bessel.rules(special), *special_quadrature.rules(special), *special_refused.rules(special))
