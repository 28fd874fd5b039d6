"""Numbers of users' classes: subclasses of `int` and `float` with operators of their own, and dicts whose keys are equal but of other types."""
from __future__ import annotations

import pytest

import srcad


class Ticks(int):
    """Whole numbers that multiply in their own way."""

    def __mul__(self, other):
        return 77 * other

    __rmul__ = __mul__


class Ratio(float):
    """Floats that multiply in their own way when they stand on the left."""

    def __mul__(self, other):
        return float(self) * 10 * other


def on_the_right(x, k):
    return x * k


def on_the_left(x, k):
    return k * x


@pytest.mark.parametrize("k", [Ticks(3), Ratio(3.0)], ids=lambda k: type(k).__name__)
def test_a_number_with_operators_of_its_own_is_followed_or_refused(k):
    assert srcad.value_and_grad(on_the_left)(2.0, k) == (on_the_left(2.0, k), on_the_left(1.0, k))
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC176"):  # Python's float takes it; what rules do with it is not known
        srcad.grad(on_the_right)(2.0, k)


def test_keys_that_are_equal_are_told_apart_by_their_types():
    def f(x, table):
        return sum(x * v * len(str(k)) for k, v in table.items())

    derivative = srcad.value_and_grad(f)
    for key in (1, 1.0, True, "1", 1):
        assert derivative(2.0, {key: 3.0}) == (f(2.0, {key: 3.0}), f(1.0, {key: 3.0}))
