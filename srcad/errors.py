"""Everything that srcad raises or warns of.  Each error says what, where and what to do about it."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a user's file: `line` counts from 1, `column` from 0; `text` is that line of the source."""

    filename: str
    line: int
    column: int | None = None
    end_column: int | None = None
    text: str = ""

    def render(self) -> str:
        """`file:line`, then the source line and a caret below what is meant."""
        head = f"{self.filename}:{self.line}"
        if not self.text.strip():
            return head
        text = self.text.rstrip()
        body = text.lstrip()
        shown = f"{head}\n    {body}"
        if self.column is None or not 0 <= self.column < len(text):
            return shown
        start = max(self.column - (len(text) - len(body)), 0)
        stop = len(text) if self.end_column is None or self.end_column <= self.column else self.end_column
        width = max(min(stop, len(text)) - self.column, 1)
        return f"{shown}\n    {' ' * start}{'^' * width}"


class SrcadError(Exception):
    """The base of all errors of srcad: `code`, `message` (what), `advice` (what to do), `place` (where)."""

    default_code = "SRC000"

    def __init__(self, message: str, advice: str = "", *, place: Place | None = None, code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.advice = advice
        self.place = place
        self.where: object = None  # the location in the intermediate form, as long as it has no place
        self.rendered = ""  # the whole text, of an error that was found while compiling and is raised where it matters

    def __str__(self) -> str:
        """`[SRC101] reason`, the place with a caret, the advice."""
        if self.rendered:
            return self.rendered
        parts = [f"[{self.code}] {self.message}"]
        if self.place is not None:
            parts.append(self.place.render())
        if self.advice:
            parts.append(self.advice)
        return "\n".join(parts)

    def at(self, place: Place) -> SrcadError:
        """The same error, with a place where it had none."""
        if self.place is None:
            self.place = place
        return self

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled with its fields, so that it crosses processes whole."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[SrcadError], args: tuple[object, ...], state: dict[str, object]) -> SrcadError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def again(kind: str, text: str) -> SrcadError:
    """The error of class `kind` whose whole text this is."""
    cls: type[SrcadError] = globals()[kind]
    head = text.partition("\n")[0]
    code, _, message = head.partition("] ") if head.startswith("[SRC") else ("", "", head)
    error = cls(message, code=code.lstrip("["))
    error.rendered = text
    return error


class UnsupportedSyntax(SrcadError):
    """A construct of the language that cannot be followed."""

    default_code = "SRC101"


class NoRule(SrcadError):
    """A function on an active path that has neither a rule nor source."""

    default_code = "SRC201"


class NotDifferentiable(SrcadError):
    """A construct or value through which no derivative can be taken (an integer argument, an active value in a set)."""

    default_code = "SRC301"


class SourceNotFound(SrcadError):
    """The source of a function is missing, ambiguous, or no longer what is running."""

    default_code = "SRC401"


class ArgumentError(SrcadError, TypeError, ValueError):
    """A call of srcad itself that is wrong: argnums, an integer to differentiate, a non-scalar output, TARGET, `--args`."""

    default_code = "SRC501"


class ShapeMismatch(ArgumentError):
    """A cotangent or tangent whose shape, dtype or structure is not that of its primal."""

    default_code = "SRC601"


class InternalError(SrcadError):
    """A fault of srcad: names the stage that failed and the call that reproduces it."""

    default_code = "SRC901"

    def __init__(
        self, message: str, advice: str = "", *, stage: str = "", reproduce: str = "", place: Place | None = None, code: str = "",
    ) -> None:  # fmt: skip
        if not advice:
            call = f" together with the call that reproduces it: {reproduce}" if reproduce else ""
            advice = f"This is a fault of srcad, not of your code; please report it{call}"
        super().__init__(f"{stage}: {message}" if stage else message, advice, place=place, code=code)
        self.stage = stage
        self.reproduce = reproduce


class CutWarning(UserWarning):
    """An active value reaches the result only through `int()`, a comparison, `round` or an index: the derivative there is zero."""
