"""Dead code: what must stay and what must go."""
from __future__ import annotations

from srcad.ir.nodes import Effect
from srcad.passes.dce import dce
from tests.passes.support import check, unchanged


def test_effects_stay_in_order():
    unchanged(dce, """
        def f(x: float) {
          %1 = call(&builtins:print, x)
          y: float = truediv(x, 0.0)
          if x {
            raise(&builtins:ValueError)
          }
          return x
        }
        """)


def test_operations_that_types_make_harmless_go():
    check(dce, """
        def f(x: float, t: tuple(float, int), a: float64[n], b: float64[n]) {
          y: float = mul(x, x)
          z: float = getitem(t, 1)
          c: float64[n] = add(a, b)
          d: float64[n] = np.exp(c)
          e: bool = lt(x, 1.0)
          g: bool = not_(e)
          return x
        }
        """, """
        def f(x: float, t: tuple(float, int), a: float64[n], b: float64[n]) {
          return x
        }
        """)  # fmt: skip


def test_operations_that_may_raise_stay():
    unchanged(dce, """
        def f(x: float, i: int, t: tuple(float, int), a: float64[n], b: float64[m]) {
          y: float = pow(x, x)
          z: float = getitem(t, 2)
          c: float64[?] = add(a, b)
          e: float = math.exp(x)
          g: np.float64 = getitem(a, i)
          return x
        }
        """)


def test_derivative_code_is_no_root():
    check(dce, """
        def f(x: float, y: float) {
          z: float = quiet.truediv(x, y)
          return x
        }
        """, """
        def f(x: float, y: float) {
          return x
        }
        """)  # fmt: skip


def test_values_that_only_feed_themselves_go():
    check(dce, """
        def f(x: float, n: int) {
          a: float, b: float, c: float = for (i: int) in range(0, n, 1) carry (a.1: float = x, b.1: float = x, c.1: float = x) {
            b.2: float = mul(c.1, x)
            c.2: float = mul(b.1, x)
            a.2: float = mul(a.1, x)
            yield a.2, b.2, c.2
          }
          return a
        }
        """, """
        def f(x: float, n: int) {
          a: float = for (i: int) in range(0, n, 1) carry (a.1: float = x) {
            a.2: float = mul(a.1, x)
            yield a.2
          }
          return a
        }
        """)  # fmt: skip


def test_a_carried_value_that_another_needs_stays():
    unchanged(dce, """
        def f(x: float, n: int) {
          a: float, b: float = for (i: int) in range(0, n, 1) carry (a.1: float = x, b.1: float = x) {
            a.2: float = mul(a.1, b.1)
            b.2: float = mul(b.1, x)
            yield a.2, b.2
          }
          return a
        }
        """)


def test_exit_flag_stays_and_is_renumbered():
    check(dce, """
        def f(x: float, n: int) {
          a: float, dead: float, e: int = for (i: int) in range(0, n, 1) carry (a.1: float = x, d.1: float = x, e.1: int = 0) exit 2 count k: int {
            a.2: float = mul(a.1, x)
            c: bool = lt(a.2, 1.0)
            e.2: int = if c {
              yield 1
            } else {
              yield 0
            }
            yield a.2, a.2, e.2
          }
          return a
        }
        """, """
        def f(x: float, n: int) {
          a: float, e: int = for (i: int) in range(0, n, 1) carry (a.1: float = x, e.1: int = 0) exit 1 {
            a.2: float = mul(a.1, x)
            c: bool = lt(a.2, 1.0)
            e.2: int = if c {
              yield 1
            } else {
              yield 0
            }
            yield a.2, e.2
          }
          return a
        }
        """)  # fmt: skip


def test_while_loops_stay_since_they_may_not_end():
    check(dce, """
        def f(x: float) {
          a: float, b: float = while carry (a.1: float = x, b.1: float = x) test (a.2: float, b.2: float) {
            c: bool = lt(a.2, 1.0)
            yield c
          } do {
            a.3: float = mul(a.1, 2.0)
            b.3: float = mul(b.1, 2.0)
            yield a.3, b.3
          }
          return x
        }
        """, """
        def f(x: float) {
          a: float = while carry (a.1: float = x) test (a.2: float) {
            c: bool = lt(a.2, 1.0)
            yield c
          } do {
            a.3: float = mul(a.1, 2.0)
            yield a.3
          }
          return x
        }
        """)  # fmt: skip


