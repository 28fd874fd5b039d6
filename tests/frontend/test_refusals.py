"""What is not followed is refused with its line and a way out; on some paths only, it is refused there."""
from __future__ import annotations

import contextlib
import itertools
import logging

import pytest

from srcad.errors import UnsupportedSyntax
from srcad.frontend import fence
from srcad.frontend.lower import lower_function
from srcad.ir.core import REFUSE
from srcad.ir.nodes import Call
from srcad.ir.visit import walk
from srcad.source import find
from tests.frontend.interpreter import Refused, relowered

COUNT = 0


async def asynchronous(x):
    return x


async def awaits(x):
    return await x


def yields(x):
    return x + (yield x)


def yields_from(x):
    return (yield from x)


def defines_class(x):
    class A:
        print(x)

    return A


def matches(x):
    match x:
        case n if any(n == k for k in range(3)):
            return 2


def except_star(x):
    try:
        x += 1
    except* ValueError:
        pass


def keeps_generator(rows):
    return lambda xs: iter(x * 2 for x in xs)


def generator_to_a_stranger(rows):
    return lambda xs: itertools.takewhile(bool, (x for x in xs))


def deletes_global(x):
    global COUNT
    del COUNT
    return x


def reads_frame(x):
    return locals()


def evaluates(x):
    return eval("x")


def captures_loop_variable(xs):
    return [lambda: x for x in xs]


def mutually_recursive(n):
    def even(k):
        return k == 0 or odd(k - 1)

    def odd(k):
        return k != 0 and even(k - 1)

    return even(n)


def decorated_recursion(n):
    @contextlib.contextmanager
    def f(k):
        return f(k - 1)

    return f(n)


def ambiguous_after_handler(x, lock):
    try:
        with lock:
            y = x + 1
            y = y / x
    except ZeroDivisionError:
        pass
    return y


def ambiguous_in_handler(x, lock=contextlib.nullcontext()):
    y = 0
    try:
        with lock:
            for y in range(3):
                x = 1 / x
    except ZeroDivisionError:
        return y
    return x


def logs_the_exception(x, logger):
    y = 0
    try:
        y = x
        x = 1 / x
    except ZeroDivisionError:
        logger.exception("%s", y)
        raise
    return x


def returns_in_finally(x, y):
    try:
        x = 1 / x
    finally:
        if y:
            return 5
    return x


def computed_handler(x):
    try:
        return 1 / x
    except (ValueError, type(x)):
        return 0


def rebound_between_making_and_calling(x):
    return (lambda q: q - x)((x := 5))


CASES = {
    rebound_between_making_and_calling: ("SRC113", "'x'"),
    asynchronous: ("SRC102", "async function"),
    awaits: ("SRC102", "async function"),
    yields: ("SRC103", "yield"),
    yields_from: ("SRC103", "yield from"),
    defines_class: ("SRC104", "class"),
    matches: ("SRC105", "match"),
    except_star: ("SRC106", "except*"),
    keeps_generator: ("SRC109", "generator expression"),
    generator_to_a_stranger: ("SRC109", "generator expression"),
    deletes_global: ("SRC110", "COUNT"),
    reads_frame: ("SRC112", "locals"),
    evaluates: ("SRC112", "eval"),
    captures_loop_variable: ("SRC113", "'x'"),
    mutually_recursive: ("SRC113", "'odd'"),
    decorated_recursion: ("SRC114", "'f'"),
    ambiguous_after_handler: ("SRC115", "'y'"),
    returns_in_finally: ("SRC116", "finally"),
    computed_handler: ("SRC117", "except"),
}
AT_A_POINT = {
    logs_the_exception: ("SRC115", (0, logging), (2, logging)),
    ambiguous_in_handler: ("SRC115", (0,), (2,)),
}


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_refused_at_once(function):
    code, word = CASES[function]
    with pytest.raises(UnsupportedSyntax) as caught:
        lower_function(function)
    error = caught.value
    assert error.code == code
    assert word in error.message
    assert error.advice.endswith(".")
    assert error.place.filename == __file__
    source = find(function)
    assert source.first_line <= error.place.line < source.first_line + len(source.text.splitlines())
    assert str(error).splitlines()[3].strip(" ^") == ""


@pytest.mark.parametrize("function", AT_A_POINT, ids=lambda f: f.__name__)
def test_refused_where_it_is_reached(function):
    code, bad, good = AT_A_POINT[function]
    again = relowered(function)
    assert again(*good) == function(*good)
    with pytest.raises(Refused) as caught:
        again(*bad)
    name, text = caught.value.args
    assert name == "UnsupportedSyntax"
    assert code in text
    assert __file__ in text


def test_an_unsupported_statement_behind_a_branch_leaves_the_rest_alone():
    def f(x):
        if x > 0:
            class A:
                print(x)

            return A
        return -x

    assert relowered(f)(-2) == 2
    with pytest.raises(Refused, match="class"):
        relowered(f)(2)


def test_inside_a_try_it_is_refused_at_once():
    def f(x):
        try:
            if x:
                class A:
                    print(x)
        except Exception:
            return 0
        return x

    with pytest.raises(UnsupportedSyntax):
        lower_function(f)


def test_every_construct_is_allowed_or_refused_with_advice():
    import gast

    for name in dir(gast):
        kind = getattr(gast, name)
        if isinstance(kind, type) and issubclass(kind, gast.stmt | gast.expr) and kind not in (gast.stmt, gast.expr):
            found = fence.refusal(kind())
            if found is None:
                assert name in fence.STATEMENTS + fence.EXPRESSIONS
            else:
                assert found.what
                assert found.advice.endswith(".")
