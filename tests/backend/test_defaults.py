"""Values of branches that were not taken: None once before a chain of branches, not in each."""
from __future__ import annotations

import ast
import linecache
import textwrap
from typing import Any

import numpy as np
import pytest

import srcad
from srcad.backend.defaults import with_defaults
from srcad.backend.unparse import WIDTH, unparse
from srcad.backend.values import Undefined
from tests.oracles import differences


class _Marked(ast.NodeTransformer):
    """`NOTHING` stands for the value of a branch that was not taken."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return Undefined() if node.id == "NOTHING" else node


def shown(text: str) -> str:
    return unparse(with_defaults(_Marked().visit(ast.parse(textwrap.dedent(text))).body)).text


HOISTED = """
    if a:
        x = f(a)
        y = NOTHING
    else:
        if b:
            y = f(b)
        else:
            y = NOTHING
        x = NOTHING
    g(x, y)
"""


def test_defaults_stand_once_before_a_chain() -> None:
    assert shown(HOISTED) == textwrap.dedent("""\
        x = y = None
        if a:
            x = f(a)
        elif b:
            y = f(b)
        g(x, y)
        """)


def test_a_branch_with_nothing_else_is_left_out() -> None:
    text = """
        if a in b:
            x = NOTHING
        else:
            y = f(a)
            if y < 0:
                x = NOTHING
            else:
                x = y
    """
    assert shown(text) == textwrap.dedent("""\
        x = None
        if a not in b:
            y = f(a)
            if not y < 0:
                x = y
        """)


KEPT = {
    "read in a condition": """
        if a:
            x = NOTHING
        elif x:
            x = NOTHING
        else:
            x = f()
    """,
    "read in a branch": """
        if a:
            x = NOTHING
        elif b:
            x = NOTHING
        else:
            x = f(x)
    """,
    "added to": """
        if a:
            x = NOTHING
        elif b:
            x = NOTHING
        else:
            x += f()
    """,
    "as it was in a branch": """
        if a:
            x = NOTHING
        elif b:
            x = NOTHING
        else:
            g()
    """,
    "leaves a loop with what it was": """
        for i in n:
            if a:
                x = NOTHING
            elif b:
                break
            else:
                x = NOTHING
        g(x)
    """,
    "where a handler may read it": """
        try:
            if a:
                x = NOTHING
            elif b:
                x = NOTHING
            else:
                x = f()
        except E:
            g(x)
    """,
    "once only": """
        if a:
            x = f()
            y = NOTHING
        else:
            x = NOTHING
            y = f()
    """,
    "None of the function itself": """
        if a:
            x = None
        elif b:
            x = None
        else:
            x = f()
    """,
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_defaults_stay_where_they_are(name: str) -> None:
    text = textwrap.dedent(KEPT[name])
    assert shown(text) == unparse(_Marked().visit(ast.parse(text)).body).text


def test_first_value_in_a_branch_decides() -> None:
    text = """
        if a:
            h()
            x = NOTHING
            x = f(x)
        elif b:
            x = NOTHING
            raise E
        else:
            return g()
    """
    assert shown(text) == textwrap.dedent("""\
        x = None
        if a:
            h()
            x = f(x)
        elif b:
            raise E
        else:
            return g()
        """)


def chain(x: Any, k: int) -> Any:
    if k == 0:
        y = np.sin(x) * x
    elif k == 1:
        z = x * x
        y = np.exp(z) * z
    elif k == 2:
        w = np.cos(x)
        y = w * w * x
    elif k == 3:
        raise ValueError("no such branch")
    else:
        y = x
    return y


def twice(x: Any, k: int) -> Any:
    return np.sum(chain(x, k) * chain(2 * x, k + 1))


def test_a_chain_reads_as_it_was_written() -> None:
    x = np.linspace(0.1, 1.0, 3)
    gradient = srcad.grad(twice)
    lines = [line.partition("  #")[0].strip() for line in gradient.source(x, 0).splitlines()]
    assert "sin_x = z = exp_z = w = product = None" in lines
    assert [line for line in lines if line.startswith("elif k")] == ["elif k == 1:", "elif k == 2:"] * 2
    for k in (-2, -1, 0, 1):
        expected = [differences.directional(lambda x, k=k: twice(x, k), (x,), (e,)).value for e in np.eye(3)]
        np.testing.assert_allclose(gradient(x, k), expected, rtol=1e-6)
    with pytest.raises(ValueError, match="no such branch"):
        gradient(x, 2)


def test_many_branches_fit_the_page() -> None:
    branches = "".join(f"    elif k == {n}:\n        y = np.sin(x * {n}) ** 2\n" for n in range(1, 16))
    text = f"import numpy as np\ndef many(x, k):\n    y = x\n    if k == 0:\n        y = 2 * x\n{branches}    return y\n"
    text += "def loss(x, k):\n    return many(x, k) * many(x, k + 1)\n"
    linecache.cache["<many branches>"] = len(text), None, text.splitlines(keepends=True), "<many branches>"
    namespace: dict[str, Any] = {}
    exec(compile(text, "<many branches>", "exec"), namespace)
    gradient = srcad.grad(namespace["loss"])
    source = gradient.source(0.3, 7)
    assert max(len(line.partition("  #")[0].rstrip()) for line in source.splitlines()) <= WIDTH
    assert source.count(" = None") <= 4
    assert gradient(0.3, 7) == pytest.approx(differences.directional(lambda x: namespace["loss"](x, 7), (0.3,), (1.0,)).value, rel=1e-6)
