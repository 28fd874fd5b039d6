"""Items of run-time lists that get another shape, rank or length than what they replace, on all paths or on some."""
from __future__ import annotations

import functools

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.53, 1.21, 0.72, -0.31])
_listed = functools.partial(cases.each, (0.61, ZS), (0.61, ZS[:1]))


class Node:
    """A number and a list."""

    def __init__(self, v):
        self.v = v
        self.kids = []


@_listed()
def grown_everywhere(a, zs):
    xs = [np.full(1, z * a) for z in zs]
    for i in range(len(xs)):
        xs[i] = np.concatenate([xs[i] * a, np.ones(2)])
    return sum(np.sum(x) for x in xs) + a


@_listed()
def grown_on_some_paths(a, zs):
    xs = [z * np.ones(1) * a for z in zs]
    for i in range(len(xs)):
        if i % 2:
            xs[i] = np.concatenate([xs[i], xs[i] * a])
        xs[i] = xs[i] * a
    return sum(np.sum(x) for x in xs) + a


@_listed()
def grown_by_another_item(a, zs):
    xs = [np.full(1, z) * a for z in zs]
    for i in range(len(xs)):
        xs[i] = np.concatenate([xs[i], xs[i] * a, xs[i - 1]])
    return sum(np.sum(x * x) for x in xs) + a


@_listed()
def shrunk(a, zs):
    xs = [z * np.ones(3) * a for z in zs]
    for i in range(len(xs)):
        xs[i] = np.array([np.sum(xs[i])])
        xs[i] = xs[i] * a
    return sum(np.sum(x) for x in xs) + a


@_listed()
def of_another_rank(a, zs):
    xs = [np.full(1, z * a) for z in zs]
    for i in range(len(xs)):
        xs[i] = xs[i] * np.ones((2, 3))
    return sum(np.sum(x) for x in xs) + a


@_listed()
def reshaped(a, zs):
    xs = [np.arange(6.0) * z * a for z in zs]
    for i in range(len(xs)):
        xs[i] = xs[i].reshape(2, 3)
        xs[i] = xs[i].T * a
        xs[i] = xs[i].sum(axis=0)
    return sum(np.sum(x * x) for x in xs) + a


@_listed()
def numbers_that_become_arrays(a, zs):
    xs = [z * a * np.ones(()) for z in zs]
    for i in range(len(xs)):
        if zs[i] > 0.6:
            xs[i] = np.array([xs[i], a])
        xs[i] = xs[i] * 2
    return sum(np.sum(x) for x in xs) + a


@_listed()
def lists_of_objects_that_grow_on_some_paths(a, zs):
    nodes = [Node(z * a) for z in zs]
    for i, n in enumerate(nodes):
        n.kids.append(n.v)
        if i:
            n.kids.append(nodes[i - 1].v)
    for n in nodes:
        n.v = n.v + sum(n.kids)
    return sum(n.v for n in nodes) + a


@_listed()
def lists_of_objects_that_shrink_on_some_paths(a, zs):
    nodes = [Node(z * a) for z in zs]
    for i, n in enumerate(nodes):
        n.kids.append(n.v)
        n.kids.append(a)
        if n.v > 0.4:
            n.v = n.v * n.kids.pop()
        if i % 2:
            n.kids.append(n.v * a)
        if n.v < 0.5:
            n.kids.pop()
    return sum(n.v * sum(n.kids) for n in nodes) + a


@_listed()
def rows_of_other_lengths(a, zs):
    rows = [[z * a, a] for z in zs]
    for i in range(len(rows)):
        t = sum(rows[i])
        if i % 2:
            rows[i] = [t]
        else:
            rows[i] = [t, t * a, a]
        rows[i - 1] = rows[i][:1] + rows[i - 1]
    return sum(sum(r) * len(r) for r in rows) + a
