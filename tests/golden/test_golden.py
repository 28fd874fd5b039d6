"""Generated source is what the snapshots say, to the byte, in every process; and each snapshot is executed and checked."""
from __future__ import annotations

import copy
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.golden.programs import PROGRAMS, Golden
from tests.golden.texts import reverse_text
from tests.oracles import differences
from tests.property.agreement import flat_gradient, observe, same_bits

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
EACH = pytest.mark.parametrize("golden", [pytest.param(g, id=g.name) for g in PROGRAMS])


def _stored(golden: Golden) -> Path:
    return FOLDER / f"{golden.name}.reverse.out.py"


@EACH
def test_text_is_the_snapshot(golden: Golden, update: bool) -> None:
    found = reverse_text(golden)
    if update:
        _stored(golden).write_text(found, encoding="utf-8", newline="\n")
    assert _stored(golden).exists(), f"no snapshot: pytest {FOLDER.relative_to(ROOT)} --update"
    assert found == _stored(golden).read_text(encoding="utf-8")


@EACH
def test_snapshot_is_right(golden: Golden) -> None:
    """The stored text, executed by itself, gives the value to the bit and the gradient of differences."""
    function = _entry(_stored(golden))
    args = copy.deepcopy(golden.args)
    value, gradient = function(*args)
    assert same_bits(value, golden.function(*golden.args))
    argnums = golden.argnums if isinstance(golden.argnums, tuple) else (golden.argnums,)
    chosen = tuple(args[i] for i in argnums)
    gradient = gradient if isinstance(golden.argnums, tuple) else (gradient,)

    def moved(*new: Any) -> Any:
        full = list(copy.deepcopy(golden.args))
        for i, arg in zip(argnums, new, strict=True):
            full[i] = arg
        return golden.function(*full)

    expected = [differences.directional(moved, chosen, d, tolerance=1e-5).value for d in differences.basis(chosen)]
    np.testing.assert_allclose(flat_gradient(gradient, chosen), expected, rtol=1e-5, atol=1e-7)


def _entry(path: Path) -> Any:
    namespace: dict[str, Any] = {"__name__": "snapshot"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    functions = [f for f in namespace.values() if inspect.isfunction(f) and f.__module__ == "snapshot"]
    return functions[-1]


def test_no_snapshot_is_left_over() -> None:
    assert {p.name for p in FOLDER.glob("*.out.py")} == {_stored(golden).name for golden in PROGRAMS}


@EACH
def test_snapshot_reads_well(golden: Golden) -> None:
    """No line too long to read, no name of a temporary, nothing of this machine."""
    text = _stored(golden).read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 140
    for unwanted in ("%", "t17", str(ROOT), "0x", "np.float64("):
        assert unwanted not in text.replace("% ", "").replace(" %", ""), unwanted


@pytest.mark.parametrize(("seed", "folder", "order", "cache"), [
    ("0", ROOT, [], "cold"), ("1", FOLDER, ["--backwards"], "cold"), ("1", FOLDER, [], "warm"), ("random", Path("/"), ["--backwards"], "0"),
], ids=["plain", "backwards", "warm", "nocache"])  # fmt: skip
def test_other_processes_agree(seed: str, folder: Path, order: list[str], cache: str, tmp_path: Path) -> None:
    """Two processes with another hash seed, working folder, order of work and state of the cache give the same bytes."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "SRCAD_CACHE_DIR": str(tmp_path / "cache")}
    if cache == "0":
        environment["SRCAD_CACHE"] = "0"
    for _ in range(2 if cache == "warm" else 1):
        command = [sys.executable, "-m", "tests.golden.texts", *order]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for golden in PROGRAMS:
        assert found[golden.name] == _stored(golden).read_text(encoding="utf-8"), golden.name


def test_effects_of_a_snapshot_happen_once() -> None:
    golden = next(g for g in PROGRAMS if g.name == "logged")
    from tests.property.agreement import Case

    case = Case("logged", golden.function, lambda: golden.args)
    stored = _entry(_stored(golden))
    assert observe(case, lambda: stored(*golden.args)).effects == observe(case, lambda: golden.function(*golden.args)).effects
