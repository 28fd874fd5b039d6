"""Augmented assignments: of a place that was read for other things too, as long as that was before the store."""
from __future__ import annotations

from srcad.passes.augment import augment
from tests.passes.support import check, unchanged


def test_what_was_read_is_read_for_another_thing_too():
    check(augment, """
        def f(a: float64[n], i: int, v: np.float64) {
          %1: np.float64 = getitem(a, i)
          %2: np.float64 = mul(%1, v)
          %3: np.float64 = add(%1, %2)
          a.1: float64[n] = store(a, i, %3)
          return a.1
        }
        """, """
        def f(a: float64[n], i: int, v: np.float64) {
          %1: np.float64 = getitem(a, i)
          %2: np.float64 = mul(%1, v)
          a.1: float64[n] = store_add(a, i, %2)
          return a.1
        }
        """)  # fmt: skip


def test_what_is_read_behind_the_store_stays():
    unchanged(augment, """
        def f(a: float64[n], i: int, v: np.float64) {
          %1: np.float64 = getitem(a, i)
          %2: np.float64 = add(%1, v)
          a.1: float64[n] = store(a, i, %2)
          %3: np.float64 = mul(%1, v)
          return a.1, %3 as (0, 1)
        }
        """)


def test_what_a_block_hands_on_stays():
    unchanged(augment, """
        def f(a: float64[n], i: int, v: np.float64, c: bool) {
          %1: np.float64 = getitem(a, i)
          %4: np.float64 = if c {
            yield %1
          } else {
            yield v
          }
          %2: np.float64 = add(%1, v)
          a.1: float64[n] = store(a, i, %2)
          return a.1, %4 as (0, 1)
        }
        """)


def test_what_was_computed_for_another_thing_too_stays():
    unchanged(augment, """
        def f(a: float64[n], i: int, v: np.float64) {
          %1: np.float64 = getitem(a, i)
          %2: np.float64 = add(%1, v)
          a.1: float64[n] = store(a, i, %2)
          return a.1, %2 as (0, 1)
        }
        """)
