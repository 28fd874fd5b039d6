"""Forward mode on IR, run by the IR interpreter: against differences, and the shape of what is written."""
from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections import namedtuple
from dataclasses import dataclass, replace

import numpy as np
import pytest

import srcad
from srcad.ad.forward import jvp_program
from srcad.errors import NoRule, UnsupportedSyntax
from srcad.ir.core import ALL
from srcad.ir.nodes import Program
from srcad.ir.parse import parse_program
from srcad.ir.text import print_func
from srcad.ops import table
from srcad.passes.cse import cse
from srcad.passes.dce import dce
from srcad.passes.inline import inline
from srcad.passes.inplace import inplace
from srcad.passes.simplify import simplify
from tests.ad.support import forward, typed
from tests.ir.interpret import Interpreter
from tests.oracles import differences
from tests.property.agreement import Rejected, truth
from tests.property.programs import from_seed, unload
from tests.property.trial import Alarm, alarm, case_of

Point = namedtuple("Point", "x y")


@dataclass
class Body:
    mass: float
    at: tuple[float, float]
    name: str = "b"


def find(name):
    return ALL.get(name) or table.spelling(name).op


def lean(program):
    """All passes, and a round trip through text."""
    def go(f):
        for stage in (simplify, cse, simplify, dce, inplace, dce):
            f = stage(f)
        return f

    return inline(replace(program, funcs=tuple(map(go, program.funcs))), 8)


# ---- functions to differentiate --------------------------------------------------------------------------------------
def polynomial(x, y):
    return x * x * y + 3.0 * x - 2.0


def loop_with_exit(x, n):
    s = 0.0
    for i in range(n):
        s += math.sin(x * i)
        if s > 1.0:
            break
        x = x * 1.1
    return s * x


def newton(a):
    x = a
    while abs(x * x - a) > 1e-10:
        x = 0.5 * (x + a / x)
    return x


def lists(x):
    items = [x * k for k in range(4)]
    total = 0.0
    for a, b in zip(items, items[1:]):
        total = total + a * b
    return total + items[2] * items[-1]


def tuples(x, y):
    t = (x * y, x, 3)
    for _ in range(3):
        t = (t[1] * t[0], t[0] + y, t[2] + 1)
    a, b, n = t
    return a * b * n


def mixed_list(x):
    return sum([x, 1, x * x, 2.0]) + max([0.0, x, -x])


def objects(x, body):
    moved = Body(body.mass * x, (body.at[0] + x, body.at[1]), body.name)
    return moved.mass * moved.at[0] - moved.at[1]


def params(p):
    total = 0.0
    for w, b in p["layers"]:
        total = total + np.sum(np.tanh(w * total + b))
    return total * p["scale"]


def tries(x):
    total = 0.0
    for d in (2.0, 0.0, 1.0):
        try:
            y = x * x / d
        except ZeroDivisionError:
            y = 3.0 * x
        total = total + y
    return total


def with_errstate(x):
    with np.errstate(all="ignore"):
        y = np.log(x) * x
    return np.sum(y)


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def fact_even(x, n):
    return x if n <= 0 else fact_odd(x * 1.1, n - 1) * x


def fact_odd(x, n):
    return x if n <= 0 else math.sin(fact_even(x, n - 1)) + x


def some_inactive(x, y):
    n = int(abs(y)) + 2
    z = power(y, n)
    return power(x, n) * z


def matrix(w, x):
    h = w @ x
    return np.sum(np.tanh(h) ** 2) + h[0] * np.mean(w, axis=0)[1]


def rows(w):
    total = 0.0
    for row in w:
        for v in row:
            total = total + v * v * row[0]
    return total


def scalar_into_array(x, y):
    z = np.zeros(3) + x
    return np.sum(z * y) + (np.ones(3) * y)[1]


def conditional_list(x, c):
    items = [x, x] if c > 0 else [1.0, 2.0]
    return items[0] * items[1] + x


