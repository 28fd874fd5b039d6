"""Activity: what is varied, useful and active, and which cuts are reported."""
from __future__ import annotations

import math

import numpy as np
import pytest

from srcad.analysis.activity import activity
from srcad.ir.parse import parse_func, parse_program
from tests.ad.support import typed


def names(found):
    return {v.name for v in found}


def active(text, *wrt):
    program = parse_program(text.lstrip(), find)
    return names(activity(program.entry, wrt or (0,), program).active)


def find(name):
    from srcad.ir.core import ALL
    from srcad.ops import table

    return ALL.get(name) or table.spelling(name).op


def cuts(function, *args, wrt=(0,)):
    program = typed(function, args, wrt)
    return [(c.loc.line, c.op) for c in activity(program.entry, wrt, program).cuts]


def test_varied_and_useful():
    found = active("""
def f(x: float, y: float) {
  a: float = mul(x, x)
  b: float = mul(y, y)
  c: float = add(a, b)
  dead: float = mul(a, a)
  n: int = int(a)
  return c
}
""")
    assert found == {"x", "a", "c"}


def test_carried_value_whose_out_is_dead():
    found = active("""
def f(x: float, n: int) {
  s: float, y: float = for (i: int) in range(0, n, 1) carry (s.1: float = 0.0, y.1: float = x) {
    s.2: float = add(s.1, y.1)
    y.2: float = mul(y.1, y.1)
    yield s.2, y.2
  }
  return s
}
""")
    assert {"x", "y.1", "y.2", "s", "s.1"} <= found


def test_chain_through_carried_values_needs_a_fixpoint():
    found = active("""
def f(x: float, n: int) {
  a: float, b: float, c: float = for (i: int) in range(0, n, 1) carry (a.1: float = 0.0, b.1: float = 0.0, c.1: float = 0.0) {
    yield b.1, c.1, x
  }
  return a
}
""")
    assert found == {"a", "b.1", "c.1", "x"}  # nothing reads a.1


def test_branches_items_and_containers():
    found = active("""
def f(x: list[float], c: bool) {
  p: tuple(float, float) = pack((1.0, 2.0))
  s: float = for (e: float, i: int) in zip(x, range(0, 9, 1)) carry (s.1: float = 0.0) {
    y: float = if c {
      yield e
    } else {
      yield 0.0
    }
    t: tuple(float, int) = pack((y, i))
    u: float, v: int = unpack(t)
    w: float = getitem(p, 0)
    z: float = mul(u, w)
    yield z
  }
  k: int = len(x)
  q: float = mul(s, k)
  return q
}
""")
    assert found == {"x", "e", "y", "t", "u", "z", "s", "q"}


def test_try_and_with():
    found = active("""
def f(x: float) {
  y: float = try path p: int {
    a: float = mul(x, x)
    yield a
  } except &builtins:ValueError as (e) {
    yield x
  }
  z: float = with call(&contextlib:nullcontext) (t) {
    b: float = mul(y, y)
    yield b
  }
  return z
}
""")
    assert found == {"x", "y", "a", "z", "b"}


def test_calls_and_recursion():
    text = """
def f(x: float, n: int) {
  a: float, b: float = @g(x, 1.0, n)
  c: float = @h(a)
  d: float, e: float = @g(1.0, x, n)
  return c, e as (0, 1)
}

def g(p: float, q: float, n: int) {
  r: float, s: float = if n {
    t: float, u: float = @g(q, p, n)
    v: float = mul(t, 2.0)
    yield v, 1.0
  } else {
    yield p, 1.0
  }
  return r, s as (0, 1)
}

def h(y: float) {
  n: int = int(y)
  z: float = float(n)
  return z
}
"""
    found = active(text)
    assert found == set() or "b" not in found
    program = parse_program(text.lstrip(), find)
    whole = activity(program.entry, (0,), program)
    assert {"a", "d"} <= names(whole.varied)
    assert not {"b", "e", "c"} & names(whole.varied)
    inner = activity(program.func("g"), (0,), program, useful=(0,))
    assert {"p", "t", "v", "r"} <= names(inner.active)


