"""What rules record, as text: derivative code reads as written by hand."""
from __future__ import annotations

import ast
from typing import Any

import pytest

from srcad.ir.nodes import Arg, Call, Const, Pack, Ref, SliceArg, Var
from srcad.ir.types import Array, Dim, ListOf, NpScalar, Scalar, Type
from srcad.ops import table
from srcad.ops.infer import infer
from srcad.ops.trace import Traced, apply, lift, lower
from tests.ops.interpret import Recorder, form_text

FLOAT, FLOAT64 = Scalar("float"), NpScalar("float64")
N, M = Dim("n0"), Dim("n1")
MATRIX, VECTOR, NARROW = Array("float64", (N, M)), Array("float64", (M,)), Array("float32", (M,))


def text(arg: Arg, known: dict[str, str]) -> str:
    match arg:
        case Var(name):
            return known.get(name, name)
        case Const(value):
            return repr(value)
        case Ref(path):
            return path.replace("numpy:", "np.")
        case Pack("list", items):
            return "[" + ", ".join(text(i, known) for i in items) + "]"
        case Pack(_, items) if any(isinstance(i, SliceArg) for i in items):
            return ", ".join(text(i, known) for i in items)
        case Pack(_, items):
            return "(" + ", ".join(text(i, known) for i in items) + ",)"
        case SliceArg(lower, upper, step):
            parts = ["" if p == Const(None) else text(p, known) for p in (lower, upper, step)]
            return ":".join(parts if parts[2] else parts[:2])
    raise AssertionError(arg)


def derive(name: str, *args: Any, g: Any = None, **params: Any) -> list[str]:
    """The cotangents of an operation on arguments of these types, as nested text."""
    recorder = Recorder()
    spelling = table.spelling(name)
    assert spelling is not None
    ir = tuple(Var("abc"[k], a) if isinstance(a, Type.__args__) else lower(a) for k, a in enumerate(args))  # type: ignore[attr-defined]
    pairs = tuple((k, lower(v)) for k, v in params.items())
    result = infer(name, ir, pairs)
    y, seed = Traced(Var("y", result), result, recorder.builder), Traced(Var("g", result), result, recorder.builder)
    lifted = tuple(lift(recorder.builder, a) for a in ir)
    found = spelling.entry.vjp(seed if g is None else g, y, lifted, params, tuple(isinstance(a, Var) for a in ir))
    known: dict[str, str] = {}
    for stmt in recorder.builder.stmts:
        assert isinstance(stmt, Call)
        whole = form_text(stmt, lambda a: text(a, known))
        known[stmt.outs[0].name] = f"({whole})"
    return [ast.unparse(ast.parse(text(lower(c), known), mode="eval")) for c in found]


CASES: list[tuple[list[str], str, tuple[Any, ...], dict[str, Any]]] = [
    (["b * g", "a * g"], "mul", (FLOAT, FLOAT), {}),
    (["g / b", "-(y * (g / b))"], "truediv", (FLOAT, FLOAT), {}),
    (["2.0 * a * g", "None"], "pow", (FLOAT, 2), {}),
    (["3.0 * a ** 2 * g", "None"], "pow", (FLOAT, 3), {}),
    (["-(y * g) / a", "None"], "pow", (FLOAT, -1), {}),
    (["g", "-g"], "sub", (FLOAT, FLOAT), {}),
    (["g", "np.sum(g, axis=0)"], "add", (MATRIX, VECTOR), {}),
    (["b * g", "np.sum(a * g, axis=0)"], "mul", (MATRIX, VECTOR), {}),
    (["np.vdot(b, g)", "a * g"], "mul", (FLOAT, MATRIX), {}),
    (["y * g"], "math.exp", (FLOAT,), {}),
    (["math.cos(a) * g"], "math.sin", (FLOAT,), {}),
    (["np.cos(a) * g"], "np.sin", (MATRIX,), {}),
    (["np.cos(a) * g"], "np.sin", (FLOAT,), {}),
    (["(1.0 - y * y) * g"], "np.tanh", (MATRIX,), {}),
    (["g / a"], "np.log", (MATRIX,), {}),
    (["safe_divide(0.5 * g, y)"], "math.sqrt", (FLOAT,), {}),
    (["0.5 * g / y"], "np.sqrt", (MATRIX,), {}),
    (["np.full(a.shape, g)"], "np.sum", (MATRIX,), {}),
    (["np.broadcast_to(g[:, None], a.shape)"], "np.sum", (MATRIX,), {"axis": 1}),
    (["np.broadcast_to(g, a.shape)"], "np.sum", (MATRIX,), {"axis": 0}),
    (["(a == y) * (g / np.sum(a == y, axis=1, keepdims=True))"], "np.max", (MATRIX,), {"axis": 1, "keepdims": True}),
    (["g @ b.T", "a.T @ g"], "matmul", (MATRIX, Array("float64", (M, Dim("n2")))), {}),
    (["np.outer(g, b)", "g @ a"], "matmul", (MATRIX, VECTOR), {}),
    (["g * b", "g * a"], "matmul", (VECTOR, VECTOR), {}),
    (["g.T"], "ndarray.T", (MATRIX,), {}),
    (["(b * g).astype(np.float32)", "np.vdot(a, g)"], "mul", (NARROW, FLOAT64), {}),
    (["[g] * len(a)"], "sum", (ListOf(FLOAT),), {}),
    (["None", "np.where(a, g, 0.0)", "None"], "np.where", (Array("bool", (N, M)), MATRIX, 0.0), {}),
    (["((a > b) + 0.5 * (a == b)) * g", "((b > a) + 0.5 * (a == b)) * g"], "max", (FLOAT, FLOAT), {}),
]


