"""Operations that get another rule where their operands are of a kind: roots of sums of squares, products with unbounded factors.

Roots of sums of squares have the slope 0 at 0, as norms have; the operation is the user's, its rule another one.

    def f(x: float64[n]) {
      %1: float64[n] = pow(x, 2)
      %2: np.float64 = np.sum(%1)
      %3: np.float64 = np.sqrt(%2)
      return %3
    }

becomes

    def f(x: float64[n]) {
      %1: float64[n] = pow(x, 2)
      %2: np.float64 = np.sum(%1)
      %3: np.float64 = root.sqrt(%2)
      return %3
    }

A sum of squares has its least value where it is 0.  The chain rule gives infinity times 0 there, which is nan; the root has
a kink, and 0 lies in the middle of its slopes.  Of other values the slope of the root at 0 is infinite, and stays so.

A product with a factor that may be infinite or nan (a logarithm, a root, a quotient), `unbounded.mul`, has such a slope by its other
factor: behind a mask, as in `np.where(p > 0, p * np.log(p), 0.0)`, it counts as singular functions do.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace

from srcad.ir.nodes import Arg, Block, Call, Const, Func, If, Loop, Pack, Stmt, Var
from srcad.ir.types import Array, dtype_kind
from srcad.ir.visit import blocks, leaves, walk, with_blocks
from srcad.ops.elementwise import singular_power

ROOTS = {"np.sqrt": "root.sqrt", "math.sqrt": "root.math_sqrt", "pow": "root.pow", "np.power": "root.pow"}
_UNBOUNDED = frozenset((
    "np.log", "np.log2", "np.log10", "np.log1p", "np.sqrt", "np.exp", "np.exp2", "np.expm1", "np.sinh", "np.cosh", "np.reciprocal",
    "np.arcsin", "np.arccos", "np.arccosh", "np.arctanh", "safe_divide", "power_slope", "power_log", "safe_power",
))  # fmt: skip
_MASKS = frozenset((
    "np.where", "np.select", "np.piecewise", "np.choose", "np.maximum", "np.minimum", "np.fmax", "np.fmin", "np.clip", "np.nan_to_num",
))  # fmt: skip
_POWERS = ("pow", "np.power")
_MIXED = ("add", "sub", "mul", "unbounded.mul", "neg", "truediv")
_SAME = ("np.dot", "np.vdot", "np.inner", "matmul", "np.matmul", "np.vecdot", "ndarray.dot")
_OF_FIRST = (
    "np.sum", "np.mean", "np.nansum", "np.nanmean", "ndarray.sum", "ndarray.mean", "sum", "math.fsum", "np.average", "truediv", "getitem",
    "np.reshape", "ndarray.reshape", "ndarray.astype", "np.squeeze", "ndarray.T", "np.transpose", "np.asarray", "np.array", "np.diag",
    "np.diagonal", "float", "np.float64", "np.float32", "np.expand_dims", "np.broadcast_to", "np.copy", "ndarray.copy",
)  # fmt: skip


def roots(func: Func) -> Func:
    """The function with such operations under names of their own."""
    calls = [s for s in walk(func.body) if isinstance(s, Call)]
    masked = any(map(_is_mask, calls)) and any(map(_is_unbounded, calls))
    if not masked and not any(call.op.name in ROOTS for call in calls):
        return func
    return replace(func, body=_block(func.body, _Values(func, masked)))


def _block(block: Block, values: _Values) -> Block:
    return replace(block, stmts=tuple(_statement(s, values) for s in block.stmts))


def _statement(stmt: Stmt, values: _Values) -> Stmt:
    if not isinstance(stmt, Call):
        return with_blocks(stmt, tuple(_block(b, values) for b in blocks(stmt)))
    if values.masked and stmt.op.name == "mul" and isinstance(stmt.outs[0].type, Array) and any(map(values.is_unbounded, stmt.args)):
        return replace(stmt, op=replace(stmt.op, name="unbounded.mul"))
    name = ROOTS.get(stmt.op.name)
    if name is None or stmt.params or not values.is_sum(stmt.args[0]):
        return stmt
    if name == "root.pow" and not _is_root(stmt.args[1]):
        return stmt
    return replace(stmt, op=replace(stmt.op, name=name))


def _is_mask(call: Call) -> bool:
    """Whether an operation leaves elements out, so that their cotangents are 0."""
    if call.op.name in ("getitem", "store"):
        return any(isinstance(a, Var) and dtype_kind(a.type) == "b" for index in call.args[1:2] for a in leaves(index))
    return call.op.name in _MASKS or any(key == "where" for key, _ in call.params)


def _is_unbounded(call: Call) -> bool:
    """Whether an operation gives infinity or nan at some finite operands."""
    if call.op.name in _POWERS:
        return not isinstance(call.args[1], Const) or bool(singular_power(call.args[0], call.args[1].value))
    if call.op.name == "truediv":
        return not isinstance(call.args[1], Const)
    return call.op.name in _UNBOUNDED


def _is_root(exponent: Arg) -> bool:
    return isinstance(exponent, Const) and type(exponent.value) is float and 0.0 < exponent.value < 1.0


@dataclass
class _Values:
    """Which values of a function are sums of squares of real numbers, and which may be infinite or nan."""

    func: Func
    masked: bool  # whether the function leaves elements of unbounded values out
    _made: dict[Var, tuple[Stmt, int]] = field(default_factory=dict)
    _carried: dict[Var, tuple[Loop, int]] = field(default_factory=dict)
    _known: dict[Var, bool] = field(default_factory=dict)
    _wide: dict[Var, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stmt in walk(self.func.body):
            if isinstance(stmt, Call | If | Loop):
                self._made.update({out: (stmt, n) for n, out in enumerate(stmt.outs)})
            if isinstance(stmt, Loop):
                first = len(stmt.body.params) - len(stmt.inits)
                self._carried.update({p: (stmt, n) for n, p in enumerate(stmt.body.params[first:])})

    def is_sum(self, arg: Arg) -> bool:
        """Whether a value is a sum of squares, or 0."""
        if isinstance(arg, Const):
            return type(arg.value) in (int, float) and arg.value == 0
        if not isinstance(arg, Var) or dtype_kind(arg.type) == "c":
            return False
        if arg not in self._known:
            self._known[arg] = True  # what a loop carries is one if the next one is
            found = self._found(arg)
            if not found:
                self._known.clear()  # what rested on it is to be asked again
            self._known[arg] = found
        return self._known[arg]

    def is_unbounded(self, arg: Arg) -> bool:
        """Whether an array may hold infinity or nan since an operation on finite numbers gives them."""
        if not isinstance(arg, Var) or not isinstance(arg.type, Array):
            return False
        if arg not in self._wide:
            self._wide[arg] = False  # no value is made of itself
            stmt = self._made.get(arg, (None, 0))[0]
            mixed = isinstance(stmt, Call) and stmt.op.name in _MIXED
            self._wide[arg] = isinstance(stmt, Call) and (_is_unbounded(stmt) or (mixed and any(map(self.is_unbounded, stmt.args))))
        return self._wide[arg]

    def _found(self, arg: Var) -> bool:
        if arg in self._carried:
            loop, n = self._carried[arg]
            return self.is_sum(loop.inits[n]) and self.is_sum(loop.body.yields[n])
        stmt, n = self._made.get(arg, (None, 0))
        match stmt:
            case Call():
                return self._call(stmt)
            case If(_, _, then, orelse):
                return self.is_sum(then.yields[n]) and self.is_sum(orelse.yields[n])
            case Loop():
                return self.is_sum(stmt.inits[n]) and self.is_sum(stmt.body.yields[n])
        return False

    def _call(self, call: Call) -> bool:
        name, args = call.op.name, call.args
        if name == "np.square":
            return True
        if name in ("pow", "np.power"):
            return isinstance(args[1], Const) and args[1].value in (2, 4)
        if name in ("mul", "np.multiply"):
            same = args[0] == args[1] and isinstance(args[0], Var)
            return same or any(_positive(a) and self.is_sum(b) for a, b in (args, args[::-1]))
        if name in ("add", "np.add"):
            return self.is_sum(args[0]) and self.is_sum(args[1])
        if name in _SAME:
            return args[0] == args[1]
        if name == "list_append":
            return self.is_sum(args[0]) and self.is_sum(args[1])
        if name == "pack":
            return isinstance(args[0], Pack) and all(map(self.is_sum, args[0].items))
        if name == "np.einsum":
            return len(args) == 3 and args[1] == args[2] and _same_letters(args[0])
        return name in _OF_FIRST and bool(args) and self.is_sum(args[0])


def _positive(arg: Arg) -> bool:
    return isinstance(arg, Const) and type(arg.value) in (int, float) and arg.value > 0  # type: ignore[operator]


def _same_letters(arg: Arg) -> bool:
    terms = arg.value.partition("->")[0].split(",") if isinstance(arg, Const) and isinstance(arg.value, str) else []
    return len(terms) == 2 and terms[0] == terms[1]
