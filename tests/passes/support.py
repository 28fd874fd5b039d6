"""Passes checked on IR text: `check(pass, before, after)`; `quiet` operations are those that derivative code records."""
from __future__ import annotations

import textwrap
from dataclasses import replace

from srcad.ir.core import ALL
from srcad.ir.parse import parse_program
from srcad.ir.text import print_func
from srcad.ir.verify import verify
from srcad.ops import table
from srcad.ops.entry import quiet


def find(name):
    """The operation of a name, core operations first; `quiet.add` is the `add` of derivative code."""
    if name.startswith("quiet."):
        return quiet(find(name.removeprefix("quiet.")))
    if name in ALL:
        return ALL[name]
    spelling = table.spelling(name)
    return None if spelling is None else spelling.op


def func(text):
    """The function of an indented text."""
    return verify(parse_program(textwrap.dedent(text).lstrip(), find).entry)


def check(function, before, after):
    """The pass turns one text into the other."""
    expected = func(after)
    got = verify(function(func(before)))
    assert print_func(got) == print_func(expected)
    assert replace(got, doc=()) == expected


def unchanged(function, text):
    """The pass leaves a function as it is."""
    before = func(text)
    assert print_func(function(before)) == print_func(before)
