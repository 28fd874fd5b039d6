"""Lists that a loop fills with items of another list, each once: who is still alive, who stands where; and lists that hold one twice."""
from __future__ import annotations

import functools

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7])
_listed = functools.partial(cases.each, (0.3, ZS), (0.3, ZS[:1]))


class Particle:
    """A position and a velocity."""

    def __init__(self, x, v):
        self.x = x
        self.v = v


class Carrier:
    """Something of a particle."""

    def __init__(self, particle, size):
        self.particle = particle
        self.size = size


def _particles(a, zs):
    return [Particle(a * z, z * z) for z in zs]


# ---- each once --------------------------------------------------------------------------------------------------------
@_listed()
def those_that_are_alive(a, zs):
    particles = _particles(a, zs)
    for _ in range(3):
        particles = [p for p in particles if p.x > -0.5]
        for p in particles:
            p.x -= 0.3 * p.v * a
    return sum(p.x * p.v for p in particles)


@_listed()
def those_that_are_alive_in_many_steps(a, zs):
    particles = _particles(a, zs)
    for _ in range(len(zs) + 40):
        particles = [p for p in particles if p.x > -0.5]
        for p in particles:
            p.x -= 0.3 * p.v * a
    return sum(p.x * p.v for p in particles) + a


@_listed()
def moved_then_kept(a, zs):
    particles = _particles(a, zs)
    for _ in range(len(zs) + 9):
        kept = []
        for p in particles:
            p.x = p.x * 0.9 - 0.01 * p.v
            if p.x > -0.5:
                kept.append(p)
        particles = kept
        for p in particles:
            p.v += 0.1 * p.x
    return sum(p.x * p.v for p in particles)


@_listed()
def kept_with_their_numbers(a, zs):
    kept, numbers = [], []
    for k, p in enumerate(_particles(a, zs)):
        if p.v > 0.3:
            kept.append(p)
            numbers.append(k + 1.0)
    for p, k in zip(kept, numbers):
        p.x *= k
    return sum(p.x * p.v for p in kept) + a


@_listed()
def what_each_carries(a, zs):
    carriers = [Carrier(Particle(a * z, z), z) for z in zs]
    kept = [c for c in carriers if c.size > 0.0]
    for c in kept:
        c.particle.x += c.size * a
    return sum(c.particle.x * c.size for c in kept)


def arrays(x, n):
    kept = [v for v in [x * (k + 1.0) for k in range(n)] if v[0] > 0.5]
    for v in kept:
        v *= x
    kept[-1][0] = x[1]
    return sum(np.sum(v * v) for v in kept)


cases.add(arrays, vec(3), 5)


# ---- what may be there twice, or is known by another name -------------------------------------------------------------
@cases.each((0.3, ZS))
def twice_in_one_trip(a, zs):
    kept = []
    for p in _particles(a, zs):
        kept.append(p)
        if p.v > 1.0:
            kept.append(p)
    for p in kept:
        p.x *= a
    return sum(p.x * p.v for p in kept)


@cases.each((0.3, ZS))
def in_two_loops(a, zs):
    particles = _particles(a, zs)
    kept = []
    for _ in range(len(zs)):
        for p in particles:
            kept.append(p)
    for p in kept:
        p.x *= a
    return sum(p.x * p.v for p in kept)


@cases.each((0.3, ZS))
def once_for_each_other(a, zs):
    particles = _particles(a, zs)
    kept = [p for q in particles for p in particles if p.x >= q.x]
    for p in kept:
        p.x *= a
    return sum(p.x * p.v for p in kept)


@cases.each((0.3, ZS))
def neighbours(a, zs):
    particles = _particles(a, zs)
    kept = []
    for p, q in zip(particles, particles[1:]):
        kept.append(p)
        kept.append(q)
    for p in kept:
        p.x *= a
    return sum(p.x * p.v for p in kept) + a


@cases.each((0.3, ZS))
def of_a_list_that_holds_one_many_times(a, zs):
    particles = _particles(a, zs)
    first = [particles[0] for _ in particles]
    kept = [p for p in first if p.v > 0.1]
    for p in kept:
        p.x *= a
    return sum(p.x * p.v for p in kept)


@cases.each((0.3, ZS))
def the_one_before(a, zs):
    particles = _particles(a, zs)
    last, kept = particles[0], []
    for p in particles:
        kept.append(last)
        last = p
    for p in kept:
        p.x *= a
    return sum(p.x * p.v for p in kept)


@cases.each((0.3, ZS))
def what_all_carry(a, zs):
    particle = Particle(a, 1.0)
    carriers = [Carrier(particle, z) for z in zs]
    kept = [c for c in carriers if c.size > 0.0]
    for c in kept:
        c.particle.x += c.size
    return sum(c.particle.x * c.size for c in kept)


@cases.each((0.3, ZS))
def read_by_the_first_list(a, zs):
    particles = _particles(a, zs)
    kept = [p for p in particles if p.x > 0.0]
    for p in kept:
        p.x *= a
    return sum(p.x * p.v for p in particles)


@cases.each((0.3, ZS))
def changed_after_it_was_kept(a, zs):
    kept = []
    for p in _particles(a, zs):
        kept.append(p)
        p.x *= a
    return sum(p.x * p.v for p in kept)
