"""A block of the IR as statements: expressions nest again, branches and exits become what a person would write."""
from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from srcad.backend import loops
from srcad.backend.calls import Shape, fits_text, shape, text_of
from srcad.backend.comprehensions import may_nest
from srcad.backend.conditions import connect, negated
from srcad.backend.exits import thread
from srcad.backend.nodes import Builtin, Comment, Noted, Parallel, Slot
from srcad.backend.nodes import Handler as Caught
from srcad.backend.pending import NOTHING, Entry, Footprint, Pending
from srcad.backend.tails import EVERYTHING, Capture, Deliver, NextTrip, Returns, Tail, substituted
from srcad.backend.values import reads, value_of
from srcad.backend.writer import Writer, connective
from srcad.errors import InternalError
from srcad.ir.core import AUGMENTED
from srcad.ir.nodes import NOWHERE, Arg, Atom, Block, Call, Const, FuncRef, Handler, If, Loc, Loop, Op, Pack, Stmt, Try, Var, With
from srcad.ir.visit import block_diverges, diverges, operands

DEEPEST = 50  # Python allows 200 nested parentheses
_TWO_LINES = 180  # statements that users did not write are no longer
_UNREAD = "may raise"  # which is why it is there
Close = Callable[[Block], tuple[Sequence[Atom], Tail]]


