"""The fused form: value and gradient in one function, and the split form of a function that users call."""
from __future__ import annotations

from dataclasses import dataclass, replace

from srcad.ad.adjoints import Adjoints, leaf_paths
from srcad.ad.finish import Finisher
from srcad.ad.pairs import Pairs, Swept, residual_type, sweep
from srcad.ad.results import numbered, only_used
from srcad.analysis.activity import Cut, Piece
from srcad.ir.build import Builder
from srcad.ir.core import BANNER, PACK, UNPACK
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Func, Op, Pack, Program, Stmt, Var
from srcad.ir.types import FLOAT, Array, Type, holds_one
from srcad.ir.visit import free_vars
from srcad.ops.trace import Traced, apply

SCALAR_SEED = Op("scalar_seed", "scalar_seed(_0)", ("srcad.runtime:scalar_seed",), shape_only=(0,))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a fused function returns: the value too, or the gradient only; gradients of which parameters, bare if only one is."""

    wrt: tuple[Piece, ...]
    value: bool = True
    bare: bool = True
    aux: bool = False


@dataclass(frozen=True, slots=True)
class Derived:
    """A derivative program and the cuts that it makes."""

    program: Program
    cuts: tuple[Cut, ...]


def fused(program: Program, wanted: Wanted) -> Derived:
    """Both sweeps in one function."""
    func = program.entry
    pairs = Pairs(program)
    tree = func.result
    if not (isinstance(tree, Pack) and len(tree.items) == 2):
        wanted = replace(wanted, aux=False)
    main = _main_result(tree, aux=wanted.aux)
    atom = func.body.yields[main] if main is not None and func.body.yields else Const(None)

    def seed(adjoints: Adjoints) -> None:
        if not isinstance(atom, Var):
            return
        if isinstance(atom.type, Array) and atom.type.shape:
            one = apply("ones_like_shape", Traced(atom, atom.type, adjoints.builder))
        else:
            known = holds_one(atom.type)
            one = Traced(Const(1.0) if known else adjoints.builder.call(SCALAR_SEED, (atom,), FLOAT), FLOAT, adjoints.builder)
        adjoints.contribute_leaf(atom, (), one)

    swept = sweep(pairs, func, wanted.wrt, seed)
    builder = Builder(swept.names)
    finisher = Finisher(builder, swept.forward, swept.reverse, swept.bars, program, pairs.funcs)
    gradients = [finisher.gradient(func.body.params[piece.param], piece.path) for piece in wanted.wrt]
    gradient = gradients[0] if wanted.bare else Pack("tuple", tuple(gradients))
    opening = "forward sweep" if swept.saves is not False else "forward sweep: what it overwrites is not needed again, none of it is saved"
    stmts = (_banner(opening), *swept.forward.stmts, _banner("reverse sweep"), *swept.reverse, *builder.stmts)
    yields: list[Atom] = list(swept.forward.yields)
    gradient = numbered(gradient, yields)
    whole = gradient if not wanted.value else Pack("tuple", (tree if tree is not None else Const(0), gradient))
    if not wanted.value and wanted.aux:
        assert isinstance(tree, Pack)
        whole = Pack("tuple", (gradient, tree.items[1]))
    whole, kept = only_used(whole, yields)
    entry = Func(f"{func.name}_grad", Block(func.body.params, stmts, kept), None if whole == Const(0) else whole, func.key)
    return Derived(_assembled(program, entry, pairs), swept.activity.cuts)


def _assembled(program: Program, entry: Func, pairs: Pairs, *more: Func) -> Program:
    return replace(program, funcs=(entry, *more, *pairs.funcs, *(f for f in program.funcs[1:])))


def _banner(text: str) -> Stmt:
    return Call((), BANNER, (Const(text),))


def _main_result(tree: Arg | None, *, aux: bool) -> int | None:
    """The number of the yield that is differentiated; None where the result is no single value."""
    if aux:
        tree = tree.items[0] if isinstance(tree, Pack) and len(tree.items) == 2 else Const(None)
    if tree is None:
        return 0
    return int(tree.value) if isinstance(tree, Const) and tree.value is not None else None  # type: ignore[call-overload]


# ---- the split form for users ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SplitForm:
    """`forward(args) -> (result, residuals)` and `backward(residuals, *out_bars) -> gradients`.

    There is one out_bar per differentiable leaf of the result.
    """

    derived: Derived
    forward: str
    backward: str
    result: tuple[Arg, tuple[Type | None, ...]]  # the tree of the result, and the types of its leaves (None: no cotangent)


def split_form(program: Program, wrt: tuple[Piece, ...]) -> SplitForm:
    """The pair of the entry, with gradients finished for users."""
    func = program.entry
    pairs = Pairs(program)
    out_bars: list[Var] = []
    outs = tuple(n for n, y in enumerate(func.body.yields) if isinstance(y, Var))

    def seed(adjoints: Adjoints) -> None:
        out_bars.clear()
        for n in outs:
            atom = func.body.yields[n]
            assert isinstance(atom, Var)
            for path, leaf in leaf_paths(atom.type):
                var = adjoints.builder.names.var(f"{atom.hint or 'value'}_bar", leaf)
                out_bars.append(var)
                adjoints.contribute_leaf(atom, path, Traced(var, leaf, adjoints.builder))

    swept = sweep(pairs, func, wrt, seed)
    forward, backward = _halves(program, pairs, swept, wrt, out_bars)
    derived = Derived(_assembled(program, forward, pairs, backward), swept.activity.cuts)
    return SplitForm(derived, forward.name, backward.name, result_leaves(func))


def result_leaves(func: Func) -> tuple[Arg, tuple[Type | None, ...]]:
    """The tree of a function's result, and the types of its leaves (None: no cotangent)."""
    types = tuple(y.type if isinstance(y, Var) else None for y in func.body.yields)
    return func.result if func.result is not None else Const(0), types


def _halves(program: Program, pairs: Pairs, swept: Swept, wrt: tuple[Piece, ...], out_bars: list[Var]) -> tuple[Func, Func]:
    func, builder = program.entry, Builder(swept.names)
    finisher = Finisher(builder, swept.forward, swept.reverse, swept.bars, program, pairs.funcs)
    gradients = Pack("tuple", tuple(finisher.gradient(func.body.params[piece.param], piece.path) for piece in wrt))
    yields: list[Atom] = []
    tree = numbered(gradients, yields)
    body = Block((), (*swept.reverse, *builder.stmts), tuple(yields))
    given = set(out_bars)
    needed = tuple(v for v in free_vars(body) if v not in given)
    t = residual_type(needed)
    residuals, whole = swept.names.var("residuals", t), swept.names.var("residuals", t)
    opening: tuple[Stmt, ...] = (Call(needed, UNPACK, (residuals,)),) if needed else ()
    backward = Func(f"{func.name}_bwd", Block((residuals, *out_bars), (*opening, *body.stmts), body.yields), tree, func.key)
    packing = Call((whole,), PACK, (Pack("tuple", needed),))
    block = Block(func.body.params, (*swept.forward.stmts, packing), (*swept.forward.yields, whole))
    result = Pack("tuple", (func.result if func.result is not None else Const(0), Const(len(block.yields) - 1)))
    return Func(f"{func.name}_fwd", block, result, func.key), backward
