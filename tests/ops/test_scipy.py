"""Rules for SciPy's packages beside `special`, and for `numpy.polynomial`: every entry on its samples, both modes, recorded and run, and second order where it has one."""
from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import srcad
from srcad.errors import NoRule
from srcad.ops import table
from srcad.ops.entry import Entry, Sample
from tests.ops import test_rules
from tests.ops.test_recording import LENGTHS, agree, second_order
from tests.ops.test_rules import check

scipy = pytest.importorskip("scipy")
PACKAGES = ("linalg", "stats", "integrate", "optimize", "signal", "sparse.linalg", "interpolate", "ndimage", "fft", "spatial.distance")


def _entries() -> dict[str, Entry]:
    for package in PACKAGES:
        importlib.import_module(f"scipy.{package}")
    importlib.import_module("numpy.polynomial")
    table.by_object(len)
    return {n: e for n, e in table.entries().items() if n.partition(".")[0] in (*PACKAGES, "sparse_linalg", "distance") or _is_helper(e) or n.startswith("np.polynomial.")}


def _is_helper(entry: Entry) -> bool:
    """Helpers of the rules of these packages."""
    return getattr(entry.fn, "__module__", "") in ("srcad.runtime.factors", "srcad.runtime.filters")


ENTRIES = _entries()
from scipy import interpolate  # noqa: E402
from scipy.sparse.linalg import spsolve  # noqa: E402  the packages above come first

CASES = [(f"{n}-{k}", e, s) for n, e in ENTRIES.items() if e.differentiable and e.samples is not None for k, s in enumerate(e.samples())]
EVERY = pytest.mark.parametrize(("entry", "sample"), [(e, s) for _, e, s in CASES], ids=[n for n, _, _ in CASES])


@EVERY
def test_rule(entry: Entry, sample: Sample) -> None:
    check(entry, sample)


@EVERY
def test_recorded_rule(entry: Entry, sample: Sample) -> None:
    for known in LENGTHS:
        agree(entry, sample, known)


@EVERY
def test_second_order(entry: Entry, sample: Sample) -> None:
    if not entry.order2:
        pytest.skip("first order only")
    second_order(entry, sample)


@EVERY
def test_single_operands(entry: Entry, sample: Sample) -> None:
    test_rules.test_single_operands(entry, sample)


@EVERY
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_float32(entry: Entry, sample: Sample) -> None:
    """SciPy warns where single precision is not enough for an algorithm, or an integer is one of its floats."""
    test_rules.test_float32(entry, sample)


def test_every_entry_has_samples() -> None:
    """Helpers are tried through the rules that record them; sparse matrices and interpolators are no samples, and are tried below.

    Riccati equations are in `test_scipy_matrices.py`.
    """
    bare = {n for n, e in ENTRIES.items() if e.differentiable and e.samples is None and not e.refused and n.partition(".")[0] in (*PACKAGES, "sparse_linalg", "distance")}
    objects = {f"interpolate.{n}" for n in "spline b_spline line grid univariate ev surface".split()}
    assert bare == {"sparse_linalg.spsolve", "linalg.solve_continuous_are", "linalg.solve_discrete_are", *objects}


def test_constant_sparse_matrices() -> None:
    dense = np.array([[2.0, 0.3, 0.0], [0.0, 1.7, -0.4], [0.6, 0.0, 2.2]])
    a, b = scipy.sparse.csr_matrix(dense), scipy.sparse.csc_array(dense)
    x = np.array([0.3, -0.5, 1.2])

    def f(x: Any) -> Any:
        return np.sum((a @ x) ** 2) + np.sum((x @ b) ** 3) + np.sum((b @ np.outer(x, x)) ** 2) + np.sum(spsolve(b, x) ** 2) + np.sum(b.dot(x) ** 3)

    assert srcad.check_grads(f, x).ok
    with pytest.raises(NoRule, match="matrix"):
        table.spelling("sparse_linalg.spsolve").entry.jvp((1.0, None), x, (b, x))  # type: ignore[union-attr]


def residual(x: Any, p: Any) -> Any:
    return x * x - p


@pytest.mark.parametrize("solve", [
    lambda p: scipy.integrate.nquad(lambda x: x * p, [(0.0, 1.0)])[0],
    lambda p: scipy.integrate.dblquad(lambda x, y: x * y, 0.0, 1.0, 0.0, p)[0],
    lambda p: scipy.integrate.dblquad(lambda x, y: x * y, 0.0, 1.0, 0.0, lambda y: p * y)[0],
], ids=["nquad", "moving_limit", "moving_limit_function"])  # fmt: skip
def test_solvers_are_refused_with_the_way_out(solve: Any) -> None:
    with pytest.raises(NoRule, match="rule"):
        srcad.grad(solve)(2.0)


def test_the_way_out_of_a_root() -> None:
    """The Newton step that the refusal advises has the derivative of the solution: of the square root."""

    def root(p: Any) -> Any:
        x = scipy.optimize.brentq(residual, 0.0, 9.0, args=(srcad.stop_gradient(p),))
        return x - residual(x, p) / (2.0 * x)

    np.testing.assert_allclose(srcad.grad(root)(2.0), 0.5 / np.sqrt(2.0), rtol=1e-12)


def test_masked_densities() -> None:
    """Outside of its support a density is constant."""
    assert srcad.grad(lambda x: scipy.stats.expon.pdf(x) * 1.0)(-0.3) == 0.0
    assert srcad.grad(lambda x: scipy.stats.lognorm.pdf(x, 0.7) * 1.0)(-0.3) == 0.0


