"""Liveness and consumed buffers on small functions."""
from __future__ import annotations

from srcad.analysis.consumed import consumed
from srcad.analysis.liveness import last_uses, live_after
from srcad.ir.parse import parse_func

LOOP = parse_func("""
def f(x: float, n: int) {
  a: float = add(x, x)
  b: float = mul(x, x)
  s: float = for (i: int) in range(0, n, 1) carry (s.1: float = b) {
    c: float = add(s.1, a)
    d: float = mul(c, c)
    yield d
  }
  if x {
    e: float = add(a, s)
  }
  return s
}
""".lstrip())


def names(found):
    return sorted(v.name for v in found)


def test_live_after():
    live = {v.name: names(vs) for v, vs in live_after(LOOP).items()}
    assert live["a"] == ["a", "n", "x"]
    assert live["b"] == ["a", "b", "n", "x"]
    assert live["c"] == ["a", "c", "x"]
    assert "a" in live["d"]  # read again on the next trip
    assert "c" not in live["d"]
    assert live["s"] == ["a", "s", "x"]
    assert live["e"] == ["s"]


def test_last_uses():
    found = {v.name: n for v, n in last_uses(LOOP.body).items()}
    assert found["x"] == 3
    assert found["a"] == 3
    assert found["b"] == 2
    assert found["s"] == 4


def test_consumed():
    f = parse_func("""
def f(x: float64[n], y: list[float]) {
  a: list[float] = pack([1.0])
  b: list[float] = pack([1.0])
  c: list[float] = for (i: int) in range(0, 3, 1) carry (c.1: list[float] = a) {
    c.2: list[float] = list_append(c.1, 2.0)
    yield c.2
  }
  d: float64[n] = add(x, x)
  e: float64[n] = add(x, x)
  g: float64[n] = if x {
    yield d
  } else {
    yield x
  }
  return g, c as (0, 1)
}
""".lstrip())
    assert names(consumed(f.body)) == ["a", "c", "c.1", "c.2", "d", "g", "x"]
