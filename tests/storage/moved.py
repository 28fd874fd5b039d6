"""Items that lists, heaps, queues and dicts move while names hold them; lists that other code changes; nested lists filled by loops."""
from __future__ import annotations

import bisect
import heapq
import math
from collections import defaultdict

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


# ---- an item is read, the list gets longer, the array is written under its other name ---------------------------------
def read_then_appended_then_written(x):
    a = x * 2.0
    items = [x * float(i) for i in range(len(x))]
    items.append(a)
    v = items[-1]
    items.append(x * 3.0)
    a[0] = 5.0 * x[1]
    return np.sum(v * v)


cases.add(read_then_appended_then_written, vec(4), refused="SRC119")


def read_among_nones_then_appended_then_written(x):
    a = x * 2.0
    items = []
    for i in range(len(x)):
        items.append(None if i == 0 else x * float(i))
    items.append(a)
    v = items[-1]
    items.append(x * 3.0)
    a[0] = 5.0 * x[1]
    return np.sum(v * v)


cases.add(read_among_nones_then_appended_then_written, vec(4), refused="SRC119")


def item_written_while_its_list_grows(x):
    pairs = [[x[i], x[i] * 2.0] for i in range(len(x))]
    pair, t = pairs[2], 0.0
    for i in range(len(x)):
        if i == 2:
            pairs.append([x[0], x[1]])
        pair[1] = pair[1] + x[i]
        t += pair[0]
    return t + pairs[2][1]


cases.add(item_written_while_its_list_grows, vec(4))


# ---- what functions without Python source change -----------------------------------------------------------------------
def heap_of_numbers(x):
    h = []
    for i in range(len(x)):
        heapq.heappush(h, (i * 7 % 5, i))
    t = 0.0
    while h:
        k, i = heapq.heappop(h)
        t += x[i] * k
    return t * t


cases.add(heap_of_numbers, vec(5))


def heap_of_differentiated_numbers(x):
    h = []
    for i in range(len(x)):
        heapq.heappush(h, (x[i] ** 2, i))
    t, k = 0.0, 0
    while h and k < 9:
        when, i = heapq.heappop(h)
        t += when * (k + 1)
        k += 1
        if when < 1.0:
            heapq.heappush(h, (when + x[i] ** 2, i))
    return t


cases.add(heap_of_differentiated_numbers, vec(5))


def heap_arranged_and_replaced(x):
    h = list(x[:3])
    heapq.heapify(h)
    low = heapq.heapreplace(h, x[3] + 1.0)
    return low * heapq.heappushpop(h, x[4]) + h[0] * h[1] * h[2]


cases.add(heap_arranged_and_replaced, vec(5))


def shortest_ways(x):
    n = len(x)
    far = [math.inf] * n
    far[0] = 0.0
    todo = [(0.0, 0)]
    while todo:
        d, u = heapq.heappop(todo)
        if d > far[u]:
            continue
        for v in range(n):
            new = d + abs(u - v) * (x[u] * x[v] + 1.0)
            if new < far[v]:
                far[v] = new
                heapq.heappush(todo, (new, v))
    return sum(far)


cases.add(shortest_ways, vec(4))


