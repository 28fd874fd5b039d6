"""Settings from the environment."""
from __future__ import annotations

import os


def checking() -> bool:
    """Whether SRCAD_CHECK asks for checks of the compiler's own work: IR verified after each stage, guards in generated code."""
    return os.environ.get("SRCAD_CHECK", "") not in ("", "0")
