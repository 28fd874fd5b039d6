"""The last touch, when names are known: copies in an order that works, no `x = x`, `x += y`, no empty branches."""
from __future__ import annotations

import ast
from collections.abc import Sequence

from srcad.backend.conditions import negated
from srcad.backend.defaults import gets_nothing
from srcad.backend.nodes import Comment, Noted, Parallel, Slot, bare, parts
from srcad.ir.types import dtype_kind, is_scalar

_SIGNED = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


def tidy_function(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a function."""
    out = tidy(body)
    while out and isinstance(bare(out[-1]), ast.Return) and bare(out[-1]).value is None:  # type: ignore[attr-defined]
        out.pop()
    return _filled(out)


def tidy(stmts: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a block."""
    out: list[ast.stmt] = []
    for s in stmts:
        note = s if isinstance(s, Noted) else Noted(s)
        for t in _stmt(bare(s)):
            new = Noted(t, note.note, note.loc) if not isinstance(t, Comment) else t
            last = bare(out[-1]) if out else None
            if last is not None and gets_nothing(t) and gets_nothing(last) and getattr(out[-1], "note", None) == note.note:
                last.targets.extend(t.targets)
            else:
                out.append(new)
    return out


def _stmt(s: ast.stmt) -> list[ast.stmt]:
    match s:
        case Parallel(targets=targets, values=values):
            return _sequential([(t, v) for t, v in zip(targets, values, strict=True) if not (isinstance(v, ast.Name) and v.id == t.id)])
        case ast.Assign(targets=[Slot() as target], value=value):
            return [] if isinstance(value, ast.Name) and value.id == target.id else [_assignment(target, value)]
        case ast.AugAssign(target=target, op=ast.Add(), value=value) if _is_derivative(target) and (lost := _negated(value)) is not None:
            return [ast.AugAssign(target=target, op=ast.Sub(), value=lost)]
        case ast.If():
            return _if(s)
        case ast.For() | ast.While():
            s.body, s.orelse = _filled(_without_continue(tidy(s.body))), tidy(s.orelse)
        case ast.With():
            s.body = _filled(tidy(s.body))
        case ast.Try():
            s.body, s.orelse, s.finalbody = _filled(tidy(s.body)), tidy(s.orelse), tidy(s.finalbody)
            for h in s.handlers:
                h.body = _filled(tidy(h.body))
            if not s.handlers and not s.finalbody:
                return s.body
    return [s]


def _is_derivative(target: ast.expr) -> bool:
    """Whether a number or array, or an element of one, is a cotangent or tangent of floats: there `x += -y` is `x -= y`."""
    whole = target.value if isinstance(target, ast.Subscript) else target
    return isinstance(whole, Slot) and whole.var.hint.endswith(("_bar", "_dot")) and dtype_kind(whole.var.type) in ("f", "c")


def _negated(value: ast.expr) -> ast.expr | None:
    """The value without the sign that it begins with, if that is one of floats: unsigned integers wrap around.  None without one."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return value.operand
    positive = _leading(value)
    return None if positive is value else positive


def _leading(value: ast.expr) -> ast.expr:
    """A product with the sign of its first factor left out."""
    match value:
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.MatMult() as op, right=right) if (first := _leading(left)) is not left:
            return ast.BinOp(left=first, op=op, right=right)
        case ast.Constant(value=float() as number) if number < 0.0:
            return ast.Constant(value=-number)
        case ast.UnaryOp(op=ast.USub(), operand=Slot() as operand) if dtype_kind(operand.var.type) in ("f", "c"):
            return operand
    return value


def _without_continue(stmts: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a trip; `continue` at its end says nothing."""
    last = bare(stmts[-1]) if stmts else None
    match last:
        case ast.Continue():
            return stmts[:-1]
        case ast.If():
            last.body, last.orelse = _filled(_without_continue(last.body)), _without_continue(last.orelse)
    return stmts


def _filled(stmts: list[ast.stmt]) -> list[ast.stmt]:
    return stmts if any(not isinstance(bare(s), Comment) for s in stmts) else [*stmts, ast.Pass()]


def _if(s: ast.If) -> list[ast.stmt]:
    body, orelse = tidy(s.body), tidy(s.orelse)
    if not body and not orelse:
        # The truth of an object may raise.
        known = isinstance(s.test, ast.Constant) or (isinstance(s.test, Slot) and is_scalar(s.test.var.type))
        return [] if known else [ast.If(test=s.test, body=[ast.Pass()], orelse=[])]
    if not body:
        return [ast.If(test=negated(s.test), body=orelse, orelse=[])]
    return [ast.If(test=s.test, body=_filled(body), orelse=orelse)]


def _assignment(target: Slot, value: ast.expr) -> ast.stmt:
    match value:
        case ast.BinOp(left=Slot() as left, op=op, right=right) if left.id == target.id and isinstance(op, _SIGNED):
            # Only numbers: `+=` would change an array or list in place.
            if is_scalar(left.var.type) and is_scalar(target.var.type):
                return ast.AugAssign(target=target, op=op, value=right)
    return ast.Assign(targets=[target], value=value)


def _sequential(pairs: list[tuple[Slot, ast.expr]]) -> list[ast.stmt]:
    """Copies one after the other, where no value reads a variable that is assigned before; else all at once."""
    if _in_order(pairs):
        return [_assignment(t, v) for t, v in pairs]
    if sum(not isinstance(v, ast.Name | ast.Constant) for _, v in pairs) <= 1:
        ordered: list[tuple[Slot, ast.expr]] = []
        left = list(pairs)
        while left:
            free = next((p for p in left if not any(p[0].id in _names(v) for q, v in left if q is not p[0])), None)
            if free is None:
                break
            ordered.append(free)
            left.remove(free)
        if not left:
            return [_assignment(t, v) for t, v in ordered]
    targets = ast.Tuple(elts=[t for t, _ in pairs], ctx=ast.Store())
    return [ast.Assign(targets=[targets], value=ast.Tuple(elts=[v for _, v in pairs], ctx=ast.Load()))]


def _in_order(pairs: Sequence[tuple[Slot, ast.expr]]) -> bool:
    assigned: set[str] = set()
    for target, value in pairs:
        if assigned & _names(value):
            return False
        assigned.add(target.id)
    return True


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in parts(node) if isinstance(n, ast.Name)}
