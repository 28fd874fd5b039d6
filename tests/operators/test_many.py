"""Many seeds in one sweep give what one sweep per seed gives, whatever stands in the function."""
from __future__ import annotations

import importlib
import math
from dataclasses import dataclass

import numpy as np
import pytest

import srcad
from srcad import many, trees
from srcad.testing import active_leaves
from tests.operators.programs import PROGRAMS, X

M = np.random.default_rng(5).normal(size=(5, 4))
S = np.random.default_rng(6).normal(size=(4, 4)) + 4 * np.eye(4)
V = np.array([0.3, -1.2, 0.7, 1.9])


@dataclass
class Body:
    at: np.ndarray
    mass: float


def kill(x):
    """A number read from an array that changes afterwards."""
    y = x.copy()
    for i in range(len(y) - 1):
        held = y[i]
        y[i] = 0.0
        y[i + 1] = y[i + 1] * held + held
    return y


def swapped(x):
    a, b = x.copy(), np.zeros(len(x))
    for _ in range(3):
        b[1:] = a[1:] * a[:-1]
        a, b = b, a
    return a


def listed(x):
    parts = [x * k for k in range(1, 4)]
    parts[1] = parts[0] * parts[1]
    parts.append(parts[1] + x[0])
    return sum(parts), parts[3]


def numbers_in_lists(x):
    total = [0.0, 0.0]
    shared = x[0]
    items = [shared, shared, x[1]]
    for n, item in enumerate(items):
        total[n % 2] += item * x[n]
    return np.array(total)


def early(x):
    y = x * 1.0
    for i in range(10):
        if y[0] > 3.0:
            return y * i
        y = y * 1.4 + 0.1
    return y


def helper(a, k):
    out = np.zeros(len(a))
    for i in range(len(a)):
        out[i] = a[i] ** k
    return out


def calls(x):
    return helper(x, 2) * helper(x[::-1], 3)


def products(x):
    return S @ x, x @ S, np.outer(x, V), np.outer(V, x), S @ np.outer(x, x), np.outer(x, V) @ S, np.dot(x, V), np.vdot(V, x * x), np.linalg.solve(S, x)


def reductions(x):
    m = np.outer(x, x)
    return m.sum(), m.sum(axis=0), m.sum(axis=-1), np.sum(m, axis=(0, 1)), np.mean(m, axis=1, keepdims=True), np.cumsum(x), np.cumsum(m, axis=-1)


def shapes(x):
    m = np.outer(x, V)
    whole = np.concatenate([x, [x[0], 1.0]])
    return whole, m.T, np.reshape(m, -1), m.reshape(2, 8), np.transpose(m), np.concatenate([x, V, x]), np.stack([x, V], axis=-1), np.array([x[0], 1.0, x[1]])


def places(x):
    m = np.outer(x, V)
    mask = V > 0
    return m[1], m[:, 1], m[..., 0], m[1, 2], m[[0, 2, 0]], x[mask], m[mask], x[:, None] * x[None, :], m[1:3, ::2], x[-1]


def stores(x):
    m = np.zeros((4, 4))
    m[0] = x
    m[:, 1] += x
    m[np.array([2, 2]), np.array([0, 1])] += x[:2]
    m[V > 1, 2] = 7.0
    m[3, 3] *= x[0]
    m[..., 2] = m[..., 1] * x
    return m


def broadcast(x):
    return x * x[0] + 2.0, np.where(x > 0, x, 0.1 * x), np.maximum(x, V), x[:, None] + V, np.sin(x) / (1.0 + x**2), np.abs(x - V[0])


def scalars(x):
    a, b = float(x[0]), x[1]
    for _ in range(4):
        a, b = b + math.sin(a), a * b
    return a, np.array(b)


# ---- along axes ------------------------------------------------------------------------------------------------------
C = np.random.default_rng(7).normal(size=(3, 2, 2))


