"""`with srcad.cotangent_of(h) as h_bar:` -- code of the user in the reverse sweep."""
from __future__ import annotations

import dataclasses
import sys
import threading

import numpy as np
import pytest

import srcad

X = np.array([0.3, -0.7, 1.1])
SEEN = []


def note(number):
    SEEN.append(number)


@pytest.fixture(autouse=True)
def _nothing_seen():
    SEEN.clear()


# ---- what the block does ---------------------------------------------------------------------------------------------
def network(w, xs, h):
    for t in range(xs.shape[0]):
        h = np.tanh(w * h + xs[t])
        with srcad.cotangent_of(h) as h_bar:
            norm = np.linalg.norm(h_bar)
            if norm > 0.5:
                h_bar = h_bar * (0.5 / norm)
    return np.sum(h**2)


def network_by_hand(w, xs, h):
    states = [h]
    for x in xs:
        states.append(np.tanh(w * states[-1] + x))
    h_bar, w_bar = 2 * states[-1], np.zeros_like(w)
    for t in reversed(range(len(xs))):
        h_bar = h_bar * min(1.0, 0.5 / np.linalg.norm(h_bar))
        product = (1 - states[t + 1] ** 2) * h_bar
        w_bar += product * states[t]
        h_bar = product * w
    return w_bar, h_bar


