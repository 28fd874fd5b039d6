"""The signal that a point cannot be passed."""
from __future__ import annotations


class Diverged(Exception):
    """The point that is being interpreted cannot be passed: every path to it raises."""
