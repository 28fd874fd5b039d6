"""Results that no caller reads, and parameters that only they need: what goes, and what stays."""
from __future__ import annotations

import textwrap

import numpy as np
import pytest

import srcad
from srcad.ir.parse import parse_program
from srcad.ir.text import print_program
from srcad.ir.verify import verify
from srcad.passes.unread import unread
from tests.operators.test_products_of_loops import product_text
from tests.passes.support import find


def program(text):
    return parse_program(textwrap.dedent(text).lstrip(), find)


def check(before, after):
    got = unread(program(before))
    for f in got.funcs:
        verify(f)
    assert print_program(got) == print_program(program(after))


def test_results_are_read_where_any_call_reads_them():
    text = """
        def f(x: float) {
          a: float, b: float = @g(x, 1.0)
          c: float, d: float = @g(a, 2.0)
          return a, d as (0, 1)
        }

        def g(x: float, y: float) {
          return x, y as (0, 1)
        }
        """
    check(text, text)


def test_recursion_that_feeds_itself_goes():
    check("""
        def f(x: float, n: int) {
          a: float, b: float = @g(x, x, n)
          return a
        }

        def g(x: float, y: float, n: int) {
          p: float, q: float = if n {
            m: int = sub(n, 1)
            c: float, d: float = @g(x, y, m)
            e: float = mul(d, y)
            yield c, e
          } else {
            yield x, y
          }
          return p, q as (0, 1)
        }
        """, """
        def f(x: float, n: int) {
          a: float = @g(x, n)
          return a
        }

        def g(x: float, n: int) {
          p: float = if n {
            m: int = sub(n, 1)
            c: float = @g(x, m)
            yield c
          } else {
            yield x
          }
          return p
        }
        """)  # fmt: skip


def test_what_effects_need_stays():
    check("""
        def f(x: float, y: float) {
          a: float, b: float = @g(x, y)
          return x
        }

        def g(x: float, y: float) {
          %1 = call(&builtins:print, y)
          z: float = mul(x, x)
          return z, y as (0, 1)
        }
        """, """
        def f(x: float, y: float) {
          a: float = @g(x, y)
          return x
        }

        def g(x: float, y: float) {
          %1 = call(&builtins:print, y)
          z: float = mul(x, x)
          return z
        }
        """)  # fmt: skip


def test_functions_that_others_may_call_stay():
    text = """
        def f_fwd(x: float) {
          a: float, b: float = @h(x, 1.0)
          return a
        }

        def f_bwd(x: float, g: float) {
          return g, x as (0, 1)
        }

        def h(x: float, y: float) {
          a: float, b: float = @f_bwd(x, y)
          return a, a as (0, 1)
        }
        """
    got = unread(program(text))
    assert print_program(replace_h(got)) == print_program(replace_h(program(text)))
    assert len(got.func("h").body.yields) == 1


def replace_h(whole):
    return type(whole)(whole.funcs[1:2])


def steps(x, w):
    s = x
    for i in range(len(w)):
        s = s * w[i] + np.sin(s)
    return s


def total(x, w):
    t = 0.0
    for j in range(4):
        t = t + np.sum(steps(x * (j + 1), w))
    return t


def powers(x, n):
    return x if n == 0 else x * powers(x, n - 1) + np.sin(x)


X, W = np.array([0.3, 0.5]), np.array([0.4, -0.2, 0.3])


def test_cotangents_that_calls_only_hand_on_are_not_computed():
    text = product_text(total, X, W, wrt=(0, 1))
    backward = text[text.index("def steps_bwd_jvp("):].partition("def total")[0]
    assert "w_bar_dot" in backward
    assert "w_bar[" not in backward


@pytest.mark.parametrize(("f", "args", "wrt"), [(total, (X, W), (0, 1)), (powers, (1.1, 6), 0), (total, (X, W), 0)])
def test_right(f, args, wrt):
    gradient = srcad.grad(f, wrt)
    along = tuple(np.cos(a) if n in np.atleast_1d(wrt) else None for n, a in enumerate(args))
    along = tuple(float(t) if isinstance(t, np.floating) else t for t in along)

    def at(h):
        found = gradient(*(a if t is None else a + h * t for a, t in zip(args, along, strict=True)))
        return found if isinstance(wrt, tuple) else (found,)

    found = srcad.hvp(f, args, along, wrt)
    for got, *values in zip(found if isinstance(wrt, tuple) else (found,), at(1e-3), at(-1e-3), at(2e-3), at(-2e-3), strict=True):
        a, b, c, d = values
        np.testing.assert_allclose(got, (8.0 * (a - b) - (c - d)) / 12e-3, rtol=1e-8)
    value, pullback = srcad.vjp(f, *args)
    np.testing.assert_allclose(value, f(*args), rtol=0)
    np.testing.assert_allclose(pullback(1.0)[0], at(0.0)[0], rtol=1e-14)
