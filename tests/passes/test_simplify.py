"""Simplification: exact rules on the primal, more on derivative code."""
from __future__ import annotations

from srcad.passes.simplify import simplify
from tests.passes.support import check, unchanged


def test_carried_values_that_do_not_change():
    check(simplify, """
        def f(x: float, n: int) {
          a: float, b: float, c: float, e: int = for (i: int) in range(0, n, 1) carry (a.1: float = x, b.1: float = x, c.1: float = x, e.1: int = 0) exit 3 {
            c.2: float = mul(c.1, a.1)
            yield b.1, a.1, c.2, 0
          }
          return a, b, c as (0, 1, 2)
        }
        """, """
        def f(x: float, n: int) {
          c: float = for (i: int) in range(0, n, 1) carry (c.1: float = x) {
            c.2: float = mul(c.1, x)
            yield c.2
          }
          return x, x, c as (0, 1, 2)
        }
        """)  # fmt: skip


def test_loop_tests_see_constant_values():
    check(simplify, """
        def f(x: float) {
          a: float, b: float = while carry (a.1: float = x, b.1: float = 2.0) test (a.2: float, b.2: float) {
            c: bool = lt(a.2, b.2)
            yield c
          } do {
            a.3: float = mul(a.1, b.1)
            yield a.3, b.1
          }
          return a, b as (0, 1)
        }
        """, """
        def f(x: float) {
          a: float = while carry (a.1: float = x) test (a.2: float) {
            c: bool = lt(a.2, 2.0)
            yield c
          } do {
            a.3: float = mul(a.1, 2.0)
            yield a.3
          }
          return a, 2.0 as (0, 1)
        }
        """)  # fmt: skip


def test_undefined_starts_stay():
    unchanged(simplify, """
        def f(x: float, n: int) {
          a: float = for (i: int) in range(0, n, 1) carry (a.1: float = undef) {
            yield x
          }
          return a
        }
        """)


def test_containers_are_taken_apart():
    check(simplify, """
        def f(x: float, y: float) {
          t = pack(((x, y), {'a'}))
          d = pack(dict{'a': x, 'b': [x, y]})
          p = getitem(t, 0)
          q: float = getitem(p, -1)
          r: float = getitem(d, 'a')
          s = getitem(d, 'b')
          u: float, v: float = unpack(s)
          w: float = getitem(d, 'c')
          return q, r, u, v, w as (0, 1, 2, 3, 4)
        }
        """.replace("{'a'}))", "set{'a'}))"), """
        def f(x: float, y: float) {
          t = pack(((x, y), set{'a'}))
          d = pack(dict{'a': x, 'b': [x, y]})
          p = pack((x, y))
          s = pack([x, y])
          w: float = getitem(d, 'c')
          return y, x, x, y, w as (0, 1, 2, 3, 4)
        }
        """)  # fmt: skip


def test_objects_found_by_import_keep_their_name():
    unchanged(simplify, """
        def f(x: float) {
          c = pack(&m:CONSTANT)
          y: float = mul(x, c)
          return y
        }
        """)


def test_arithmetic_of_the_primal_stays():
    unchanged(simplify, """
        def f(x: float, y: float) {
          a: float = add(x, 0.0)
          b: float = neg(y)
          c: float = add(x, b)
          d: float = mul(2.0, 3.0)
          return a, c, d as (0, 1, 2)
        }
        """)


def test_exact_rules():
    check(simplify, """
        def f(x: float, i: int) {
          a: float = mul(x, 1.0)
          b: float = truediv(a, 1)
          c: float = neg(b)
          d: float = neg(c)
          e: int = neg(i)
          g: int = neg(e)
          h: float = mul(i, 1.0)
          return d, g, h as (0, 1, 2)
        }
        """, """
        def f(x: float, i: int) {
          c: float = neg(x)
          e: int = neg(i)
          g: int = neg(e)
          h: float = mul(i, 1.0)
          return x, g, h as (0, 1, 2)
        }
        """)  # fmt: skip


def test_a_new_value_hands_its_buffer_over():
    check(simplify, """
        def f(x: float64[n], g: float64[n]) {
          y: float64[n] = np.sin(x)
          z: float64[n] = mul(y, 1.0)
          z.1: float64[n] = accum(z, g)
          return z.1
        }
        """, """
        def f(x: float64[n], g: float64[n]) {
          y: float64[n] = np.sin(x)
          z.1: float64[n] = accum(y, g)
          return z.1
        }
        """)  # fmt: skip


def test_a_value_that_is_read_again_stays():
    unchanged(simplify, """
        def f(x: float64[n], g: float64[n], n: int) {
          y: float64[n] = np.sin(x)
          z: float64[n] = mul(y, 1.0)
          z.1: float64[n] = accum(z, y)
          w: float64[n] = np.sin(x)
          s: float64[n] = for (i: int) in range(0, n, 1) carry (s.1: float64[n] = z.1) {
            v: float64[n] = mul(w, 1.0)
            v.1: float64[n] = accum(v, s.1)
            yield v.1
          }
          return s
        }
        """)


