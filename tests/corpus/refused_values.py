"""What is refused once the types are known: each function has one line marked `# refused`, which the error must name."""
from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
from scipy import optimize

import srcad
from tests.corpus.registry import Cases, vec

refused_values = Cases()
"""Options: as those of `refusals`, `code`, and `modes` where only one mode refuses."""


def _refused(code: str, construct: str, *arguments: Any, **options: Any) -> Any:
    def listed(function: Any) -> Any:
        refused_values.add(function, *arguments, code=code, construct=construct, **{"error": "UnsupportedSyntax", **options})
        return function

    return listed


# ---- kinds and forms of values ---------------------------------------------------------------------------------------
@_refused("SRC120", "for _ in range(n):", 0.7, 2, modes=("reverse",))
def deeper_with_each_trip(a, n):
    for _ in range(n):  # refused
        a = (a, a)
    return a


@_refused("SRC121", "return (e * a for e in (1.0, 2.0))", 0.7)
def generator_returned(a):
    return (e * a for e in (1.0, 2.0))  # refused


class _Mass:
    def __init__(self, m):
        self.m = m


@_refused("SRC123", "{masses[0], masses[n]}", vec(2), 1)
def set_of_objects_that_may_be_one(x, n):
    masses = [_Mass(v) for v in x]
    seen = {masses[0], masses[n]}  # refused
    return sum(mass.m for mass in seen)


@_refused("SRC129", "np.array", vec(3))
def array_of_objects(x):
    mixed = np.array([x[0], "name"], dtype=object)  # refused
    return mixed[0] * 2.0


# ---- what is gone over -------------------------------------------------------------------------------------------------
@_refused("SRC130", "for _ in math.sin:", 0.7)
def over_a_function(a):
    for _ in math.sin:  # refused
        a = a * 2.0
    return a


@_refused("SRC131", "for e in d", {"a": 1.0})
def over_a_number(d):
    total = 0.0
    for e in d["a"]:  # refused
        total += e
    return total


@_refused("SRC134", "for pair in enumerate(x, start=x[0]):", vec(3))
def counted_from_a_float(x):
    total = 0.0
    for pair in enumerate(x, start=x[0]):  # refused
        total += pair[1]
    return total


def squares(x):
    for e in x:
        yield e * e


@_refused("SRC136", "for e in reversed(squares(x)):", vec(3))
def generator_reversed(x):
    total = 0.0
    for e in reversed(squares(x)):  # refused
        total += e
    return total


# ---- changes and containers --------------------------------------------------------------------------------------------
@_refused("SRC144", "[1.0, 2.0] + (x[0],)", vec(3))
def list_and_tuple(x):
    return ([1.0, 2.0] + (x[0],))[0]  # refused


@_refused("SRC148", "y[0]", vec(3))
def complex_into_real(x):
    y = np.zeros(3)
    y[0] = x[0] * 1j  # refused
    return y[0]


@_refused("SRC150", "np.meshgrid(*positive)", vec(3))
def spread_of_unknown_length(x):
    positive = []
    for e in x:
        if e > 0.0:
            positive.append(e)
    return np.meshgrid(*positive)[0][0]  # refused


def first_of(a, **others):
    return a + sum(others.values())


@_refused("SRC151", "first_of(a, **others)", 0.7, 3)
def keywords_that_are_not_known(a, n):
    others = {}
    for i in range(n):
        others[str(i)] = a
    return first_of(a, **others)  # refused


@_refused("SRC154", "a, b = (x[0], x[1], x[2])", vec(3))
def three_into_two(x):
    a, b = (x[0], x[1], x[2])  # refused
    return a * b


@_refused("SRC156", "a, b = triple", (1.0, 2.0, 3.0))
def given_three_into_two(triple):
    a, b = triple  # refused
    return a * b


# ---- names and attributes ------------------------------------------------------------------------------------------------
@_refused("SRC160", "missing", 0.7)
def name_that_is_missing(a):
    return a * missing  # noqa: F821  # refused


