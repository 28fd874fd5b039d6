"""Derivatives from the cache: a second process starts warm, and each ingredient of the key alone makes a miss."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import srcad
from srcad import api, kept, pipeline, store
from srcad.cache import Cache

ROOT = Path(__file__).resolve().parent.parent

MODEL = """
import math
import numpy as np

SCALE = 2.0
KIND = "sin"


def helper(x):
    return x * x


def f(x, y):
    total = 0.0
    while total < 3.0:
        total = total + helper(x) * SCALE
    if KIND == "sin":
        total = total * math.sin(y)
    return total
"""

RUN = """
import sys, json, warnings
warnings.simplefilter("ignore")
import srcad, model
from srcad import pipeline
made = []
original = pipeline.differentiate
pipeline.differentiate = lambda *args: (made.append(1), original(*args))[1]
x = (1.3, 0.7)
df = srcad.value_and_grad(model.f, argnums=0)
value, gradient = df(*x)
out, pullback = srcad.vjp(model.f, *x)
(same, _) = pullback(1.0)
_, tangent = srcad.jvp(model.f, x, (1.0, 0.0))
print(json.dumps([len(made), value, gradient, float(same), float(tangent), df.source()]))
"""


@pytest.fixture(autouse=True)
def _on(monkeypatch, tmp_path):
    monkeypatch.delenv("SRCAD_CACHE", raising=False)
    monkeypatch.setenv("SRCAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "source_fingerprint", lambda: "as it is")
    monkeypatch.setattr(store, "_STORES", {})


def run(folder, **env):
    folder.mkdir(exist_ok=True)
    (folder / "model.py").write_text(MODEL)
    command = [sys.executable, "-B", "-c", RUN]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made, *rest = json.loads(done.stdout)
    return made, rest


def test_second_process_starts_warm_and_gives_the_same(tmp_path):
    cold, first = run(tmp_path / "a")
    warm, second = run(tmp_path / "a", PYTHONHASHSEED="7")
    assert (cold, warm) == (3, 0)
    assert first == second
    elsewhere, third = run(tmp_path / "b")
    assert (elsewhere, third) == (0, first)


class Here:
    """As `run`, in this process: a module of its own for each text, and nothing in memory."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.count, self.made = folder, 0, 0
        original = pipeline.differentiate

        def counted(*args):
            self.made += 1
            return original(*args)

        monkeypatch.setattr(pipeline, "differentiate", counted)

    def __call__(self, text=MODEL, args=(1.3, 0.7), argnums=0):
        path = self.folder / str(self.count) / "model.py"
        self.count += 1
        path.parent.mkdir()
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("model", path)
        module = sys.modules["model"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        store._STORES.clear()
        self.made = 0
        result = srcad.value_and_grad(module.f, argnums=argnums)(*args)
        del sys.modules["model"]
        return bool(self.made), result


@pytest.fixture
def here(tmp_path, monkeypatch):
    return Here(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total * math.sin(y)", "total * math.cos(y)"),  # the function
        ("return x * x", "return x * x * x"),  # what it calls
        ('KIND = "sin"', 'KIND = "cos"'),  # a constant that steers a branch
        ("SCALE = 2.0", "SCALE = np.float32(2.0)"),  # the type of a global
    ],
)
def test_each_ingredient_of_the_function_is_a_miss(here, monkeypatch, old, new):
    assert here()[0]
    made, result = here(MODEL.replace(old, new))
    assert made
    assert here() == (False, here()[1])
    monkeypatch.setenv("SRCAD_CACHE", "0")
    assert here(MODEL.replace(old, new)) == (True, result)


def test_data_are_read_when_the_derivative_is_called(here, monkeypatch):
    here()
    made, result = here(MODEL.replace("SCALE = 2.0", "SCALE = 1.0"))
    assert not made
    monkeypatch.setenv("SRCAD_CACHE", "0")
    assert here(MODEL.replace("SCALE = 2.0", "SCALE = 1.0")) == (True, result)