def test_unknown_callees_are_assumed_to_vary():
    func = parse_func("def f(x: float) {\n  y: float = @g(x)\n  return y\n}\n")
    assert names(activity(func, (0,)).active) == {"x", "y"}


def test_tape_of_a_reverse_sweep():
    found = active("""
def f(x: float, n: int) {
  tape: list[float] = tape_new()
  tape.1: list[float] = for (i: int) in range(0, n, 1) carry (tape.2: list[float] = tape) {
    tape.3: list[float] = tape_push(tape.2, x)
    yield tape.3
  }
  s: float = for (y: float) in reversed zip(tape.1) carry (s.1: float = 0.0) {
    s.2: float = add(s.1, y)
    yield s.2
  }
  return s
}
""")
    assert {"tape.1", "tape.2", "tape.3", "y", "s"} <= found


# ---- cuts ------------------------------------------------------------------------------------------------------------
def rounded(x):
    n = int(x)
    return x * n


def branch(x):
    if x > 0.5:
        return x
    return 2.0 * x


def mask(x):
    return np.sum(np.where(x > 0, x, 0.0))


def bisection(p, lo, hi):
    for _ in range(30):
        mid = 0.5 * (lo + hi)
        if mid * mid < p:
            lo = mid
        else:
            hi = mid
    return lo


def whole_loop(x):
    k = 0
    while x * k < 3.0:
        k = k + 1
    return float(k)


def index(x):
    return x[int(np.argmax(x))]


def lengths(x):
    n = len(x)
    return np.sum(x) / n * x.shape[0] * np.zeros_like(x).size


def logged(x):
    print(f"{int(x)}")
    return x * 2.0


def bound(x, n):
    s = 0.0
    for _ in range(int(n)):
        s += x
    return s


def helper(x):
    return round(x) + x


def calls_helper(x):
    y = 2.0 * x
    for _ in range(3):
        y = helper(y)
    return y


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (rounded, (2.5,), [(2, "int")]),
        (branch, (0.7,), []),
        (mask, (np.array([1.0, -1.0]),), []),
        (bisection, (2.0, 0.0, 2.0), [(4, "lt")]),
        (whole_loop, (0.7,), [(3, "lt")]),
        (index, (np.array([1.0, 3.0]),), [(2, "np.argmax")]),
        (lengths, (np.array([1.0, 3.0]),), []),
        (logged, (1.5,), []),
    ],
)
def test_cuts(function, args, expected):
    assert cuts(function, *args) == expected


def quotient(x):
    q, r = divmod(x, 2)
    return q * r


def whole_part(x):
    return x * np.modf(x)[-1]


def exponent(x):
    parts = math.frexp(x)
    return parts[0] * parts[1]


def all_of_them(x):
    return sum(np.divmod(x, 2))


def one_by_one(x):
    s = 0.0
    for v in math.modf(x):
        s += v * v
    return s


@pytest.mark.parametrize(
    ("function", "line", "op"),
    [(quotient, 2, "divmod"), (whole_part, 2, "np.modf"), (exponent, 2, "math.frexp"), (all_of_them, 2, "np.divmod"), (one_by_one, 3, "math.modf")],
)
def test_cut_of_one_item_of_a_pair(function, line, op):
    assert cuts(function, 3.7) == [(line, op)]


def test_the_other_item_is_no_cut():
    assert cuts(lambda x: divmod(x, 2)[1] + math.modf(x)[0] * np.frexp(x)[0], 3.7) == []


def test_cut_of_a_loop_bound():
    assert cuts(bound, 0.5, 3.5, wrt=(0, 1)) == [(3, "int")]
    assert cuts(bound, 0.5, 3.5, wrt=(0,)) == []


def test_cut_in_a_function_that_is_called():
    assert [op for _, op in cuts(calls_helper, 0.5)] == ["round"]


def test_math_is_there():
    assert cuts(lambda x: math.floor(x) * x, 1.5) == [(1, "math.floor")]
