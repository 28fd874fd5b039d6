"""Generated source on disk, so that a second process starts warm.

One file per entry, named by the hash of the key's ingredients: a line with the hash of what follows, then JSON.  A file
is written under a temporary name and renamed, so a reader sees all of it or nothing, and writers need no lock between
processes.  What is damaged, belongs to somebody else, or could be written by somebody else is as good as absent.

`SRCAD_CACHE_DIR` names the folder (default: the platform's cache folder of the user), `SRCAD_CACHE=0` turns it off.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import platformdirs

Key: TypeAlias = tuple[str | bytes, ...]

_MAGIC: Final = b"srcad-cache-1 "
_SUFFIX: Final = ".json"
_TEMPORARY: Final = ".tmp"
_STALE_SECONDS: Final = 3600.0
_IMPORTED_AT: Final = time.time()
_SWEPT: Final[set[Path]] = set()
"""The folders that this process has looked through for what killed writers left: with thousands of entries that takes long."""


def digest(key: Key) -> str:
    """The name of a key's entry.  Lengths and kinds are hashed too: ("ab", "c") and ("a", "bc") are different keys."""
    state = hashlib.sha256()
    for part in key:
        data = part.encode() if isinstance(part, str) else part
        state.update(b"%s%d:" % (b"s" if isinstance(part, str) else b"b", len(data)))
        state.update(data)
    return state.hexdigest()


@functools.cache
def source_fingerprint() -> str | None:
    """A hash of srcad's own source; None if a file of it changed after import, so that what runs is not what is on disk.

    An ingredient of every key: a developer who edits a rule must not be served text that the old rule made.
    """
    root = Path(__file__).parent
    state = hashlib.sha256()
    try:
        for path in sorted(root.rglob("*.py"), key=lambda p: p.relative_to(root).as_posix()):
            if path.stat().st_mtime > _IMPORTED_AT:
                return None
            data = path.read_bytes()
            state.update(f"{path.relative_to(root).as_posix()}:{len(data)}:".encode())
            state.update(data)
    except OSError:  # zipped or frozen: there is nothing to compare with
        return None
    return state.hexdigest()


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What `srcad cache info` prints."""

    folder: Path
    enabled: bool
    entries: int
    size: int

    def __str__(self) -> str:
        """One fact per line."""
        state = "on" if self.enabled else "off"
        return f"folder   {self.folder}\nstate    {state}\nentries  {self.entries}\nsize     {self.size / 1024:.1f} KiB"


class Cache:
    """A folder of entries.  `load` and `store` never raise for what they find on disk: without a cache, things take longer."""

    def __init__(self, folder: str | Path | None = None, *, enabled: bool | None = None) -> None:
        chosen = folder or os.environ.get("SRCAD_CACHE_DIR") or platformdirs.user_cache_dir("srcad", appauthor=False)
        self.root = Path(chosen).expanduser().absolute()
        self.enabled = os.environ.get("SRCAD_CACHE", "1") != "0" if enabled is None else enabled

    @property
    def folder(self) -> Path:
        """Where the entries are: a folder of our own inside `root`, which may be the user's or /tmp."""
        return self.root / "entries"

    def path(self, key: Key) -> Path:
        """The file of an entry, there or not."""
        return self.folder / (digest(key) + _SUFFIX)

    def load(self, key: Key) -> dict[str, Any] | None:
        """The payload stored under `key`; None if there is none that can be trusted."""
        if not self.enabled or not self._usable():
            return None
        path = self.path(key)
        data = _read_own_file(path)
        if data is None or not data.startswith(_MAGIC):
            return None
        head, _, body = data.partition(b"\n")
        if head.removeprefix(_MAGIC).decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
            return None
        try:
            entry = json.loads(body)
        except (ValueError, RecursionError):
            return None
        # The name is compared as well: an entry that was copied over another one is whole, but not the answer.
        if not isinstance(entry, dict) or entry.get("name") != path.name or not isinstance(entry.get("payload"), dict):
            return None
        payload: dict[str, Any] = entry["payload"]
        return payload

    def store(self, key: Key, payload: dict[str, Any]) -> bool:
        """Keep `payload` (JSON data: keys are text) under `key`; whether that worked."""
        if not self.enabled or not self._usable(create=True):
            return False
        path = self.path(key)
        body = json.dumps({"name": path.name, "payload": payload}, separators=(",", ":"), sort_keys=True).encode()
        data = _MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body
        try:
            self._sweep()
            handle, temporary = tempfile.mkstemp(suffix=_TEMPORARY, dir=self.folder)  # mode 0600
        except OSError:
            return False
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            return False
        return True

    @contextlib.contextmanager
    def lock(self, key: Key) -> Iterator[None]:
        """While one thread of this process makes an entry, others wait for it instead of making it too."""
        name = digest(key)
        held = _LOCKS.acquire(name)
        try:
            yield
        finally:
            if held:
                _LOCKS.release(name)

    def info(self) -> CacheInfo:
        """Number and size of the entries."""
        sizes = [size for path in self._files(_SUFFIX) if (size := _size(path)) is not None]
        return CacheInfo(self.root, self.enabled, len(sizes), sum(sizes))

    def clear(self) -> int:
        """Remove every entry and every temporary file; the number of entries removed."""
        removed = 0
        for suffix in (_SUFFIX, _TEMPORARY):
            for path in self._files(suffix):
                with contextlib.suppress(OSError):
                    path.unlink()
                    removed += suffix == _SUFFIX
        return removed

    def _files(self, suffix: str) -> list[Path]:
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == suffix)
        except OSError:
            return []

    def _usable(self, *, create: bool = False) -> bool:
        """Whether the folder is ours alone to write into.  Asked every time: it is one system call."""
        if create:
            try:
                self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.folder.mkdir(mode=0o700, exist_ok=True)
            except OSError:
                return False
        try:
            found = os.lstat(self.folder)
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and _ours(found)

    def _sweep(self) -> None:
        """Remove what writers left behind that were killed; once per process and folder."""
        if self.folder in _SWEPT:
            return
        _SWEPT.add(self.folder)
        for path in self._files(_TEMPORARY):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()


