"""The command line: what it prints, to which stream, with which exit code."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from srcad.cli import app

ROOT = Path(__file__).resolve().parent.parent
F = "examples/gaussian.py:f"


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))


def run(*args, code=0):
    done = CliRunner().invoke(app, list(args), prog_name="srcad", env={"COLUMNS": "120"})
    assert done.exit_code == code, (done.output, done.exception)
    assert "srcad/cli.py" not in done.output
    return done


def refused(*args):
    done = run(*args, code=2)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def process(*args, **options):
    env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run([sys.executable, "-m", "srcad", *args], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, **options)


def test_dump_prints_the_adjoint():
    text = run("dump", F).stdout
    ast.parse(text)
    assert "\x1b" not in text
    assert "x1_bar" in text
    namespace = {}
    exec(text, namespace)
    (grad,) = (value for name, value in namespace.items() if name.startswith("f_"))
    assert grad(2.0, 0.5)


def test_dump_to_a_file_is_deterministic():
    texts = {process("dump", F, env={"PYTHONHASHSEED": seed, "SRCAD_CACHE": "0"}).stdout for seed in ("1", "2")}
    assert len(texts) == 1
    assert texts.pop() == run("dump", F).stdout


@pytest.mark.parametrize("stage", ["source", "ir", "activity", "adjoint"])
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_every_stage_prints(stage, mode):
    assert run("dump", F, "--stage", stage, "--mode", mode).stdout.strip()


def test_source_is_the_source():
    assert "x1 * math.exp(-(x1**2 + x2**2) / 2)" in run("dump", F, "--stage", "source").stdout


def test_forward_mode():
    assert "x2_dot" in run("dump", F, "--mode", "forward", "--wrt", "x2").stdout


def test_module_target(monkeypatch):
    assert run("dump", "examples.gaussian:f").stdout == run("dump", F).stdout


def test_decorated_target_means_the_function_below():
    text = run("dump", "examples/digits.py:loss", "--args", "start(np.random.default_rng(0), 64), np.zeros((5, 64)), np.zeros(5, int)").stdout
    assert "reverse sweep" in text


def test_methods_and_annotations(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(
        "import numpy as np\n\nclass Model:\n    @staticmethod\n    def energy(x: np.ndarray, n: int, k: float = 2.0):\n        return k * np.sum(x * x) * n\n"
    )
    assert "x_bar" in run("dump", f"{path}:Model.energy").stdout


MODEL = """
from collections.abc import Callable

class Model:
    def __init__(self, rate):
        self.rate = rate

    def energy(self, x, *, by=2.0):
        return self.rate * x * by

    @classmethod
    def cube(cls, x):
        return x * x * x

def named(x, *, k=2.0, n: int = 3):
    return x * k * n

def strict(x, *, k=2.0):
    assert k == 4.0
    return x * k

def several(*xs):
    return sum(xs)

def nested(d: dict, scale=1.0):
    return d["a"] * scale

def called(f: Callable, x):
    return f(x)

def made(x, model: Model = None):
    return x * x

