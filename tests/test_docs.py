"""Every example of README.md and docs/ runs and prints what the page shows; every package is described."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

import srcad

ROOT = Path(__file__).resolve().parent.parent


def _load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


execute = _load("srcad_docs_execute", ROOT / "docs" / "execute.py")


@pytest.mark.parametrize("page", execute.pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_shows_what_is_printed(page):
    found = execute.differences(page)
    assert not found, "\n\n".join(map(str, found)) + "\n\n`make docs-update` writes what is printed now; look at the diff."


def test_code_blocks_have_a_language():
    for page in execute.pages():
        opened = False
        for number, line in enumerate(page.read_text().splitlines(), 1):
            if line.startswith("```"):
                assert opened or line.strip("`"), f"{page.name}:{number}: say the language"
                opened = not opened


def test_every_package_has_its_line_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text()
    root = Path(srcad.__file__).parent
    packages = [path.parent.name for path in root.glob("*/__init__.py")]
    modules = [path.name for path in root.glob("*.py") if not path.name.startswith("__")]
    missing = [name for name in packages if f"`{name}/`" not in text] + [name for name in modules if f"`{name}`" not in text]
    assert not missing


def test_every_public_name_is_in_the_reference():
    text = (ROOT / "docs" / "api.md").read_text()
    public = [name for name, value in vars(srcad).items() if not name.startswith("_") and getattr(value, "__module__", "").startswith("srcad")]
    assert "grad" in public
    assert [name for name in public if not re.search(rf"\b{name}\b", text) and not isinstance(getattr(srcad, name), type)] == []


def test_every_error_has_its_code_explained():
    from srcad import errors, testing

    text = (ROOT / "docs" / "errors.md").read_text()
    classes = [value for module in (errors, testing) for value in vars(module).values() if isinstance(value, type) and issubclass(value, errors.SrcadError)]
    assert [cls.__name__ for cls in classes if cls.__name__ not in text] == []
    codes = {code for path in Path(srcad.__file__).parent.rglob("*.py") for code in re.findall(r"\bSRC\d{3}\b", path.read_text())}
    for first, last in re.findall(r"(SRC\d+) to (SRC\d+)", text):
        text += " ".join(f"SRC{n}" for n in range(int(first[3:]), int(last[3:]) + 1))
    assert sorted(code for code in codes if code not in text) == []


def test_every_page_is_reachable():
    index = (ROOT / "docs" / "index.md").read_text()
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix("").as_posix()
        if name != "index" and not name.startswith("_build"):
            assert re.search(rf"^{name}$", index, re.MULTILINE), name


def test_links_in_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text()):
        assert target.startswith("http") or (ROOT / target).exists(), target


class TestRunner:
    """The runner itself: a page that shows something else is found."""

    def page(self, tmp_path, text):
        page = tmp_path / "page.md"
        page.write_text(text)
        return page

    def test_difference_is_found_and_updated(self, tmp_path):
        page = self.page(tmp_path, "```python\nx = 2\nprint(x)\n```\n\nso\n\n```text\n3\n```\n")
        (found,) = execute.differences(page) if page.is_relative_to(ROOT) else [d for d in execute.differences(page)]
        assert (found.shown, found.printed) == ("3\n", "2\n")
        assert execute.update(page)
        assert "```text\n2\n```" in page.read_text()
        assert execute.differences(page) == []

    def test_output_that_is_not_shown_is_found(self, tmp_path):
        assert execute.differences(self.page(tmp_path, "```python\nprint(1)\n```\n"))

    def test_the_last_digits_depend_on_the_machine(self):
        assert execute.agree("[0.1, -2.077353643073685] x\n", "[0.10000000000000003, -2.0773536430736854] x\n")
        assert not execute.agree("2.0773536430736854\n", "2.0773536480736854\n")
        assert not execute.agree("2.07\n", "2.08\n")
        assert not execute.agree("2.07 x\n", "2.07 y\n")

    def test_blocks_share_names_and_failures_are_loud(self, tmp_path):
        assert execute.differences(self.page(tmp_path, "```python\nx = 1\n```\n```python\nassert x == 1\n```\n")) == []
        with pytest.raises(ZeroDivisionError):
            execute.differences(self.page(tmp_path, "```python\n1 / 0\n```\n"))

    def test_marks(self, tmp_path):
        text = "<!-- not run: needs a network -->\n```python\n1 / 0\n```\n<!-- varies -->\n```console\n$ srcad --version\nsrcad 999\n```\n"
        assert execute.differences(self.page(tmp_path, text)) == []
