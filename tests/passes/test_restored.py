"""Places that are set to zero and added to: where a plain store does the same, and where it does not."""
from __future__ import annotations

from srcad.passes.restored import restored
from tests.passes.support import check, unchanged


def test_other_places_may_be_added_to_between():
    check(restored, """
        def f(xs: list[float64[n]], v: float64[n]) {
          z: float64[n] = zeros_like_shape(v)
          xs.1: list[float64[n]] = list_set(xs, -1, z)
          a: float64[n] = mul(v, 2.0)
          xs.2: list[float64[n]] = accum_any(xs.1, -2, a)
          xs.3: list[float64[n]] = accum_any(xs.2, -3, a)
          b: float64[n] = mul(v, 3.0)
          xs.4: list[float64[n]] = accum_any(xs.3, -1, b)
          return xs.4
        }
        """, """
        def f(xs: list[float64[n]], v: float64[n]) {
          z: float64[n] = zeros_like_shape(v)
          a: float64[n] = mul(v, 2.0)
          xs.2: list[float64[n]] = accum_any(xs, -2, a)
          xs.3: list[float64[n]] = accum_any(xs.2, -3, a)
          b: float64[n] = mul(v, 3.0)
          xs.4: list[float64[n]] = list_set(xs.3, -1, b)
          return xs.4
        }
        """)  # fmt: skip


def test_places_around_an_item_of_a_range():
    """Of an array of one element, `u[-1]` is `u[0]`."""
    check(restored, """
        def f(u: float64[n], v: float, n: int) {
          u.3: float64[n] = for (i: int, j: int) in zip(range(1, n, 1), range(0, n, 1)) carry (u.1: float64[n] = u) {
            u.2: float64[n] = store(u.1, i, 0.0)
            a: int = sub(i, 1)
            u.4: float64[n] = accum_at(u.2, a, v)
            u.5: float64[n] = accum_at(u.4, i, v)
            u.6: float64[n] = store(u.5, j, 0.0)
            b: int = sub(j, 1)
            u.7: float64[n] = accum_at(u.6, b, v)
            u.8: float64[n] = accum_at(u.7, j, v)
            yield u.8
          }
          return u.3
        }
        """, """
        def f(u: float64[n], v: float, n: int) {
          u.3: float64[n] = for (i: int, j: int) in zip(range(1, n, 1), range(0, n, 1)) carry (u.1: float64[n] = u) {
            a: int = sub(i, 1)
            u.4: float64[n] = accum_at(u.1, a, v)
            u.5: float64[n] = store(u.4, i, v)
            u.6: float64[n] = store(u.5, j, 0.0)
            b: int = sub(j, 1)
            u.7: float64[n] = accum_at(u.6, b, v)
            u.8: float64[n] = accum_at(u.7, j, v)
            yield u.8
          }
          return u.3
        }
        """)  # fmt: skip


def test_places_on_one_axis():
    check(restored, """
        def f(w: float64[n, n], v: float, n: int) {
          w.1: float64[n, n] = for (i: int) in range(0, n, 1) carry (w.2: float64[n, n] = w) {
            w.3: float64[n, n] = store(w.2, (<:>, i), 0.0)
            a: int = add(1, i)
            w.4: float64[n, n] = accum_at(w.3, (i, a), v)
            w.5: float64[n, n] = accum_at(w.4, (<:>, i), v)
            w.6: float64[n, n] = store(w.5, (..., i), 0.0)
            w.7: float64[n, n] = accum_at(w.6, (i, a), v)
            w.8: float64[n, n] = accum_at(w.7, (..., i), v)
            yield w.8
          }
          return w.1
        }
        """, """
        def f(w: float64[n, n], v: float, n: int) {
          w.1: float64[n, n] = for (i: int) in range(0, n, 1) carry (w.2: float64[n, n] = w) {
            a: int = add(1, i)
            w.4: float64[n, n] = accum_at(w.2, (i, a), v)
            w.5: float64[n, n] = store(w.4, (<:>, i), v)
            w.6: float64[n, n] = store(w.5, (..., i), 0.0)
            w.7: float64[n, n] = accum_at(w.6, (i, a), v)
            w.8: float64[n, n] = accum_at(w.7, (..., i), v)
            yield w.8
          }
          return w.1
        }
        """)  # fmt: skip


