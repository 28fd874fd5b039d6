"""Rules for SciPy's functions, which the table takes up when SciPy is there."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import srcad
from srcad.errors import NoRule
from srcad.ops import table
from srcad.ops.entry import Entry, Sample
from srcad.runtime import beta_by_shapes, gamma_by_shape
from tests.ops import probe, test_rules
from tests.ops.test_recording import agree, second_order
from tests.ops.test_rules import check

special = pytest.importorskip("scipy.special")
assert table.by_object(special.erf) is not None
CASES = [(f"{n}-{k}", e, s) for n, e in table.entries().items() if n.startswith("special.") and e.samples is not None for k, s in enumerate(e.samples())]
EVERY = pytest.mark.parametrize(("entry", "sample"), [(e, s) for _, e, s in CASES], ids=[n for n, _, _ in CASES])


@EVERY
def test_rule(entry: Entry, sample: Sample) -> None:
    check(entry, sample)
    agree(entry, sample, known=True)


@EVERY
def test_second_order(entry: Entry, sample: Sample) -> None:
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
    assert not [e.name for e in table.entries().values() if e.name.startswith("special.") and e.differentiable and e.samples is None and not e.refused]


def test_real_orders() -> None:
    """Samples have whole orders, since nothing is differentiated by them; the rules hold for any."""
    for name, args in {"jv": (1.3, 0.7), "iv": (0.4, 1.2), "kv": (2.6, 0.9)}.items():
        spelling = table.by_object(getattr(special, name))
        assert spelling is not None
        f, last = spelling.entry.fn, len(args) - 1
        slope = probe.difference(lambda x, f=f, a=args: f(*a[:-1], x), args[-1:], (1.0,))
        wanted = (False,) * last + (True,)
        np.testing.assert_allclose(spelling.entry.vjp(1.0, f(*args), args, (), wanted)[last], slope, rtol=1e-7)
        with pytest.raises(NoRule, match="has no derivative with respect to argument 1"):
            spelling.entry.vjp(1.0, f(*args), args, (), (True,) * len(args))


def test_refused_functions_say_why() -> None:
    entry = table.by_object(special.smirnov)
    assert entry is not None
    with pytest.raises(NoRule, match=r"scipy\.special\.smirnov"):
        entry.entry.jvp((None, 1.0), 0.1, (2, 0.4))


def test_user_functions_are_found() -> None:
    for name in ("gamma", "expit", "logsumexp", "jv", "ellipj"):
        found = table.by_object(getattr(special, name))
        assert found is not None
        assert found.op.name == f"special.{name}"


LIMITS: list[tuple[str, tuple[Any, ...], int, float]] = [
    ("i1", (0.0,), 0, 0.5), ("j1", (0.0,), 0, 0.5), ("ellipk", (0.0,), 0, np.pi / 8), ("ellipe", (0.0,), 0, -np.pi / 8), ("spence", (1.0,), 0, -1.0),
    ("exprel", (0.0,), 0, 0.5), ("sici", (0.0,), 0, 1.0), ("ellipkinc", (0.7, 0.0), 1, 0.175 - np.sin(1.4) / 8), ("boxcox", (2.0, 0.0), 1, np.log(2.0) ** 2 / 2),
    ("inv_boxcox", (0.3, 0.0), 1, -np.exp(0.3) * 0.045), ("eval_hermite", (0, 0.3), 1, 0.0), ("xlogy", (0.0, 2.0), 1, 0.0),
]


@pytest.mark.parametrize(("name", "args", "k", "slope"), LIMITS)
def test_limits(name: str, args: tuple[Any, ...], k: int, slope: float) -> None:
    """Where a formula would be 0 / 0 the rule has the limit."""
    spelling = table.by_object(getattr(special, name))
    assert spelling is not None
    y = spelling.entry.fn(*args)
    g: Any = (1.0, *(None,) * (len(y) - 1)) if isinstance(y, tuple) else 1.0
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(spelling.entry.vjp(g, y, args, (), tuple(j == k for j in range(len(args))))[k], slope, rtol=1e-12)


GAMMA_AT_ONE = (-0.489457576102378417, -0.431729710634898696, -0.220825426211859506)
"""The derivative of `gammainc(a, x)` by `a` at 1, for x of 0.5, 1 and 2: from 40 digits."""


@pytest.mark.parametrize("a", [0.02, 0.7, 3.0, 80.0])
def test_an_incomplete_gamma_function_by_its_shape(a):
    """The recurrence https://dlmf.nist.gov/8.8.E5, differentiated by the shape."""
    x = a * np.array([1e-3, 0.4, 0.97, 1.0, 1.3, 4.0])
    step = np.exp(a * np.log(x) - x - special.gammaln(a + 1.0))
    by_shape = step * (np.log(x) - special.psi(a + 1.0))
    np.testing.assert_allclose(gamma_by_shape(1, a + 1.0, x) + by_shape, gamma_by_shape(1, a, x), rtol=1e-11, atol=1e-13)
    again = step * ((np.log(x) - special.psi(a + 1.0)) ** 2 - special.polygamma(1, a + 1.0))
    np.testing.assert_allclose(gamma_by_shape(2, a + 1.0, x) + again, gamma_by_shape(2, a, x), rtol=1e-10, atol=1e-12)


