"""The kinds of random programs, by name."""
from __future__ import annotations

from collections.abc import Callable

from tests.property import aliases, calls, derived, programs
from tests.property.programs import Program
from tests.property.statements import Features
from tests.property.topics import TOPICS

KINDS: dict[str, Callable[[int], Program]] = {
    "plain": programs.from_seed,
    "writing": lambda seed: programs.from_seed(seed, Features(writes=True)),
    "aliases": aliases.from_seed,
    "calls": calls.from_seed,
    "derived": derived.from_seed,
    **TOPICS,
}
"""The program of a seed, by the kind: without writes; with writes into arrays, lists and dicts; with several names for one array;
with functions that give back what they keep; with derivatives inside; about one of the topics."""