MODEL = Model(3.0)
"""


@pytest.fixture
def model(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    return str(tmp_path / "model.py")


@pytest.mark.parametrize(("name", "derivative"), [
    ("Model.cube", "x_bar = product + 2.0 * x * x"), ("named", "return value, ("), ("several", "xs: tuple"), ("MODEL.energy", "self: Model"), ("made", "x_bar"),
])  # fmt: skip
def test_arguments_are_made_up_for_every_form_of_parameters(model, name, derivative):
    assert derivative in run("dump", f"{model}:{name}").stdout


@pytest.mark.parametrize(("name", "message", "given", "advice"), [
    ("Model.energy", "'self' is an object", "Model(2.0), 3.0, by=4.0", 'Write the arguments as in a call: --args "Model(...), np.ones(3)"'),
    ("nested", "'d' is dict", "{'a': 2.0}, scale=3.0", 'Write the arguments as in a call: --args "'),
    ("called", "'f' is Callable", "np.sin, 2.0", 'Write the arguments as in a call: --args "'),
])  # fmt: skip
def test_arguments_that_cannot_be_made_up_are_asked_for(model, name, message, given, advice):
    text = refused("dump", f"{model}:{name}")
    assert message in text and advice in text
    assert "reverse sweep" in run("dump", f"{model}:{name}", "--args", given).stdout
    assert "ok: " in run("check", f"{model}:{name}", "--args", given).stdout


def test_arguments_by_name_are_those_that_are_checked(model):
    assert run("check", f"{model}:strict", "--args", "2.0, k=4.0").stdout.startswith("ok: strict")
    assert "the function raised this" in run("check", f"{model}:strict", "--args", "2.0, k=3.0", code=2).stderr


def test_a_class_names_its_methods(model):
    assert f"{model}:Model.energy" in refused("dump", f"{model}:Model")


def test_wrt_by_number():
    assert run("dump", F, "--wrt", "1").stdout == run("dump", F, "--wrt", "x2").stdout
    assert run("dump", F, "--wrt", "1, 0").stdout == run("dump", F, "--wrt", "x2,x1").stdout


def test_a_cut_is_said_once(tmp_path):
    path = tmp_path / "rounded.py"
    path.write_text("def f(x):\n    return round(x) * x\n")
    said = process("check", f"{path}:f", "--args", "2.3").stderr
    assert said == f"srcad: the derivative of 'f' is cut off (zero) at\n  {path}:2: return round(x) * x  (round)\n"


def test_check_passes_and_reports():
    text = run("check", F, "--args", "2.0, 0.5").stdout
    assert text.startswith("ok: f (")
    assert "worst" in text


def test_check_fails_with_exit_code_1(tmp_path):
    path = tmp_path / "rough.py"
    path.write_text("def f(x):\n    return float(round(x * 1e6)) * 1e-6\n")
    done = process("check", f"{path}:f", "--args", "0.3")
    assert done.returncode == 1, done.stderr
    assert "WRONG" in done.stdout


def test_check_of_one_mode():
    assert "fwd" in run("check", F, "--args", "2.0, 0.5", "--mode", "forward").stdout


def test_rules():
    everything = run("rules").stdout
    assert "np.exp" in everything and "math.exp" in everything
    some = run("rules", "*matmul*").stdout
    assert "np.matmul" in some and "np.exp" not in some
    assert "no rule" in refused("rules", "nonsense*")
    assert run("rules", "numpy.atleast_1d").stdout == "atleast_1d  linear  np.atleast_1d\n"
    assert run("rules", "scipy.special.erf").stdout == run("rules", "special.erf").stdout


def test_cache_commands(monkeypatch, tmp_path):
    monkeypatch.setenv("SRCAD_CACHE_DIR", str(tmp_path / "c"))
    assert "entries  0" in run("cache", "info").stdout
    assert "removed 0 entries" in run("cache", "clear").stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("dump", "examples/gaussian.py"), "does not say which function"),
        (("dump", "examples/nothing.py:f"), "there is no file"),
        (("dump", "no.such.module:f"), "there is no module"),
        (("dump", "examples/gaussian.py:gradient_by_hnad"), "gradient_by_hand"),
        (("dump", "math:pi"), "not a function"),
        (("dump", F, "--args", "1.0, y"), "cannot be evaluated: NameError"),
        (("dump", F, "--args", "1.0,, 2"), "cannot be evaluated: SyntaxError"),
        (("dump", F, "--args", "1.0"), "does not fit the function"),
        (("dump", F, "--args", "(1.0, 2.0)"), "leave the parentheses away"),
        (("dump", F, "--args", "2, 1"), "integer"),
        (("dump", F, "--args", "2, 0.5", "--wrt", "x1"), "integer"),
        (("dump", F, "--wrt", "z"), "no parameter 'z'"),
        (("check", F, "--args", "2, 1"), "float"),
    ],
)
def test_bad_input_is_one_message(args, message):
    text = refused(*args)
    assert message in text
    assert text.startswith("srcad: [SRC")


def test_bad_stage_is_a_usage_error():
    assert "stage" in run("dump", F, "--stage", "nonsense", code=2).stderr


def test_what_the_users_code_raises_is_shown_with_its_own_lines(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("def f(x):\n    return x\n\nraise RuntimeError('at import')\n")
    done = run("dump", f"{path}:f", code=2)
    assert "RuntimeError: at import" in done.stderr
    assert "line 4" in done.stderr
    path.write_text("import math\n\ndef f(x):\n    return math.log(x)\n")
    done = run("check", f"{path}:f", "--args", "-1.0", code=2)
    assert "ValueError: " in done.stderr
    assert "line 4" in done.stderr


def test_a_fault_of_ours_is_not_blamed_on_the_user(monkeypatch):
    from srcad import cli

    monkeypatch.setattr(cli, "print_program", None)
    text = refused("dump", F, "--stage", "ir")
    assert "SRC901" in text and "TypeError" in text and "please report" in text


def test_refused_construct_names_the_line(tmp_path):
    path = tmp_path / "later.py"
    path.write_text("async def f(x):\n    return x\n")
    text = refused("dump", f"{path}:f")
    assert "later.py:1" in text


def test_help_teaches():
    for command in ("dump", "check", "rules"):
        text = run(command, "--help").stdout
        assert "Examples" in text
        assert "srcad " + command in text
    assert "Examples" in run("--help").stdout
    assert run("--version").stdout.startswith("srcad ")
    assert "Usage" in CliRunner().invoke(app, []).output


def test_module_and_closed_pipe():
    assert process("--version").stdout.startswith("srcad ")
    done = subprocess.run(f"{sys.executable} -m srcad rules | head -1", shell=True, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_highlighted_on_a_terminal():
    import pty

    main, side = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    env.pop("NO_COLOR", None)
    child = subprocess.Popen([sys.executable, "-m", "srcad", "dump", F, "--stage", "source"], stdout=side, cwd=ROOT, env=env)
    os.close(side)
    shown = b""
    while True:
        try:
            data = os.read(main, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
    assert child.wait() == 0
    os.close(main)
    assert b"\x1b[" in shown
