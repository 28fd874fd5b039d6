"""The source of a function is found, and is what is running."""
from __future__ import annotations

import doctest
import functools
import importlib.util
import linecache
import subprocess
import sys
import textwrap
import threading

import gast
import pytest

import srcad
from srcad.errors import SourceNotFound
from srcad.ir.nodes import Loc
from srcad.source import deep_recursion, find


def text_of(function) -> str:
    return find(function).text


def plain(x):
    return x + 1


def logged(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args) * 2

    return wrapper


@logged
def wrapped(x):
    return x


@functools.lru_cache
@logged
def twice_wrapped(x):
    return x


class Model:
    def method(self, x):
        return self.__scale * x

    @property
    def prop(self):
        return 1

    @staticmethod
    def static(x):
        return -x

    class Inner:
        def method(self, x):
            return x


def outer(k):
    def inner(x):
        return k * x

    return inner


def test_function():
    source = find(plain)
    assert source.text == "def plain(x):\n    return x + 1\n"
    assert source.name == "plain"
    assert source.first_line == plain.__code__.co_firstlineno
    assert isinstance(source.tree, gast.FunctionDef)
    assert source.filename == __file__


def test_method_property_static():
    assert "self.__scale" in text_of(Model().method)
    assert "self.__scale" in text_of(Model.method)
    assert "return -x" in text_of(Model.static)
    assert "return 1" in text_of(Model.prop.fget)


def test_methods_of_the_same_name_are_told_apart():
    assert "return x" in text_of(Model.Inner.method)
    assert "scale" not in text_of(Model.Inner.method)


def test_private_names_are_mangled():
    names = {n.attr for n in gast.walk(find(Model.method).tree) if isinstance(n, gast.Attribute)}
    assert names == {"_Model__scale"}


def test_nested_function_has_its_free_names():
    source = find(outer(3))
    assert source.freevars == ("k",)
    assert source.dedented == "def inner(x):\n    return k * x\n"


def test_a_wrapper_is_not_jumped_over():
    assert "f(*args) * 2" in text_of(wrapped)
    assert find(wrapped).freevars == ("f",)


def test_a_decorated_function_starts_at_its_def():
    source = find(wrapped.__wrapped__)
    assert source.text.startswith("def wrapped")
    assert source.first_line == wrapped.__wrapped__.__code__.co_firstlineno + 1
    assert find(twice_wrapped.__wrapped__.__wrapped__).text.startswith("def twice_wrapped")


def test_lambdas_on_one_line():
    a, b, c = (lambda x: x + 1), (lambda x: x + 2), (lambda y: (lambda x: y * x))
    assert [gast.unparse(find(f).tree) for f in (a, b, c)] == ["lambda x: x + 1", "lambda x: x + 2", "lambda y: lambda x: y * x"]
    assert gast.unparse(find(c(1)).tree) == "lambda x: y * x"


def test_equal_lambdas_on_one_line():
    a, b = (lambda x: x + 1), (lambda x: x + 1)
    assert find(a).tree.col_offset < find(b).tree.col_offset


def test_lambdas_in_other_places():
    fs = [lambda: 3, lambda x=(lambda: 5): x, lambda *a, **k: (a,
                                                               k)]
    assert [gast.unparse(find(f).tree.body) for f in fs] == ["3", "x", "(a, k)"]
    assert gast.unparse(find(fs[1].__defaults__[0]).tree.body) == "5"
    assert len(find(fs[2]).text.splitlines()) == 2


def test_literal_lambdas_on_one_line():
    a, b, c = (lambda: 3), (lambda: 4), (lambda: None)
    assert [gast.unparse(find(f).tree.body) for f in (a, b, c)] == ["3", "4", "None"]


def test_lambda_made_anew_is_the_same_source():
    def make(k):
        return lambda x: k * x

    assert find(make(1)) is find(make(2))


