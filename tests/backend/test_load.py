"""Generated modules: found again by their content, seen by tracebacks."""
from __future__ import annotations

import linecache
import sys
import traceback

import pytest

from srcad.backend.load import load, module_name

TEXT = "def f(x):\n    return 1 / x\n"


@pytest.fixture(autouse=True)
def _forget():
    yield
    for name in [n for n in sys.modules if n.startswith("srcad_generated")]:
        del sys.modules[name]


@pytest.mark.parametrize("kept", [True, False])
def test_tracebacks_show_the_source(tmp_path, kept):
    module = load(TEXT, stem="my f", folder=tmp_path if kept else None)
    assert module.f(2) == 0.5
    with pytest.raises(ZeroDivisionError) as caught:
        module.f(0)
    assert "return 1 / x" in "".join(traceback.format_tb(caught.value.__traceback__))
    linecache.checkcache()
    assert linecache.getline(module.__file__, 2) == "    return 1 / x\n"
    assert [p.name for p in tmp_path.iterdir()] == ([f"{module.__name__}.py"] if kept else [])


def test_same_text_same_module():
    assert load(TEXT) is load(TEXT)
    assert load(TEXT).__name__ == module_name(TEXT)
    assert sys.modules[module_name(TEXT)] is load(TEXT)


def test_file_is_repaired(tmp_path):
    path = tmp_path / f"{module_name(TEXT)}.py"
    path.write_text("broken")
    load(TEXT, folder=tmp_path)
    assert path.read_text() == TEXT


def test_globals_are_private_to_one_module():
    one = load("def f():\n    return k\n", globals={"k": 1})
    two = load("def f():\n    return k\n", globals={"k": 2})
    assert (one.f(), two.f()) == (1, 2)
