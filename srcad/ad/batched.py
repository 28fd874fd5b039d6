"""Many seeds in one sweep: a derivative program whose tangents (or cotangents) have one more axis, the last one.

    def f_jvp(x, x_dot):                     def f_jvp(x, x_dot, count):
        y_dot = np.cos(x) * x_dot     ==>        y_dot = np.cos(x)[..., None] * x_dot

What does not depend on the seeds is computed once.  Loops and branches stay: no test depends on a seed.  A carried value
becomes a batch as soon as one trip makes it one.
"""
from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from srcad.ad.statements import Branches, Mask, Statements
from srcad.analysis.flow import copies
from srcad.ir.build import Builder, Names
from srcad.ir.nodes import (
    UNDEF, Arg, Atom, Block, Call, Const, Each, Func, FuncRef, If, Loop, Op, Pack, Program, Range, SliceArg, Star, Var, With,
)  # fmt: skip
from srcad.ir.types import INT, Array, ListOf, Struct, TupleOf, Type, may_carry_derivative
from srcad.ir.visit import all_defs, callees, leaves
from srcad.ops import batch
from srcad.ops.batch_site import Site, Unbatchable, arg_type, batched_type, stacked

_LISTS = ("list_append", "list_pop", "list_set", "list_concat", "list_repeat", "list_floats", "list_zeros", "tape_push", "tape_new")


def batched(program: Program, name: str, params: Iterable[int]) -> Program:
    """The program with a batch of each parameter in `params` of one of its functions, which also takes their number last.

    Raises Unbatchable where an operation has no rule for batches.
    """
    made = _Batched(program)
    entry = made.function(program.func(name), frozenset(params))[0]
    new = {f.name: f for f in made.done}
    others = [f for f in program.funcs if f.name != name]
    own = replace(new[entry], name=name)
    if not any(entry in callees(f.body) for f in made.done):
        del new[entry]
    funcs = [own if f.name == name else f for f in program.funcs] if program.entry.name != name else [own, *others]
    return replace(program, funcs=(*funcs, *new.values()))


class _Batched:
    """Makes batched functions on demand, each once per set of batched parameters."""

    def __init__(self, program: Program) -> None:
        self.by_name = {f.name: f for f in program.funcs}
        self.done: list[Func] = []
        self._known: dict[tuple[str, frozenset[int]], tuple[str, tuple[bool, ...]]] = {}

    def function(self, func: Func, mask: frozenset[int]) -> tuple[str, tuple[bool, ...]]:
        """The name of a batched function, and which of its yields are batches."""
        key = (func.name, mask)
        if key in self._known:
            return self._known[key]
        name = f"{func.name}_batch"
        while name in self.by_name or name in {known for known, _ in self._known.values()}:
            name += "_2"
        every = not self._known
        assumed = tuple(every and _can_be(y) for y in func.body.yields)
        while True:
            known, done = dict(self._known), list(self.done)
            self._known[key] = name, assumed  # as far as calls of it inside rely on it
            block, batches = _Body(self, func).function(func, mask, assumed)
            if batches == assumed or not self._calls_itself(func):
                break
            wider = tuple(map(operator.or_, assumed, batches))
            if wider == assumed:
                raise Unbatchable
            assumed = wider
            self._known, self.done = known, done
        self.done.append(replace(func, name=name, body=block))
        self._known[key] = name, batches
        return name, batches

    def _calls_itself(self, func: Func) -> bool:
        """Whether a function calls itself, also by way of others."""
        seen: set[str] = set()
        todo = [func]
        while todo:
            for name in callees(todo.pop().body):
                if name == func.name:
                    return True
                if name not in seen and name in self.by_name:
                    seen.add(name)
                    todo.append(self.by_name[name])
        return False


def _can_be(atom: Atom) -> bool:
    """Whether a yield can be a batch."""
    return may_carry_derivative(arg_type(atom)) or (isinstance(atom, Var) and may_carry_derivative(atom.type))


