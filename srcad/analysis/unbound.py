"""Values that may be unbound where they are handed on: None stands for them then, which has no shape."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from srcad.ir.nodes import UNDEF, Arg, Block, Call, Const, Each, Effect, Func, FuncRef, If, Loop, Program, Try, Var, With
from srcad.ir.types import may_carry_derivative
from srcad.ir.visit import all_defs, blocks, leaves, walk


_NONE_OF_NONE = ("zeros_tree", "zeros_part", "zeros_list", "copy_tree")
_NONE: Mapping[str, frozenset[int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Handed:
    """What functions of a program hand each other though it may be unbound: parameters, and numbers of yields, by function."""

    params: Mapping[str, frozenset[Var]]
    yields: Mapping[str, frozenset[int]]

    def inside(self, func: Func) -> frozenset[Var]:
        """The values of a function of the program that may be unbound."""
        return unbound(func.body, self.params.get(func.name, ()), self.yields)


def handed_unbound(program: Program) -> Handed:
    """What may be unbound where functions of a program call each other."""
    funcs = {f.name: f for f in program.funcs}
    calls = {name: [s for s in walk(f.body) if isinstance(s, Call) and s.op.name in funcs] for name, f in funcs.items()}
    callers = {name: [f for n, f in funcs.items() if any(c.op.name == name for c in calls[n])] for name in funcs}
    params: dict[str, frozenset[Var]] = {name: frozenset() for name in funcs}
    yields: dict[str, frozenset[int]] = {name: frozenset() for name in funcs}
    todo = list(program.funcs)
    while todo:
        func = todo.pop()
        inside = unbound(func.body, params[func.name], yields)
        given = frozenset(n for n, y in enumerate(func.body.yields) if y in inside or y == UNDEF)
        if given != yields[func.name]:
            yields[func.name] = given
            todo.extend(callers[func.name])
        for call in calls[func.name]:
            rows = zip(call.args, funcs[call.op.name].body.params, strict=False)
            more = {p for a, p in rows if a in inside or a == UNDEF or (a == Const(None) and may_carry_derivative(p.type))}
            if more - params[call.op.name]:
                params[call.op.name] |= more
                todo.append(funcs[call.op.name])
    return Handed(params, yields)


def unbound(body: Block, params: Iterable[Var] = (), yields: Mapping[str, frozenset[int]] = _NONE) -> frozenset[Var]:
    """Values that are unbound on some path: carried from nothing, let out of a branch or handler that does not set them, tapes of such.

    `params`: parameters of the block that may be unbound; `yields`: by function, what may be among what it gives.
    """
    found = _from_forward_sweep(body) | set(params)
    before = -1
    while len(found) != before:
        before = len(found)
        for stmt in walk(body):
            if isinstance(stmt, Loop):
                params = stmt.body.params[len(stmt.body.params) - len(stmt.inits) :]
                for init, param, out, yielded in zip(stmt.inits, params, stmt.outs, stmt.body.yields, strict=True):
                    if init == UNDEF or init in found or yielded in found:
                        found.update((param, out))
            elif isinstance(stmt, Call) and isinstance(stmt.op, FuncRef):
                found.update(stmt.outs[n] for n in yields.get(stmt.op.name, ()))
            elif isinstance(stmt, Call) and _hands_on(stmt, found):
                found.update(stmt.outs)
            elif isinstance(stmt, If | Try | With):
                for block in blocks(stmt):
                    rows = zip(stmt.outs, block.yields, strict=False)  # `finally` yields nothing
                    found.update(out for out, y in rows if not _leaves(block) and (y == UNDEF or y in found))
    return frozenset(found)


def _leaves(block: Block) -> bool:
    """Whether a block ends by raising."""
    return bool(block.stmts) and isinstance(block.stmts[-1], Call) and Effect.DIVERGES in block.stmts[-1].op.effects


def _hands_on(stmt: Call, found: frozenset[Var] | set[Var]) -> bool:
    """Whether a call gives None, or holds it, where an operand is None."""
    if stmt.op.name in ("tape_push", "pack"):
        return any(a in found for a in leaves(stmt.args[-1]))
    return stmt.op.name in _NONE_OF_NONE and stmt.args[0] in found


def _from_forward_sweep(body: Block) -> set[Var]:
    """What a backward half or reverse sweep, which is differentiated again, reads of what its forward sweep kept: maybe None."""
    found: set[Arg] = {v for v in all_defs(body) if _plain(v) == "residuals"}
    for stmt in walk(body):
        if isinstance(stmt, Loop) and isinstance(stmt.iter, Each):
            rows = zip(stmt.iter.seqs, stmt.body.params, strict=False)
            found.update(item for seq, item in rows if isinstance(seq, Var) and (seq in found or _plain(seq).endswith("tape")))
        elif isinstance(stmt, Call) and stmt.op.name in ("unpack", "getitem") and stmt.args[0] in found:
            found.update(stmt.outs)
    return {v for v in found if isinstance(v, Var)}


def _plain(value: Var) -> str:
    """What a value is called, or the one whose tangent or cotangent it is."""
    hint = value.hint
    while hint.endswith(("_dot", "_bar")):
        hint = hint[:-4]
    return hint