def test_location_and_scale_by_keyword() -> None:
    x = np.array([0.3, 1.1])
    assert srcad.check_grads(lambda s: np.sum(scipy.stats.norm.logpdf(x, scale=s)), 1.3).ok
    assert srcad.check_grads(lambda a, s: np.sum(scipy.stats.gamma.logpdf(x, scale=s, a=a)), 1.3, 0.8).ok


def test_frozen_distributions() -> None:
    """With differentiated parameters; what has no rule is refused by name."""
    x, stats = np.array([0.3, 1.1]), scipy.stats

    def f(p: Any) -> Any:
        curve = stats.norm(p[0], scale=p[1])
        return np.sum(curve.logpdf(x) * curve.cdf(x)) + np.sum(stats.gamma(p[0], scale=p[1]).pdf(x)) + stats.binom(5, p[1] / 2.0).logpmf(2)

    srcad.check_grads(f, np.array([1.2, 0.8]), order=1)
    with pytest.raises(NoRule, match="frozen"):
        srcad.grad(lambda p: stats.norm(p).interval(0.9)[0] * 1.0)(0.3)


def test_moments_by_location_and_scale() -> None:
    """Of every distribution with a rule; a shape is refused."""
    def f(loc: Any, scale: Any) -> Any:
        stats = scipy.stats
        curve = stats.gamma(2.0, loc, scale)
        total = stats.norm.mean(loc, scale) * stats.t.var(5, loc, scale) + stats.beta.median(2.0, 3.0, loc=loc, scale=scale) ** 2
        return total + curve.mean() * curve.std() + curve.var() * curve.median() + curve.entropy() * stats.expon.entropy(scale=scale)

    srcad.check_grads(f, 0.4, 1.3, order=2)
    srcad.check_grads(f, np.array([0.4, -0.2]), 1.3)
    with pytest.raises(NoRule, match="no derivative with respect to argument 1"):
        srcad.grad(lambda a: scipy.stats.gamma.mean(a))(1.3)


def test_a_covariance_by_its_diagonal() -> None:
    x, mean = np.array([[0.3, 1.1], [0.7, -0.2]]), np.array([0.4, -0.1])

    def density(x: Any, mean: Any, v: Any) -> Any:
        return scipy.stats.multivariate_normal.logpdf(x, mean, v) + scipy.stats.multivariate_normal.pdf(x, mean, v * (1.0 + mean**2))

    srcad.check_grads(density, x, mean, 0.7, order=2)
    srcad.check_grads(lambda x, mean: scipy.stats.multivariate_normal.logpdf(x, mean=mean), x, mean, order=2)
    with pytest.raises(NoRule, match="mean is a vector"):
        srcad.grad(lambda v: np.sum(scipy.stats.multivariate_normal.logpdf(np.ones(2), cov=v)))(0.7)


NORMAL = scipy.stats.norm(0.3, 1.2)


@pytest.mark.parametrize("f", [
    lambda x: scipy.stats.norm(0, 1).cdf(x), lambda x: scipy.stats.norm(loc=0.3, scale=2.0).ppf(x), lambda x: NORMAL.logpdf(x),
    lambda x: scipy.stats.gamma(2.0).logpdf(x) * scipy.stats.norm(0.5, 2.0).mean(), lambda x: scipy.stats.beta(2.0, 3.0, loc=0.1).sf(x),
    lambda x: sum(d.logpdf(x) for d in (scipy.stats.norm(0, 1), scipy.stats.t(4))),
], ids=["cdf", "ppf", "global", "mean", "shapes", "loop"])  # fmt: skip
def test_frozen_distributions_of_constants(f: Any) -> None:
    value, _ = srcad.value_and_grad(f)(0.7)
    assert value == f(0.7)
    assert srcad.check_grads(f, 0.7).ok


def test_results_of_tests_by_name_and_place() -> None:
    x, y = np.array([0.3, 1.1, 0.7, 0.2]), np.array([0.1, 0.9, 1.3, 0.4])

    def f(x: Any) -> Any:
        slope, intercept, r, p, error = scipy.stats.linregress(x, y)
        test = scipy.stats.ttest_ind(x, y)
        return slope * intercept + r * p + error + scipy.stats.pearsonr(x, y)[0] * test.pvalue + test.statistic

    assert srcad.check_grads(f, x, order=2).ok
    welch = srcad.grad(lambda x: scipy.stats.ttest_ind(x, y, equal_var=False).statistic)(x)
    by_hand = srcad.grad(lambda x: (np.mean(x) - np.mean(y)) / np.sqrt(np.var(x, ddof=1) / 4 + np.var(y, ddof=1) / 4))(x)
    np.testing.assert_allclose(welch, by_hand)
    with pytest.raises(NoRule, match="argument 1"):
        srcad.grad(lambda x: scipy.stats.ttest_ind(x, y, equal_var=False).pvalue)(x)
    with pytest.warns(srcad.CutWarning):
        assert not np.any(srcad.grad(lambda x: scipy.stats.spearmanr(x, y)[0])(x))


def test_gaussian_process() -> None:
    """Factor once, solve and take the determinant from the factor."""
    k, y = np.array([[2.0, 0.4, 0.1], [0.4, 1.5, 0.3], [0.1, 0.3, 1.8]]), np.array([0.3, -0.7, 1.1])

    def evidence(k: Any, y: Any) -> Any:
        factor = scipy.linalg.cho_factor(k, lower=True)
        return 0.5 * np.dot(y, scipy.linalg.cho_solve(factor, y)) + np.sum(np.log(np.diag(factor[0])))

    assert srcad.check_grads(evidence, k, y, order=2).ok


