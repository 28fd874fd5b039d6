"""The contract of the public functions: arguments, results, errors."""
from __future__ import annotations

import functools
import inspect
import linecache
import math
import threading
import traceback
import warnings

import numpy as np
import pytest
from scipy import optimize

import srcad
from srcad import errors


def cubic(a, b, x):
    return a * a * b + np.sum(x**3) * a


ARGS = (0.7, 1.3, np.array([0.3, -0.4, 0.8]))
BY_A = 2 * 0.7 * 1.3 + np.sum(ARGS[2] ** 3)
BY_B = 0.7 * 0.7
BY_X = 3 * ARGS[2] ** 2 * 0.7


def test_exports():
    for name in ("grad", "value_and_grad", "vjp", "jvp", "check_grads"):
        assert callable(getattr(srcad, name))
        assert getattr(srcad, name).__doc__


# ---- argnums ---------------------------------------------------------------------------------------------------------
def test_argnums_int_gives_the_bare_gradient():
    assert srcad.grad(cubic)(*ARGS) == pytest.approx(BY_A, rel=1e-14)
    np.testing.assert_allclose(srcad.grad(cubic, argnums=2)(*ARGS), BY_X, rtol=1e-14)


def test_argnums_negative_counts_from_the_end():
    np.testing.assert_allclose(srcad.grad(cubic, argnums=-1)(*ARGS), BY_X, rtol=1e-14)


def test_argnums_tuple_gives_a_tuple():
    gradient = srcad.grad(cubic, argnums=(2, 0))(*ARGS)
    assert type(gradient) is tuple
    np.testing.assert_allclose(gradient[0], BY_X, rtol=1e-14)
    assert gradient[1] == pytest.approx(BY_A, rel=1e-14)
    assert type(srcad.grad(cubic, argnums=(1,))(*ARGS)) is tuple


def test_argnums_by_name():
    assert srcad.grad(cubic, argnums="b")(*ARGS) == pytest.approx(BY_B, rel=1e-14)
    gradient = srcad.grad(cubic, argnums=("x", "b"))(*ARGS)
    np.testing.assert_allclose(gradient[0], BY_X, rtol=1e-14)
    assert gradient[1] == pytest.approx(BY_B, rel=1e-14)


def test_keyword_arguments():
    assert srcad.grad(cubic, argnums="b")(0.7, x=ARGS[2], b=1.3) == pytest.approx(BY_B, rel=1e-14)
    assert srcad.grad(cubic, argnums=1)(0.7, x=ARGS[2], b=1.3) == pytest.approx(BY_B, rel=1e-14)


def test_default_and_keyword_only_arguments():
    def f(a, b=1.5, *, c=0.5):
        return a * b * b * c

    assert srcad.grad(f)(2.0) == pytest.approx(1.5**2 * 0.5)
    assert srcad.grad(f, argnums="c")(2.0, c=3.0) == pytest.approx(2.0 * 1.5**2)
    assert srcad.grad(f, argnums="b")(2.0) == pytest.approx(2.0 * 2.0 * 1.5 * 0.5)


def test_value_and_grad_gives_the_value_to_the_bit():
    value, gradient = srcad.value_and_grad(cubic, argnums=(0, 1, 2))(*ARGS)
    expected = cubic(*ARGS)
    assert type(value) is type(expected)
    assert value == expected
    assert len(gradient) == 3


@pytest.mark.parametrize("argnums", [7, -4, "nobody", (0, 9), (0, 0), 1.5, ()])
def test_wrong_argnums(argnums):
    with pytest.raises(errors.ArgumentError) as caught:
        srcad.grad(cubic, argnums=argnums)(*ARGS)
    assert "argnums" in str(caught.value) or "nobody" in str(caught.value)


def test_wrong_argnums_are_also_type_or_value_errors():
    with pytest.raises((TypeError, ValueError)):
        srcad.grad(cubic, argnums=7)(*ARGS)