def test_places_that_may_be_one():
    unchanged(restored, """
        def f(xs: list[float], us: float64[n], i: int, v: float, n: int) {
          xs.1: list[float] = list_set(xs, 0, 0.0)
          xs.2: list[float] = accum_at(xs.1, -3, v)
          xs.3: list[float] = accum_at(xs.2, 0, v)
          us.1: float64[n] = store(us, i, 0.0)
          us.2: float64[n] = accum_at(us.1, 0, v)
          us.3: float64[n] = accum_at(us.2, i, v)
          return xs.3, us.3 as (0, 1)
        }
        """)


def test_what_is_read_between_stays():
    unchanged(restored, """
        def f(us: float64[n], i: int, v: float) {
          us.1: float64[n] = store(us, i, 0.0)
          a: np.float64 = np.sum(us.1)
          us.2: float64[n] = accum_at(us.1, i, v)
          us.3: float64[n] = store(us.2, i, 1.0)
          us.4: float64[n] = accum_at(us.3, i, v)
          return us.4, a as (0, 1)
        }
        """)


def test_items_take_what_is_complete_and_sure_to_be_there():
    unchanged(restored, """
        def f(xs: list[dict('a': float, 'b': float64[n])], v: float64[n], c: bool, ys: list[float64[n]]) {
          x: dict('a': float, 'b': float64[n]) = getitem(xs, 0)
          z: dict('a': float, 'b': float64[n]) = zeros_tree(x)
          xs.1: list[dict('a': float, 'b': float64[n])] = list_set(xs, 0, z)
          w: float64[n] = mul(v, 2.0)
          d: dict('a': <'builtins:NoneType'>, 'b': float64[n]) = pack(dict{'a': None, 'b': w})
          xs.2: list[dict('a': float, 'b': float64[n])] = accum_any(xs.1, 0, d)
          u: float64[n] = if c {
            a: float64[n] = mul(v, 3.0)
            yield a
          } else {
            yield v
          }
          zy: float64[n] = zeros_like_shape(v)
          ys.1: list[float64[n]] = list_set(ys, 0, zy)
          ys.2: list[float64[n]] = accum_any(ys.1, 0, u)
          return xs.2, ys.2 as (0, 1)
        }
        """)


def test_records_replace_records():
    check(restored, """
        def f(xs: list[dict('a': float, 'b': <'builtins:str'>)], v: float) {
          x: dict('a': float, 'b': <'builtins:str'>) = getitem(xs, 0)
          z: dict('a': float, 'b': <'builtins:str'>) = zeros_tree(x)
          xs.1: list[dict('a': float, 'b': <'builtins:str'>)] = list_set(xs, 0, z)
          w: float = mul(v, 2.0)
          d: dict('a': float, 'b': <'builtins:NoneType'>) = pack(dict{'a': w, 'b': None})
          xs.2: list[dict('a': float, 'b': <'builtins:str'>)] = accum_any(xs.1, 0, d)
          return xs.2
        }
        """, """
        def f(xs: list[dict('a': float, 'b': <'builtins:str'>)], v: float) {
          x: dict('a': float, 'b': <'builtins:str'>) = getitem(xs, 0)
          z: dict('a': float, 'b': <'builtins:str'>) = zeros_tree(x)
          w: float = mul(v, 2.0)
          d: dict('a': float, 'b': <'builtins:NoneType'>) = pack(dict{'a': w, 'b': None})
          xs.2: list[dict('a': float, 'b': <'builtins:str'>)] = list_set(xs, 0, d)
          return xs.2
        }
        """)  # fmt: skip
