"""Text -> module: from a real file where there is a folder for it, and known to `linecache`, so that tracebacks, `pdb` and
profilers show the source.
"""
from __future__ import annotations

import hashlib
import linecache
import os
import re
import sys
import tempfile
import types
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = "srcad_generated"


def module_name(text: str, stem: str = "") -> str:
    """The name of the module of a text: the same for the same text."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    readable = re.sub(r"\W+", "_", stem).strip("_")
    return f"{_PACKAGE}_{readable}_{digest}" if readable else f"{_PACKAGE}_{digest}"


def load(text: str, *, stem: str = "", folder: Path | None = None, globals: Mapping[str, object] | None = None) -> types.ModuleType:
    """The module of a text.  `stem` makes its name readable; `folder`: where its file is kept, None for none; `globals`: names
    of the user's module that the text reads.
    """
    name = module_name(text, stem)
    found = sys.modules.get(name)
    if isinstance(found, types.ModuleType) and not globals:
        return found
    filename = f"<{name}>" if folder is None else str(_write(folder / f"{name}.py", text))
    module = types.ModuleType(name)
    module.__file__ = filename
    module.__dict__.update(globals or {})
    module.__dict__["__source__"] = text
    # Without a modification time the entry is never checked against a file, so it outlives a change of the folder.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec", dont_inherit=True), module.__dict__)
    if not globals:
        sys.modules[name] = module
    return module


def _write(path: Path, text: str) -> Path:
    """Write a file at once: another process may read or write it at the same time."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as f:
        f.write(text)
    Path(temporary).replace(path)
    return path
