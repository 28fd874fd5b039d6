"""Every function of the corpus through every check; every refusal with its class, line and construct."""
from __future__ import annotations

import functools
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import srcad
from srcad import errors
from tests.corpus.refusals import refusals
from tests.corpus.refused_values import refused_values
from tests.corpus.registry import Entry
from tests.oracles import dual
from tests.property import subject
from tests.property.agreement import Case, Rejected, Truth, truth
from tests.property.trial import alarm

FILES = (
    "statements", "loops", "while_loops", "exceptions", "expressions", "subscripts", "calls", "objects", "libraries", "values", "functions",
    "storage", "kernels", "made", "cells", "namespaces", "generators", "iterators", "dicts", "made_iterators", "matching",
    "local_classes", "packages", "containers", "graphs",
)  # fmt: skip


@functools.cache
def _for_duals(file: str) -> list[Any]:
    text = (Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8")
    return dual.load(text, f"corpus_{file}_for_duals")["cases"].entries


def _entries() -> list[Any]:
    found = []
    for file in FILES:
        seen: dict[str, int] = {}
        for position, entry in enumerate(importlib.import_module(f"tests.corpus.{file}").cases.entries):
            name = entry.function.__name__
            seen[name] = seen.get(name, 0) + 1
            checks = subject.WITHOUT_GRAD if seen[name] == 1 else subject.BOTH_MODES
            found.append(pytest.param(file, position, checks, id=f"{file}.{name}-{seen[name]}"))
    return found


def _case(file: str, position: int) -> Case:
    module = importlib.import_module(f"tests.corpus.{file}")
    entry = module.cases.entries[position]
    return Case(entry.function.__name__, entry.function, entry.args, _for_duals(file)[position].function, getattr(module, "LOG", []), **entry.options)


@functools.lru_cache(maxsize=8)
def _truth(file: str, position: int) -> Truth:
    try:
        return truth(_case(file, position))
    except Rejected as reason:
        pytest.fail(f"the oracles reject this case: {reason}")


@pytest.mark.parametrize(("file", "position", "checks"), _entries())
def test_agrees(file: str, position: int, checks: tuple[str, ...]) -> None:
    """The checks of the property tests hold."""
    case = _case(file, position)
    with alarm(30.0):
        known = _truth(file, position)
        for name in checks:
            subject.CHECKS[name](case, known)


def test_size() -> None:
    """The corpus covers what the issue lists with at least 200 functions."""
    functions = {(file, entry.function.__name__) for file in FILES for entry in importlib.import_module(f"tests.corpus.{file}").cases.entries}
    assert len(functions) >= 300


def _refusals() -> list[Any]:
    found = ((e, mode) for e in (*refusals.entries, *refused_values.entries) for mode in e.options.get("modes", ("reverse", "forward")))
    return [pytest.param(e, mode, id=f"{mode}-{e.function.__name__}") for e, mode in found]


@pytest.mark.parametrize(("entry", "mode"), _refusals())
def test_refused(entry: Entry, mode: str) -> None:
    """The error has the expected class and names the marked line and the construct."""
    run = _runner(entry, mode)
    with alarm(30.0), pytest.raises(getattr(errors, entry.options["error"])) as caught:
        run(entry.args())
    error: Any = caught.value
    assert not isinstance(error, errors.InternalError), error
    assert error.code == entry.options.get("code", error.code), error
    found = re.search(r"(refus\w+)\.py:(\d+)\n *(.*)\n *\^", str(error))  # also of errors that generated code raises
    assert found, error
    assert _lines(found[1])[int(found[2]) - 1].rstrip().endswith("# refused"), f"line {found[2]} is not marked\n{error}"
    assert entry.options["construct"] in found[3]
    assert len(str(error).strip().splitlines()) >= 4, f"no advice: {error}"


@pytest.mark.parametrize("entry", [pytest.param(e, id=e.function.__name__) for e in refusals.entries if "unless" in e.options])
def test_only_where_taken(entry: Entry) -> None:
    """Code that does not reach the refused line gets its derivative."""
    gradient = srcad.grad(entry.function)(*entry.options["unless"])
    assert gradient is not None


def _runner(entry: Entry, mode: str) -> Any:
    if mode == "reverse":
        return lambda args: srcad.value_and_grad(entry.function)(*args)
    return lambda args: srcad.jvp(entry.function, args, tuple(map(_ones, args)))


def _ones(value: Any) -> Any:
    """A tangent of ones."""
    if isinstance(value, dict):
        return {key: _ones(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_ones, value))
    return 0.0 if isinstance(value, int) else value * 0 + 1.0


@functools.cache
def _lines(module: str) -> list[str]:
    return inspect.getsource(sys.modules[f"tests.corpus.{module}"]).splitlines()
