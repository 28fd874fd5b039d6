"""What the functions of a typed program are called: names that none of their derivatives gets."""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.specialise.frames import Callee

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_DERIVED = ("grad", "jvp", "fwd", "bwd", "bar")
"""What the name of a derivative has behind that of its function."""


def own_name(engine: Engine, word: str) -> str:
    """A name for a function that is called."""
    return _free(word, _taken(engine), ())


def free_name(engine: Engine, word: str) -> str:
    """A name, kept from now on, for a function that is differentiated here: its derivatives have names of their own."""
    name = _free(word, _taken(engine), _DERIVED)
    engine.callees["name", name] = Callee(name, busy=False)  # nobody else takes it
    return name


def _taken(engine: Engine) -> set[str]:
    return {c.name for c in engine.callees.values()} | {f.name for f in engine.funcs} | {engine.unit.name}


def _free(word: str, taken: set[str], suffixes: tuple[str, ...]) -> str:
    """A name like this one, which is not taken, also with one of the suffixes, nor that of a derivative of what is."""
    base = "".join(c for c in word if c.isalnum() or c == "_") or "function"
    base = "anonymous" if base == "lambda" else base
    count, name = 1, base
    while _primal(name) in taken or not taken.isdisjoint({name, *(f"{name}_{suffix}" for suffix in suffixes)}):
        count += 1
        name = f"{base}_{count}"
    return name


def _primal(name: str) -> str:
    """The function whose derivative, of whatever order, would have this name."""
    stem, _, suffix = name.rpartition("_")
    return _primal(stem) if suffix in _DERIVED else name
