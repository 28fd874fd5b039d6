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


def it_groupby(x):
    t = 0.0
    for k, g in itertools.groupby(range(len(x)), key=lambda i: i // 2):
        t += sum(x[i] for i in g) ** 2 * (k + 1)
    return t


cases.add(it_groupby, vec(5))


def it_groupby_values(x):
    t = 0.0
    for above, group in itertools.groupby(x, lambda v: v > 0.5):
        first = next(group)
        t += first * sum(v * v for v in group) + sum(group) + above
    return t


cases.add(it_groupby_values, vec(5))


def it_tee(x):
    a, b = itertools.tee(x)
    next(b)
    return sum((u * v for u, v in zip(a, b)))


cases.add(it_tee, vec(5))


def it_tee_stream(x):
    a, b = itertools.tee((v * v for v in x))
    next(b, None)
    return sum((u * v for u, v in zip(a, b)))


cases.add(it_tee_stream, vec(5))


def it_zip_longest(x, y):
    return sum((a * b for a, b in itertools.zip_longest(x, y[:3], fillvalue=1.5)))


cases.add(it_zip_longest, vec(5), vec(5, 0.9))


def it_zip_longest_stream(x, y):
    return sum((a * b for a, b in itertools.zip_longest((v * v for v in x[:2]), y, fillvalue=1.5)))


cases.add(it_zip_longest_stream, vec(5), vec(5, 0.9))


def it_combinations_of_three(x):
    return sum((a * b * c for a, b, c in itertools.combinations(x, 3)))


cases.add(it_combinations_of_three, vec(5))


def it_permutations_of_any(x):
    t = 0.0
    for count in range(1, 4):
        for row in itertools.permutations(x[:3], count):
            p = 0.5
            for v in row:
                p = p * v
            t += p * row[0]
    return t


cases.add(it_permutations_of_any, vec(5))


def it_product_writes(x):
    y = x * 1.0
    for i, j, k in itertools.product(range(2), range(3), range(2)):
        y[i + j] += 0.1 * y[j] * y[k]
    return sum(y)


cases.add(it_product_writes, vec(5))


def it_endless(x):
    t = 0.0
    for v in itertools.takewhile(lambda v: v < 20.0, itertools.accumulate(itertools.repeat(x[0]), lambda a, b: a * b + 2.0 * a + 1.0)):
        t += v * v
    return t


cases.add(it_endless, vec(5))


def it_iterated(x):
    return next(itertools.islice(itertools.accumulate(itertools.repeat(x[0]), lambda s, _: 0.5 * (s + x[4] / s)), 5, None))


cases.add(it_iterated, vec(5))


def squares(x):
    for v in x:
        yield v * v


def halves(start):
    while True:
        yield start
        start = start * 0.5


def it_zip_generators(x, a):
    t = 0.0
    for u, v, w in zip(squares(x), halves(a), (e + 1.0 for e in x[:4])):
        t += u * v * w
    return t


cases.add(it_zip_generators, vec(5), 0.7)


def it_zip_kept(x, a):
    first, second = squares(x), halves(a)
    t = 0.0
    for u, v in zip(first, second):
        t += u * v
        if t > 0.8:
            break
    return t + next(first) * next(second)


cases.add(it_zip_kept, vec(5), 0.7)


def window(items):
    it = iter(items)
    before = next(it)
    for item in it:
        yield before, item
        before = item


def it_handed_on(x):
    return sum((a * b for a, b in window(v * v for v in x)))


cases.add(it_handed_on, vec(5))
