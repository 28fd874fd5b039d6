"""What the cache keeps of a compilation: the generated text with its line map, and the cuts.

The key is the typed program itself, printed: it holds the source of the function and of everything that it calls, the types
of the arguments, the constants that were folded and the layout of classes, so that none of these can be forgotten.  Finding
and typing the function is done anew in each process; differentiation, passes and text come from the cache.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcad.analysis.activity import Cut
from srcad.backend.emit import Emitted
from srcad.cache import Cache, Key, source_fingerprint
from srcad.ir.nodes import Call, Loc, Program
from srcad.ir.text import print_program
from srcad.ir.visit import walk
from srcad.ops.foreign import fingerprint as rules_fingerprint


@dataclass(frozen=True, slots=True)
class Kept:
    """The end of a compilation."""

    emitted: Emitted
    cuts: tuple[Cut, ...]


def key_of(program: Program, request: str, header: tuple[str, ...]) -> Key | None:
    """The key of a typed program and what is asked for.

    None if srcad's own source is not what is running, or if a rule of another package is made of something that cannot be told apart.
    """
    fingerprint = source_fingerprint()
    if fingerprint is None:
        return None
    foreign = rules_fingerprint({s.op.name for f in program.funcs for s in walk(f.body) if isinstance(s, Call)})
    if foreign is None:
        return None
    python = "{}.{}".format(*sys.version_info)
    return ("derivative", fingerprint, python, np.__version__, request, "\n".join(header), print_program(program), *foreign)


def recall(cache: Cache, key: Key) -> Kept | None:
    """What is kept under a key; None if there is nothing that can be used."""
    payload = cache.load(key)
    try:
        return None if payload is None else _kept(payload)
    except (KeyError, TypeError, ValueError):
        return None


def keep(cache: Cache, key: Key, kept: Kept) -> None:
    """Keep the end of a compilation."""
    lines = [[line, *dataclasses.astuple(loc)] for line, loc in kept.emitted.line_map.items()]
    cuts = [[cut.op, *dataclasses.astuple(cut.loc)] for cut in kept.cuts]
    cache.store(key, {"text": kept.emitted.text, "entry": kept.emitted.entry, "lines": lines, "cuts": cuts})


def _kept(payload: dict[str, Any]) -> Kept:
    text, entry = payload["text"], payload["entry"]
    if not isinstance(text, str) or not isinstance(entry, str):
        raise TypeError
    lines = {int(line): Loc(*loc) for line, *loc in payload["lines"]}
    return Kept(Emitted(text, lines, entry), tuple(Cut(Loc(*loc), op) for op, *loc in payload["cuts"]))
