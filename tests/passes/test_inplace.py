"""In-place accumulation: only into owned buffers that are dead afterwards."""
from __future__ import annotations

import pytest

from srcad.passes.inplace import inplace
from tests.passes.support import check, unchanged

KEPT = {
    "a parameter is the caller's": """
        def f(x_bar: float64[n], g: float64[n]) {
          x_bar.1: float64[n] = add(x_bar, g)
          return x_bar.1
        }
        """,
    "read afterwards": """
        def f(x: float64[n], g: float64[n]) {
          x_bar: float64[n] = mul(x, g)
          x_bar.1: float64[n] = add(x_bar, g)
          y: float64[n] = mul(x_bar, x_bar.1)
          return y
        }
        """,
    "a view is held": """
        def f(x: float64[n], g: float64[n]) {
          x_bar: float64[n] = mul(x, g)
          v: float64[n-1] = getitem(x_bar, <1:>)
          x_bar.1: float64[n] = add(x_bar, g)
          return x_bar.1, v as (0, 1)
        }
        """,
    "held by a container": """
        def f(x: float64[n], g: float64[n], l: list[float64[n]]) {
          x_bar: float64[n] = mul(x, g)
          m: list[float64[n]] = list_append(l, x_bar)
          x_bar.1: float64[n] = add(x_bar, g)
          return x_bar.1, m as (0, 1)
        }
        """,
    "shapes may differ": """
        def f(x: float64[?], g: float64[?]) {
          x_bar: float64[?] = mul(x, g)
          x_bar.1: float64[?] = add(x_bar, g)
          return x_bar.1
        }
        """,
    "the sum is wider": """
        def f(x: float64[n], g: float64[m, n]) {
          x_bar: float64[n] = mul(x, x)
          x_bar.1: float64[m, n] = add(x_bar, g)
          return x_bar.1
        }
        """,
    "the sum has another dtype": """
        def f(x: float32[n], g: float64[n]) {
          x_bar: float32[n] = mul(x, x)
          x_bar.1: float64[n] = add(x_bar, g)
          return x_bar.1
        }
        """,
    "from outside the loop": """
        def f(x: float64[n], g: float64[n]) {
          x_bar: float64[n] = mul(x, g)
          s: float64[n] = for (i: int) in range(0, 3, 1) carry (s.1: float64[n] = g) {
            x_bar.1: float64[n] = add(x_bar, s.1)
            yield x_bar.1
          }
          return s
        }
        """,
    "carried from a parameter": """
        def f(x: float64[n], g: float64[n]) {
          x_bar: float64[n] = for (i: int) in range(0, 3, 1) carry (x_bar.1: float64[n] = x) {
            x_bar.2: float64[n] = add(x_bar.1, g)
            yield x_bar.2
          }
          return x_bar
        }
        """,
    "carried twice": """
        def f(x: float64[n], g: float64[n]) {
          z: float64[n] = mul(x, g)
          x_bar: float64[n], y_bar: float64[n] = for (i: int) in range(0, 3, 1) carry (x_bar.1: float64[n] = z, y_bar.1: float64[n] = z) {
            x_bar.2: float64[n] = add(x_bar.1, g)
            yield x_bar.2, y_bar.1
          }
          return x_bar, y_bar as (0, 1)
        }
        """,
    "the other trip hands on what is not owned": """
        def f(x: float64[n], g: float64[n]) {
          z: float64[n] = mul(x, g)
          x_bar: float64[n] = for (i: int) in range(0, 3, 1) carry (x_bar.1: float64[n] = z) {
            x_bar.2: float64[n] = add(x_bar.1, g)
            x_bar.3: float64[n] = if i {
              yield x_bar.2
            } else {
              yield g
            }
            yield x_bar.3
          }
          return x_bar
        }
        """,
    "the primal": """
        def f(x: float64[n], g: float64[n]) {
          y: float64[n] = mul(x, g)
          y.1: float64[n] = add(y, g)
          return y.1
        }
        """,
    "a call of a function": """
        def f(x: float64[n], g: float64[n]) {
          x_bar: float64[n] = @g(x)
          x_bar.1: float64[n] = add(x_bar, g)
          return x_bar.1
        }
        """,
    "doubled": """
        def f(x: float64[n]) {
          x_bar: float64[n] = mul(x, x)
          x_bar.1: float64[n] = add(x_bar, x_bar)
          return x_bar.1
        }
        """,
    "written into something that is not owned": """
        def f(x: float64[n], g: float64[n]) {
          x_bar: float64[n] = accum(x, g)
          x_bar.1: float64[n] = add(x_bar, g)
          return x_bar.1
        }
        """,
}


