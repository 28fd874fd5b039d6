"""`check_grads` against derivatives that are right, and against each way of being wrong."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from srcad import testing
from srcad.errors import ArgumentError


class Plan:
    """A function with its derivatives written by hand, to be broken at will."""

    def __init__(self, f, pullback, pushforward):
        self.f, self.pullback, self.pushforward = f, pullback, pushforward

    def install(self, monkeypatch):
        monkeypatch.setattr(testing, "vjp", lambda f, *primals, outputs=None: (f(*primals), lambda g: self.pullback(g, *primals)))
        monkeypatch.setattr(testing, "jvp", lambda f, primals, tangents, outputs=None: (f(*primals), self.pushforward(primals, tangents)))
        return self.f


def product(x, w):
    return x * np.sum(w["a"] ** 2), [w["b"] * 2.0]


def good():
    def pullback(g, x, w):
        g0, (g1,) = g
        return g0 * np.sum(w["a"] ** 2), {"a": g0 * x * 2 * w["a"], "b": 2.0 * g1}

    def pushforward(primals, tangents):
        (x, w), (dx, dw) = primals, tangents
        return dx * np.sum(w["a"] ** 2) + x * np.sum(2 * w["a"] * dw["a"]), [2.0 * dw["b"]]

    return Plan(product, pullback, pushforward)


ARGS = (1.5, {"a": np.array([1.0, -2.0, 3.0]), "b": 0.25})


def test_right(monkeypatch):
    report = testing.check_grads(good().install(monkeypatch), *ARGS)
    assert report.ok
    assert report.entries == 5 + 2 + 1
    assert report.worst.absolute < 1e-9
    assert str(report).startswith("ok: product (")
    assert "test_testing.py" in str(report)


def test_worst_entry_is_named(monkeypatch):
    plan = good()
    right = plan.pullback

    def wrong(g, x, w):
        x_bar, w_bar = right(g, x, w)
        a = w_bar["a"].copy()
        a[2] += 1.0
        return x_bar, {"a": a, "b": w_bar["b"]}

    plan.pullback = wrong
    with pytest.raises(testing.CheckFailed, match=r"reverse: w\['a'\]\[2\]: got") as caught:
        testing.check_grads(plan.install(monkeypatch), *ARGS)
    assert caught.value.report.worst.name == "w['a'][2]"
    assert caught.value.report.worst.absolute == pytest.approx(1.0)
    assert isinstance(caught.value, AssertionError)


def test_forward_entry_is_named(monkeypatch):
    plan = good()
    right = plan.pushforward
    plan.pushforward = lambda p, t: (right(p, t)[0], [right(p, t)[1][0] * 1.001])
    with pytest.raises(testing.CheckFailed, match=r"forward: value\[1\]\[0\]"):
        testing.check_grads(plan.install(monkeypatch), *ARGS)


@pytest.mark.parametrize("modes", [("rev",), ("fwd",)])
def test_one_mode(monkeypatch, modes):
    report = testing.check_grads(good().install(monkeypatch), *ARGS, modes=modes)
    assert report.modes == modes


def test_value_is_compared_bit_for_bit(monkeypatch):
    f = good().install(monkeypatch)

    def shifted(f, x, w, outputs=None):
        value = f(x, w)
        return (np.nextafter(value[0], 0), value[1]), lambda g: good().pullback(g, x, w)

    monkeypatch.setattr(testing, "vjp", shifted)
    with pytest.raises(testing.CheckFailed, match="reverse: the value is"):
        testing.check_grads(f, *ARGS)


def test_changed_arguments_are_seen(monkeypatch):
    plan = good()
    right = plan.pullback

    def spoil(g, x, w):
        found = right(g, x, w)
        w["a"][0] = np.nextafter(w["a"][0], 10)
        return found

    plan.pullback = spoil
    args = (1.5, {"a": np.array([1.0, -2.0, 3.0]), "b": 0.25})
    with pytest.raises(testing.CheckFailed, match="the arguments were changed"):
        testing.check_grads(plan.install(monkeypatch), *args)


def test_missing_gradient(monkeypatch):
    plan = good()
    plan.pullback = lambda g, x, w: (None, None)
    with pytest.raises(testing.CheckFailed, match="no gradient, or one of another shape, for x, w"):
        testing.check_grads(plan.install(monkeypatch), *ARGS)


def test_a_cut_is_not_mistaken_for_a_zero(monkeypatch):
    plan = Plan(lambda x: x * 3.0, lambda g, x: (0.0,), lambda p, t: 0.0)
    with pytest.raises(testing.CheckFailed, match="both|reverse"):
        testing.check_grads(plan.install(monkeypatch), 2.0)


def test_rough_points_are_left_out(monkeypatch):
    plan = Plan(lambda x: np.abs(x), lambda g, x: (g * np.sign(x),), lambda p, t: t[0] * np.sign(p[0]))
    report = testing.check_grads(plan.install(monkeypatch), np.array([1.0, 1e-5, -2.0]))
    assert report.unsure > 0
    plan = Plan(lambda x: float(x > 1.0), lambda g, x: (0.0,), lambda p, t: 0.0)
    with pytest.raises(testing.CheckFailed, match="too rough"):
        testing.check_grads(plan.install(monkeypatch), 1.0)


def test_single_precision(monkeypatch):
    plan = Plan(lambda x: np.sum(np.sin(x)), lambda g, x: (g * np.cos(x),), lambda p, t: np.sum(np.cos(p[0]) * t[0]))
    report = testing.check_grads(plan.install(monkeypatch), np.linspace(0, 3, 7, dtype=np.float32))
    assert report.ok


def test_complex_numbers_follow_the_transpose(monkeypatch):
    plan = Plan(lambda z: np.sum(z * z), lambda g, z: (2 * z * g,), lambda p, t: np.sum(2 * p[0] * t[0]))
    assert testing.check_grads(plan.install(monkeypatch), np.array([1 + 2j, -0.5j])).ok
    plan.pullback = lambda g, z: (np.conj(2 * z) * g,)
    with pytest.raises(testing.CheckFailed, match=r"z\[\d\]"):
        testing.check_grads(plan.install(monkeypatch), np.array([1 + 2j, -0.5j]))


def test_many_entries_are_sampled(monkeypatch):
    plan = Plan(lambda x: np.sum(x**3), lambda g, x: (g * 3 * x**2,), lambda p, t: np.sum(3 * p[0] ** 2 * t[0]))
    report = testing.check_grads(plan.install(monkeypatch), np.linspace(-1, 1, 1000).reshape(10, 100))
    assert report.entries == 64 + 1 + 1 + 1
    plan.pullback = lambda g, x: (g * 3 * x**2 + np.where(np.arange(1000).reshape(10, 100) == 999, 1e-1, 0),)
    with pytest.raises(testing.CheckFailed, match="random direction|both modes"):
        testing.check_grads(plan.install(monkeypatch), np.linspace(-1, 1, 1000).reshape(10, 100))


def test_random_numbers_are_the_same_in_every_call(monkeypatch):
    def f(x, rng):
        return x * rng.standard_normal() + np.random.rand()

    rng = np.random.default_rng(0)
    k = np.random.default_rng(0).standard_normal()
    np.random.seed(7)
    plan = Plan(f, lambda g, x, r: (g * k, None), lambda p, t: k * t[0])

    def fixed(x, r):
        state = np.random.get_state()
        out = f(x, r)
        np.random.set_state(state)
        return out

    plan.f = fixed
    assert testing.check_grads(plan.install(monkeypatch), 2.0, rng).ok
    assert rng.standard_normal() == k


@dataclasses.dataclass(frozen=True)
class Body:
    mass: float
    name: str
    position: np.ndarray


def test_dataclasses_ints_and_text(monkeypatch):
    def f(body, n):
        return body.mass * math.sqrt(float(body.position @ body.position)) * n

    def pullback(g, body, n):
        r = math.sqrt(float(body.position @ body.position))
        return Body(g * n * r, None, g * n * body.mass * body.position / r), None

    def pushforward(p, t):
        r = math.sqrt(float(p[0].position @ p[0].position))
        return p[1] * (t[0].mass * r + p[0].mass * float(p[0].position @ t[0].position) / r)

    plan = Plan(f, pullback, pushforward)
    assert testing.check_grads(plan.install(monkeypatch), Body(2.0, "Io", np.array([3.0, 4.0])), 3).ok


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [((2,), {}, "nothing to differentiate"), ((2.0,), {"modes": ("both",)}, "modes are"), ((2.0,), {"modes": ()}, "modes are"), ((2.0,), {"order": 0}, "order is 0")],
)
def test_bad_calls(args, options, message):
    with pytest.raises(ArgumentError, match=message):
        testing.check_grads(lambda x: x, *args, **options)


def test_functions_that_change_their_arguments():
    def scaled(a, b):
        a[1:] *= b[:-1]
        a += b
        return np.sum(a * a)

    a, b = np.array([1.0, 2.0, 3.0]), np.array([0.3, 0.4, 0.5])
    assert testing.check_grads(scaled, a, b)
    np.testing.assert_array_equal(a, [1.0, 2.0, 3.0])


@pytest.mark.parametrize(("f", "args"), [
    (np.sum, (np.ones((2, 3)), 1)), (np.einsum, ("ij,jk->ik", np.eye(2), np.ones((2, 3)))), (np.transpose, (np.ones((2, 3)), (1, 0))),
    (np.pad, (np.ones((2, 3)), ((1, 1), (0, 2)), "constant")), (np.split, (np.arange(6.0), 3)), (np.vsplit, (np.ones((3, 2)), [1, 2])),
    (np.where, (np.array([True, False]), np.ones(2), 2.0))], ids=lambda v: getattr(v, "__name__", ""))  # fmt: skip
def test_options_among_the_arguments(f, args):
    """What holds no float is known to rules at every order."""
    testing.check_grads(f, *args, order=2)


def test_options_in_a_captured_dict():
    options = {"axis": (0, 1), "keepdims": True}
    x = np.arange(6.0).reshape(2, 3)
    testing.check_grads(lambda x: np.sum(x * x, **options), x, order=2)


def test_a_kink_beside_the_steps():
    """Two elements that are nearly equal change places within a long step, and not within a short one."""
    testing.check_grads(np.sort, np.array([0.497, -0.138, 0.648, 1.523, -0.23415, -0.23414, 1.579]), order=2)


def test_empty_arguments():
    testing.check_grads(lambda x, y: np.einsum("...ij,...jk->...ik", x, y), np.ones((0, 2, 3)), np.ones((0, 3, 4)), order=2)
