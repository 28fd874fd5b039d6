"""Imports of generated text do not depend on what the process has imported before."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import srcad

PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
{before}
from srcad.backend.imports import hidden, of_module
print([hidden(m) for m in ("pack.tool", "pack.plain", "pack", "pack.missing", "absent.module", "xml.dom")], of_module("pack.tool").line("tool"))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a function that hides the module which it comes from, bound where it is first asked for."""
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "__init__.py").write_text("from pack.tool import tool\n")
    (pack / "tool.py").write_text("def tool(x):\n    return x\n")
    (pack / "plain.py").write_text("")
    return tmp_path


@pytest.mark.parametrize("before", ["", "import pack", "import pack.plain, pack.tool", "import pack.plain, xml.dom.minidom"])
def test_text_does_not_depend_on_what_is_imported(package: Path, before: str) -> None:
    code = PROGRAM.format(folder=str(package), before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == '[True, False, False, False, False, False] tool = importlib.import_module("pack.tool")\n'


def _enumerate_of_the_users_own(p, zs):
    enumerate = lambda xs: [(k * 1.0, x) for k, x in zip(range(len(xs)), xs)]  # noqa: A001, E731 -- the point of the test
    t = 0.0
    for i, z in enumerate(zs):
        t += i * z * p * p
    return t


def test_a_function_called_like_a_builtin_does_not_replace_it():
    zs = np.array([0.5, 1.5, 2.0])
    first = srcad.grad(_enumerate_of_the_users_own)
    assert first(0.5, zs) == 2 * 0.5 * (1.5 + 4.0)
    assert srcad.grad(lambda p: first(p, zs))(0.5) == 2 * (1.5 + 4.0)
