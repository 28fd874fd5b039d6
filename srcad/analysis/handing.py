"""What the functions of a program do with what calls give them: which results it may be, and what of it they add to in place.

    def g_bwd(s_bar: float, A_bar: float64[:]) {
      A_bar.1: float64[:] = accum_at(A_bar, 0, s_bar)
      zeros: float64[:] = zeros_like(A_bar)
      return A_bar.1, zeros as (0, 1)
    }

The first result may be the second parameter, which is added to in place; the second result is new.
"""
from __future__ import annotations

from collections.abc import Sequence

from srcad.analysis.sharing import HELD, Handing, Sharing, calls_plainly, has_buffer, holds_buffers
from srcad.ir.nodes import Call, Func, Program, Var
from srcad.ir.visit import called_by, callees, named, walk


def handing(program: Program) -> dict[str, Handing]:
    """What is known of each function; functions that call themselves are looked at until nothing more is found."""
    if len(program.funcs) == 1:
        return {}
    inner = called_inside(program)
    order = _Order(program)
    known = {f.name: Handing((frozenset(),) * len(f.body.yields), frozenset(), (frozenset(),) * len(f.body.yields)) for f in order.funcs}
    while True:
        before = dict(known)
        for func in order.funcs:
            known[func.name] = _handing(func, known, lends=func.name in inner)
        if not order.recursive or known == before:
            return known


def handed(func: Func, funcs: Sequence[Func]) -> Handing:
    """What is known of one function of a program that is not finished."""
    known = handing(Program(tuple(called_by(func, funcs))))
    return known[func.name] if known else _handing(func, {}, lends=False)


def called_inside(program: Program) -> set[str]:
    """Functions that are known by calls of the program alone, each with all arguments in their places."""
    entry = program.entry.name
    outside = {entry, entry.removesuffix("_fwd") + "_bwd"}
    called: set[str] = set()
    for stmt in (s for f in program.funcs for s in walk(f.body)):
        if isinstance(stmt, Call) and calls_plainly(stmt):
            called.add(stmt.op.name)
        else:
            outside.update(named(stmt))
    return called - outside


class _Order:
    """The functions of a program, each behind those that it calls, as far as there is such an order."""

    def __init__(self, program: Program) -> None:
        self.funcs: list[Func] = []
        self.recursive = False
        self._open: set[str] = set()
        self._by_name = {f.name: f for f in program.funcs}
        for f in program.funcs:
            self._visit(f)

    def _visit(self, func: Func) -> None:
        if func in self.funcs:
            return
        self._open.add(func.name)
        for name in callees(func.body):
            if name in self._open:
                self.recursive = True
            elif name in self._by_name:
                self._visit(self._by_name[name])
        self._open.remove(func.name)
        self.funcs.append(func)


def is_cotangent(func: Func, p: Var) -> bool:
    """Whether a parameter is one that a backward function is given for a result, or as a buffer to add to.

    It adds to others as well where a cotangent is the very array that the function was given: in `np.dot(x, y)` that of `x` is `y`.
    """
    return "_bwd" in func.name and p.hint.endswith("_bar")


def _handing(func: Func, known: dict[str, Handing], *, lends: bool) -> Handing:
    sharing = Sharing(func.body, known)
    params = [(n, p) for n, p in enumerate(func.body.params) if has_buffer(p.type)]
    held = sharing.born((HELD,))
    reached = [sharing.reach(sharing.objects(y)) if isinstance(y, Var) else 0 for y in func.body.yields]
    results = tuple(frozenset(n for n, p in params if r & sharing.born((p,)) or (r & held and holds_buffers(p.type))) for r in reached)
    changed = frozenset(n for n, p in params if lends and is_cotangent(func, p) and sharing.is_changed(p, added=True))
    together = tuple(frozenset(m for m, other in enumerate(reached) if m != n and other & r) for n, r in enumerate(reached))
    return Handing(results, changed, together)
