"""Walking and rewriting IR."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from srcad.ir.nodes import (
    Arg, Atom, Block, Call, Const, Custom, Each, Effect, Func, FuncRef, Handler, If, Loop, Op, Pack, Range, Ref, SliceArg, Star, Stmt,
    Try, Undef, Var, With,
)  # fmt: skip


_ATOMS = (Var, Const, Ref, Undef)


def leaves(arg: Arg) -> Iterable[Atom]:
    """The atoms of an argument tree, in order of evaluation."""
    return (arg,) if isinstance(arg, _ATOMS) else _inner_leaves(arg)  # nearly always the first


def _inner_leaves(arg: Pack | SliceArg | Star) -> Iterator[Atom]:
    match arg:
        case Pack(_, items, keys):
            for key in keys:
                yield from leaves(key)
            for item in items:
                yield from leaves(item)
        case SliceArg(lower, upper, step):
            for part in (lower, upper, step):
                yield from leaves(part)
        case Star(value):
            yield from leaves(value)
        case _:
            assert_never(arg)


def map_arg(arg: Arg, f: Callable[[Atom], Arg]) -> Arg:
    """The tree with `f` applied to every atom."""
    match arg:
        case Var() | Const() | Ref() | Undef():
            return f(arg)
        case Pack(kind, items, keys):
            return Pack(kind, tuple(map_arg(i, f) for i in items), tuple(map_arg(k, f) for k in keys))
        case SliceArg(lower, upper, step):
            return SliceArg(map_arg(lower, f), map_arg(upper, f), map_arg(step, f))
        case Star(value, double):
            return Star(map_arg(value, f), double)
        case _:
            assert_never(arg)


def iter_atoms(it: Range | Each | None) -> tuple[Atom, ...]:
    """The atoms that a loop's iteration reads."""
    match it:
        case None:
            return ()
        case Range(start, stop, step):
            return (start, stop, step)
        case Each(seqs):
            return tuple(a for s in seqs for a in ((s.start, s.stop, s.step) if isinstance(s, Range) else (s,)))
        case _:
            assert_never(it)


def map_iter(it: Range | Each | None, f: Callable[[Atom], Atom]) -> Range | Each | None:
    """The iteration with `f` applied to every atom."""
    match it:
        case None:
            return None
        case Range(start, stop, step, reverse):
            return Range(f(start), f(stop), f(step), reverse)
        case Each(seqs, reverse):
            return Each(tuple(Range(f(s.start), f(s.stop), f(s.step), s.reverse) if isinstance(s, Range) else f(s) for s in seqs), reverse)
        case _:
            assert_never(it)


def operands(stmt: Stmt) -> tuple[Atom, ...]:
    """Atoms that the statement itself reads, those inside its blocks left out."""
    match stmt:
        case Call(_, _, args, params):
            return _atoms(args, params)
        case If(_, cond):
            return (cond,)
        case Loop(_, it, inits):
            return (*iter_atoms(it), *inits, *stmt.slots)
        case Try(_, _, handlers):
            return tuple(a for h in handlers if h.type is not None for a in leaves(h.type))
        case With(_, _, args, params):
            return _atoms(args, params)
        case _:
            assert_never(stmt)


def _atoms(args: tuple[Arg, ...], params: tuple[tuple[str, Arg], ...]) -> tuple[Atom, ...]:
    found: list[Atom] = []
    for arg in (*args, *(v for _, v in params)) if params else args:
        if isinstance(arg, _ATOMS):
            found.append(arg)
        else:
            found.extend(_inner_leaves(arg))
    return tuple(found)


def blocks(stmt: Stmt) -> tuple[Block, ...]:
    """The blocks of a statement, in order of execution."""
    match stmt:
        case Call():
            return ()
        case If(_, _, then, orelse):
            return (then, orelse)
        case Loop(test=test, body=body):
            return (body,) if test is None else (test, body)
        case Try(_, body, handlers, final):
            return (body, *(h.block for h in handlers), *(() if final is None else (final,)))
        case With(body=body):
            return (body,)
        case _:
            assert_never(stmt)


