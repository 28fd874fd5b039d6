"""Functions with loops, so that they stay calls, whose results share something: with an argument, or with each other."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


class Box:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def held(self, k):
        for i in range(k):
            self.b = 0.7 * self.b + 0.1 * i
        return self.b


def made(p, k):
    w = np.sin(p)
    for _ in range(k):
        w = w * p + 0.1
    return w


def same_array(p, k):
    w = made(p, k)
    for _ in range(k):
        w = w + p
    return w, w


def with_a_view(p, k):
    w = np.cos(p)
    for _ in range(k):
        w = w * 0.5
    return w, w[1:]


def same_dict(p, k):
    w = made(p, k)
    for _ in range(k):
        w = w + p
    d = {"a": w}
    return d, d


def array_and_dict(p, k):
    w = made(p, k)
    for _ in range(k):
        w = w + p
    return w, {"a": w}


def dict_in_dict(p, k):
    w = made(p, k)
    for _ in range(k):
        w = w + p
    d = {"a": w}
    return d, {"in": d}


def same_list(p, k):
    found = []
    for i in range(k):
        found.append(p * i)
    return found, found


def list_and_item(p, k):
    found = []
    for i in range(k):
        found.append(p * i)
    return found, found[0]


def same_object(p, k):
    w = made(p, k)
    for _ in range(k):
        w = w + p
    o = Box(w, w)
    return o, o


def object_and_array(p, k):
    w = made(p, k)
    for _ in range(k):
        w = w + p
    return Box(w, w), w


def itself(d, k):
    for i in range(k):
        k = k + 0 * i
    return d


def either_container(d, e, k):
    for i in range(k):
        if i > d["a"][0]:
            return e
    return d


def either_array(p, q, k):
    found = p
    for i in range(k):
        if q[i] > p[i]:
            found = q
    return found


def arrays(x):
    d, e = same_array(x, 2)
    d *= x
    return np.sum(d * e)


def view_after_its_array(x):
    w, v = with_a_view(x, 2)
    w *= x
    return np.sum(v**2)


def array_after_its_view(x):
    w, v = with_a_view(x, 2)
    v *= x[0]
    return np.sum(w**3)


def view_of_constants(x):
    w, v = with_a_view(np.ones(3), 2)
    w *= x
    return np.sum(v) + np.sum(w * x)


def dicts(x):
    d, e = same_dict(x, 2)
    d["a"] = x * x
    return np.sum(e["a"] * d["a"])


def dicts_in_place(x):
    d, e = same_dict(x, 2)
    d["a"] *= x
    return np.sum(e["a"] * d["a"])


def dict_with_an_array(x):
    w, e = array_and_dict(x, 2)
    w *= x
    e["a"] += w
    return np.sum(e["a"] * w)


def inner_dict(x):
    d, e = dict_in_dict(x, 2)
    e["in"]["a"] = x * x
    return np.sum(d["a"])


def outer_dict(x):
    d, e = dict_in_dict(x, 2)
    d["a"] = x * x
    return np.sum(e["in"]["a"])


def lists(x):
    a, b = same_list(x, 3)
    a.append(x * x)
    a[1] *= x
    return np.sum(b[-1] * b[1])


def list_with_its_item(x):
    a, b = list_and_item(x + 1.0, 3)
    b += x
    a[0] *= x
    return np.sum(a[0] * b)


def objects(x):
    a, b = same_object(x, 2)
    a.a = x * x
    a.b *= x
    return np.sum(b.a * b.b)


def object_with_an_array(x):
    a, b = object_and_array(x, 2)
    b *= x
    return np.sum(a.a * a.b)


def argument_dict(x):
    d = {"a": x * 2}
    e = itself(d, 3)
    e["a"] = x * x
    return np.sum(d["a"] * e["a"])


def argument_array(x):
    d = x * 2
    e = itself(d, 3)
    e *= x
    return np.sum(d * e)


def constant_argument(x):
    d = np.ones(3)
    e = itself(d, 3)
    e *= x
    return np.sum(d * x)


def one_of_two_dicts(x):
    d, e = {"a": x * 2}, {"a": x * 3}
    f = either_container(d, e, 3)
    f["a"] = x * x
    return np.sum(d["a"] * e["a"])


def one_of_two_arrays(x):
    d, e = x * 2, x[::-1] * 3
    f = either_array(d, e, 2)
    f *= x
    return np.sum(d * e) + np.sum(f)


def one_of_two_changed(x):
    d, e = x * 2, x[::-1] * 3
    f = either_array(d, e, 2)
    d *= x
    e[0] = x[1]
    return np.sum(f * x)


def chosen_in_a_loop(x):
    d, e = x * 2, x[::-1] * 3
    f = d
    for i in range(2):
        if e[i] > d[i]:
            f = e
    f *= x
    return np.sum(d * e)


def what_an_object_holds(x):
    o = Box(x, np.sin(x))
    w = o.held(2)
    w *= x
    return np.sum(o.b * o.a)


for function in (
    arrays, view_after_its_array, array_after_its_view, view_of_constants, dicts, dicts_in_place, dict_with_an_array, inner_dict, outer_dict,
    lists, list_with_its_item, objects, object_with_an_array, argument_dict, argument_array, constant_argument, one_of_two_dicts,
    one_of_two_arrays, one_of_two_changed, chosen_in_a_loop, what_an_object_holds,
):  # fmt: skip
    cases.add(function, vec(3))
