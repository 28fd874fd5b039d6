"""A plugin of pytest: `pytest --srcad-check src` checks the derivatives of the functions that carry examples.

A function gets examples by `@srcad.testing.example(*args)`.  Each is a test of its own: the derivatives by both modes are compared with
differences of the function.  Functions are looked for in all Python files that pytest is given or finds, whatever they are called;
those that are only imported there do not count.
"""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from srcad.testing import CheckFailed, Example, check_grads, examples_of


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("srcad").addoption("--srcad-check", action="store_true", help="check the derivatives of functions with examples")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Look into every Python file that mentions examples, if that is asked for."""
    if not parent.config.getoption("--srcad-check") or file_path.suffix != ".py" or "example(" not in file_path.read_text(encoding="utf-8"):
        return None
    return Examples.from_parent(parent, path=file_path)


class Examples(pytest.Module):
    """The functions of one file that carry examples."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each example."""
        for name, value in vars(self.obj).items():
            for number, example in enumerate(examples_of(value), 1):
                if _defined_in(value, self.path):
                    yield Check.from_parent(self, name=f"{name}[example {number}]", value=value, example=example)


class Check(pytest.Item):
    """The derivatives of a function at one example."""

    def __init__(self, *, value: Any, example: Example, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._value = getattr(value, "__srcad_primal__", value)
        self._example = example

    def runtest(self) -> None:
        """Compare."""
        check_grads(self._value, *self._example.args, **self._example.options)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report, where there is one: it names the worst entry."""
        if isinstance(excinfo.value, CheckFailed):
            return str(excinfo.value.report)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the function is."""
        code = getattr(self._value, "__code__", None)
        return self.path, 0 if code is None else code.co_firstlineno - 1, f"derivatives of {self.name}"


def _defined_in(value: Any, path: Path) -> bool:
    code = getattr(getattr(value, "__srcad_primal__", value), "__code__", None)
    return code is not None and Path(code.co_filename).resolve() == path.resolve()