def test_for_loops_without_effects_go():
    check(dce, """
        def f(x: float, n: int, xs: list[float], a: float64[n]) {
          y: float = for (v: float, w: np.float64, i: int) in zip(xs, a, range(0, n, 2)) carry (y.1: float = x) {
            yield v
          }
          return x
        }
        """, """
        def f(x: float, n: int, xs: list[float], a: float64[n]) {
          return x
        }
        """)  # fmt: skip


def test_loops_whose_iteration_may_raise_stay():
    unchanged(dce, """
        def f(x: float, n, s: int, xs) {
          for (i: int) in range(0, n, 1) {
          }
          for (i.1: int) in range(0, 1, s) {
          }
          for (v) in zip(xs) {
          }
          for (w) in zip(x) {
          }
          return x
        }
        """)


def test_branches_try_and_with():
    check(dce, """
        def f(x: float) {
          a: float, b: float = if x {
            c: float = mul(x, x)
            d: float = mul(x, x)
            yield c, d
          } else {
            yield x, x
          }
          e: float, g: float = try path p: int {
            h: float = mul(x, x)
            yield h, x
          } except &builtins:ValueError {
            yield x, x
          } finally {
            k: float = mul(x, x)
          }
          l: float, m: float = with call(&contextlib:nullcontext) (t) {
            yield x, x
          }
          if x {
            o: float = mul(x, x)
          }
          return a, l as (0, 1)
        }
        """, """
        def f(x: float) {
          a: float = if x {
            c: float = mul(x, x)
            yield c
          } else {
            yield x
          }
          l: float = with call(&contextlib:nullcontext) (t) {
            yield x
          }
          return a, l as (0, 1)
        }
        """)  # fmt: skip


def test_try_with_effects_keeps_its_handlers():
    unchanged(dce, """
        def f(x: float) {
          path: float = try path p: int {
            y: float = truediv(x, 0.0)
            yield y
          } except &builtins:ZeroDivisionError {
            yield 1.0
          } finally {
            %1 = call(&builtins:print, x)
          }
          return path, p as (0, 1)
        }
        """)


def test_the_caller_may_say_what_has_effects():
    check(lambda f: dce(f, lambda op, args, params: Effect.NONE), """
        def f(x: float) {
          y: float = truediv(x, 0.0)
          return x
        }
        """, """
        def f(x: float) {
          return x
        }
        """)  # fmt: skip


def test_sequences_that_nobody_reads_on_the_way_back():
    """From last to first they have equal lengths; from first to last the shortest one ends the loop."""
    check(dce, """
        def f(xs: list[float], ys: list[float], zs: list[float]) {
          a: float = for (x: float, y: float, z: float) in reversed zip(xs, ys, zs) carry (a.1: float = 0.0) {
            a.2: float = mul(a.1, y)
            yield a.2
          }
          b: float = for (x.1: float, y.1: float) in zip(xs, ys) carry (b.1: float = 0.0) {
            b.2: float = mul(b.1, y.1)
            yield b.2
          }
          c: float = for (x.2: float, y.2: float) in reversed zip(xs, ys) carry (c.1: float = 1.0) {
            c.2: float = mul(c.1, 2.0)
            yield c.2
          }
          return a, b, c as (0, 1, 2)
        }
        """, """
        def f(xs: list[float], ys: list[float], zs: list[float]) {
          a: float = for (y: float) in reversed zip(ys) carry (a.1: float = 0.0) {
            a.2: float = mul(a.1, y)
            yield a.2
          }
          b: float = for (x.1: float, y.1: float) in zip(xs, ys) carry (b.1: float = 0.0) {
            b.2: float = mul(b.1, y.1)
            yield b.2
          }
          c: float = for (x.2: float) in reversed zip(xs) carry (c.1: float = 1.0) {
            c.2: float = mul(c.1, 2.0)
            yield c.2
          }
          return a, b, c as (0, 1, 2)
        }
        """)  # fmt: skip
