"""Ways of larger packages: mixins, tuples of classes, settings that are given back, options in strings, lists among joined arrays."""
from __future__ import annotations

import pkgutil
import re

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
NUMBERS = (int, np.integer, float, np.floating)
SHAPES = (NUMBERS, (list, tuple))
WAVES = (np.sin, np.cos, lambda t: t * t)


# ---- tuples of classes and functions ---------------------------------------------------------------------------------
def as_vector(v, dtype=np.float64):
    if isinstance(v, NUMBERS):
        v = [v]
    if isinstance(v, SHAPES[1]):
        return np.array(v, dtype=dtype)
    v = v.flatten()
    if v.dtype.kind == "O":
        dtype = "O"
    return v.astype(dtype)


def classes_in_a_global_tuple(x, a):
    return np.sum(as_vector(x) ** 2) * as_vector(a)[0] + np.sum(as_vector([a, a * a]))


cases.add(classes_in_a_global_tuple, mat(2, 3), 0.7)


def functions_in_a_global_tuple(x):
    for wave in WAVES:
        x = x + wave(x)
    return np.sum(x)


cases.add(functions_in_a_global_tuple, vec(3))


# ---- mixins ----------------------------------------------------------------------------------------------------------
class Rod:
    stiffness = 3.0

    def __init__(self, length):
        self.length = length

    def energy(self):
        return self.stiffness * self.length**2

    @property
    def area(self):
        return self.length * 0.5


class Heated:
    def prepare(self):
        before = getattr(super(), "prepare", None)
        if before is not None:
            before()
        self.warm = self.length * 1.5
        self.stored = super().energy() if hasattr(super(), "energy") else 0.0
        self.lost = 1.0 if hasattr(super(), "losses") else 2.0


class HeatedRod(Heated, Rod):
    def prepare(self):
        super().prepare()
        self.scaled = getattr(super(), "area") * super().stiffness  # noqa: B009
        self.other = getattr(super(), "nothing", 5.0)


def mixin_asks_what_is_behind(a):
    rod = HeatedRod(a)
    rod.prepare()
    return rod.warm * rod.stored + rod.scaled * rod.other + rod.lost


cases.add(mixin_asks_what_is_behind, 0.7)


class Checked:
    def __init__(self, gain, offset=None):
        self.gain = gain
        self.offset = offset
        for name in ("gain", "offset"):
            if self.__getattribute__(name) is not None:
                self.__setattr__(name, self.__getattribute__(name) * 2.0)


def attributes_by_their_dunder_names(x, a):
    both, one = Checked(a, x), Checked(a * a)
    return np.sum(both.gain * both.offset) + one.gain + object.__getattribute__(both, "gain")


cases.add(attributes_by_their_dunder_names, vec(3), 0.7)


# ---- wrappers that make their arguments anew -------------------------------------------------------------------------
def with_units(method):
    def wrapper(*args, **kwargs):
        converted = (args[0],)
        for k in range(1, len(args)):
            converted = converted + (args[k] * 2.0,)
        return method(*converted, **kwargs)

    return wrapper


class Spring:
    def __init__(self, stiffness):
        self.stiffness = stiffness

    def energy_of(self, x):
        return self.stiffness * x**2

    @with_units
    def energy(self, x, y, scale=1.0):
        return scale * (self.energy_of(x) + np.sin(y))


def arguments_in_a_tuple_that_grows(a, x, y):
    return Spring(a).energy(x, y, scale=3.0)


cases.add(arguments_in_a_tuple_that_grows, 0.7, 1.3, 0.4)


# ---- settings and strings --------------------------------------------------------------------------------------------
def error_settings_given_back(x):
    before = np.seterr(all="ignore")
    y = np.sum(np.sqrt(x * x + 1.0))
    np.seterr(**before)
    return y * (np.geterr() == before)


cases.add(error_settings_given_back, vec(3))


def file_of_a_package(x):
    lines = pkgutil.get_data("tests.corpus", "packages.py").decode().split("\n")
    return np.sum(x) * len(lines[0])


cases.add(file_of_a_package, vec(3))


def option_in_a_string(x, name):
    found = re.match(r"leaky\(alpha=(.*)\)", name)
    alpha = float(found.groups()[0]) if found is not None else 0.1
    words = re.findall(r"[a-z]+", name)
    if re.sub(r"\(.*", "", name) == "leaky":
        return np.sum(np.where(x > 1.0, x, alpha * x) ** len(words))
    return np.sum(x)


cases.add(option_in_a_string, vec(3), "leaky(alpha=0.3)")


class Leaky:
    def __init__(self, slope):
        self.slope = slope

    def __str__(self):
        return "leaky"

    def __call__(self, z):
        return np.where(z > 100.0, z, self.slope * z)


def start(shape, name):
    gain = 1.5 if name == "leaky" else "unknown"
    return np.full(shape, gain)


def object_says_its_name(x, a):
    act = Leaky(a)
    w = start((3, 3), str(act))
    w += x
    return np.sum(act(w @ x))


cases.add(object_says_its_name, vec(3), 0.7)


# ---- lists among joined arrays ---------------------------------------------------------------------------------------
def lists_among_joined_arrays(m, x, a):
    under = np.vstack([m, [a, x[1], 2.0]])
    beside = np.hstack([x, [a, 0.5], a * a])
    columns = np.column_stack([m, [a, x[0]]])
    wide = np.concatenate([m, [[a, 1.0], [x[2], a]]], axis=1)
    return np.sum(under**2) + np.sum(beside**3) + np.sum(columns * np.arange(8.0).reshape(2, 4)) + np.sum(wide**2)


cases.add(lists_among_joined_arrays, mat(2, 3), vec(3), 0.7)
