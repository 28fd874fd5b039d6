"""Values that may be None: set on some paths only, in a later trip, or given back by a function that has found nothing."""
from __future__ import annotations

from typing import Any

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def _signs(*more: Any) -> Any:
    """Positive and negative numbers: each function asks for the sign."""
    return cases.each((vec(3), *more), (-vec(3), *more))


# ---- names that a branch leaves None ---------------------------------------------------------------------------------
@_signs()
def array_or_none(x):
    y = np.zeros(3) + x if x[0] > 0.0 else None
    if y is not None:
        y[0] = x[0] * x[1]
    return y.sum() if y is not None else x[0]


@_signs()
def the_other_way_round(x):
    if x[0] > 0.0:
        y = None
    else:
        y = x * 3.0
    if y is None:
        return x @ x
    y *= x
    return y.sum()


@_signs()
def set_in_a_branch_then_in_a_loop(x):
    y = None
    if x[0] > 0.0:
        y = x * 2.0
    for k in range(3):
        if y is None:
            y = x * 3.0
        else:
            y += x * k
    return y @ x


@_signs()
def another_name_for_an_array(x):
    ys = x * 2.0
    y = ys if x[0] > 0.0 else None
    if y is not None:
        y[0] = x[2] * x[2]
    return ys @ ys


@_signs()
def written_by_its_first_name(x):
    ys = x * 2.0
    y = ys if x[0] > 0.0 else None
    ys[1] = x[0] * x[0]
    if y is not None:
        ys[0] = x[2] * x[2]
        return y @ y
    return ys.sum()


@_signs()
def three_names(x):
    p = None
    q = x * 1.0
    if x[0] > 0.0:
        p = q
        r = p
    else:
        r = q
    if p is not None:
        p += 1.0
        r[0] = 0.0
    return (q * x).sum() + r.sum()


@_signs()
def a_list_or_none(x):
    ys = None
    for v in x:
        if v > 0.0:
            if ys is None:
                ys = []
            ys.append(v**2)
    return sum(ys) if ys else x[0]


@_signs()
def a_dict_or_none(x):
    cache = None
    s = 0.0
    for k in range(3):
        if cache is None:
            cache = {"a": x[k] * 2.0, "b": x * 3.0}
        else:
            cache["a"] += x[k] ** 2
            cache["b"][0] *= 2.0
        s += cache["a"] * cache["b"][0]
    return s


@_signs()
def a_function_or_none(x):
    f = None
    if x[0] > 0.0:
        f = lambda t: t * t * x[1]  # noqa: E731
    s = x[0]
    if f is not None:
        s += f(x[2])
    return s


@_signs()
def handed_to_a_function(x):
    a = np.outer(x, x) if x[0] > 0.0 else None

    def use(m=None):
        if m is None:
            return x.sum()
        m[0, 0] = 5.0 * x[1]
        return m.sum()

    return use(a) + (a[0, 0] if a is not None else 1.0)


@cases.each((vec(3),), (-vec(3),), no_duals=True)
def an_option_of_numpy(x):
    lowest = None
    if x[0] > 0.0:
        lowest = 0.5
    return (np.clip(x, lowest, 0.8) ** 2).sum()


@_signs()
def shown(x):
    y = None
    if x[0] > 0.0:
        y = x * x
    text = f"{y}"
    return x.sum() * len(text[:1]) + (0.0 if y is None else y[0])


# ---- the best, the last, the first -----------------------------------------------------------------------------------
@_signs()
def the_best(x):
    best, where = None, None
    for i, v in enumerate(x):
        f = (v - 0.4) ** 2
        if best is None or f < best:
            best, where = f, i
    return best + x[where] * 3.0


@_signs()
def the_largest(x):
    m = None
    for v in x:
        m = v if m is None else max(m, v)
    return m * m


@_signs()
def the_one_before(x):
    last = None
    s = 0.0
    for k in range(4):
        now = x * x * (k + 1.0)
        if last is not None:
            s += ((now - last) ** 2).sum()
            last[0] = 3.0 * x[1]
            s += last[0]
        last = now
    return s + last[1]


@_signs()
def the_last_two(x):
    a = b = None
    for v in x:
        a, b = b, v * 2.0
    if a is None or b is None:
        return 0.0
    return a * b


@_signs()
def grown_by_rows(x):
    w = None
    for i in range(3):
        row = x * (i + 1.0)
        w = row if w is None else np.vstack([w, row])
    return (w**2).sum()


@_signs()
def a_while_loop_until_it_is_set(x):
    last, total, i = None, 0.0, 0
    while last is None or (abs(last - total) > 1e-3 and i < 50):
        last = total
        total = 0.5 * total + x[0]
        i += 1
    return total * x[1]


@_signs()
def set_and_taken_back(x):
    f, g = None, 0.0
    for k in range(5):
        f = x[0] * k if k % 2 else None
        if f is not None:
            g += f * f
        elif k > 3:
            g += x[1]
    return g


# ---- what a function gives back, what a dict holds --------------------------------------------------------------------
def _first_above(xs, bound):
    for i in range(len(xs)):
        if xs[i] > bound:
            return i, xs[i] * 2.0
    return None


