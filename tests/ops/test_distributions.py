"""Distributions of `scipy.stats` that have no rule of their own: SciPy's value, and the derivative of the source."""
from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import srcad
from srcad.errors import NoRule


class Ramp(stats.rv_continuous):
    """A distribution of a user, in standard form."""

    def _pdf(self, z, slope):
        return 1.0 + slope * (z - 0.5)

    def _cdf(self, z, slope):
        return z + 0.5 * slope * z * (z - 1.0)


RAMP = Ramp(a=0.0, b=1.0, name="ramp", shapes="slope")
X = np.array([0.3, 0.7])


@pytest.mark.parametrize("args", [
    (X, 0.2, 0.1, 1.3), (0.3, 0.2, 0.1, 1.3), (X[:, None], np.array([0.1, 0.2, 0.3]), X[0], 2.0), (X, X / 3.0, X - 0.2, X + 0.5),
    (np.array([-4.0, 0.5, 9.0]), 0.4, 0.1, 1.0),  # the last is outside
], ids=["vector", "number", "matrix", "vectors", "outside"])  # fmt: skip
def test_densities_by_all_that_they_are_given(args):
    assert srcad.check_grads(lambda x, c, loc, scale: stats.genextreme.pdf(x, c, loc, scale), *args).ok
    inside = np.isfinite(stats.genextreme.logpdf(*args))
    found = srcad.grad(lambda x, c, loc, scale: np.sum(stats.genextreme.logpdf(x, c, loc=loc, scale=scale)), argnums=(0, 1, 2, 3))(*args)
    assert all(np.all(np.isfinite(bar)) for bar in found)
    assert not np.any(np.broadcast_to(found[0], np.shape(inside))[~inside])


def test_second_derivatives_of_a_density():
    srcad.check_grads(lambda x, c, s: stats.triang.logpdf(x, c, scale=s), X, 0.5, 1.2, order=2)


@pytest.mark.parametrize("function", [
    lambda x, a: stats.gompertz.cdf(x, a) * stats.gompertz.sf(x, c=a) + stats.genexpon.logcdf(x, 0.3, a, 1.0) + stats.foldnorm.logsf(x, a),
    lambda x, a: stats.foldnorm.ppf(x, a) + stats.gompertz.isf(x, a, scale=a),
    lambda x, a: a * (stats.norminvgauss.cdf(x, 1.3, 0.4) + stats.norminvgauss.ppf(x, 1.3, 0.4)),
    lambda x, a: stats.kappa4(0.3, a, scale=2.0).logpdf(x) + stats.genextreme(0.2, loc=0.1).cdf(x),
    lambda x, a: RAMP.logpdf(x, a, 0.1) + RAMP.cdf(x, slope=a) * RAMP.ppf(x, a) + RAMP.pdf(x, a, scale=2.0),
    lambda x, a: sum(d.logpdf(x, a) for d in (stats.genlogistic, stats.invweibull)),
    lambda x, a: stats.genpareto.cdf(x, a) + stats.rice.sf(x, a) + stats.exponnorm.cdf(x, a, 0.1, 1.2),
], ids=["closed", "quantiles", "integrated", "frozen", "own", "several", "ruled"])  # fmt: skip
def test_distribution_functions_and_their_inverses(function):
    assert srcad.check_grads(function, X, 0.6).ok


def likelihood(distribution, *parameters):
    return lambda x: distribution.logpdf(x, *parameters) + distribution.sf(x, *parameters)


class Model:
    """It has a distribution and other callable objects as attributes of the class."""

    prior, inverse, wave, kernel = stats.norm, np.reciprocal, math.sin, np.vectorize(lambda v: v**3)

    def __init__(self, scale):
        self.scale = scale

    def density(self, x):
        return self.prior.logpdf(x, 0.1, self.scale) * self.inverse(x) * self.wave(self.scale) + self.kernel(x)


def test_distributions_that_are_captured_or_handed_over():
    for distribution, *parameters in ((stats.norm,), (stats.gompertz, 0.4), (stats.norm(0.1, 2.0),), (stats.loguniform, 0.1, 3.0)):
        assert srcad.check_grads(likelihood(distribution, *parameters), X).ok
    gradient = srcad.grad(lambda x, d: np.sum(d.logpdf(x, 0.5)))
    for distribution in (stats.genlogistic, stats.invweibull, stats.genlogistic):
        np.testing.assert_array_equal(gradient(X, distribution), srcad.grad(lambda x: np.sum(distribution.logpdf(x, 0.5)))(X))
    assert srcad.check_grads(Model(1.3).density, X).ok


def test_the_limit_of_a_generalised_pareto_distribution():
    assert srcad.check_grads(lambda x: stats.genpareto.cdf(x, 0.0), X).ok
    near, at = (srcad.grad(lambda c: stats.genpareto.cdf(0.7, c))(c) for c in (1e-4, 0.0))
    assert at == pytest.approx(near, rel=1e-3)


def test_what_is_integrated_has_no_derivative_by_shapes():
    with pytest.raises(NoRule, match="SciPy integrates"):
        srcad.grad(lambda a: stats.gausshyper.cdf(0.3, 1.2, 1.3, 1.4, a))(0.4)


@pytest.mark.parametrize("function", [
    lambda x, a: stats.t.cdf(x, a) + stats.t.logsf(x - 0.5, a + 1.0, 0.1, 1.2) + stats.t.ppf(x, a),
    lambda x, a: stats.gamma.cdf(x, a) + stats.gamma.logcdf(x, a, 0.0, 1.2) + stats.gamma.isf(x, a),
    lambda x, a: stats.chi2(a).sf(x) + stats.chi2.ppf(x, a) + stats.invgamma.cdf(x, a),
    lambda x, a: stats.beta.cdf(x, a, 1.0 + a) + stats.beta.logsf(x, 1.5, a) + stats.beta.ppf(x, a, 0.7),
    lambda x, a: stats.f.cdf(x, a, 3.0) + stats.f.logcdf(x, 2.5, a) + stats.f.isf(x, a, a),
    lambda x, a: stats.loggamma.cdf(x, a) + stats.nakagami.sf(x, a) + stats.gennorm.cdf(x - 0.5, 1.0 + a) + stats.invgauss.logcdf(x, a),
], ids=["t", "gamma", "chi2", "beta", "f", "others"])  # fmt: skip
def test_distribution_functions_by_shapes(function):
    assert srcad.check_grads(function, X, 0.6, order=2).ok


def test_distribution_functions_by_shapes_outside():
    """Where the distribution function is constant, in every order."""
    points = np.array([-1.0, 0.4, 3.0])
    for f in (stats.gamma.cdf, stats.invgamma.sf, stats.chi2.cdf, lambda x, a: stats.beta.cdf(x, a, 1.3), lambda x, a: stats.f.cdf(x, a, 3.0)):
        assert srcad.check_grads(lambda x, a, f=f: f(x, a), points, 1.7, order=2).ok
