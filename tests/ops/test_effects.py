"""What `effects` calls quiet does not raise, whatever the values; views and fresh results are what NumPy says."""
from __future__ import annotations

import itertools
import math
import warnings
from typing import Any

import numpy as np
import pytest

from srcad.errors import InternalError
from srcad.ir.core import BINARY, COMPARE, GETITEM, UNARY
from srcad.ir.nodes import Arg, Const, Effect, Op, Pack, Ref, SliceArg, Var, View
from srcad.ir.types import Array, Dim, ListOf, NpScalar, Opaque, Scalar, TupleOf, Type, join
from srcad.ops.effects import effects, is_fresh, view_class
from srcad.ops.entry import REGISTRY, Spelling
from tests.ops.interpret import Lengths

FLOATS = (0.0, -1.5, 1e308, math.inf, math.nan)
VALUES: dict[str, tuple[Any, ...]] = {
    "float": FLOATS,
    "int": (0, -3, 10**400),
    "bool": (False, True),
    "complex": (0j, 1 + 2j),
    "float64": tuple(map(np.float64, FLOATS)),
    "int64": (np.int64(0), np.int64(-7)),
    "bool_": (np.bool_(False), np.bool_(True)),
    "vector": (np.array([0.0, -1.0, np.inf]),),
    "matrix": (np.zeros((2, 3)),),
    "row": (np.ones((1, 3)),),
    "ints": (np.array([0, -3, 5]),),
    "mask": (np.array([True, False, True]),),
    "zero_d": (np.array(0.0),),
    "longer": (np.ones(4),),
}
LENGTHS = Lengths()


def quiet(spelling: Spelling, types: tuple[Type, ...]) -> bool:
    args = tuple(Var(f"a{k}", t) for k, t in enumerate(types))
    return not effects(spelling.op, args) & Effect.RAISES


def runs(spelling: Spelling, values: tuple[Any, ...]) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spelling.object(*values)


def spellings() -> list[Spelling]:
    skipped = ("lshift", "rshift")
    return [s for s in REGISTRY if not s.op.inplace and not any("srcad" in i for i in s.op.imports) and s.op.name not in skipped]


@pytest.mark.parametrize("spelling", spellings(), ids=lambda s: s.op.name)
def test_quiet_operations_do_not_raise(spelling: Spelling) -> None:
    if spelling.op.effects is Effect.NONE:
        pytest.skip("declared quiet: attributes and helpers")
    count = 2 if spelling.op.name in BINARY or spelling.op.name in COMPARE else spelling.entry.operands or 1
    count = spelling.object.nin if isinstance(spelling.object, np.ufunc) else count
    for names in itertools.product(VALUES, repeat=1 if spelling.op.name == "np.where" else min(count, 2)):
        types = tuple(LENGTHS.type(VALUES[n][0]) for n in names)
        if not quiet(spelling, types):
            continue
        for values in itertools.product(*(VALUES[n] for n in names)):
            if any(type(v) is int and abs(v) > 10**300 for v in values) and any(isinstance(v, np.generic | np.ndarray) for v in values):
                continue  # beyond NumPy's integers: the one case that is not looked at
            if any(type(v) is int and abs(v) > 10**300 for v in values) and any(type(v) in (float, complex) for v in values):
                continue
            runs(spelling, values if spelling.op.name != "np.clip" else (*values, None))


def test_operators_of_floats_are_quiet() -> None:
    x, i, v = Var("x", Scalar("float")), Var("i", Scalar("int")), Var("v", Array("float64", (Dim("n0"),)))
    w = Var("w", Array("float64", (Dim("n1"),)))
    for name in ("add", "sub", "mul"):
        assert effects(BINARY[name], (x, x)) is Effect.NONE
        assert effects(BINARY[name], (v, x)) is Effect.NONE
        assert effects(BINARY[name], (v, v)) is Effect.NONE
        assert effects(BINARY[name], (v, w)) is Effect.RAISES
        assert effects(BINARY[name], (x, Var("u", Opaque()))) is Effect.RAISES
    assert effects(BINARY["truediv"], (x, x)) is Effect.RAISES
    assert effects(BINARY["truediv"], (x, Const(2.0))) is Effect.NONE
    assert effects(BINARY["truediv"], (x, Const(0.0))) is Effect.RAISES
    assert effects(BINARY["truediv"], (Var("f", NpScalar("float64")), x)) is Effect.NONE
    assert effects(BINARY["pow"], (x, Const(2))) is Effect.RAISES
    assert effects(COMPARE["lt"], (x, i)) is Effect.NONE
    assert effects(UNARY["neg"], (v,)) is Effect.NONE
    real = Var("r", join(Scalar("float"), NpScalar("float64")))
    assert effects(BINARY["truediv"], (real, real)) is Effect.RAISES


def test_numpy_functions_of_floats_are_quiet() -> None:
    v = Var("v", Array("float64", (Dim("n0"), Dim("n1"))))
    for name in ("np.exp", "np.sqrt", "np.tanh", "np.sum", "np.mean"):
        assert effects(op_of(name), (v,)) is Effect.NONE, name
    assert effects(op_of("np.sum"), (v, Const(1))) is Effect.NONE
    assert effects(op_of("np.sum"), (v,), (("axis", Const(2)),)) is Effect.RAISES
    assert effects(op_of("np.maximum"), (v, Const(0))) is Effect.NONE
    assert effects(op_of("np.max"), (v,)) is Effect.RAISES
    assert effects(op_of("math.exp"), (Var("x", Scalar("float")),)) is Effect.RAISES