KNOTS = np.arange(5.0)
SINES = np.sin(KNOTS)
BOTH = np.stack([SINES, SINES**2], 1)
TABLE = np.outer(SINES, SINES) + KNOTS
POINTS, PAIRS = np.array([0.3, 1.4, 2.2]), np.array([[0.3, 0.5], [1.2, 2.1]])
CURVES = {
    "cubic": (interpolate.CubicSpline(KNOTS, SINES), POINTS), "columns": (interpolate.CubicSpline(KNOTS, BOTH), POINTS),
    "rows": (interpolate.CubicSpline(KNOTS, BOTH.T, axis=1), POINTS), "number": (interpolate.CubicSpline(KNOTS, BOTH), 0.7),
    "pchip": (interpolate.PchipInterpolator(KNOTS, SINES), POINTS), "b": (interpolate.make_interp_spline(KNOTS, SINES, 3), POINTS),
    "line": (interpolate.interp1d(KNOTS, SINES), POINTS), "lines": (interpolate.interp1d(KNOTS, BOTH.T), POINTS),
    "outside": (interpolate.interp1d(KNOTS, SINES, bounds_error=False, fill_value=0.0), 3.0 * POINTS),
    "beyond": (interpolate.interp1d(KNOTS, SINES, fill_value="extrapolate"), 3.0 * POINTS),
    "grid": (interpolate.RegularGridInterpolator((KNOTS, KNOTS), TABLE), PAIRS),
    "grid_beyond": (interpolate.RegularGridInterpolator((KNOTS, KNOTS), TABLE, bounds_error=False, fill_value=None), 2.6 * PAIRS),
    "grid_outside": (interpolate.RegularGridInterpolator((KNOTS, KNOTS), TABLE, bounds_error=False, fill_value=0.0), 2.6 * PAIRS),
    "grid_vectors": (interpolate.RegularGridInterpolator((KNOTS, KNOTS), np.stack([TABLE, TABLE**2], -1)), PAIRS),
    "grid_cubic": (interpolate.RegularGridInterpolator((KNOTS, KNOTS), TABLE, method="cubic"), PAIRS),
}  # fmt: skip


@pytest.mark.parametrize("name", CURVES)
def test_interpolators(name: str) -> None:
    curve, x = CURVES[name]
    assert srcad.check_grads(lambda x: np.sum(curve(x) ** 2) + np.sum(curve(x)), x).ok


SPREAD = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.4, 0.6], [0.7, 0.2]])
PLANE = np.array([[0.3, 0.4], [0.6, 0.55], [3.0, 0.1]])
TCK = interpolate.splrep(KNOTS, SINES)
FITPACK = {
    "class": lambda x: interpolate.UnivariateSpline(KNOTS, SINES, s=0)(x) ** 2, "slopes": lambda x: interpolate.InterpolatedUnivariateSpline(KNOTS, SINES)(x, 1),
    "beyond": lambda x: interpolate.UnivariateSpline(KNOTS, SINES, s=0)(3.0 * x), "level": lambda x: interpolate.UnivariateSpline(KNOTS, SINES, s=0, ext=3)(3.0 * x),
    "lines": lambda x: interpolate.UnivariateSpline(KNOTS, SINES, s=0, k=1)(x), "splev": lambda x: interpolate.splev(x, TCK, ext=1) * x,
    "surface": lambda x: interpolate.RectBivariateSpline(KNOTS, KNOTS, TABLE).ev(x, x[0] ** 2 + 1.0),
    "pairs": lambda x: interpolate.RectBivariateSpline(KNOTS, KNOTS, TABLE)(2.0 * x, x, dx=1, grid=False),
}  # fmt: skip


@pytest.mark.parametrize("name", FITPACK)
def test_splines_of_fitpack_at_differentiated_points(name: str) -> None:
    srcad.check_grads(FITPACK[name], POINTS, order=1 if name == "pairs" else 2)


def test_coefficients_of_fitpack() -> None:
    """As part of a tuple they were taken for whole numbers: reverse mode gave 0.  Knots have no rule."""
    srcad.check_grads(lambda c, x: interpolate.splev(x, (TCK[0], c, 3), ext=3) ** 2, TCK[1], 3.0 * POINTS, order=2)
    srcad.check_grads(lambda c, a: interpolate.splint(a, 3.0 * a, (TCK[0], c, 3)) ** 2, TCK[1], 0.9, order=2)
    with pytest.raises(NoRule, match="knots"):
        srcad.vjp(lambda t: interpolate.splev(0.7, (t, TCK[1], 3)), TCK[0])


@pytest.mark.parametrize("f", [
    lambda v: interpolate.griddata(SPREAD, v, PLANE, fill_value=0.3), lambda v: interpolate.griddata((SPREAD[:, 0], SPREAD[:, 1]), v, (PLANE[:, :1], PLANE[:2, 1]), "nearest"),
    lambda v: interpolate.LinearNDInterpolator(SPREAD, np.stack([v, v * v], 1))(PLANE[:2]), lambda v: interpolate.RBFInterpolator(SPREAD, v, kernel="gaussian", epsilon=1.3)(PLANE),
    lambda v: interpolate.RBFInterpolator(SPREAD, np.stack([v, v * v], 1), neighbors=4)(PLANE),
    lambda v: interpolate.LinearNDInterpolator(SPREAD, v)(0.3, 0.4), lambda v: interpolate.NearestNDInterpolator(SPREAD, v)(0.3, 0.4),
    lambda v: interpolate.LinearNDInterpolator(SPREAD, v)([0.3, 0.4]), lambda v: interpolate.NearestNDInterpolator(SPREAD, v)((PLANE[:3, 0], 0.4)),
], ids=["linear", "nearest", "vectors", "radial", "neighbours", "linear at one", "nearest at one", "linear at a row", "by coordinates"])  # fmt: skip
def test_values_at_scattered_points(f: Any) -> None:
    v = np.sin(np.arange(6.0))
    np.testing.assert_array_equal(srcad.vjp(f, v)[0], f(v))
    srcad.check_grads(lambda v: f(v) ** 2, v, order=2)