def test_clipping_in_a_network():
    xs = np.arange(12.0).reshape(4, 3) / 10
    df = srcad.grad(network, argnums=(0, 2))
    for found, expected in zip(df(X, xs, X), network_by_hand(X, xs, X), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    text = df.source(X, xs, X)
    forward, reverse = text.split("# reverse sweep")
    assert "norm" not in forward
    assert "norm = np.linalg.norm(h_bar)" in reverse
    assert "# with srcad.cotangent_of(h) as h_bar:" in reverse


def printing(x, n):
    y = x
    for k in range(n):
        y = y * x
        with srcad.cotangent_of(y) as bar:
            print(k, bar)
    return y


def test_it_runs_in_the_order_of_the_reverse_sweep(capsys):
    assert printing(2.0, 3) == 16.0
    assert capsys.readouterr().out == "0 0.0\n1 0.0\n2 0.0\n"
    assert srcad.grad(printing)(2.0, 3) == 32.0
    assert capsys.readouterr().out == "2 1.0\n1 2.0\n0 4.0\n"
    assert srcad.jvp(printing, (2.0, 3), (1.0, None)) == (16.0, 32.0)
    assert capsys.readouterr().out == ""
    value, pullback = srcad.vjp(printing, 2.0, 1)
    assert (value, capsys.readouterr().out) == (4.0, "")
    assert pullback(1.0)[0] == 4.0
    assert pullback(0.5)[0] == 2.0
    assert capsys.readouterr().out == "0 1.0\n0 0.5\n"


def recorded(x):
    y = np.sin(x)
    with srcad.cotangent_of(y) as bar:
        note(float(np.max(srcad.stop_gradient(bar))))
    return np.sum(y * x)


def test_a_function_of_the_user_may_record():
    np.testing.assert_allclose(srcad.grad(recorded)(X), np.cos(X) * X + np.sin(X))
    assert pytest.approx([1.1]) == SEEN


def scaled(x):
    y = x * x
    with srcad.cotangent_of(y) as bar:
        bar = 10 * bar
    return y * x


def test_higher_orders_are_of_the_changed_derivative():
    assert srcad.grad(scaled)(3.0) == 21 * 9.0
    assert srcad.grad(srcad.grad(scaled))(3.0) == 42 * 3.0
    assert srcad.hvp(scaled, (3.0,), (1.0,)) == 42 * 3.0
    assert srcad.jvp(scaled, (3.0,), (1.0,))[1] == 27.0  # forward mode passes it over


# ---- kinds of values and places --------------------------------------------------------------------------------------
@dataclasses.dataclass
class State:
    h: object
    n: int


def in_place(x):
    y = x * 2.0
    z = x * 3.0
    with srcad.cotangent_of(y) as bar:
        bar[0] = 0.0
        bar *= 2.0
    return np.sum((y + z) * x)  # y_bar and z_bar are one array


def by_branch(x):
    y = x * x
    if x[0] > 0.0:
        with srcad.cotangent_of(y) as bar:
            bar = bar * 3.0
        out = np.sum(y)
    else:
        out = np.sum(y * x)
    return out


def triple(v):
    w = v * v
    for _ in range(1):
        with srcad.cotangent_of(w) as bar:
            bar = 3.0 * bar
    return w


def in_a_callee(x):
    return np.sum(triple(x))


def a_list(x):
    parts = [x * 1.0, x * 2.0, 7]
    with srcad.cotangent_of(parts) as bars:
        first, second, nothing = bars
        assert nothing is None
        bars = [second, first, None]
    return np.sum(parts[0] * 5.0 + parts[1] * 7.0)


def a_growing_list(x):
    parts = []
    for k in range(len(x)):
        parts.append(x[k] * x[k])
    with srcad.cotangent_of(parts) as bars:
        bars = [2.0 * b for b in bars]
    total = 0.0
    for p in parts:
        total += p
    return total


def a_dict(x):
    d = {"a": x * 1.0, "b": x[0] * 2.0}
    with srcad.cotangent_of(d) as bar:
        bar["a"] = bar["a"] * bar["b"]
    return np.sum(d["a"]) + d["b"] * 3.0


def an_attribute(x):
    s = State(x * x, 3)
    with srcad.cotangent_of(s.h) as bar:
        bar = bar * 2.0
    return np.sum(s.h)


def an_item(x):
    s = [x * x, x]
    with srcad.cotangent_of(s[0]) as bar:
        bar = bar * 2.0
    return np.sum(s[0]) + np.sum(s[1])


def none_is_zero(x):
    y = x * x
    with srcad.cotangent_of(y) as bar:
        bar = None
    return np.sum(y) + np.sum(x)


def an_argument(x):
    with srcad.cotangent_of(x) as bar:
        bar = bar + 1.0
    return np.sum(x * x)


def reading_what_changes(x):
    scale = 2.0
    y = x * x
    with srcad.cotangent_of(y) as bar:
        bar = bar * scale
    scale = 100.0
    return np.sum(y) * scale


def reading_an_array_that_is_written(x):
    y = x * x
    u = np.sin(x)
    with srcad.cotangent_of(y) as bar:
        bar = bar * u
    u[0] = 5.0
    u *= 2.0
    return np.sum(y * u)


def written_afterwards(x):
    u = x * x
    for _ in range(2):
        with srcad.cotangent_of(u) as bar:
            bar = bar * 2.0
        u[1:] += u[:-1]
    return np.sum(u)


def in_a_while_loop(x):
    y, n = x[0], 0
    while True:
        y = y * 2.0
        with srcad.cotangent_of(y) as bar:
            bar = bar * 3.0
        n += 1
        if n == 2:
            break
    return y + np.sum(x)


def only_the_block_changes_it(x):
    y = x * 1.0
    for _ in range(3):
        with srcad.cotangent_of(y) as bar:
            bar = bar * 2.0
    return np.sum(y)


def with_a_loop(x):
    y = x * x
    with srcad.cotangent_of(y) as bar:
        for k in range(3):
            if k == 1:
                continue
            bar[k] = 0.0
    return np.sum(y)


def in_single_precision(x):
    y = np.float32(1) * x.astype(np.float32)
    with srcad.cotangent_of(y) as bar:
        assert bar.dtype == np.float32
        bar = bar * np.float32(2)
    return np.sum(y)


def twice(x):
    y = x * x
    with srcad.cotangent_of(y) as bar:
        norm = np.sum(bar)
        bar = bar * norm
    with srcad.cotangent_of(y) as bar:
        norm = np.max(bar)
        bar = bar + norm
    return np.sum(y)


ONES = np.ones(3)
KINDS = [
    (in_place, 2.0 * 2 * X * np.array([0, 1, 1]) + 5 * X + 3 * X),
    (by_branch, 6 * X), (in_a_callee, 6 * X), (a_list, 7 * ONES + 2 * 5 * ONES), (a_growing_list, 4 * X),
    (a_dict, 3 * ONES + np.array([6.0, 0, 0])), (an_attribute, 4 * X), (an_item, 4 * X + 1), (none_is_zero, ONES),
    (an_argument, 2 * X + 1), (reading_what_changes, 100 * 4 * X),
    (in_a_while_loop, np.array([37.0, 1, 1])), (only_the_block_changes_it, 8 * ONES), (with_a_loop, 2 * X * np.array([0, 1, 0])),
    (in_single_precision, 2 * ONES), (twice, 2 * X * 2 * 6),
]  # fmt: skip


@pytest.mark.parametrize(("f", "expected"), KINDS, ids=lambda p: getattr(p, "__name__", ""))
def test_kinds(f, expected):
    before = X.copy()
    np.testing.assert_array_equal(srcad.value_and_grad(f)(X)[0], f(X))
    np.testing.assert_array_equal(X, before)
    np.testing.assert_allclose(srcad.grad(f)(X), expected, rtol=1e-6 if f is in_single_precision else 1e-13)
    np.testing.assert_allclose(srcad.vjp(f, X)[1](1.0)[0], expected, rtol=1e-6 if f is in_single_precision else 1e-13)


def test_arrays_that_are_written_around_a_block():
    u = np.sin(X)
    after = 2 * np.array([5.0, u[1], u[2]])
    expected = 2 * X * (after * u) + X**2 * 2 * np.cos(X) * np.array([0, 1, 1])
    np.testing.assert_allclose(srcad.grad(reading_an_array_that_is_written)(X), expected, rtol=1e-13)
    step = np.eye(3)
    step[1, 0] = step[2, 1] = 1.0
    bar = ONES
    for _ in range(2):
        bar = 2 * (step.T @ bar)
    np.testing.assert_allclose(srcad.grad(written_afterwards)(X), bar * 2 * X, rtol=1e-13)


@srcad.checkpoint
def recomputed(x):
    y = x * x
    with srcad.cotangent_of(y) as bar:
        print("here")
        bar = bar * 2.0
    return y * x


def test_inside_a_function_that_runs_again(capsys):
    assert srcad.grad(recomputed)(3.0) == 9.0 + 36.0
    assert capsys.readouterr().out == "here\n"


def test_no_derivative_no_block(capsys):
    def f(x):
        y = x * 2
        with srcad.cotangent_of(y) as bar:
            print("never")
        n = 3.0
        with srcad.cotangent_of(n) as bar:
            print("never")
        return x * n

    assert srcad.grad(f)(2.0) == 3.0
    assert capsys.readouterr().out == ""


# ---- called as it is -------------------------------------------------------------------------------------------------
def plain(n, seen):
    total = np.zeros(2)
    pair = (1.0, total)
    for k in range(n):
        with srcad.cotangent_of(total) as bar:
            seen.append(bar)
            bar += 1.0
        with srcad.cotangent_of(pair) as bar:
            seen.append(bar)
        total = total + k
    return total


def test_called_as_it_is_the_block_runs_on_zeros():
    seen = []
    np.testing.assert_array_equal(plain(3, seen), [3.0, 3.0])
    np.testing.assert_array_equal(seen[0], [1.0, 1.0])
    assert seen[1][0] == 0.0
    np.testing.assert_array_equal(seen[1][1], [0.0, 0.0])


def failing(x):
    with srcad.cotangent_of(x) as bar:
        raise LookupError(bar)
    return x


def test_called_as_it_is_exceptions_of_the_block_go_on():
    with pytest.raises(LookupError):
        failing(1.0)


# ---- wrong use -------------------------------------------------------------------------------------------------------
renamed = srcad.cotangent_of


def under_another_name(x):
    y = x * x
    with renamed(y) as bar:
        bar = bar * 2
    return y


def of_an_expression(x):
    with srcad.cotangent_of(x * x) as bar:
        bar = bar * 2
    return x


def that_returns(x):
    y = x * x
    with srcad.cotangent_of(y) as bar:
        return bar


def that_breaks(x):
    y = x
    for _ in range(3):
        y = y * x
        with srcad.cotangent_of(y) as bar:
            break
    return y


def that_counts(x):
    n = 0
    y = x * x
    with srcad.cotangent_of(y) as bar:
        n += 1
    return y * n


def that_assigns(x):
    y = x * x
    norm = 1.0
    with srcad.cotangent_of(y) as bar:
        norm = bar
    return y * norm


def that_writes(x):
    y = x * x
    norms = np.zeros(3)
    with srcad.cotangent_of(y) as bar:
        norms[0] = 1.0
    return np.sum(y * norms)


def with_another_manager(x):
    y = x * x
    with srcad.cotangent_of(y) as bar, np.errstate():
        bar = bar * 2
    return y


WRONG = [under_another_name, of_an_expression, that_returns, that_breaks, that_counts, that_assigns, that_writes, with_another_manager]


@pytest.mark.parametrize("f", WRONG, ids=lambda f: f.__name__)
def test_wrong_use(f):
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC193"):
        srcad.grad(f)(X if f is that_writes else 2.0)


def of_another_shape(x):
    y = x * x
    with srcad.cotangent_of(y) as bar:
        bar = bar[:2]
    return np.sum(y)


def of_another_structure(x):
    y = [x * x, x]
    with srcad.cotangent_of(y) as bar:
        bar = bar[0]
    return np.sum(y[0])


@pytest.mark.parametrize("f", [of_another_shape, of_another_structure], ids=lambda f: f.__name__)
def test_what_the_cotangent_is_replaced_by(f):
    with pytest.raises(srcad.ShapeMismatch, match="`bar`"):
        srcad.grad(f)(X)
