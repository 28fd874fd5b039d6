"""Lists that items enter and leave at any place: queues, delay lines, heaps."""
from __future__ import annotations

import functools
import heapq
from collections import deque

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7, 0.2, 0.3, 0.9])
_listed = functools.partial(cases.each, (ZS,), (ZS[:1],))


@_listed()
def at_places(x):
    xs = [v * v for v in x]
    total, k = 0.0, 0
    while len(xs) > 1:
        k += 1
        total = total * 0.7 + xs.pop(0) * k
        if k % 2:
            xs.insert(1, total)
        if k > 3:
            total += xs.pop(len(xs) // 2)
        if len(xs) > 2:
            del xs[-2]
    return total + sum(xs)


@_listed()
def inserted(x):
    xs = []
    for i, v in enumerate(x):
        xs.insert(i // 2, v * v)
        xs.insert(-1, v)
        xs.insert(100, v * v * v)
    return sum((k + 1) * v for k, v in enumerate(xs))


@_listed()
def removed(x):
    xs = [3.0 * v for v in x]
    xs.append(x[0])
    xs.remove(xs[0])
    return sum(k * v * v for k, v in enumerate(xs))


@_listed()
def moving_mean(x):
    window, total = deque(maxlen=3), 0.0
    out = np.zeros(len(x))
    for i, v in enumerate(x):
        if len(window) == 3:
            total -= window[0]
        window.append(v**3)
        total += v**3
        out[i] = total / len(window)
    return out @ out


@_listed()
def delayed(x):
    line, heard = deque([0.0] * 2), 0.0
    for v in x:
        line.appendleft(v + 0.5 * line.pop())
        heard += line[0] * line[-1]
    return heard


class Job:
    """Work that is left, and how often it has been done."""

    def __init__(self, left):
        self.left = left
        self.rounds = 0

    def work(self, rate):
        self.left *= rate
        self.rounds += 1


@_listed()
def objects_that_come_again(x):
    jobs = [Job(v) for v in x]
    done = []
    while jobs:
        job = jobs.pop(0)
        job.work(1.5)
        if job.rounds < 2:
            jobs.append(job)
        else:
            done.append(job)
    return sum(job.left * (k + 1) for k, job in enumerate(done))


@cases.each((np.abs(ZS), 0.5))
def served(service, rate):
    events = [(0.3 * i * rate, i) for i in range(len(service))]
    heapq.heapify(events)
    free, waits = 0.0, []
    while events:
        t, i = heapq.heappop(events)
        start = max(t, free)
        waits.append(start - t)
        free = start + service[i]
        if i == 2:
            heapq.heappush(events, (free + rate, 0))
    return sum(waits) + free


@_listed(refused="SRC147")
def one_list_at_two_places(x):
    rows = [[v] for v in x]
    row = rows.pop(0)
    rows.insert(0, row)
    rows.insert(1, row)
    rows[0].append(x[0])
    return sum(sum(r) for r in rows)


TREE = {0: (1, 2), 1: (3, 4), 2: (0,), 3: (), 4: ()}


def down_a_tree(x):
    stack, total = [(0, x[0], 0)], 0.0
    while stack:
        node, weight, depth = stack.pop()
        total += weight * weight
        for below in TREE[node] if depth < 3 else ():
            stack.append((below, weight * x[below], depth + 1))
    return total


cases.add(down_a_tree, vec(5))