@_refused("SRC161", "math.nothing", 0.7)
def attribute_that_is_missing(a):
    return a * math.nothing  # refused


@_refused("SRC162", "import no_such_module", 0.7)
def module_that_is_missing(a):
    import no_such_module  # refused

    return a * no_such_module.x


def made_even_and_odd():
    def even(a, n):
        return a if n == 0 else odd(a * a, n - 1)

    def odd(a, n):  # refused
        return a if n == 0 else even(a + a, n - 1)

    return even


_refused("SRC163", "def odd(a, n)", 0.7, 2)(made_even_and_odd())


@_refused("SRC170", "square.__code__", 0.7)
def code_of_a_function(a):
    square = lambda e: e * e  # noqa: E731
    return square(a) * len(square.__code__.co_names)  # refused


@_refused("SRC171", "np.linalg.norm.nothing", vec(3))
def attribute_of_a_function(x):
    return x[0] * np.linalg.norm.nothing  # refused


class Slots:
    """An object with one place."""

    __slots__ = ("a",)

    def __init__(self, a):
        self.a = a


@_refused("SRC172", "slots.b", 0.7)
def no_place_for_it(a):
    slots = Slots(a)
    slots.b = a * a  # refused
    return slots.a


class Reading:
    """A value that can be read only."""

    def __init__(self, a):
        self._a = a

    @property
    def a(self):
        return self._a


@_refused("SRC173", "reading.a", 0.7)
def property_without_setter(a):
    reading = Reading(a)
    reading.a = a * a  # refused
    return reading.a


@_refused("SRC174", "either.nothing", 0.7, 1)
def attribute_of_either(a, n):
    either = a if n else [a]
    return either.nothing  # refused


class Base:
    """Nothing of its own."""


class Sized(Base):
    """Asks what is behind it."""

    def __init__(self, a):
        self.a = a

    def value(self):
        return self.a * super().__sizeof__()  # refused


@_refused("SRC175", "super().__sizeof__", 0.7)
def super_without_source(a):
    return Sized(a).value()


@_refused("SRC176", "reading + reading", 0.7)
def operator_that_no_class_has(a):
    reading = Reading(a)
    return reading + reading  # refused


class Number:
    """Adds itself to what is on either side."""

    def __init__(self, a):
        self.a = a

    def __add__(self, other):
        return self.a + other

    __radd__ = __add__


@_refused("SRC177", "x + Number(x[0])", vec(3))
def array_on_the_left(x):
    return np.sum(x + Number(x[0]))  # refused


# ---- calls and rules -----------------------------------------------------------------------------------------------------
@_refused("SRC181", 'struct.pack_into("d", y, 0, 2.0)', vec(3))
def may_change_its_argument(x):
    y = np.zeros(3)
    struct.pack_into("d", y, 0, 2.0)  # refused
    return y[0] * x[0]


def product(a, b):
    return a * b


@_refused("SRC182", "product(a)", 0.7)
def one_argument_short(a):
    return product(a)  # refused


def down(a, n):
    return down(a, n - 1)


@_refused("SRC183", "down(a, n)", 0.7, 3)
def recursion_without_end(a, n):
    return down(a, n)  # refused


@srcad.custom_vjp
def scaled(a, *, by=2.0):
    return a * by


scaled.defvjp(lambda a, *, by=2.0: (a * by, by), lambda by, g: (g * by,))


@_refused("SRC190", "scaled(a, by=3.0)", 0.7)
def rule_with_a_keyword(a):
    return scaled(a, by=3.0)  # refused


@_refused("SRC203", "(a * 2.0).hex()", 0.7, error="NoRule")
def method_without_rule(a):
    return float((a * 2.0).hex())  # refused


@_refused("SRC206", "optimize.brentq(", 0.7, error="NoRule")
def solver_that_speaks(a):
    def residual(x):
        print("x")
        return x * x - a

    return optimize.brentq(residual, 0.0, 3.0)  # refused
