"""Bessel functions and their kin of `scipy.special`.

Recurrences: https://dlmf.nist.gov/10.6, 10.29 (cylinder), 10.51 (spherical), 10.63 (Kelvin), 11.4 (Struve).
Derivatives with respect to the order are not known in closed form: such an operand must be constant.
"""
from __future__ import annotations

from typing import Any

from srcad.ops.op import Spellings
from srcad.ops.samples import arr, calls, domain
from srcad.ops.scipy_words import POSITIVE, elements, real_only, sp
from srcad.ops.trace import apply

X = arr(3, low=0.4, high=2.5)
BY_ORDER = calls((1, 0.7), (2, X))


def sign(x: Any) -> Any:
    """The sign, 0 at the origin: the subgradient of exponential scaling there."""
    return apply("np.sign", x)


def _gap(name: str) -> Any:
    """Half the difference of the neighbours."""
    return None, lambda y, v, x: 0.5 * (sp(name, v - 1, x) - sp(name, v + 1, x))


def _sum(name: str, factor: float) -> Any:
    return None, lambda y, v, x: factor * (sp(name, v - 1, x) + sp(name, v + 1, x))


def _real_order(name: str, slope: Any) -> Any:
    return (None, real_only(f"scipy.special.{name}", slope)), BY_ORDER


def _scaled(name: str, other: str, turn: complex) -> Any:
    """Hankel functions with their exponential taken out."""
    return (None, lambda y, v, x: 0.5 * (sp(name, v - 1, x) - sp(name, v + 1, x)) + turn * y), BY_ORDER


PARTIALS: dict[str, tuple[Any, Any]] = {
    "i0": ((lambda y, x: sp("i1", x),), domain(POSITIVE)),
    "i1": ((lambda y, x: 0.5 * (sp("i0", x) + sp("iv", 2, x)),), domain(POSITIVE)),
    "j0": ((lambda y, x: -sp("j1", x),), domain(POSITIVE)),
    "j1": ((lambda y, x: 0.5 * (sp("j0", x) - sp("jv", 2, x)),), domain(POSITIVE)),
    "y0": ((lambda y, x: -sp("y1", x),), domain(POSITIVE)),
    "y1": ((lambda y, x: sp("y0", x) - y / x,), domain(POSITIVE)),
    "k0": ((lambda y, x: -sp("k1", x),), domain(POSITIVE)),
    "k1": ((lambda y, x: -sp("k0", x) - y / x,), domain(POSITIVE)),
    "i0e": ((lambda y, x: sp("i1e", x) - sign(x) * y,), domain(POSITIVE)),
    "i1e": ((lambda y, x: 0.5 * (sp("i0e", x) + sp("ive", 2, x)) - sign(x) * y,), domain(POSITIVE)),
    "k0e": ((lambda y, x: y - sp("k1e", x),), domain(POSITIVE)),
    "k1e": ((lambda y, x: y - sp("k0e", x) - y / x,), domain(POSITIVE)),
    "jv": (_gap("jv"), BY_ORDER),
    "yv": (_gap("yv"), BY_ORDER),
    "yn": (_gap("yn"), BY_ORDER),
    "iv": (_sum("iv", 0.5), BY_ORDER),
    "kv": (_sum("kv", -0.5), BY_ORDER),
    "kn": (_sum("kv", -0.5), BY_ORDER),
    "hankel1": (_gap("hankel1"), BY_ORDER),
    "hankel2": (_gap("hankel2"), BY_ORDER),
    "hankel1e": _scaled("hankel1e", "hankel1", -1j),
    "hankel2e": _scaled("hankel2e", "hankel2", 1j),
    "jve": _real_order("jve", lambda y, v, x: 0.5 * (sp("jve", v - 1, x) - sp("jve", v + 1, x))),
    "yve": _real_order("yve", lambda y, v, x: 0.5 * (sp("yve", v - 1, x) - sp("yve", v + 1, x))),
    "ive": _real_order("ive", lambda y, v, x: 0.5 * (sp("ive", v - 1, x) + sp("ive", v + 1, x)) - sign(x) * y),
    "kve": ((None, lambda y, v, x: y - 0.5 * (sp("kve", v - 1, x) + sp("kve", v + 1, x))), BY_ORDER),
    "ber": ((lambda y, x: sp("berp", x),), domain(POSITIVE)),
    "bei": ((lambda y, x: sp("beip", x),), domain(POSITIVE)),
    "ker": ((lambda y, x: sp("kerp", x),), domain(POSITIVE)),
    "kei": ((lambda y, x: sp("keip", x),), domain(POSITIVE)),
    "berp": ((lambda y, x: -sp("bei", x) - y / x,), domain(POSITIVE)),
    "beip": ((lambda y, x: sp("ber", x) - y / x,), domain(POSITIVE)),
    "kerp": ((lambda y, x: -sp("kei", x) - y / x,), domain(POSITIVE)),
    "keip": ((lambda y, x: sp("ker", x) - y / x,), domain(POSITIVE)),
    "struve": ((None, lambda y, v, x: sp("struve", v - 1, x) - v / x * y), BY_ORDER),
    "modstruve": ((None, lambda y, v, x: sp("modstruve", v - 1, x) - v / x * y), BY_ORDER),
    "itstruve0": ((lambda y, x: sp("struve", 0, x),), domain(POSITIVE)),
    "itmodstruve0": ((lambda y, x: sp("modstruve", 0, x),), domain(POSITIVE)),
    "it2struve0": ((lambda y, x: -sp("struve", 0, x) / x,), domain(POSITIVE)),
}
"""Function -> partials and samples.  A partial that is None is unknown: that operand must be constant."""


