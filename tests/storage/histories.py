"""Histories of a recurrence: lists in dicts and objects that begin with one array, which each of them holds."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


class Cell:
    def __init__(self, size):
        self.size = size
        self.seen = []
        self.kept = {"state": [], "memory": [], "steps": 0}

    def forward(self, x, w):
        self.kept["steps"] += 1
        if len(self.kept["state"]) == 0:
            start = np.zeros(self.size)
            self.kept["state"].append(start)
            self.kept["memory"].append(start)
        joined = np.hstack([self.kept["state"][-1], x])
        memory = np.tanh(w @ joined) + self.kept["memory"][-1]
        state = np.sin(memory)
        self.seen.append(x)
        self.kept["state"].append(state)
        self.kept["memory"].append(memory)
        return state, memory


def cell_keeps_two_histories(x, w):
    cell = Cell(2)
    for t in range(len(x)):
        state, memory = cell.forward(x[t : t + 1], w)
    return np.sum(state * memory) * cell.kept["steps"] + np.sum(cell.kept["memory"][1])


cases.add(cell_keeps_two_histories, vec(4), mat(2, 3))


def counted_histories_share_their_start(x):
    d = {"a": [], "b": [], "n": 0}
    start = x * 1.0
    d["a"].append(start)
    d["b"].append(start)
    for _ in range(3):
        d["n"] += 1
        c = np.sin(d["a"][-1]) + d["b"][-1]
        d["a"].append(c * c)
        d["b"].append(c)
    return np.sum(d["a"][-1] * d["b"][-2]) * d["n"]


cases.add(counted_histories_share_their_start, vec(3))


def shared_start_is_written(x):
    d = {"a": [], "b": [], "n": 0}
    start = x * 1.0
    d["a"].append(start)
    d["b"].append(start)
    for t in range(3):
        d["n"] += 1
        d["a"].append(x * t)
        d["a"][0][0] = 2.0 * x[t]
    return np.sum(d["a"][1]) + np.sum(d["b"][0] ** 2)


cases.add(shared_start_is_written, vec(3))


def shared_start_is_written_by_its_name(x):
    d = {"a": [], "b": [], "n": 0}
    start = x * 1.0
    d["a"].append(start)
    d["b"].append(start)
    for t in range(3):
        d["n"] += 1
        d["b"].append(x * t)
        start[t] = start[0] * x[1]
    return np.sum(d["a"][0] ** 3) + np.sum(d["b"][0] ** 2)


cases.add(shared_start_is_written_by_its_name, vec(3))


def last_items_are_handed_on(x):
    d = {"a": [], "b": [], "n": 0}
    start = x * 1.0
    d["a"].append(start)
    d["b"].append(start)
    for t in range(3):
        d["n"] += 1
        d["a"][-1] += x[t]
        c = d["b"][-1] * 2.0
        d["a"].append(c)
        d["b"].append(c)
    return np.sum(d["a"][0] ** 2) + np.sum(d["b"][-1] ** 3)


cases.add(last_items_are_handed_on, vec(3))


def one_list_under_two_keys(x):
    kept = []
    d = {"a": kept, "b": kept, "n": 0}
    for t in range(3):
        d["n"] += 1
        d["a"].append(x * x[0])
        d["b"].append(x * t)
    return np.sum(d["a"][-1] ** 2) + np.sum(d["b"][0] ** 3) * len(d["a"])


cases.add(one_list_under_two_keys, vec(3))


def inner_list_in_two_lists(x):
    inner = [x * 1.0]
    d = {"a": [inner], "b": [inner], "n": 0}
    for t in range(3):
        d["n"] += 1
        d["a"][0].append(x * x[t])
        d["b"].append([x * t])
    return np.sum(d["b"][0][-1] ** 2)


cases.add(inner_list_in_two_lists, vec(3))


def item_goes_from_list_to_list(x):
    start = x * 1.0
    d = {"a": [start, start * 2], "b": [start], "n": 0}
    for t in range(3):
        d["n"] += 1
        d["a"].append(d["b"][-1])
        d["a"][0] *= x[t]
        d["b"].append(d["a"][1])
        d["a"][1][0] = d["b"][0][1]
    return np.sum(d["b"][0] ** 2) + np.sum(d["a"][-1]) + np.sum(d["b"][-1] ** 3)


cases.add(item_goes_from_list_to_list, vec(3))