def test_derivatives_of_splines() -> None:
    curve = CURVES["cubic"][0]
    assert srcad.check_grads(lambda x: np.sum(curve(x, 1) ** 2), POINTS).ok
    made = srcad.grad(lambda x: np.sum(interpolate.CubicSpline(KNOTS, SINES)(x)))(POINTS)
    np.testing.assert_allclose(made, curve(POINTS, 1))


FITS = {
    "cubic": lambda y, x: interpolate.CubicSpline(KNOTS, y)(x), "columns": lambda y, x: interpolate.CubicSpline(KNOTS, np.stack([y, y * y], 1))(x),
    "ends": lambda y, x: interpolate.CubicSpline(KNOTS, y, bc_type=((1, 0.7), "natural"))(x, 1),
    "b": lambda y, x: interpolate.make_interp_spline(KNOTS, np.stack([y, y * y]), axis=1)(x),
    "basis": lambda y, x: interpolate.BSpline(np.arange(9.0), y, 3)(x + 3.0), "line": lambda y, x: interpolate.interp1d(KNOTS, y)(x),
    "outside": lambda y, x: interpolate.interp1d(KNOTS, y, bounds_error=False, fill_value=0.7)(3.0 * x),
    "beyond": lambda y, x: interpolate.interp1d(KNOTS, np.stack([y, y * y]), fill_value="extrapolate")(3.0 * x),
    "pchip": lambda y, x: interpolate.PchipInterpolator(KNOTS, y)(x), "rows": lambda y, x: interpolate.PchipInterpolator(KNOTS, np.stack([y, y[::-1] ** 2], 1))(x),
    "akima": lambda y, x: interpolate.Akima1DInterpolator(KNOTS, y)(x, 1), "makima": lambda y, x: interpolate.Akima1DInterpolator(KNOTS, y, method="makima")(x),
    "hermite": lambda y, x: interpolate.CubicHermiteSpline(KNOTS, y, y[::-1] ** 2)(x), "krogh": lambda y, x: interpolate.KroghInterpolator(KNOTS, y)(x),
    "univariate": lambda y, x: interpolate.UnivariateSpline(KNOTS, y, s=0)(x), "fitpack": lambda y, x: interpolate.InterpolatedUnivariateSpline(KNOTS, y, k=2)(x),
    "least_squares": lambda y, x: interpolate.LSQUnivariateSpline(KNOTS, y, [2.1], k=2)(x),
    "b_least_squares": lambda y, x: interpolate.make_lsq_spline(KNOTS, y, np.array([0.0, 0.0, 0.0, 4.0, 4.0, 4.0]), k=2)(x),
    "smoothing": lambda y, x: interpolate.make_smoothing_spline(KNOTS, y, lam=0.3)(x),
    "splrep": lambda y, x: interpolate.splev(x, interpolate.splrep(KNOTS, y), 1), "splint": lambda y, x: interpolate.splint(0.2, x[0], interpolate.splrep(KNOTS, y, s=0)),
    "knots": lambda y, x: interpolate.splev(x, interpolate.splrep(KNOTS, y, np.arange(1.0, 6.0), k=2, t=[2.1])),
    "powers": lambda y, x: interpolate.PPoly(np.stack([y, y * y, np.cos(y)]), np.arange(6.0))(x), "bernstein": lambda y, x: interpolate.BPoly(np.stack([y, y * y]), np.arange(6.0))(x, 1),
    "integral": lambda y, x: interpolate.CubicSpline(KNOTS, np.stack([y, y * y], 1)).integrate(0.2, x[0]), "integral_of": lambda y, x: interpolate.UnivariateSpline(KNOTS, y, s=0).integral(x[0], 2.2),
    "krogh_at": lambda y, x: interpolate.krogh_interpolate(KNOTS, y, x, der=1), "pchip_at": lambda y, x: interpolate.pchip_interpolate(KNOTS, y, x),
    "slopes": lambda y, x: interpolate.CubicSpline(KNOTS, y).derivative()(x), "areas": lambda y, x: interpolate.PchipInterpolator(KNOTS, y).antiderivative()(x),
}  # fmt: skip


TWICE = ("splrep", "splint", "integral", "powers", "cubic", "line", "basis", "pchip", "akima", "krogh", "univariate", "least_squares")


def test_monotone_slopes_at_ends_and_turns() -> None:
    """Where the chords change their sign the slope is 0, and ends are bounded: each branch of the formula, against SciPy's curves."""
    for y in (np.array([0.0, 1.0, 0.9, 0.95, 4.0]), np.array([0.0, 0.1, 3.0, 2.0, 1.7]), np.array([1.0, 1.1, 2.0, 5.0, 4.9])):
        srcad.check_grads(lambda y: interpolate.PchipInterpolator(KNOTS, y)(POINTS + 1.5), y, order=1)
    srcad.check_grads(lambda y: interpolate.PchipInterpolator(KNOTS[:2], y)(0.3), SINES[:2], order=1)


