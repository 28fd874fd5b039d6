"""Functions that say the same are emitted once."""
from __future__ import annotations

import ast
import textwrap
from typing import Any

import numpy as np

import srcad
from srcad.backend.nodes import Noted
from srcad.backend.twins import merged
from srcad.backend.unparse import unparse
from srcad.ir.nodes import Loc
from tests.oracles import differences


def functions(text: str) -> list[ast.FunctionDef]:
    return [f for f in ast.parse(textwrap.dedent(text)).body if isinstance(f, ast.FunctionDef)]


def shown(text: str, *, kept: tuple[str, ...] = ("entry",)) -> str:
    return unparse(merged(functions(text), kept)).text


def test_twins_of_twins_are_one() -> None:
    found = shown("""
        def leaf_2(a):
            return sin(a)
        def leaf(a):
            return sin(a)
        def node(a):
            return leaf_2(a) + leaf(a)
        def node_2(a):
            return leaf(a) + leaf(a)
        def entry(a):
            return node(a) * node_2(a)
    """)
    assert [f.name for f in functions(found)] == ["leaf", "node", "entry"]
    assert "return leaf(a) + leaf(a)" in found
    assert "return node(a) * node(a)" in found


def test_functions_that_call_each_other() -> None:
    found = shown("""
        def even(n):
            return n == 0 or odd(n - 1)
        def odd(n):
            return n != 0 and even(n - 1)
        def even_2(n):
            return n == 0 or odd_2(n - 1)
        def odd_2(n):
            return n != 0 and even_2(n - 1)
        def odd_3(n):
            return n != 0 and even(n - 2)
        def entry(n):
            return even_2(n) + odd_3(n)
    """)
    assert [f.name for f in functions(found)] == ["even", "odd", "odd_3", "entry"]
    assert "return even(n) + odd_3(n)" in found


DIFFERENT = """
    def one(a):
        return a
    def other(a):
        return a
    def one_2(b):
        return b
    def one_3(a):
        return -a
    def one_4(a, b):
        return a
    def one_5(a):
        return sin(a)
    def one_6(a):
        return cos(a)
    def two(a):
        return one_5(a)
    def two_2(a):
        return one_6(a)
    def entry(a):
        return a
    def entry_2(a):
        return a
    def asked(a):
        return a
"""


def test_what_differs_stays() -> None:
    assert len(functions(shown(DIFFERENT, kept=("entry", "asked")))) == len(functions(DIFFERENT))


def test_functions_from_different_lines_stay() -> None:
    twins = functions("""
        def f(a):
            return a
        def f_2(a):
            return a
    """)
    for line, f in enumerate(twins):
        f.body = [Noted(f.body[0], None, Loc(line + 1, function="f"))]
    assert merged(twins, ()) == twins


def weighted(v: Any) -> Any:
    total = 0.0
    for k in range(len(v)):
        total += np.sin(v[k]) * (k + 1)
    return total * v


def both(x: Any) -> Any:
    return np.sum(weighted(x)) + np.sum(weighted(x[::2]))


def test_lengths_that_are_known_differently() -> None:
    x = np.linspace(0.2, 1.0, 5)
    gradient = srcad.grad(both)
    source = gradient.source(x)
    assert source.count("\ndef weighted") == 2  # one pair
    assert source.count("= weighted_fwd(") == 2
    expected = [differences.directional(both, (x,), (e,)).value for e in np.eye(5)]
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-6)
