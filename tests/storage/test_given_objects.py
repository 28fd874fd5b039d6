"""Objects of ordinary classes that a function is given and changes: followed in both modes, and the caller's stay as they are."""
from __future__ import annotations

import copy

import numpy as np
import pytest

import srcad
from tests.oracles import differences


class Particle:
    def __init__(self, x, v, mass=1.0):
        self.x, self.v, self.mass = x, v, mass
        self.energies = []
        self.kicks = 0

    @property
    def energy(self):
        return 0.5 * self.mass * np.sum(self.v**2)

    def kick(self, force, h):
        self.v = self.v + force / self.mass * h
        self.kicks += 1

    def drift(self, h):
        self.x += self.v * h
        self.energies.append(self.energy)


class System:
    def __init__(self, particles, stiffness):
        self.particles, self.stiffness, self.time = particles, stiffness, 0.0

    def run(self, h):
        for _ in range(3):
            for p in self.particles:
                p.kick(-self.stiffness * p.x, h)
                p.drift(h)
            self.time += h
        return sum(p.energy for p in self.particles) + self.time


def _particle(mass=1.0):
    return Particle(np.array([0.7, -0.4]), np.array([0.2, 1.1]), mass)


def by_methods(p, h):
    for _ in range(3):
        p.kick(-p.x * h, h)
        p.drift(h)
    return np.sum(p.x * p.v) + p.energies[1] * p.kicks


def by_attributes(p, h):
    p.x = p.x * h
    p.v[0] = h * p.x[1]
    p.extra = p.v * p.x
    return np.sum(p.extra) + np.sum(p.v * p.v)


def only_read(p, h):
    return np.sum((p.x * h).reshape(-1) ** 2)


def twice(s, h):
    return s.run(h) * s.run(2.0 * h) * s.particles[0].kicks


CASES = (
    (by_methods, _particle), (by_attributes, _particle), (only_read, _particle), (System.run, lambda: System([_particle(), _particle(2.0)], 1.5)),
    (twice, lambda: System([_particle(), _particle(2.0)], 1.5)),
)  # fmt: skip


def _state(value):
    """All that an object holds."""
    if isinstance(value, list):
        return [_state(v) for v in value]
    if isinstance(value, Particle | System):
        return {k: _state(v) for k, v in vars(value).items()}
    return value.tobytes() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize(("program", "make"), CASES)
def test_followed_and_left_alone(program, make):
    given, h = make(), 0.3
    before = _state(given)
    slope = differences.richardson(lambda t: float(program(copy.deepcopy(given), h + t))).value
    value, bar = srcad.value_and_grad(program, argnums=1)(given, h)
    assert value == program(copy.deepcopy(given), h)
    assert bar == pytest.approx(slope, rel=1e-8)
    assert srcad.jvp(program, (given, h), (None, 1.0))[1] == pytest.approx(slope, rel=1e-8)
    _, back = srcad.vjp(lambda t: program(given, t), h) if program is only_read else srcad.vjp(program, given, h)
    assert back(1.0)[-1] == pytest.approx(slope, rel=1e-8)
    assert back(1.0)[-1] == pytest.approx(slope, rel=1e-8)
    assert _state(given) == before


def test_a_method_of_an_object():
    system = System([_particle(), _particle(2.0)], 1.5)
    before = _state(system)
    slope = differences.richardson(lambda t: float(copy.deepcopy(system).run(0.3 + t))).value
    assert srcad.grad(system.run)(0.3) == pytest.approx(slope, rel=1e-8)
    assert _state(system) == before


def test_one_array_in_two_attributes_is_refused():
    p = _particle()
    p.v = p.x
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC128"):
        srcad.grad(by_attributes, argnums=1)(p, 0.3)


class Captured:
    def __init__(self):
        self.weights = np.zeros(3)
        self.tables = {"first": np.zeros(2)}


def test_writes_into_captured_objects_are_refused_with_their_place():
    held = Captured()

    def by_name(x):
        weights = held.weights
        weights[0] = x
        return np.sum(weights)

    def by_key(x):
        held.tables["first"][0] = x
        return held.tables["first"][0] * x

    for f in (by_name, by_key):
        with pytest.raises(srcad.SrcadError, match=r"\[0\] = x"):
            srcad.grad(f)(2.0)
    assert not np.any(held.weights)


class Moving:
    def __init__(self, pos, vel):
        self.pos, self.vel, self.m = pos, vel, 1.0

    def step(self, dt):
        self.vel += -self.pos * dt / self.m
        self.pos += self.vel * dt
        self.m *= 1.1
        return self


def attribute_is_a_view_of_the_argument(x):
    p = Moving(x[:3] * 1.0, x[3:])
    for _ in range(3):
        p.step(0.1)
    return np.sum(p.pos * p.vel) * p.m + np.sum(x * x)


def test_an_attribute_that_is_a_view_is_changed_in_a_loop():
    srcad.check_grads(attribute_is_a_view_of_the_argument, np.array([0.9, -0.4, 1.3, 0.7, -1.1, 0.5]))
