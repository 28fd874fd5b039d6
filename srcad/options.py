"""Settings from the environment."""
from __future__ import annotations

import os


def checking() -> bool:
    """Whether SRCAD_CHECK asks for guards in generated code, which check what the compiler assumed of storage."""
    return os.environ.get("SRCAD_CHECK", "") not in ("", "0")
