"""`pytest --srcad-check`: each example of a function is a test of its derivatives."""
from __future__ import annotations

import pytest

import srcad
from srcad.testing import Example, example, examples_of

pytest_plugins = ["pytester"]

MODULE = """
import math
import numpy as np
import srcad
from srcad.testing import example
from other import elsewhere


@example(np.array([0.3, 0.7]), 2.0)
@example(np.array([1.3, -0.7]), 3.0, order=2)
def energy(x, k):
    return np.sum(x**2 * k)


@example(1.5)
@srcad.grad
def slope(x):
    return math.sin(x) * x


@srcad.custom_jvp
def wrong(x):
    return x * x


@wrong.defjvp
def wrong_rule(primals, tangents):
    return wrong(primals[0]), 3.0 * primals[0] * tangents[0]


@example(2.0, modes=("rev",))
def uses_it(x):
    return wrong(x)


@example(2)
def of_integers(x):
    return x * x


def without(x):
    return x
"""


@pytest.fixture
def project(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # where srcad is installed it would be loaded twice
    pytester.makepyfile(model=MODULE, other="from srcad.testing import example\n\n@example(1.0)\ndef elsewhere(x):\n    return x * x\n")
    return pytester


def run(project, *args):
    return project.runpytest_subprocess("-p", "srcad.pytest_plugin", "-p", "no:cacheprovider", *args)


def test_each_example_is_a_test(project):
    found = run(project, "--srcad-check", "-v")
    found.assert_outcomes(passed=4, failed=2)
    found.stdout.fnmatch_lines_random([
        "*energy?example 1? PASSED*", "*energy?example 2? PASSED*", "*slope?example 1? PASSED*", "*elsewhere?example 1? PASSED*",
        "*uses_it?example 1? FAILED*", "*of_integers?example 1? FAILED*",
        "*WRONG: uses_it*model.py:*", "*worst*reverse: x: got*relative 0.5*", "*there is nothing to differentiate*",
    ])  # fmt: skip


def test_a_single_file(project):
    run(project, "--srcad-check", "other.py").assert_outcomes(passed=1)


def test_only_where_it_is_asked_for(project):
    run(project).assert_outcomes()


def test_examples_belong_to_the_function():
    @example(1.0)
    @example(2.0, order=2)
    def f(x):
        return x * x

    assert f(3.0) == 9.0
    assert examples_of(f) == (Example((1.0,), {}), Example((2.0,), {"order": 2}))
    assert examples_of(len) == ()


def test_options_that_check_grads_does_not_have():
    with pytest.raises(srcad.ArgumentError, match="'rate'"):
        example(1.0, rate=2)
