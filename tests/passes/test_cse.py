"""Common subexpressions: what may be merged and what may not."""
from __future__ import annotations

from srcad.passes.cse import cse
from tests.passes.support import check, unchanged


def test_computations_are_known_in_inner_blocks_only():
    check(cse, """
        def f(x: float) {
          a: float = mul(x, x)
          b: float = if x {
            c: float = mul(x, x)
            d: float = sub(x, c)
            yield d
          } else {
            e: float = sub(x, a)
            yield e
          }
          g: float = sub(x, a)
          return b, g as (0, 1)
        }
        """, """
        def f(x: float) {
          a: float = mul(x, x)
          b: float = if x {
            d: float = sub(x, a)
            yield d
          } else {
            e: float = sub(x, a)
            yield e
          }
          g: float = sub(x, a)
          return b, g as (0, 1)
        }
        """)  # fmt: skip


def test_constants_of_different_types_differ():
    unchanged(cse, """
        def f(x: float) {
          a: float = mul(x, 1)
          b: float = mul(x, 1.0)
          c: float = mul(x, True)
          d: float = mul(x, 0.0)
          e: float = mul(x, -0.0)
          return a, b, c, d, e as (0, 1, 2, 3, 4)
        }
        """)


def test_effects_are_not_merged():
    unchanged(cse, """
        def f(x: float, o) {
          a = call(&random:random)
          b = call(&random:random)
          c = getattr(o, 'p')
          d = getattr(o, 'p')
          e: float = @g(x)
          h: float = @g(x)
          return a, b, c, d, e, h as (0, 1, 2, 3, 4, 5)
        }
        """)


def test_results_that_are_handed_out_stay_apart():
    unchanged(cse, """
        def f(x: float64[n]) {
          a: float64[n] = np.exp(x)
          b: float64[n] = np.exp(x)
          return a, b as (0, 1)
        }
        """)


def test_buffers_that_are_consumed_stay_apart():
    unchanged(cse, """
        def f(x: float64[n]) {
          a: float64[n] = zeros_like_shape(x)
          b: float64[n] = zeros_like_shape(x)
          a.1: float64[n] = accum(a, x)
          b.1: float64[n] = accum(b, a.1)
          s: np.float64 = np.sum(b.1)
          return s
        }
        """)


def test_arrays_that_are_only_read_are_merged():
    check(cse, """
        def f(x: float64[n]) {
          a: float64[n] = np.exp(x)
          b: float64[n] = np.exp(x)
          c: float64[n] = mul(a, b)
          s: np.float64 = np.sum(c)
          return s
        }
        """, """
        def f(x: float64[n]) {
          a: float64[n] = np.exp(x)
          c: float64[n] = mul(a, a)
          s: np.float64 = np.sum(c)
          return s
        }
        """)  # fmt: skip


def test_what_a_derivative_has_made_before_becomes_the_functions_own():
    """With its name, and raising what that raises; not where the function's own is on some paths only."""
    check(cse, """
        def f(x: float, y: float) {
          %1: float = quiet.truediv(x, y)
          %2: float = mul(%1, x)
          q: float = truediv(x, y)
          return q, %2 as (0, 1)
        }
        """, """
        def f(x: float, y: float) {
          q: float = truediv(x, y)
          %2: float = mul(q, x)
          return q, %2 as (0, 1)
        }
        """)  # fmt: skip
    unchanged(cse, """
        def f(x: float, y: float) {
          a: float = quiet.truediv(x, y)
          b: float = if x {
            c: float = truediv(x, y)
            yield c
          } else {
            yield x
          }
          return a, b as (0, 1)
        }
        """)
