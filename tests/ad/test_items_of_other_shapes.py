"""Second derivatives of programs whose list items get another shape."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from tests.storage import reshaped

PROGRAMS = {e.function.__name__: e.function for e in reshaped.cases.entries}


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_derivative(name):
    f, zs, h = PROGRAMS[name], reshaped.ZS, 1e-5
    g = srcad.grad(f)
    expected = (g(0.61 + h, zs) - g(0.61 - h, zs)) / (2 * h)
    assert np.isclose(srcad.grad(lambda a: g(a, zs))(0.61), expected, rtol=1e-5, atol=1e-6)
    assert np.isclose(srcad.jvp(lambda a: g(a, zs), (0.61,), (1.0,))[1], expected, rtol=1e-5, atol=1e-6)
