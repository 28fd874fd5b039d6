"""What is refused: each function has one line marked `# refused`, which the error must name."""
from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
from scipy import special

from tests.corpus.registry import Cases, mat, vec

refusals = Cases()
"""Options: `error` (class name), `construct` (text that the caret must stand under), `because` (words of the message)."""
COUNT = 0


class Box:
    """An object that can be written."""

    def __init__(self):
        self.value = 1.0


BOX = Box()


# ---- syntax ----------------------------------------------------------------------------------------------------------
def generator_function(a):
    yield a * a  # refused


refusals.add(generator_function, 0.7, error="UnsupportedSyntax", construct="yield")


async def coroutine(a):  # refused
    async with contextlib.AsyncExitStack():
        return a


refusals.add(coroutine, 0.7, error="UnsupportedSyntax", construct="async")


def class_that_prints(a):
    class Local:
        print("made")  # refused

    return a * (Local is not None)


refusals.add(class_that_prints, 0.7, error="UnsupportedSyntax", construct="print")


def class_with_a_metaclass(a):
    class Local(metaclass=type):  # refused
        value = 1.0

    return a * Local.value


refusals.add(class_with_a_metaclass, 0.7, error="UnsupportedSyntax", construct="class")


def class_that_reads_what_changes(a):
    k = a

    class Local:  # refused
        def at(self):
            return k

    local = Local()
    k = 2 * a
    return local.at()


refusals.add(class_that_reads_what_changes, 0.7, error="UnsupportedSyntax", construct="class")


def object_of_a_class_inside(a):
    class Local:
        def at(self):
            return a

    return Local()  # refused


refusals.add(object_of_a_class_inside, 0.7, error="UnsupportedSyntax", construct="Local()")


def error_class_inside(a):
    class Negative(ValueError):
        pass

    try:
        if a > 0:
            raise Negative("a")  # refused
        y = a
    except Negative:
        y = 3.0 * a
    return y


refusals.add(error_class_inside, 0.7, error="UnsupportedSyntax", construct="Negative")


def counted_objects(a):
    class Local:
        count = 0

        def __init__(self):
            Local.count += 1  # refused

    Local()
    return a * Local.count


refusals.add(counted_objects, 0.7, error="UnsupportedSyntax", construct="count")


def match_statement(a, n):
    match n:  # refused
        case 1:
            return a
        case k if all(k > j for j in range(3)):
            return a + k
    return a * a


refusals.add(match_statement, 0.7, 1, error="UnsupportedSyntax", construct="match")


def global_deletion(a):
    global COUNT
    del COUNT  # refused
    return a


refusals.add(global_deletion, 0.7, error="UnsupportedSyntax", construct="COUNT")


def total(items):
    return sum(items)


def generator_in_a_comprehension(x):
    return sum([total(e * f for f in x) for e in x])  # refused


refusals.add(generator_in_a_comprehension, vec(3), error="UnsupportedSyntax", construct="e * f for f in x")


def given_with_care(x):
    for e in x:
        try:
            yield 1.0 / e  # refused
        except ZeroDivisionError:
            yield 0.0


def generator_with_handler(x):
    return sum(given_with_care(x))


refusals.add(generator_with_handler, vec(3), error="UnsupportedSyntax", construct="yield 1.0 / e")


def closing(x):
    try:
        for e in x:
            yield e  # refused
    finally:
        print("closed")


def generator_left_early(x):
    items = closing(x)
    for e in items:
        if e > 0.0:
            break
    return e


refusals.add(generator_left_early, vec(3), error="UnsupportedSyntax", construct="yield e")


@contextlib.contextmanager
def twice(a):
    yield a * a
    yield a  # refused


def manager_that_yields_twice(a):
    with twice(a) as b:
        return b


refusals.add(manager_that_yields_twice, 0.7, error="UnsupportedSyntax", construct="yield a")


def kept_on_a_stack(a):
    with contextlib.ExitStack() as stack:
        b = stack.enter_context(once(a))  # refused
        return b * a


@contextlib.contextmanager
def once(a):
    yield a * a


refusals.add(kept_on_a_stack, 0.7, error="UnsupportedSyntax", construct="stack.enter_context(once(a))")


def finally_exit(a):
    for _ in range(2):
        try:
            a = a * a
        finally:
            break  # refused
    return a


refusals.add(finally_exit, 0.7, error="UnsupportedSyntax", construct="break")


def except_star(a):
    b = a
    try:  # refused
        b = a * a
    except* ValueError:
        b = a
    return b


refusals.add(except_star, 0.7, error="UnsupportedSyntax", construct="try")


def frame_reader(a):
    return a * len(locals())  # refused


refusals.add(frame_reader, 0.7, error="UnsupportedSyntax", construct="locals()")


# ---- writes that cannot be followed ----------------------------------------------------------------------------------
def write_attribute(a):
    BOX.value = a  # refused
    return BOX.value * a


refusals.add(write_attribute, 0.7, error="UnsupportedSyntax", construct="BOX.value")


# ---- rules and sources -----------------------------------------------------------------------------------------------
def no_rule_ufunc(a):
    return special.kolmogorov(a) * a  # refused


refusals.add(no_rule_ufunc, 0.7, error="NoRule", construct="special.kolmogorov(a)")


def no_rule_that_spoils_its_operand(x):
    return np.median(x, overwrite_input=True) + np.median(x, overwrite_input=False)  # refused


refusals.add(no_rule_that_spoils_its_operand, vec(5), error="NoRule", construct="np.median", because="overwrite_input")


def no_rule_builtin(a):
    return eval("a * a", {"a": a})  # noqa: S307  # refused


refusals.add(no_rule_builtin, 0.7, error="SrcadError", construct="eval")


# ---- on some paths only: an error where the path is taken, nothing where it is not -------------------------------------
def on_one_path(a: Any) -> Any:
    if a > 1.0:
        return special.kolmogorov(a)  # refused
    return math.sin(a) * a


refusals.add(on_one_path, 1.7, error="NoRule", construct="special.kolmogorov(a)", unless=(0.7,))


