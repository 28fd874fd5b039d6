"""Lowered functions behave as the originals: value, exception, effects and their order."""
from __future__ import annotations

import copy

import numpy as np
import pytest

from tests.frontend.cases import CASES, LOG
from tests.frontend.interpreter import relowered

RUNS = [pytest.param(f, args, id=f"{f.__name__}-{n}") for f, lists in CASES for n, args in enumerate(lists)]


def outcome(function, args):
    """Value or exception, effects, and the arguments afterwards."""
    LOG.clear()
    args = copy.deepcopy(args)
    try:
        result = ("value", function(*args))
    except Exception as error:
        result = ("raised", type(error), type(error.__cause__))
    return result, list(LOG), args


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return repr(a) == repr(b)


@pytest.mark.parametrize(("function", "args"), RUNS)
def test_runs_as_the_original(function, args):
    assert same(outcome(relowered(function), args), outcome(function, args))


def test_corpus_is_wide():
    assert len(CASES) > 150
    values = [outcome(f, args)[0] for f, lists in CASES for args in lists]
    raised = [v for v in values if v[0] == "raised"]
    assert len(raised) > 20
    assert len(values) - len(raised) > 250