def test_derivative_code():
    check(simplify, """
        def f(x: float, y: float) {
          a: float = quiet.add(0.0, x)
          b: float = quiet.neg(y)
          c: float = quiet.add(a, b)
          d: float = quiet.mul(2.0, 3.0)
          e: float = quiet.truediv(1.0, 0.0)
          x_bar: float = add(y, 0.0)
          return c, d, e, x_bar as (0, 1, 2, 3)
        }
        """, """
        def f(x: float, y: float) {
          b: float = quiet.neg(y)
          c: float = quiet.sub(x, y)
          e: float = quiet.truediv(1.0, 0.0)
          return c, 6.0, e, y as (0, 1, 2, 3)
        }
        """)  # fmt: skip


def test_first_contribution_to_an_array():
    check(simplify, """
        def f(x: float64[n], g: float64[n], h: np.float64) {
          z: float64[n] = zeros_like_shape(x)
          x_bar: float64[n] = quiet.add(z, g)
          s: np.float64 = np.sum(x_bar)
          x_bar.1: float64[n] = quiet.add(z, h)
          t: np.float64 = np.sum(x_bar.1)
          return s, t as (0, 1)
        }
        """, """
        def f(x: float64[n], g: float64[n], h: np.float64) {
          z: float64[n] = zeros_like_shape(x)
          s: np.float64 = np.sum(g)
          x_bar.1: float64[n] = quiet.add(z, h)
          t: np.float64 = np.sum(x_bar.1)
          return s, t as (0, 1)
        }
        """)  # fmt: skip


def test_results_are_no_aliases_of_arguments():
    unchanged(simplify, """
        def f(x: float64[n], g: float64[n]) {
          z: float64[n] = zeros_like_shape(x)
          x_bar: float64[n] = quiet.add(z, g)
          y: float64[n] = mul(x, 1.0)
          return x_bar, y as (0, 1)
        }
        """)


def test_shapes_that_are_not_known_may_broadcast():
    unchanged(simplify, """
        def f(x: float64[?], g: float64[?]) {
          z: float64[?] = zeros_like_shape(x)
          x_bar: float64[?] = quiet.add(z, g)
          s: np.float64 = np.sum(x_bar)
          return s
        }
        """)


def test_branches():
    check(simplify, """
        def f(x: float, c: bool) {
          a: float, b: float, d: float = if c {
            e: float = mul(x, x)
            yield x, e, x
          } else {
            yield x, x, undef
          }
          g: float = if False {
            raise(&builtins:ValueError)
            yield undef
          } else {
            h: float = mul(a, b)
            yield h
          }
          return g, d as (0, 1)
        }
        """, """
        def f(x: float, c: bool) {
          b: float, d: float = if c {
            e: float = mul(x, x)
            yield e, x
          } else {
            yield x, undef
          }
          h: float = mul(x, b)
          return h, d as (0, 1)
        }
        """)  # fmt: skip


def test_blocks_inside_try_and_with():
    check(simplify, """
        def f(x: float) {
          a: float = try {
            b: float = pack(x)
            yield b
          } except {
            yield 0.0
          }
          c: float = with call(&contextlib:nullcontext) {
            d: float = pack(a)
            yield d
          }
          return c
        }
        """, """
        def f(x: float) {
          a: float = try {
            yield x
          } except {
            yield 0.0
          }
          c: float = with call(&contextlib:nullcontext) {
            yield a
          }
          return c
        }
        """)  # fmt: skip


def test_multiples_of_one_value_are_one_multiple():
    check(simplify, """
        def f(g: float64[n]) {
          x_bar: float64[n] = mul(-0.25, g)
          y_bar: float64[n] = mul(0.9, g)
          a_bar: float64[n] = add(g, x_bar)
          b_bar: float64[n] = add(g, g)
          c_bar: float64[n] = add(a_bar, x_bar)
          d_bar: float64[n] = add(x_bar, y_bar)
          return a_bar, b_bar, c_bar, d_bar as (0, 1, 2, 3)
        }
        """, """
        def f(g: float64[n]) {
          x_bar: float64[n] = mul(-0.25, g)
          y_bar: float64[n] = mul(0.9, g)
          a_bar: float64[n] = mul(0.75, g)
          b_bar: float64[n] = mul(2.0, g)
          c_bar: float64[n] = mul(0.5, g)
          d_bar: float64[n] = mul(0.65, g)
          return a_bar, b_bar, c_bar, d_bar as (0, 1, 2, 3)
        }
        """)  # fmt: skip
    unchanged(simplify, """
        def f(g: float64[n]) {
          x_bar: float64[n] = mul(-2.0, g)
          y_bar: float64[n] = mul(-0.9, g)
          a_bar: float64[n] = add(g, x_bar)
          b_bar: float64[n] = add(g, y_bar)
          return a_bar, b_bar as (0, 1)
        }
        """)
