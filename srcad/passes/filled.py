"""What is taken out of a list that holds one number in all its places is that number; so is the cotangent of a sum, item by item.

    def f(g: float, items: list[float], x: float) {
      bars: list[float] = fill(g, items)
      n: int = len(items)
      bars.1: list[float], x_bar: float = for (k: int) in range(0, n, 1) carry (bars.2: list[float] = bars, x_bar.1: float = 0.0) {
        bars.3: list[float], bar: float = list_pop(bars.2)
        x_bar.2: float = mul(x, bar)
        yield bars.3, x_bar.2
      }
      return x_bar
    }

becomes

    def f(g: float, items: list[float], x: float) {
      bars: list[float] = fill(g, items)
      n: int = len(items)
      bars.1: list[float], x_bar: float = for (k: int) in range(0, n, 1) carry (bars.2: list[float] = bars, x_bar.1: float = 0.0) {
        bars.3: list[float], bar: float = list_pop(bars.2)
        x_bar.2: float = mul(x, g)
        yield bars.3, x_bar.2
      }
      return x_bar
    }

Nothing reads the list then, and dead code takes it away.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcad.ir.core import GETITEM, LIST_POP, LIST_POP_AT
from srcad.ir.nodes import Atom, Block, Call, Func, If, Loop, Stmt, Var
from srcad.ir.types import is_scalar
from srcad.ir.visit import blocks, substitute, walk

_POPS = (LIST_POP.name, LIST_POP_AT.name)


def filled(func: Func) -> Func:
    """The function with the number itself where it is read from such a list."""
    if not any(isinstance(s, Call) and s.op.name == "fill" for s in walk(func.body)):
        return func
    numbers = _Numbers(func.body)
    items: dict[Var, Atom] = {}
    for stmt in walk(func.body):
        if not isinstance(stmt, Call) or stmt.op.name not in (*_POPS, GETITEM.name) or not is_scalar(stmt.outs[-1].type):
            continue
        number = numbers.held(stmt.args[0])
        if number is not None:
            items[stmt.outs[-1]] = items.get(number, number) if isinstance(number, Var) else number
    return replace(func, body=substitute(func.body, items)) if items else func


class _Numbers:
    """The lists that hold one number in all places, with that number: assumed of what loops carry, and withdrawn where a trip differs."""

    def __init__(self, body: Block) -> None:
        self._of: dict[Var, Atom] = {}
        self._others: set[Var] = set()
        before = -1
        while len(self._others) != before:
            before = len(self._others)
            self._of.clear()
            self._block(body)

    def held(self, arg: object) -> Atom | None:
        """The number that a list holds."""
        return self._of.get(arg) if isinstance(arg, Var) else None

    def _block(self, block: Block) -> None:
        for stmt in block.stmts:
            self._stmt(stmt)

    def _stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, Loop):
            self._loop(stmt)
            return
        for inner in blocks(stmt):
            self._block(inner)
        match stmt:
            case Call(outs, op, args) if op.name == "fill":
                self._note(outs, args[0])
            case Call(outs, op, args) if op.name in _POPS:
                self._note(outs[:1], self.held(args[0]))
            case If(outs, _, then, orelse):
                for out, a, b in zip(outs, then.yields, orelse.yields, strict=True):
                    self._note((out,), self.held(a) if self.held(a) == self.held(b) else None)

    def _note(self, outs: Iterable[Var], number: object) -> None:
        if isinstance(number, Atom):
            self._of.update(dict.fromkeys(outs, number))

    def _loop(self, loop: Loop) -> None:
        count = len(loop.body.params) - len(loop.inits)
        tested = loop.test.params if loop.test is not None else loop.body.params[count:]
        carried = list(zip(loop.inits, loop.body.params[count:], tested, loop.outs, loop.body.yields, strict=True))
        for init, param, test, _, _ in carried:
            if param not in self._others:
                self._note((param, test), self.held(init))
        for inner in blocks(loop):
            self._block(inner)
        for init, param, _, out, after in carried:
            if self.held(param) is None:
                continue
            if self.held(after) == self.held(init):
                self._note((out,), self.held(init))
            else:
                self._others.add(param)