def _spherical(name: str, modified: bool) -> Any:
    """The derivative flag up to the second derivative, by the differential equation."""

    def partial(y: Any, n: Any, z: Any, derivative: Any = False) -> Any:
        if not derivative:
            return apply(f"special.{name}", n, z, derivative=True)
        around = 1.0 + n * (n + 1) / (z * z) if modified else n * (n + 1) / (z * z) - 1.0
        return around * apply(f"special.{name}", n, z) - 2.0 / z * y

    return None, partial


def _nth(name: str) -> Any:
    """Functions that give the n-th derivative."""
    return None, lambda y, v, z, n=1: apply(f"special.{name}", v, z, n + 1)


def _airy(y: Any, z: Any) -> tuple[Any, ...]:
    return y[1], z * y[0], y[3], z * y[2]


SEVERAL: dict[str, tuple[Any, Any]] = {
    "airy": ((_airy,), calls((0.7,), (X,))),
    "iti0k0": ((lambda y, x: (sp("i0", x), sp("k0", x)),), calls((0.7,), (X,))),
    "itj0y0": ((lambda y, x: (sp("j0", x), sp("y0", x)),), calls((0.7,), (X,))),
    "it2i0k0": ((lambda y, x: ((sp("i0", x) - 1.0) / x, -sp("k0", x) / x),), calls((0.7,), (X,))),
    "it2j0y0": ((lambda y, x: ((1.0 - sp("j0", x)) / x, -sp("y0", x) / x),), calls((0.7,), (X,))),
}


def rules(special: Any) -> tuple[Spellings, ...]:
    """Functions with further parameters."""
    spherical = (("spherical_jn", False), ("spherical_yn", False), ("spherical_in", True), ("spherical_kn", True))
    return (
        *(elements(getattr(special, name), *_spherical(name, modified), module="special", name=name, names=("n", "z", "derivative"),
            sample=calls((1, 0.7), (2, X, True))) for name, modified in spherical),
        *(elements(getattr(special, name), *_nth(name), module="special", name=name, names=("v", "z", "n"),
            sample=calls((1, 0.7), (2, X, 2))) for name in ("jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp")),
    )  # fmt: skip