@pytest.mark.parametrize("name", FITS)
def test_fits_to_differentiated_values(name: str) -> None:
    """By the values and by the points, those of each kind of curve twice."""
    f = FITS[name]
    assert srcad.value_and_grad(lambda y: np.sum(f(y, POINTS)))(SINES)[0] == np.sum(f(SINES, POINTS))
    srcad.check_grads(lambda y, x: np.sum(f(y, x) ** 3), SINES, POINTS, order=2 if name in TWICE else 1)


GRIDS = {
    "linear": lambda v, x: interpolate.RegularGridInterpolator((KNOTS, KNOTS), v)(x), "number": lambda v, x: interpolate.interpn((KNOTS, KNOTS), v, x[0]),
    "outside": lambda v, x: interpolate.RegularGridInterpolator((KNOTS, KNOTS), v, bounds_error=False, fill_value=0.7)(2.6 * x),
    "beyond": lambda v, x: interpolate.RegularGridInterpolator((KNOTS, KNOTS), v, bounds_error=False, fill_value=None)(2.6 * x),
    "vectors": lambda v, x: interpolate.interpn((KNOTS, KNOTS), np.stack([v, v * v], -1), x), "falling": lambda v, x: interpolate.interpn((KNOTS[::-1], KNOTS), v, x),
    "cubic": lambda v, x: interpolate.RegularGridInterpolator((KNOTS, KNOTS), v, method="cubic")(x),
}  # fmt: skip


@pytest.mark.parametrize("name", GRIDS)
def test_grids_of_differentiated_values(name: str) -> None:
    f = GRIDS[name]
    srcad.check_grads(lambda v, x: np.sum(f(v, x) ** 3), TABLE, PAIRS, order=1)
    along = np.cos(TABLE)
    twice = srcad.jvp(srcad.grad(lambda v: np.sum(f(v, PAIRS) ** 3)), (TABLE,), (along,))[1]
    np.testing.assert_allclose(srcad.hvp(lambda v: np.sum(f(v, PAIRS) ** 3), (TABLE,), (along,)), twice)
    with pytest.raises(NoRule):
        srcad.hessian(lambda x: np.sum(f(TABLE * x[0, 0], x)))(PAIRS)


def test_fits_keep_the_values_that_they_were_made_of() -> None:
    def f(y: Any) -> Any:
        y = y * 1.0
        curve = interpolate.CubicSpline(KNOTS, y)
        y[1] = 9.0
        return np.sum(curve(POINTS) * y[1])

    def shared(y: Any) -> Any:
        y = y * 1.0
        curve = interpolate.BSpline(np.arange(9.0), y, 3)
        y[1] = 9.0
        return np.sum(curve(POINTS + 3.0))

    with pytest.raises(srcad.NotDifferentiable, match="changed since"):
        srcad.grad(shared)(SINES)
    assert srcad.value_and_grad(f)(SINES)[0] == f(SINES)
    srcad.check_grads(f, SINES)


@pytest.mark.parametrize("fit", [
    lambda y: interpolate.PchipInterpolator(y, SINES)(0.3), lambda y: interpolate.CubicSpline(y, SINES)(0.3), lambda y: interpolate.CubicSpline(KNOTS, y).c[0, 0],
    lambda y: interpolate.interp1d(KNOTS, SINES, fill_value=y[0], bounds_error=False)(9.3), lambda y: interpolate.UnivariateSpline(KNOTS, y)(0.3),
], ids=["pchip", "knots", "coefficients", "fill", "smoothing"])  # fmt: skip
def test_fits_that_are_refused(fit: Any) -> None:
    with pytest.raises(NoRule):
        srcad.grad(lambda y: np.sum(fit(y)))(np.sort(SINES) + KNOTS)


def test_lines_of_higher_order_are_refused() -> None:
    cubic = interpolate.interp1d(KNOTS, SINES, kind="cubic")
    with pytest.raises(NoRule, match="interp1d"):
        srcad.grad(lambda x: np.sum(cubic(x)))(POINTS)


def test_filters_with_poles() -> None:
    """Samples have whole coefficients, since others would be differentiated."""
    sections = scipy.signal.butter(3, 0.3, output="sos")
    signal = np.cos(np.arange(40.0)).reshape(2, 20)
    srcad.check_grads(lambda x: scipy.signal.sosfiltfilt(sections, scipy.signal.sosfilt(sections, x)), signal, order=1)
    for derivative in (srcad.grad, lambda f: lambda s: srcad.jvp(f, (s,), (1.0,))):
        with pytest.raises(NoRule, match="argument 1"):
            derivative(lambda s: np.sum(scipy.signal.sosfilt(s * sections, signal)))(1.0)


_STACK = np.cos(np.arange(18.0)).reshape(2, 3, 3) + 3.0 * np.eye(3)
_RIGHT = np.sin(np.arange(6.0)).reshape(2, 3, 1)


@pytest.mark.parametrize("f", [
    lambda a, b: scipy.linalg.solve(a, b), lambda a, b: scipy.linalg.solve(a, b[0, :, 0]), lambda a, b: scipy.linalg.solve(a[0], b),
    lambda a, b: scipy.linalg.solve(a, b, assume_a="pos", lower=True), lambda a, b: scipy.linalg.inv(a) @ b,
    lambda a, b: scipy.linalg.det(a)[:, None] * b[..., 0], lambda a, b: scipy.linalg.expm(a) @ b, lambda a, b: scipy.linalg.sinm(a) @ b,
], ids=["solve", "vector", "one_matrix", "symmetric", "inv", "det", "expm", "sinm"])  # fmt: skip
def test_stacks_of_matrices(f: Any) -> None:
    """Where SciPy takes stacks, so do the rules."""
    stack = _STACK + np.swapaxes(_STACK, -1, -2)
    try:
        f(stack, _RIGHT)
    except ValueError:
        pytest.skip("this SciPy takes single matrices only")
    srcad.check_grads(f, stack, _RIGHT)