def sorted_as_they_come(x):
    kept, t = [], 0.0
    for v in x:
        bisect.insort(kept, v * v)
        t += kept[len(kept) // 2] * kept[bisect.bisect(kept, 0.3) - 1]
    return t


cases.add(sorted_as_they_come, vec(5))


def numbers_sorted_as_they_come(x):
    kept = []
    for i in (3, 1, 0, 2):
        bisect.insort_left(kept, i)
    return sum(x[i] * (k + 1) ** 2 for k, i in enumerate(kept)) ** 2


cases.add(numbers_sorted_as_they_come, vec(4))


def methods_called_by_their_class(x):
    items, named = [2, 1], {"k": 0}
    list.append(items, 3)
    list.sort(items)
    dict.update(named, {"k": 2})
    return x[items[0]] * x[items[2]] ** 2 * x[named["k"]]


cases.add(methods_called_by_their_class, vec(4))


def method_under_map(x):
    items = []
    list(map(items.append, [1, 2, 3]))
    return x[items[1]] * x[items[2]] ** 2


cases.add(method_under_map, vec(4))


def list_shuffled_by_a_generator(x):
    order = [0, 1, 2, 3]
    np.random.default_rng(3).shuffle(order)
    return sum(x[i] * (k + 1) for k, i in enumerate(order))


cases.add(list_shuffled_by_a_generator, vec(4), refused="SRC188")


# ---- nested containers -------------------------------------------------------------------------------------------------
def buckets(x):
    found = [[] for _ in range(len(x))]
    for i in range(2 * len(x)):
        found[i % 3].append(x[i % len(x)] * i)
    return sum(sum(b) ** 2 for b in found)


cases.add(buckets, vec(4))


def whole_numbers_that_become_others(x):
    n = len(x)
    m = [[0] * n for _ in range(n)]
    pairs = [(0, 0) for _ in range(n)]
    nones = [None] * n
    for i in range(n):
        m[i][i - 1] = x[i] ** 2
        pairs[i] = (x[i], 2)
        nones[i] = [x[i] * x[0], 1.0]
    return sum(sum(row) ** 2 for row in m) + sum(p[0] ** p[1] for p in pairs) + sum(p[0] * p[1] for p in nones)


cases.add(whole_numbers_that_become_others, vec(4))


def read_again_in_the_trip(x):
    found, total = defaultdict(list), defaultdict(float)
    t = 0.0
    for i in range(30):
        found[i % 3].append(x[i % 4])
        total[i % 5] += found[i % 3][-1] * x[0]
        t += len(found[i % 3]) * x[1]
    return t + sum(total.values()) + sum(sum(v) ** 2 for v in found.values())


cases.add(read_again_in_the_trip, vec(4))


def best_pairs(x):
    pairs = [(x[i] ** 2, i) for i in range(len(x))]
    best, k = max(pairs)
    least = min([v * 2.0, v] for v in x)
    first = min((x[0] * x[1], 0), (x[2], 1))
    return best * (k + 1) + least[0] * least[1] + first[0] * (first[1] + 2)


cases.add(best_pairs, vec(4))


def best_or_default(x):
    return max((v for v in x if v > 100.0), default=x[0]) ** 2 + min((v for v in x if v < 100.0), default=x[0])


cases.add(best_or_default, vec(4))


def row_of_a_table_under_a_name(x):
    table = [[0.0] * 4 for _ in range(5)]
    row = table[2]
    for i in range(4):
        table[i][i] = x[i]
    row[0] = x[1] * x[2]
    return sum(table[2]) * x[0] + row[2]


cases.add(row_of_a_table_under_a_name, vec(4))


def rows_that_change_places(x):
    table = [[x[i] * j for j in range(4)] for i in range(4)]
    for i in range(3):
        table[i], table[i + 1] = table[i + 1], table[i]
        table[i][0] = x[i]
    return sum(r[0] * r[1] * (k + 1) for k, r in enumerate(table))


cases.add(rows_that_change_places, vec(4))


def arrays_held_twice(x):
    a, b = x * 1.0, x * 2.0
    items = [a, b, a, b]
    for i in range(4):
        items[i][i] *= x[0]
    return np.sum(items[1]) * np.sum(items[2])


cases.add(arrays_held_twice, vec(4))


def one_heap_under_two_names(x):
    h = []
    g = h
    heapq.heappush(h, x[0])
    heapq.heappush(g, x[1])
    heapq.heappush(h, x[2])
    return g[0] * len(h) + heapq.heappop(g) * h[0]


cases.add(one_heap_under_two_names, vec(4))


def generators_of_what_the_loop_changes(x):
    y = x * 1.0

    def forth():
        for v in y:
            yield v

    def by_number():
        for i in range(len(y)):
            yield y[i] * 2.0

    t, i = 0.0, 0
    for a, b in zip(forth(), by_number()):
        t += a * b
        y[(i + 1) % 4] = y[(i + 1) % 4] * 1.1
        i += 1
    return t


cases.add(generators_of_what_the_loop_changes, vec(4))
