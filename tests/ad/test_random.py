"""Random numbers drawn inside: once, in order, the generator left as the function leaves it, the derivative along the path."""
from __future__ import annotations

import inspect

import numpy as np
import pytest

import srcad

V = np.array([0.3, 0.5, 0.9, 1.1])


def moved_and_stretched(loc, scale):
    rng = np.random.default_rng(7)
    return np.sum((loc + scale * rng.normal(size=4)) ** 2)


def generator_passed(x, rng):
    total = 0.0
    for _ in range(4):
        z = rng.standard_normal(3)
        total = total + np.sum(np.exp(x * z))
    return total / 4.0


def option_price(s, rng):
    price = 100.0 * np.ones(50)
    for _ in range(6):
        price = price * np.exp(-0.5 * s * s + s * rng.normal(size=50))
    return np.mean(np.maximum(price - 100.0, 0.0))


def legacy(x):
    np.random.seed(3)
    return x * np.random.rand() + x**2 * np.random.normal() + np.sum(x * np.random.randn(3, 2)) + np.random.normal(x, x)


def two_draws_differ(x, rng):
    a = rng.normal()
    b = rng.normal()
    return (a - b) * x * x


def unused_draw(x, rng):
    rng.random(3)
    return x * rng.random()


def parameters(x, y, rng):
    return (
        np.sum(rng.normal(x, x * x, size=4) ** 2) + np.sum(rng.uniform(0.0, x, size=3)) + rng.exponential(y) + rng.rayleigh(x)
        + np.sum(rng.normal(loc=x, scale=y) * rng.laplace(y, size=(2, 3))) + np.log(rng.lognormal(x, y)) * y + rng.logistic(x, y) ** 2
    )  # fmt: skip


def parameter_arrays(v, rng):
    return np.sum(rng.normal(v, v * v) ** 2) + np.sum(rng.exponential(v**2)) + np.sum(rng.rayleigh(v**2, size=(2, 4)))


def written_after(x, rng):
    z = rng.normal(x, 2.0, size=(2, 3))
    z *= 2.0
    z[0] = z[1] * z[0]
    return np.sum(z**2)


def steered(x, rng):
    c = x if rng.random() < 0.5 else x * x
    while rng.random() < 0.8:
        c = c * x
    return c


def chosen(v, rng):
    u, i = rng.uniform(size=3), rng.integers(3)
    return np.sum(v**2 * rng.choice(v, size=3)[0]) + np.sum(rng.permutation(v)[:2] ** 2) + u[i] * rng.choice(v) ** 2


def shuffled(x, rng):
    numbers, values = np.arange(4), np.arange(1, 5) * x
    rng.shuffle(numbers)
    rng.shuffle(values)
    return x ** numbers[0] + values[1] ** 2


def resampled(v, rng):
    spread = np.empty(4)
    for b in range(4):
        sample = v[rng.integers(0, len(v), size=len(v))]
        sample -= 0.1 * sample.mean()
        sample[0] *= v[rng.integers(len(v))]
        spread[b] = np.mean(sample**2)
    return np.std(spread)


def drawn_places(v, rng):
    legacy_rng, v = np.random.RandomState(3), v.copy()
    order, some = rng.permutation(len(v)), rng.choice(len(v), 3, replace=False)
    for k in range(20):
        i, j = legacy_rng.randint(len(v)), legacy_rng.randint(0, len(v))
        v[[i, j]] = 1.05 * v[[j, i]]
        v[rng.poisson(1.5) % 3] += 0.1 * rng.choice([-1, 1], size=4)[k % 4] * v[i] * rng.beta(2.0, 3.0)
    part = v[order]
    part[some] *= v[some]
    v[0] = 5.0
    return part @ part + np.sum(v)


class Walk:
    """Holds a generator."""

    def __init__(self, s, seed):
        self.rng = np.random.default_rng(seed)
        self.s = s
        self.path = []

    def step(self):
        self.s = self.s * np.exp(0.1 * self.rng.standard_normal())
        self.path.append(self.s)


def held_by_an_object(x, rng):
    walk = Walk(x, 3)
    for _ in range(6):
        walk.step()
    return walk.s + rng.random() * sum(walk.path)


def stopped_early(x, n, rng):
    total = 0.0
    for _ in range(n):
        z = rng.standard_normal((n, 2))
        total += np.sum(z * x) ** 2
        if z[0, 0] > 0.5:
            break
    return total


def state_object(x):
    rs = np.random.RandomState(4)
    return x * rs.normal(x, 1.5) + np.sum(rs.uniform(x, 3.0, 4))


FUNCTIONS = [
    moved_and_stretched, generator_passed, option_price, legacy, two_draws_differ, unused_draw, parameters, parameter_arrays, written_after,
    steered, chosen, shuffled, resampled, drawn_places, held_by_an_object, stopped_early, state_object,
]  # fmt: skip


def _arguments(function):
    known = {"x": 1.3, "y": 0.4, "loc": 0.3, "scale": 0.7, "s": 0.2, "n": 4, "v": V.copy(), "rng": np.random.default_rng(5)}
    return [known[name] for name in inspect.signature(function).parameters]


def _state(args):
    return [a.bit_generator.state for a in args if isinstance(a, np.random.Generator)]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_draws(function):
    args = _arguments(function)
    expected, after = function(*args), _state(args)
    again = _arguments(function)
    value, gradient = srcad.value_and_grad(function)(*again)
    assert value == expected
    assert _state(again) == after
    report = srcad.check_grads(function, *_arguments(function))
    assert report.entries > report.unsure
    pulled = _arguments(function)
    out, pullback = srcad.vjp(function, *pulled)
    assert out == expected
    assert _state(pulled) == after
    np.testing.assert_allclose(pullback(1.0)[0], gradient, rtol=1e-12)
    np.testing.assert_allclose(pullback(1.0)[0], gradient, rtol=1e-12)
    assert _state(pulled) == after


def test_a_distribution_without_a_path_is_refused():
    with pytest.raises(srcad.NoRule, match="gamma"):
        srcad.grad(lambda x, rng: rng.gamma(x) + x)(1.3, np.random.default_rng(1))


def test_the_primal_s_errors():
    with pytest.raises(ValueError, match="scale"):
        srcad.grad(lambda x, rng: rng.normal(0.0, x))(-1.0, np.random.default_rng(1))
