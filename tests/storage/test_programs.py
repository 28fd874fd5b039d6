"""Programs that write are right, in value, gradient, effects and arguments, or refused by a code: never anything else."""
from __future__ import annotations

import collections
import functools
import importlib
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import dual
from tests.property import subject
from tests.property.agreement import Case
from tests.property.trial import alarm

FILES = (
    "accepts", "aliases", "attempts", "attributes", "chosen", "chosen_containers", "copied", "draws", "exchanged", "fields", "given_back", "held_by_several", "histories",
    "kept", "keyed", "late", "lent", "linked", "lists", "made_by_choice", "moved", "nested_lists", "numbered", "object_methods", "objects", "optional", "parts", "programs",
    "queues", "rearranged", "recursion", "recursive_lists", "reshaped", "rows", "several", "unlike_containers", "views", "writers", "writing",
)  # fmt: skip


@functools.cache
def _for_duals(file: str) -> list[Any]:
    text = (Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8")
    return dual.load(text, f"storage_{file}_for_duals")["cases"].entries


def _entries() -> list[Any]:
    found = []
    for file in FILES:
        seen: collections.Counter[str] = collections.Counter()
        for n, e in enumerate(importlib.import_module(f"tests.storage.{file}").cases.entries):
            name = e.function.__name__
            seen[name] += 1
            again = f"-{seen[name]}" if seen[name] > 1 else ""
            found.append(pytest.param(file, n, subject.BOTH_MODES if again else subject.DERIVATIVES, id=f"{file}.{name}{again}"))
    return found


@pytest.mark.parametrize(("file", "position", "checks"), _entries())
def test_right_or_refused(file: str, position: int, checks: tuple[str, ...]) -> None:
    entry = importlib.import_module(f"tests.storage.{file}").cases.entries[position]
    code = entry.options.get("refused", "")
    known = None if code or entry.options.get("no_duals") else _for_duals(file)[position].function  # numbers of pairs have no parts
    case = Case(entry.function.__name__, entry.function, entry.args, known, insensitive=True)
    with alarm(30.0):
        verdict = subject.judge(case, checks)
    if code:
        assert verdict.status == "refused", verdict
        assert f"[{code}]" in verdict.reason, verdict
    else:
        assert verdict.status == "ok", verdict
