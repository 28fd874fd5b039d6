"""Random programs about one part of the language each, written in the ways of `aliases`."""
from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

from tests.property import aliases
from tests.property.programs import Program
from tests.property.topics import closures, containers, exceptions, generators, objects, shared, views

LOOPS = ("for i in range(3):", "for i in range(n + 2):", "while n < 6:", "for q in x:", "for q, g in zip(x, y.copy()):")
"""Short ones: what is in them lets lists grow."""


def _from_seed(seed: int, topic: aliases.Topic) -> Program:
    """The program of a seed: the same everywhere.  Dual numbers know neither complex parts nor `out=`."""
    return dataclasses.replace(aliases.from_seed(seed, topic), duals=topic.head != views.HEAD)


TOPICS: dict[str, Callable[[int], Program]] = {
    module.__name__.rpartition(".")[2]: functools.partial(
        _from_seed, topic=aliases.Topic(module.HEAD, module.SETS, loops=LOOPS, share=0.45, starts=("np.zeros(4)", "0.7 * np.cos(x)"))
    )
    for module in (closures, containers, exceptions, generators, objects, shared, views)
}
"""The program of a seed, by the topic."""
