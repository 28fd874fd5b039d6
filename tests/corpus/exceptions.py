"""`try`, and effects: each happens once, in order."""
from __future__ import annotations

import logging
import math
import warnings

import numpy as np

from tests.corpus.registry import Cases, vec
from tests.corpus.statements import raise_plain

cases = Cases()
LOG: list[object] = []
note = LOG.append


# ---- try -------------------------------------------------------------------------------------------------------------
def try_not_raised(a, b):
    try:
        c = a / b
    except ZeroDivisionError:
        c = a * a
    return c * b * b


cases.add(try_not_raised, 0.6, 0.4)


def try_raised(a, n):
    try:
        c = a / n
    except ZeroDivisionError:
        c = a * a * a
    return c * 2.0


cases.add(try_raised, 0.6, 0)


def try_in_loop(a):
    s = a
    for i in range(-2, 3):
        try:
            t = s / i
        except ZeroDivisionError:
            t = s * s
        s = math.sin(t) + a
    return s


cases.add(try_in_loop, 0.6)


def try_else(a, b):
    try:
        c = math.sqrt(a)
    except ValueError:
        c = b
    else:
        c = c * b
    return c * c


cases.add(try_else, 0.6, 0.4)
cases.add(try_else, -0.6, 0.4, insensitive=True)


def try_finally(a):
    b = a * a
    try:
        c = b * a
    finally:
        note("done")
    return c


cases.add(try_finally, 0.6)


def try_several_handlers(x, i):
    try:
        e = x[i]
    except (KeyError, IndexError):
        e = x[0] * x[1]
    except TypeError:
        e = x[2]
    return e * e


cases.add(try_several_handlers, vec(3), 1, insensitive=True)
cases.add(try_several_handlers, vec(3), 9, insensitive=True)


def try_as(a):
    try:
        b = math.log(-a)
    except ValueError as error:
        note(str(error))
        b = a * 2.0
    return b * b


cases.add(try_as, 0.6)


def try_reraise(a):
    try:
        return math.sqrt(-a)
    except ValueError:
        raise RuntimeError("no root") from None


cases.add(try_reraise, 0.6)


def try_return(a):
    try:
        return a * math.sqrt(a)
    except ValueError:
        return a * a


cases.add(try_return, 0.6)
cases.add(try_return, -0.6)


def try_raised_in_callee(a):
    try:
        b = raise_plain(a)
    except ValueError:
        b = math.sin(a)
    return b * a


cases.add(try_raised_in_callee, 0.6)
cases.add(try_raised_in_callee, 0.3)


def try_nested(a, n):
    try:
        try:
            b = a / n
        except TypeError:
            b = 0.0
    except ZeroDivisionError:
        b = a * a
    return b * a


cases.add(try_nested, 0.6, 0)


def try_raise_own(x):
    s = 0.0
    try:
        for e in x:
            if e < 0:
                raise StopIteration
    except StopIteration:
        s = float(np.sum(x * x))
    return s + x[0]


cases.add(try_raise_own, vec(3))


# ---- effects ---------------------------------------------------------------------------------------------------------
def effect_print(a, x):
    print("a is", a)
    s = 0.0
    for i, e in enumerate(x):
        print(i, end=" ")
        s += e * a
    print(f"sum {s:.3f}")
    return s


cases.add(effect_print, 0.6, vec(3))


def effect_print_of_dead_value(a):
    b = math.exp(a)
    print(b)
    return a * a


cases.add(effect_print_of_dead_value, 0.6)


def effect_recorder(a, n):
    s = a
    for i in range(n):
        note(i)
        if s > 1.0:
            note("big")
            s = s * 0.5
        s = s * 1.7
    return s


cases.add(effect_recorder, 0.6, 4)


def effect_logging(a):
    logging.getLogger("corpus").debug("value %s", a)
    return a * a


cases.add(effect_logging, 0.6)


def effect_warning(a):
    warnings.warn("careful", stacklevel=2)
    return a * a


cases.add(effect_warning, 0.6)


def effect_before_raise(a):
    print("start")
    b = math.sqrt(a - 5.0)
    print("never")
    return b


cases.add(effect_before_raise, 0.6)


def exception_attribute_of_an_array(x):
    y = x * x
    caught = 0
    for value in (y, np.sum(y), [1], None):
        try:
            value.label = "squares"
        except AttributeError as error:
            caught += str(error).count("label")
    return np.sum(y) * caught


cases.add(exception_attribute_of_an_array, vec(3))
