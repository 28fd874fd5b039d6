"""Names of temporaries, by what they hold: `sin_E`, `x_shape`, `product`."""
from __future__ import annotations

import ast
import keyword
from collections.abc import Callable

from srcad.backend.nodes import LocalImport, Parallel, Slot
from srcad.ir.nodes import Var
from srcad.ir.types import INT

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "total", ast.Sub: "difference", ast.Mult: "product", ast.Div: "quotient", ast.FloorDiv: "quotient", ast.Mod: "remainder",
    ast.Pow: "power", ast.MatMult: "product", ast.BitAnd: "mask", ast.BitOr: "mask", ast.BitXor: "mask", ast.LShift: "shifted",
    ast.RShift: "shifted",
}  # fmt: skip
_WORDS = {
    "add": "total", "subtract": "difference", "multiply": "product", "divide": "quotient", "safe_divide": "quotient",
    "safe_ratio": "quotient", "power_slope": "slope", "unbroadcast": "summed",
}  # fmt: skip
_PARTING = ("unstack_like", "split_like", "hsplit_like", "vsplit_like")
_ENDINGS = (("ies", "y"), ("xes", "x"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("s", ""))  # of many, and of one
_LONGEST = 10
NameOf = Callable[[Var], str]


def fit(name: str) -> str:
    """A name that the text may have, '' for others: those of the compiler's own variables are none (`n@cell`)."""
    return name if name.isidentifier() and not keyword.iskeyword(name) else ""


def role(var: Var, stmt: ast.stmt | None, name_of: NameOf) -> str:
    """A name for a variable that `stmt` is the first to assign."""
    match stmt:
        case ast.Assign(targets=[Slot()], value=value):
            return of_value(value, name_of)
        case ast.Assign(value=value):
            return "part" if isinstance(value, ast.Call) else "item"
        case Parallel(targets=targets, values=values):
            for t, v in zip(targets, values, strict=True):
                if t.var == var:
                    return of_value(v, name_of)
        case ast.For(iter=ast.Call(func=ast.Name(id="range"))):
            return "k"
        case ast.For():
            return "item"
        case LocalImport(module=module, name=name):
            return name or module.partition(".")[0]
        case ast.With():
            return "manager"
        case ast.Try():
            return "error"
        case None:
            return "k" if var.type == INT else "argument"
    return "k" if var.type == INT else "item"


def of_value(value: ast.expr, name_of: NameOf) -> str:
    """A name for the value of an expression."""
    match value:
        case ast.BinOp(op=op):
            return _OPERATORS[type(op)]
        case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.BoolOp():
            return "test"
        case ast.UnaryOp(operand=operand) if not isinstance(operand, ast.Constant):  # a literal says nothing
            return _join("minus", operand, name_of) or "negative"
        case ast.Call(func=ast.Attribute(value=ast.Subscript() as part, attr="copy"), args=[]):
            return of_value(part, name_of)
        case ast.Call(func=ast.Attribute(value=Slot() as owner, attr="pop")):
            return _singular(name_of(owner.var))
        case ast.Call(func=ast.Name(id="copy_tree"), args=[copied]) if not isinstance(copied, Slot):
            return of_value(copied, name_of)
        case ast.Call(func=ast.Name(id="list"), args=[ast.Subscript() as copied]):
            return of_value(copied, name_of)
        case ast.Call(func=ast.Name(id=name)) if name.endswith("_bwd"):
            return f"{name.removesuffix('_bwd')}_bar"
        case ast.Call(func=ast.Name(id=word), args=[Slot() as whole, *_]) if word in _PARTING and _short(name_of(whole.var)):
            return f"{name_of(whole.var)}_parts"
        case ast.Call(func=ast.Attribute(value=Slot() as owner, attr=attr)):
            return f"{name_of(owner.var)}_{attr}" if _short(name_of(owner.var)) else attr
        case ast.Call(func=func, args=args):
            if isinstance(func, Slot):
                return "result"
            word = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else "result"
            return (_join(word, args[0], name_of) if len(args) == 1 else "") or _WORDS.get(word, word)
        case ast.Subscript(value=ast.Attribute(value=Slot() as owner, attr="shape"), slice=ast.Constant(value=int() as axis)) if axis >= 0:
            return f"{name_of(owner.var)}_shape_{axis}" if _short(name_of(owner.var)) else "item"
        case ast.Attribute(value=owner, attr=attr):
            return f"{name_of(owner.var)}_{attr}" if isinstance(owner, Slot) and _short(name_of(owner.var)) else attr
        case ast.Subscript(value=Slot() as owner, slice=at):
            return _item(name_of(owner.var), at, name_of)
    return _container(value)


def _container(value: ast.expr) -> str:
    match value:
        case ast.List() | ast.ListComp():
            return "items"
        case ast.Tuple():
            return "values"
        case ast.Dict() | ast.DictComp():
            return "table"
        case ast.Set() | ast.SetComp():
            return "members"
        case ast.JoinedStr():
            return "text"
        case ast.Lambda():
            return "function"
        case ast.Subscript():
            return "item"
    return "value"


def _short(name: str) -> bool:
    return 0 < len(name) <= _LONGEST


def _join(word: str, argument: ast.expr, name_of: NameOf) -> str:
    name = name_of(argument.var) if isinstance(argument, Slot) else ""
    return f"{word}_{name}" if _short(name) else ""


def _singular(owner: str) -> str:
    """A name for one of what a list holds: `item_bar` of `items_bar`."""
    name, mark, rest = owner.partition("_bar")
    if rest:
        name, mark = owner, ""
    for many, one in _ENDINGS:
        if name.endswith(many) and not name.endswith("ss"):
            return f"{name[: -len(many)]}{one}{mark}"
    return "item"


def _item(owner: str, at: ast.expr, name_of: NameOf) -> str:
    if not _short(owner):
        return "item"
    match at:
        case ast.Constant(value=int() as n) if n >= 0:
            return f"{owner}_{n}"
        case ast.Constant(value=str() as key) if fit(key):
            return f"{owner}_{key}"
        case Slot(var=var) if _short(name_of(var)):
            return f"{owner}_{name_of(var)}"
        case ast.Slice() | ast.Tuple():
            return f"{owner}_part"
    return f"{owner}_item"
