"""Objects that containers compare: which object it is, and what its methods say and print, once and in order."""
from __future__ import annotations

import contextlib
import io
import warnings

import pytest

import srcad


class Plain:
    def __init__(self, v):
        self.v = v


class Speaks:
    """Its operators print."""

    def __init__(self, v):
        self.v = v

    def __lt__(self, other):
        print("lt", self.v, other.v)
        return self.v < other.v

    def __eq__(self, other):
        print("eq", self.v, other.v)
        return self.v == other.v

    def __hash__(self):
        print("hash", self.v)
        return hash(self.v)

    def __bool__(self):
        print("bool", self.v)
        return self.v > 1.0

    def __float__(self):
        print("float", self.v)
        return self.v * 2.0

    def __round__(self, digits=0):
        print("round", self.v, digits)
        return self.v * 3.0


def key(a):
    print("key", a)
    return -a


def in_order(x, n):
    some = [Speaks(x), Speaks(1.0), Speaks(2.0 * x)]
    many = [Speaks(x * ((i * 7) % 5)) for i in range(n)]
    some.sort()
    return [v.v for v in sorted(some, reverse=True)], [v.v for v in some], [v.v for v in sorted(many)]


def extremes(x, n):
    return max([Speaks(x), Speaks(1.0)]).v, min(Speaks(x), Speaks(1.0)).v, max([x, 1.0], key=key), sorted([x, 1.0, x * n], key=key)


def members(x, n):
    some = [Speaks(x), Speaks(1.0), Speaks(1.0)]
    many = [Speaks(x * i) for i in range(n)]
    first = some[0]
    found = Speaks(1.0) in some, Speaks(3.0) not in some, first in some, some.index(Speaks(1.0)), some.count(Speaks(1.0)), Speaks(0.0) in many
    some.remove(Speaks(1.0))
    return x * len(some), found


def sequences(x, n):
    a, b = [Speaks(x), Speaks(1.0)], [Speaks(x), Speaks(2.0)]
    return x * 2.0 if a == b else x * 3.0, (a[0], a[1]) < (b[0], b[1]), a != [a[0], a[1]], a == [a[0]], (a[0],) == (a[0], 1.0)


def asked_alone(x, n):
    return float(Speaks(x)), round(Speaks(x), n), bool(Speaks(x)), any([Speaks(0.5), Speaks(x)]), all([Speaks(0.5), Speaks(x)]), hash(
        Speaks(1.0)) == hash(Speaks(1.0))  # fmt: skip


def which_object(x, n):
    few = [Plain(x), Plain(x)]
    some = [Plain(x * i) for i in range(5)]
    many = [Plain(x * i) for i in range(n)]
    p, q, r = few[1], some[3], many[1]
    found = p in few, Plain(x) in few, few.index(p), few.count(p), few == [few[0], few[1]], few == [Plain(x), Plain(x)]
    found += some.index(q), q in some, many.index(r), r in many, many.count(r)
    few.remove(p)
    return x * len(few), found, few[0].v


def place_of(items, wanted):
    for n, item in enumerate(items):
        if item is wanted:
            return n
    raise ValueError("none")


def is_in_a_function(x, n):
    few, some = [Plain(x), Plain(x)], [Plain(x * i) for i in range(5)]
    return x * place_of(few, few[1]) + x * place_of(some, some[3]), place_of(some, some[4])


def sets_of_numbers(x, n):
    return x * len({n, 4, 2}), x * len({1, True, 1.0}), list({3, 1, 2, 1}), n in {4, 5}, x in {1.5, 2.0}, len({x})


FUNCTIONS = [in_order, extremes, members, sequences, asked_alone, which_object, is_in_a_function, sets_of_numbers]


def heard(run):
    """What a call gives, and what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore", srcad.CutWarning)
        found = run()
    return found, out.getvalue()


@pytest.mark.parametrize(("x", "n"), [(1.5, 4), (0.6, 5)])
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_and_what_is_printed(f, x, n):
    expected = heard(lambda: f(x, n))
    (out, tangent), printed = heard(lambda: srcad.jvp(f, (x, n), (1.0, None)))
    assert (out, printed) == expected
    (out, pullback), printed = heard(lambda: srcad.vjp(f, x, n))
    assert (out, printed) == expected

    def number(x, n):
        return total(f(x, n))

    value, gradient = heard(lambda: srcad.value_and_grad(number)(x, n))[0]
    assert value == heard(lambda: number(x, n))[0]
    h = 1e-6
    slope = (heard(lambda: number(x + h, n))[0] - heard(lambda: number(x - h, n))[0]) / (2.0 * h)
    assert gradient == pytest.approx(slope, abs=1e-5)
    assert pullback is not None
    assert tangent is not None


def total(found):
    first = found[0]
    return first[0] + 2.0 * first[1] if isinstance(first, list) else first * 1.0


def test_what_is_not_in_a_list_raises_what_python_raises():
    def f(x):
        some = [Plain(x), Plain(1.0)]
        some.remove(Plain(1.0))
        return x

    with pytest.raises(ValueError, match=r"list.remove\(x\): x not in list"):
        srcad.grad(f)(2.0)


def objects_in_a_set(x):
    return x * len({Speaks(1.0), Speaks(1.0), Speaks(2.0)})


def differentiated_in_a_set(x):
    return x * len({x, 1.5, 2.0 * x})


@pytest.mark.parametrize(("f", "error"), [(objects_in_a_set, "objects in a set"), (differentiated_in_a_set, "a set holds differentiated")])
def test_sets_that_would_have_to_tell_them_apart_are_refused(f, error):
    with pytest.raises(srcad.SrcadError, match=error):
        srcad.grad(f)(1.5)
