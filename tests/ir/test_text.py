"""IR printed and read back is the same IR."""
from __future__ import annotations

import textwrap
from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcad.errors import InternalError
from srcad.ir import core
from srcad.ir.nodes import (
    UNDEF,
    Block,
    Call,
    Const,
    Each,
    Effect,
    Func,
    FuncRef,
    If,
    Loc,
    Loop,
    Op,
    Pack,
    Program,
    Range,
    Ref,
    SliceArg,
    Star,
    Var,
    With,
)  # fmt: skip
from srcad.ir.parse import parse_func, parse_program
from srcad.ir.text import arg_text, print_func, print_program, print_stmt, type_text
from srcad.ir.types import BOTTOM, FLOAT, INT, NONE, UNKNOWN, Array, Dim, ListOf, NpScalar, Opaque, Residual, Scalar, Struct, TupleOf
from srcad.ir.verify import verify_program
from tests.ir.generate import random_program

TEXT = '''\
    # a header line
    def loss(x: float64[n, n-2, =3], w: list[tuple(float, int)], n: int) key 'k' {
      y: float64[n, =3] = getitem(x, (<1:-1>, <::2>, 0)) @2:4-2:8
      s: np.float64, e = for (i: int) in range(0, n, 1) carry (s.1: np.float64 = 0.0, e.1 = 0) exit 1 count %2: int @3/'other' 'note' {
        r: np.float64 = getitem(y, (i, 0)) @4
        s.2: np.float64 = add(s.1, r) @4
        %1: bool = lt(s.2, #inf)
        z = if %1 {
          yield #(1, 2.0, #nan)
        } else {
          raise(&builtins:ValueError)
          yield undef
        }
        yield s.2, 0
      }
      q = @g(s, axis=[1, *w], b=dict{'a': s, 'b': 2})
      k: <'builtins:str'> = @g!5(s)
      h = while carry (c: 'collections:UserDict'('a': float) = q) test (c.1) {
        z.1 = lt(c.1, 1)
        yield z.1
      } do {
        yield c
      }
      o: float = try path p: int @9 {
        yield 1.0
      } except (&builtins:ValueError, &builtins:KeyError) as (ex) {
        yield ex
      } except {
        yield undef
      } finally {
        delitem(q, 1)
      }
      o.1 = with global(o, all='ignore') @10 (t) {
        yield t
      }
      return s, q as (0, (1,))
    }

    source 'k'
      |def loss(x):
      |    return x
      |
    '''


def test_text_is_stable():
    text = textwrap.dedent(TEXT)
    assert print_program(parse_program(text)) == text


@pytest.mark.parametrize("seed", range(150))
def test_round_trip_of_random_programs(seed):
    program = verify_program(random_program(seed))
    assert parse_program(print_program(program)) == program


NAMES = st.sampled_from(("x", "x.1", "%3", "x_bar.12", "$ret", "tuple", "if", "undef", "ü", "a b", "", ".0", "x'y`", "range", "%"))
LITERALS = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(), st.binary(), st.just(...),
    ),
    lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4,
)  # fmt: skip
DIMS = st.builds(Dim, st.sampled_from(("n", "=3", "?", "x.0", "odd token", "n1")), st.integers(0, 3))
TYPES = st.recursive(
    st.one_of(
        st.builds(Scalar, st.sampled_from(("bool", "int", "float", "complex", "real"))), st.builds(NpScalar, st.sampled_from(("float32", "int64", "bool"))),
        st.builds(Array, st.sampled_from(("float64", "complex128")), st.lists(DIMS, max_size=3).map(tuple)),
        st.sampled_from((UNKNOWN, NONE, BOTTOM, Residual("pair"), Residual("tuple"), Opaque(OrderedDict))),
    ),
    lambda t: st.one_of(
        st.builds(ListOf, t), st.builds(TupleOf, t), st.lists(t, max_size=3).map(lambda ts: Struct(tuple, (), tuple(ts))),
        st.lists(st.tuples(LITERALS.filter(lambda v: "nan" not in repr(v)), t), max_size=2).map(lambda kts: Struct(dict, tuple(k for k, _ in kts), tuple(i for _, i in kts))),
        st.lists(t, max_size=2).map(lambda ts: Struct(OrderedDict, ("a", "b")[: len(ts)], tuple(ts))),
    ),
    max_leaves=4,
)  # fmt: skip


