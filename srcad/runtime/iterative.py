"""Systems of equations that SciPy solves by iteration."""
from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable


def iterated_solution(A: Any, b: Any, solver: str, M: Any = None, transposed: bool = False) -> Any:  # noqa: N803 -- SciPy's words
    """The solution of `A @ x = b`, or of `A.T @ x = b`, by an iterative solver of `scipy.sparse.linalg` with the preconditioner M.

    Raises NotDifferentiable where the solver does not converge.
    """
    if transposed:
        A, M = A.T, None if M is None else M.T  # noqa: N806 -- as above
    linalg = importlib.import_module("scipy.sparse.linalg")  # SciPy is there: the program has called it
    rtol = max(1e-10, 30.0 * float(np.finfo(b.dtype).eps))  # what the solver was asked for may be far less
    x, _ = getattr(linalg, solver)(A, b, rtol=rtol, M=M)
    if np.linalg.norm(A @ x - b) <= 1e3 * rtol * np.linalg.norm(b):
        return x
    message = f"`scipy.sparse.linalg.{solver}` does not converge for the derivative of its solution"
    raise NotDifferentiable(message, "give it a preconditioner `M`, or use `spsolve`", code="SRC302")