def with_blocks(stmt: Stmt, new: tuple[Block, ...]) -> Stmt:
    """The statement with other blocks, in the order of `blocks`."""
    match stmt:
        case Call():
            return stmt
        case If():
            return replace(stmt, then=new[0], orelse=new[1])
        case Loop(test=None):
            return replace(stmt, body=new[0])
        case Loop():
            return replace(stmt, test=new[0], body=new[1])
        case Try(_, _, handlers, final):
            cut = 1 + len(handlers)
            handled = tuple(Handler(h.type, b) for h, b in zip(handlers, new[1:cut], strict=True))
            return replace(stmt, body=new[0], handlers=handled, final=None if final is None else new[cut])
        case With():
            return replace(stmt, body=new[0])
        case _:
            assert_never(stmt)


def defs(stmt: Stmt) -> tuple[Var, ...]:
    """Variables that the statement defines in the block where it stands."""
    match stmt:
        case Loop(outs=outs, count=Var() as extra) | Try(outs=outs, path=Var() as extra):
            return (*outs, extra)
        case _:
            return stmt.outs


def walk(block: Block) -> Iterator[Stmt]:
    """All statements of a block and of the blocks inside, outer before inner, in order."""
    for stmt in block.stmts:
        yield stmt
        if not isinstance(stmt, Call):  # nearly all are calls, and have no blocks
            for inner in blocks(stmt):
                yield from walk(inner)


def callees(block: Block) -> Iterator[str]:
    """The names of the functions of the program that a block calls, or hands to something that may call them."""
    for stmt in walk(block):
        yield from named(stmt)


def named(stmt: Stmt) -> Iterator[str]:
    """The names of the functions that a statement itself calls or hands on."""
    if isinstance(stmt, Call | With) and isinstance(stmt.op, FuncRef):
        yield stmt.op.name
    elif isinstance(stmt, Call) and stmt.op.name == "closure":
        yield from (str(v.value) for k, v in stmt.params if k == "func" and isinstance(v, Const))


def called_by(func: Func, funcs: Sequence[Func]) -> list[Func]:
    """A function of the program with all that it calls."""
    present = {f.name: f for f in funcs}
    found = {func.name: func}
    for f in (todo := [func]):
        for name in callees(f.body):
            if name in present and name not in found:
                found[name] = present[name]
                todo.append(present[name])
    return list(found.values())


def renamed(funcs: Iterable[Func], taken: Iterable[str]) -> tuple[Func, ...]:
    """Functions that call each other, under other names where theirs are taken."""
    made = list(funcs)
    used = {*taken, *(f.name for f in made)}
    names: dict[str, str] = {}
    for f in made:
        if f.name in taken:
            names[f.name] = next(n for n in (f"{f.name}_{k}" for k in itertools.count(2)) if n not in used)
            used.add(names[f.name])
    return tuple(_with_names(f, names) for f in made) if names else tuple(made)


def _with_names(func: Func, names: dict[str, str]) -> Func:
    """A function whose callees, and which itself, may have other names."""

    def new(name: str) -> str:
        return names.get(name, name)

    def of_block(block: Block) -> Block:
        return replace(block, stmts=tuple(map(of_stmt, block.stmts)))

    def of_stmt(stmt: Stmt) -> Stmt:
        if isinstance(stmt, Call | With) and isinstance(stmt.op, FuncRef):
            stmt = replace(stmt, op=replace(stmt.op, name=new(stmt.op.name)))
        elif isinstance(stmt, Call) and stmt.op.name == "closure":
            stmt = replace(stmt, params=tuple((k, Const(new(str(v.value))) if isinstance(v, Const) else v) for k, v in stmt.params))
        return with_blocks(stmt, tuple(map(of_block, blocks(stmt))))

    rule = func.custom
    custom = None if rule is None else Custom(new(rule.forward), new(rule.backward), new(rule.jvp), rule.fixed)
    return replace(func, name=new(func.name), body=of_block(func.body), custom=custom)


