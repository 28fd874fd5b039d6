"""Blocks that always run to their end (`try` with `finally`, `with`) inside loops: what their reverse needs is made from the trip's values."""
from __future__ import annotations

import contextlib

import numpy as np
import pytest

import srcad


def left_by_a_comparison(x):
    r = 0.0
    for _ in range(4):
        try:
            if r > 3 * x:
                break
            r += x
        finally:
            r = r * 2 + x
    return r


def continued_by_the_number_of_the_trip(x):
    r = 0.0
    for i in range(4):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            r += x * i
        finally:
            r = r * 2 + x
    return r


def counted_in_a_while_loop(x):
    r, k = 0.0, 0
    while True:
        k += 1
        try:
            if k == 1:
                continue
            if k == 5:
                break
            r += x * k
        finally:
            r = r * 2 + x
    return r * k


def one_in_another(x):
    r = 0.0
    for _ in range(4):
        try:
            q = r * x
            try:
                p = q * q
                if p > 3 * x:
                    break
                r += x * p
            finally:
                r = r * 2 + x * q
        finally:
            r = np.sin(r) * q
    return r


def in_loops_in_loops(x):
    r, k = 0.0, 0
    while k < 5:
        k = k + 1
        try:
            for j in range(k):
                try:
                    if j * k == 4:
                        break
                    r += x * j * k
                finally:
                    r = r * 1.5 + x
            if k == 4:
                continue
        finally:
            r = r * 0.5 + x * k
    return r


@contextlib.contextmanager
def noted(log):
    log.append(1)
    try:
        yield 2.0
    finally:
        log.append(2)


def in_a_manager(x):
    r, log = 0.0, []
    for i in range(4):
        k = i + 1
        with noted(log) as c:
            t = k * x
            if t > 3 * x:
                break
            r += t * t * c
        r *= 1.1
    return r * len(log)


def beside_a_handler(x):
    r = 0.0
    for i in range(4):
        k = i + 1
        try:
            t = k * x
            if t > 3 * x:
                raise ValueError
            r += t * t * k
        except ValueError:
            r *= k * x
        finally:
            r = r * k + x
    return r


def two_values_of_the_trip(x):
    r = 1.0
    for i in range(3):
        k = i + 1
        try:
            t = k * x
            try:
                u = t * k
                if u > 3 * x:
                    r *= u
                else:
                    r += u * u
            finally:
                r = r * k + t
        finally:
            r = r * r / (1 + r)
    return r


FUNCTIONS = [
    left_by_a_comparison, continued_by_the_number_of_the_trip, counted_in_a_while_loop, one_in_another, in_loops_in_loops, in_a_manager,
    beside_a_handler, two_values_of_the_trip,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_in_a_region_are_those_of_the_trip(f):
    srcad.check_grads(f, 1.3, order=2)