def _ours(found: os.stat_result) -> bool:
    """Owned by this user and writable by nobody else."""
    if os.name != "posix":
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _read_own_file(path: Path) -> bytes | None:
    """The bytes of a regular file that is ours; checked on the open file, so that it cannot be swapped in between."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except OSError:
        return None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or not _ours(found):
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read()
    except OSError:
        return None
    finally:
        os.close(handle)


class _KeyLocks:
    """Re-entrant locks by name, which cannot deadlock: who would wait in a circle goes on without the lock.

    Compiling f may need g while another thread compiles g and needs f.  The lock only saves work, entries being renamed
    into place as a whole, so to go on without it is right.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owner: dict[str, tuple[int, int]] = {}  # name -> (thread, depth)
        self._waiting: dict[int, str] = {}  # thread -> name

    def acquire(self, name: str) -> bool:
        """Wait for the lock; whether it was taken (False: it would have been a circle)."""
        me = threading.get_ident()
        with self._changed:
            while True:
                owner, depth = self._owner.get(name, (me, 0))
                if owner == me:
                    self._owner[name] = (me, depth + 1)
                    return True
                if self._circle(name, me):
                    return False
                self._waiting[me] = name
                try:
                    self._changed.wait()
                finally:
                    del self._waiting[me]

    def release(self, name: str) -> None:
        """Give up one level of the lock."""
        with self._changed:
            owner, depth = self._owner[name]
            if depth > 1:
                self._owner[name] = (owner, depth - 1)
            else:
                del self._owner[name]
                self._changed.notify_all()

    def _circle(self, name: str, me: int) -> bool:
        wanted: str | None = name
        while wanted is not None and wanted in self._owner:
            owner = self._owner[wanted][0]
            if owner == me:
                return True
            wanted = self._waiting.get(owner)
        return False


_LOCKS = _KeyLocks()


def _forget_locks() -> None:
    """In a forked child: the threads that held the locks do not exist there."""
    global _LOCKS  # noqa: PLW0603  the one place that replaces it
    _LOCKS = _KeyLocks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_locks)
