"""One call of the IR as a statement or expression."""
from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from srcad.backend.forms import fill, parse_form
from srcad.backend.imports import of_module, spec_text
from srcad.backend.nodes import Imported, LocalImport, Slot, parts
from srcad.backend.values import Resolve, constant, value_of, variables
from srcad.errors import InternalError
from srcad.ir.core import ALL
from srcad.ir.nodes import Arg, Call, Const, Effect, FuncRef, Op, Pack, Star, Var, With

Build = Callable[[Resolve], ast.stmt | ast.expr]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a call prints.  `order`: the variables it reads, in order of evaluation; `fixed`: those that must stay variables;
    `lazy`: those that may not be evaluated at all; `text`: those put into an f-string.
    """

    build: Build
    order: tuple[Var, ...]
    fixed: frozenset[Var] = frozenset()
    lazy: frozenset[Var] = frozenset()
    text: frozenset[Var] = frozenset()
    expression: bool = True
    size: int = 0


def shape(call: Call | With) -> Shape:
    """How the operation of a statement prints, its outs left out."""
    if isinstance(call.op, FuncRef):
        name = call.op.name
        order = variables((*call.args, *(v for _, v in call.params)))
        return Shape(lambda r: _call(ast.Name(id=name, ctx=ast.Load()), call.args, call.params, r), tuple(order), size=len(name) + 2)
    usual = call.op.name in ALL and call.op.form == ALL[call.op.name].form  # a helper that reads an attribute is a call
    special = _SPECIAL.get(call.op.name) if usual else None
    return special(call) if special is not None else _by_form(call, call.op)


def keywords(params: tuple[tuple[str, Arg], ...], resolve: Resolve) -> list[ast.keyword]:
    """Keyword arguments."""
    found = []
    for name, value in params:
        if isinstance(value, Star):
            found.append(ast.keyword(arg=None, value=value_of(value.value, resolve)))
        else:
            found.append(ast.keyword(arg=name, value=value_of(value, resolve)))
    return found


def _call(func: ast.expr, args: tuple[Arg, ...], params: tuple[tuple[str, Arg], ...], resolve: Resolve) -> ast.Call:
    return ast.Call(func=func, args=[value_of(a, resolve) for a in args], keywords=keywords(params, resolve))


def _by_form(call: Call | With, op: Op) -> Shape:
    form = parse_form(op.form)
    own = [n for n in form.order if n >= 0]
    if own and max(own) >= len(call.args):
        msg = f"'{op.name}' has too few arguments"
        raise InternalError(msg, stage="backend")
    rest = [a for n, a in enumerate(call.args) if n not in own]
    if rest and -1 not in form.order:
        msg = f"'{op.name}' has too many arguments"
        raise InternalError(msg, stage="backend")
    ordered = [a for n in form.order for a in (rest if n < 0 else [call.args[n]])]
    order = variables((*ordered, *(v for _, v in call.params)))
    fixed = frozenset(variables([call.args[n] for n in own if n in form.repeated]))
    lazy = frozenset(variables([call.args[n] for n in own if n in form.lazy]))

    def build(resolve: Resolve) -> ast.stmt | ast.expr:
        values = {n: value_of(call.args[n], resolve, subscript=n in form.subscripts) for n in own}
        tree = fill(form, values, [value_of(a, resolve) for a in rest], op.imports)
        if call.params:
            _append(tree, keywords(call.params, resolve), op.name)
        if Effect.DIVERGES in op.effects and isinstance(tree, ast.Expr):
            return ast.Raise(exc=tree.value, cause=None)
        return tree.value if isinstance(tree, ast.Expr) else tree

    expression = form.is_expression and Effect.DIVERGES not in op.effects
    return Shape(build, tuple(order), fixed, lazy, expression=expression, size=max(len(op.form) - 2 * len(own), 1))


def _append(tree: ast.stmt, given: list[ast.keyword], name: str) -> None:
    if not isinstance(tree, ast.Expr) or not isinstance(tree.value, ast.Call):
        msg = f"the form of '{name}' has no place for keyword arguments"
        raise InternalError(msg, stage="backend")
    tree.value.keywords.extend(given)


# ---- operations that no form describes -----------------------------------------------------------------------------------
def text_of(arg: Arg) -> str:
    """A name given as a constant."""
    assert isinstance(arg, Const)
    assert isinstance(arg.value, str)
    return arg.value


def _global(call: Call | With) -> Shape:
    name = text_of(call.args[0])
    return Shape(lambda _: ast.Name(id=name, ctx=ast.Load()), (), size=len(name))


def _getattr(call: Call | With) -> Shape:
    name = text_of(call.args[1])
    return Shape(
        lambda r: ast.Attribute(value=value_of(call.args[0], r), attr=name, ctx=ast.Load()),
        tuple(variables(call.args[:1])), size=len(name) + 1,
    )  # fmt: skip


def _setattr(call: Call | With) -> Shape:
    target, name, value = call.args

    def build(r: Resolve) -> ast.stmt:
        new = value_of(value, r)
        return ast.Assign(targets=[ast.Attribute(value=value_of(target, r), attr=text_of(name), ctx=ast.Store())], value=new)

    return Shape(build, tuple(variables((value, target))), expression=False)


def _delattr(call: Call | With) -> Shape:
    target, name = call.args
    return Shape(
        lambda r: ast.Delete(targets=[ast.Attribute(value=value_of(target, r), attr=text_of(name), ctx=ast.Del())]),
        tuple(variables((target,))), expression=False,
    )  # fmt: skip


def _setglobal(call: Call | With) -> Shape:
    name, value = call.args
    return Shape(
        lambda r: ast.Assign(targets=[ast.Name(id=text_of(name), ctx=ast.Store())], value=value_of(value, r)),
        tuple(variables((value,))), expression=False,
    )  # fmt: skip


def _raise(call: Call | With) -> Shape:
    cause = dict(call.params).get("cause")
    order = variables((*call.args, *(() if cause is None else (cause,))))

    def build(r: Resolve) -> ast.stmt:
        return ast.Raise(exc=value_of(call.args[0], r) if call.args else None, cause=None if cause is None else value_of(cause, r))

    return Shape(build, tuple(order), expression=False)


def _import(call: Call | With) -> Shape:
    module, attr, number = (a.value if isinstance(a, Const) else None for a in (*call.args, *(Const(0),) * (3 - len(call.args))))
    (out,) = call.outs
    name = attr if isinstance(attr, str) else None
    level = number if isinstance(number, int) else 0
    return Shape(lambda _: LocalImport(Slot(out), str(module or ""), name, level), (), expression=False)


def _closure(call: Call | With) -> Shape:
    """A function with captured values, which are given by name or are its first arguments: `functools.partial(g, y=y)`,
    `functools.partial(g, y)`; the bare function where it captures nothing.
    """
    params = dict(call.params)
    name = text_of(params["func"])
    names = params.get("names", Const(()))
    assert isinstance(names, Const)
    assert isinstance(names.value, tuple)
    free = names.value

    def build(r: Resolve) -> ast.expr:
        func = ast.Name(id=name, ctx=ast.Load())
        if not call.args:
            return func
        values = [value_of(a, r) for a in call.args]
        given = [ast.keyword(arg=str(n), value=v) for n, v in zip(free, values, strict=False)]
        spec = of_module("functools")
        partial = ast.Attribute(value=Imported(spec_text(spec), spec.name), attr="partial", ctx=ast.Load())
        return ast.Call(func=partial, args=[func] if free else [func, *values], keywords=given)

    return Shape(build, tuple(variables(call.args)), size=len(name) + 20)


def _fstring(call: Call | With) -> Shape:
    order = tuple(variables(call.args))

    def build(r: Resolve) -> ast.expr:
        values: list[ast.expr] = []
        for part in call.args:
            if isinstance(part, Pack):
                value, conversion, spec = part.items
                made = value_of(value, r)
                mark = text_of(conversion)
                values.append(ast.FormattedValue(value=made, conversion=ord(mark) if mark else -1, format_spec=_spec(spec, r)))
            else:
                values.append(constant(text_of(part)))
        return ast.JoinedStr(values=values)

    return Shape(build, order, text=frozenset(order), size=12)


def _spec(spec: Arg, r: Resolve) -> ast.expr | None:
    if isinstance(spec, Const):
        return ast.JoinedStr(values=[constant(spec.value)]) if spec.value else None
    made = value_of(spec, r)
    if isinstance(made, ast.JoinedStr):
        return made
    return ast.JoinedStr(values=[ast.FormattedValue(value=made, conversion=-1, format_spec=None)])


def fits_text(expr: ast.expr) -> bool:
    """Whether an expression may stand inside an f-string, also on Python 3.11."""
    for node in parts(expr):
        if isinstance(node, ast.JoinedStr) and node is not expr:
            return False
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and any(c in repr(node.value) for c in '\\"#'):
            return isinstance(expr, ast.JoinedStr)
    return True


_SPECIAL: dict[str, Callable[[Call | With], Shape]] = {
    "global": _global, "getattr": _getattr, "setattr": _setattr, "delattr": _delattr, "setglobal": _setglobal, "raise": _raise,
    "import": _import, "closure": _closure, "fstring": _fstring,
}  # fmt: skip