# ---- as decorators ---------------------------------------------------------------------------------------------------
def test_decorator_with_and_without_arguments():
    @srcad.grad
    def f(a, b):
        return a * a * b

    @srcad.grad(argnums=(0, 1))
    def g(a, b):
        return a * a * b

    assert f(3.0, 2.0) == pytest.approx(12.0)
    assert g(3.0, 2.0) == pytest.approx((12.0, 9.0))
    assert f.__wrapped__(3.0, 2.0) == 18.0
    assert f.__name__ == "f"


@srcad.value_and_grad
def fact(x, n):
    """A recursive function whose own name is decorated."""
    return 1.0 if n == 0 else x * fact(x, n - 1)


def test_recursion_through_a_decorated_name_means_the_primal():
    assert fact(2.0, 3) == (8.0, pytest.approx(12.0))
    assert fact.__doc__


class Quadratic:
    scale = 3.0

    def __init__(self, offset):
        self.offset = offset

    @srcad.grad
    def slope(self, t, k=1.0):
        return k * self.scale * (t - self.offset) ** 2

    @staticmethod
    def plain(t):
        return t * t * t

    def value(self, t):
        return self.scale * (t - self.offset) ** 2


def test_methods_count_arguments_after_binding():
    q = Quadratic(0.5)
    assert q.slope(2.0) == pytest.approx(9.0)
    assert q.slope(2.0, k=2.0) == pytest.approx(18.0)
    assert srcad.grad(q.value)(2.0) == pytest.approx(9.0)
    assert srcad.grad(Quadratic.plain)(2.0) == pytest.approx(12.0)


# ---- has_aux ---------------------------------------------------------------------------------------------------------
def test_has_aux():
    def f(a, x):
        y = x * a
        return np.sum(y * y), {"y": y, "n": len(x)}

    x = np.array([0.5, 1.5])
    gradient, aux = srcad.grad(f, has_aux=True)(2.0, x)
    assert gradient == pytest.approx(2 * 2.0 * np.sum(x * x))
    np.testing.assert_array_equal(aux["y"], x * 2.0)
    assert aux["n"] == 2
    (value, aux), gradient = srcad.value_and_grad(f, has_aux=True, argnums=1)(2.0, x)
    assert value == f(2.0, x)[0]
    np.testing.assert_allclose(gradient, 2 * 4.0 * x)
    gradient[:] = 0.0
    np.testing.assert_array_equal(aux["y"], x * 2.0)


def test_has_aux_needs_a_pair():
    with pytest.raises(errors.ArgumentError, match="aux"):
        srcad.grad(lambda a: a * a, has_aux=True)(2.0)


# ---- vjp, jvp --------------------------------------------------------------------------------------------------------
def pair(a, x):
    return a * x, np.sum(x) * a


def test_vjp_of_several_outputs():
    x = np.array([0.5, 1.5])
    out, pullback = srcad.vjp(pair, 2.0, x)
    np.testing.assert_array_equal(out[0], 2.0 * x)
    assert out[1] == 4.0
    by_a, by_x = pullback((np.array([1.0, 10.0]), 3.0))
    assert by_a == pytest.approx(0.5 + 15.0 + 6.0)
    np.testing.assert_allclose(by_x, [2.0 + 6.0, 20.0 + 6.0])


def test_jvp_of_several_outputs():
    x, x_dot = np.array([0.5, 1.5]), np.array([1.0, -1.0])
    out, tangent = srcad.jvp(pair, (2.0, x), (0.5, x_dot))
    np.testing.assert_array_equal(out[0], 2.0 * x)
    np.testing.assert_allclose(tangent[0], 0.5 * x + 2.0 * x_dot)
    assert tangent[1] == pytest.approx(0.5 * 2.0)


def test_vjp_of_an_array_function_and_identity():
    def f(x):
        return x

    x = np.array([0.5, 1.5])
    _, pullback = srcad.vjp(f, x)
    seed = np.array([1.0, 2.0])
    (x_bar,) = pullback(seed)
    np.testing.assert_array_equal(x_bar, seed)
    assert not np.shares_memory(x_bar, seed)


