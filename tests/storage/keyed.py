"""Lists and arrays that are changed where they are read by a computed number or key: buckets, graphs, groups."""
from __future__ import annotations

import functools
import heapq
import math

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7, 0.2, 0.3, 0.9])
_listed = functools.partial(cases.each, (ZS,), (ZS[:2],))


@_listed()
def arrays_in_a_list(x):
    d = [np.zeros(2), x[:2] * 1.0]
    for i in range(len(x)):
        d[i % 2][0] += x[i] * d[1][1]
    return np.sum(d[0]) + np.sum(d[1] ** 2)


@_listed()
def lists_in_a_list(x):
    d = [[x[0]], [x[1]], []]
    for i in range(len(x)):
        d[i % 3].append(x[i] * d[1][0])
    return sum(d[0]) + sum(v * v for v in d[1]) + sum(d[2])


@_listed()
def arrays_in_a_dict(x):
    d = {0: np.zeros(2), 1: x[:2] * 1.0}
    for i in range(len(x)):
        d[i % 2][0] += x[i] * d[1][1]
    return np.sum(d[0]) + np.sum(d[1] ** 2)


@_listed()
def lists_by_number(x):
    d = {0: [x[0]], 1: [x[1]]}
    for i in range(len(x)):
        d[i % 2].append(x[i] * d[1][0])
    return sum(d[0]) + sum(v * v for v in d[1])


@_listed()
def lists_by_number_on_one_path(x):
    d = {0: [x[0]], 1: [x[1]]}
    if x[0] > 0.4:
        d[int(x[0] * 3)].append(x[1] ** 2)
    else:
        d[1].append(x[1])
    return sum(d[0]) * 2 + sum(d[1])


@_listed()
def lists_by_name(x):
    d = {"pos": [], "neg": []}
    for v in x:
        k = "pos" if v > 0 else "neg"
        d[k].append(v * v)
        d[k][0] *= v
    return sum(d["pos"]) + sum(v * v for v in d["neg"]) + len(d["pos"])


@_listed()
def empty_lists_by_number(x):
    d = {i: [] for i in range(3)}
    for i in range(len(x)):
        d[i % 3].append(x[i] ** 2)
    return sum(d[0]) + sum(v * v for v in d[1])


@_listed()
def empty_lists_one_by_one(x):
    d = {}
    for i in range(len(x)):
        d[i] = []
    for i in range(len(x)):
        d[i // 2].append(x[i] ** 2)
    return sum(d[0])


@_listed()
def only_read(x):
    d = {0: x * 2, 1: x * 3}
    t = 0.0
    for i in range(len(x)):
        t += d[i % 2][i]
    d2 = {k: v * t for k, v in d.items()}
    return np.sum(d2[0])


@cases.each((np.abs(ZS),))
def shortest_ways(w):
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)]
    graph = {i: [] for i in range(4)}
    for (a, b), c in zip(edges, w):
        graph[a].append((b, c))
        graph[b].append((a, c))
    distance = [math.inf] * 4
    distance[0] = 0.0
    heap = [(0.0, 0)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > distance[u]:
            continue
        for v, c in graph[u]:
            if d + c < distance[v]:
                distance[v] = d + c
                heapq.heappush(heap, (d + c, v))
    return sum(distance)


@_listed(refused="SRC147")
def one_list_under_two_keys(x):
    shared = [x[0]]
    d = {i: shared for i in range(2)}
    for i in range(len(x)):
        d[i % 2].append(x[i])
    return sum(d[0])