@pytest.mark.parametrize("f", [scipy.linalg.norm, scipy.linalg.det, scipy.linalg.inv, scipy.linalg.coshm])
def test_functions_of_the_table_are_differentiated_by_their_rules(f: Any) -> None:
    """Also where they have Python source and are what is handed over."""
    srcad.check_grads(f, _STACK[0])


def test_options_that_repeat_a_default_need_no_rule() -> None:
    got = srcad.grad(lambda a: scipy.linalg.det(a, overwrite_a=False, check_finite=True))(_STACK[0])
    np.testing.assert_allclose(got, srcad.grad(scipy.linalg.det)(_STACK[0]))
    with pytest.raises(NoRule, match="SRC205"):
        srcad.grad(lambda a: scipy.linalg.sqrtm(a, blocksize=32)[0, 0])(_STACK[0])


_SECTION = np.array([0.3, 0.5, 0.7])


@pytest.mark.parametrize("f", [
    lambda x: scipy.optimize.rosen_der(x), lambda x: scipy.optimize.rosen_hess(x), lambda x: scipy.optimize.rosen_hess_prod(x, x * x),
    lambda x: scipy.signal.lp2lp(x, x[:2] + 1.0), lambda x: scipy.signal.lp2bp([1.0], x[:2] + 1.0, x[2])[1],
    lambda x: scipy.signal.windows.exponential(9, tau=x[0]), lambda x: scipy.signal.lp2bs_zpk([], [0.7, -1.0], 9.0, x[0], x[1])[2],
    lambda x: scipy.signal.gauss_spline(x, 3),
], ids=["rosen_der", "rosen_hess", "rosen_hess_prod", "lp2lp", "lp2bp", "exponential", "lp2bs_zpk", "gauss_spline"])  # fmt: skip
def test_functions_that_are_followed_through_their_source(f: Any) -> None:
    srcad.check_grads(f, _SECTION)


def test_distances_of_equal_points_have_derivative_zero() -> None:
    pdist = scipy.spatial.distance.pdist
    np.testing.assert_array_equal(srcad.grad(lambda x: np.sum(pdist(x)))(np.ones((3, 2))), np.zeros((3, 2)))
    assert srcad.grad(lambda x: np.sum(pdist(x)))(np.ones((1, 2))).shape == (1, 2)
    with pytest.raises(NoRule, match="mahalanobis"):
        srcad.grad(lambda x: np.sum(pdist(x, "mahalanobis")))(np.ones((3, 2)))


def test_squareform_both_ways() -> None:
    square = scipy.spatial.distance.squareform
    weights = np.arange(16.0).reshape(4, 4)
    srcad.check_grads(lambda v: np.sum(square(v) * weights) + np.sum(square(square(v) * 2.0) ** 2), np.arange(1.0, 7.0))
    assert srcad.grad(lambda v: np.sum(square(v)))(np.zeros(0)).shape == (0,)


COMPLEX = np.array([[0.3 + 0.1j, 0.7], [0.2, 1.1 - 0.4j]])


@pytest.mark.parametrize(("f", "x"), [
    (scipy.stats.logistic.logpdf, COMPLEX), (scipy.stats.laplace.cdf, COMPLEX), (lambda z: scipy.stats.tvar(z, axis=None), COMPLEX),
    (lambda z: scipy.special.logsumexp(z, return_sign=True)[0], COMPLEX), (lambda w: scipy.ndimage.correlate(np.ones((3, 3)), w), COMPLEX),
], ids=["logpdf", "cdf", "tvar", "logsumexp", "correlate"])  # fmt: skip
def test_complex_numbers_are_refused_where_rules_are_for_real_ones(f: Any, x: Any) -> None:
    """Their formulas gave numbers, and wrong ones."""
    for refused in (lambda: srcad.vjp(f, x), lambda: srcad.jvp(f, (x,), (x,))):
        with pytest.raises(NoRule, match="of complex numbers"):
            refused()


def test_complex_images_are_filtered() -> None:
    srcad.check_grads(lambda z: np.abs(scipy.ndimage.correlate(z, np.array([[0.3, -0.7], [1.1, 0.2]]))), COMPLEX, order=2)


@pytest.mark.parametrize("f", [
    lambda a: scipy.linalg.solve_sylvester(a, np.eye(2), np.ones((2, 2))), lambda a: scipy.linalg.solve_continuous_lyapunov(a, np.ones((2, 2))),
    lambda a: scipy.linalg.solve_discrete_lyapunov(a, np.ones((2, 2))),
], ids=["sylvester", "continuous", "discrete"])  # fmt: skip
def test_equations_of_stacks_are_refused(f: Any) -> None:
    """Where SciPy solves each of them the transpose would have to add up."""
    stack = np.stack([np.diag([0.3, 0.5]), np.diag([0.2, 0.7])])
    with pytest.raises(NoRule, match="on a stack of matrices"):
        srcad.vjp(f, stack)


def test_entropies_of_distributions_that_are_broadcast() -> None:
    """They are stretched first and normalised then."""
    p, q = np.array([[0.3, 0.7], [0.5, 0.2], [0.9, 0.4]]), np.array([0.4, 0.8])
    srcad.check_grads(scipy.stats.entropy, p, q, order=2)
    srcad.check_grads(scipy.stats.entropy, p, q[:1], order=2)


