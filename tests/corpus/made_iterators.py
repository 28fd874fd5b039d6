"""Functions of itertools."""
from __future__ import annotations

import itertools

from tests.corpus.registry import Cases, vec

cases = Cases()


def it_accumulate(x):
    return sum((v * v for v in itertools.accumulate(x)))


cases.add(it_accumulate, vec(5))


def it_accumulate2(x):
    return list(itertools.accumulate(x, lambda a, b: a * b + 1))[-1]


cases.add(it_accumulate2, vec(5))


def it_chain(x, y):
    t = 0.0
    for v in itertools.chain(x, y):
        t = t * 0.5 + v * v
    return t


cases.add(it_chain, vec(5), vec(5, 0.9))


def it_chain_fi(x):
    return sum((v * v for v in itertools.chain.from_iterable([x, x * 2])))


cases.add(it_chain_fi, vec(5))


def it_product(x):
    return sum((a * b for a, b in itertools.product(x, x)))


cases.add(it_product, vec(5))


def it_product_rep(x):
    return sum((x[i] * x[j] for i, j in itertools.product(range(3), repeat=2)))


cases.add(it_product_rep, vec(5))


def it_comb(x):
    return sum((a * b for a, b in itertools.combinations(x, 2)))


cases.add(it_comb, vec(5))


def it_comb_idx(x):
    t = 0.0
    for i, j in itertools.combinations(range(len(x)), 2):
        t += (x[i] - x[j]) ** 2
    return t


cases.add(it_comb_idx, vec(5))


def it_perm(x):
    return sum((x[i] * x[j] ** 2 for i, j in itertools.permutations(range(3), 2)))


cases.add(it_perm, vec(5))


def it_islice(x):
    return sum((v * v for v in itertools.islice(x, 1, 4)))


cases.add(it_islice, vec(5))


def it_cycle(x):
    t = 0.0
    for s, v in zip(itertools.cycle([1.0, -1.0]), x):
        t += s * v * v
    return t


cases.add(it_cycle, vec(5))


def it_pairwise(x):
    return sum(((b - a) ** 2 for a, b in itertools.pairwise(x)))


cases.add(it_pairwise, vec(5))


def it_repeat(x, a):
    return sum((k * v for k, v in zip(itertools.repeat(a), x)))


cases.add(it_repeat, vec(5), 0.7)


def it_takewhile(x):
    return sum(itertools.takewhile(lambda v: v < 1.0, x))


cases.add(it_takewhile, vec(5))


def it_starmap(x, y):
    return sum(itertools.starmap(lambda a, b: a * b, zip(x, y)))


cases.add(it_starmap, vec(5), vec(5, 0.9))


def it_compress(x):
    return sum(itertools.compress(x, [1, 0, 1, 0, 1]))


cases.add(it_compress, vec(5))
