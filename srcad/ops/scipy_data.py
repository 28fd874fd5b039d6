"""Rules for `scipy.integrate` on samples, `scipy.signal` convolutions and filters, and sparse solvers; and why other solvers have none."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import FLOAT, UNKNOWN, Array, Struct, Type, dtype_kind
from srcad.ops import scipy_filters, scipy_integrals, scipy_iterative
from srcad.ops.active_options import optional
from srcad.ops.compose import composed, through
from srcad.ops.entry import Sample
from srcad.ops.infer import ANY, shaped_like
from srcad.ops.op import Spellings, bilinear, general, helper, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_constraints import constraints
from srcad.ops.scipy_minima import minima
from srcad.ops.scipy_periodograms import spectra
from srcad.ops.scipy_conversions import conversions
from srcad.ops.scipy_responses import responses
from srcad.ops.scipy_roots import roots
from srcad.ops.scipy_words import op_of, unruled
from srcad.ops.trace import apply, o, rank, type_at

CORNER = (
    "its solution is the corner where some of the constraints hold with equality, and moves with these alone",
    "call it on srcad.stop_gradient of what is differentiated, and solve the equations and the inequalities and bounds without slack",
)
CHOICE = (
    "its solution is a choice, which changes by steps",
    "call it on srcad.stop_gradient of what is differentiated, and compute the cost of the choice from the arguments",
)
SEARCH = (
    "it searches a grid",
    "call it on srcad.stop_gradient of what is differentiated, and give the point that it finds to `minimize` as the start",
)
FLOW = (
    "it chooses its mesh by the values",
    "write the steps as a loop, which is differentiated as it stands, or integrate the sensitivities with the solution",
)


def _name(module: str, name: str) -> dict[str, Any]:
    return {"name": f"{module}.{name}", "path": "", "op": op_of(module, name)}


# ---- integrals of samples --------------------------------------------------------------------------------------------
def _cumulative(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1, initial: Any = None) -> Any:
    """The sums of the trapezoids."""
    last = y if axis == -1 else apply("np.moveaxis", y, axis, -1)
    steps = dx
    if x is not None:
        steps = apply("np.diff", x if getattr(type_at(x), "ndim", 1) == 1 or axis == -1 else apply("np.moveaxis", x, axis, -1))
    sums = apply("np.cumsum", 0.5 * steps * (last[..., 1:] + last[..., :-1]), axis=-1)
    if initial is not None:
        sums = apply("np.concatenate", [0.0 * last[..., :1], sums], axis=-1)
    return sums if axis == -1 else apply("np.moveaxis", sums, -1, axis)


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    return apply("np.trapezoid", y, x, dx, axis)


def _simpson(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    return apply("np.sum", y * apply("simpson_weights", y, x, dx, axis), axis=axis)


def _simpson_of_points(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """The same by its points: a parabola for each two steps, and for the last one where their number is odd."""
    if x is None:
        return _simpson(y, x, dx, axis)
    if axis != -1:
        y, x = (v if getattr(type_at(v), "ndim", 1) == 1 else apply("np.moveaxis", v, axis, -1) for v in (y, x))
    h = apply("np.diff", x)
    first, second = h[..., :-1:2], h[..., 1::2]
    both, share = first + second, first / second
    pairs = (2.0 - 1.0 / share) * y[..., :-2:2] + both * both / (first * second) * y[..., 1:-1:2] + (2.0 - share) * y[..., 2::2]
    before, last = h[..., -2:-1], h[..., -1:]
    near = (2.0 * last * last + 3.0 * before * last) / (before + last) * y[..., -1:]
    near = near + (last * last / before + 3.0 * last) * y[..., -2:-1] - last * last * last / (before * (before + last)) * y[..., -3:-2]
    steps = apply("np.size", h, -1)
    alone = 3.0 * (steps == 1) * last * (y[..., -1:] + y[..., -2:-1])
    near = (steps % 2) * apply("np.sum", near, axis=-1) + apply("np.sum", alone, axis=-1)
    return (apply("np.sum", both * pairs, axis=-1) + near) / 6.0


def _simpson_of_step(y: Any, x: Any, dx: Any, axis: Any = -1) -> Any:
    return _simpson(y, x, None, axis) if x is not None else dx * _simpson(y, None, 1.0, axis)


def _by_points(fn: Any, names: tuple[str, ...], sample: Any) -> Spellings:
    """`integrate.simpson`: by the ordinates with one weight for each, and by the points where these are differentiated."""
    fields: dict[str, Any] = {"names": names, "operands": 2, "defaults": {"x": None}, "sample": sample, **_name("integrate", "simpson")}
    (brief,) = composed(fn, _simpson, **fields)
    (whole,) = composed(fn, _simpson_of_points, **fields)
    entries = (brief.entry, whole.entry)

    def backward(g: Any, y: Any, operands: Any, statics: Any, wanted: Any) -> Any:
        rule = entries[len(wanted) > 1 and bool(wanted[1])].backward
        assert rule is not None
        return rule(g, y, operands, statics, wanted)

    def forward(tangents: Any, y: Any, operands: Any, statics: Any) -> Any:
        rule = entries[len(tangents) > 1 and tangents[1] is not None].forward
        assert rule is not None
        return rule(tangents, y, operands, statics)

    found = replace(brief, entry=replace(brief.entry, backward=backward, forward=forward))
    return found, *optional(found, "dx", body=_simpson_of_step, sample=calls((arr(5), None, 0.3), (arr(4), None, 0.3)))


def integrals(integrate: Any) -> tuple[Spellings, ...]:
    """`scipy.integrate`."""
    y, x, rows = arr(5), np.array([0.0, 0.3, 1.1, 1.5, 2.4]), arr(2, 5)
    even = arr(4, seed=3)
    sums = calls((y,), (y, x), Sample((rows,), {"dx": 0.1, "axis": 1}), Sample((arr(5, 2),), {"axis": 0}))
    simpsons = calls((y,), (even,), (y, x), (even, x[1:]), Sample((y,), {"dx": 0.1}), Sample((rows, x), {"axis": 1}),
        Sample((arr(4, 2), arr(4, 2, low=0.1).cumsum(axis=0)), {"axis": 0}), Sample((arr(2), x[:2]), {}))
    names, given = ("y", "x", "dx", "axis"), {"x": None, "dx": 1.0}
    return (
        composed(integrate.trapezoid, _trapezoid, names=names, operands=3, defaults=given, sample=sums, **_name("integrate", "trapezoid")),
        composed(integrate.cumulative_trapezoid, _cumulative, names=(*names, "initial"), operands=3, defaults=given, statics=("initial",),
            sample=calls((y,), (y, x), Sample((rows,), {"initial": 0}), Sample((arr(5, 2),), {"axis": 0})),
            **_name("integrate", "cumulative_trapezoid")),
        _by_points(integrate.simpson, names, simpsons),
        step_helper(runtime.simpson_weights, shape_only=(0,)),
        *scipy_integrals.integrals(integrate), *_unruled(integrate, "integrate"),
    )  # fmt: skip


_BY_FUNCTION = {
    "integrate": {FLOW: "solve_bvp"},
    "optimize": {CORNER: "linprog", CHOICE: "milp linear_sum_assignment", SEARCH: "brute"},
}  # fmt: skip


def _unruled(module: Any, name: str) -> tuple[Spellings, ...]:
    """Solvers that take a function."""
    named = [(n, why) for why, names in _BY_FUNCTION[name].items() for n in names.split() if hasattr(module, n)]
    return tuple(unruled(getattr(module, n), name, n, *why) for n, why in named)


def equations(optimize: Any) -> tuple[Spellings, ...]:
    """`scipy.optimize`: solutions, whose derivative is not that of the steps which found them."""
    return (*roots(optimize), *minima(optimize), *constraints(optimize), *_unruled(optimize, "optimize"))


# ---- convolutions and filters ----------------------------------------------------------------------------------------
def convolution_transpose(g: Any, a: Any, b: Any, mode: Any = "full", **options: Any) -> tuple[Any, Any]:
    """Correlations of the cotangent with the other operand."""
    return apply("convolution_back", g, a, b, mode, True), apply("convolution_back", g, b, a, mode, False)


def _correlate(a: Any, b: Any, mode: Any = "full", method: Any = "auto") -> Any:
    if dtype_kind(type_at(b)) in ("c", ""):
        b = apply("np.conj", b)
    return apply("signal.convolve", a, apply("np.flip", b), mode)


def _from_state(b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> tuple[Any, Any]:
    """A filter that starts in a state, and the state in which it ends.

    The state adds to the first outputs, as if these were fed back; the last state is what a filter without input goes on with.
    """
    x, zi = _last(x, axis), _last(zi, axis)
    steady = o.zeros_like(x[..., :1]) + zi  # of the shape of the state, where that was broadcast
    poles, n = apply("np.ravel", a), apply("shape_at", x, -1)
    fed = apply("signal.lfilter", poles[:1], a, apply("np.concatenate", [steady, o.zeros_like(x)], -1))
    whole = apply("signal.lfilter", b, a, apply("np.concatenate", [x, o.zeros_like(steady)], -1)) + fed
    found = whole[..., :n], apply("signal.lfilter", poles / poles[0], [1.0], whole[..., n:])
    return _last(found[0], -1, axis), _last(found[1], -1, axis)


def _filtered(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """As the signal, and with a state as that too, where all is known to be of doubles."""
    b, a, x, _, zi = operands
    if zi is not None and UNKNOWN in (b, a, x, zi):
        return Struct(tuple, (), (UNKNOWN, UNKNOWN))
    if not all(_doubles(v) for v in (b, a, x)) or not isinstance(x, Array):
        return None
    known = isinstance(zi, Array) and zi.dtype == "float64"
    return (x if zi is None else None) if not known else Struct(tuple, (), (x, Array("float64", (ANY,) * zi.ndim)))


def _doubles(x: Any) -> bool:
    """Whether a filter's coefficients or signal are of doubles, or of Python's numbers."""
    if isinstance(x, list | tuple):
        return all(isinstance(v, int | float) or v == FLOAT for v in x)
    return isinstance(x, Array) and x.dtype == "float64"


def _last(x: Any, axis: Any, to: Any = -1) -> Any:
    """The array with its axis as another one."""
    return x if axis == to or rank(x) == 1 else apply("np.moveaxis", x, axis, to)


_STATE_VJP, _STATE_JVP = through(_from_state)


def lfilter_vjp(g: Any, y: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> tuple[Any, ...]:
    """The filter run backwards in time; correlations for its coefficients."""
    if zi is not None:
        return _STATE_VJP(g, y, b, a, x, axis, zi)
    back = apply("np.flip", g, axis)
    poles = apply("np.flip", apply("signal.lfilter", [1.0], a, back, axis), axis)
    x_bar = apply("np.flip", apply("signal.lfilter", b, a, back, axis), axis)
    return apply("lags", poles, x, b, axis), -apply("lags", poles, y, a, axis), x_bar, None, None


def lags_vjp(c: Any, y: Any, g: Any, x: Any, like: Any, axis: Any = -1) -> tuple[Any, Any, None]:
    """Both filtered by the cotangents of the lags, one of them backwards."""
    back = apply("np.flip", apply("signal.lfilter", c, [1.0], apply("np.flip", g, axis), axis), axis)
    return apply("signal.lfilter", c, [1.0], x, axis), back, None


def lags_jvp(t: Any, y: Any, g: Any, x: Any, like: Any, axis: Any = -1) -> Any:
    """Linear in both; there are as many lags as before."""
    first = None if t[0] is None else apply("lags", t[0], x, like, axis)
    second = None if t[1] is None else apply("lags", g, t[1], like, axis)
    return second if first is None else first if second is None else first + second


def lfilter_jvp(t: Any, y: Any, b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    """A filter of each tangent."""
    if zi is not None:
        return _STATE_JVP(t, y, b, a, x, axis, zi)
    terms = [
        None if t[0] is None else apply("signal.lfilter", t[0], a, x, axis),
        None if t[1] is None else -apply("signal.lfilter", t[1], a, y, axis),
        None if t[2] is None else apply("signal.lfilter", b, a, t[2], axis),
    ]
    found = [v for v in terms if v is not None]
    total = found[0]
    for v in found[1:]:
        total = total + v
    return total


def _rerun(c: Any, g: Any, x: Any, other: Any, mode: Any, first: Any) -> Any:
    """A convolution with the cotangent's cotangent in the place of the operand."""
    return apply("signal.convolve", c, other, mode) if first else apply("signal.convolve", other, c, mode)


