"""What is printed for lists and dicts: nothing is copied, zeroed, stored or asked for that need not be; and it is right."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

A = np.random.default_rng(0).normal(size=(5, 4)) + 0.3


def right(f, *args):
    """The text of the gradient, which agrees with differences in both modes; the pullback gives the same again."""
    srcad.check_grads(f, *args)
    y, pullback = srcad.vjp(f, *args)
    first, second = pullback(1.5 + 0 * y), pullback(1.5 + 0 * y)
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a, b)
    return srcad.grad(f).source(*args)


def sum_of_a_generator(A):
    return sum(np.sum(row * row) for row in A)


def test_items_of_a_sum_need_no_list():
    text = right(sum_of_a_generator, A)
    assert "items" not in text
    assert "A_bar[k] += 2.0 * row\n" in text


def sums_of_one_list(A):
    xs = [np.sum(np.sin(row)) for row in A]
    return sum(xs) * sum(xs) + xs[0] * 3.0


def sum_before_the_list_changes(A):
    xs = [np.sum(row) ** 2 for row in A]
    total = sum(xs)
    xs[1] = xs[0] * total
    xs.append(xs[2] * 3.0)
    return sum(xs) * total


def sums_of_sums(A):
    return sum(np.sum(A[i]) ** 2 * sum(A[i, j] * A[j, i] for j in range(i)) for i in range(1, 4))


def sum_on_one_path(A):
    xs = [row[0] * row[1] for row in A]
    if A[0, 0] > -10:
        s = sum(xs)
    else:
        s = xs[0]
    while len(xs) > 2:
        s = s * xs.pop()
    return s


@pytest.mark.parametrize("f", [sums_of_one_list, sum_before_the_list_changes, sums_of_sums, sum_on_one_path], ids=lambda f: f.__name__)
def test_sums_of_lists(f):
    right(f, A)


def sum_that_only_the_value_needs(A):
    return sum([np.sum(row) for row in A]) * 2.0


def test_a_sum_of_numbers_raises_nothing():
    text = right(sum_that_only_the_value_needs, A)
    assert "sum(items)" not in text
    assert "may raise" not in text


def cells_under_names(A):
    cells = {k: {"m": 0.0, "p": np.zeros(A.shape[1])} for k in ("a", "b")}
    for i, row in enumerate(A):
        c = cells["a" if i % 2 else "b"]
        c["m"] += np.sum(row)
        c["p"] += row * c["m"]
    return sum(np.sum(c["p"] ** 2) / c["m"] for c in cells.values())


def particles(A):
    ps = [{"x": row[:2].copy(), "v": row[2:].copy()} for row in A]
    for _ in range(3):
        for p in ps:
            p["v"] = p["v"] - 0.1 * p["x"]
            p["x"] = p["x"] + 0.1 * p["v"]
    return sum(np.sum(p["x"] ** 2) for p in ps)


def rows_replaced_by_place(A):
    us = [row for row in A]
    for i in range(3):
        us[i] = np.sin(us[i]) * us[i + 1]
    return np.sum(us[0]) + np.sum(us[2] * us[1])


def elements_replaced_by_place(A):
    u = A[0].copy()
    for i in range(4):
        u[i] = np.sin(u[i]) * A[1, i]
    return np.sum(u * A[2])


def last_items_replaced(A):
    xs = []
    for row in A:
        xs.append(np.tanh(row))
        if len(xs) > 2:
            xs[-1] = xs[-1] * xs[-2]
    return sum(np.sum(x) for x in xs)


def groups(A):
    found = {}
    for i in range(A.shape[0]):
        found.setdefault(i % 2, []).append(A[i])
    total = 0.0
    for k in range(3):
        for row in found.get(k, []):
            total += np.sum(np.sin(row)) * (k + 1)
    return total


REPLACED = [cells_under_names, particles, rows_replaced_by_place, elements_replaced_by_place, last_items_replaced, groups]


@pytest.mark.parametrize("f", REPLACED, ids=lambda f: f.__name__)
def test_what_is_replaced_is_not_set_to_zero(f):
    text = right(f, A)
    assert "] = 0.0" not in text
    assert "] = zeros_like(" not in text
    assert "] = np.zeros(" not in text
    assert "] = list(" not in text


def test_values_of_a_dict_are_read_in_place():
    text = right(cells_under_names, A)
    assert "values_" not in text
    assert "items = [slots[places[key]] for key in list_places]" in text
    assert "items_bar = zeros_like(items)" in text
    assert "slots_bar = list(" not in text


def one_array_under_two_keys(A):
    ps = [{"x": row * 1.0, "v": row * 2.0} for row in A]
    for p in ps:
        s = np.sin(p["x"])
        p["v"] = s
        p["x"] = s * p["v"]
    for i in range(1, 3):
        q = ps[i - 1]["x"]
        ps[i]["x"] = q
        ps[i]["v"] = q * ps[i]["v"]
    return sum(np.sum(p["x"] * p["v"]) for p in ps)


def one_cotangent_at_two_places(A):
    ps = [{"x": row * 1.0, "v": row * 2.0} for row in A]
    us = [row * 1.0 for row in A]
    for i in range(4):
        ps[i] = {"x": ps[i]["x"] + ps[i]["v"], "v": np.sin(ps[i]["v"])}
        us[i], us[i + 1] = us[i] + us[i + 1], us[i] - us[i + 1]
        us[i] += us[0] * us[i]
    return sum(np.sum(p["x"] * p["v"]) for p in ps) + sum(np.sum(u**2) for u in us)


def item_read_while_it_is_replaced(A):
    us = [row * 1.0 for row in A]
    old = us[1]
    for i in range(3):
        us[i] = us[i] * old + us[1]
        old = us[i]
    us[2] *= us[0]
    return np.sum(us[2]) + np.sum(old)


def slices_replaced(A):
    u = A[0] * A[1]
    for _ in range(3):
        u[1:] = np.cos(u[1:])
        u[:2] = u[:2] * 0.5
        u[u > 0.3] = u[u > 0.3] ** 2
        u[[0, 0, 2]] = np.sin(u[[0, 0, 2]])
    return np.sum(u * A[2])


def values_added_up_and_replaced(A):
    d = {"a": A[0] * 1.0, "b": A[1] * 1.0}
    for i in range(A.shape[0]):
        total = sum(np.sum(v) for v in d.values())
        name = "ab"[i % 2]
        d[name] = np.sin(d[name]) * total
        d["a"] = d["a"] + A[2] * max(np.max(v) for v in d.values())
    return np.sum(d["a"] * d["b"])


@pytest.mark.parametrize(
    "f",
    [
        one_array_under_two_keys, one_cotangent_at_two_places, item_read_while_it_is_replaced, slices_replaced, values_added_up_and_replaced,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_items_that_are_held_twice(f):
    right(f, A)


def moved(ps):
    out = []
    for p in ps:
        out.append({"m": p["m"] * 2.0, "p": p["p"] + p["m"]})
    return out


def list_through_a_function(A):
    ps = [{"m": r[0], "p": r * 2.0} for r in A]
    for i in range(A.shape[0]):
        k = i // 2
        ps[k] = {"m": ps[k]["m"] * np.sum(A[i]), "p": ps[k]["p"] * ps[k]["m"]}
    return sum(np.sum(q["p"] ** 2) * q["m"] for q in moved(ps))


def largest_under_names(A):
    cells = dict.fromkeys("abc", 0.0)
    for i, row in enumerate(A):
        cells["abc"[i % 3]] += np.sum(row) ** 2
    return max(cells.values()) * sum(cells.values())


class Held:
    def __init__(self):
        self.items = []

    def total(self):
        return sum(np.sum(x) for x in self.items)


def list_of_an_object(A):
    held = Held()
    for row in A:
        held.items.append(np.tanh(row))
        if len(held.items) > 2:
            held.items[-1] = held.items[-1] * held.items[-2]
    return held.total()


@pytest.mark.parametrize("f", [list_through_a_function, largest_under_names, list_of_an_object], ids=lambda f: f.__name__)
def test_lists_that_nobody_else_holds_are_not_copied(f):
    text = right(f, A)
    assert "copy_tree" not in text
    assert "dict(places)" not in text


def scaled(xs, c):
    out = []
    for x in xs:
        out.append(x * c)
    return out


def changed_items(xs):
    out = []
    for x in xs:
        y = x * 2.0
        y += x * y
        out.append(y)
        out.append(y)
    return out


def cotangent_that_is_needed_twice(A):
    xs = [row for row in A]
    ys = scaled(xs, A[0, 0])
    zs = scaled(ys, A[0, 1])
    for i in range(3):
        zs[i] = zs[i] * ys[i + 1] + xs[i]
    both = changed_items(zs) + scaled(changed_items(ys), 0.5)
    return sum(np.sum(a * b) for a, b in zip(both, both[3:]))


def cotangent_that_a_loop_hands_over(A):
    xs = [row for row in A]
    total = 0.0
    for i in range(3):
        ys = scaled(xs, A[i, 0])
        xs = scaled(ys, A[i, 1]) if i != 1 else ys
        total += sum(np.sum(y) for y in ys) ** 2
        ys[i] = ys[i] * total
        total += np.sum(ys[i])
    return total + np.sum(xs[0] * xs[1])


@pytest.mark.parametrize("f", [cotangent_that_is_needed_twice, cotangent_that_a_loop_hands_over], ids=lambda f: f.__name__)
def test_cotangents_that_are_handed_over(f):
    right(f, A)


def nested(A):
    return [scaled([row for row in A], 2.0), [row * row for row in A]]


def test_a_cotangent_of_the_user_stays():
    y, pullback = srcad.vjp(nested, A)
    given = [[np.ones(4) * k for k in range(5)], [np.ones(4) for _ in A]]
    first = pullback(given)[0]
    assert np.array_equal(first, pullback(given)[0])
    assert all(np.array_equal(g, np.ones(4) * k) for k, g in enumerate(given[0]))
    assert np.allclose(first, 2.0 * np.arange(5)[:, None] + 2.0 * A)


def lists_under_keys(A):
    log = {"loss": [], "norm": []}
    x = A[0].copy()
    for i in range(A.shape[0]):
        x = x - 0.1 * np.sin(x) * A[i]
        log["loss"].append(np.sum(x**2))
        log["norm"].append(np.sqrt(np.sum(x**2)))
    return np.mean(log["loss"]) + log["norm"][-1] * max(log["norm"])


def test_lists_under_keys_have_the_names_of_the_keys():
    text = right(lists_under_keys, A)
    for line in ("loss.append(", "norm.append(", "norm_bar.pop()", "loss_bar.pop()"):
        assert line in text
    assert "items_bar = total_bwd(" in right(list_of_an_object, A)
