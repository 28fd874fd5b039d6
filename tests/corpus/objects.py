"""Methods, properties, objects."""
from __future__ import annotations

from tests.corpus.registry import Cases

cases = Cases()


# ---- methods, properties, objects ------------------------------------------------------------------------------------
class Spring:
    """An object with parameters."""

    rest = 0.3

    def __init__(self, stiffness):
        self.stiffness = stiffness

    def force(self, x):
        return -self.stiffness * (x - self.rest)

    @property
    def double(self):
        return 2.0 * self.stiffness

    @staticmethod
    def energy(k, x):
        return 0.5 * k * x * x

    @classmethod
    def offset(cls, x):
        return x - cls.rest

    def __call__(self, x):
        return self.force(x) * x

    def total(self, x, *, scale=1.0):
        return self.energy(self.double, x) * scale + self.force(self.offset(x))


SPRING = Spring(1.7)


def method_call(a):
    return SPRING.force(a) * a


cases.add(method_call, 0.7)


def method_property(a):
    return SPRING.double * a * a


cases.add(method_property, 0.7)


def method_static(a, b):
    return Spring.energy(a, b) + SPRING.energy(b, a)


cases.add(method_static, 0.7, 1.3)


def method_class(a):
    return Spring.offset(a) * SPRING.offset(a * a)


cases.add(method_class, 0.7)


def method_callable(a):
    return SPRING(a) + SPRING.total(a, scale=3.0)


cases.add(method_callable, 0.7)


def method_bound_value(a):
    push = SPRING.force
    return push(a) * push(a * a)


cases.add(method_bound_value, 0.7)


def method_object_argument(spring, a):
    return spring.force(a) * spring.total(a)


cases.add(method_object_argument, SPRING, 0.7, wrt=(1,))


class Damped(Spring):
    """A subclass that calls its parent."""

    def force(self, x):
        return super().force(x) - 0.1 * x**3


DAMPED = Damped(0.9)


def method_super(a):
    return DAMPED.force(a) * DAMPED(a)


cases.add(method_super, 0.7)
