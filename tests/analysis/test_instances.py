"""What a trip has made is apart from what earlier trips have made, as long as it was not handed out."""
from __future__ import annotations

import numpy as np

import srcad

X = np.array([0.9, -0.4, 1.3])


def history(x, n):
    kept = []
    for t in range(n):
        buf = np.zeros(3)
        for j in range(3):
            buf[j] = x[j] * t
        kept.append(buf)
    return np.sum(kept[1] * kept[2])


def test_what_is_kept_of_earlier_trips_needs_no_copy():
    text = srcad.grad(history).source(X, 4)
    assert ".copy()" not in text
    srcad.check_grads(history, X, 4)


def handed_out_before(x, n):
    kept = []
    for t in range(n):
        buf = x * t
        kept.append(np.sin(buf))
        for j in range(2):
            buf[j] = x[j] * buf[j + 1]
            kept.append(buf * 1.0)
    return np.sum(kept[1] * kept[2] * kept[5])


def test_what_is_handed_out_is_kept():
    srcad.check_grads(handed_out_before, X, 4)


def one_of_two(x, n):
    kept = [x * 1.0]
    for t in range(n):
        new = x * t
        both = [new, kept[-1]]
        for j in range(2):
            new[j] = both[1][j] * x[j]
        kept.append(new)
    return np.sum(kept[1] * kept[2])


def test_what_is_held_in_the_trip_is_seen():
    srcad.check_grads(one_of_two, X, 3)


def generations(x, n):
    living, total = list(x), 0.5
    for t in range(n):
        for a in living:
            total += np.sin(a) * total
        living = [0.8 * a for a in living if a > 0.1 * t]
    return total


def test_lists_of_a_trip_beside_one_that_trips_hand_on_grow_in_place():
    text = srcad.grad(generations).source(X, 3)
    assert "living_2 = [" in text
    assert "tape = list(" not in text
    srcad.check_grads(generations, X, 3)


def halves(x):
    stack, total = [(x, 0)], 0.0
    while stack:
        part, depth = stack.pop()
        total += np.sum(part) ** 2 / (1 + depth)
        if len(part) > 1:
            m = len(part) // 2
            stack.append((part[:m], depth + 1))
            stack.append((part[m:], depth + 1))
    return total


def test_what_both_sides_of_a_branch_make_is_new():
    text = srcad.grad(halves).source(X)
    assert ".copy(" not in text
    srcad.check_grads(halves, X, order=2)
    srcad.check_grads(halves, np.arange(5.0))


def made_and_handed_out(x, n):
    kept = [x * 1.0]
    for t in range(n):
        if t % 2:
            new = np.sin(x)
            kept.append(new * kept[-1])
        else:
            new = kept[-1] * x
            kept.append(new)
        new = new * 1.0
        new[t % 3] = kept[-1][0] * x[1]
        kept.append(new)
    return np.sum(kept[1] * kept[2] * kept[-1] * kept[-3])


def taken_or_made(x, n):
    stack, total = [x * 1.0, x * x], 0.0
    for t in range(n):
        if t % 2:
            new = stack.pop()
        else:
            new = np.cos(x)
            stack.append(new * new)
        total += np.sum(new * stack[-1])
        new = new * x
        new[0] = total
        stack.append(new)
        if t == 3:
            stack[0], stack[1] = stack[1], stack[0]
    return total + np.sum(stack[0] * stack[-1])


def of_an_earlier_trip(x, n):
    last, kept = x * 1.0, []
    for t in range(n):
        if t % 3 == 1:
            last = last * x
        kept.append(last)
        new = last.copy()
        new[t % 3] += np.sum(kept[0] * x)
        last = new
    return np.sum(last * kept[1] * kept[-1])


def test_what_branches_make_and_hand_out_is_kept():
    for f in (made_and_handed_out, taken_or_made, of_an_earlier_trip):
        srcad.check_grads(f, X, 5)


def packed_before_it_grew(x, n):
    row, kept, total = [x[0], x[1]], [], 0.0
    for t in range(n):
        row = [v * x[2] for v in row]
        pair = (row, t)
        row.append(x[t % 3])
        kept.append(pair)
        total += pair[0][-1] * len(pair[0])
        if t % 2:
            row.pop(0)
    return total + sum(kept[1][0]) * sum(kept[-1][0]) + len(kept[0][0])


def test_what_was_packed_before_it_grew_has_grown():
    assert srcad.value_and_grad(packed_before_it_grew)(X, 4)[0] == packed_before_it_grew(X, 4)
    srcad.check_grads(packed_before_it_grew, X, 4)
