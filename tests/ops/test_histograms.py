"""Histograms of weights and of data, with densities, and of several variables."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X, W = np.array([0.3, 0.8, 0.45, 1.2, 0.9]), np.array([0.5, 1.7, 0.65, 0.2, 1.1])
PLACES = np.array([0.1, 0.3, 0.6, 0.7, 0.95])
EDGES = np.array([0.0, 0.4, 1.0])


def density(x, w):
    counts, edges = np.histogram(x, bins=4, weights=w, density=True)
    return np.sum(counts**2 * edges[1:])


def density_of_data(x, w):
    return np.sum(np.histogram(x, bins=3, density=True)[0] ** 2) * w[0]


def density_by_edges(x, w):
    return np.sum(np.sin(np.histogram(PLACES, bins=np.cumsum(w) - 0.6, weights=x, density=True)[0]))


def of_two(x, w):
    counts, first, second = np.histogram2d(PLACES, PLACES[::-1], bins=[2, 3], weights=x * w)
    return np.sum(np.sin(counts) * second[1:] * first[:-1, None])


def density_of_two(x, w):
    return np.sum(np.histogram2d(PLACES, PLACES, bins=3, range=[[0, 1], [0, 1]], weights=x * w, density=True)[0] ** 2)


def of_two_with_data(x, w):
    return np.sum(np.histogram2d(x, w, bins=np.array([0.0, 0.5, 2.0]), weights=x)[0] ** 2)


def of_several(x, w):
    counts, edges = np.histogramdd((PLACES, PLACES**2, PLACES[::-1]), bins=(3, 2, 2), weights=x * w, density=True)
    return np.sum(np.sin(counts)) * edges[1][1]


def of_rows(x, w):
    rows = np.stack([PLACES, PLACES**2, PLACES[::-1]], axis=1)
    return np.sum(np.sin(np.histogramdd(rows, bins=[EDGES, 3, EDGES], weights=x * w)[0]))


FUNCTIONS = [density, density_of_data, density_by_edges, of_two, density_of_two, of_two_with_data, of_several, of_rows]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradients(function):
    assert srcad.value_and_grad(function)(X, W)[0] == function(X, W)
    srcad.check_grads(function, X, W, order=2)


def test_float32():
    gradient = srcad.grad(of_two, argnums=(0, 1))(X.astype(np.float32), W)
    assert [g.dtype for g in gradient] == [np.float32, np.float64]
    np.testing.assert_allclose(gradient[0], srcad.grad(of_two)(X, W), rtol=1e-5)


def moving_edges(x):
    return np.sum(np.histogram2d(x, x, bins=3)[0])


def moving_range(x):
    return np.sum(np.histogramdd((PLACES, PLACES), bins=3, range=[(x[0], 1.0), (0.0, 1.0)], weights=x)[0])


def test_edges_that_move_are_refused():
    with pytest.raises(srcad.errors.NoRule, match="the edges of a histogram move with the data"):
        srcad.grad(moving_edges)(X)
    with pytest.raises(srcad.errors.NoRule, match="the bins and the range"):
        srcad.grad(moving_range)(X)


def test_the_empty_histogram():
    gradient = srcad.grad(lambda w: np.sum(np.histogram2d([], [], bins=2, range=[[0, 1], [0, 1]], weights=w)[0]))(np.zeros(0))
    assert gradient.shape == (0,)


@pytest.mark.parametrize("statistic", ["mean", "sum", "std"])
@pytest.mark.parametrize("options", [{"bins": 3}, {"bins": EDGES}, {"bins": 2, "range": (0.2, 0.8)}], ids=repr)
def test_statistics_of_bins(statistic, options):
    stats = pytest.importorskip("scipy.stats")

    def f(x, w):
        found = stats.binned_statistic(PLACES, x * w, statistic, **options)
        return np.sin(found.statistic) * found.bin_edges[1:], np.mean(found[0])

    np.testing.assert_array_equal(srcad.vjp(f, X, W)[0][0], f(X, W)[0])
    srcad.check_grads(f, X, W, order=2)


def test_statistics_of_bins_that_are_refused():
    stats = pytest.importorskip("scipy.stats")
    with pytest.raises(srcad.NoRule, match="'mean', 'sum', 'std' and 'count'"):
        srcad.vjp(lambda x: stats.binned_statistic(PLACES, x, "median").statistic, X)
    with pytest.raises(srcad.NoRule, match="the edges of a histogram move"):
        srcad.vjp(lambda x: stats.binned_statistic(x, x).statistic, X)