def test_asserts_rewritten_by_pytest():
    def checked(x):
        assert x > 0, "positive"
        return x * 3

    assert any(n.startswith("@py") for n in (*checked.__code__.co_names, *checked.__code__.co_varnames))
    assert "return x * 3" in text_of(checked)


def test_place_points_into_the_file():
    source = find(outer(1))
    place = source.place(Loc(2, 11, 2, 16))
    assert place.line == source.first_line + 1
    assert place.filename == __file__
    assert place.text.strip() == "return k * x"


def test_place_counts_characters_not_bytes():
    def f(x):
        ä = "größe" + x  # noqa: PLC2401
        return ä

    name = find(f).tree.body[0].value.right
    place = find(f).place(Loc(2, name.col_offset, 2, name.end_col_offset))
    assert place.text[place.column : place.end_column] == "x"


def test_key_depends_on_the_text_only():
    assert find(plain).key.startswith("plain-")
    assert find(plain).key != find(wrapped).key


# ---- other origins ---------------------------------------------------------------------------------------------------
def run(text: str, name: str) -> dict:
    space: dict = {"__name__": "made"}
    exec(compile(text, name, "exec"), space)
    return space


def test_exec_with_source_in_linecache():
    text = "def f(x):\n    return 2 * x\n"
    linecache.cache["<cell 1>"] = (len(text), None, text.splitlines(keepends=True), "<cell 1>")
    assert text_of(run(text, "<cell 1>")["f"]) == text


def test_exec_without_source():
    with pytest.raises(SourceNotFound, match="no source text") as error:
        find(run("def f(x):\n    return x\n", "<nowhere>")["f"])
    assert "linecache" in error.value.advice


def test_interactive_statement():
    text = "f = lambda x: x - 1\n"
    linecache.cache["<input 1>"] = (len(text), None, [text], "<input 1>")
    space: dict = {}
    exec(compile(text, "<input 1>", "single"), space)
    assert gast.unparse(find(space["f"]).tree) == "lambda x: x - 1"


def test_doctest():
    seen = []
    text = ">>> def f(x):\n...     return x * 5\n>>> seen.append(text_of(f))\n"
    test = doctest.DocTestParser().get_doctest(text, {"seen": seen, "text_of": text_of}, "sample", None, None)
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
    assert seen == ["def f(x):\n    return x * 5\n"]


def test_equal_code_of_two_files():
    text = "def f(x):\n    return 2 * x\n"
    for name in ("<one>", "<two>"):
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    one, two = run(text, "<one>")["f"], run(text, "<two>")["f"]
    assert (find(one).filename, find(two).filename) == ("<one>", "<two>")


@pytest.mark.parametrize("thing", [len, 3, functools.partial(plain, 1), Model])
def test_what_is_no_python_function(thing):
    with pytest.raises(SourceNotFound, match="not a Python function"):
        find(thing)


# ---- changed on disk -------------------------------------------------------------------------------------------------
def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "changed",
    [
        "def f(x):\n    return x + 2\n",
        "def f(x):\n    return x - 1\n",
        "def f(x):\n    return y + 1\n",
        "def f(x):\n    return x + 1.0\n",
        "def f(x):\n    return g(x) + 1\n",
        "def f(x, y):\n    return x + 1\n",
        "# a comment\ndef f(x):\n    return x + 1\n",
        "def g(x):\n    return x + 1\n",
        "def f(x)\n    return x + 1\n",
        "",
    ],
)
def test_source_changed_since_import_is_refused(tmp_path, changed):
    path = tmp_path / "model_changed.py"
    path.write_text("def f(x):\n    return x + 1\n")
    module = load(path)
    path.write_text(changed)
    linecache.checkcache(str(path))
    with pytest.raises(SourceNotFound):
        find(module.f)


def test_inner_function_changed_since_import(tmp_path):
    path = tmp_path / "model_inner.py"
    path.write_text("def f(x):\n    g = lambda y: y + 1\n    return g(x)\n")
    module = load(path)
    path.write_text("def f(x):\n    g = lambda y: y + 2\n    return g(x)\n")
    with pytest.raises(SourceNotFound, match="changed after it was imported") as error:
        find(module.f)
    assert "reload" in error.value.advice


