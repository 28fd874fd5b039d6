"""`SRCAD_CHECK=1`: IR is verified after every stage, and generated code asks whether what the analysis of storage says is so."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad.analysis.sharing import Sharing
from srcad.errors import InternalError
from tests.corpus.kernels import cases


@pytest.fixture(autouse=True)
def _checking(monkeypatch):
    monkeypatch.setenv("SRCAD_CHECK", "1")


def keeps_the_old(x):
    y = x * 1.0
    z = y
    y = y.copy()
    y[0] = y[1] * z[0]
    return np.sum(y * z)


def overwrites(x):
    y = x * 2.0
    for k in range(3):
        z = np.sin(y[1:])
        y[:-1] = y[:-1] * z
    return np.sum(y)


def rebinds(x):
    u = x * 1.0
    for _ in range(3):
        w = u
        u = u * 1.5
        u[0] = w[1] * w[0]
    return np.sum(u * w)


def reads_a_view_in_a_handler(x):
    """What raises has changed nothing: the write does not touch what the handler reads."""
    w = np.cos(x)
    v = w[1:]
    try:
        v *= x[1:]
        if v[0] > -100.0:
            raise ValueError
    except ValueError:
        w += v[0]
    return np.sum(w * w)


@pytest.mark.parametrize("function", [keeps_the_old, overwrites, rebinds, reads_a_view_in_a_handler])
def test_right_programs_pass(function):
    srcad.check_grads(function, np.linspace(0.4, 0.9, 4))


def test_guards_are_in_the_text():
    text = srcad.grad(overwrites).source(np.ones(4))
    assert "require_alone(" in text
    assert "GuardedTape()" in text


def test_a_missing_copy_is_found(monkeypatch):
    """The analysis says of nothing that it shares a buffer: the back end leaves out the copies that are needed."""
    monkeypatch.setattr(Sharing, "shows", lambda *args, **kwargs: False)
    x = np.linspace(0.4, 0.9, 4)

    def program(x):
        y = np.exp(x)
        z = np.sqrt(y)
        w = y
        y[0] = z[1]
        return np.sum(y * y) * np.sum(w * x) + np.sum(z)

    def two_names(x):
        y = np.exp(x)
        u = y * y
        for k in range(2):
            v = u
            u = v * x
            v[k] = u[0]
        return np.sum(u) + np.sum(v)

    with pytest.raises(InternalError, match="guards"):
        for f in (program, two_names):
            srcad.vjp(f, x)[1](1.0)
            srcad.grad(f)(x)


def test_a_pullback_notices_that_what_it_keeps_has_changed():
    """Changed behind the back of the library."""
    _, pullback = srcad.vjp(lambda x: np.sum(np.exp(x) * x), np.linspace(0.1, 0.5, 4))
    pullback(1.0)
    next(v for v in pullback._residuals if isinstance(v, np.ndarray))[0] += 1.0
    with pytest.raises(InternalError, match="pullback keeps was changed"):
        pullback(1.0)


def test_a_tape_notices_that_what_it_holds_has_changed():
    from srcad.runtime import GuardedTape

    tape, record = GuardedTape(), np.ones(3)
    tape.append((record, 1.0))
    assert [n for _, n in reversed(tape)] == [1.0]
    record[1] = 2.0
    with pytest.raises(InternalError, match="tape holds was changed"):
        list(reversed(tape))


@pytest.mark.parametrize("entry", cases.entries, ids=lambda e: e.function.__name__)
def test_kernels_pass(entry):
    out, pullback = srcad.vjp(entry.function, *entry.args())
    first, second = pullback(out), pullback(out)
    np.testing.assert_equal(first, second)
