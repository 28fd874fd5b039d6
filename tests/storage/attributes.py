"""Attributes that are set on some paths only: in a method that a loop calls, in a branch, never."""
from __future__ import annotations

from typing import Any

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.1, 0.4, -0.2])


def _listed(*more: Any) -> Any:
    return cases.each((0.3, ZS, *more), (0.3, ZS[:1], *more))


class Tracker:
    """A state and what its last update found."""

    def __init__(self, x):
        self.x = x

    def update(self, z):
        self.residual = z - self.x
        self.x = self.x + 0.5 * self.residual


@_listed()
def set_by_a_method_in_a_loop(a, zs):
    tracker = Tracker(a)
    for z in zs:
        tracker.update(z)
    return tracker.x * a


@_listed()
def read_behind_the_loop(a, zs):
    tracker = Tracker(a)
    for z in zs:
        tracker.update(z)
    return tracker.x + tracker.residual**2


@_listed()
def asked_for(a, zs):
    tracker = Tracker(a)
    for z in zs:
        if z > 0.2:
            tracker.update(z)
    if hasattr(tracker, "residual"):
        return tracker.x + tracker.residual**2
    return tracker.x * a


@_listed()
def with_a_default(a, zs):
    tracker = Tracker(a)
    for z in zs:
        if z < 0.0:
            tracker.update(z)
        else:
            tracker.last = a * z
    return tracker.x + getattr(tracker, "residual", a * a) * tracker.last


class Lazily:
    """Keeps what is dear."""

    def scaled(self, a, z):
        if not hasattr(self, "kept"):
            self.kept = np.exp(a) * a
        return self.kept * z


@_listed()
def kept_at_the_first_call(a, zs):
    lazily, total = Lazily(), 0.0
    for z in zs:
        total += lazily.scaled(a, z)
    return total


@_listed()
def of_several_objects(a, zs):
    both = [Tracker(a), Tracker(2 * a)]
    for z in zs:
        for tracker in both:
            tracker.update(z)
            tracker.history = tracker.residual * np.ones(3)
    return both[0].x + both[1].residual + np.sum(both[0].history)


@_listed()
def in_a_while_loop(a, zs):
    tracker, n = Tracker(a), 0
    while n < len(zs):
        tracker.update(zs[n])
        if tracker.residual > 5.0:
            break
        n += 1
    return tracker.residual * a


class Starting:
    """The class says what there is before the first step."""

    velocity = None
    damping = 0.5

    def __init__(self, x):
        self.x = x

    def step(self, z):
        if self.velocity is None:
            self.velocity = z * self.x
        else:
            self.velocity = self.velocity * self.damping + z
            self.damping = self.damping * self.x
        self.x = self.x + self.velocity


@_listed()
def what_the_class_has(a, zs):
    moving = Starting(a)
    for z in zs:
        moving.step(z)
    return moving.x * moving.damping


class Slots:
    """Places for two attributes."""

    __slots__ = ("x", "y")

    def __init__(self, x):
        self.x = x


@_listed()
def array_in_a_slot(a, zs):
    slots = Slots(a)
    for z in zs:
        slots.y = np.array([a, z])
        slots.x = slots.x + slots.y.sum() * a
    slots.y[0] *= 2.0
    return slots.x + slots.y[0]


@_listed()
def list_on_either_path(a, zs):
    slots = Slots(a)
    if a > zs[0]:
        slots.y = [a, a * a]
    else:
        slots.y = [a, 1.0]
    slots.y.append(a)
    return sum(slots.y)


@_listed()
def never_set(a, zs):
    slots = Slots(a)
    if a < 0.0:
        slots.y = a * zs[0]
    return slots.x * a


@_listed()
def error_that_is_caught(a, zs):
    slots = Slots(a)
    for z in zs:
        if z > 0.3:
            slots.y = z * a
    try:
        return slots.y * a
    except AttributeError:
        return a**3


@_listed()
def by_an_inner_function(a, zs):
    tracker = Tracker(a)

    def update(z):
        tracker.seen = z * a
        tracker.x = tracker.x + tracker.seen

    for z in zs:
        update(z)
    return tracker.x * tracker.seen


@_listed()
def in_another_order(a, zs):
    slots = Slots(a)
    tracker = Tracker(a)
    for z in zs:
        if z > 0.2:
            tracker.first, tracker.second = a * z, a
        else:
            tracker.second, tracker.first = a * a, z
    slots.y = tracker.first + tracker.second
    return slots.y * a


@_listed()
def set_where_it_was_missed(a, zs):
    tracker = Tracker(a)
    s = 0.0
    for z in zs:
        try:
            s += tracker.scale * z
        except AttributeError:
            s += tracker.x * z
            tracker.scale = a * 2.0
    return s * tracker.scale


@_listed()
def missed_in_every_object(a, zs):
    s = 0.0
    for tracker in [Tracker(a * z) for z in zs]:
        try:
            s += tracker.residual
        except AttributeError:
            s += tracker.x**2
    return s


@_listed()
def missed_and_given_back(a, zs):
    tracker = Tracker(a)
    try:
        return tracker.residual * a
    except AttributeError:
        return tracker.x * a
