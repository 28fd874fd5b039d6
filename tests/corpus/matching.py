"""`match` statements."""
from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


@dataclasses.dataclass
class Circle:
    r: float


@dataclasses.dataclass
class Box:
    w: float
    h: float


class Spot(NamedTuple):
    x: float
    y: float


def area(s):
    match s:
        case Circle(r):
            return math.pi * r * r
        case Box(w=w, h=h) if w == h:
            return w * w * 1.5
        case Box(w, h):
            return w * h
        case [a, b]:
            return a * b
        case (a, *rest, _):
            return a * sum(rest)
        case {"kind": "square", "side": q}:
            return q * q
        case float() | int():
            return s * 3.0
        case None:
            return 0.5
        case _:
            raise TypeError(s)


def classes(a, b):
    return area(Circle(a)) + area(Box(a, b)) * area(Box(b, b))


cases.add(classes, 0.7, 1.3)


def sequences(a, b):
    return area([a, b]) + area((a, b, a, b)) + area({"kind": "square", "side": b}) + area(a) + area(2) * area(None)


cases.add(sequences, 0.7, 1.3)


def words(a, kind):
    match kind:
        case "linear":
            y = a
        case "square" | "quadratic":
            y = a * a
        case other if other.startswith("exp"):
            y = math.exp(a)
        case _:
            y = 1.0
    return y * a


for _kind in ("linear", "quadratic", "exponential", "none"):
    cases.add(words, 0.7, _kind)


def two_tests(a, b):
    match (a > 1.0, b > 1.0):
        case (True, True):
            return a - b
        case (True, False):
            return a * b
        case (False, _):
            return b * b * a
    return 0.0


for _a, _b in ((1.3, 1.7), (1.3, 0.7), (0.3, 0.7)):
    cases.add(two_tests, _a, _b)


def named_tuple(a):
    match Spot(a, a * a):
        case Spot(0.0, y):
            return y
        case Spot(x=x, y=y) as spot if x < y:
            return x * spot.y
    return a


cases.add(named_tuple, 1.3)
cases.add(named_tuple, 0.3)


def shapes(x):
    match np.shape(x):
        case ():
            return x * x
        case (n,):
            return np.sum(x) * n
        case (n, m):
            return np.sum(x * x) * n / m
    return 0.0


cases.add(shapes, vec(3))
cases.add(shapes, vec(6).reshape(2, 3))


def in_a_loop(x):
    s = 1.0
    for v in x:
        match v:
            case w if w < 0.0:
                s = s - w * s
                continue
            case w if w > 0.8:
                s = s * w
            case _:
                s = s + v
    return s


cases.add(in_a_loop, vec(6))


def commands(a):
    for line in ("up 2", "down", "go 3 4", "stop", "up 7"):
        match line.split():
            case ["up", n]:
                a = a * int(n)
            case ["down"]:
                a = a - 0.1
            case ["go", *args]:
                a = a * a + len(args)
            case ["stop"]:
                break
    return a


cases.add(commands, 0.7)


def rest_of_a_dict(a, b):
    match {"p": a, "q": b, "r": a * b}:
        case {"p": p, **rest}:
            return p * rest["q"] + rest["r"] ** 2
    return 0.0


cases.add(rest_of_a_dict, 0.7, 1.3)


def either_part(a, b):
    match (a, "left"):
        case (x, "right") | (x, "left"):
            y = x * b
        case _:
            y = b
    return y * y


cases.add(either_part, 0.7, 1.3)


def recursive(a, n):
    match n:
        case 0:
            return 1.0
        case 1:
            return a
        case k:
            return a * recursive(a, k - 1) + 0.1


cases.add(recursive, 0.7, 4)
