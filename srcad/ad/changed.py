"""Which arrays a function changes in place: their tangents are changed in place too, so they need buffers of their own.

Derivative programs add to buffers that they have just made.  The tangent of such a buffer may come as a view or as the tangent
of something else (that of `a + np.broadcast_to(b, ...)` where `a` is constant), and must be copied before it is added to.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable

from srcad.ir.nodes import Atom, Block, Call, FuncRef, If, Loop, Op, Stmt, Try, Var, With
from srcad.ir.types import Array, Opaque
from srcad.ir.visit import walk

_LISTS = ("list_append", "list_pop", "tape_push")


def changed(block: Block, of_callee: Callable[[str], frozenset[int]]) -> frozenset[Var]:
    """Variables that may hold a buffer which the block changes in place.

    `of_callee` gives the numbers of the parameters that a function of the program changes.
    """
    groups = _Groups()
    marked: list[Var] = []
    for stmt in walk(block):
        groups.meet(stmt)
        if not isinstance(stmt, Call):
            continue
        if isinstance(stmt.op, FuncRef):
            numbers = of_callee(stmt.op.name)
            marked.extend(a for n, a in enumerate(stmt.args) if n in numbers and isinstance(a, Var))
        elif stmt.op.inplace and stmt.op.name not in _LISTS and stmt.args and isinstance(stmt.args[0], Var):
            marked.append(stmt.args[0])
    roots = {groups.find(v) for v in marked}
    return frozenset(v for v in groups.parent if groups.find(v) in roots and isinstance(v.type, Array | Opaque))


class _Groups:
    """Variables that may hold one buffer, joined."""

    def __init__(self) -> None:
        self.parent: dict[Var, Var] = {}

    def find(self, v: Var) -> Var:
        """The variable that stands for the group."""
        self.parent.setdefault(v, v)
        while self.parent[v] != v:
            v = self.parent[v]
        return v

    def _join(self, atoms: Iterable[Atom]) -> None:
        roots = [self.find(a) for a in atoms if isinstance(a, Var)]
        for other in roots[1:]:
            if other != roots[0]:
                self.parent[self.find(other)] = self.find(roots[0])

    def meet(self, stmt: Stmt) -> None:
        """Join what a statement hands on."""
        match stmt:
            case Call(outs, Op() as op, args) if outs and args and (op.inplace or op.name == "pack"):
                self._join((outs[0], args[0]) if isinstance(args[0], Var) else ())
            case If(outs, _, then, orelse):
                self._yields(outs, then, orelse)
            case Try(outs, body, handlers):
                self._yields(outs, body, *(h.block for h in handlers))
            case With(outs=outs, body=body):
                self._yields(outs, body)
            case Loop(outs, _, inits, _, body):
                for row in zip(outs, inits, body.params[len(body.params) - len(inits) :], body.yields, strict=True):
                    self._join(row)
            case _:
                pass

    def _yields(self, outs: tuple[Var, ...], *inner: Block) -> None:
        for b in inner:
            for row in zip(outs, b.yields, strict=False):
                self._join(row)