def transforms(x):
    spectrum = np.fft.fft(x, norm="ortho")
    half = np.fft.irfft(np.fft.rfft(x) * np.array([1.0, 0.5, 0.2]), 4)
    return np.abs(spectrum) ** 2, half * x, np.conj(np.fft.ifft(x)).imag


def transforms_of_matrices(x):
    a = x.reshape(2, 2) * x[0]
    return (
        np.real(np.fft.ifft2(np.fft.fft2(a) * a)), np.fft.fftn(a, axes=(0,)).real, np.fft.fftshift(a, axes=-1), np.fft.irfft2(np.fft.rfft2(a), (2, 2)),
        np.fft.fft(a, 3, 0).imag,
    )  # fmt: skip


def stacks(x):
    a = x.reshape(2, 2)
    return C @ a, a @ C, C @ x[:2], x[1:3] @ C, (C * x[0]) @ a @ x[:2]


def contractions(x):
    a = x.reshape(2, 2)
    return np.einsum("ij,kjl->kil", a, C), np.einsum("i,j", x, x), np.einsum("...ij,j", C, x[:2]), np.tensordot(a * x[0], C, ([1], [2])), np.tensordot(C, a)


def axes(x):
    a = x.reshape(2, 2) * x[1]
    return np.swapaxes(a, 0, -1), np.moveaxis(C * x[0], 0, -1), np.diff(x, 2), np.diff(a, axis=0), np.diag(x) @ x, np.tril(a), np.triu(a, 1)


# ---- control flow ----------------------------------------------------------------------------------------------------
def power(x, n):
    return x if n == 0 else np.sin(power(x, n - 1)) * x


def even(x, n):
    return x if n == 0 else odd(x * x[0], n - 1)


def odd(x, n):
    return x if n == 0 else even(np.sin(x), n - 1)


def recursions(x):
    return power(x, 3), even(x, 3)


def itself(x):
    return x if np.sum(x) > 100.0 else itself(np.exp(x) * x[0] + 30.0)


def remembered(x):
    """What was found is kept in a dict with computed keys."""
    seen = {}

    def go(n):
        if n not in seen:
            seen[n] = x * n if n < 2 else go(n - 1) * np.sum(x) + go(n - 2)
        return seen[n]

    return go(5)


def built(x, out, n):
    if n > 0:
        out.append(x * n)
        built(np.sin(x), out, n - 1)


def doubled(x, n):
    if n == 0:
        return [x]
    rest = doubled(x * 2.0, n - 1)
    return [x * rest[0], *rest]


def lists_of_calls(x):
    out = []
    built(x, out, 3)
    whole = out[0]
    for item in out[1:]:
        whole = whole * item
    return whole + np.sum(np.array(doubled(x, 2)), axis=0)


def attempts(x):
    y = x * 2.0
    try:
        y = y**2
        if x[0] < 1.0:
            raise ValueError
        y = y * 3.0
    except ValueError:
        y = y + x
    finally:
        z = x * 2.0
    with np.errstate(divide="ignore"):
        y = y * x[0] / z
    return y


VECTORS = (
    transforms, transforms_of_matrices, stacks, contractions, axes, recursions, itself, remembered, lists_of_calls, attempts, kill, swapped, listed, numbers_in_lists, early, calls, products, reductions, shapes, places, stores, broadcast, scalars,
)  # fmt: skip


def both_ways(operator, f, args, monkeypatch, **options):
    """With batches where there can be some, without, and whether there were."""
    hits: list[bool] = []
    real = many.compiled

    def noted(*given):
        found = real(*given)
        hits.append(found is not None)
        return found

    monkeypatch.setattr(many, "FEW", 1)
    monkeypatch.setattr(many, "compiled", noted)
    first = operator(f, **options)(*args)
    monkeypatch.setattr(many, "compiled", lambda *_: None)
    second = operator(f, **options)(*args)
    monkeypatch.undo()
    return first, second, any(hits)


