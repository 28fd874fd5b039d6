"""`try` statements where it matters how far the body came: the names that it assigns, and what it changes in place."""
from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest

import srcad
from srcad.errors import UnsupportedSyntax

X = np.array([1.0, 1.5, 3.0, 1.2])


def small(v):
    if v > 2.0:
        raise ValueError("too big")
    return v * v


class Total:
    def __init__(self, value):
        self.value = value
        self.count = 0

    def add(self, w):
        self.value = self.value + small(w)
        self.count += 1


def sum_until(x):
    s = x[0]
    try:
        for v in x:
            s += small(v)
    except ValueError:
        s = s * 2.0
    return s


def two_names(x):
    s, k = 0.5, 0
    try:
        for i in range(len(x)):
            k = i
            s += small(x[i])
            s = s * x[0]
        s = s * 3.0
    except ValueError:
        pass
    return s * (k + 1)


def endless(x):
    s, i = 1.0, 0
    try:
        while True:
            s = s + small(x[i]) * s
            i += 1
    except (ValueError, IndexError):
        return s * x[min(i, 3)]


def while_with_else(x):
    s, i = 1.0, 0
    try:
        while x[i] < 10.0:
            s = s + small(x[i]) * s
            i += 1
            if i == 3 and x[2] < 2.0:
                break
        else:
            s = s * 2.0
    except ValueError as error:
        s = s * len(str(error))
    return s


def branches(x):
    y = x[0]
    try:
        if x[0] > 0.5:
            y = x[0] * x[1]
            y = y + small(x[2])
        else:
            y = small(x[2])
        y = y * 2.0
    except ValueError:
        y = y * 3.0
    else:
        y = y + 10.0 * x[3]
    finally:
        z = x[1]
    return y * z


def inner_handler_raises(x):
    y = x[0]
    try:
        y = y * x[1]
        try:
            y = y + 0.1
            y = y * small(x[2])
        except ValueError:
            y = y * x[2]
            raise KeyError("inner") from None
        else:
            y = y * 7.0
        finally:
            y = y + x[3]
        y = y * small(x[1])
    except KeyError:
        y = y + x[0]
    return y


def raised_again(x):
    s = x[0]
    try:
        try:
            s = s * x[1]
            s = s * small(x[2])
        except ValueError:
            s = s + x[2]
            raise
    except ValueError:
        s = s * 5.0
    return s


def in_nested_loops(x):
    s = 1.0
    for i in range(3):
        try:
            for v in x:
                s = s + v * i
                try:
                    s = s * small(v)
                except ValueError:
                    if i == 1:
                        raise RuntimeError from None
                    s = s - v
            s = s * 1.1
        except RuntimeError:
            s = s * x[2]
            continue
        finally:
            s = s + 0.5 * x[0]
        s = s * 1.01
    return s


def leaves_the_loop(x):
    y = x[0]
    try:
        for v in x:
            if v < 1.1:
                continue
            y = y * v
            if v > 2.9:
                return y * 2.0
            y = y + small(v)
    except ValueError:
        return y * 5.0
    return y * x[1]


def suppressed(x):
    y = x[0]
    with contextlib.suppress(ValueError):
        for v in x:
            y = y + v
            y = y * small(v)
    return y


def pairs(x):
    t = 0.5
    try:
        for i, (a, b) in enumerate(zip(x, x[1:], strict=False)):
            t = t + a * b
            t = t * small(b)
    except ValueError:
        t = t * (i + x[0])
    return t


def appended(x):
    out = []
    try:
        for v in x:
            out.append(small(v))
    except ValueError:
        out.append(v)
    return sum(v * v for v in out)


def stored(x):
    out = np.ones(4)
    try:
        for i in range(4):
            out[i] = small(x[i])
            out[i] *= x[0]
    except ValueError:
        out[i] = 7.0 * x[0]
    return out.sum() * out[0]


def filled(x):
    out = np.zeros(4)
    try:
        for i in range(4):
            out[i] = small(x[i])
    except ValueError:
        out[i] = 7.0 * x[0]
    return out.sum() * out[0]


def exchanged(x):
    a = x.copy()
    try:
        a[0], a[1] = a[1] * 2.0, a[0]
        a[2] = small(a[2])
    except ValueError:
        a[2] = a[0]
    return a @ np.arange(4.0) * a[2]


def keys(x):
    out = {}
    for k, v in zip("abcd", x, strict=False):
        try:
            out[k] = small(v)
        except ValueError:
            out[k] = -v
    return out["a"] * out["b"] * out["c"] + out["d"]


def missing_key(x):
    d = {"a": x[0], "b": x[1]}
    try:
        t = d["a"]
        t = t * d["z"]
    except KeyError:
        t = t * d["b"]
    return t * x[2]


