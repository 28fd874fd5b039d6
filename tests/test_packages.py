"""`scripts/packages.py` calls every public function of a package and says which have a wrong derivative."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "packages.py"
GOOD = """
import numpy as np

def power(x, n):
    return np.sum(x**n)

def rounded(values):
    return np.round(values, 1) + 0.5 * values

def moved(values):
    values += 1.0
    return values * 2.0

def noise(x):
    return x + np.random.random()

def plot(x):
    raise SystemExit("plotted")

def counted(text):
    return len(text.split())

def _private(x):
    return x
"""
PLANTED = """
import srcad

@srcad.custom_jvp
def square(x):
    return x * x

@square.defjvp
def _(primals, tangents):
    return square(primals[0]), primals[0] * tangents[0]

def area(x, y):
    return square(x) * y
"""

pytestmark = pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="the script has an alarm, which this system has not")


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "tiny", *options]
    env = {**os.environ, "PYTHONPATH": str(folder), "SRCAD_CACHE": "0"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=300)


@pytest.fixture
def tiny(tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "__init__.py").write_text("")
    (tmp_path / "tiny" / "good.py").write_text(GOOD)
    (tmp_path / "tiny" / "planted.py").write_text(PLANTED)
    return tmp_path


def test_a_planted_fault_is_found(tiny):
    found = run(tiny)
    assert found.returncode == 1, found.stderr
    wrong = [line for line in found.stdout.splitlines() if line.startswith("wrong")]
    assert len(wrong) == 1
    assert wrong[0].startswith("wrong: tiny.planted.area(ff)")
    assert found.stdout.splitlines()[-1] == "tiny: 2 not called, 3 ok, 1 wrong"


@pytest.mark.parametrize("options", [("--dtype", "float32"), ("--length", "0"), ("--low", "-1.5")], ids=" ".join)
def test_the_rest_is_right(tiny, options):
    found = run(tiny, "tiny.good", *options)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "3 ok" in found.stdout
