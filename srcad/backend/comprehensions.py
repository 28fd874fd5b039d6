"""A loop that only fills a new list is a list comprehension."""
from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcad.backend import heads
from srcad.backend.conditions import negated
from srcad.backend.pending import Entry
from srcad.backend.tails import EVERYTHING, Falling
from srcad.backend.writer import fills_list, is_made_up
from srcad.ir.core import LIST_APPEND
from srcad.ir.nodes import Atom, Block, Call, If, Loop, Op, Stmt, Var
from srcad.ir.visit import iter_atoms

if TYPE_CHECKING:
    from srcad.backend.body import Body


def comprehension(body: Body, loop: Loop) -> bool:
    """Print a loop as a list comprehension, if it is one."""
    (init,) = loop.inits if len(loop.inits) == 1 else (None,)
    if not fills_list(loop) or not isinstance(init, Var):
        return False
    start = body.pending.get(init)
    if start is None or not isinstance(start.expr, ast.List) or start.expr.elts:
        return False
    made = _clauses(body, loop)
    if made is None:
        return False
    reads = [a for a in iter_atoms(loop.iter) if isinstance(a, Var)]
    own = body.writer.footprint(loop)
    out = loop.outs[0]
    waits = body.writer.counts.get(out) == 1 and out in body.readers and not init.hint and is_made_up(out.hint)
    body.pending.take(init)
    body.settle(reads, own, stays=waits)
    for v in reads:
        entry = body.pending.get(v)
        own = own if entry is None else own | entry.footprint
    assert loop.iter is not None
    first = ast.comprehension(target=made.target, iter=heads.iteration(body, loop.iter), ifs=made.ifs, is_async=0)
    expr = ast.ListComp(elt=made.elt, generators=[first, *made.generators])
    if waits:
        body.pending.add(Entry(out, expr, own, made.size, loop.note, body.loc))
    elif body.writer.counts.get(out):
        body.writer.names[out] = init.hint or out.hint
        body.put(ast.Assign(targets=[body.slot(out)], value=expr))
    else:
        body.put(ast.Expr(value=expr))
    return True


@dataclass(slots=True)
class _Made:
    """What follows the first `in`, and what precedes it."""

    target: ast.expr
    elt: ast.expr
    ifs: list[ast.expr]
    generators: list[ast.comprehension]
    size: int


@dataclass(slots=True)
class _Grab(Falling):
    """Takes expressions out of a block of which nothing else is left."""

    take: Callable[[Body], ast.expr]
    found: list[ast.expr] = field(default_factory=list)

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Take them."""
        body.settle(yields, EVERYTHING)
        self.found.append(self.take(body))
        body.pending.flush_all()
        return True


def _clauses(body: Body, loop: Loop) -> _Made | None:
    items = loop.body.params[:-1]
    inner = body.inner()
    target, stmts = heads.target(inner, items, loop.body.stmts)
    return _fill(body, target, Block((), stmts, loop.body.yields), loop.body.params[-1])


def _fill(body: Body, target: ast.expr, block: Block, holder: Var) -> _Made | None:
    """A block that appends to the list `holder`, at most once or in a loop of its own."""
    if not block.stmts:
        return None
    before, last = block.stmts[:-1], block.stmts[-1]
    if last.outs != block.yields or not all(map(may_nest, before)) or body.writer.counts.get(holder) != 1 + isinstance(last, If):
        return None
    match last:
        case Call((_,), Op(name=LIST_APPEND.name), (list_, value), ()) if list_ == holder:
            elt = _grab(body, before, [value] if isinstance(value, Var) else [], lambda b: b.value(value))
            return None if elt is None else _Made(target, elt, [], [], 30)
        case If((_,), cond, then, orelse):
            return _filtered(body, target, (before, cond), then, orelse, holder)
        case Loop() if fills_list(last) and last.inits == (holder,):
            it = last.iter
            assert it is not None
            source = _grab(body, before, [a for a in iter_atoms(it) if isinstance(a, Var)], lambda b: heads.iteration(b, it))
            inside = None if source is None else _clauses(body, last)
            if source is None or inside is None:
                return None
            clause = ast.comprehension(target=inside.target, iter=source, ifs=inside.ifs, is_async=0)
            return _Made(target, inside.elt, [], [clause, *inside.generators], inside.size + 20)
    return None


def _filtered(
    body: Body, target: ast.expr, condition: tuple[Sequence[Stmt], Atom], then: Block, orelse: Block, holder: Var,
) -> _Made | None:  # fmt: skip
    before, cond = condition
    empty, full = (orelse, then) if not orelse.stmts else (then, orelse)
    if empty.stmts or empty.yields != (holder,):
        return None
    test = _grab(body, before, [cond] if isinstance(cond, Var) else [], lambda b: b.atom(cond))
    if test is None:
        return None
    # The branch without the element reads the list as well.
    body.writer.counts[holder] -= 1
    inside = _fill(body, target, full, holder)
    body.writer.counts[holder] += 1
    if inside is None:
        return None
    test = test if full is then else negated(test)
    return _Made(target, inside.elt, [test, *inside.ifs], inside.generators, inside.size + 20)


def _grab(body: Body, stmts: Sequence[Stmt], yields: Sequence[Var], take: Callable[[Body], ast.expr]) -> ast.expr | None:
    inner = body.inner()
    grab = _Grab(take)
    inner.run(tuple(stmts), yields, grab)
    return None if inner.out else grab.found[0]


def may_nest(stmt: Stmt) -> bool:
    """Whether a statement might be an expression."""
    match stmt:
        case Call(outs=(out,), op=op):
            return not (isinstance(op, Op) and op.inplace) and not out.hint
        case If(outs=(_,)):
            return True
        case Loop():
            return fills_list(stmt)
    return False


