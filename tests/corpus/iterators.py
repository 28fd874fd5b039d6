"""Generators asked for single items, kept, exhausted, left early; generator expressions; what consumes them."""
from __future__ import annotations

import contextlib
import functools
import heapq
import itertools
import math

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def newton(c):
    x = 1.0
    while True:
        yield x
        x = x - (x * x - c) / (2 * x)


def nx_loop(a):
    g = newton(a)
    for i in range(6):
        x = next(g)
    return x


cases.add(nx_loop, 2.0)


def nx_while(a):
    g = newton(a)
    x = next(g)
    while abs(x * x - a) > 1e-10:
        x = next(g)
    return x


cases.add(nx_while, 2.0)


def squares(xs):
    for x in xs:
        yield (x * x)


def nx_rest(x):
    g = squares(x)
    a = next(g)
    t = 0.0
    for v in g:
        t += v * a
    return t


cases.add(nx_rest, vec(5))


def nx_break_resume(x):
    g = squares(x)
    t = 0.0
    for v in g:
        t += v
        if v > 1.0:
            break
    for v in g:
        t += v * 3
    return t


cases.add(nx_break_resume, vec(5))


def nx_default(x):
    g = squares(x[:2])
    t = 0.0
    for _ in range(4):
        t += next(g, 0.5)
    return t


cases.add(nx_default, vec(5))


def nx_try(x):
    g = squares(x)
    t = 1.0
    while True:
        try:
            v = next(g)
        except StopIteration:
            break
        t = t * 0.5 + v
    return t


cases.add(nx_try, vec(5))


def filt(xs):
    for x in xs:
        if x > 0:
            yield (x * 2)


def nx_filter(x):
    g = filt(x)
    a = next(g)
    b = next(g)
    return a * b * b


cases.add(nx_filter, vec(5))


def nested(xs, n):
    for x in xs:
        for k in range(n):
            if k == 1:
                continue
            yield (x * k)
        yield (x * x)


def gen_exhausted(x):
    g = squares(x)
    return sum(g) + sum(g) + len(list(g))


cases.add(gen_exhausted, vec(5))


def gen_cells(x):
    k = 1.0

    def it():
        for v in x:
            yield (v * k)
    g = it()
    k = 2.0
    return sum(g)


cases.add(gen_cells, vec(5))


def gen_effects(x):
    log = []

    def it():
        for v in x:
            log.append(v)
            yield v
    t = 0.0
    for v in it():
        t += v * len(log)
        if len(log) == 3:
            break
    return t + log[-1]


cases.add(gen_effects, vec(5))


def gen_inplace(x):
    y = x.copy()

    def it():
        for i in range(len(y)):
            yield y[i]
    t = 0.0
    for v in it():
        y[1:] *= 1.5
        t += v * v
    return t


cases.add(gen_inplace, vec(5))


def gen_expr_closure(x):
    k = 2.0
    g = (v * k for v in x)
    k = 3.0
    return sum(g)


cases.add(gen_expr_closure, vec(5))


def genexpr_nested(x):

    def total(it):
        t = 0.0
        for v in it:
            t = t * 0.9 + v
        return t
    return total((a * b for a in x for b in x if a != b))


cases.add(genexpr_nested, vec(5))


def genexpr_enum(x):
    return sum((i * v for i, v in enumerate((v * v for v in x))))


cases.add(genexpr_enum, vec(5))


def averager():
    total = 0.0
    n = 0
    avg = None
    while True:
        v = (yield avg)
        total += v
        n += 1
        avg = total / n


def send_avg(x):
    g = averager()
    next(g)
    r = 0.0
    for v in x:
        r += g.send(v * v)
    return r


cases.add(send_avg, vec(5))


class Sim:

    def __init__(self, y, k):
        self.y = y
        self.k = k

    def steps(self, n):
        for i in range(n):
            self.y = self.y - self.k * self.y * 0.1
            yield (i, self.y)


def method_gen(y, k):
    s = Sim(y, k)
    t = 0.0
    for i, v in s.steps(5):
        t += v * i
    return t * s.y


cases.add(method_gen, 1.0, 0.5)


def gen_in_call(x):

    def norm(vs):
        return math.sqrt(sum((v * v for v in vs)))
    return norm(squares(x))


cases.add(gen_in_call, vec(5))


def gen_outer_loop(x):
    t = 0.0
    for k in range(3):
        for v in squares(x):
            t += v * k
            if t > 2:
                break
    return t


cases.add(gen_outer_loop, vec(5))


def gen_cond_dyn(x, a):
    t = 0.0
    if a > 0:
        for v in squares(x):
            t += v
    else:
        for v in filt(x):
            t += v
    return t * a


cases.add(gen_cond_dyn, vec(5), 0.3)


def gen_ret_in_loop(x):
    for v in squares(x):
        if v > 1:
            return v * 3
    return x[0]


