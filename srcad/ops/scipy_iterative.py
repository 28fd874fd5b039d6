"""Rules for iterative solvers of `scipy.sparse.linalg`: the derivative is that of the solution, not that of the steps."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import INT, UNKNOWN, Array, Struct, Type
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, general, helper
from srcad.ops.python import part
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, rank, type_at

_SOLVERS = ("cg", "cgs", "gmres", "bicg", "bicgstab", "minres", "lgmres", "gcrotmk", "tfqmr")
_STATICS = ("rtol", "atol", "restart", "maxiter", "M", "callback", "callback_type", "inner_m", "outer_k", "m", "k")
_RANK = ("the right side of an iterative solver has a rule where it is a vector", "use a vector, or solve for one column after the other")

_MATRIX = ("an iterative solver has a rule where it is known what its matrix is", "make the matrix the same way on every path")


def _pulled(A: Any, x: Any, bar: Any, solver: str, M: Any, transposed: Any) -> tuple[Any, Any]:  # noqa: N803 -- SciPy's words
    """The cotangents of the matrix, where it is an array, and of the right side."""
    if rank(x) != 1:
        raise NoRule(*_RANK)
    kind = type_at(A)
    if kind == UNKNOWN:
        raise NoRule(*_MATRIX)
    b_bar = apply("iterated_solution", A, bar, solver, M, not transposed)
    if not isinstance(kind, Array):
        return None, b_bar
    return -(apply("np.outer", x, b_bar) if transposed else apply("np.outer", b_bar, x)), b_bar


def _pushed(A: Any, x: Any, t: Any, solver: str, M: Any, transposed: Any) -> Any:  # noqa: N803 -- as above
    if rank(x) != 1:
        raise NoRule(*_RANK)
    change = t[1]
    if t[0] is not None:
        moved = (t[0].T if transposed else t[0]) @ x
        change = -moved if change is None else change - moved
    return apply("iterated_solution", A, change, solver, M, transposed)


def _rules(solver: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def vjp(g: Any, y: Any, A: Any, b: Any, M: Any = None, **options: Any) -> tuple[Any, ...]:  # noqa: N803 -- as above
        bar = part(g, 0)
        return (None, None) if bar is None else _pulled(A, y[0], bar, solver, M, False)

    def jvp(t: Any, y: Any, A: Any, b: Any, M: Any = None, **options: Any) -> Any:  # noqa: N803 -- as above
        return _pushed(A, y[0], t, solver, M, False), None

    return vjp, jvp


def _again_vjp(g: Any, y: Any, A: Any, b: Any, solver: Any, M: Any = None, transposed: Any = False) -> Any:  # noqa: N803 -- as above
    return _pulled(A, y, g, solver, M, transposed)


def _again_jvp(t: Any, y: Any, A: Any, b: Any, solver: Any, M: Any = None, transposed: Any = False) -> Any:  # noqa: N803 -- as above
    return _pushed(A, y, t, solver, M, transposed)


def _solved(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    x = shaped_like(1)(spelling, args, params, operands, statics)
    return None if not isinstance(x, Array) else Struct(tuple, (), (x, INT))


def rules(module: Any) -> Iterator[Spellings]:
    """The entries."""
    matrix = np.array([[3.0, 0.4, 0.1], [0.4, 2.0, 0.3], [0.1, 0.3, 4.0]])
    for name in _SOLVERS:
        vjp, jvp = _rules(name)
        op = Op(f"sparse_linalg.{name}", f"{name}(*_)", (f"scipy.sparse.linalg:{name}",), Effect.RAISES)
        yield general(getattr(module, name), vjp=vjp, jvp=jvp, names=("A", "b", "x0"), statics=_STATICS, operands=2, name=op.name, path="",
            op=op, infer=_solved, sample=calls(Sample((matrix, arr(3)), {"rtol": 1e-14})))  # fmt: skip
    yield helper(runtime.iterated_solution, general, vjp=_again_vjp, jvp=_again_jvp, names=("A", "b", "solver", "M", "transposed"),
        operands=2, infer=shaped_like(1), sample=calls((matrix, arr(3), "cg"), (matrix, arr(3), "gmres", None, True)))  # fmt: skip
