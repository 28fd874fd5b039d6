"""Long lines are broken inside brackets.

The printer marks where a line may be broken (`SOFT`), where brackets open and close, and where brackets may be added
(`OPTIONAL_OPEN`, `OPTIONAL_CLOSE`; `ITEMS`: they are better than breaks inside).  Lines that fit are printed as they are.
"""
from __future__ import annotations

from dataclasses import dataclass

SOFT, OPEN, CLOSE, OPTIONAL_OPEN, OPTIONAL_CLOSE, ITEMS = "\x01", "\x02", "\x03", "\x04", "\x05", "\x06"
_FLAT = str.maketrans({SOFT: " ", OPEN: "", CLOSE: "", OPTIONAL_OPEN: "", OPTIONAL_CLOSE: "", ITEMS: ""})
INDENT = "    "


def flat(text: str) -> str:
    """The text on one line."""
    return text.translate(_FLAT)


@dataclass(slots=True)
class _Break:
    at: int  # where in the text the break stands
    column: int  # of the printed line, before the break
    stack: list[int]  # columns behind the brackets that are open there

    @property
    def depth(self) -> int:
        return len(self.stack)


def lay_out(text: str, indent: int, width: int) -> list[str]:
    """The lines of a statement of marked text."""
    pad = INDENT * indent
    line = pad + flat(text)
    if len(line) <= width or SOFT not in text:
        return [line]
    with_brackets = _Breaker(text, pad, width).lines()
    if OPTIONAL_OPEN not in text or OPTIONAL_OPEN + ITEMS in text:
        return with_brackets
    without = _Breaker(text.replace(OPTIONAL_OPEN, "").replace(OPTIONAL_CLOSE, ""), pad, width).lines()
    fits = all(len(s) <= width for s in without)
    return without if fits and len(without) <= len(with_brackets) else with_brackets


class _Breaker:
    """Breaks a line at the outermost brackets that have room, as late as possible."""

    def __init__(self, text: str, pad: str, width: int) -> None:
        self.text = text
        self.width = width
        self.line = pad
        self.done: list[str] = []
        self.stack: list[int] = []
        self.breaks: list[_Break] = []

    def lines(self) -> list[str]:
        """All lines, printed."""
        at = 0
        while at < len(self.text):
            ch = self.text[at]
            at += 1
            if ch == SOFT:
                if self.stack:
                    self.breaks.append(_Break(at, len(self.line), self.stack[:]))
                self.line += " "
            elif ch == OPEN:
                self.stack.append(len(self.line))
            elif ch == CLOSE:
                self.stack.pop()
            elif ch == OPTIONAL_OPEN:
                self.line += "("
                self.stack.append(len(self.line))
            elif ch == OPTIONAL_CLOSE:
                self.line += ")"
                self.stack.pop()
            elif ch != ITEMS:
                self.line += ch
            if len(self.line) > self.width and self.breaks:
                at = self._wrap()
        self.done.append(self.line)
        return self.done

    def _wrap(self) -> int:
        """End the line at the best break; where the text goes on."""
        late = [b for b in self.breaks if b.column >= self.width * 3 // 5] or self.breaks
        depth = min(b.depth for b in late)
        best = [b for b in late if b.depth == depth][-1]
        self.done.append(self.line[: best.column])
        self.line = " " * best.stack[-1]
        self.stack = best.stack
        self.breaks = []
        return best.at
