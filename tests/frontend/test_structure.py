"""The shape of lowered functions: no flag where none is needed, nothing carried that is not read, places, names."""
from __future__ import annotations

import pytest

from srcad.frontend.lower import lower_function
from srcad.ir.nodes import UNDEF, Call, Const, If, Loop, Pack, Try, Var, With
from srcad.ir.visit import blocks, defs, operands, walk
from tests.frontend.cases import CASES


def loops(function):
    return [s for s in walk(lower_function(function).func.body) if isinstance(s, Loop)]


def names(function):
    return [s.op.name for s in walk(lower_function(function).func.body) if isinstance(s, Call)]


def verify(lowered):
    """Single definition, dominance, arity."""
    defined = set()

    def define(variables, scope):
        for v in variables:
            assert v not in defined, v
            defined.add(v)
            scope.add(v)

    def block(b, scope):
        scope = set(scope)
        define(b.params, scope)
        for s in b.stmts:
            assert all(a in scope for a in operands(s) if isinstance(a, Var))
            assert 1 <= s.loc.line <= len(lowered.source.text.splitlines())
            for inner in blocks(s):
                block(inner, scope)
            arity(s)
            define(defs(s), scope)
        assert all(y in scope for y in b.yields if isinstance(y, Var))

    block(lowered.func.body, ())
    assert len(lowered.func.body.params) == len(lowered.params) + len(lowered.free)
    for inner in lowered.nested:
        verify(inner)


def arity(s):
    n = len(s.outs)
    match s:
        case If():
            assert len(s.then.yields) == n == len(s.orelse.yields)
        case Loop():
            assert len(s.body.yields) == n == len(s.inits)
            assert len(s.body.params) == n + (s.iter is not None)
            assert s.test is None or (len(s.test.params) == n and len(s.test.yields) == 1)
            assert s.exit is None or s.inits[s.exit] == Const(0)
        case Try():
            assert all(len(b.yields) == n for b in (s.body, *(h.block for h in s.handlers)))
        case With():
            assert len(s.body.yields) == n


@pytest.mark.parametrize("function", [f for f, _ in CASES], ids=lambda f: f.__name__)
def test_ssa(function):
    verify(lower_function(function))


def test_break_and_rest_need_no_flag():
    def f(n, x):
        for i in range(n):
            if x > 50:
                break
            x = x * x
        return x

    (loop,) = loops(f)
    assert [v.hint for v in loop.outs] == ["x", "exit"]
    branch = loop.body.stmts[-1]
    assert isinstance(branch, If)
    assert branch.then.yields[1] == Const(1)
    assert branch.orelse.yields[1] == Const(0)
    assert names(f).count("eq") == 0


def test_guards_need_no_flag():
    def f(x):
        if x < 0:
            raise ValueError
        if x == 0:
            return 1
        return 2 * x

    low = lower_function(f)
    first = next(s for s in low.func.body.stmts if isinstance(s, If))
    assert first.outs == ()
    assert [s.op.name for s in walk(low.func.body) if isinstance(s, Call)].count("eq") == 1


def test_continue_alone_is_no_exit():
    def f(n):
        s = 0
        for i in range(n):
            if i % 2:
                continue
            s += i
        return s

    (loop,) = loops(f)
    assert loop.exit is None
    assert [v.hint for v in loop.outs] == ["s"]


def test_temporaries_are_not_carried():
    def f(n, x):
        for i in range(n):
            t = x * x
            u = t + 1
            x = x - u
        return x

    (loop,) = loops(f)
    assert [v.hint for v in loop.outs] == ["x"]


def test_dead_cycles_are_not_carried():
    def f(n, x):
        a = b = 0
        for i in range(n):
            a, b = b, a
            x = x + 1
        return x

    (loop,) = loops(f)
    assert [v.hint for v in loop.outs] == ["x"]


def test_exit_is_kept_behind_pruned_values():
    def f(n, x):
        for i in range(n):
            t = i * x
            if t > 3:
                return t
        return None

    (loop,) = loops(f)
    assert loop.exit == [v.hint for v in loop.outs].index("exit")
    assert loop.inits[[v.hint for v in loop.outs].index("value")] == UNDEF


def test_while_true_with_return_falls_nowhere():
    def f(x):
        while True:
            x = x / 2
            if x < 1:
                return x

    low = lower_function(f)
    assert isinstance(low.func.body.yields[0], Var)
    assert low.func.body.yields[0].hint == "value"


def test_a_test_with_a_walrus_runs_in_the_body():
    def f(xs):
        while (x := xs.pop()) > 0:
            pass
        return x

    (loop,) = loops(f)
    assert loop.test is None
    assert loop.exit is not None


def test_names_and_places():
    def f(x):
        # a comment
        y = x + 1

        return y * 2

    low = lower_function(f)
    add, mul = low.func.body.stmts
    assert add.outs[0].name == "y"
    assert (add.loc.line, add.loc.column, add.loc.end_column) == (3, 12, 17)
    assert mul.loc.line == 5
    assert mul.outs[0].hint == ""
    assert add.loc.function == low.key


def test_signature():
    def f(a, b, /, c, *d, e, g=1, **h):
        return a

    low = lower_function(f)
    assert (low.posonly, low.args, low.vararg, low.kwonly, low.kwarg) == (("a", "b"), ("c",), "d", ("e", "g"), "h")
    assert low.params == ("a", "b", "c", "d", "e", "g", "h")


def test_free_names_follow_the_parameters():
    k, j = 1, 2

    def f(x):
        y = x
        return y + k + j + len([x])

    low = lower_function(f)
    assert low.free == ("j", "k")
    assert [p.name for p in low.func.body.params] == ["x", "j", "k"]
    assert low.globals == ("len",)
    assert low.assigned == ("y",)


def test_closures():
    def f(x):
        def g(y, k=2, *, z=3):
            return g(x) if y else k

        return g

    low = lower_function(f)
    (closure,) = (s for s in low.func.body.stmts if s.op.name == "closure")
    params = dict(closure.params)
    assert params["func"] == Const(0)
    assert params["defaults"] == Pack("tuple", (Const(2),))
    assert params["kwdefaults"] == Pack("dict", (Const(3),), (Const("z"),))
    assert low.nested[0].free == ("g", "x")
    assert low.nested[0].itself == "g"
    assert closure.args[0] == UNDEF


def test_closures_over_what_changes_are_marked():
    def f(xs):
        return [sorted(xs, key=lambda y: y * x) for x in xs]

    low = lower_function(f)
    (closure,) = (s for s in walk(low.func.body) if isinstance(s, Call) and s.op.name == "closure")
    assert dict(closure.params)["rebound"] == Const(("x",))


def test_one_lowering_per_code_object():
    def make(k):
        return lambda x: k * x

    assert lower_function(make(1)) is lower_function(make(2))


def test_deep_expressions():
    import linecache

    text = "def f(x):\n    return " + " + ".join(f"x * {n}" for n in range(700)) + "\n"
    linecache.cache["<deep>"] = (len(text), None, text.splitlines(keepends=True), "<deep>")
    space: dict = {}
    exec(compile(text, "<deep>", "exec"), space)
    assert len(lower_function(space["f"]).func.body.stmts) == 1399