@_signs()
def found_or_not(x):
    found = _first_above(x, 0.1)
    if found is None:
        return x.sum()
    i, value = found
    return value * x[i - 1]


class Simulation:
    """A state that knows the one before, and a history that begins with the first step."""

    def __init__(self, x):
        self.x = x
        self.last = None
        self.history = None

    def step(self):
        new = self.x * 1.1
        if self.last is not None:
            new = new + 0.1 * (self.x - self.last)
        self.last = self.x
        self.x = new
        if self.history is None:
            self.history = [new.sum()]
        else:
            self.history.append(new.sum())


@_signs(4)
@_signs(60)
def attributes_that_begin_as_none(x, n):
    s = Simulation(x)
    for _ in range(n):
        s.step()
    return s.x.sum() + sum(s.history) + s.last[0]


@_signs()
def an_object_or_none(x):
    p = Simulation(x * 1.0)
    q = p if x[0] > 0.0 else None
    if q is not None:
        q.x = x[2] * x
    return p.x @ p.x


# ---- what Python raises for None --------------------------------------------------------------------------------------
@_signs()
def a_store_into_none(x):
    y = None
    if x[0] < 0.0:
        y = x * 3.0
    y[0] = 2.0 * x[1]
    return y @ y


@_signs()
def arithmetic_with_none(x):
    y = None
    for v in x:
        if v > 0.0:
            y = v * x
    return (2.0 * y) @ x


@_signs()
def an_attribute_of_none(x):
    try:
        y = None
        if x[0] > 0.0:
            y = x * x
        return y.sum()
    except AttributeError:
        return x.sum() * 2.0


@_signs()
def none_is_called(x):
    f = None
    if x[0] > 0.0:
        f = np.sin
    return f(x[0])


@_signs()
def none_is_iterated_over(x):
    ys = None
    if x[0] > 0.0:
        ys = [x[0], x[1] * x[0]]
    s = 0.0
    for y in ys:
        s += y * y
    return s


# ---- containers that one path binds -----------------------------------------------------------------------------------
@_signs()
def a_list_bound_on_one_path(x):
    ys = [x[0], x[1]]
    if x[0] > 0.0:
        y = ys
    if x[0] > 0.0:
        y.append(x[2] * x[2])
    return sum(ys)


@_signs()
def two_names_bound_on_one_path(x):
    if x[0] > 0.0:
        y = [x[0], x[1]]
        z = y
    if x[0] > 0.0:
        y.append(x[2] * x[2])
        return sum(z)
    return x[0]


@_signs()
def an_array_bound_on_one_path(x):
    ys = x * 2.0
    if x[0] > 0.0:
        y = ys
    if x[0] > 0.0:
        y[0] = x[2] * x[2]
    return ys @ ys


@_signs()
def an_object_bound_on_one_path(x):
    p = Simulation(x * 1.0)
    if x[0] > 0.0:
        pair = (p, x[1])
    if x[0] > 0.0:
        pair[0].x = x * x
    return p.x.sum()


# ---- run-time containers that hold None, or give it --------------------------------------------------------------------
@_signs()
def results_by_key(x):
    known, s = {}, 0.0
    for k in [0, 1, 0, 2, 1]:
        v = known.get(k)
        if v is None:
            v = x[k] ** 2
            known[k] = v
        s += v
    return s


@_signs()
def numbers_and_none_in_a_list(x):
    ys = []
    for v in x:
        ys.append(v**2 if v > 0.0 else None)
    s = x[1]
    for y in ys:
        if y is not None:
            s += y
    return s


class Event:
    """Something that happens at a time, maybe with a number."""

    def __init__(self, t, kind, payload=None):
        self.t = t
        self.kind = kind
        self.payload = payload


@_signs()
def events_with_and_without_numbers(x):
    waiting = [Event(0.5, "add", x[0]), Event(1.5, "mul", x[1]), Event(2.5, "none")]
    s, t = 1.0, 0.0
    while waiting:
        e = waiting.pop(0)
        s = s * np.exp(-0.1 * (e.t - t))
        t = e.t
        if e.kind == "add":
            s += e.payload
        elif e.kind == "mul":
            s *= e.payload
            if s > 0.2:
                waiting.append(Event(t + 2.0, "add", s * x[2]))
    return s


class Tank:
    """One of a chain that ends in None."""

    def __init__(self, level, outlet=None):
        self.level = level
        self.outlet = outlet
        self.log = []

    def step(self, dt, inflow):
        out = 0.1 * self.level
        self.level = self.level + dt * (inflow - out)
        self.log.append(self.level)
        if self.outlet is not None:
            self.outlet.step(dt, out)


@_signs()
def a_chain_of_tanks(x):
    last = Tank(x[2])
    middle = Tank(x[1], last)
    first = Tank(x[0], middle)
    for k in range(10):
        first.step(0.1, 1.0 if k < 5 else 0.0)
    return first.level + 2.0 * middle.level + 3.0 * last.level + sum(middle.log)