def attributes(x):
    total = Total(x[0])
    try:
        for w in x:
            total.add(w)
    except ValueError:
        total.value = total.value * x[1]
    return total.value * total.count


def told_to_raise(x):
    s = 1.0
    try:
        with np.errstate(all="raise"):
            for v in x:
                s = s * v
                s = s / np.float64(v - 3.0)
    except FloatingPointError:
        s = s * 2.0
    return s


def kept_error(x):
    error = None
    try:
        raise ValueError("x")
    except ValueError as found:
        error = found
        y = x[0]
    try:
        raise error
    except ValueError:
        y = y * x[1]
    return y


def made_in_the_body(x):
    s = x[0]
    try:
        s = s * 2.0
        f = lambda q: q * s  # noqa: E731 -- the name is what is tested
        s = f(3.0) + small(x[2])
    except ValueError:
        s = s * f(x[1])
    return s


def retried(x):
    step, n = 4.0, 0
    while True:
        try:
            n += 1
            y = small(x[0] * step)
            break
        except ValueError:
            step = step / 2.0
            if n > 10:
                raise
    return y + step * x[1]


PROGRAMS = [
    sum_until, two_names, endless, while_with_else, branches, inner_handler_raises, raised_again, in_nested_loops, leaves_the_loop,
    suppressed, pairs, appended, stored, filled, exchanged, keys, missing_key, attributes, told_to_raise, kept_error, made_in_the_body, retried,
]  # fmt: skip


@pytest.mark.parametrize("third", [3.0, 1.7], ids=["raises", "passes"])
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_the_path_taken_is_what_is_differentiated(function, third):
    x = X.copy()
    x[2] = third
    value, gradient = srcad.value_and_grad(function)(x)
    assert value == function(x)
    srcad.check_grads(function, x)
    assert np.any(gradient)


def test_buffers_are_not_copied_where_the_last_step_of_the_body_writes():
    for function in (appended, filled):
        text = srcad.grad(function).source(X).partition("# forward sweep")[2].partition("# reverse sweep")[0]
        assert "copy" not in text
        assert "list(" not in text


def over_a_generator(x):
    def squares():
        for v in x:
            yield small(v)

    s = x[0]
    try:
        for v in squares():
            s = s + v
    except ValueError:
        s = s * 2.0
    return s


def half_changed(x):
    a = Total(x[0])

    def both(w):
        a.count += 1
        a.value = a.value + small(w)

    try:
        both(x[2])
    except ValueError:
        pass
    return a.value * a.count


class Found(Exception):
    def __init__(self, value):
        super().__init__(value)
        self.value = value


def finds(x):
    if x[2] > 2.0:
        raise Found(x[0] * x[1])
    return x[0]


def reads_attribute(x):
    try:
        return finds(x)
    except Found as error:
        return error.value * x[0]


def reads_arguments(x):
    try:
        raise ValueError(x[0] * x[1])
    except ValueError as error:
        (y,) = error.args
        return y * x[0]


@pytest.mark.parametrize("function", [reads_attribute, reads_arguments])
def test_what_an_exception_carries_is_refused(function):
    with pytest.raises(UnsupportedSyntax) as caught:
        srcad.grad(function)(X)
    assert caught.value.code == "SRC195"


@pytest.mark.parametrize(("function", "code"), [(over_a_generator, "SRC115"), (half_changed, "SRC119")])
def test_what_may_have_stopped_between_two_changes_is_refused(function, code):
    with pytest.raises(UnsupportedSyntax) as caught:
        srcad.grad(function)(X)
    assert caught.value.code == code


def test_an_error_that_no_handler_catches_passes_through():
    def function(x):
        s = x[0]
        try:
            for v in x:
                s = s + math.log(v - 2.0)
        except KeyError:
            s = s * 2.0
        return s

    with pytest.raises(ValueError, match="math domain error"):
        srcad.grad(function)(X)


def _patched(x, y):
    try:
        limit = np.pi / 2 - np.finfo(x.dtype).eps
        y = np.where(x >= limit, 0.0, y)
    except NameError:
        pass
    return y


def test_a_handler_for_names_that_are_bound_is_not_reached():
    """Code that runs with NumPy and without it; no value is unsure behind the statement."""

    def f(x):
        y = _patched(np.float64(x), x * x)
        try:
            if np.any(y > 0.0):
                y[y > 0.0] = 1.0
        except TypeError:
            y = y * 3.0
        return float(y) * 2.0

    source = srcad.grad(f).source(0.7)
    assert "NameError" not in source
    srcad.check_grads(f, 0.7)


def test_a_handler_for_names_that_may_not_be_bound_is_kept():
    def f(x, given):
        if given > 0.0:
            scale = 3.0
        try:
            return x * scale
        except NameError:
            return x * 5.0

    assert [srcad.grad(f)(0.7, g) for g in (1.0, -1.0)] == [3.0, 5.0]