def test_builtins_of_lists_of_numbers_are_quiet() -> None:
    numbers, wholes, complexes = (Var("l", ListOf(Scalar(kind))) for kind in ("float", "int", "complex"))
    x, n, real = Var("x", Scalar("float")), Var("n", Scalar("int")), Var("r", join(Scalar("float"), NpScalar("float64")))
    quiet_ones: tuple[tuple[str, tuple[Arg, ...]], ...] = (
        ("sum", (numbers,)), ("sum", (wholes,)), ("sum", (complexes,)), ("sum", (Pack("tuple", ()),)), ("sum", (Pack("list", (x, x)),)),
        ("sorted", (numbers,)), ("sorted", (Var("t", TupleOf(NpScalar("float64"))),)), ("max", (x, Const(0))), ("min", (Pack("list", (x, x)),)),
        ("max", (n, n)),
    )  # fmt: skip
    for name, args in quiet_ones:
        assert effects(op_of(name), args) is Effect.NONE, (name, args)
    others: tuple[tuple[str, tuple[Arg, ...]], ...] = (
        ("sum", (Pack("list", (x, n)),)), ("sum", (Var("l", ListOf(real.type)),)), ("sum", (numbers, x)), ("sum", (Var("l", ListOf(Opaque())),)),
        ("sum", (Var("v", Array("float64", (Dim("n0"),))),)), ("sorted", (complexes,)), ("max", (numbers,)), ("max", (Pack("list", ()),)),
        ("max", (x, n)), ("min", (Pack("list", (x, real)),)), ("max", (complexes, complexes)), ("max", (x, Const(None))),
    )  # fmt: skip
    for name, args in others:
        assert effects(op_of(name), args) & Effect.RAISES, (name, args)
    assert effects(op_of("max"), (x, x), (("key", Ref("math:sin", math.sin)),)) & Effect.RAISES


def op_of(name: str) -> Op:
    found = REGISTRY.by_op(name)
    assert found is not None
    return found.op


def test_subscripts() -> None:
    v = Var("v", Array("float64", (Dim("n0"), Dim("n1"))))
    whole, part = SliceArg(*[Const(None)] * 3), SliceArg(Const(1), Const(-1), Const(None))
    get = op_of("getitem")
    assert effects(get, (v, part)) is Effect.NONE
    assert effects(get, (v, Const(0))) is Effect.RAISES
    assert view_class("getitem", (v, part)) is View.VIEW
    assert view_class("getitem", (v, Const(0))) is View.VIEW
    assert is_fresh("getitem", (Var("u", Array("float64", (Dim("n0"),))), Const(0)))
    assert is_fresh("getitem", (v, Var("k", Array("int64", (Dim("n3"),)))))
    assert view_class("getitem", (v, whole)) is View.VIEW


@pytest.mark.parametrize("spelling", [s for s in spellings() if s.entry.samples is not None], ids=lambda s: s.op.name)
def test_fresh_results_share_nothing(spelling: Spelling) -> None:
    for sample in spelling.entry.samples() if spelling.entry.samples else ():
        given = tuple(a.copy() if isinstance(a, np.ndarray) else a for a in sample.args)
        try:
            value = spelling.object(*given, **sample.params)
        except (TypeError, ValueError, AttributeError):
            continue
        from tests.ops.test_recording import Recorder

        recorder = Recorder()
        args = tuple(recorder.tree(a) for a in given)
        from srcad.ops.trace import lower

        try:
            ir = tuple(map(lower, args))
        except InternalError:  # a dict, or NumPy's word for a missing argument: no operand of a program
            continue
        params = tuple((k, Const(v)) for k, v in sample.params.items() if not isinstance(v, type))
        arrays = [a for a in given if isinstance(a, np.ndarray)]
        results = [r for r in (value if isinstance(value, list | tuple) else [value]) if isinstance(r, np.ndarray)]
        if any(np.shares_memory(r, a) for r in results for a in arrays):
            assert not is_fresh(spelling.op.name, ir, params), sample


def test_defaults_are_there() -> None:
    """What a call was compiled with is not asked for again for its own sake."""
    held = Ref("module:f.__defaults__", (np.ones(3),))
    assert not effects(GETITEM, (held, Const(0))) & Effect.RAISES
    assert effects(GETITEM, (Ref("module:TABLE", {}), Const(0))) & Effect.RAISES


def test_arrays_of_numbers_are_made_without_fail() -> None:
    made = REGISTRY.by_op("np.array")
    assert made is not None
    number, other = Var("a", Scalar("float")), Var("b", Opaque(None))
    assert not effects(made.op, (Pack("list", (Const(1), number, Const(2.5))),)) & Effect.RAISES
    assert effects(made.op, (Pack("list", (Const(1), other)),)) & Effect.RAISES
    assert effects(made.op, (Pack("list", (Const(1), Pack("list", (Const(1), Const(2))))),)) & Effect.RAISES
