"""Errors say what, where and what to do."""
from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import pytest

from srcad import errors
from srcad.errors import ArgumentError, InternalError, NoRule, Place, ShapeMismatch, SrcadError, UnsupportedSyntax


def test_str_has_place_caret_reason_and_advice() -> None:
    place = Place("model.py", 12, 8, 20, "    y = await thing(x)\n")
    error = UnsupportedSyntax("`await` cannot be differentiated.", "Take the await out of the function.", place=place)
    lines = str(error).splitlines()
    assert lines[0] == "[SRC101] `await` cannot be differentiated."
    assert lines[1] == "model.py:12"
    assert lines[2] == "    y = await thing(x)"
    assert lines[2][lines[3].index("^") : lines[3].rindex("^") + 1] == "await thing("[:12]
    assert lines[4] == "Take the await out of the function."


def test_place_without_text_or_column() -> None:
    assert Place("a.py", 3).render() == "a.py:3"
    assert Place("a.py", 3, text="  x = 1").render() == "a.py:3\n    x = 1"
    assert Place("a.py", 3, 99, None, "  x = 1").render() == "a.py:3\n    x = 1"


def test_place_caret_reaches_the_end_of_a_construct_of_several_lines() -> None:
    assert Place("a.py", 3, 2, 1, "  with x:").render().splitlines()[-1] == "    " + "^" * len("with x:")


def test_every_error_has_its_own_code() -> None:
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, SrcadError)]
    codes = [c.default_code for c in classes]
    assert len(classes) >= 8
    assert len(set(codes)) == len(codes)


def test_argument_errors_are_caught_where_users_would() -> None:
    with pytest.raises(TypeError):
        raise ArgumentError("no such argument")
    with pytest.raises(ValueError, match="shape"):
        raise ShapeMismatch("the shape is wrong")


def test_internal_error_names_stage_and_reproducing_call() -> None:
    error = InternalError("no handler", stage="lower", reproduce="srcad dump demo.py:f --stage ir")
    assert "lower: no handler" in str(error)
    assert "srcad dump demo.py:f --stage ir" in str(error)


def test_at_fills_a_missing_place_only() -> None:
    error = NoRule("no rule for `f`.")
    assert error.at(Place("a.py", 1)).place == Place("a.py", 1)
    assert error.at(Place("b.py", 2)).place == Place("a.py", 1)


@pytest.mark.parametrize("cls", [UnsupportedSyntax, InternalError, ShapeMismatch])
def test_errors_survive_pickle_and_copy(cls: type[SrcadError]) -> None:
    error = cls("what", "do", place=Place("a.py", 1), code="SRC999")
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is cls
        assert str(other) == str(error)


def test_the_page_lists_each_code_once_in_order() -> None:
    page = Path(__file__).parent.parent / "docs" / "errors.md"
    rows = [int(n) for n in re.findall(r"^\| SRC(\d+)", page.read_text(encoding="utf-8"), re.MULTILINE)]
    assert rows == sorted(set(rows))