cases.add(gen_ret_in_loop, vec(5))


def gen_else(x):
    t = 0.0
    for v in squares(x):
        if v > 100:
            break
        t += v
    else:
        t *= 2
    return t


cases.add(gen_else, vec(5))


def gen_unpack_arr(x):
    a, b, c, d, e = squares(x)
    return a * b + c * d * e


cases.add(gen_unpack_arr, vec(5))


def gen_star_list(x):
    return sum([*squares(x), x[0]])


cases.add(gen_star_list, vec(5))


def gen_dict(x):

    def pairs():
        yield ('a', x[0])
        yield ('b', x[1])
    d = dict(pairs())
    return d['a'] * d['b']


cases.add(gen_dict, vec(5))


def gen_join(x):
    return x[0] * len(','.join((str(v)[:3] for v in squares(x))))


cases.add(gen_join, vec(5))


def gen_filter_fn(x):
    return sum(filter(lambda v: v > 0, squares(x))) + sum(filter(None, x))


cases.add(gen_filter_fn, vec(5))


def gen_fsum(x):
    return math.fsum(squares(x)) * math.prod(squares(x))


cases.add(gen_fsum, vec(5))


def gen_reduce(x):
    return functools.reduce(lambda a, b: a * b + 1, squares(x))


cases.add(gen_reduce, vec(5))


def gen_tuple(x):
    return tuple(squares(x))[1] * sorted(squares(x))[0]


cases.add(gen_tuple, vec(5))


def gen_min2(x):
    return min(squares(x)) * max(squares(x), default=0.0)


cases.add(gen_min2, vec(5))


def gen_empty(a):

    def none():
        return
        yield 1.0
    return sum(none()) + a * a + sum(none(), a)


cases.add(gen_empty, 0.5)


def gen_zero_trip(x):
    t = x[0]
    for v in squares(x[:0]):
        t = t * v
    return t


cases.add(gen_zero_trip, vec(5))


def gen_tree(a):
    class_ = None
    tree = [1.0, [2.0 * a, [a]], a * a]

    def flat(t):
        for u in t:
            if isinstance(u, list):
                yield from flat(u)
            else:
                yield u
    r = 1.0
    for v in flat(tree):
        r = r * v + 0.5
    return r


cases.add(gen_tree, 0.7)


@contextlib.contextmanager
def scope(stack, v):
    stack.append(v)
    try:
        yield stack
    finally:
        stack.pop()


def ctx_nested(a):
    st = []
    with scope(st, a) as s, scope(st, a * a):
        r = sum(s) * len(s)
    return r + len(st)


cases.add(ctx_nested, 0.7)


def ctx_return(a):
    st = []
    with scope(st, a) as s:
        return sum(s) * a


cases.add(ctx_return, 0.7)


@contextlib.contextmanager
def swallow():
    try:
        yield
    except ValueError:
        pass


def ctx_swallow(a):
    r = a
    with swallow():
        if a > 0:
            raise ValueError
    return r * a


cases.add(ctx_swallow, 0.7)


def ctx_loop(x):
    st = []
    t = 0.0
    for v in x:
        with scope(st, v * v) as s:
            if s[-1] > 1:
                continue
            t += s[-1]
    return t


cases.add(ctx_loop, vec(5))


@contextlib.contextmanager
def timed(d):
    import time
    t0 = time.perf_counter()
    yield
    d['t'] = time.perf_counter() - t0


def list_empty_and_list(x):
    return sum([] + list(x))


cases.add(list_empty_and_list, vec(5))


def list_list_and_empty(x):
    return sum(list(x) + [])


cases.add(list_list_and_empty, vec(5))


def list_star_display(x):
    return sum([*x, x[0] * x[1]])


cases.add(list_star_display, vec(5))


def list_star_tuple(x):
    t = (*x, x[0], *x)
    return t[1] * t[-1] + len(t) * t[5]


cases.add(list_star_tuple, vec(5))


def list_integers_and_list(x):
    return sum([1, 2] + list(x))


cases.add(list_integers_and_list, vec(5))


def list_repeat_and_list(x):
    return sum(list(x) + [1.5]) + sum([0.0] * 2 + list(x * 2))


cases.add(list_repeat_and_list, vec(5))


def list_joined_in_a_loop(x):
    l = []
    for v in x:
        l = l + [v * v]
    return sum(l)


cases.add(list_joined_in_a_loop, vec(5))


def list_extended(x):
    l = []
    l += list(x)
    l.extend(x)
    l.extend((v * 2 for v in x))
    return sum(l) * l[7]


cases.add(list_extended, vec(5))


def list_arrays_joined_in_a_loop(x):
    l = []
    l2 = l + [np.array([1.0, 2.0])]
    for v in x:
        l2 = l2 + [v * np.ones(2)]
    return np.sum(np.array(l2) ** 2)


