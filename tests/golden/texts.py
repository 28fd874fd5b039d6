"""Prints the generated source of every snapshot program as JSON: run in processes of many kinds, which must all agree.

`python -m tests.golden.texts [--backwards]`
"""
from __future__ import annotations

import json
import sys

import srcad
from tests.golden.programs import PROGRAMS, Golden


def reverse_text(golden: Golden) -> str:
    """The text of `value_and_grad` for the program."""
    return str(srcad.value_and_grad(golden.function, argnums=golden.argnums).source(*golden.args))


def texts(programs: tuple[Golden, ...] = PROGRAMS) -> dict[str, str]:
    """The text of each program by name."""
    return {golden.name: reverse_text(golden) for golden in programs}


if __name__ == "__main__":
    order = PROGRAMS[::-1] if "--backwards" in sys.argv else PROGRAMS
    json.dump(texts(order), sys.stdout, sort_keys=True)