class _Body(Statements):
    """One function: `new` maps values to what stands for them, `batches` are those that are batches."""

    notes = True

    def __init__(self, made: _Batched, func: Func) -> None:
        self.made = made
        self.names = Names(v.name for v in all_defs(func.body))
        self.new: dict[Var, Atom] = {}
        self.batches: set[Var] = set()
        self.count: Var = self.names.var("count", INT)

    def function(self, func: Func, mask: Collection[int], wanted: Sequence[bool]) -> tuple[Block, tuple[bool, ...]]:
        """The body, and which of its yields are batches: those that are `wanted` too, where they can be."""
        params = [self.batch(p) if n in mask else p for n, p in enumerate(func.body.params)]
        builder = Builder(self.names)
        self.statements(func.body, builder)
        yields = [self.as_batch(builder, y, arg_type(y)) if w else self.atom(y) for y, w in zip(func.body.yields, wanted, strict=True)]
        return builder.block((*params, self.count), yields), tuple(y in self.batches for y in yields)

    def batch(self, old: Var) -> Var:
        """A variable for a batch of a value."""
        if not may_carry_derivative(old.type):
            raise Unbatchable
        found = self.names.var(old.hint, batched_type(old.type))
        self.new[old] = found
        self.batches.add(found)
        return found

    def atom(self, old: Atom) -> Atom:
        """What stands for an atom."""
        return self.new.get(old, old) if isinstance(old, Var) else old

    def arg(self, old: Arg) -> Arg:
        """What stands for an argument."""
        match old:
            case Pack(_, items, keys):
                return replace(old, items=tuple(map(self.arg, items)), keys=tuple(map(self.arg, keys)))
            case SliceArg(a, b, c):
                return SliceArg(self.arg(a), self.arg(b), self.arg(c))
            case Star(value):
                return replace(old, value=self.arg(value))
        return self.atom(old)

    def has_batch(self, arg: Arg) -> bool:
        """Whether an argument is a batch, or holds one."""
        return any(a in self.batches for a in leaves(arg))

    def as_batch(self, builder: Builder, old: Atom, t: Type) -> Atom:
        """What stands for an atom, as a batch where it is none."""
        found = self.atom(old)
        if found in self.batches or found == UNDEF or not may_carry_derivative(t):
            return found
        if not isinstance(found, Var):
            return found if isinstance(found, Const) and found.value is None else self._stacked(builder, found, t)
        return self._stacked(builder, found, found.type)

    def _stacked(self, builder: Builder, found: Atom, t: Type) -> Atom:
        made = stacked(builder, found, arg_type(found) if isinstance(found, Const) else t, self.count)
        if isinstance(made, Var):
            self.batches.add(made)
        return made

    # ---- calls -------------------------------------------------------------------------------------------------------
    def call(self, stmt: Call, builder: Builder) -> None:
        if isinstance(stmt.op, FuncRef):
            self._call_func(stmt, stmt.op, builder)
            return
        args, params = tuple(map(self.arg, stmt.args)), tuple((k, self.arg(v)) for k, v in stmt.params)
        if not any(map(self.has_batch, (*args, *(v for _, v in params)))):
            builder.add(replace(stmt, args=args, params=params))
            return
        if any(self.has_batch(v) for _, v in params) and stmt.op.name != "build":
            raise Unbatchable
        match stmt.op.name:
            case "pack" | "build" | "unpack":
                self._container(stmt, args, params, builder)
            case name if name in _LISTS or name == "getattr" or copies(stmt):
                self._item(stmt, args, builder)
            case "getitem" if not isinstance(arg_type(stmt.args[0]), Array):
                self._item(stmt, args, builder)
            case name:
                site = Site(stmt, args, params, frozenset(self.batches), builder, self.count)
                found = batch.apply(site)
                self._named(stmt.outs[0], found, builder, is_batch=name not in batch.SHAPES)

    def _named(self, old: Var, found: Atom, builder: Builder, *, is_batch: bool) -> None:
        """Let a value stand for another, by its name where the last statement makes it."""
        last = builder.stmts[-1] if builder.stmts else None
        if isinstance(found, Var) and isinstance(last, Call) and last.outs == (found,) and old.hint:
            found = self.names.var(old.hint, found.type)
            builder.stmts[-1] = replace(last, outs=(found,))
        self.new[old] = found
        if is_batch and isinstance(found, Var):
            self.batches.add(found)

    def _container(self, stmt: Call, args: tuple[Arg, ...], params: tuple[tuple[str, Arg], ...], builder: Builder) -> None:
        """Records are made and taken apart: each part is a batch where it can be one."""
        args = tuple(self._all_batches(builder, new, old) for new, old in zip(args, stmt.args, strict=True))
        params = tuple((k, self._all_batches(builder, new, old)) for (k, new), (_, old) in zip(params, stmt.params, strict=True))
        outs = tuple(self.batch(o) if may_carry_derivative(o.type) else o for o in stmt.outs)
        builder.add(replace(stmt, outs=outs, args=args, params=params))

    def _all_batches(self, builder: Builder, new: Arg, old: Arg) -> Arg:
        if isinstance(new, Pack) and isinstance(old, Pack):
            return replace(new, items=tuple(self._all_batches(builder, a, b) for a, b in zip(new.items, old.items, strict=True)))
        if isinstance(old, Var | Const):
            return self.as_batch(builder, old, arg_type(old))
        return new

    def _item(self, stmt: Call, args: tuple[Arg, ...], builder: Builder) -> None:
        """An item of a container, or a change of a list: all its items are batches."""
        assert isinstance(stmt.op, Op)
        held = stmt.args[1] if stmt.op.name == "call" else stmt.args[0]
        known = isinstance(arg_type(held), ListOf | TupleOf | Struct) or stmt.op.name.startswith("tape_")
        if stmt.op.name in ("list_floats", "list_zeros", "list_repeat") or not known:
            raise Unbatchable
        new = tuple(self._all_batches(builder, a, o) if n != 1 or stmt.op.name not in ("getitem", "list_set", "getattr") else a
                    for n, (a, o) in enumerate(zip(args, stmt.args, strict=True)))  # fmt: skip
        outs = tuple(self.batch(o) if may_carry_derivative(o.type) else o for o in stmt.outs)
        builder.add(replace(stmt, outs=outs, args=new))

    def _call_func(self, stmt: Call, op: FuncRef, builder: Builder) -> None:
        args = tuple(map(self.arg, stmt.args))
        mask = frozenset(n for n, a in enumerate(args) if self.has_batch(a))
        if not mask:
            builder.add(replace(stmt, args=args))
            return
        name, batches = self.made.function(self.made.by_name[op.name], mask)
        outs = tuple(self.batch(o) if b else o for o, b in zip(stmt.outs, batches, strict=True))
        builder.add(replace(stmt, op=replace(op, name=name), outs=outs, args=(*args, self.count)))

    # ---- borders -----------------------------------------------------------------------------------------------------
    def heading(self, stmt: Branches) -> Branches:
        match stmt:
            case If():
                if self.has_batch(self.atom(stmt.cond)):
                    raise Unbatchable
                return replace(stmt, cond=self.atom(stmt.cond))
            case With():
                args, params = tuple(map(self.arg, stmt.args)), tuple((k, self.arg(v)) for k, v in stmt.params)
                if any(map(self.has_batch, (*args, *(v for _, v in params)))):
                    raise Unbatchable
                return replace(stmt, args=args, params=params)
        return stmt

    def followed(self, stmt: Branches, old: Sequence[Block]) -> list[bool]:
        return [any(b.yields and self.atom(b.yields[n]) in self.batches for b in old) for n in range(len(stmt.outs))]

    def carried(self, stmt: Loop) -> list[bool]:
        return [self.atom(i) in self.batches for i in stmt.inits]

    def carried_on(self, yields: Sequence[Atom], mask: Mask) -> list[bool]:
        return [m or self.atom(y) in self.batches for m, y in zip(mask, yields, strict=True)]

    def variables(self, old: Sequence[Var], mask: Mask) -> tuple[Var, ...]:
        return tuple(self.batch(v) if m else v for v, m in zip(old, mask, strict=True))

    def handed(self, builder: Builder, atoms: Sequence[Atom], to: Sequence[Var], mask: Mask) -> tuple[Atom, ...]:
        return tuple(self.as_batch(builder, a, v.type) if m else self.atom(a) for a, v, m in zip(atoms, to, mask, strict=True))

    def tested(self, test: Block, builder: Builder, mask: Mask) -> Block:
        params, inner = self.variables(test.params, mask), builder.nested()
        self.statements(test, inner)
        yields = [self.atom(y) for y in test.yields]
        if any(y in self.batches for y in yields):
            raise Unbatchable
        return inner.block(params, yields)

    def iteration(self, stmt: Loop, builder: Builder) -> tuple[Range | Each | None, tuple[Var, ...]]:  # noqa: ARG002 -- forward mode needs it
        params = stmt.body.params[: len(stmt.body.params) - len(stmt.inits)]
        if not isinstance(stmt.iter, Each):
            return self._range(stmt.iter) if isinstance(stmt.iter, Range) else None, params
        seqs = tuple(self._range(s) if isinstance(s, Range) else self.atom(s) for s in stmt.iter.seqs)
        items: list[Var] = []
        for old, seq, item in zip(stmt.iter.seqs, seqs, params, strict=True):
            if isinstance(seq, Var) and seq in self.batches:
                if isinstance(old, Var) and isinstance(old.type, Array) and not isinstance(item.type, Array):
                    raise Unbatchable  # a number was a copy; here it would be a view
                items.append(self.batch(item))
            else:
                items.append(item)
        return replace(stmt.iter, seqs=seqs), tuple(items)

    def _range(self, ends: Range) -> Range:
        return replace(ends, start=self.atom(ends.start), stop=self.atom(ends.stop), step=self.atom(ends.step))
