"""Series of `numpy.polynomial` as linear maps: their derivatives and integrals are matrices times coefficients."""
from __future__ import annotations

import importlib
from typing import Any

import numpy as np

_MODULES = {"poly": "polynomial", "cheb": "chebyshev", "leg": "legendre", "herm": "hermite", "herme": "hermite_e", "lag": "laguerre"}


def _function(name: str) -> Any:
    """`chebder`, `polyint`, ... by name."""
    module = importlib.import_module(f"numpy.polynomial.{_MODULES[name[:-3]]}")
    return getattr(module, name)


def series_matrix(name: str, length: int, m: int = 1, scl: Any = 1, lbnd: Any = 0) -> Any:
    """The matrix of `chebder(c, m, scl)`, `polyint(c, m, [], lbnd, scl)`, ... for so many coefficients."""
    unit = np.eye(length)
    return _function(name)(unit, m, scl) if name.endswith("der") else _function(name)(unit, m, [], lbnd, scl)


def series_slopes(name: str, length: int) -> Any:
    """The matrix of `chebder`, ... with as many rows as columns."""
    found = np.zeros((length, length))
    matrix = series_matrix(name, length)
    found[: len(matrix)] = matrix
    return found


def significant(series: Any) -> int:
    """How many coefficients of a series there are up to the last one that is not 0; one at least, if there are any."""
    found = np.flatnonzero(series)
    return int(found[-1]) + 1 if len(found) else min(len(series), 1)
