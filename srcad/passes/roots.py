"""Operations that get another rule where their operands are of a kind: roots of sums of squares, and products with logarithms.

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

A product with a logarithm, `log.mul`, can have an infinite slope by its other factor: behind a mask, as in
`np.where(p > 0, p * np.log(p), 0.0)`, it counts as singular functions do.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace

from srcad.ir.nodes import Arg, Block, Call, Const, Func, If, Loop, Pack, Stmt, Var
from srcad.ir.types import dtype_kind
from srcad.ir.visit import blocks, walk, with_blocks

ROOTS = {"np.sqrt": "root.sqrt", "math.sqrt": "root.math_sqrt", "pow": "root.pow", "np.power": "root.pow"}
_LOGS = ("np.log", "math.log", "np.log2", "math.log2", "np.log10", "math.log10", "np.log1p", "math.log1p")
_SAME = ("np.dot", "np.vdot", "np.inner", "matmul", "np.matmul", "np.vecdot", "ndarray.dot")
_OF_FIRST = (
    "np.sum", "np.mean", "np.nansum", "np.nanmean", "ndarray.sum", "ndarray.mean", "sum", "math.fsum", "np.average", "truediv", "getitem",
    "np.reshape", "ndarray.reshape", "ndarray.astype", "np.squeeze", "ndarray.T", "np.transpose", "np.asarray", "np.array", "np.diag",
    "np.diagonal", "float", "np.float64", "np.float32", "np.expand_dims", "np.broadcast_to", "np.copy", "ndarray.copy",
)  # fmt: skip


def roots(func: Func) -> Func:
    """The function with such operations under names of their own."""
    if not any(isinstance(s, Call) and (s.op.name in ROOTS or s.op.name in _LOGS) for s in walk(func.body)):
        return func
    return replace(func, body=_block(func.body, _Squares(func)))


def _block(block: Block, squares: _Squares) -> Block:
    return replace(block, stmts=tuple(_statement(s, squares) for s in block.stmts))


def _statement(stmt: Stmt, squares: _Squares) -> Stmt:
    if not isinstance(stmt, Call):
        return with_blocks(stmt, tuple(_block(b, squares) for b in blocks(stmt)))
    if stmt.op.name == "mul" and any(map(squares.is_log, stmt.args)):
        return replace(stmt, op=replace(stmt.op, name="log.mul"))
    name = ROOTS.get(stmt.op.name)
    if name is None or stmt.params or not squares.is_sum(stmt.args[0]):
        return stmt
    if name == "root.pow" and not _is_root(stmt.args[1]):
        return stmt
    return replace(stmt, op=replace(stmt.op, name=name))


def _is_root(exponent: Arg) -> bool:
    return isinstance(exponent, Const) and type(exponent.value) is float and 0.0 < exponent.value < 1.0


@dataclass
class _Squares:
    """Which values of a function are sums of squares of real numbers."""

    func: Func
    _made: dict[Var, tuple[Stmt, int]] = field(default_factory=dict)
    _carried: dict[Var, tuple[Loop, int]] = field(default_factory=dict)
    _known: dict[Var, bool] = field(default_factory=dict)

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

    def is_log(self, arg: Arg) -> bool:
        """Whether a value is a logarithm."""
        stmt = self._made.get(arg, (None, 0))[0] if isinstance(arg, Var) else None
        return isinstance(stmt, Call) and stmt.op.name in _LOGS

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