def test_densities_of_one_row() -> None:
    """SciPy gives a number for one point, also if it is the row of a matrix."""
    cov = np.array([[1.5, 0.3], [0.3, 0.8]])
    for x in (np.array([[0.3, -0.7]]), np.array([[0.3, -0.7], [0.1, 0.2]])):
        srcad.check_grads(lambda x: scipy.stats.multivariate_normal.logpdf(x, np.zeros(2), cov) ** 2, x, order=2)


SKEW = scipy.sparse.csr_matrix(np.array([[1.0, 0.5, 0.0], [0.0, 2.0, -0.3], [0.7, 0.0, 3.0]]))


@pytest.mark.parametrize("f", [
    lambda a: (a[0] * SKEW) @ np.ones(3), lambda a: (SKEW / a[0]) @ a, lambda a: np.sum(scipy.sparse.csr_array(SKEW) * a[0]),
    lambda a: (a[0] * scipy.sparse.eye(3) + SKEW) @ a, lambda a: SKEW.T * (SKEW * a),
], ids=["scaled", "divided", "summed", "shifted", "transposed"])  # fmt: skip
def test_sparse_matrices_that_depend_on_what_is_differentiated_are_refused(f: Any) -> None:
    """They were taken for arrays: reverse mode gave numbers, and wrong ones."""
    x = np.array([0.3, 0.7, -0.2])
    for refused in (lambda: srcad.vjp(f, x), lambda: srcad.jvp(f, (x,), (x,))):
        with pytest.raises(NoRule, match="sparse matrix"):
            refused()


@pytest.mark.parametrize("f", [lambda a: SKEW * a, lambda a: a * SKEW, lambda a: SKEW * np.outer(a, a)], ids=["right", "left", "matrix"])
def test_the_star_of_older_sparse_matrices_is_a_product(f: Any) -> None:
    """Its cotangent was that of a product of elements, which is the same for symmetric matrices alone."""
    srcad.check_grads(f, np.array([0.3, 0.7, -0.2]), order=2)


@pytest.mark.parametrize("f", [
    lambda s: scipy.ndimage.gaussian_filter(np.eye(3), s), lambda s: scipy.ndimage.gaussian_filter1d(np.arange(4.0), s),
    lambda s: np.linalg.pinv(np.eye(2), s),
], ids=["gaussian_filter", "gaussian_filter1d", "pinv"])  # fmt: skip
def test_options_by_position_have_no_derivative(f: Any) -> None:
    """Forward mode took them for constants."""
    for refused in (lambda: srcad.vjp(f, 0.9), lambda: srcad.jvp(f, (0.9,), (1.0,))):
        with pytest.raises(NoRule, match="no derivative with respect to"):
            refused()


@pytest.mark.parametrize(("f", "message", "advice"), [
    (lambda s: scipy.stats.zipf.logpmf(2, s), "rule of this distribution", "write the density"),
    (lambda s: scipy.stats.ncx2.logpdf(0.2, s, 1.0), "no derivative with respect to argument 1", "keep that argument constant"),
    (lambda s: scipy.stats.skellam.sf(2, s, 1.0), "rule of this distribution", "write the density"),
    (lambda s: scipy.stats.kappa4.mean(s, 1.0), "moments of distributions", "write the moment"),
    (lambda s: scipy.stats.skellam.expect(None, (s, 1.0)), "moments of distributions", "write the moment"),
    (lambda s: scipy.stats.multivariate_normal.cdf([s, 1.0]), "random numbers", "write an integral"),
    (lambda s: scipy.stats.gaussian_kde(np.array([s, 1.0, 2.5]))(0.2)[0], "no derivative with respect to argument 1", "keep that argument constant"),
], ids=["zipf", "ncx2", "skellam.sf", "mean", "expect", "multivariate", "kernels"])  # fmt: skip
def test_distributions_without_a_rule_say_so(f: Any, message: str, advice: str) -> None:
    """They led to a method that SciPy makes out of text, which has no source."""
    with pytest.raises(NoRule, match=message) as caught:
        srcad.grad(f)(0.7)
    assert advice in caught.value.advice
    assert srcad.grad(lambda x: x * scipy.stats.zipf.pmf(2, 2.3) * scipy.stats.norm.mean(1.0))(0.5) > 0.0


@pytest.mark.parametrize("method", ["pdf", "logpdf"])
def test_normal_distributions_in_a_subspace(method: str) -> None:
    """Covariances of lower rank, within which points, means and the covariance itself may move."""
    density = getattr(scipy.stats.multivariate_normal, method)
    turn = np.linalg.qr(np.array([[1.0, 0.3, 0.2], [0.4, -1.0, 0.5], [0.1, 0.7, 1.0]]))[0]

    def f(x: Any, m: Any, c: Any) -> Any:
        whole = np.zeros((3, 3))
        whole[:2, :2] = c @ c.T
        place, centre = turn[:, :2] @ x, turn[:, :2] @ m
        return density(place, centre, turn @ whole @ turn.T, allow_singular=True)

    x, m, c = np.array([0.7, 0.2]), np.array([0.1, -0.4]), np.array([[1.1, 0.2], [0.3, 0.8]])
    srcad.check_grads(f, x, m, c, order=2)
    srcad.check_grads(lambda x, c: density(x, np.zeros(2), c @ c.T, True), np.stack([x, m]), c)


