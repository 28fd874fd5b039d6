"""Two names for one array: by assignment, branch, loop, call, view, iteration."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def alias_after_loop(x, y):
    a = x; b = y
    for i in range(3):
        a[i] = b[i] * a[i+1]
        a, b = b, a
    return np.sum(a*a) + 2*np.sum(b) + np.sum(x*y)


cases.add(alias_after_loop, vec(4), vec(4,1.0))


def view_of_view_loop(x):
    v = x[1:]
    for i in range(3):
        w = v[i:]
        w[0] = w[1] * v[0]
        v[i] += w[-1]
    return np.sum(x * np.arange(6.0))


cases.add(view_of_view_loop, vec(6))


def transposed_write(A):
    B = A.T
    for i in range(3):
        B[i, i:] *= A[i, :3-i]
    return np.sum(A * np.arange(9.0).reshape(3,3))


cases.add(transposed_write, mat(3,3))


def save_needed(x, y):
    z = x * 1.0
    s = 0.0
    for k in range(4):
        s += np.sum(z*z*y)
        z[k] = math.sin(z[k] * y[k])
        z[1:] *= z[:-1]
    return s


cases.add(save_needed, vec(4), vec(4,0.9))


def list_of_rows(x):
    rows = [x[:2], x[2:4], x[4:] * np.ones(2)]
    for r in rows:
        r *= r[0]
    rows[0][1] = rows[1][0] * rows[2][1]
    return np.sum(np.stack(rows)) + np.sum(x*x)


cases.add(list_of_rows, vec(5))


def append_same_buffer(x):
    hist = []
    u = x.copy()
    for t in range(3):
        u += np.sin(u)
        hist.append(u)          # the same array thrice
    return np.sum(hist[0] * hist[1]) + np.sum(hist[2])


cases.add(append_same_buffer, vec(3))


def append_copy(x):
    hist = []
    u = x.copy()
    for t in range(3):
        u += np.sin(u)
        hist.append(u.copy())
    return np.sum(hist[0] * hist[1]) + np.sum(hist[2])


cases.add(append_copy, vec(3))


def dup_index(x):
    y = np.zeros(3)
    y[[0, 0, 1, 2]] = x
    y[[0, 0, 1]] += x[:3]
    y[np.array([1, 1])] *= x[:2]
    return np.sum(y * np.array([1.0, 2.0, 3.0]))


cases.add(dup_index, vec(4))


def dup_index_active_values(x):
    y = x * x
    y[[0, 0, 1]] = y[[1, 2, 3]] * x[:3]
    return np.sum(y*y)


cases.add(dup_index_active_values, vec(4))


def nonlocal_counter(x, a):
    total = np.zeros(4)
    def add(k):
        total[k] += x[k] * a
        return total[k]
    s = 0.0
    for k in range(4):
        s += add(k) * total[0]
    return s + np.sum(total**2)


cases.add(nonlocal_counter, vec(4), 0.4)


def while_swap(x):
    a = x.copy(); b = np.zeros_like(x)
    n = 0
    while np.max(np.abs(a)) > 0.3 and n < 5:
        b[1:] = 0.5 * a[:-1] * a[1:]
        b[0] = 0.5 * a[0]
        a, b = b, a
        n += 1
    return np.sum(a) + 3 * np.sum(b)


cases.add(while_swap, vec(4))


def early_return(x):
    for i in range(4):
        x[i] *= x[0]
        if x[i] > 0.9:
            return np.sum(x*x)
    x[0] = 2.0 * x[1]
    return np.sum(x)


cases.add(early_return, vec(4))


def try_write(x):
    y = x.copy()
    try:
        y[0] = y[1] * 3.0
        y[7] = y[2]
    except IndexError:
        y[2] *= y[0]
    return np.sum(y*y)


cases.add(try_write, vec(4))


def iterate_rows(A):
    prev = np.ones(3)
    for row in A:
        row *= prev
        prev = row
    return np.sum(A*A)


cases.add(iterate_rows, mat(2,3))


def unpack_rows(A):
    a, b, c = A
    a += b * c
    b[:] = a * c
    c[0] = a[1]
    return np.sum(A*A)


cases.add(unpack_rows, mat(3,3))


def self_assign(x):
    x[:] = x
    x[1:3] = x[1:3] * x[:2]
    x[...] = x[::-1]
    return np.sum(x * np.arange(4.0))


cases.add(self_assign, vec(4))


def same_twice(x, y):
    def g(a, b):
        a[0] = b[1] * 2.0
        b[2] = a[0] * a[3]
        return a[2]
    return g(x, x) + g(x, y) + np.sum(x*y)


cases.add(same_twice, vec(4), vec(4, 0.8))


def overlapping_views_callee(x):
    def g(a, b):
        a[1] = b[0] * 2.0
        b[1] = a[0] * a[1]
    g(x[:3], x[1:])
    return np.sum(x*x)


cases.add(overlapping_views_callee, vec(4))


def dict_params(x, lr):
    p = {"w": x, "b": lr}
    for i in range(3):
        g = {"w": 2*p["w"]*p["b"], "b": np.sum(p["w"]**2)}
        for k in p:
            p[k] = p[k] - 0.1 * g[k]
    p["w"] *= 2.0
    return np.sum(p["w"]) * p["b"] + np.sum(x)


cases.add(dict_params, vec(3), 0.3, refused="SRC119")


def f32(x, a):
    x[0] = a * x[1]
    x *= a
    x[1:] += np.float32(0.3) * x[:-1]
    return np.sum(x*x)


cases.add(f32, np.float32(1)*vec(4).astype(np.float32), 0.7)


def iadd_alias_scalar(x):
    s = x[0]
    x[0] = 5.0
    t = x[1:2]
    x[1] = 2.0 * s
    return s * x[0] * t[0]


cases.add(iadd_alias_scalar, vec(4))


def matmul_inplace(x):
    A = np.outer(x, x)
    A @= A
    A **= 2
    A /= 3.0
    return np.sum(A)


cases.add(matmul_inplace, vec(4))


def where_out(x, y):
    z = x.copy()
    np.multiply(x, y, out=z, where=x > 0.5)
    np.add(z, z[::-1], out=z)
    np.divide(1.0, y, out=z, where=np.abs(y) > 0.5)
    return np.sum(z*z*x)


cases.add(where_out, vec(4), vec(4,.9))


def cumul(x):
    for i in range(1, 5):
        x[i:] = x[i:] - x[i-1] * x[i:]
    return np.prod(x)


cases.add(cumul, vec(5))


def scaled(B, s):
    B *= s
    return np.sum(B * B)


def one_array_in_many_places(x):
    a, b = np.outer(x, x) + 1.0, np.outer(x, x) * x[0]
    total = 0.0
    for B in (a, b, b, a, a):
        total = total + scaled(B, x[1])
    for B in [a, b] * 2:
        B[0] *= x[2]
        total = total + np.sum(B)
    for row in (a[0], a[1], a[0], b[0]):
        row += x[:3]
    return total + sum([scaled(B, x[0]) for B in (a, b, b, a, a)]) + np.sum(a * b)


cases.add(one_array_in_many_places, vec(3))


def one_tangent_in_many_places(x, A):
    total = 0.0
    for B in (A + 1.0, A + 2.0, A + 3.0, A + 4.0, A + 5.0):  # the tangent of each is that of A
        B[1:, 0] *= x[0]
        total = total + np.sum(B * B)
    return total


cases.add(one_tangent_in_many_places, vec(3), mat(3, 3))


def array_repeated_in_a_list(x, n):
    items, total = [], 0.0
    for _ in range(n):
        items.append(x)
    for y in items:
        total = total + scaled(y, x[1])
    return total


cases.add(array_repeated_in_a_list, vec(3), 3, refused="SRC147")


def lists_joined(x, n):
    items, total = [x * k for k in range(n)], 0.0
    for y in items + items:
        total = total + scaled(y, x[1])
    return total


cases.add(lists_joined, vec(3), 3, refused="SRC147")


def rows_by_a_function(A):
    total = 0.0
    for row in A:
        total = total * 0.5 + scaled(row, A[0, 1])
    return total + np.sum(A)


cases.add(rows_by_a_function, mat(3, 3))


def list_that_a_branch_makes_and_keeps(x):
    groups, new = [], True
    for v in x:
        if new or v > 0.5:
            group = [v]
            groups.append(group)
            new = False
        else:
            group.append(v * 2.0)
    return sum(sum(g) for g in groups) * group[0]


cases.add(list_that_a_branch_makes_and_keeps, np.array([1.0, 0.2, 3.0]), refused="SRC119")


def list_that_is_none_first(x):
    group, groups = None, []
    for v in x:
        if group is None or v > 0.5:
            group = [v]
            groups.append(group)
        else:
            group.append(v * 2.0)
    return sum(sum(g) for g in groups) * group[0]


cases.add(list_that_is_none_first, np.array([-1.0, 2.0, 3.0]), refused="SRC119")


def list_that_is_none_first_and_alone(x):
    group, total = None, 0.0
    for v in x:
        if group is None or v > 0.5:
            total += sum(group) ** 2 if group is not None else 0.0
            group = [v]
        else:
            group.append(v * 2.0)
    return total + sum(group) * group[0]


cases.add(list_that_is_none_first_and_alone, np.array([-1.0, 0.2, 3.0, 0.1]))
cases.add(list_that_is_none_first_and_alone, np.array([0.1, 0.2, 0.3]))


def last_group_of_a_list(x):
    groups = [[5.0]]
    for v in x:
        if v > 0.5:
            group = [v]
            groups.append(group)
        else:
            groups[-1].append(v * 2.0)
    return sum(sum(g) for g in groups) * groups[0][0]


cases.add(last_group_of_a_list, np.array([1.0, 0.2, 3.0]))
cases.add(last_group_of_a_list, np.array([0.1, 0.2, 0.3]))


def list_item_written_by_its_name_around_a_loop(x, y):
    c = [np.zeros(4), y]
    for k in range(40):
        y[...] = np.roll(x, 1) * k
        for e in range(33):
            c[0] += np.cos(y) * e
    return np.sum(c) * 0.01


def list_item_written_by_its_name_in_both_loops(x, y):
    c = [np.zeros(4), y]
    k = 0
    while k < 2:
        k += 1
        y[...] = np.roll(x, 1)
        for e, g in zip(x, y, strict=True):
            if x[-2] <= x[0] + k:
                c[-2] += 0.5 * np.cos(y) * g
            else:
                y[:] = 0.9 * np.sum(np.stack(c)) * e
    return 0.3 * np.sum(c)


def list_in_a_dict_whose_item_is_written_by_its_name(x, y):
    d = {"c": [np.zeros(4), y], "n": 0}
    for k in range(40):
        y[1:] = np.sin(x[:-1] * k)
        for _ in range(35):
            d["c"][0] += y * x
            d["n"] += 1
    return np.sum(d["c"]) * 0.01 * d["n"]


def object_whose_array_is_written_by_its_name(x, y):
    class Field:
        def __init__(self, a, b):
            self.a, self.b = a, b

    field = Field(np.zeros(4), y)
    for k in range(40):
        y[...] = np.roll(x, 1) * k
        for _ in range(33):
            field.a += np.cos(y)
    return np.sum(field.a) * 0.01 + np.sum(field.b * field.b)


def list_item_written_by_its_name_in_a_while_loop(x, y):
    c = [np.zeros(4), y]
    k = 0
    while k < 9:
        y[...] = np.roll(x, 1)
        c[0] += np.cos(y)
        k += 1
    return 0.3 * np.sum(c)


for written in (
    list_item_written_by_its_name_around_a_loop, list_item_written_by_its_name_in_both_loops,
    list_in_a_dict_whose_item_is_written_by_its_name, object_whose_array_is_written_by_its_name,
    list_item_written_by_its_name_in_a_while_loop,
):  # fmt: skip
    cases.add(written, vec(4), vec(4, 0.9))


def item_of_a_chosen_list_changed_on_one_path(x, y, c):
    z = np.zeros(4)
    h = [y, z] if c > 0.5 else [z, y]
    if x[0] > x[1]:
        h[0] += np.sin(z + x)
    return np.sum(h[0] * y) + np.sum(h[1])


def item_of_a_chosen_list_changed_on_both_paths(x, y, c):
    z = np.zeros(4)
    if c > 0.5:
        h = [y, z]
    else:
        h = [z, y]
    if x[0] > 0.0:
        h[0] -= h[1][::-1] * x
    else:
        y[...] = np.sin(y)
    for _ in range(2):
        y += np.tanh(h[0] + h[1])
        h[1][...] = h[1][::-1]
        z += y * c
    return np.sum(h[0] * y) + np.sum(h[1])


def item_of_a_chosen_list_in_two_loops(x, y, c):
    z = np.zeros(4)
    if c > 0.5:
        h = [y, z]
    else:
        h = [z, y]
    for _ in range(40):
        for q in x:
            h[1] += np.sin(h[0]) * q
        h[1] *= np.roll(np.cos(h[0]), 1)
    return np.sum(h[1])


def item_of_a_chosen_list_behind_a_loop_that_is_left(x, y, c):
    z = np.zeros(4)
    n = 0
    h = [y, z] if c > 0.5 else [z, y]
    h[0] += z[::-1]
    for _ in range(2):
        if x[0] > 1.0:
            break
        y *= x[::-1]
        y -= np.cos(z * y)
    while n < 50:
        n += 1
        h[1] += 0.3 * x
        y[...] = 0.3 * y
    return np.sum(np.sin(h[1])) + np.sum(h[0] * y)


for chosen_list in (
    item_of_a_chosen_list_changed_on_one_path, item_of_a_chosen_list_changed_on_both_paths,
    item_of_a_chosen_list_in_two_loops, item_of_a_chosen_list_behind_a_loop_that_is_left,
):  # fmt: skip
    for c in (0.3, 0.7):
        cases.add(chosen_list, vec(4), vec(4, 0.9), c)
        cases.add(chosen_list, vec(4) * np.array([-1.0, 1.0, 1.0, 1.0]), vec(4, 0.9), c)


def name_bound_to_an_argument_in_every_trip(x, y):
    a = np.zeros(4)
    for q in x:
        a += q
        a = y
    y += 2.0 * x
    return np.sum(a * x)


def attribute_bound_to_another_in_every_trip(x, y):
    class Pair:
        def __init__(self, a, b):
            self.a, self.b = a, b

    o = Pair(np.zeros(4), y)
    for _ in range(40):
        o.a += 1.0
        o.a = o.b
    o.b += 2.0 * x
    return np.sum(o.a * x)


def item_bound_to_another_in_every_trip(x, y):
    c = [np.zeros(4), y]
    for q in x:
        c[0][0] = q
        c[0] = y
    y += 2.0 * x
    return np.sum(c[0] * x)


for bound in (name_bound_to_an_argument_in_every_trip, attribute_bound_to_another_in_every_trip, item_bound_to_another_in_every_trip):
    cases.add(bound, vec(4), vec(4, 0.9))


def object_whose_array_is_written_on_one_path(x, y, c):
    class Pair:
        def __init__(self, a, b):
            self.a, self.b = a, b

    o = Pair([np.zeros(4), y], x)
    for _ in range(3):
        if c > 0.5:
            y += np.tanh(y)
        else:
            o.b *= y
    return np.sum(np.sin(o.a[1]) * o.b)


def nested_list_whose_array_is_written_on_one_path(x, y, c):
    o = [[np.zeros(4), y], x]
    if c > 0.5:
        y[1:] += np.tanh(y[:-1])
    else:
        o[1] = o[1] * y
    return np.sum(np.sin(o[0][1]) * o[1])


for on_one_path in (object_whose_array_is_written_on_one_path, nested_list_whose_array_is_written_on_one_path):
    for c in (0.3, 0.7):
        cases.add(on_one_path, vec(4), vec(4, 0.9), c)
