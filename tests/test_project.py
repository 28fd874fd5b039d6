"""The project's own limits: size of files and functions, docstrings, no time bombs in the project files."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

import srcad

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "srcad").rglob("*.py"))
FILE_LINES = 600
FUNCTION_LINES = 60


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_size_and_docstrings(path):
    text = path.read_text()
    tree = ast.parse(text)
    assert len(text.splitlines()) <= FILE_LINES
    assert ast.get_docstring(tree), "say what the module is for"
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno - node.lineno < FUNCTION_LINES, node.name
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def test_versions_agree_and_nothing_has_an_upper_bound():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"version: {srcad.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    bounds = [project["requires-python"], *project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    assert [bound for bound in bounds if "<" in bound or "~=" in bound or "==" in bound] == []


def test_text_files_speak_of_no_machine():
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.py")]:
        assert "/tmp/" not in path.read_text() and "/root/" not in path.read_text(), path
