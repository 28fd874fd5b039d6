"""The end of numbers that stand for objects: in typed IR they are whole numbers like others.

Before that it is checked that they go where objects may go, and nowhere else: into containers and out of them, from path to path, and
into lists as places.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from srcad.errors import UnsupportedSyntax
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Each, Func, FuncRef, If, Loop, Op, Program, Range, Ref, Stmt, Try, Var, With
from srcad.ir.types import INT, UNKNOWN, ListOf, Numbered, Struct, TupleOf, Type, numbered_in
from srcad.ir.visit import all_defs, blocks, leaves, operands, rename, walk
from srcad.source import Source
from srcad.specialise import several
from srcad.specialise.refusals import located

_ASKING = ("truth", "not_")
_STORING = ("list_append", "list_insert", "list_set", "list_concat", "list_repeat", "pack")
_TAKING = ("getitem", "unpack", "list_pop", "list_pop_at", "len", "which_ones", *_ASKING)
_COPYING = (list, tuple)


def without_numbers(program: Program, origins: Mapping[str, Source]) -> Program:
    """The program with whole numbers for objects that are known by number; refused where one goes where no object may go."""
    if not any(numbered_in(v.type) for f in program.funcs for v in all_defs(f.body)):
        return program
    try:
        for func in program.funcs:
            _check_block(func.body)
    except UnsupportedSyntax as error:
        raise located(error, origins) from None
    if _of(*program.entry.body.yields):
        raise _refusal("is returned", _of(*program.entry.body.yields))
    return Program(tuple(map(_retyped, program.funcs)), program.sources)


def _retyped(func: Func) -> Func:
    table = {v: Var(v.name, _plain(v.type)) for v in all_defs(func.body) if numbered_in(v.type)}
    return Func(func.name, rename(func.body, table), func.result, func.key, func.doc, func.custom)


def _plain(t: Type) -> Type:
    match t:
        case Numbered():
            return INT
        case ListOf(item) | TupleOf(item):
            return type(t)(_plain(item))
        case Struct(cls, keys, parts):
            return Struct(cls, keys, tuple(map(_plain, parts)))
    return t


# ---- the check -------------------------------------------------------------------------------------------------------
def _of(*atoms: Arg) -> frozenset[type]:
    return frozenset[type]().union(*(numbered_in(a.type) for arg in atoms for a in leaves(arg) if isinstance(a, Var)))


def _vague(t: Type) -> bool:
    """Whether a type does not tell all that a value holds."""
    match t:
        case ListOf(item) | TupleOf(item):
            return _vague(item)
        case Struct(_, _, parts):
            return any(map(_vague, parts))
    return t == UNKNOWN


def _is_number(arg: Arg) -> bool:
    return isinstance(arg, Var) and isinstance(arg.type, Numbered)


def _refusal(what: str, classes: Iterable[type], stmt: Stmt | None = None) -> UnsupportedSyntax:
    which = min(map(several.described, classes))
    error = UnsupportedSyntax(f"{which}, of which there are lists of unknown length, {what}", "use its attributes", code="SRC121")
    error.where = None if stmt is None else stmt.loc
    return error


def _check_block(block: Block) -> None:
    used = frozenset(_otherwise_used(block))
    for stmt in walk(block):
        allowed = _call_fits(stmt) if isinstance(stmt, Call) else _fits(stmt, used)
        if not allowed:
            raise _refusal("is used in a way that cannot be followed", _of(*operands(stmt)) or _of(*_yielded(stmt)), stmt)


def _yielded(stmt: Stmt) -> Iterator[Atom]:
    for block in blocks(stmt):
        yield from block.yields


def _otherwise_used(block: Block) -> Iterator[Var]:
    """The variables that are used for more than their truth."""
    for stmt in block.stmts:
        if not isinstance(stmt, If) and not (isinstance(stmt, Call) and stmt.op.name in _ASKING):
            yield from (a for a in operands(stmt) if isinstance(a, Var))
        for inner in blocks(stmt):
            yield from _otherwise_used(inner)
    yield from (a for a in block.yields if isinstance(a, Var))


def _hands_on(source: Arg, target: Var) -> bool:
    """Whether a value may be known by another name: one that tells what it is."""
    return _of(source) <= numbered_in(target.type) and not (_of(source) and _vague(target.type))


def _fits(stmt: Stmt, used: frozenset[Var]) -> bool:
    """Whether a statement with blocks hands on numbers as such; `used`: variables that are not only
    asked for their truth.
    """
    match stmt:
        case If(outs, cond, then, orelse):
            pairs = [*zip(then.yields, outs, strict=True), *zip(orelse.yields, outs, strict=True)]
            return not _is_number(cond) and _all_handed_on((a, v) for a, v in pairs if v in used or _is_number(a))
        case Loop():
            return _loop_fits(stmt)
        case Try(outs, body, handlers):
            pairs = [p for b in (body, *(h.block for h in handlers)) for p in zip(b.yields, outs, strict=True)]
            return not _of(*operands(stmt)) and _all_handed_on(pairs)
        case With(outs, _, _, _, body):
            return not _of(*operands(stmt)) and _all_handed_on(list(zip(body.yields, outs, strict=True)))
    return False


def _all_handed_on(pairs: Iterable[tuple[Atom, Var]]) -> bool:
    return all(_hands_on(a, v) for a, v in pairs)


def _loop_fits(loop: Loop) -> bool:
    count = len(loop.body.params) - len(loop.inits)
    carried = loop.body.params[count:]
    pairs = [*zip(loop.inits, carried, strict=True), *zip(loop.body.yields, carried, strict=True), *zip(carried, loop.outs, strict=True)]
    if loop.test is not None:
        pairs.extend(zip(carried, loop.test.params, strict=True))
        if any(map(_is_number, loop.test.yields)):
            return False
    seqs = loop.iter.seqs if isinstance(loop.iter, Each) else () if loop.iter is None else (loop.iter,)
    for seq, item in zip(seqs, loop.body.params, strict=False):
        bounds = (seq.start, seq.stop, seq.step) if isinstance(seq, Range) else ()
        if _of(*bounds) or _is_number(seq if not isinstance(seq, Range) else Const(0)):
            return False
        if not isinstance(seq, Range):
            pairs.append((seq, item))
    return not _of(*loop.slots) and _all_handed_on(pairs)


def _call_fits(call: Call) -> bool:
    """Whether an operation does with numbers what may be done with objects."""
    args: tuple[Arg, ...] = (*call.args, *(v for _, v in call.params))
    if isinstance(call.op, Op):  # of a list only its length is read
        args = tuple(a for n, a in enumerate(args) if n not in call.op.shape_only or _is_number(a))
    if not _of(*args) or isinstance(call.op, FuncRef):  # parameters of functions have the types of what they are given
        return True
    name, first = call.op.name, args[0]
    if name in ("eq", "ne"):
        return all(map(_is_number, args))
    if name == "place_of_value":
        first, args = args[1], (args[1], first)
    if name in ("in_", "not_in", "place_of_value"):
        return _is_number(first) and not _is_number(args[1]) and _of(first) == _of(args[1])
    if name in ("is_", "is_not"):
        return args[1] == Const(None)
    if name == "ge" and isinstance(first, Var) and isinstance(first.type, Numbered):  # whether there is an object
        return first.type.optional and args[1] == Const(0)
    if name in ("getitem", "list_set") and _is_number(args[1]):  # what an object holds
        first, args = args[0], (args[0], *args[2:])
    if any(_vague(o.type) for o in call.outs):
        return False
    if name in _TAKING:
        return not _is_number(first) and not _of(*args[1:])
    copies = name == "call" and isinstance(first, Ref) and first.value in _COPYING and not _is_number(args[1])
    return (name in _STORING or copies) and _of(*args) <= frozenset[type]().union(*(numbered_in(o.type) for o in call.outs))