def test_lambda_changed_since_import(tmp_path):
    path = tmp_path / "model_lambda.py"
    path.write_text("f = lambda x: x + 1\ng = lambda x: x * 1\n")
    module = load(path)
    path.write_text("f = lambda x: x * 1\ng = lambda x: x + 1\n")
    for function in (module.f, module.g):
        with pytest.raises(SourceNotFound):
            find(function)


def test_comment_changed_since_import_is_fine(tmp_path):
    path = tmp_path / "model_comment.py"
    path.write_text("def f(x):  # one\n    return x + 1\n")
    module = load(path)
    path.write_text("def f(x):  # two\n    return x  +  1\n")
    assert "two" in text_of(module.f)


def test_lambda_of_which_python_leaves_a_branch_out():
    """Its code spans less than its body."""
    first, second = [lambda x: x * 2 if True else (lambda y: y)(x), lambda x: x * 3 if False else x * 4]
    inner = (lambda x: (lambda y: y + x) if True else None)(1.0)
    assert [gast.unparse(find(f).tree) for f in (first, second, inner)] == [
        "lambda x: x * 2 if True else (lambda y: y)(x)", "lambda x: x * 3 if False else x * 4", "lambda y: y + x",
    ]  # fmt: skip


# ---- the rest --------------------------------------------------------------------------------------------------------
def test_without_positions_a_line_with_two_lambdas_is_ambiguous(tmp_path):
    path = tmp_path / "model_bare.py"
    path.write_text("f, g = (lambda x: x + 1), (lambda x: x + 2)\nh = lambda x: x * 3\n")
    script = """
    import model_bare, gast
    from srcad.source import find
    from srcad.errors import SourceNotFound
    print(gast.unparse(find(model_bare.h).tree))
    try:
        find(model_bare.f)
    except SourceNotFound as error:
        print(error.advice)
    """
    env = {"PYTHONPATH": ":".join([str(tmp_path), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}  # others read what it would write
    done = subprocess.run([sys.executable, "-X", "no_debug_ranges", "-c", textwrap.dedent(script)], capture_output=True, text=True, env=env)
    assert done.stdout == "lambda x: x * 3\nGive it a `def` of its own.\n", done.stderr


def test_traced_code_is_the_same_code():
    before = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        assert plain(1) == 2
        find.__globals__["_of_code"].cache_clear()
        assert "return x + 1" in text_of(plain)
    finally:
        sys.settrace(before)


def test_a_long_sum_is_no_recursion_error():
    text = "def f(x):\n    return " + " + ".join(f"x * {n}" for n in range(900)) + "\n"
    linecache.cache["<long>"] = (len(text), None, text.splitlines(keepends=True), "<long>")
    assert text_of(run(text, "<long>")["f"]) == text


def test_recursion_limit_is_restored():
    before = sys.getrecursionlimit()
    inside = []

    def work():
        with deep_recursion():
            inside.append(sys.getrecursionlimit())

    with deep_recursion():
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert min(inside) > before
        assert sys.getrecursionlimit() > before
    assert sys.getrecursionlimit() == before


def test_equal_texts_in_namespaces_that_no_import_finds(tmp_path):
    """Each reads its own globals; the module of the text was made once, for the first."""
    text = "def scaled(x):\n    return factor * x * factors[0]\n"
    found = []
    for n in (2.0, 5.0):
        path = tmp_path / f"made_{int(n)}.py"
        path.write_text(text)
        namespace = {"__name__": path.stem, "factor": n, "factors": [n]}
        exec(compile(text, str(path), "exec"), namespace)
        found.append(namespace["scaled"])
    assert [srcad.grad(f)(1.0) for f in found] == [4.0, 25.0]
    assert [srcad.value_and_grad(f)(1.0) for f in reversed(found)] == [(25.0, 25.0), (4.0, 4.0)]
