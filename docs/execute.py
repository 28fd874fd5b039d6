"""Run the code blocks of README.md and docs/, and compare what they print with what the pages show.

The `python` blocks of a page are run in order, as one program.  A `text` block that is the next one after a `python` block
shows what that printed.  In a `console` block every `$ srcad ...` is run, and followed by its output.  A block below
`<!-- not run: reason -->` is left alone; below `<!-- varies -->` output is not compared (times, say).

    python docs/execute.py            compare
    python docs/execute.py --update   write what is printed now into the pages
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import difflib
import io
import linecache
import math
import os
import re
import shlex
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^(?P<ticks>```+)(?P<language>\w+)\n(?P<body>.*?)^(?P=ticks)$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]\d+)?")
NOT_RUN = re.compile(r"<!-- not run: .+? -->\s*\Z")
VARIES = re.compile(r"<!-- varies -->\s*\Z")


@dataclasses.dataclass
class Block:
    """A fenced block of a page: `[start:stop]` is its body in the page's text."""

    language: str
    body: str
    start: int
    stop: int
    run: bool
    varies: bool
    there: bool = True


@dataclasses.dataclass(frozen=True)
class Difference:
    """A block that does not show what is printed."""

    page: Path
    line: int
    shown: str
    printed: str

    def __str__(self) -> str:
        """The place, and the difference line by line."""
        lines = difflib.unified_diff(self.shown.splitlines(), self.printed.splitlines(), "shown", "printed", lineterm="")
        return "\n".join([f"{self.page.relative_to(ROOT)}:{self.line}", *lines])


def pages() -> list[Path]:
    """README.md and the pages of docs/."""
    return [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)]


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page."""
    found = []
    for match in FENCE.finditer(text):
        before = text[: match.start()]
        run = not NOT_RUN.search(before)
        found.append(Block(match["language"], match["body"], match.start("body"), match.end("body"), run, bool(VARIES.search(before))))
    return found


class Program:
    """The `python` blocks of one page: they share their names, and each is a file of its own, as the cells of a notebook are."""

    def __init__(self, page: Path) -> None:
        self.stem = page.stem.lower()
        self.namespace: dict[str, Any] = {"__name__": self.stem}
        self.count = 0

    def run(self, body: str) -> str:
        """Run a block; what it printed."""
        self.count += 1
        name = f"{self.stem}.py" if self.count == 1 else f"{self.stem}_{self.count}.py"
        linecache.cache[name] = (len(body), None, body.splitlines(keepends=True), name)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile(body, name, "exec", dont_inherit=True), self.namespace)
        return printed.getvalue()


def run_command(line: str) -> str:
    """What `srcad ...` prints, on both streams."""
    from typer.testing import CliRunner  # noqa: PLC0415  only pages with commands need it

    from srcad.cli import app  # noqa: PLC0415

    words = shlex.split(line)
    return CliRunner().invoke(app, words[1:], prog_name=words[0], env={"COLUMNS": "100"}).output.replace(f"{ROOT}{os.sep}", "")


def run_console(body: str) -> str:
    """A console block with the output of its commands as it is now."""
    result = []
    shown = iter(body.splitlines())
    known = False
    for line in shown:
        if line.startswith("$ "):
            result.append(line)
            known = line.startswith("$ srcad ")
            if known:
                result.extend(run_command(line[2:]).rstrip("\n").splitlines())
        elif not known:
            result.append(line)
    return "\n".join(result) + "\n"


def outputs(page: Path, text: str) -> Iterator[tuple[Block, str]]:
    """The blocks that show output, with what is printed now."""
    program = Program(page)
    found = blocks(text)
    for i, block in enumerate(found):
        if not block.run:
            continue
        if block.language == "python":
            printed = program.run(block.body)
            after = found[i + 1] if i + 1 < len(found) else None
            if after is not None and after.language == "text" and after.run:
                yield after, printed
            elif printed:
                yield Block("text", "", block.stop, block.stop, run=True, varies=False, there=False), printed
        elif block.language == "console":
            yield block, run_console(block.body)


def differences(page: Path) -> list[Difference]:
    """Where a page does not show what is printed."""
    text = page.read_text()
    result = []
    with working_directory(ROOT):
        for block, printed in outputs(page, text):
            shown = _trimmed(block.body)
            if not block.varies and not agree(shown, _trimmed(printed)):
                result.append(Difference(page, text.count("\n", 0, block.start) + 1, shown, _trimmed(printed)))
    return result


def update(page: Path) -> bool:
    """Write what is printed now into a page; whether it changed."""
    text = page.read_text()
    with working_directory(ROOT):
        found = list(outputs(page, text))
    new = text
    for block, printed in reversed(found):
        if block.there and not block.varies and not agree(_trimmed(block.body), _trimmed(printed)):
            new = new[: block.start] + _trimmed(printed) + new[block.stop :]
    if new != text:
        page.write_text(new)
    return new != text


def agree(shown: str, printed: str) -> bool:
    """Whether two texts are the same, but for the last of some sixteen digits of a number: these depend on the machine."""
    if NUMBER.sub("#", shown) != NUMBER.sub("#", printed):
        return False
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(printed), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=1e-10) for a, b in pairs)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines()) + "\n"


@contextlib.contextmanager
def working_directory(folder: Path) -> Iterator[None]:
    """Commands of the pages are run from the top of the project."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def main() -> None:
    """Compare, or update."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write what is printed now into the pages")
    parser.add_argument("pages", nargs="*", type=Path, help="only these")
    options = parser.parse_args()
    failed = False
    for page in [path.resolve() for path in options.pages] or pages():
        if options.update:
            print(f"{'updated  ' if update(page) else 'unchanged'} {page.relative_to(ROOT)}")
        else:
            for difference in differences(page):
                failed = True
                print(difference)
    sys.exit(failed)


if __name__ == "__main__":
    main()