A = np.array([0.3, -0.8, 1.2])
W = np.array([[0.3, -0.8], [1.2, 0.4]])
CASES = [
    (polynomial, 0.7, -1.3), (loop_with_exit, 0.4, 9), (newton, 2.5), (lists, 0.7), (tuples, 0.7, 1.1), (mixed_list, -0.6),
    (objects, 0.7, Body(1.5, (0.2, -0.4))), (params, {"layers": [(A, 0.2), (A * 2, -0.3)], "scale": 1.5, "tag": "t"}), (tries, 0.7),
    (with_errstate, np.abs(A)), (power, 0.7, 4), (fact_even, 0.7, 3), (some_inactive, 0.7, -1.6), (matrix, W, A[:2]), (rows, W),
    (scalar_into_array, 0.7, 1.4), (conditional_list, 0.7, 1), (conditional_list, 0.7, -1),
]  # fmt: skip


@pytest.mark.parametrize("transform", [lambda p: p, lean], ids=["raw", "lean"])
@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{c[0].__name__}" for n, c in enumerate(CASES)])
def test_against_differences(case, transform):
    function, *args = case
    argnums = [i for i, a in enumerate(args) if differences.leaves(a)]
    direction = differences.random_direction(tuple(args[i] for i in argnums), np.random.default_rng(1))
    tangents = [None] * len(args)
    for i, d in zip(argnums, direction, strict=True):
        tangents[i] = d

    def line(*chosen):
        moved = list(args)
        for i, a in zip(argnums, chosen, strict=True):
            moved[i] = a
        return float(function(*moved))

    slope = differences.directional(line, tuple(args[i] for i in argnums), direction)
    assert abs(slope.value) > 1e-6
    value, tangent = forward(function, args, tangents, transform)
    assert value == function(*args)
    assert type(value) is type(function(*args))
    assert tangent == pytest.approx(slope.value, rel=1e-6)


def tried(seed):
    """Whether the oracles and the front end accept the program of a seed, which is then right."""
    program = from_seed(seed)
    try:
        with alarm(20.0):
            case = case_of(program, "forward_program")
            known = truth(case)
            if known.outcome.error is not None:
                return False
            args = case.args()
            direction = differences.random_direction(args, np.random.default_rng(7))
            tangents = [d.astype(a.dtype) if isinstance(a, np.ndarray) else d for d, a in zip(direction, args, strict=True)]
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _, tangent = forward(case.function, args, tangents, lean)
    except (Rejected, Alarm, NotImplementedError, UnsupportedSyntax):
        return False
    finally:
        unload("forward_program")
    weights = np.concatenate([np.ravel(np.asarray(t)) for t in tangents])
    expected = float(np.array(known.gradient) @ weights)
    assert abs(float(tangent) - expected) <= known.tolerance * (1.0 + float(np.sum(np.abs(known.gradient))))
    return True


@pytest.mark.parametrize("base", range(40_000, 40_120, 10))
def test_random_programs(base):
    assert any(tried(seed) for seed in range(base, base + 10))


# ---- what is written -------------------------------------------------------------------------------------------------
def test_structure_of_the_result():
    def f(x, n):
        return {"a": x * 2.0, "n": n}, [x, "text"]

    _, tangent = forward(f, (0.5, 3), (1.0, None))
    assert tangent == ({"a": 2.0, "n": None}, [1.0, None])


def test_zero_tangents_of_inactive_results():
    def f(x, y):
        return x * 1.0, y * 2.0, np.zeros(3) + y

    _, (a, b, c) = forward(f, (0.5, 3.0), (1.0, None))
    assert (a, b) == (1.0, 0.0)
    assert c.shape == (3,) and not c.any()


def product_of_rows(a, b):
    found = [[0.0 for _ in range(len(b[0]))] for _ in range(len(a))]
    for i in range(len(a)):
        for j in range(len(b[0])):
            for k in range(len(b)):
                found[i][j] += float(a[i][k] * b[k][j])
    return found


def test_whole_numbers_among_the_floats_of_a_list():
    """`[[4.0, 1], [1, 5]]`: a loop goes over all of them, so tangents that leave whole numbers out are zero there."""
    a, b = [[4.0, 1], [1, 5]], [[2, 3], [0.5, 1]]
    value, tangent = srcad.jvp(product_of_rows, (a, b), ([[1.0, None], [None, None]], [[None, None], [2.0, None]]))
    assert value == product_of_rows(a, b)
    assert tangent == [[4.0, 3.0], [10.0, 0.0]]
    jacobian = srcad.jacfwd(lambda a: product_of_rows(a, b)[0][1] + a[1][0])(a)
    assert jacobian == [[3.0, None], [None, None]]