@pytest.mark.parametrize("why", KEPT)
def test_kept(why):
    unchanged(inplace, KEPT[why])


def test_either_operand_may_be_owned():
    check(inplace, """
        def f(x: float64[n], g: float64[n]) {
          g_bar: float64[n] = mul(x, x)
          x_bar: float64[n] = add(g, g_bar)
          return x_bar
        }
        """, """
        def f(x: float64[n], g: float64[n]) {
          g_bar: float64[n] = mul(x, x)
          x_bar: float64[n] = accum(g_bar, g)
          return x_bar
        }
        """)  # fmt: skip


def test_through_branches():
    check(inplace, """
        def f(x: float64[n], g: float64[n], c: bool) {
          z: float64[n] = mul(x, x)
          x_bar: float64[n] = for (i: int) in range(0, 3, 1) carry (x_bar.1: float64[n] = z) {
            x_bar.2: float64[n] = add(x_bar.1, g)
            x_bar.3: float64[n] = if c {
              x_bar.4: float64[n] = mul(x_bar.2, g)
              yield x_bar.4
            } else {
              x_bar.5: float64[n] = mul(x, g)
              x_bar.6: float64[n] = add(x_bar.5, g)
              yield x_bar.6
            }
            yield x_bar.3
          }
          return x_bar
        }
        """, """
        def f(x: float64[n], g: float64[n], c: bool) {
          z: float64[n] = mul(x, x)
          x_bar: float64[n] = for (i: int) in range(0, 3, 1) carry (x_bar.1: float64[n] = z) {
            x_bar.2: float64[n] = accum(x_bar.1, g)
            x_bar.3: float64[n] = if c {
              x_bar.4: float64[n] = mul(x_bar.2, g)
              yield x_bar.4
            } else {
              x_bar.5: float64[n] = mul(x, g)
              x_bar.6: float64[n] = accum(x_bar.5, g)
              yield x_bar.6
            }
            yield x_bar.3
          }
          return x_bar
        }
        """)  # fmt: skip


def test_a_copy_of_a_dead_buffer():
    check(inplace, """
        def f(x: float64[n], g: float64[n]) {
          y_bar: float64[n] = mul(x, g)
          y_bar.1: float64[n] = copy(y_bar)
          y_bar.2: float64[n] = add(y_bar.1, g)
          return y_bar.2
        }
        """, """
        def f(x: float64[n], g: float64[n]) {
          y_bar: float64[n] = mul(x, g)
          y_bar.2: float64[n] = accum(y_bar, g)
          return y_bar.2
        }
        """)  # fmt: skip


COPIED = {
    "read again": """
        def f(x: float64[n], g: float64[n]) {
          y_bar: float64[n] = mul(x, g)
          z_bar: float64[n] = copy(y_bar)
          return y_bar, z_bar as (0, 1)
        }
        """,
    "the caller's": """
        def f(x: float64[n]) {
          y_bar: float64[n] = copy(x)
          return y_bar
        }
        """,
    "a view is held": """
        def f(x: float64[n], g: float64[n]) {
          y_bar: float64[n] = mul(x, g)
          v: float64[n-1] = getitem(y_bar, <1:>)
          z_bar: float64[n] = copy(y_bar)
          return z_bar, v as (0, 1)
        }
        """,
    "made in every trip": """
        def f(x: float64[n], g: float64[n]) {
          y_bar: float64[n] = mul(x, g)
          s: float64[n] = for (i: int) in range(0, 3, 1) carry (s.1: float64[n] = g) {
            z_bar: float64[n] = copy(y_bar)
            yield z_bar
          }
          return s
        }
        """,
}  # fmt: skip


@pytest.mark.parametrize("text", COPIED.values(), ids=COPIED)
def test_copies_of_other_buffers_stay(text):
    unchanged(inplace, text)