cases.add(list_arrays_joined_in_a_loop, vec(5))


class Holder:

    def __init__(self, k):
        self.k = k


def kept_in_try(a):
    h = Holder(0.0)
    t = Holder(a)
    try:
        h.child = t
    except ValueError:
        raise
    t.k = 5 * a * a
    return h.child.k


cases.add(kept_in_try, 0.7)


def kept_in_branch(a):
    h = Holder(0.0)
    t = Holder(a)
    if a > 0:
        h.child = t
    else:
        raise ValueError
    t.k = 5 * a * a
    return h.child.k


cases.add(kept_in_branch, 0.7)


def kept_on_both_paths(a):
    h = Holder(0.0)
    t = Holder(a)
    u = Holder(a)
    if a > 0:
        h.child = t
    else:
        h.child = t
        a = a * 2
    t.k = 5 * a * a
    return h.child.k


cases.add(kept_on_both_paths, 0.7)


def kept_list_in_branch(a):
    d = {'x': [a]}
    t = [a, a]
    if a > 0:
        d['x'] = t
    else:
        raise ValueError
    t.append(a * a)
    return sum(d['x'])


cases.add(kept_list_in_branch, 0.7)


def iterator_all_of_a_map(x, y):
    scalar = all(map(np.isscalar, [x, y]))
    return x * y if scalar and not any(map(np.isnan, np.array([x, y]))) else x


cases.add(iterator_all_of_a_map, 0.4, 1.3)


def iterator_set_on_one_path(x):
    chosen = {0, 1}
    if x[0] > 0.1:
        chosen.add(2)
    return np.sum(x * x) * len(chosen)


cases.add(iterator_set_on_one_path, vec(3))


def iterator_asked_in_its_loop(x):
    y = np.zeros(5)
    it = iter(range(5))
    for i in it:
        y[i] = x[i] + (y[i - 1] if i > 0 else 0.0)
        following = next(it, None)
        if following is not None:
            y[following] = x[following] * y[i]
    return y @ y


cases.add(iterator_asked_in_its_loop, vec(5))


def iterator_paired_names(x):
    it = iter(["a", "b", "c"])
    s = 0.0
    for n in it:
        s = s + len(n) * x[0]
        if next(it, "") == "b":
            s = s * x[1]
    return s


cases.add(iterator_paired_names, vec(5))


def iterator_paired_constant(x, w):
    it = iter(w)
    s = 0.0
    for n in it:
        s = s * x[0] + n * next(it)
    return s


cases.add(iterator_paired_constant, vec(5), [2, 3, 4, 5])


def iterator_paired_array(x):
    w = np.arange(6)
    it = iter(w)
    s = 0.0
    for n in it:
        s = s * x[0] + n * next(it)
    return s


cases.add(iterator_paired_array, vec(5))


def iterator_after_a_header(x):
    rows = iter(range(1, 4))
    first = next(rows)
    return sum(x[r] * first for r in rows)


cases.add(iterator_after_a_header, vec(5))


def iterator_of_a_dict(x):
    d = {"p": 1.0, "q": 2.0}
    it = iter(d)
    a = next(it)
    return x[0] * d[a] + sum(d[k] * x[1] for k in it)


cases.add(iterator_of_a_dict, vec(5))


class Scaled:
    """A callable object."""

    def __init__(self, k):
        self.k = k

    def __call__(self, v):
        return self.k * v**2


def objects_that_are_mapped(x):
    total = sum(map(Scaled(x[0]), x)) + sum(filter(Scaled(1.0), x))
    for v in map(Scaled(x[1]), [x[2], x[3]]):
        total += v
    return total


cases.add(objects_that_are_mapped, vec(5))


def numbers_that_are_asked_for(x):
    ids, steps = itertools.count(), itertools.count(x[0], step=x[1])
    queue = []
    for v in x:
        heapq.heappush(queue, (v * v, next(ids), 0))
    total = 0.0
    while queue:
        when, n, kind = heapq.heappop(queue)
        total += when * (n + 1) * next(steps)
        if kind == 0 and when > 0.5:
            heapq.heappush(queue, (when * 1.5, next(ids), 1))
    for n, v in zip(ids, x):
        total += n * v
    return total * next(ids)


cases.add(numbers_that_are_asked_for, vec(5))


def the_largest_and_the_smallest(x):
    pairs = [(v * v, n) for n, v in enumerate(x)]
    best = heapq.nsmallest(2, pairs) + heapq.nlargest(3, iterable=pairs, key=lambda p: -abs(p[0] - 0.5))
    return sum(v * (k + 1) * (n + 1) for k, (v, n) in enumerate(best)) + sum(heapq.nlargest(2, x)) + len(heapq.nsmallest(-1, x))


cases.add(the_largest_and_the_smallest, vec(5))
