"""Lists that hold one number: which are known to, through loops and branches."""
from __future__ import annotations

from srcad.passes.filled import filled
from tests.passes.support import check, unchanged


def test_branches_and_lists_of_what_lists_hold():
    check(filled, """
        def f(g: float, items: list[float], n: int, c: bool) {
          a: list[float] = fill(g, items)
          b: list[float], s: float = for (k: int) in range(0, n, 1) carry (b.1: list[float] = a, s.1: float = 0.0) {
            b.2: list[float] = if c {
              b.3: list[float], d: float = list_pop(b.1)
              yield b.3
            } else {
              yield b.1
            }
            e: float = getitem(b.2, 0)
            h: list[float] = fill(e, items)
            h.1: list[float], i: float = list_pop(h)
            s.2: float = mul(s.1, i)
            yield b.2, s.2
          }
          b.4: list[float], j: float = list_pop(b)
          return s, j as (0, 1)
        }
        """, """
        def f(g: float, items: list[float], n: int, c: bool) {
          a: list[float] = fill(g, items)
          b: list[float], s: float = for (k: int) in range(0, n, 1) carry (b.1: list[float] = a, s.1: float = 0.0) {
            b.2: list[float] = if c {
              b.3: list[float], d: float = list_pop(b.1)
              yield b.3
            } else {
              yield b.1
            }
            e: float = getitem(b.2, 0)
            h: list[float] = fill(g, items)
            h.1: list[float], i: float = list_pop(h)
            s.2: float = mul(s.1, g)
            yield b.2, s.2
          }
          b.4: list[float], j: float = list_pop(b)
          return s, g as (0, 1)
        }
        """)  # fmt: skip


def test_lists_that_take_other_numbers():
    unchanged(filled, """
        def f(g: float, x: float, items: list[float], n: int, c: bool) {
          a: list[float] = fill(g, items)
          b: list[float], s: float = for (k: int) in range(0, n, 1) carry (b.1: list[float] = a, s.1: float = 0.0) {
            b.2: list[float], d: float = list_pop(b.1)
            b.3: list[float] = list_append(b.2, x)
            s.2: float = mul(s.1, d)
            yield b.3, s.2
          }
          e: list[float] = fill(x, items)
          h: list[float] = fill(g, items)
          i: list[float] = if c {
            yield e
          } else {
            yield h
          }
          i.1: list[float], j: float = list_pop(i)
          return s, j as (0, 1)
        }
        """)
