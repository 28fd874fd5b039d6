"""A name that some path reads before it is assigned is found."""
from __future__ import annotations

import ast

import pytest

from srcad.backend.check import check
from srcad.errors import InternalError

GOOD = [
    "x = a\nreturn x",
    "if a:\n    x = 1\nelse:\n    x = 2\nreturn x",
    "if a:\n    raise a\nelse:\n    x = 2\nreturn x",
    "x = 0\nfor i in a:\n    x = i\nreturn x",
    "while True:\n    x = 1\n    if a:\n        break\nreturn x",
    "for i in a:\n    if i:\n        x = 1\n        break\nelse:\n    x = 2\nreturn x",
    "try:\n    x = a\nexcept ValueError as e:\n    x = e\nreturn x",
    "return [i for i in a if i]",
    "for i in a:\n    for j in a:\n        x = 1\n        break\n    else:\n        break\n    a = x\nreturn a",
    "with a as x:\n    y = x\nreturn y",
    "return len(a) + known",
]
BAD = [
    "return x",
    "if a:\n    x = 1\nreturn x",
    "for i in a:\n    x = i\nreturn x",
    "for i in a:\n    pass\nreturn i",
    "while a:\n    x = 1\nreturn x",
    "while True:\n    if a:\n        break\n    x = 1\nreturn x",
    "try:\n    x = a\nexcept ValueError:\n    pass\nreturn x",
    "try:\n    pass\nexcept ValueError as e:\n    x = e\nreturn e",
    "x = x + 1\nx = 2",
    "y = [i for i in a]\nreturn i",
    "return unknown_name",
]


def function(body):
    return ast.parse("def f(a):\n" + "\n".join("    " + line for line in body.split("\n"))).body[0]


@pytest.mark.parametrize("body", GOOD)
def test_good(body):
    check(function(body), {"known"})


@pytest.mark.parametrize("body", BAD)
def test_bad(body):
    with pytest.raises(InternalError, match="before it is assigned"):
        check(function(body), {"known"})
