"""Every public callable of NumPy and `scipy.special` is in one of the four classes, and docs/rules.md shows which."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
scipy = pytest.importorskip("scipy")


def test_the_page_is_current():
    """In a process of its own: other tests add rules."""
    page = (ROOT / "docs" / "rules.md").read_text()
    command = [sys.executable, str(ROOT / "scripts" / "coverage.py")]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=300)
    same = f"for NumPy {np.__version__} and SciPy {scipy.__version__};" in page
    assert found.returncode in ((0,) if same else (0, 1)), found.stderr + "\n`make rules` writes the page; look at the diff."