@pytest.mark.parametrize("seed", [np.ones(3), np.ones((2, 1)), (np.ones(2),), "x"])
def test_cotangent_of_the_wrong_form(seed):
    _, pullback = srcad.vjp(lambda x: x * 2.0, np.array([0.5, 1.5]))
    with pytest.raises(errors.ShapeMismatch):
        pullback(seed)


def test_cotangent_of_the_wrong_dtype():
    _, pullback = srcad.vjp(lambda x: x * 2.0, np.array([0.5, 1.5], dtype=np.float32))
    with pytest.raises(errors.ShapeMismatch, match="dtype|complex"):
        pullback(np.array([1j, 2j]))


@pytest.mark.parametrize("tangents", [(1.0,), (1.0, np.ones(3)), (np.ones(2), np.ones(2)), 3.0])
def test_tangents_of_the_wrong_form(tangents):
    with pytest.raises(errors.ArgumentError):
        srcad.jvp(pair, (2.0, np.array([0.5, 1.5])), tangents)


def test_pullbacks_from_several_threads():
    def f(x, a):
        for _ in range(5):
            x = np.sin(x) * a
        return x

    x = np.linspace(0.1, 0.9, 50)
    _, pullback = srcad.vjp(f, x, 1.1)
    seeds = [np.full(50, float(k + 1)) for k in range(8)]
    alone = [pullback(seed) for seed in seeds]
    results: dict[int, list] = {}

    def work(k: int) -> None:
        results[k] = [pullback(seeds[k]) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, answers in results.items():
        for by_x, by_a in answers:
            np.testing.assert_array_equal(by_x, alone[k][0])
            assert by_a == alone[k][1]


def test_first_calls_from_several_threads():
    @srcad.grad
    def f(a, x):
        return np.sum(np.sin(x) * a) * a

    found: list = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        found.append(f(0.7, np.array([0.3, 0.4])))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


# ---- leaves of the gradient ------------------------------------------------------------------------------------------
def test_structure_of_the_gradient():
    def f(p):
        return p["w"] * np.sum(p["layers"][0][0]) + p["layers"][0][1] * p["k"]

    p = {"w": 0.5, "layers": [(np.ones((2, 2)), 1.5)], "k": 3, "name": "n"}
    gradient = srcad.grad(f)(p)
    assert list(gradient) == list(p)
    assert gradient["w"] == pytest.approx(4.0)
    np.testing.assert_allclose(gradient["layers"][0][0], np.full((2, 2), 0.5))
    assert type(gradient["layers"][0]) is tuple
    assert gradient["layers"][0][1] == pytest.approx(3.0)
    assert gradient["k"] is None
    assert gradient["name"] is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_memory_of_the_gradient(dtype):
    x = np.array([0.5, 1.5, 2.5], dtype=dtype)
    gradient = srcad.grad(lambda v: np.sum(v))(x)
    assert gradient.dtype == dtype
    assert gradient.flags.writeable
    assert gradient.flags.owndata or gradient.base is not None
    assert not np.shares_memory(gradient, x)
    gradient[:] = 7.0
    np.testing.assert_array_equal(srcad.grad(lambda v: np.sum(v))(x), np.ones(3))


def test_unused_argument_has_a_zero_gradient():
    def f(a, x, y):
        return a * a

    by_a, by_x, by_y = srcad.grad(f, argnums=(0, 1, 2))(2.0, np.ones(2), 3.0)
    assert by_a == 4.0
    np.testing.assert_array_equal(by_x, np.zeros(2))
    assert by_y == 0.0


def test_one_array_for_two_arguments():
    x = np.array([0.5, 1.5])
    first, second = srcad.grad(lambda u, v: np.sum(u * v * v), argnums=(0, 1))(x, x)
    np.testing.assert_allclose(first, x**2)
    np.testing.assert_allclose(second, 2 * x**2)
    assert not np.shares_memory(first, second)


# ---- errors ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", [3, True, np.int64(3), np.array([1, 2]), "text", None])
def test_arguments_that_cannot_be_differentiated(value):
    with pytest.raises(errors.SrcadError) as caught:
        srcad.grad(lambda a: a * 2.0)(value)
    assert isinstance(caught.value, errors.ArgumentError | errors.NotDifferentiable)
    assert isinstance(caught.value, TypeError) or isinstance(caught.value, errors.NotDifferentiable)
    assert caught.value.advice


def test_integer_argument_names_the_fix():
    with pytest.raises(errors.SrcadError, match="float"):
        srcad.grad(lambda a: a * 2.0)(3)


@pytest.mark.parametrize("f", [lambda x: x * 2.0, lambda x: (x[0], x[1]), lambda x: None, lambda x: "s"], ids=["array", "pair", "none", "str"])
def test_output_that_is_no_scalar_names_jacobian_and_vjp(f):
    with pytest.raises(errors.ArgumentError, match="vjp") as caught:
        srcad.grad(f)(np.array([0.5, 1.5]))
    assert "jacobian" in str(caught.value)


def test_not_a_function():
    with pytest.raises((errors.SrcadError, TypeError)):
        srcad.grad(3.0)(1.0)


def test_wrong_number_of_arguments_is_the_error_of_python():
    with pytest.raises(TypeError, match="argument"):
        srcad.grad(cubic)(0.7)


def test_source_not_found():
    namespace: dict = {"math": math}
    exec("def hidden(a):\n    return math.sin(a)\n", namespace)
    with pytest.raises(errors.SourceNotFound):
        srcad.grad(namespace["hidden"])(0.5)
    assert isinstance(errors.SourceNotFound("x"), errors.SrcadError)


def test_source_in_linecache_is_enough():
    text = "def shown(a):\n    return math.sin(a) * a\n"
    linecache.cache["<shown>"] = (len(text), None, text.splitlines(keepends=True), "<shown>")
    namespace: dict = {"math": math}
    exec(compile(text, "<shown>", "exec"), namespace)
    assert srcad.grad(namespace["shown"])(0.5) == pytest.approx(math.cos(0.5) * 0.5 + math.sin(0.5))


def test_differentiating_a_builtin():
    with pytest.raises(errors.SrcadError):
        srcad.grad(len)([1.0])


def raises_late(a, x):
    y = np.sin(x) * a
    for i in range(5):
        a = a * x[i]  # the third trip is out of bounds
    return a * np.sum(y)


@pytest.mark.parametrize("call", [srcad_call for srcad_call in ("grad", "value_and_grad", "vjp", "jvp")])
def test_exceptions_of_the_user_pass_unchanged_with_their_line(call):
    x = np.array([0.5, 1.5])
    before = x.tobytes()
    run = {
        "grad": lambda: srcad.grad(raises_late)(0.7, x),
        "value_and_grad": lambda: srcad.value_and_grad(raises_late)(0.7, x),
        "vjp": lambda: srcad.vjp(raises_late, 0.7, x),
        "jvp": lambda: srcad.jvp(raises_late, (0.7, x), (1.0, x)),
    }[call]
    with pytest.raises(IndexError) as expected:
        raises_late(0.7, x)
    with pytest.raises(IndexError) as caught:
        run()
    assert type(caught.value) is IndexError
    assert str(caught.value) == str(expected.value)
    line = inspect.getsourcelines(raises_late)[1] + 3
    said = "".join(traceback.format_exception(caught.value))
    assert f"test_api.py:{line}" in said or f'test_api.py", line {line}' in said
    assert x.tobytes() == before


def test_a_cut_is_reported_once():
    def f(a):
        return int(a * 10.0) * 1.0 + 0.0 * a

    df = srcad.grad(f)
    with pytest.warns(errors.CutWarning, match="int"):
        assert df(0.75) == 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert df(0.35) == 0.0
    assert df.cuts


def test_a_cut_is_shown_as_it_is_written():
    f = srcad.grad(lambda a: (a > 0.5) * 2.0 + (a // 2.0) + float(f"{a}") + np.array([a]).argmax(), on_cut="ignore")
    f(0.75)
    assert [cut.rpartition("  ")[2] for cut in f.cuts] == ["(//)", "(f-string)", "(.argmax())", "(>)"]


@pytest.mark.parametrize("ask", [
    lambda f: srcad.grad(f)(0.75), lambda f: srcad.vjp(f, 0.75), lambda f: srcad.jvp(f, (0.75,), (1.0,)),
], ids=["grad", "vjp", "jvp"])  # fmt: skip
def test_a_cut_is_told_where_it_was_asked_for(ask):
    with pytest.warns(errors.CutWarning, match="int") as told:
        ask(lambda a: int(a * 10.0) * 1.0 + 2.0 * a)
    assert {warning.filename for warning in told} == {__file__}


def test_a_cut_can_be_refused_or_ignored():
    def f(a):
        return int(a * 10.0) * a

    with pytest.raises(errors.NotDifferentiable):
        srcad.grad(f, on_cut="raise")(0.75)
    assert srcad.grad(f, on_cut="ignore")(0.75) == 7.0


class Spring:
    k = 2.0

    def energy(self, x):
        return self.k * x * x


MISTAKES = {
    "argnums of a method": (lambda: srcad.grad(Spring().energy, 1)(3.0), "takes 1 positional argument beside self\nits parameters are x$"),
    "argnums of a partial function": (lambda: srcad.grad(functools.partial(cubic, 1.0), 2)(3.0, 1.0), "takes 2 positional arguments\nits parameters are b, x$"),
    "a missing argument": (lambda: srcad.grad(cubic)(1.0), r"^cubic\(\) missing a required argument: 'b'$"),
    "jvp of numbers": (lambda: srcad.jvp(abs, 3.0, 1.0), r"write them as tuples: \(x,\), \(x_dot,\)"),
    "whole numbers in a list": (lambda: srcad.grad(sum)([1, 2]), r"is \[1, 2\], which has no derivative"),
    "a text": (lambda: srcad.grad(lambda x: x)("a"), r"is 'a', which has no derivative"),
    "a masked array": (lambda: srcad.grad(np.sum)(np.ma.array([1.0, 2.0])), r"is of type MaskedArray, which has .*\nconvert it first: np.asarray"),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(wrong, message):
    with pytest.raises(TypeError, match=message):
        wrong()


# ---- functions of all sorts ------------------------------------------------------------------------------------------
def test_partial():
    f = functools.partial(cubic, 0.7, x=ARGS[2])
    assert srcad.grad(f)(1.3) == pytest.approx(BY_B, rel=1e-14)


def test_lambdas_on_one_line():
    f, g = lambda a: a * a, lambda a: a * a * a
    assert srcad.grad(f)(2.0) == 4.0
    assert srcad.grad(g)(2.0) == pytest.approx(12.0)


def test_lambda_made_anew_is_compiled_once():
    counts = []
    for k in range(5):
        df = srcad.grad(lambda a: a * a * 2.0)
        assert df(1.0 + k) == pytest.approx(4.0 * (1.0 + k))
        counts.append(df.__wrapped__.__code__)
    assert len(set(counts)) == 1


def test_closures_see_the_present_value():
    k = 2.0

    def f(a):
        return a * a * k

    df = srcad.grad(f)
    assert df(3.0) == pytest.approx(12.0)
    k = 5.0
    assert df(3.0) == pytest.approx(30.0)


FACTOR = 2.0


def test_globals_are_read_when_called(monkeypatch):
    def f(a):
        return a * a * FACTOR

    df = srcad.grad(f)
    assert df(3.0) == pytest.approx(12.0)
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert df(3.0) == pytest.approx(30.0)


def scaled(count):
    out = FACTOR
    for _ in range(count):
        out = out * 1.0
    return out


def test_globals_that_an_inactive_call_reads_are_guarded(monkeypatch):
    def f(x):
        return np.sum(scaled(3) * x)

    df = srcad.grad(f)
    np.testing.assert_allclose(df(np.array([1.5])), [2.0])
    monkeypatch.setitem(globals(), "FACTOR", np.array([1.0, 2.0]))
    np.testing.assert_allclose(df(np.array([1.5])), [3.0])


def test_new_types_are_compiled_anew():
    def f(a):
        return np.sum(a * a)

    df = srcad.grad(f)
    assert df(3.0) == pytest.approx(6.0)
    np.testing.assert_allclose(df(np.array([1.0, 2.0])), [2.0, 4.0])
    np.testing.assert_allclose(df(np.ones((2, 2))), np.full((2, 2), 2.0))
    assert df(np.array([1.0], dtype=np.float32)).dtype == np.float32


def test_new_lengths_are_not():
    df = srcad.grad(lambda x: np.sum(x * x))
    df(np.ones(3))
    text = df.source()
    np.testing.assert_allclose(df(np.ones(5)), np.full(5, 2.0))
    assert df.source() == text


# ---- the derivative as an object -------------------------------------------------------------------------------------
def test_source_is_python_that_can_be_run():
    df = srcad.value_and_grad(cubic, argnums=(0, 1))
    text = df.source(*ARGS)
    assert compile(text, "<generated>", "exec")
    assert "# forward sweep" in text or "# reverse sweep" in text or "return" in text
    df(*ARGS)
    assert df.source() == text


def test_primal_is_the_function_again():
    df = srcad.grad(cubic)
    assert df.primal(*ARGS) == cubic(*ARGS)
    assert df.__wrapped__ is cubic


def test_minimize_takes_value_and_grad_as_it_is():
    def rosenbrock(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    found = optimize.minimize(srcad.value_and_grad(rosenbrock), np.array([-1.2, 1.0, 0.5]), jac=True, method="BFGS")
    assert found.success, found.message
    np.testing.assert_allclose(found.x, np.ones(3), rtol=1e-4)


def test_check_grads_passes_and_fails():
    assert srcad.check_grads(cubic, *ARGS)

    with pytest.raises(Exception, match=r"."):
        srcad.check_grads(lambda a: abs(a - 1.0), 1.0 + 1e-9)


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return 2.0 * f(*args, **kwargs)

    return wrapper


@doubled
def area(width, height=3.0, *, scale=1.0):
    return width * height**2 * scale


def total(first, *rest):
    return first * sum(k * r for k, r in enumerate(rest, 1))


def test_numbers_count_the_items_of_a_star():
    assert srcad.grad(area)(2.0) == pytest.approx(18.0)
    assert srcad.grad(area, argnums=1)(2.0, 5.0, scale=0.5) == pytest.approx(20.0)
    np.testing.assert_allclose(srcad.value_and_grad(area, (0, 1))(2.0, 5.0)[1], (50.0, 40.0))
    np.testing.assert_allclose(srcad.grad(total, (0, 2))(2.0, 5.0, 7.0, 9.0), (46.0, 4.0))
    np.testing.assert_allclose(srcad.grad(total, "rest")(2.0, 5.0, 7.0), (2.0, 4.0))
    assert srcad.hessian(total, (0, 1))(2.0, 5.0)[0][1] == pytest.approx(1.0)
    assert srcad.hvp(area, (2.0, 5.0), (None, 1.0), argnums=1) == pytest.approx(8.0)
    assert "def area_grad(function, width, height, args, kwargs" in srcad.grad(area, 1).source(2.0, 5.0)
    with pytest.raises(TypeError, match="height"):
        srcad.grad(area, 1)(2.0)


def test_each_primal_of_a_star_has_its_own_tangent():
    out, pullback = srcad.vjp(total, 2.0, 5.0, 7.0)
    np.testing.assert_allclose(pullback(1.0), (19.0, 2.0, 4.0))
    np.testing.assert_allclose(srcad.jvp(total, (2.0, 5.0, 7.0), (None, 1.0, 10.0)), (38.0, 42.0))
    _, push = srcad.linearize(area, 2.0, 5.0)
    assert push(1.0, None) == pytest.approx(50.0)
    srcad.check_grads(total, 2.0, 5.0, 7.0)