def test_an_order_that_a_function_captures_is_no_variable() -> None:
    """Tuples handed from function to function, and from a forward sweep to its backward sweep, vary by their items."""
    def of(order: float) -> Any:
        return lambda x: scipy.special.iv(order, x)

    def pair(p: Any) -> Any:
        order, x = p
        return scipy.special.kv(order, x) + scipy.special.jv(order, x)

    srcad.check_grads(of(1.3), 1.7, order=2)
    srcad.check_grads(of(np.array([0.3, 1.0])), np.array([1.7, 0.6]), order=2)
    srcad.check_grads(lambda x: pair((0.3, x)) * pair((1.7, x * x)), 1.4, order=2)
    with pytest.raises(srcad.NoRule, match="no derivative with respect to argument 1"):
        srcad.grad(lambda v: pair((v, 1.7)))(0.3)


def _registered(image: Any, angle: Any, shift: Any) -> Any:
    ndimage = scipy.ndimage
    return ndimage.shift(ndimage.rotate(image, angle, reshape=False), shift) * ndimage.gaussian_laplace(image, 0.8)


WARPED = {
    "registration": (_registered, (0.13, np.array([0.31, -0.72]))),
    "quarter": (lambda image: scipy.ndimage.rotate(image, 90), ()),
    "zoomed": (lambda image: scipy.ndimage.zoom(scipy.ndimage.zoom(image, (2, 1)), 0.5, order=1), ()),
    "sampled": (lambda image, p: scipy.ndimage.map_coordinates(image, [p, p[::-1] * 0.5 + 0.1], order=4, mode="grid-wrap"), (np.array([0.3, 3.7, 5.2]),)),
    "linear": (lambda image, p: scipy.ndimage.map_coordinates(image, np.stack([p, p]), order=1, mode="nearest"), (np.array([0.3, 3.7, -1.2]),)),
    "affine": (lambda image, m: scipy.ndimage.affine_transform(image, m, output_shape=(2, 3), mode="reflect"), (np.array([[0.913, 0.117, 0.331], [-0.237, 1.113, 0.219]]),)),
    "stack": (lambda image, a: scipy.ndimage.rotate(np.stack([image, image**2]), a, (1, 2), order=2), (13.0,)),
}  # fmt: skip


@pytest.mark.parametrize(("f", "rest"), WARPED.values(), ids=WARPED)
def test_images_that_are_warped(f: Any, rest: Any) -> None:
    """By the values of the image, and by where they are taken from."""
    image = np.random.default_rng(2).normal(size=(5, 5))
    srcad.check_grads(f, image, *rest, order=2)
    srcad.check_grads(lambda x: f(x, *rest), image.astype(np.float32))


def test_what_a_warp_has_no_rule_for() -> None:
    image = np.ones((4, 4))
    for f, why in (
        (lambda x: scipy.ndimage.zoom(image, x), "derivative with respect to `zoom`"),
        (lambda x: scipy.ndimage.shift(image * x, 0.5, cval=x), "derivative with respect to `cval`"),
        (lambda x: scipy.ndimage.rotate(np.ones((2, 4, 4)) * x, 20, prefilter=False), "without `prefilter`"),
        (lambda x: scipy.ndimage.geometric_transform(image * x, lambda p: p), "calls a function for each element"),
    ):
        with pytest.raises(NoRule, match=why):
            srcad.grad(lambda x, f=f: np.sum(f(x)))(1.3)


def test_a_polynomial_through_points() -> None:
    """SciPy's barycentric weights are multiplied in random order: values differ in the last digits from call to call."""
    f = lambda y, x: interpolate.BarycentricInterpolator(KNOTS, y)(x) * interpolate.barycentric_interpolate(KNOTS, y, x)  # noqa: E731 -- both spellings
    np.testing.assert_allclose(srcad.vjp(f, SINES, POINTS)[0], f(SINES, POINTS), rtol=1e-12)
    made, step = srcad.jacobian(f)(SINES, POINTS), 1e-6 * np.eye(len(SINES))
    ends = [np.array([f(SINES + s, POINTS) for s in sign * step]) for sign in (1, -1)]
    np.testing.assert_allclose(made.T, (ends[0] - ends[1]) / 2e-6, rtol=1e-6, atol=1e-6)


def test_coefficients_that_change_after_their_polynomial_was_made() -> None:
    def f(c: Any) -> Any:
        c = c * 1.0
        curve = interpolate.PPoly(c, np.arange(3.0))
        c[0] = 2.0
        return np.sum(curve(0.3))

    with pytest.raises(srcad.SrcadError, match="have been changed since it was made"):
        srcad.grad(f)(np.ones((2, 2)))


_FULL = np.array([[3.0, 0.4, 0.1], [0.2, 2.0, 0.3], [0.1, 0.0, 4.0]])


def test_solvers_by_iteration_with_a_preconditioner() -> None:
    sparse, near = scipy.sparse.csr_array(_FULL), scipy.sparse.diags(1.0 / np.diag(_FULL))
    assert srcad.check_grads(lambda b: scipy.sparse.linalg.gmres(sparse, b**2, rtol=1e-13, M=near)[0], np.ones(3), rtol=1e-6).ok


def test_solvers_by_iteration_by_a_full_matrix() -> None:
    def solved(a: Any, b: Any) -> Any:
        x, info = scipy.sparse.linalg.gmres(a, b, rtol=1e-13)
        return x**2 if info == 0 else b

    assert srcad.check_grads(solved, _FULL, np.array([0.4, 1.1, 0.7]), rtol=1e-6, order=2).ok
    assert srcad.check_grads(lambda a, b: np.abs(solved(a, b)), _FULL + 0.5j, np.array([0.4 + 1.0j, 1.1, 0.7]), rtol=1e-6).ok
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    with pytest.raises(srcad.NotDifferentiable, match="does not converge"):
        srcad.grad(lambda b: scipy.sparse.linalg.gmres(singular, b)[0][0])(np.array([1.0, 2.0]))