def derived(text, *wrt):
    return jvp_program(parse_program(text.lstrip(), find), wrt)


def test_text():
    found = derived("""
def f(x: float, y: float, n: int) {
  s: float = for (i: int) in range(0, n, 1) carry (s.1: float = 1.0) {
    a: float = mul(s.1, x)
    b: float = mul(y, y)
    s.2: float = add(a, b)
    yield s.2
  }
  return s
}
""", 0)
    assert print_func(found.entry) == """
def f_jvp(x: float, y: float, n: int, x_dot: float) {
  s: float, s_dot.1: real = for (i: int) in range(0, n, 1) carry (s.1: float = 1.0, s_dot: real = 0.0) {
    a: float = mul(s.1, x)
    %1: real = mul(x, s_dot)
    %2: float = mul(s.1, x_dot)
    a_dot: real = add(%1, %2)
    b: float = mul(y, y)
    s.2: float = add(a, b)
    yield s.2, a_dot
  }
  return s, s_dot.1, None as (0, 1)
}
""".lstrip()


def test_buffers_are_accumulated_by_the_same_operation():
    found = derived("""
def f(x: float64[n], g: np.float64) {
  b: float64[n] = zeros_like_shape(x)
  b.1: float64[n] = accum_at(b, 0, g)
  b.2: float64[n] = accum(b.1, x)
  return b.2
}
""", 0, 1)
    value, tangent = Interpreter(found).run(A, 2.0, A * 3.0, 5.0)
    assert np.array_equal(value, A + [2.0, 0.0, 0.0])
    assert np.array_equal(tangent, A * 3.0 + [5.0, 0.0, 0.0])


def test_tapes_of_a_reverse_sweep():
    """Forward over reverse of x**4: the tape has a tape of tangents."""
    found = derived("""
def f(x: float) {
  tape: list[tuple(float, float)] = tape_new()
  y: float, tape.1: list[tuple(float, float)] = for (i: int) in range(0, 2, 1) carry (y.1: float = x, tape.2: list[tuple(float, float)] = tape) {
    tape.3: list[tuple(float, float)] = tape_push(tape.2, (y.1, 2.0))
    y.2: float = mul(y.1, y.1)
    yield y.2, tape.3
  }
  x_bar: float = for (r: tuple(float, float)) in reversed zip(tape.1) carry (y_bar: float = 1.0) {
    a: float, two: float = unpack(r)
    b: float = mul(two, a)
    y_bar.1: float = mul(y_bar, b)
    yield y_bar.1
  }
  return x_bar
}
""", 0)
    gradient, second = Interpreter(found).run(0.7, 1.0)
    assert gradient == pytest.approx(4 * 0.7**3)
    assert second == pytest.approx(12 * 0.7**2)


def test_a_function_is_derived_once_per_set_of_active_arguments():
    program = typed(some_inactive, (0.7, -1.6), (0,))
    names = [f.name for f in jvp_program(program, (0,)).funcs]
    assert names[0] == "some_inactive_jvp"
    assert names.count("power_jvp") == 1
    assert len(names) == len(set(names))
    both = [f.name for f in jvp_program(program, (0, 1)).funcs]
    assert both.count("power_jvp") == 1


def test_operations_without_a_rule_are_refused():
    text = "def f(x: float) {\n  y: float = getattr(x, 'odd')\n  return y\n}\n"
    with pytest.raises(NoRule, match="getattr"):
        jvp_program(parse_program(text, find), (0,))


def test_primal_statements_stay():
    program = typed(loop_with_exit, (0.4, 9), (0,))
    derived_program = jvp_program(program, (0,))
    assert isinstance(derived_program, Program)
    lines = [line.strip() for line in print_func(derived_program.entry).splitlines()]
    for line in print_func(program.entry).splitlines():
        if " = " in line and "for" not in line and "if" not in line:
            assert line.strip() in lines
