"""A loop that only fills a list is a list comprehension."""
from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcad.ir.nodes import Loop

if TYPE_CHECKING:
    from srcad.backend.body import Body


def comprehension(body: Body, loop: Loop) -> bool:
    """Print a loop as a list comprehension, if it is one."""
    return False
