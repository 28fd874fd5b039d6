"""Results of derivative functions: cotangents in the structure, types and dtypes of their primals."""
from __future__ import annotations

from collections.abc import Sequence

from srcad.ad.adjoints import Key, Path, built, type_at
from srcad.ad.structure import value_at
from srcad.analysis.handing import handing
from srcad.analysis.sharing import Sharing
from srcad.ir.build import Builder
from srcad.ir.core import CALL, LIST_FLOATS
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Func, Op, Pack, Program, Ref, Stmt, Var
from srcad.ir.types import CONTAINERS, FLOAT, Array, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type, is_dict, may_carry_derivative
from srcad.ir.visit import all_defs, uses
from srcad.ops import table
from srcad.ops.entry import quiet

_LOW = ("float16", "float32", "complex64")
_COPY = Op("copy", "_0.copy()")


class Finisher:
    """Writes the end of a reverse sweep: one gradient per differentiated parameter.

    `forward`, `stmts`: both sweeps, `bars`: the cotangents that these end with, `pairs`: the functions made for calls in them.
    """

    def __init__(
        self, builder: Builder, forward: Block, stmts: tuple[Stmt, ...], bars: dict[Key, Atom], program: Program, pairs: Sequence[Func]
    ) -> None:
        self.builder = builder
        self.bars = bars
        primal, callees = program.entry.body, program.funcs[1:]
        whole = Block(primal.params, (*forward.stmts, *stmts), ())
        self.sharing = Sharing(whole, handing(Program((Func("", whole), *pairs, *callees))))
        self.known = self.sharing.born(all_defs(Block((), forward.stmts, ())))
        self.mixed = any(getattr(v.type, "dtype", "float64") in _LOW for v in all_defs(primal))
        idle = set(primal.params).difference(uses(primal))  # a function that is called, for instance
        self.plain = all(_is_plain(v.type) for v in all_defs(primal) if v not in idle)
        self.plain = self.plain and all(_is_plain(v.type) for f in callees for v in all_defs(f.body))
        self.given: set[Var] = set()
        self.cast = {s.outs[0]: s.op.name for s in stmts if isinstance(s, Call)}

    def gradient(self, param: Var, path: Path = ()) -> Arg:
        """The gradient of a parameter, or of the part at a path, as an argument tree."""
        return self._tree(param, type_at(param.type, path), path)

    def _tree(self, param: Var, t: Type, path: tuple[int, ...]) -> Arg:
        if isinstance(t, Struct) and t.cls in CONTAINERS:
            items = tuple(self._tree(param, item, (*path, n)) for n, item in enumerate(t.items))
            return Pack(t.cls.__name__, items, tuple(map(Const, t.keys)) if is_dict(t.cls) else ())
        if isinstance(t, Struct):
            params = tuple((str(k), self._tree(param, item, (*path, n))) for n, (k, item) in enumerate(zip(t.keys, t.items, strict=True)))
            return built(self.builder, param, path, params, t)
        if not may_carry_derivative(t):
            return Const(None)
        return self._leaf(param, path, t)

    def _leaf(self, param: Var, path: tuple[int, ...], t: Type) -> Arg:
        bar = self.bars[param, path]
        found = bar.type if isinstance(bar, Var) else FLOAT
        match t:
            case Scalar("float" | "real"):
                if isinstance(bar, Const):
                    return Const(float(bar.value))  # type: ignore[arg-type]
                if found == FLOAT and self.plain:
                    return bar
                return self.builder.call(_converts("float"), (bar,), FLOAT, hint=_hint(bar))
            case NpScalar(dtype):
                if found == t and (not self.mixed or (isinstance(bar, Var) and self.cast.get(bar) == f"np.{dtype}")):
                    return bar
                if table.spelling(f"np.{dtype}") is None:
                    return self.builder.call(CALL, (Ref(f"numpy:{dtype}"), bar), t, hint=_hint(bar))
                return self.builder.call(_converts(f"np.{dtype}"), (bar,), t, hint=_hint(bar))
            case ListOf(item) if item == FLOAT and found == t:
                return self.builder.call(LIST_FLOATS, (bar,), t, hint=_hint(bar))
            case Array(dtype, shape) if shape and isinstance(found, Array) and found.ndim == t.ndim:  # of rank 0 it may be a number
                return self._array(bar, found, dtype)
        leaf = value_at(self.builder, param, param.type, path).atom
        return self.builder.call(_converts("gradient_like"), (bar, leaf), t, hint=_hint(bar))

    def _is_own(self, bar: Var) -> bool:
        """Whether the reverse sweep has made an array, and nothing that is returned shares its memory."""
        own = self.sharing.objects(bar)
        free = bool(own) and not self.sharing.is_given(bar) and not own & self.known
        free = free and not any(self.sharing.meets(bar, v) for v in self.given)
        self.given.add(bar)
        return free

    def _array(self, bar: Atom, found: Array, dtype: str) -> Atom:
        """An array of the right dtype that nothing else refers to."""
        own = isinstance(bar, Var) and self._is_own(bar)
        if found.dtype != dtype or self.mixed:  # where precisions mix, a cotangent may be wider than its type says
            return self.builder.call(_converts("ndarray.astype"), (bar, Ref(f"numpy:{dtype}")), Array(dtype, found.shape), hint=_hint(bar))
        return bar if own else self.builder.call(_COPY, (bar,), found, hint=_hint(bar))


def _is_plain(t: Type) -> bool:
    """Whether values of a type hold no NumPy scalars, so that sums of their cotangents are Python floats."""
    match t:
        case Scalar(kind):
            return kind != "real"
        case ListOf(item) | TupleOf(item):
            return _is_plain(item)
        case Struct(_, _, items):
            return all(map(_is_plain, items))
        case Opaque(cls):
            return cls is not None
    return not isinstance(t, NpScalar | Array)


def _converts(name: str) -> Op:
    """The operation of the table that changes a type, which higher derivatives pass through."""
    spelling = table.spelling(name)
    assert spelling is not None, name
    return quiet(spelling.op)


def _hint(bar: Atom) -> str:
    return bar.hint if isinstance(bar, Var) else ""