@pytest.mark.parametrize(("expected", "name", "args", "params"), CASES)
def test_cotangents(expected: list[str], name: str, args: tuple[Any, ...], params: dict[str, Any]) -> None:
    assert derive(name, *args, **params) == expected


def test_literal_seeds_fold() -> None:
    assert derive("np.sum", MATRIX, g=1.0) == ["np.ones(a.shape)"]
    assert derive("np.mean", VECTOR, g=1.0) == ["np.full(a.shape, np.divide(1.0, a.shape[0]))"]
    assert derive("mul", FLOAT, FLOAT, g=1.0) == ["b", "a"]
    assert derive("mul", FLOAT, FLOAT, g=-1.0) == ["-b", "-a"]


def simplified(make: Any) -> str:
    """What an expression in a float `a`, floats `b` and `c` and an array `m` is recorded as."""
    recorder = Recorder()
    types = {"a": FLOAT, "b": FLOAT, "c": FLOAT, "m": MATRIX, "k": MATRIX}
    found = make(*(Traced(Var(name, t), t, recorder.builder) for name, t in types.items()))
    known: dict[str, str] = {}
    for stmt in recorder.builder.stmts:
        assert isinstance(stmt, Call)
        known[stmt.outs[0].name] = f"({form_text(stmt, lambda a: text(a, known))})"
    return ast.unparse(ast.parse(text(lower(found), known), mode="eval"))


def test_numpy_floats_are_divided_by_whole_numbers() -> None:
    recorder = Recorder()
    g, x, n, r = (Traced(Var(v, t), t, recorder.builder) for v, t in (("g", FLOAT), ("x", FLOAT64), ("n", Scalar("int")), ("r", FLOAT)))
    known: dict[str, str] = {}
    found = [2.0 * x * apply("safe_divide", g, n), apply("safe_divide", 1.0, n) * x, x * apply("safe_divide", g, r), r * apply("safe_divide", g, n)]
    for stmt in recorder.builder.stmts:
        assert isinstance(stmt, Call)
        known[stmt.outs[0].name] = f"({form_text(stmt, lambda a: text(a, known))})"
    expected = ["g * (2.0 * x) / n", "x / n", "x * safe_divide(g, r)", "r * safe_divide(g, n)"]
    assert [ast.unparse(ast.parse(text(lower(f), known), mode="eval")) for f in found] == expected


FACTORS: list[tuple[str, Any]] = [
    ("2.0 * (a + b)", lambda a, b, c, m, k: 2.0 * a + 2.0 * b),
    ("2.0 * (a - b)", lambda a, b, c, m, k: 2.0 * a - 2.0 * b),
    ("2.0 * (a - b)", lambda a, b, c, m, k: 2.0 * a + -2.0 * b),
    ("2.0 * (a + b)", lambda a, b, c, m, k: 2.0 * a - -2.0 * b),
    ("2.0 * (a * b + c * b)", lambda a, b, c, m, k: 2.0 * a * b + 2.0 * c * b),
    ("2.0 * (m + k)", lambda a, b, c, m, k: 2.0 * m + 2.0 * k),
    ("2.0 * a + 2.0 * m", lambda a, b, c, m, k: 2.0 * a + 2.0 * m),
    ("2.0 * a + 3.0 * b", lambda a, b, c, m, k: 2.0 * a + 3.0 * b),
    ("a + b", lambda a, b, c, m, k: (2.0 * a + 2.0 * b) / 2),
    ("-a", lambda a, b, c, m, k: -(2.0 * a) / 2),
    ("3.0 * a", lambda a, b, c, m, k: 6.0 * a / 2.0),
    ("a / 3.0", lambda a, b, c, m, k: 2.0 * a / 6.0),
    ("2.0 * a / 3.0", lambda a, b, c, m, k: 2.0 * a / 3.0),
    ("2.0 * a / 0", lambda a, b, c, m, k: 2.0 * a / 0),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "make"), [pytest.param(*case, id=str(n)) for n, case in enumerate(FACTORS)])
def test_literal_factors_of_sums(expected: str, make: Any) -> None:
    assert simplified(make) == expected
