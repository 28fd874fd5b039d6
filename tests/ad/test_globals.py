"""Global variables that the program assigns, and managers that assign them: values, derivatives in both modes, and what is left behind."""
from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest

import srcad
from srcad.errors import UnsupportedSyntax

COUNT = 0
SCALE = 2.0
MODE = "plain"
TABLE = None
LATE = None
LOG: list[str] = []


def counts(x):
    global COUNT
    COUNT += 1
    return x * x * COUNT


def reads_before_and_after(x):
    global SCALE
    y = SCALE * x
    SCALE = 5.0
    return y + SCALE * x * x


def holds_the_active_value(x):
    global SCALE
    SCALE = x * x
    return SCALE * x


def set_scale(value):
    global SCALE
    SCALE = value


def get_scale():
    return SCALE


def through_functions(x):
    set_scale(x * x)
    y = get_scale() * x
    set_scale(3.0)
    return y + get_scale() * x


def touched_by_a_function_without_active_arguments(x):
    a = x * x
    set_scale(7.0)
    return SCALE * a


def on_one_path(x):
    global SCALE
    if x > 1.0:
        SCALE = 4.0
    return SCALE * x


def in_a_loop(x):
    global COUNT, SCALE
    for i in range(3):
        SCALE = SCALE * x + i
        COUNT += i
    return SCALE * COUNT


def target_of_a_comprehension(x):
    global COUNT
    COUNT = 3
    return sum([COUNT * x for COUNT in (1.0, 2.0)]) * COUNT


def by_the_module(x):
    import tests.ad.test_globals as here

    here.SCALE = 6.0
    return here.SCALE * x


def late_import(x):
    global LATE
    if LATE is None:
        from math import sin as LATE  # noqa: N812 -- a lazy import under a global name
    return LATE(x)


def lazy_table(x):
    global TABLE
    if TABLE is None:
        TABLE = np.array([1.0, 2.0, 3.0])
    return np.sum(TABLE * x * x)


class Mode:
    """Sets the mode, and puts the old one back."""

    def __init__(self, mode):
        self._mode = mode
        self._before = MODE

    def __enter__(self):
        global MODE
        MODE = self._mode
        return self

    def __exit__(self, *what):
        global MODE
        MODE = self._before

    def __call__(self, f):
        def wrapper(x):
            with self:
                return f(x)

        return wrapper


def by_mode(x):
    return math.sin(x) if MODE == "sine" else x * x if MODE == "square" else x


def under_a_manager(x):
    with Mode("square"):
        y = by_mode(x)
    return y * by_mode(x)


def managers_nest(x):
    with Mode("square"):
        y = by_mode(x)
        with Mode("sine"):
            y += by_mode(x)
        y += by_mode(x)
    return y


def returns_from_inside(x):
    with Mode("square"):
        if x > 1.0:
            return by_mode(x)
    return by_mode(x) * 3.0


@Mode("square")
def decorated(x):
    return by_mode(x) * x


@contextlib.contextmanager
def mode(name):
    """The same as a generator."""
    global MODE
    before = MODE
    MODE = name
    try:
        yield before
    finally:
        MODE = before


@contextlib.contextmanager
def mode_without_finally(name):
    global MODE
    before = MODE
    MODE = name
    yield
    MODE = before


@contextlib.contextmanager
def scaled_by(x):
    LOG.append("in")
    yield x * x
    LOG.append("out")


def under_a_generator(x):
    with mode("square") as before:
        y = by_mode(x)
    return y * by_mode(x) if before == "plain" else y


def generator_without_finally(x):
    with mode_without_finally("square"):
        y = by_mode(x)
    return y * by_mode(x)


def active_value_of_a_generator(x):
    with scaled_by(x) as y:
        z = y * x
    return z * y


PROGRAMS = (
    counts, reads_before_and_after, holds_the_active_value, through_functions, touched_by_a_function_without_active_arguments, on_one_path,
    in_a_loop, target_of_a_comprehension, by_the_module, late_import, lazy_table, under_a_manager, managers_nest, returns_from_inside,
    decorated, under_a_generator, generator_without_finally,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    for name in ("COUNT", "SCALE", "MODE", "TABLE", "LATE"):
        monkeypatch.setitem(globals(), name, globals()[name])
    LOG.clear()


def differenced(f, x):
    step = 1e-5
    return (f(x + step) - f(x - step)) / (2.0 * step)


def state():
    return COUNT, SCALE, MODE, None if TABLE is None else TABLE.tolist(), LATE


def again(start):
    globals().update(zip(("COUNT", "SCALE", "MODE", "TABLE", "LATE"), start, strict=True))


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [0.7, 1.3])
def test_values_derivatives_and_what_is_left(f, x):
    start = COUNT, SCALE, MODE, TABLE, LATE

    def fresh(x):
        again(start)
        return f(x)

    expected, left = fresh(x), state()
    slope = differenced(fresh, x)
    for _ in range(2):  # compiled, then found
        again(start)
        assert srcad.value_and_grad(f)(x) == (expected, pytest.approx(slope, rel=1e-6))
        assert state() == left
        again(start)
        assert srcad.jvp(f, (x,), (1.0,)) == (expected, pytest.approx(slope, rel=1e-6))
        assert state() == left
    again(start)
    value, pullback = srcad.vjp(f, x)
    again((9, 9.0, "square", None, None))
    assert (value, pullback(1.0)[0], pullback(1.0)[0]) == (expected, pytest.approx(slope, rel=1e-6), pytest.approx(slope, rel=1e-6))


def test_state_goes_on_from_call_to_call():
    df = srcad.value_and_grad(counts)
    assert [df(2.0), df(2.0), df(2.0)] == [(4.0, 4.0), (8.0, 8.0), (12.0, 12.0)]


