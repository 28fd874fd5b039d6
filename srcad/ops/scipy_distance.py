"""Rules for `scipy.spatial.distance`: distances of all pairs, and the two ways to store them."""
from __future__ import annotations

from typing import Any

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import UNKNOWN
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.op import Spellings, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import of_reals
from srcad.ops.trace import apply, constant, rank

_NORMS: dict[str, Any] = {"euclidean": None, "chebyshev": float("inf"), "cityblock": 1}


def between(a: Any, b: Any, metric: Any, p: Any) -> Any:
    """The distances of rows that are broadcast together."""
    if metric in _NORMS:
        return apply("np.linalg.norm", a - b, _NORMS[metric], -1)
    if metric == "sqeuclidean":
        d = a - b
        return apply("np.sum", d * d, axis=-1)
    if metric == "minkowski" and isinstance(p, int | float):
        return apply("np.linalg.norm", a - b, p, -1)
    if metric == "cosine":
        lengths = apply("np.linalg.norm", a, None, -1) * apply("np.linalg.norm", b, None, -1)
        return 1.0 - apply("np.sum", a * b, axis=-1) / lengths
    advice = "use 'euclidean', 'sqeuclidean', 'cityblock', 'chebyshev', 'minkowski' or 'cosine'"
    raise NoRule(f"distances with metric={metric!r} have no rule", advice)


def _cdist(a: Any, b: Any, metric: Any = "euclidean", p: Any = 2) -> Any:
    return between(apply("np.expand_dims", a, 1), apply("np.expand_dims", b, 0), metric, p)


def _pdist(x: Any, metric: Any = "euclidean", p: Any = 2) -> Any:
    pairs = constant(x, "np.triu_indices", apply("np.size", x, 0), 1)
    return between(apply("np.take", x, pairs[0], 0), apply("np.take", x, pairs[1], 0), metric, p)


def _squareform(x: Any, force: Any = "no", checks: Any = True) -> Any:
    """Both ways pick elements by their places; the diagonal of the matrix is a zero in front of the vector."""
    if rank(x) not in (1, 2):
        raise NoRule("`squareform` of an array of unknown rank has no rule", "give the name one rank on all paths")
    whole = apply("np.concatenate", [constant(x, "np.zeros", 1), x]) if rank(x) == 1 else apply("np.ravel", x)
    return apply("np.take", whole, apply("pair_places", x))


def _op(name: str) -> Op:
    return Op(f"distance.{name}", f"distance.{name}(*_)", ("scipy.spatial:distance",), Effect.RAISES)


def rules(distance: Any) -> tuple[Spellings, ...]:
    """The entries of the module."""
    a, b = arr(3, 2), arr(4, 2, seed=1)
    kinds = ("sqeuclidean", "cityblock", "chebyshev", "cosine")

    def entry(name: str, body: Any, **fields: Any) -> Spellings:
        return of_reals(composed(getattr(distance, name), body, name=f"distance.{name}", path="", op=_op(name), **fields))

    return (
        entry("cdist", _cdist, names=("XA", "XB", "metric"), operands=2, arrays=2, statics=("p",),
            sample=calls((a, b), *((a, b, k) for k in kinds), Sample((a, b, "minkowski"), {"p": 3}))),
        entry("pdist", _pdist, names=("X", "metric"), arrays=1, statics=("p",), sample=calls((a,), *((b, k) for k in kinds))),
        entry("squareform", _squareform, names=("X", "force", "checks"), arrays=1, sample=calls((arr(6),))),
        step_helper(runtime.pair_places, shape_only=(0,), infer=lambda *_: UNKNOWN),
    )  # fmt: skip
