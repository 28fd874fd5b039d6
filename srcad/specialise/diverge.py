"""Signals: a point cannot be passed; a function cannot be compiled on its own."""
from __future__ import annotations


class Diverged(Exception):
    """The point that is being interpreted cannot be passed: every path to it raises."""


class Escapes(Exception):
    """A function that is compiled on its own writes to an argument: it must be interpreted where it is called."""