def require_equal(first, second):
    a, b = ([leaf for leaf in trees.leaves(tree) if leaf is not None] for tree in (first, second))
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert type(x) is type(y)
        assert np.asarray(x).dtype == np.asarray(y).dtype
        np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("operator", [srcad.jacfwd, srcad.jacrev])
@pytest.mark.parametrize("f", VECTORS, ids=lambda f: f.__name__)
def test_as_one_by_one(f, operator, monkeypatch):
    first, second, batched = both_ways(operator, f, (V,), monkeypatch)
    require_equal(first, second)
    assert batched or (f, operator) == (listed, srcad.jacrev)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_hessians_as_one_by_one(f, monkeypatch):
    first, second, batched = both_ways(srcad.hessian, f, (X,), monkeypatch)
    require_equal(first, second)
    assert batched


@pytest.mark.parametrize("f", [recursions, itself, remembered, lists_of_calls], ids=lambda f: f.__name__)
def test_hessians_of_recursions(f, monkeypatch):
    """They went one by one: what the calls keep for the reverse sweep has no type."""
    first, second, batched = both_ways(srcad.hessian, lambda x: np.sum(f(x) * V) if f is not recursions else np.sum(f(x)[0] * f(x)[1]), (V,), monkeypatch)
    require_equal(first, second)
    assert batched


CORPUS = [
    pytest.param(entry, id=f"{file}.{entry.function.__name__}-{n}")
    for file in ("loops", "storage", "kernels") for n, entry in enumerate(importlib.import_module(f"tests.corpus.{file}").cases.entries)
]  # fmt: skip


@pytest.mark.parametrize("entry", CORPUS)
def test_corpus(entry, monkeypatch):
    wrt = tuple(n for n, a in enumerate(entry.args()) if any(True for _ in active_leaves(a)))
    for operator in (srcad.jacfwd, srcad.jacrev):
        try:
            operator(entry.function, wrt)(*entry.args())
        except srcad.SrcadError:
            continue
        first, second, _ = both_ways(operator, entry.function, entry.args(), monkeypatch, argnums=wrt)
        require_equal(first, second)


def test_structures(monkeypatch):
    def f(body, scale):
        return {"a": body.at * scale, "b": (body.mass * np.sum(body.at), 3)}

    for operator in (srcad.jacfwd, srcad.jacrev):
        first, second, batched = both_ways(operator, f, (Body(V, 2.0), 1.5), monkeypatch, argnums=(0, 1))
        require_equal(first, second)
        assert batched


def test_aux_parts_outputs_and_single_precision(monkeypatch):
    def step(u, k):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2]) ** 2

    def g(params, x):
        return np.tanh(params["W"] @ x) ** 2, np.sum(x)

    w = {"W": M, "b": V}
    for operator in (srcad.jacfwd, srcad.jacrev):
        require_equal(*both_ways(operator, step, (V, 0.1), monkeypatch, outputs="u")[:2])
        require_equal(*both_ways(operator, g, (w, V), monkeypatch, argnums="params['W']", has_aux=True)[:2])
        require_equal(*both_ways(operator, broadcast, (V.astype(np.float32),), monkeypatch)[:2])


def test_chunks(monkeypatch):
    monkeypatch.setattr(many, "_MOST", 3)
    np.testing.assert_allclose(srcad.jacfwd(lambda x: x**2)(np.arange(10.0)), np.diag(2 * np.arange(10.0)))
    np.testing.assert_allclose(srcad.jacrev(lambda x: x**2)(np.arange(10.0)), np.diag(2 * np.arange(10.0)))


def test_what_has_no_rule_goes_one_by_one():
    def f(x):
        return np.convolve(x, x)

    assert many.compiled(srcad.binding.target_of(f), (srcad.parts.Part(0),), [V], "tangent") is None
    np.testing.assert_allclose(srcad.jacfwd(f)(V), np.array([2 * np.convolve(e, V) for e in np.eye(4)]).T, atol=1e-12)
