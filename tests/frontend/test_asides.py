"""Calls without differentiated arguments: what they give is found once for each kind of arguments, however many loops stand around them."""
from __future__ import annotations

import pytest

import srcad
from srcad.specialise import functions

SETTINGS = {"steps": [3]}


def level(n):
    total = 0
    for k in range(n):
        total += k % 3
    return total


def weight(n):
    return level(n) + level(n + 1)


def last(n, m=0):
    return m if n <= 0 else last(n - 1, m)


def ping(n):
    return n if n < 2 else pong(n)


def pong(n):
    return ping(n - 1)


def setting(key):
    return setting("steps") if key is None else SETTINGS[key][0]


def nested(x, n):
    s = 0.0
    for i in range(n):
        for j in range(n):
            for k in range(n):
                s += x * weight(i + j + k)
    return s


def recursive(x, n):
    s = 0.0
    for i in range(n):
        for j in range(2):
            s += x * last(3, i) + x * ping(4 + j) * setting(None) + x * setting("steps")
    return s


def test_asked_once(monkeypatch):
    asked = []
    compile_one = functions._compile

    def counted(engine, f, *rest, **options):
        asked.append(f.name)
        return compile_one(engine, f, *rest, **options)

    monkeypatch.setattr(functions, "_compile", counted)
    value, slope = srcad.value_and_grad(nested)(2.0, 3)
    assert (value, slope) == (nested(2.0, 3), nested(2.0, 3) / 2)
    assert asked.count("level") <= 2 * asked.count("weight") <= 4


@pytest.mark.parametrize("n", [0, 1, 4])
def test_functions_that_call_themselves(n):
    assert srcad.value_and_grad(recursive)(2.0, n) == (recursive(2.0, n), recursive(1.0, n))


def test_globals_that_they_read_stay_guarded(monkeypatch):
    derivative = srcad.grad(recursive)
    assert derivative(2.0, 2) == recursive(1.0, 2)
    monkeypatch.setitem(globals(), "SETTINGS", {"steps": [5.5]})
    assert derivative(2.0, 2) == recursive(1.0, 2)