def raises_inside(x):
    with Mode("square"):
        y = by_mode(x)
        if x < 0:
            raise ValueError("negative")
    return y


def raises_inside_a_generator(x):
    with mode("square"):
        return math.sqrt(by_mode(x) - 1.0)


def raises_behind_an_assignment(x):
    global SCALE
    SCALE = 9.0
    return math.sqrt(x)


@pytest.mark.parametrize(("f", "bad"), [(raises_inside, -1.0), (raises_inside_a_generator, 0.5), (raises_behind_an_assignment, -1.0)])
def test_exceptions_leave_what_the_function_leaves(f, bad):
    start = COUNT, SCALE, MODE, TABLE, LATE
    with pytest.raises(ValueError, match=r".") as expected:
        f(bad)
    left = state()
    again(start)
    with pytest.raises(ValueError, match=r".") as found:
        srcad.grad(f)(bad)
    assert (str(found.value), state()) == (str(expected.value), left)


class Loud:
    """Tells what happens, and whether it was an exception."""

    def __enter__(self):
        print("enter")
        return 3.0

    def __exit__(self, kind, error, trace):
        print("leave", None if kind is None else kind.__name__, error)
        return False


def loud(x):
    with Loud() as factor:
        y = math.log(x) * factor
    return y


def test_what_a_manager_shows_is_shown_once(capsys):
    loud(2.0)
    expected = capsys.readouterr().out
    assert srcad.grad(loud)(2.0) == 1.5
    assert capsys.readouterr().out == expected
    with pytest.raises(ValueError, match="math domain error"):
        srcad.grad(loud)(-1.0)
    assert capsys.readouterr().out == "enter\nleave ValueError math domain error\n"


class Swallows:
    def __enter__(self):
        return self

    def __exit__(self, *what):
        return True


def swallowed(x):
    with Swallows():
        x = math.log(x)
    return x


@contextlib.contextmanager
def caught():
    try:
        yield
    except ValueError:
        pass


def caught_in_a_generator(x):
    with caught():
        x = math.log(x)
    return x


def changes_what_a_global_holds(x):
    global TABLE
    a = np.array([x, x])
    TABLE = a
    a[0] = 0.0
    return np.sum(TABLE)


def read_by_a_stranger(x):
    global SCALE
    SCALE = x * x
    return x * sum(map(eval, ["SCALE"]))


def deletes(x):
    global SCALE
    del SCALE
    return x


def differentiates_inside(x):
    global SCALE
    SCALE = x * 2.0
    return srcad.grad(lambda y: y * y * SCALE)(x)


def counts_its_calls(x, n=2):
    global COUNT
    COUNT += 1
    return x if n == 0 else x * counts_its_calls(x, n - 1)


def keeps_a_list(x):
    global TABLE
    TABLE = [x]
    return TABLE[0]


@pytest.mark.parametrize(
    ("f", "code"),
    [(swallowed, "SRC125"), (caught_in_a_generator, "SRC119"), (changes_what_a_global_holds, "SRC145"), (deletes, "SRC110"),
     (active_value_of_a_generator, "SRC145"), (differentiates_inside, "SRC145"), (counts_its_calls, "SRC149"), (keeps_a_list, "SRC145")],
)  # fmt: skip
def test_refused(f, code):
    with pytest.raises(UnsupportedSyntax) as caught_error:
        srcad.grad(f)(1.3)
    assert caught_error.value.code == code


def test_a_manager_that_restores_leaves_no_trace_in_the_text():
    text = srcad.grad(under_a_manager).source(1.3)
    assert ".MODE" not in text
    assert "try" not in text


def test_the_class_of_what_a_handler_has_caught_is_not_known():
    def named(x):
        try:
            y = math.log(x)
        except Exception as error:
            print(type(error).__name__, isinstance(error, ValueError))
            y = 3.0 * x if isinstance(error, ValueError) else x
        return y

    assert srcad.grad(named)(-1.0) == 3.0


def helper():
    return MODE


def by_helper(x):
    return x if helper() == "plain" else 2.0 * x


def test_a_global_behind_a_function_is_looked_at(monkeypatch):
    df = srcad.grad(by_helper)
    assert df(1.0) == 1.0
    monkeypatch.setitem(globals(), "MODE", "other")
    assert df(1.0) == 2.0


def table_or_not(x):
    return x if TABLE is None else x * TABLE[1]


def test_a_global_that_was_none_may_become_an_array(monkeypatch):
    df = srcad.grad(table_or_not)
    assert df(1.0) == 1.0
    monkeypatch.setitem(globals(), "TABLE", np.array([3.0, 4.0]))
    assert df(1.0) == 4.0


def masked_number(x):
    y = np.asarray(x) * 2.0
    y = np.where(y > 3.0, y * y, y)
    y[np.asarray(y > 1.0)] *= 3.0
    y[...] += x
    return float(y)


@pytest.mark.parametrize("x", [0.2, 1.0, 3.0])
def test_stores_into_an_array_of_rank_0(x):
    slope = differenced(masked_number, x)
    assert srcad.value_and_grad(masked_number)(x) == (masked_number(x), pytest.approx(slope))
    assert srcad.jvp(masked_number, (x,), (1.0,))[1] == pytest.approx(slope)


def weighted(x, weights=np.array([1.0, 2.0]), *, more=np.array([3.0])):
    return np.sum(x * weights * more)


def with_defaults_of_arrays(x):
    return weighted(x * x)


def test_defaults_that_are_arrays():
    assert np.array_equal(srcad.grad(with_defaults_of_arrays)(np.array([1.0, 1.0])), [6.0, 12.0])