def _back_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The shape of the operand, in the precision of what is convolved with the cotangent."""
    g, x, other = args[:3]
    if not all(isinstance(a, Array) for a in (g, x, other)):
        return UNKNOWN if isinstance(x, Array) else None
    return Array(np.result_type(g.dtype, other.dtype).name, x.shape)


def filters(signal: Any) -> tuple[Spellings, ...]:
    """`scipy.signal`."""
    long, short, image, kernel = arr(5), arr(3, seed=1), arr(4, 5), arr(2, 3, seed=1)
    pairs = ((long, short), (image, kernel), (short, long))
    modes = calls(*((a, b, mode) for a, b in pairs for mode in ("full", "same", "valid")))
    names = ("in1", "in2", "mode", "method")
    back: dict[str, Any] = {"names": ("g", "x", "other", "mode", "first"), "operands": 3, "infer": _back_type}
    return (
        bilinear(signal.convolve, transpose=convolution_transpose, names=names, sample=modes, **_name("signal", "convolve")),
        bilinear(signal.fftconvolve, transpose=convolution_transpose, names=names[:3], sample=modes, **_name("signal", "fftconvolve")),
        composed(signal.correlate, _correlate, names=names, operands=2, arrays=2, sample=modes, **_name("signal", "correlate")),
        general(signal.lfilter, vjp=lfilter_vjp, jvp=lfilter_jvp, names=("b", "a", "x", "axis", "zi"), operands=5, arrays=3,
            defaults={"axis": -1}, infer=_filtered,
            sample=calls((short, np.array([1.2, 0.3]), long), (short, np.array([1.0, -0.4, 0.2]), arr(2, 5)),
                (short, np.array([1.0]), arr(5, 2), 0), (short, np.array([1.2, 0.3]), long, -1, arr(2)),
                (short, np.array([1.2, 0.3]), arr(5, 2), 0, arr(2, 1))), **_name("signal", "lfilter")),
        helper(runtime.convolution_back, general, **back, jvp=_back_forth, vjp=_back_back),
        helper(runtime.lags, general, names=("g", "x", "like", "axis"), operands=3, infer=shaped_like(2), vjp=lags_vjp, jvp=lags_jvp,
            sample=calls((long, arr(5, seed=1), short), (arr(2, 5), arr(2, 5, seed=1), short), (arr(5, 2), arr(5, 2, seed=1), short, 0))),
        *scipy_filters.rules(signal, convolution_transpose), *spectra(signal), *responses(signal), *conversions(signal),
    )  # fmt: skip


def _back_back(c: Any, y: Any, g: Any, x: Any, other: Any, mode: Any, first: Any) -> tuple[Any, None, Any]:
    return _rerun(c, g, x, other, mode, first), None, apply("convolution_back", g, other, c, mode, not first)


def _back_forth(t: Any, y: Any, g: Any, x: Any, other: Any, mode: Any, first: Any) -> Any:
    one = None if t[0] is None else apply("convolution_back", t[0], x, other, mode, first)
    two = None if t[2] is None else apply("convolution_back", g, x, t[2], mode, first)
    return one if two is None else two if one is None else one + two


# ---- sparse matrices -------------------------------------------------------------------------------------------------
def spsolve_jvp(t: Any, y: Any, a: Any, b: Any, **options: Any) -> Any:
    """Linear in the right side; the matrix must be constant."""
    if t[0] is not None:
        raise NoRule("`scipy.sparse.linalg.spsolve` has no derivative with respect to the matrix", "keep the matrix constant")
    return apply("sparse_linalg.spsolve", a, t[1], **options)


def spsolve_vjp(g: Any, y: Any, a: Any, b: Any, **options: Any) -> tuple[None, Any]:
    """The transposed matrix."""
    return None, apply("sparse_linalg.spsolve", apply("ndarray.T", a), g, **options)


def sparse(module: Any) -> tuple[Spellings, ...]:
    """`scipy.sparse.linalg`."""
    op = Op("sparse_linalg.spsolve", "spsolve(*_)", ("scipy.sparse.linalg:spsolve",), Effect.RAISES)
    return (
        general(module.spsolve, vjp=spsolve_vjp, jvp=spsolve_jvp, names=("A", "b", "permc_spec", "use_umfpack"), operands=2, name=op.name,
            path="", op=op, infer=shaped_like(1)), *scipy_iterative.rules(module),
    )  # fmt: skip