class Body:
    """Turns one block into statements."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.out: list[ast.stmt] = []
        self.pending = Pending(self._flush)
        self.readers: dict[Var, str] = {}  # values read by a statement of this block itself -> the comment of that statement
        self.late: set[Var] = set()  # values of the user that are best computed at the end of a trip: `a, b = b, a + b`
        self.note: str | None = None
        self.loc: Loc = NOWHERE

    def inner(self) -> Body:
        """For a block inside this one."""
        body = Body(self.writer)
        body.loc = self.loc
        return body

    # ---- output ----------------------------------------------------------------------------------------------------------
    def put(self, stmt: ast.stmt) -> None:
        """Append a statement."""
        self.out.append(Noted(stmt, self.note, self.loc))

    def _flush(self, entry: Entry) -> None:
        self.out.append(Noted(ast.Assign(targets=[Slot(entry.var)], value=entry.expr), entry.note, entry.loc))

    def atom(self, atom: Atom) -> ast.expr:
        """An atom; what waits under its name is put in."""
        if isinstance(atom, Var):
            return self.pending.take(atom).expr if atom in self.pending else self.slot(atom)
        return value_of(atom, self.atom)

    def value(self, arg: Arg) -> ast.expr:
        """An argument tree; what waits under the names in it is put in."""
        return value_of(arg, self.atom)

    def slot(self, var: Var) -> Slot:
        """The variable that holds a value."""
        return Slot(self.writer.root(var))

    def settle(self, used: Iterable[Atom], own: Footprint = NOTHING, forced: Iterable[Atom] = (), *, stays: bool = False) -> None:
        """Make room for a statement; see `Pending.settle`."""
        kept = {a for a in forced if isinstance(a, Var)}
        order = [a for a in used if isinstance(a, Var) and a in self.pending and a not in kept]
        self.pending.settle(order, own, stays=stays, forced=kept)

    def copies(self, targets: Sequence[Var], values: Sequence[Atom]) -> None:
        """`targets = values`, all at once."""
        root = self.writer.root
        pairs = [(t, v) for t, v in zip(targets, values, strict=True) if not isinstance(v, Var) or root(t) != root(v)]
        self.settle(v for _, v in pairs)
        if pairs:
            self.out.append(Noted(Parallel([self.slot(t) for t, _ in pairs], [self.atom(v) for _, v in pairs]), None, self.loc))

    # ---- statements ------------------------------------------------------------------------------------------------------
    def run(self, stmts: Sequence[Stmt], yields: Sequence[Atom], tail: Tail) -> bool:
        """Statements, then what `tail` does with the yields.  Whether control comes out of the end."""
        self._look_ahead(stmts, yields, tail)
        i = 0
        while i < len(stmts):
            stmt = stmts[i]
            self.note, self.loc = stmt.note, stmt.loc if stmt.loc != NOWHERE else self.loc
            if isinstance(stmt, If):
                threaded = thread(self, stmts, i, yields, tail)
                if threaded is not None:
                    return threaded
            match stmt:
                case If() if i == len(stmts) - 1 and tail.splits(stmt, yields) and not self.choice(stmt):
                    self.pending.flush_all(keep=[v for v in (stmt.cond,) if isinstance(v, Var)])
                    self.note = stmt.note
                    return self._split(stmt, yields, tail)
                case Loop():
                    i, falls = loops.emit(self, stmts, i, yields, tail)
                    if falls is not None:
                        return falls
                case If() if i == len(stmts) - 1 and tail.splits(stmt, yields):
                    i += 1
                case _:
                    self.statement(stmt)
                    i += 1
        if stmts and diverges(stmts[-1]):
            self.pending.flush_all()
            return False
        self.note = None
        return tail.close(self, yields)

    def _split(self, stmt: If, yields: Sequence[Atom], tail: Tail) -> bool:
        return self.branch(stmt, lambda block: (substituted(yields, stmt.outs, block.yields), tail))

    def _look_ahead(self, stmts: Sequence[Stmt], yields: Sequence[Atom], tail: Tail) -> None:
        if isinstance(tail, NextTrip):
            self.late.update(tail.swapped(yields))
        elif isinstance(tail, Returns):
            self.late.update(y for y in yields if isinstance(y, Var) and y.hint == "value")
        for stmt in stmts:
            self.readers.update(dict.fromkeys(reads(stmt), stmt.note if isinstance(stmt, Call) else ""))
        self.readers.update(dict.fromkeys((y for y in yields if isinstance(y, Var)), ""))

    def statement(self, stmt: Stmt) -> None:
        """One statement that is no loop."""
        match stmt:
            case Call():
                self.call(stmt)
            case If():
                if not self.choice(stmt):
                    self.branch(stmt, lambda block: (block.yields, Deliver(stmt.outs)))
            case Try():
                self.attempt(stmt)
            case With():
                self.managed(stmt)
            case Loop():
                loops.emit(self, (stmt,), 0, (), Deliver(()))
            case _:
                assert_never(stmt)

    # ---- calls -----------------------------------------------------------------------------------------------------------
    def call(self, stmt: Call) -> None:
        """One call."""
        name = stmt.op.name
        if name == "banner":
            self.pending.flush_all()
            self.out.append(Comment(text_of(stmt.args[0])))
        elif name == "unpack":
            self._unpack(stmt)
        elif name in AUGMENTED:
            self._augmented(stmt)
        elif isinstance(stmt.op, Op) and stmt.op.inplace:
            self._inplace(stmt)
        else:
            self._plain(stmt)

    def _room(self, form: Shape, own: Footprint, *, stays: bool = False, fixed: Iterable[Var] = ()) -> None:
        forced = {*form.fixed, *fixed}
        for v in (*form.lazy, *form.text):
            entry = self.pending.get(v)
            if entry is not None:
                bad_text = v in form.text and not fits_text(entry.expr)
                if bad_text or (v in form.lazy and (entry.footprint.raises or entry.footprint.writes)):
                    forced.add(v)
        self.settle(form.order, own, forced, stays=stays)

    def _plain(self, stmt: Call) -> None:
        form = shape(stmt)
        size = self._size(form)
        depth = self._depth(form)
        one = len(stmt.outs) == 1 and form.expression
        stays = one and depth <= DEEPEST and (self.writer.waits(stmt, size, self.readers) or self._is_late(stmt.outs[0]))
        print_as = self.writer.footprint(stmt)
        wide = stmt.note != "" and size > _TWO_LINES and not stays
        self._room(form, print_as, stays=stays, fixed=self._large_parts(form) if wide else ())
        if stays:
            for v in form.order:
                entry = self.pending.get(v)
                print_as = print_as if entry is None else print_as | entry.footprint
        made = form.build(self.atom)
        if not isinstance(made, ast.expr):
            self.put(made)
        elif stays:
            self.pending.add(Entry(stmt.outs[0], made, print_as, size, stmt.note, self.loc, depth))
        elif not stmt.outs or (one and not stmt.outs[0].hint and not self.writer.counts.get(stmt.outs[0])):
            if stmt.outs and (print_as == NOTHING or stmt.outs[0] in self.writer.needless):
                return
            unread = bool(stmt.outs) and not print_as.writes and not self.note
            self.out.append(Noted(ast.Expr(value=made), _UNREAD if unread else self.note, self.loc))
        else:
            self.put(ast.Assign(targets=[self._targets(stmt)], value=made))

    def _is_late(self, var: Var) -> bool:
        return var in self.late and self.writer.counts.get(var) == 1

    def _depth(self, form: Shape) -> int:
        """How deeply the parentheses would nest; the first operand of a sum or product needs none."""
        deepest = 0
        for i, v in enumerate(form.order):
            entry = self.pending.get(v)
            if entry is not None:
                chain = i == 0 and isinstance(entry.expr, ast.BinOp) and not isinstance(entry.expr.op, ast.Pow)
                deepest = max(deepest, entry.depth + (not chain))
        return deepest

    def _size(self, form: Shape) -> int:
        size = form.size
        for v in form.order:
            entry = self.pending.get(v)
            size += entry.size if entry is not None else len(v.hint) or 8
        return size

    def _large_parts(self, form: Shape) -> list[Var]:
        """What waits for a statement and would take a good part of a line in it."""
        return [v for v in form.order if (entry := self.pending.get(v)) is not None and entry.size > _TWO_LINES // 6]

    def _targets(self, stmt: Call) -> ast.expr:
        """What the result of a call is assigned to."""
        outs = stmt.outs
        if isinstance(stmt.op, FuncRef) and not (len(outs) == 1 and self._single(stmt.op)):
            func = self.writer.program.func(stmt.op.name)
            tree = func.result if func.result is not None else Pack("tuple", tuple(Const(i) for i in range(len(outs))))
            return self._target(tree, outs)
        if len(outs) == 1:
            return self.target(outs[0])
        return ast.Tuple(elts=[self.target(o) for o in outs], ctx=ast.Store())

    def _single(self, ref: FuncRef) -> bool:
        func = self.writer.program.func(ref.name)
        return len(func.body.yields) != 1 or func.result is None or func.result == Const(0)

    def _target(self, tree: Arg, outs: Sequence[Var]) -> ast.expr:
        match tree:
            case Const(int() as n) if n < len(outs):
                return self.target(outs[n])
            case Pack(kind, items) if kind in ("tuple", "list"):
                return ast.Tuple(elts=[self._target(i, outs) for i in items], ctx=ast.Store())
        msg = "the result of a function cannot be unpacked"
        raise InternalError(msg, stage="backend")

    def target(self, var: Var) -> ast.expr:
        """A variable to assign to; `_` for a temporary that nobody reads."""
        return ast.Name(id="_", ctx=ast.Store()) if self._is_unused(var) else self.slot(var)

    def _is_unused(self, var: Var) -> bool:
        return not var.hint and not self.writer.counts.get(var) and self.writer.root(var) == var

    def _unpack(self, stmt: Call) -> None:
        star = dict(stmt.params).get("star")
        at = star.value if isinstance(star, Const) else None
        self.settle(reads(stmt), self.writer.footprint(stmt))
        value = value_of(stmt.args[0], self.atom)
        elts = [ast.Starred(value=self.target(o), ctx=ast.Store()) if i == at else self.target(o) for i, o in enumerate(stmt.outs)]
        self.put(ast.Assign(targets=[ast.Tuple(elts=elts, ctx=ast.Store())], value=value))

    def _augmented(self, stmt: Call) -> None:
        """`x += y` of the user: whether it changes x in place shows when it runs."""
        (out,) = stmt.outs
        form = shape(stmt)
        self._room(form, self.writer.footprint(stmt))
        before = stmt.args[0]
        self.out.append(Noted(Parallel([self.slot(out)], [value_of(before, self.atom)]), None, self.loc))
        made = shape(replace(stmt, args=(out, *stmt.args[1:]))).build(self.atom)
        assert isinstance(made, ast.stmt)
        self.put(made)

    def _inplace(self, stmt: Call) -> None:
        """An operation that changes its first operand, which is the first result as well."""
        form = shape(stmt)
        base, first = stmt.args[0], stmt.outs[0] if stmt.outs else None
        self._room(form, self.writer.footprint(stmt), fixed=[base] if isinstance(base, Var) else ())
        if not isinstance(base, Var):
            assert first is not None
            self.put(ast.Assign(targets=[self.slot(first)], value=value_of(base, self.atom)))
            form = shape(replace(stmt, args=(first, *stmt.args[1:])))
        elif first is not None:
            self.writer.alias(first, base)
        made = form.build(self.atom)
        if not isinstance(made, ast.expr):
            self.put(made)
        elif len(stmt.outs) > 1 and not all(map(self._is_unused, stmt.outs[1:])):
            rest = [self.target(o) for o in stmt.outs[1:]]
            self.put(ast.Assign(targets=[rest[0] if len(rest) == 1 else ast.Tuple(elts=rest, ctx=ast.Store())], value=made))
        else:
            self.put(ast.Expr(value=made))

    # ---- branches --------------------------------------------------------------------------------------------------------
    def choice(self, stmt: If) -> bool:
        """Print an `If` as `a and b`, `a or b`, `a if c else b`, if its branches are expressions."""
        word = connective(stmt)
        if len(stmt.outs) != 1 or not (word or not stmt.outs[0].hint):
            if word:
                self.settle((), forced=[stmt.cond])
            return False
        cond = stmt.cond
        test = self.pending.get(cond) if isinstance(cond, Var) else None
        sides = {"and": [stmt.then], "or": [stmt.orelse]}.get(word, [stmt.then, stmt.orelse])
        made = [self._as_expression(side) for side in sides]
        found = [m for m in made if m is not None]
        if len(found) != len(sides):
            if word:
                self.settle((), forced=[stmt.cond])
            return False
        own = NOTHING
        for _, inside, _ in found:
            own = own | inside
        out = stmt.outs[0]
        size = sum(s for _, _, s in found) + (test.size if test is not None else 8) + 10
        stays = self.writer.counts.get(out) == 1 and out in self.readers and not out.hint and (not stmt.note or size <= 90)
        self.settle([cond], own, stays=stays)
        seen = self.pending.get(cond) if isinstance(cond, Var) else None
        own = own if seen is None else own | seen.footprint
        first = self.atom(cond)
        expr = connect(word, first, found[0][0]) if word else ast.IfExp(test=first, body=found[0][0], orelse=found[1][0])
        if stays:
            self.pending.add(Entry(out, expr, own, size, stmt.note, self.loc))
        elif self.writer.counts.get(out):
            self.put(ast.Assign(targets=[self.slot(out)], value=expr))
        elif own != NOTHING:
            self.put(ast.Expr(value=expr))
        return True

    def _as_expression(self, block: Block) -> tuple[ast.expr, Footprint, int] | None:
        """What a block yields, if it holds nothing but that expression."""
        if block_diverges(block) or not all(may_nest(s) for s in block.stmts):
            return None
        body = self.inner()
        captured = Capture()
        body.run(block.stmts, block.yields, captured)
        return None if body.out or captured.value is None else captured.value

    def branch(self, stmt: If, close: Close) -> bool:
        """`if`; a branch out of which control does not come needs no `else` behind it."""
        inside = self.writer.footprint(stmt)
        self.settle([stmt.cond], inside)
        test = _tested(self.atom(stmt.cond))
        note = self.note
        then, orelse = self.inner(), self.inner()
        then_falls = then.run(stmt.then.stmts, *close(stmt.then))
        else_falls = orelse.run(stmt.orelse.stmts, *close(stmt.orelse))
        self.note = note
        if then_falls and else_falls:
            self.put(ast.If(test=test, body=then.out, orelse=orelse.out))
        elif not then_falls:
            self.put(ast.If(test=test, body=then.out, orelse=[]))
            self.out.extend(orelse.out)
        else:
            self.put(ast.If(test=negated(test), body=orelse.out, orelse=[]))
            self.out.extend(then.out)
        return then_falls or else_falls

    # ---- try, with -------------------------------------------------------------------------------------------------------
    def attempt(self, stmt: Try) -> None:
        """`try`."""
        kinds = [self._kind(h) for h in stmt.handlers]
        self.settle((), EVERYTHING, forced=operands(stmt))
        outs = (*stmt.outs, *(() if stmt.path is None else (stmt.path,)))
        body = self.inner()
        body.run(stmt.body.stmts, (*stmt.body.yields, *(() if stmt.path is None else (Const(0),))), Deliver(outs))
        handlers = []
        for n, (h, kind) in enumerate(zip(stmt.handlers, kinds, strict=True), 1):
            inner = self.inner()
            inner.run(h.block.stmts, (*h.block.yields, *(() if stmt.path is None else (Const(n),))), Deliver(outs))
            handlers.append(Caught(kind, self._caught(h.block), inner.out))
        final: list[ast.stmt] = []
        if stmt.final is not None:
            inner = self.inner()
            inner.run(stmt.final.stmts, (), Deliver(()))
            final = inner.out
        if handlers or final:
            self.put(ast.Try(body=body.out, handlers=list(handlers), orelse=[], finalbody=final))
        else:
            self.out.extend(body.out)

    def _kind(self, handler: Handler) -> ast.expr | None:
        """The classes of a handler; names of classes stand in the clause itself, as Python reads them only then."""
        kind = handler.type
        entry = self.pending.get(kind) if isinstance(kind, Var) else None
        if isinstance(kind, Var) and entry is not None and _only_names(entry.expr):
            return self.pending.take(kind).expr
        return None if kind is None else value_of(kind, self.slot_of)

    def slot_of(self, atom: Atom) -> ast.expr:
        """An atom; a value by its variable."""
        return self.slot(atom) if isinstance(atom, Var) else value_of(atom, self.slot_of)

    def _caught(self, block: Block) -> Slot | None:
        if not block.params or not self.writer.counts.get(block.params[0]):
            return None
        self.writer.solo.add(block.params[0])
        return self.slot(block.params[0])

    def managed(self, stmt: With) -> None:
        """`with`."""
        form = shape(stmt)
        self._room(form, EVERYTHING)
        manager = form.build(self.atom)
        assert isinstance(manager, ast.expr)
        named = stmt.body.params and self.writer.counts.get(stmt.body.params[0])
        item = ast.withitem(context_expr=manager, optional_vars=self.slot(stmt.body.params[0]) if named else None)
        inner = self.inner()
        inner.run(stmt.body.stmts, stmt.body.yields, Deliver(stmt.outs))
        self.put(ast.With(items=[item], body=inner.out))


def _tested(test: ast.expr) -> ast.expr:
    """A condition; `if` asks for the truth itself."""
    plain = isinstance(test, ast.Call) and isinstance(test.func, Builtin) and test.func.id == "bool" and len(test.args) == 1
    return test.args[0] if plain and isinstance(test, ast.Call) else test


def _only_names(expr: ast.expr) -> bool:
    return all(isinstance(n, ast.Name | ast.Attribute | ast.Tuple | ast.expr_context) and not isinstance(n, Slot) for n in ast.walk(expr))