@st.composite
def arguments(draw, variables):
    atoms = st.one_of(st.sampled_from(variables), LITERALS.map(Const), st.just(UNDEF), st.sampled_from((Ref("numpy:float64"), Ref("a.b:c.<locals>.d"))))
    kinds = st.sampled_from(("tuple", "list", "set"))
    return draw(st.recursive(
        atoms,
        lambda a: st.one_of(
            st.builds(Pack, kinds, st.lists(st.one_of(a, st.builds(Star, a, st.booleans())), max_size=3).map(tuple)),
            st.lists(st.tuples(a, a), max_size=2).map(lambda kv: Pack("dict", tuple(v for _, v in kv), tuple(k for k, _ in kv))),
            st.builds(SliceArg, a, a, a),
        ),
        max_leaves=5,
    ))  # fmt: skip


@st.composite
def functions(draw):
    names = draw(st.lists(NAMES, min_size=4, max_size=8, unique=True))
    variables = [Var(n, draw(TYPES)) for n in names]
    params, outs = tuple(variables[:2]), tuple(variables[2:])
    loc = draw(st.builds(Loc, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.sampled_from(("", "key", "it's"))))
    args = tuple(draw(st.lists(arguments(params), max_size=3)))
    op = draw(st.sampled_from((core.GETITEM, core.PACK, FuncRef("g"), FuncRef("with", Effect.IO), FuncRef("h", Effect.NONE))))
    given_params = draw(st.sampled_from(((), (("axis", Const(1)), ("key", params[0])))))
    call = Call(outs, op, args, given_params, loc, draw(st.sampled_from(("", "a note", "it's"))))
    doc = tuple(draw(st.lists(st.text(max_size=9), max_size=2)))
    return Func(draw(NAMES), Block(params, (call,), params[:1]), draw(st.sampled_from((None, Const(0)))), draw(st.sampled_from(("", "key"))), doc)


@given(functions())
def test_round_trip_of_odd_names_types_and_arguments(func):
    assert parse_func(print_func(func)) == func


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=30)), max_size=2))
def test_round_trip_of_sources(sources):
    func = Func("f", Block((), (), (Const(1),)))
    program = Program((func,), tuple(sources))
    assert parse_program(print_program(program)) == program


def test_loops_over_several_sequences():
    xs, a, i = Var("xs", ListOf(FLOAT)), Var("a", FLOAT), Var("i", INT)
    loop = Loop((), Each((xs, Range(Const(0), Const(3), Const(1), reverse=True)), reverse=False), (), None, Block((a, i), (), ()))
    func = Func("f", Block((xs,), (loop,), (xs,)))
    assert "for (a: float, i: int) in zip(xs, reversed range(0, 3, 1)) {" in print_func(func)
    assert parse_func(print_func(func)) == func


def test_malformed_ir_can_be_printed():
    x = Var("x")
    assert "?" in print_stmt(Loop((), None, (x, x), None, Block((x,), (), ())))
    assert print_stmt(If((), x, Block((), (), ()), Block((), (), ()))) == "if x {\n}"
    assert print_stmt(With((), core.GLOBAL, (), (), Block((), (), ()))) == "with global() {\n}"
    assert arg_text(Const(object)).startswith("#?")


@pytest.mark.parametrize(
    "text", ["def f() {\n  return x\n}\n", "def f() {\n  y = nothing()\n  return y\n}\n", "def f() {\n  return 1 2 }}\n}\n", "def f( {\n  return\n}\n", "def f() {\n  ~\n}\n"],
)  # fmt: skip
def test_bad_text_is_refused(text):
    with pytest.raises(InternalError):
        parse_func(text)


def test_operations_are_found_by_the_caller():
    own = Op("own.op", "own(*_)")
    func = parse_func("def f() {\n  y = own.op()\n  return y\n}\n", {"own.op": own}.get)
    assert func.body.stmts[0].op is own


def test_types_are_short():
    assert type_text(Array("float64", (Dim("n", 2), Dim("=3")))) == "float64[n-2, =3]"
    assert type_text(Struct(dict, ("a",), (ListOf(FLOAT),))) == "dict('a': list[float])"
