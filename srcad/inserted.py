"""`cotangent_of`: code of the user at a point of the reverse sweep."""
from __future__ import annotations

import sys
from types import FrameType, TracebackType
from typing import Any


class _Skipped(BaseException):
    """Leaves the body of a `with` before its first step."""


class cotangent_of:  # noqa: N801 -- used as a statement
    """`with srcad.cotangent_of(h) as h_bar:` -- the block runs in the reverse sweep, at this point, with the cotangent of `h`.

    There `h_bar` has the type, shape and structure of `h`.  What the name stands for at the end of the block goes on as the cotangent of
    `h`; it may be bound anew or changed in place.  The block may read the variables of the function, and sees them as they are at this
    point of it; it cannot change them (UnsupportedSyntax).  It runs where a derivative goes through `h` in reverse mode, in the
    order of the reverse sweep; forward mode passes it over, and so does the function where it is called as it is.
    `h` is a variable of the function, or an attribute or item of one.

    Called plainly, the function skips the block: Python has no way to say so, so the manager has its frame traced until
    the first step of the block, and leaves it there.  The trace function of a debugger is put back at once.
    """

    __slots__ = ("_frame", "_mine", "_outer")

    def __init__(self, h: Any) -> None:  # noqa: ARG002 -- only differentiated code has a use for it
        self._frame: FrameType | None = None
        self._outer: Any = None
        self._mine: tuple[Any, bool] = (None, False)

    def __enter__(self) -> Any:
        """Let the next step of the caller, the first of the block, raise `_Skipped`."""
        frame = sys._getframe(1)  # noqa: SLF001 -- there is no other way to the frame of the block
        self._frame, self._outer = frame, sys.gettrace()
        self._mine = frame.f_trace, frame.f_trace_opcodes
        frame.f_trace, frame.f_trace_opcodes = _leave, True
        sys.settrace(_pass)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """Put everything back, and swallow what `__enter__` arranged."""
        assert self._frame is not None
        self._frame.f_trace, self._frame.f_trace_opcodes = self._mine
        self._frame = None
        sys.settrace(self._outer)
        return kind is _Skipped


def _pass(*_: Any) -> None:
    """Trace nothing new."""


def _leave(*_: Any) -> Any:
    raise _Skipped
