"""States on disk: one file for each, in a folder of one run, which an interrupted run finds again."""
from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from srcad.errors import ArgumentError

State = tuple[Any, ...]
_PREFIX = "state_"


def fingerprint(values: Any) -> str:
    """Tells the inputs of one run from those of another.  Raises ArgumentError for values that cannot be stored."""
    try:
        return hashlib.sha256(pickle.dumps(values, protocol=5)).hexdigest()[:32]
    except Exception as error:
        raise ArgumentError(f"a loop with folder= carries or reads something that cannot be pickled ({error})",
                            "leave the folder away, or keep such objects out of the loop") from error  # fmt: skip


class Files(MutableMapping[int, State]):
    """States by the number of their trip; `note` and `noted` keep other things beside them."""

    def __init__(self, folder: str | os.PathLike[str], key: str) -> None:
        self.path = Path(folder) / key
        self.path.mkdir(parents=True, exist_ok=True)

    def __getitem__(self, trip: int) -> State:
        found = self.noted(f"{_PREFIX}{trip}")
        if found is None:
            raise KeyError(trip)
        return found  # type: ignore[no-any-return]

    def __setitem__(self, trip: int, state: State) -> None:
        self.note(f"{_PREFIX}{trip}", state)

    def __delitem__(self, trip: int) -> None:
        (self.path / f"{_PREFIX}{trip}").unlink(missing_ok=True)

    def __contains__(self, trip: object) -> bool:
        return (self.path / f"{_PREFIX}{trip}").exists()

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(int(p.name.removeprefix(_PREFIX)) for p in self.path.glob(f"{_PREFIX}*")))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def note(self, name: str, what: Any) -> None:
        """Write a file: whole, or not at all."""
        handle, temporary = tempfile.mkstemp(dir=self.path, prefix="new_")
        with os.fdopen(handle, "wb") as file:
            pickle.dump(what, file, protocol=5)
        Path(temporary).replace(self.path / name)

    def noted(self, name: str) -> Any:
        """What a file holds; None if there is none, or if it is damaged."""
        try:
            with (self.path / name).open("rb") as file:
                return pickle.load(file)  # noqa: S301 -- the user's folder, written by this class
        except (OSError, EOFError, pickle.UnpicklingError):
            return None

    def clear(self) -> None:
        """Remove the folder of the run."""
        shutil.rmtree(self.path, ignore_errors=True)
