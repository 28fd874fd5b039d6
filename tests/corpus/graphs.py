"""Dicts of dicts: graphs by adjacency, tables of states and actions, groups of groups."""
from __future__ import annotations

from collections import defaultdict

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()

EDGES = [(0, 1), (0, 2), (1, 2), (2, 0), (3, 2), (3, 0), (1, 3), (2, 3), (2, 1)]


@cases.each((np.linspace(0.4, 1.5, 9), 0.85, 3))
def pagerank(weights, damping, rounds):
    graph = {}
    for (u, v), w in zip(EDGES, weights):
        graph.setdefault(u, {})[v] = w
    rank = {n: 0.25 for n in graph}
    for _ in range(rounds):
        new = {n: (1 - damping) / 4 for n in graph}
        for u, neighbours in graph.items():
            out = sum(neighbours.values())
            for v, w in neighbours.items():
                new[v] += damping * rank[u] * w / out
        rank = new
    return rank[2] ** 2 + max(rank.values())


@cases.each((vec(5),))
def both_ways(x):
    graph = {}
    for i, w in enumerate(x):
        if i % 3 not in graph:
            graph[i % 3] = {}
        row = graph[i % 3]
        row[i] = w * w
        row[0] = row.get(0, 0.5) * w
    return sum(w * (1.0 + u) for u, row in graph.items() for w in row.values()) + graph[0][3] * len(graph[1])


@cases.each((vec(6), 0.3))
def sums_of_groups(x, y):
    sums = defaultdict(lambda: defaultdict(float))
    rows = defaultdict(dict)
    for i, v in enumerate(x):
        sums[i % 2][i % 3] += v * y
        rows[i % 2][i] = v
    return sums[0][2] * sums[1][1] + sum(v * v for row in rows.values() for v in row.values())


@cases.each((vec(4), 0.5, 7))
def learned_by_trial(rewards, rate, steps):
    value = {s: {} for s in range(3)}
    for s in range(3):
        for a in range(2):
            value[s][a] = 0.1 * s
    state = 0
    for t in range(steps):
        action = t % 2
        to = (state + 1 + action) % 3
        best = max(value[to].values())
        value[state][action] += rate * (rewards[t % 4] + 0.9 * best - value[state][action])
        state = to
    return sum(v**2 for row in value.values() for v in row.values())


class Cell:
    """What fires by a function of its own and can be measured."""

    def __init__(self, weight, squash):
        self.weight, self.squash, self.past = weight, squash, []

    def __len__(self):
        return len(self.past)

    def fire(self, x):
        self.past.append(self.squash(self.weight * x))
        return self.past[-1]


@cases.each((vec(3), 0.4, 4))
def chain_of_cells(weights, x, rounds):
    cells = [Cell(w, np.tanh) for w in weights]
    for _ in range(rounds):
        for c in cells:
            x = c.fire(x) + 0.1 * len(c)
        cells = cells[::-1]
    return x * x + sum(sum(c.past) for c in cells)
