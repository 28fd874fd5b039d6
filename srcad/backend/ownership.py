"""Copies before in-place operations.

An operation that works in place consumes the buffer of its first operand.  Where that value, or another one that may share the
buffer, is still read afterwards, the operation gets a copy; so does a loop that would change what it starts with, and a call of a
backward function that adds to a cotangent in place.  The function's own parameters are the caller's, and are copied where anything may
change them, but for such cotangents.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcad.analysis.handing import is_cotangent
from srcad.analysis.instances import Instances
from srcad.analysis.repeats import repeated
from srcad.analysis.sharing import CHANGES_WITHIN, LIST_CHANGES, NOTHING_KNOWN, Handing, Sharing, called, consumes, has_buffer
from srcad.analysis.unbound import unbound
from srcad.backend.taped import taped_apart
from srcad.ir.build import Names
from srcad.ir.nodes import Arg, Atom, Block, Call, Each, Effect, Func, Loop, Op, Pack, Stmt, Try, Var
from srcad.ir.types import Array, ListOf, Opaque, Residual, Struct
from srcad.ir.visit import all_defs, blocks, defs, leaves, operands, substitute, walk, with_blocks

_COPY_ARRAY = Op("copy", "_0.copy()")
_COPY_LAYOUT = Op("copy_layout", '_0.copy(order="K")')
_COPY_STRIDES = Op("copy_strides", "copy_strides(_0)", ("srcad.runtime:copy_strides",))
_COPY_LIST = Op("copy_list", "list(_0)")
_COPY_DICT = Op("copy_dict", "dict(_0)")
_LENT = "changed below; the caller's stays as it is"
_TAKES = ("unpack", "getitem")
_CHECKS = ("require_separate", "require_distinct")
_COPY_TREE = Op("copy_tree", "copy_tree(_0)", ("srcad.runtime:copy_tree",))


def own_buffers(func: Func, calls: Mapping[str, Handing] = NOTHING_KNOWN) -> Func:
    """The function with a copy wherever a consumed buffer is still needed; `calls`: what the functions of the program do."""
    if not any(_changed(s, calls) for s in walk(func.body)):
        return func
    names = Names(v.name for v in all_defs(func.body))
    asks = any(isinstance(s, Call) and s.op.name == "require_contiguous" for s in walk(func.body))
    lent = frozenset(p for p in func.body.params if isinstance(p.type, Residual))
    facts = _Facts(func, func.body, calls)
    own = calls.get(func.name)
    handed = frozenset(func.body.params[n] for n in own.changed) if own is not None else frozenset()
    body = _own_parameters(func, facts.sharing, names, handed, asks=asks)
    taped = taped_apart(body, facts.sharing, names, facts.unbound) if facts.sharing.outer else body
    if taped is not func.body:
        body, facts = taped, _Facts(func, taped, calls)
    copied: set[Var] = set()
    for heads in (True, False):
        while True:
            copier = _Copier(facts, names, copied, heads=heads, asks=asks)
            made = copier.block(body, lent)
            if not copier.done:
                break
            body, facts = made, _Facts(func, made, calls)
    return replace(func, body=body)


def _changed(stmt: Stmt, calls: Mapping[str, Handing]) -> tuple[int, ...]:
    """The numbers of the operands that a statement changes in place."""
    if consumes(stmt):
        return (0,)
    known = called(stmt, calls) if isinstance(stmt, Call) else None
    return () if known is None else tuple(sorted(known.changed))


def _own_parameters(func: Func, sharing: Sharing, names: Names, handed: frozenset[Var], *, asks: bool) -> Block:
    """Copies of the parameters that may be changed, with the memory layout that the caller chose; `asks`: the function asks for it.

    Not of cotangents that callers hand over, where nothing is changed but these themselves.
    """
    body = func.body
    table: dict[Var, Atom] = {}
    copies: list[Stmt] = []
    for p in body.params:
        if isinstance(p.type, Residual):
            continue  # holds what all inner calls kept: what is changed of it is copied where that happens
        if p in handed and isinstance(p.type, ListOf) and not sharing.is_changed_within(p):
            continue
        if has_buffer(p.type) and sharing.is_changed(p, added=not is_cotangent(func, p)):
            if (unpacked := _unpacked(body, p)) is not None:
                body = _own_items(body, unpacked, names)
                continue
            copy = names.var(p.hint, p.type)
            op = _copying(p, asks=asks) if isinstance(p.type, Array) and not _may_be_none(func, p) else _COPY_TREE
            copies.append(Call((copy,), op, (p,), note=_LENT))
            table[p] = copy
    if not table:
        return body
    checks = tuple(s for s in body.stmts if isinstance(s, Call) and s.op.name in _CHECKS)  # of what the caller gave
    inner = substitute(Block((), tuple(s for s in body.stmts if s not in checks), body.yields), table)
    return Block(body.params, (*checks, *copies, *inner.stmts), inner.yields)


def _may_be_none(func: Func, p: Var) -> bool:
    """Whether a parameter is the cotangent of what a forward half keeps, which there is none of where a branch was not taken."""
    return "_bwd" in func.name and p.hint.startswith("residuals") and p.hint.endswith("_bar")


def _unpacked(body: Block, p: Var) -> Call | None:
    """The statement that takes a tuple apart, residuals say, before which nothing happens, and behind which nothing reads it."""
    first = body.stmts[0] if body.stmts and isinstance(p.type, Struct) else None
    taken = isinstance(first, Call) and first.op.name == "unpack" and first.args == (p,)
    return first if taken and isinstance(first, Call) and p not in Reads().inside(Block((), body.stmts[1:], body.yields)) else None


def _own_items(body: Block, unpacked: Call, names: Names) -> Block:
    """Copies of the items of a tuple that the function changes, the others stay as they are."""
    others = tuple(p for p in body.params if p not in unpacked.args)
    inner = Block((*unpacked.outs, *others), body.stmts[1:], body.yields)
    sharing = Sharing(inner)
    changed = [v for v in unpacked.outs if has_buffer(v.type) and sharing.is_changed(v, added=True)]
    own = {v: names.var(v.hint, v.type) for v in changed}
    copies = [Call((new,), _COPY_TREE, (v,), note=_LENT) for v, new in own.items()]  # of a branch that was not taken there is None
    rest = substitute(Block((), inner.stmts, body.yields), dict(own))
    return Block(body.params, (unpacked, *copies, *rest.stmts), rest.yields)


class _Facts:
    """What decides where copies are needed."""

    def __init__(self, func: Func, body: Block, calls: Mapping[str, Handing]) -> None:
        self.calls = calls
        self.sharing = Sharing(body, calls)
        own = calls.get(func.name)
        self.lent = 0 if own is None else self.sharing.born(body.params[n] for n in own.changed)
        self.instances = Instances(body, self.sharing)
        self.twice = self.sharing.twice | repeated(body, self.sharing)
        self.read = Reads()
        self.counts = Counter(v for stmt in walk(body) for v in self.read.by(stmt))
        self.unbound = unbound(body).union(p for p in body.params if _may_be_none(func, p))


def read_behind(block: Block, read: Reads, after: frozenset[Var], caught: frozenset[Var] = frozenset()) -> list[frozenset[Var]]:
    """For each statement of a block what is read behind it; `after`: behind the block, `caught`: where a statement of it raises.

    An operation that raises has changed nothing: so what handlers read is needed behind it only if more may raise there.
    """
    alive = after | {y for y in block.yields if isinstance(y, Var)}
    behind: list[frozenset[Var]] = []
    for stmt in reversed(block.stmts):
        alive = alive - set(defs(stmt))
        behind.append(frozenset(alive))
        alive = alive | read.by(stmt) | (caught if _may_raise(stmt) else frozenset())
    return behind[::-1]


def read_at_exits(stmt: Try, read: Reads) -> tuple[frozenset[Var], frozenset[Var]]:
    """What `finally` reads, and what is read where the body raises."""
    last = frozenset(() if stmt.final is None else read.inside(stmt.final))
    return last, last.union(*(read.inside(h.block) for h in stmt.handlers))


class _Copier:
    """Inserts copies: those before loops that change what they start with (`heads`), or those before operations.

    One per object at a time, since a copy makes two of it; `copied` are the copies made so far.  `asks`: whether the function asks for
    the memory layout of arrays.
    """

    def __init__(self, facts: _Facts, names: Names, copied: set[Var], *, heads: bool, asks: bool) -> None:
        self.heads = heads
        self.asks = asks
        self.names = names
        self.copied = copied
        self.calls = facts.calls
        self.lent = facts.lent  # cotangents that are there to be added to
        self.sharing = facts.sharing
        self.instances = facts.instances
        self.counts = facts.counts
        self.read = facts.read
        self.unbound = facts.unbound
        self.twice = facts.twice
        self.over: tuple[Var, ...] = ()  # what the loops around go over: later trips read more of it
        self.items: dict[Var, Var] = {}  # what comes out of these, and of which
        self.done = 0  # objects that got a copy
        self.alone = {v for v in copied if self.counts[v] <= 1}  # versions whose buffer nothing else refers to
        self.empty: set[Var] = set()  # lists that hold nothing yet

    def block(self, block: Block, after: frozenset[Var], caught: frozenset[Var] = frozenset()) -> Block:
        """The block with copies; `after`: values read behind it, `caught`: those read where a statement of it raises."""
        behind = read_behind(block, self.read, after, caught)
        self.alone |= {
            s.outs[0] for s in block.stmts
            if isinstance(s, Call) and len(s.outs) == 1 and self.counts[s.outs[0]] == 1 and self.sharing.is_new(s.outs[0])
        }
        self.empty |= {s.outs[0] for s in block.stmts if isinstance(s, Call) and s.args == (Pack("list", ()),)}
        out: list[Stmt] = []
        for stmt, later in zip(block.stmts, behind, strict=True):
            if isinstance(stmt, Call) and stmt.op.name in _TAKES and stmt.args[0] in self.items:
                self.items.update(dict.fromkeys(stmt.outs, self.items[stmt.args[0]]))  # type: ignore[index]  # a variable is in it
            out.extend(self._stmt(stmt, later if isinstance(stmt, Call) else later | caught))
        return Block(block.params, tuple(out), block.yields)

    def _stmt(self, stmt: Stmt, alive: frozenset[Var]) -> list[Stmt]:
        if isinstance(stmt, Call):
            return self._consuming(stmt, alive) if consumes(stmt) else self._calling(stmt, alive)
        if isinstance(stmt, Loop):
            return self._loop(stmt, alive)
        if isinstance(stmt, Try):
            return [self._try(stmt, alive)]
        return [with_blocks(stmt, tuple(self.block(b, alive) for b in blocks(stmt)))]

    def _try(self, stmt: Try, alive: frozenset[Var]) -> Stmt:
        last, caught = read_at_exits(stmt, self.read)
        body = self.block(stmt.body, alive | last, caught)
        rest = tuple(self.block(b, alive | last) for b in blocks(stmt)[1:])
        return with_blocks(stmt, (body, *rest))

    def _consuming(self, stmt: Call, alive: frozenset[Var]) -> list[Stmt]:
        base = stmt.args[0]
        if self.heads or not isinstance(base, Var) or not has_buffer(base.type):
            return [stmt]
        if base in self.copied:
            self.alone.update(o for o in stmt.outs[:1] if base in self.alone and self.counts[o] <= 1)
            return [stmt]
        grows = stmt.op.name in LIST_CHANGES
        if self.sharing.objects(base) & self.done:
            return [stmt]
        inner = self.sharing.inner(base) if stmt.op.name in CHANGES_WITHIN else 0
        if base in self.alone and base not in alive and not inner:
            self.alone.update(o for o in stmt.outs[:1] if self.counts[o] <= 1)
            return [stmt]
        read = (*alive, *(self._others(base) if base in self.items else ()))
        others = any(self._shows(v, base, inner) for v in read if v not in stmt.outs)
        others = others or bool(self.sharing.objects(base) & self.sharing.frozen)
        again = grows and sum(a == base for a in operands(stmt)) > 1
        if not others and not again:
            return [stmt]
        copy = self._copy(base, stmt, base.hint, grows=grows)
        return [copy, replace(stmt, args=(copy.outs[0], *stmt.args[1:]))]

    def _calling(self, stmt: Call, alive: frozenset[Var]) -> list[Stmt]:
        """A call, with copies of the cotangents that the function would add to."""
        before: list[Stmt] = []
        for n in _changed(stmt, self.calls):
            base = stmt.args[n]
            if self.heads or not isinstance(base, Var) or base in self.copied or self.sharing.objects(base) & self.done:
                continue
            others = [a for m, arg in enumerate(stmt.args) if m != n for a in leaves(arg) if isinstance(a, Var)]
            read = others if base in self.alone and base not in alive else [*others, *(v for v in alive if v not in stmt.outs)]
            keep = self._is_callers(base) or bool(self.sharing.objects(base) & self.sharing.frozen)
            if keep or any(self._shows(v, base, 0) for v in read):
                before.append(self._copy(base, stmt, base.hint, grows=False))
                stmt = replace(stmt, args=(*stmt.args[:n], before[-1].outs[0], *stmt.args[n + 1 :]))
        return [*before, stmt]

    def _is_callers(self, v: Var) -> bool:
        """Whether a value may be a parameter, or what one holds, which the caller goes on to use."""
        return self.sharing.is_given(v, self.lent)

    def _loop(self, loop: Loop, alive: frozenset[Var]) -> list[Stmt]:
        before: list[Stmt] = []
        inits = list(loop.inits)
        read = {v for b in blocks(loop) for v in self.read.inside(b)}
        seqs = loop.iter.seqs if isinstance(loop.iter, Each) else ()
        outer, self.over = self.over, (*self.over, *(s for s in seqs if isinstance(s, Var)))
        for i, init in enumerate(inits):
            if not self.heads or not isinstance(init, Var) or init in self.copied or not self.sharing.is_changed(init, added=True):
                continue
            inner = 0 if init in self.empty else self.sharing.inner(init)
            if init in self.alone and not inner:
                continue
            others = {v for v in (*loop.inits[:i], *loop.inits[i + 1 :]) if isinstance(v, Var)}
            shared = any(self._shows(v, init, inner) for v in alive | read | others.union(self._others(init)))
            shared = shared or self._is_callers(init) or bool(self.sharing.objects(init) & self.sharing.frozen)
            if shared and not self.sharing.objects(init) & self.done:
                copy = self._copy(init, loop, loop.body.params[len(loop.body.params) - len(inits) + i].hint, grows=False)
                before.append(copy)
                inits[i] = copy.outs[0]
        self.items.update((p, s) for p, s in zip(loop.body.params, seqs, strict=False) if isinstance(s, Var))
        read |= {s for s in self.over if self.sharing.objects(s) & self.twice}  # a later item may be this one
        made = with_blocks(replace(loop, inits=tuple(inits)), tuple(self.block(b, frozenset(alive | read)) for b in blocks(loop)))
        self.over = outer
        return [*before, made]

    def _others(self, var: Var) -> set[Var]:
        """What the loops around go over, but for that which gave a value."""
        return set(self.over) - {self.items.get(var)}

    def _shows(self, v: Var, base: Var, inner: int) -> bool:
        """Whether a change of `base`, or of the lists `inner` in it, may show in a value that is read afterwards."""
        return self.sharing.shows(v, base, inner) and (inner != 0 or self.instances.may_hold(v, base))

    def _copy(self, var: Var, at: Stmt, hint: str, *, grows: bool) -> Call:
        self.done |= self.sharing.objects(var)
        op = _copying(var, asks=self.asks) if var not in self.unbound else _COPY_TREE  # of the cotangent of None there is no array
        if isinstance(var.type, Opaque) and var.type.cls is dict:
            op = _COPY_DICT
        elif isinstance(var.type, ListOf | Struct) or (grows and not isinstance(var.type, Array)):
            flat = grows or not isinstance(var.type, ListOf) or not has_buffer(var.type.item)
            flat = flat and not self.sharing.inner(var) and var not in self.unbound
            op = _COPY_LIST if flat else _COPY_TREE
        out = self.names.var(hint, var.type)
        self.copied.add(out)
        return Call((out,), op, (var,), (), at.loc, at.note)


def _copying(var: Var, *, asks: bool) -> Op:
    """The operation that copies an array in its own memory layout, which decides how NumPy sums it and what reshaping it gives."""
    if asks and isinstance(var.type, Array):
        return _COPY_STRIDES
    return _COPY_LAYOUT if isinstance(var.type, Array) and var.type.ndim > 1 else _COPY_ARRAY


def _may_raise(stmt: Stmt) -> bool:
    return not isinstance(stmt, Call) or not isinstance(stmt.op, Op) or bool(stmt.op.effects & (Effect.RAISES | Effect.UNKNOWN))


class Reads:
    """The values that statements of a function read."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, frozenset[Var]]] = {}  # by identity, beside what has it

    def by(self, stmt: Stmt) -> frozenset[Var]:
        """The values that a statement reads, here or inside; one of which only the shape is read is the same after a change."""
        if isinstance(stmt, Call):
            return frozenset(_read(stmt))
        known = self._known.get(id(stmt))
        if known is None:
            found = frozenset(a for a in operands(stmt) if isinstance(a, Var))
            known = self._known[id(stmt)] = stmt, found.union(*map(self.inside, blocks(stmt)))
        return known[1]

    def inside(self, block: Block) -> frozenset[Var]:
        """The values of outside that a block reads."""
        known = self._known.get(id(block))
        if known is None:
            found: set[Var] = set()
            made = set(block.params)
            for stmt in block.stmts:
                found |= self.by(stmt) - made
                made.update(defs(stmt))
            found.update(y for y in block.yields if isinstance(y, Var) and y not in made)
            known = self._known[id(block)] = block, frozenset(found)
        return known[1]


def _read(stmt: Call) -> Iterable[Var]:
    shapes = stmt.op.shape_only if isinstance(stmt.op, Op) else ()
    if not shapes:
        return (a for a in operands(stmt) if isinstance(a, Var))
    args: list[Arg] = [a for n, a in enumerate(stmt.args) if n not in shapes or not (isinstance(a, Var) and isinstance(a.type, Array))]
    args.extend(v for _, v in stmt.params)
    return (a for arg in args for a in leaves(arg) if isinstance(a, Var))
