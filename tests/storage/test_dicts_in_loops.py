"""Loops over a dict that they change: keys, values and items are read when their turn comes."""
from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

import srcad
from tests.operators.test_matrices import differences


def by_key(x):
    d = {"a": x[0], "b": x[1] * 2, "c": x[2] * 3, "d": x[0] * 4, "e": x[1] * 5}
    for k in d:
        d["e"] = d["e"] * x[2]
        d[k] = d[k] * d["a"]
    return d["a"] * d["b"] + d["c"] * d["e"]


def by_items(x):
    d = {"a": x[0], "b": x[1] * 2, "c": x[2] * 3, "d": x[0] * 4, "e": x[1] * 5}
    for k, v in d.items():
        d[k] = v * x[0] + d["a"]
    return d["a"] * d["b"] + d["c"] * d["e"]


def by_number(x):
    d = [x[0], x[1] * 2, x[2]]
    for k, v in enumerate(d):
        d[k] = v * d[0]
    return d[0] * d[1] * d[2]


def backwards(x):
    d = [x[0], x[1] * 2, x[2]]
    for v in reversed(d):
        d[2] = v * d[0]
    return d[0] * d[1] * d[2]


def values_ahead(x):
    d = {"a": x[0], "b": x[1]}
    total = 0.0
    for v in d.values():
        d["b"] = x[2] ** 3
        total = total + v
    return total


def items_ahead(x):
    d = {"a": x[0], "b": x[1]}
    total = 0.0
    for _, v in d.items():
        d["b"] = x[2] ** 3
        total = total + v
    return total


def under_another_name(x):
    d = {"a": x[0], "b": x[1]}
    for k in range(3):
        other = d
        other["a"] = other["a"] * x[2] + k
        d = other
    return d["a"] * d["b"]


def handed_back(x):
    def grow(d):
        d["a"] = d["a"] * x[2]
        return d

    d, same = dict(a=x[0], b=x[1]), None
    for _ in range(len(x)):
        same = d = grow(d)
    return d["a"] * same["b"]


@pytest.mark.parametrize("f", [under_another_name, handed_back, by_key, by_items, by_number, backwards, values_ahead, items_ahead], ids=lambda f: f.__name__)
def test_what_a_loop_goes_over_may_change(f):
    x = np.array([0.7, 1.3, -0.4])
    value, gradient = srcad.value_and_grad(f)(x)
    assert value == f(x)
    np.testing.assert_allclose(gradient, differences(f, x), rtol=1e-7)


def new_key(x):
    d = {"a": x[0], "b": x[1]}
    for _ in d:
        d["c"] = x[2]
    return d["a"]


def new_key_in_the_last_trip(x):
    d = {"a": x[0]}
    for _ in d:
        d["c"] = x[2]
    return d["a"]


@pytest.mark.parametrize("f", [new_key, new_key_in_the_last_trip], ids=lambda f: f.__name__)
def test_a_loop_over_a_dict_must_not_change_its_keys(f):
    """Python raises RuntimeError there."""
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC135"):
        srcad.grad(f)(np.array([0.7, 1.3, -0.4]))


def test_a_given_dict_is_read_under_keys_that_run_time_knows():
    def f(params, names):
        total = 1.0
        for name in names:
            total = total + np.sum(params[name] ** 2) * total
        return total

    srcad.check_grads(f, {"w": np.array([0.3, -0.7]), "a": np.array([0.2, 1.1])}, ["a", "w", "a"])


def lists_in_a_dict(x):
    found, total = defaultdict(list), defaultdict(float)
    for i in range(30):
        found[i % 3].append(x[i % 3])
        total[i % 5] += found[i % 3][-1] * x[0]
    return sum(total.values()) + sum(sum(v) ** 2 for v in found.values())


def lists_in_a_list(x):
    table = [[0.0] * 30 for _ in range(30)]
    for i in range(30):
        for j in range(30):
            table[i][j] = x[i % 3] * x[j % 3] + table[i - 1][j]
    return sum(sum(row) ** 2 for row in table)


def particles(x):
    place, speed = [[x[0] * i, x[1]] for i in range(4)], [[0.0, 0.0] for _ in range(4)]
    for _ in range(20):
        for i in range(4):
            for j in range(4):
                for k in range(2):
                    speed[i][k] += 0.01 * (place[j][k] - place[i][k] + x[2])
        for i in range(4):
            for k in range(2):
                place[i][k] += 0.1 * speed[i][k]
    return sum(p[0] ** 2 + p[1] for p in place)


@pytest.mark.parametrize("program", [lists_in_a_dict, lists_in_a_list, particles], ids=lambda f: f.__name__)
def test_loops_that_fill_containers_stay_loops(program):
    """Names that nobody reads any more made them be followed trip by trip, which took most of a minute."""
    x = np.array([0.3, 0.7, 1.1])
    df = srcad.grad(program)
    assert np.allclose(df(x), differences(program, x), rtol=1e-5)
    assert df.source(x).count("\n") < 150


def keys_with_a_number(x):
    d = dict.fromkeys("abca", 0.0)
    d["a"] += x[0]
    return d["a"] * 2 + d["b"] * x[1] + len(d) * x[2]


def keys_with_one_list(x):
    d = dict.fromkeys("ab", [])
    d["a"].append(x[0])
    d["b"].append(x[1])
    return sum(d["a"]) * len(d["b"])


def keys_with_one_array(x):
    d = dict.fromkeys(["u", "v"], x * 2)
    d["u"][0] = x[1]
    return np.sum(d["v"] * x)


@pytest.mark.parametrize("f", [keys_with_a_number, keys_with_one_list, keys_with_one_array], ids=lambda f: f.__name__)
def test_dicts_of_keys(f):
    srcad.check_grads(f, np.array([0.7, 1.3, -0.4]))


def in_another_order(p, rates):
    for r in rates:
        p = {k: p[k] * r for k in sorted(p)}
    return sum(n * v for n, v in enumerate(p.values(), 1))


def inside_in_another_order(p, rates):
    whole = [1.0, {"net": p}]
    for r in rates:
        whole = [whole[0] * r, {"net": {"a": whole[1]["net"]["a"] * r, "b": whole[1]["net"]["b"] * whole[0]}}]
    return whole[0] * sum(n * v for n, v in enumerate(whole[1]["net"].values(), 1))


@pytest.mark.parametrize("rates", [[0.5, 0.7], []], ids=["trips", "none"])
@pytest.mark.parametrize("f", [in_another_order, inside_in_another_order], ids=lambda f: f.__name__)
def test_a_given_dict_that_is_replaced_by_one_with_its_keys_in_another_order(f, rates):
    p = {"b": 2.0, "a": 1.5}
    slope = [(f(p | {k: v + 1e-6}, rates) - f(p | {k: v - 1e-6}, rates)) / 2e-6 for k, v in p.items()]
    value, gradient = srcad.value_and_grad(f)(p, rates)
    assert value == f(p, rates)
    assert list(gradient) == ["b", "a"]
    assert list(gradient.values()) == pytest.approx(slope, rel=1e-8)
    assert srcad.jvp(f, (p, rates), (p, None))[1] == pytest.approx(np.dot(slope, [2.0, 1.5]), rel=1e-8)
