"""Classes that are containers, lists that get longer while a loop goes over them, and objects in lists that change."""
from __future__ import annotations

import math
from collections import deque

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


class Polynomial:
    """Coefficients, from the constant on; goes over them by the iterator of its list."""

    def __init__(self, coeffs):
        self.coeffs = list(coeffs)

    def __len__(self):
        return len(self.coeffs)

    def __getitem__(self, i):
        return self.coeffs[i]

    def __setitem__(self, i, value):
        self.coeffs[i] = value

    def __iter__(self):
        return iter(self.coeffs)

    def __call__(self, x):
        total = 0.0
        for c in reversed(self.coeffs):
            total = total * x + c
        return total

    def __mul__(self, other):
        out = [0.0] * (len(self) + len(other) - 1)
        for i, a in enumerate(self):
            for j, b in enumerate(other):
                out[i + j] += a * b
        return Polynomial(out)

    def derivative(self):
        return Polynomial([i * c for i, c in enumerate(self)][1:])


@cases.each((vec(4), vec(3, 1.0), 0.3))
def products_of_polynomials(a, b, x):
    p, q = Polynomial(a), Polynomial(b)
    r = p * q
    r[0] = r[0] * 2.0
    return r(x) + r.derivative()(1.0) * r[1] * len(r)


@cases.each((vec(4), 0.7))
def all_at_once(a, x):
    p = Polynomial(a)
    first, *rest = p
    u, v, w, z = Polynomial(a * x)
    return sum(p) * max([*p, x]) + first * rest[-1] + u * v * w * z + sorted(p)[1] + sum(c * d for c, d in zip(p, Polynomial(a[1:])))


def squares(xs):
    for x in xs:
        yield x * x


@cases.each((vec(4),))
def one_generator_in_another(x):
    total = 0.0
    for a in squares(x):
        for b in squares(x[1:]):
            total += a * b * b
    return total


@cases.each((vec(5), 0.4), (vec(5), 3.0))
def breadth_first(values, threshold):
    edges = {0: [1, 2], 1: [3], 2: [3, 4], 3: [4], 4: [0]}
    order = [0]
    total = 0.0
    for u in order:
        for v in edges[u]:
            if v not in order and values[u] < threshold:
                order.append(v)
        total += values[u] ** 2 * len(order) + threshold * values[u]
    return total


@cases.each((np.array([0.9, 0.6, 0.4]),))
def splitting_jobs(x):
    jobs = [(x[0], 0)]
    total = 0.0
    for n, (size, depth) in enumerate(jobs, 1):
        if depth < 3 and size > 0.1:
            jobs.append((size * x[1], depth + 1))
            jobs.append((size * x[2], depth + 1))
        else:
            total += n * size**2
    return total


@cases.each((vec(5, 1.3),))
def shrinking(x):
    left = list(x)
    total = 0.0
    for v in left:
        total += v * v * len(left)
        if len(left) > 2:
            left.pop()
    return total


class Agent:
    """Walks round a ring of fields and eats half of what it finds."""

    def __init__(self, at, energy):
        self.at, self.energy = at, energy

    def eat(self, food):
        self.energy += food[self.at] * 0.5
        food[self.at] *= 0.5

    def move(self, n):
        self.at = (self.at + 3) % n


@cases.each((np.linspace(0.4, 1.3, 7), np.array([0.5, 0.9, 0.7]), 4))
def agents_on_a_ring(food, energy, steps):
    crowd = [Agent(2 * i, e) for i, e in enumerate(energy)]
    for t in range(steps):
        for a in crowd:
            a.eat(food)
            a.move(len(food))
            a.energy -= 0.1 * a.energy**2
        crowd = [a for a in crowd if a.energy > 0.1]
        if t == 2:
            crowd.append(Agent(1, crowd[0].energy / 2))
            crowd[0].energy /= 2
        food *= 1.1
    return sum(a.energy for a in crowd) + food.sum()


@cases.each((np.linspace(0.5, 1.4, 5), 4))
def survivors(x, steps):
    living, total = list(x), 1.0
    for t in range(steps):
        for a in living:
            total += 0.1 * math.sin(a) * total
        living = [0.8 * a + 0.05 * total for a in living if a > 0.2 * t]
    return total


class Job:
    """What waits in a queue: how long it takes, what it is worth, how often it was served."""

    def __init__(self, size, worth):
        self.size, self.worth = size, worth
        self.served = 0


@cases.each((np.array([0.31, 0.93, 0.57, 1.19]), np.array([0.9, 0.62, 0.71, 0.43]), 0.4))
def round_robin(sizes, worths, slice_):
    waiting = deque(Job(a, b) for a, b in zip(sizes, worths))
    clock, done = 0.0, []
    while waiting and len(done) < 40:
        job = waiting.popleft()
        job.served += 1
        if job.size > slice_:
            job.size -= slice_ * job.worth
            clock += slice_
            waiting.append(job)
        else:
            clock += job.size
            done.append(clock * job.served)
    return sum(done) + clock


@cases.each((np.array([0.31, 0.93, 0.57, 1.19]), np.array([0.9, 0.62, 0.71, 0.43]), 5))
def tournament(sizes, worths, rounds):
    pool = [Job(a, b) for a, b in zip(sizes, worths)]
    for t in range(rounds):
        pool.sort(key=lambda job: -job.size)
        first, last = pool[0], pool[-1]
        first.size *= 0.9
        last.size += 0.2 * first.size + 0.05 * last.worth
        pool[-1] = Job(0.5 * (first.size + last.size), first.worth * last.worth)
        if t % 3 == 0:
            pool.append(Job(last.size, first.worth))
        if len(pool) > 4:
            del pool[2]
    return sum(job.size**2 + job.worth for job in pool)


def stepped(jobs, rate):
    made = []
    for job in jobs:
        new = Job(job.size + rate * job.worth, job.worth)
        new.worth -= rate * new.size
        made.append(new)
    return made


@cases.each((np.linspace(0.3, 1.2, 4), np.linspace(0.9, 0.4, 4), 0.1, 3))
def made_anew_in_each_step(sizes, worths, rate, steps):
    jobs = [Job(a, b) for a, b in zip(sizes, worths)]
    totals = [sum(job.size * job.worth for job in jobs)]
    for _ in range(steps):
        jobs = stepped(jobs, rate)
        totals.append(sum(job.size * job.worth for job in jobs))
    return totals[-1] ** 2 - totals[0] + jobs[2].size


@cases.each((1.3, 3), (1.3, 0))
def tuples_that_grow(x, n):
    path, ways, marks = (), (0,), (1.0, 2.0)
    for k in range(n):
        path = path + (x * k,)
        ways = ways + (x * x, k)
        marks += (x,)
        marks *= 2
    return sum(path) * sum(ways) + sum(marks) * x


@cases.each((vec(2), 3), (vec(2), 0))
def tuples_of_arrays_that_grow(x, n):
    states = ()
    while len(states) < n:
        states += (x * len(states),)
    return sum(np.sum(s) for s in states) + x[0] * x[1]