def test_lines_above_the_function_are_no_miss(here):
    assert here()[0]
    assert not here("# a comment\n" + MODEL)[0]


@pytest.mark.parametrize("options", [{"argnums": 1}, {"argnums": (0,)}, {"args": (np.float64(1.3), 0.7)}, {"args": (np.float32(1.3), 0.7)}])
def test_what_is_asked_for_is_part_of_the_key(here, options):
    assert here()[0]
    assert here(**options)[0]
    assert not here(**options)[0]


def _program():
    def f(x):
        return x * x

    made = api.Derivative(f, "grad", 0)._store
    made.find([2.0])
    return made.latest.stages.specialised.program


@pytest.mark.parametrize("change", ["numpy", "python", "srcad", "request", "header"])
def test_surroundings_are_part_of_the_key(monkeypatch, change):
    program = _program()
    before = kept.key_of(program, "grad", ("a",))
    if change == "numpy":
        monkeypatch.setattr(np, "__version__", "9.9")
    elif change == "python":
        monkeypatch.setattr(kept.sys, "version_info", (3, 99))
    elif change == "srcad":
        monkeypatch.setattr(kept, "source_fingerprint", lambda: "other")
    assert kept.key_of(program, "vjp" if change == "request" else "grad", ("b",) if change == "header" else ("a",)) != before


def test_edited_compiler_is_not_cached(monkeypatch):
    monkeypatch.setattr(kept, "source_fingerprint", lambda: None)
    assert kept.key_of(_program(), "grad", ()) is None


def fresh(f, **options):
    """A derivative that finds nothing in memory."""
    store._STORES.clear()
    return srcad.value_and_grad(f, **options)


def cuts(x):
    return round(x) * x


def test_cuts_are_kept():
    with pytest.warns(srcad.CutWarning) as first:
        cold = fresh(cuts)
        cold(1.2)
    with pytest.warns(srcad.CutWarning) as second:
        warm = fresh(cuts)
        warm(1.2)
    assert str(first[0].message) == str(second[0].message)
    assert warm.cuts == cold.cuts != ()


def fails(x):
    y = x * 2.0
    return y / (x - 1.0)


def test_notes_on_exceptions_are_kept():
    notes = []
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            fresh(fails)(1.0)
        notes.append(caught.value.__notes__)
    assert notes[0] == notes[1]
    assert "return y / (x - 1.0)" in notes[0][0]


def square(x):
    return x * x


def test_damaged_entries_change_nothing_but_time(monkeypatch):
    fresh(square)(3.0)
    cache = Cache()
    (path,) = cache.folder.glob("*.json")
    whole = path.read_bytes()
    for damage in (whole[:-7], whole.replace(b"return", b"rexurn"), b"", b"\0" * 100):
        path.write_bytes(damage)
        assert fresh(square)(3.0) == (9.0, 6.0)
        assert path.read_bytes() == whole


@pytest.mark.parametrize("payload", [{}, {"text": 1, "entry": "f", "lines": [], "cuts": []}, {"text": "", "entry": "f", "lines": [["x"]], "cuts": []}, {"text": "", "entry": "f", "lines": 3, "cuts": None}])
def test_payload_of_another_shape_is_a_miss(payload):
    fresh(square)(3.0)
    cache = Cache()
    key = ("anything",)
    cache.store(key, payload)
    assert kept.recall(cache, key) is None


def test_eight_processes_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: run(tmp_path / "a"), range(8)))
    assert all(rest == results[0][1] for _, rest in results)
    assert any(made for made, _ in results)
    assert run(tmp_path / "a") == (0, results[0][1])


def test_threads_compile_once(monkeypatch):
    made = []
    original = pipeline.differentiate
    monkeypatch.setattr(pipeline, "differentiate", lambda *args: (made.append(1), original(*args))[1])

    def f(x):
        return x * x * x

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: srcad.grad(f)(2.0), range(8))) == {12.0}
    assert len(made) == 1
