"""Functions of a script or notebook that are defined anew, as by running a cell again."""
from __future__ import annotations

import linecache

import pytest

import srcad

_CELLS = {"first": "def helper(x):\n    return 2.0 * x * x\n", "second": "def helper(x):\n    return 3.0 * x * x\n",
    "caller": "def loss(x):\n    return helper(x) + middle(x)\n\n\ndef middle(x):\n    return helper(x)\n"}  # fmt: skip


def _run(cell, namespace):
    name = f"<cell {cell}>"
    linecache.cache[name] = (len(_CELLS[cell]), None, _CELLS[cell].splitlines(keepends=True), name)
    exec(compile(_CELLS[cell], name, "exec"), namespace)  # noqa: S102 -- this is what a notebook does


_FORMS = {"grad": srcad.grad, "vjp": lambda f: lambda x: srcad.vjp(f, x)[1](1.0)[0], "jvp": lambda f: lambda x: srcad.jvp(f, (x,), (1.0,))[1]}


@pytest.mark.parametrize("form", _FORMS.values(), ids=_FORMS)
def test_a_helper_defined_anew_is_seen(form):
    namespace = {"__name__": "__no_module__"}
    for cell in ("caller", "first"):
        _run(cell, namespace)
    derivative = form(namespace["loss"])
    assert derivative(0.5) == 4.0
    _run("second", namespace)
    assert derivative(0.5) == 6.0
    assert form(namespace["loss"])(0.5) == 6.0
