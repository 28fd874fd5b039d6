"""Every example runs, and its numbers are right."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import srcad

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


def example(name):
    return runpy.run_path(str(EXAMPLES / f"{name}.py"))


def run(name, *options):
    command = [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem != "digits"))
def test_runs_as_a_program(name):
    assert run(name).strip()


def test_every_example_has_a_page():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {path.stem for path in (ROOT / "docs" / "examples").glob("*.md")}


def test_gaussian_is_exact_to_rounding():
    module = example("gaussian")
    value, gradient = srcad.value_and_grad(module["f"], argnums=(0, 1))(2.0, 0.5)
    assert value == module["f"](2.0, 0.5)
    np.testing.assert_array_max_ulp(np.array(gradient), np.array(module["gradient_by_hand"](2.0, 0.5)), maxulp=4)
    assert srcad.check_grads(module["f"], 2.0, 0.5).ok


@pytest.mark.parametrize("M", [0.05, 0.5, 2.0, 3.0])
@pytest.mark.parametrize("e", [0.0, 0.2, 0.7, 0.96714])
def test_kepler_agrees_with_the_closed_form(e, M):
    module = example("kepler")
    solve = module["eccentric_anomaly"]
    value, gradient = srcad.value_and_grad(solve, argnums=(0, 1))(e, M)
    assert value == solve(e, M)
    np.testing.assert_allclose(gradient, module["derivatives_in_closed_form"](e, M), rtol=1e-8)
    _, tangent = srcad.jvp(solve, (e, M), (1.0, 0.0))
    np.testing.assert_allclose(tangent, gradient[0], rtol=1e-8)


def test_hare_and_lynx_are_fitted():
    module = example("lotka_volterra")
    assert module["PELTS"].shape == (21, 2)
    assert srcad.check_grads(module["misfit"], module["START"]).ok
    found = module["fit"]()
    assert found.success
    assert found.fun < 1.02 < module["misfit"](module["START"])
    np.testing.assert_allclose(np.exp(found.x), [0.540, 0.0272, 0.796, 0.0237, 34.6, 5.84], rtol=0.01)


def test_logistic_regression_agrees_with_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    module = example("logistic")
    found = module["fit"]()
    assert found.success
    reference = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(module["X"], module["DATA"].target)
    assert found.fun <= module["loss"](np.append(reference.coef_[0], reference.intercept_)) * (1 + 1e-5)
    assert np.mean(np.sign(module["X"] @ found.x[:-1] + found.x[-1]) == module["SIGN"]) > 0.97


def test_digits_are_read():
    module = example("digits")
    rng = np.random.default_rng(0)
    (x, labels), test = module["load"](rng)
    params = module["start"](rng, x.shape[1])
    assert srcad.check_grads(module["loss"].primal, params, x[:5], labels[:5]).ok
    params = module["train"](params, x, labels, rng, epochs=6)
    assert module["accuracy"](params, *test) > 0.9


def test_digits_as_a_program():
    printed = run("digits", "--epochs", "6", "--repeats", "20")
    share = float(printed.split("not seen: ")[1].split("%")[0])
    assert share > 90
    assert "generated adjoint" in printed
    assert "reverse sweep" in printed
    assert "times the primal" in printed
