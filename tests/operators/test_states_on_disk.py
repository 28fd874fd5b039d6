"""States of a loop in files: the same derivatives, and a run that was interrupted goes on where it was."""
from __future__ import annotations

import itertools
import math
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import srcad
from srcad.runtime.states import States, Way

X = np.array([0.3, -0.7, 1.1, 0.2])
N = 40


def stencil(x, c, folder):
    u = x.copy()
    for t in srcad.checkpointed(range(N), slots=4, folder=folder):
        u[1:] = 0.9 * np.sin(u[1:]) - c * u[1:] * (u[1:] - u[:-1]) + 0.05 * math.cos(t)
        u[0] *= 0.99
    return np.sum(u**2)


def leaving(x, c, folder):
    y, n, seen = x[0] + 1.5, 0, []
    for k in srcad.checkpointed(itertools.count(), slots=3, folder=folder):
        y = y + 0.05 * math.sin(y * x[1]) + c
        seen.append(y)
        if y > 5.0:
            break
        n += 1
    return y * n + seen[2]


def over_rows(x, c, folder):
    w = np.outer(x, x) * c
    h = x * 1.0
    for row, k in srcad.checkpointed(zip(w, range(4)), slots=2, folder=folder):
        h = np.tanh(row * h + x) * (k + 1)
    return np.sum(h)


PROGRAMS = [stencil, leaving, over_rows]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_same_derivatives(f, tmp_path):
    folder = str(tmp_path)
    expected = srcad.jacfwd(f, argnums=(0, 1))(X, 0.1, None)
    value, gradient = srcad.value_and_grad(f, argnums=(0, 1))(X, 0.1, folder)
    assert value == f(X, 0.1, None)
    for found, wanted in zip(gradient, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    assert list(tmp_path.iterdir()) == []
    _, pullback = srcad.vjp(lambda x: f(x, 0.1, folder), X)
    for k in (1.0, 2.0):
        np.testing.assert_allclose(pullback(k)[0], k * expected[0], rtol=1e-12, atol=1e-14)


class Stop(Exception):
    pass


def stopping(method, after):
    """The method, which stops the run at its call number `after`, and counts its calls."""

    def called(self, *args):
        called.count += 1
        if called.count == after:
            raise Stop
        return method(self, *args)

    called.count = 0
    return called


@pytest.mark.parametrize("f", PROGRAMS[:2], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("cls", "name", "after"), [
    (States, "keep", 1), (States, "keep", 35), (Way, "keep", 3), (Way, "keep", 9), (Way, "done", 1), (Way, "done", 5), (Way, "done", 24),
])  # fmt: skip
def test_an_interrupted_run_goes_on(f, cls, name, after, tmp_path, monkeypatch):
    folder = str(tmp_path)
    df = srcad.value_and_grad(f, argnums=(0, 1))
    expected = df(X, 0.1, None)
    with monkeypatch.context() as patch:
        patch.setattr(cls, name, stopping(getattr(cls, name), after))
        with pytest.raises(Stop):
            df(X, 0.1, folder)
    again, done = stopping(States.keep, 0), stopping(Way.done, 0)
    monkeypatch.setattr(States, "keep", again)
    monkeypatch.setattr(Way, "done", done)
    value, gradient = df(X, 0.1, folder)
    assert value == expected[0]
    for found, wanted in zip(gradient, expected[1], strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert list(tmp_path.iterdir()) == []
    if cls is Way:
        assert again.count == 0  # the forward sweep was complete
    if (name, after) == ("keep", 35) and f is stencil and cls is States:
        assert again.count < N
    if (name, after) == ("done", 24):
        assert done.count < N


def test_other_values_are_another_run(tmp_path, monkeypatch):
    folder = str(tmp_path)
    df = srcad.grad(stencil)
    with monkeypatch.context() as patch:
        patch.setattr(Way, "done", stopping(Way.done, 9))
        with pytest.raises(Stop):
            df(X, 0.1, folder)
    np.testing.assert_array_equal(df(X, 0.2, folder), df(X, 0.2, None))
    np.testing.assert_array_equal(df(2 * X, 0.1, folder), df(2 * X, 0.1, None))
    _, pullback = srcad.vjp(lambda x: stencil(x, 0.1, folder), X)
    np.testing.assert_allclose(pullback(3.0)[0], 3.0 * df(X, 0.1, None), rtol=1e-12)


KILLED = """
import os, signal, sys
import numpy as np
import srcad
from srcad.runtime.states import States, Way
sys.path.insert(0, {root!r})
from tests.operators.test_states_on_disk import X, stencil

done, count = Way.done, 0
def killed(self, *args):
    global count
    count += 1
    if count == 15 and sys.argv[1] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return done(self, *args)
Way.done = killed
print(repr(srcad.grad(stencil)(X, 0.1, {folder!r}).tolist()), count)
"""


def test_a_killed_process(tmp_path):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    text = textwrap.dedent(KILLED).format(folder=str(tmp_path / "states"), root=root)
    first = subprocess.run([sys.executable, "-c", text, "kill"], capture_output=True, text=True, check=False)
    assert first.returncode == -signal.SIGKILL, first.stderr
    second = subprocess.run([sys.executable, "-c", text, "go on"], capture_output=True, text=True, check=True)
    numbers, count = second.stdout.rsplit(" ", 1)
    np.testing.assert_array_equal(eval(numbers), srcad.grad(stencil)(X, 0.1, None))
    assert int(count) < N


def test_what_cannot_be_stored(tmp_path):
    def f(x, g):
        for _ in srcad.checkpointed(range(9), slots=2, folder=str(tmp_path)):
            x = np.sin(x) * g["scale"].value
        return np.sum(x)

    class Holder:
        value = 2.0

    with pytest.raises((srcad.ArgumentError, srcad.UnsupportedSyntax)):
        srcad.grad(f)(X, {"scale": Holder()})