def uses(block: Block) -> Iterator[Var]:
    """Every read of a variable in a block and inside, yields included, once per read."""
    for stmt in block.stmts:
        yield from (a for a in operands(stmt) if isinstance(a, Var))
        for inner in blocks(stmt):
            yield from uses(inner)
    yield from (a for a in block.yields if isinstance(a, Var))


def all_defs(block: Block) -> Iterator[Var]:
    """Every variable defined in a block and inside, parameters included."""
    yield from block.params
    for stmt in block.stmts:
        yield from defs(stmt)
        for inner in blocks(stmt):
            yield from all_defs(inner)


def free_vars(block: Block) -> tuple[Var, ...]:
    """Variables read in the block or inside and defined outside, each once, in order of first use."""
    inside = set(all_defs(block))
    return tuple(dict.fromkeys(v for v in uses(block) if v not in inside))


def map_atoms(stmt: Stmt, f: Callable[[Atom], Arg], atom: Callable[[Atom], Atom]) -> Stmt:
    """The statement with its operands replaced (not those inside its blocks): `f` inside argument trees, `atom` elsewhere."""
    match stmt:
        case Call(outs, op, args, params, loc, note):
            return Call(outs, op, tuple(map_arg(a, f) for a in args), tuple((k, map_arg(v, f)) for k, v in params), loc, note)
        case With():
            return replace(
                stmt,
                args=tuple(map_arg(a, f) for a in stmt.args),
                params=tuple((k, map_arg(v, f)) for k, v in stmt.params),
            )
        case If():
            return replace(stmt, cond=atom(stmt.cond))
        case Loop():
            slots = tuple(map(atom, stmt.slots))
            return replace(stmt, iter=map_iter(stmt.iter, atom), inits=tuple(map(atom, stmt.inits)), slots=slots)
        case Try():
            handlers = tuple(Handler(None if h.type is None else map_arg(h.type, f), h.block) for h in stmt.handlers)
            return replace(stmt, handlers=handlers)
        case _:
            assert_never(stmt)


def substitute(block: Block, table: dict[Var, Atom]) -> Block:
    """The block with variables replaced, inside nested blocks too (definitions stay)."""

    def atom(a: Atom) -> Atom:
        return table.get(a, a) if isinstance(a, Var) else a

    def go(b: Block) -> Block:
        stmts = []
        for s in b.stmts:
            t = map_atoms(s, atom, atom)
            stmts.append(with_blocks(t, tuple(map(go, blocks(t)))))
        return Block(b.params, tuple(stmts), tuple(map(atom, b.yields)))

    return go(block) if table else block


def rename(block: Block, table: dict[Var, Var]) -> Block:
    """The block with variables renamed where they are defined and where they are used."""

    def var(v: Var) -> Var:
        return table.get(v, v)

    def atom(a: Atom) -> Atom:
        return table.get(a, a) if isinstance(a, Var) else a

    def stmt(s: Stmt) -> Stmt:
        t = with_blocks(map_atoms(s, atom, atom), tuple(map(go, blocks(s))))
        t = replace(t, outs=tuple(map(var, t.outs)))
        if isinstance(t, Loop) and t.count is not None:
            return replace(t, count=var(t.count))
        if isinstance(t, Try) and t.path is not None:
            return replace(t, path=var(t.path))
        return t

    def go(b: Block) -> Block:
        return Block(tuple(map(var, b.params)), tuple(map(stmt, b.stmts)), tuple(map(atom, b.yields)))

    return go(block) if table else block


def diverges(stmt: Stmt) -> bool:
    """Whether control never comes out of the end of a statement."""
    match stmt:
        case Call(op=Op(effects=effects)):
            return Effect.DIVERGES in effects
        case If(_, _, then, orelse):
            return block_diverges(then) and block_diverges(orelse)
        case With(body=body):
            return block_diverges(body)
    return False


def block_diverges(block: Block) -> bool:
    """Whether control never comes out of the end of a block."""
    return bool(block.stmts) and diverges(block.stmts[-1])