def test_known_values_by_shapes():
    np.testing.assert_allclose(gamma_by_shape(1, 1.0, np.array([0.5, 1.0, 2.0])), GAMMA_AT_ONE, rtol=1e-13)
    a, x = np.array([0.05, 1.0, 40.0]), np.array([1e-6, 0.3, 0.99])
    np.testing.assert_allclose(beta_by_shapes(1, 0, a, 1.0, x), x**a * np.log(x), rtol=1e-12)
    np.testing.assert_allclose(beta_by_shapes(2, 0, a, 1.0, x), x**a * np.log(x) ** 2, rtol=1e-12)
    np.testing.assert_allclose(beta_by_shapes(0, 1, 1.0, a, x), -((1.0 - x) ** a) * np.log1p(-x), rtol=1e-12)
    np.testing.assert_allclose(beta_by_shapes(1, 1, a, 2.5, x), beta_by_shapes(1, 1, 2.5, a, 1.0 - x) * -1.0, rtol=1e-9)


def test_shapes_at_the_ends_and_outside():
    np.testing.assert_array_equal(gamma_by_shape(1, 1.3, np.array([0.0, np.inf])), [0.0, 0.0])
    np.testing.assert_array_equal(beta_by_shapes(0, 1, 1.3, 0.4, np.array([0.0, 1.0])), [0.0, 0.0])
    assert np.all(np.isnan(gamma_by_shape(1, np.array([-1.0, 1.0]), np.array([1.0, -1.0]))))
    assert gamma_by_shape(1, np.ones((3, 0)), 1.0).shape == (3, 0)
    np.testing.assert_array_equal(gamma_by_shape(1, np.full(5000, 1.7), 0.4), np.full(5000, gamma_by_shape(1, 1.7, 0.4)))


@pytest.mark.skipif(not hasattr(special, "sph_harm_y"), reason="this SciPy has another name and order of them")
def test_spherical_harmonics_at_poles_and_at_the_highest_order():
    for n, m, theta in ((3, -3, 0.0), (2, 2, 0.7), (np.array([1, 2, 3]), 1, 0.7), (2, 0, 0.05)):
        assert srcad.check_grads(lambda theta, phi, n=n, m=m: special.sph_harm_y(n, m, theta, phi), theta, 0.4, order=2).ok


def test_factorials_below_zero():
    assert srcad.check_grads(special.factorial, np.array([-1.3, 0.5, 2.7, -2.0]), order=2).ok


def test_voigt_profiles_without_width():
    """A Lorentzian, which has no slope by the width, and half its curvature by the square of the width."""
    x, gamma, h = np.array([-0.4, 0.0, 1.3]), 0.7, 1e-3
    assert srcad.check_grads(lambda x, gamma: special.voigt_profile(x, 0.0, gamma), x, gamma, order=2).ok
    np.testing.assert_array_equal(srcad.jacobian(special.voigt_profile, argnums=1)(x, 0.0, gamma), np.zeros(3))
    second = [srcad.hessian(special.voigt_profile, argnums=1)(v, 0.0, gamma) for v in x]
    growth = special.voigt_profile(x, h, gamma) - special.voigt_profile(x, 0.0, gamma)
    np.testing.assert_allclose(second, 2.0 * growth / h**2, rtol=1e-3)
    assert srcad.check_grads(special.voigt_profile, x, np.array([0.3, 1.2, 0.8]), 0.4, order=2).ok
