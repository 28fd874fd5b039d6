"""Complex numbers: holomorphic rules, functions with real results, real operands beside complex ones."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import srcad
from srcad.ops import table
from srcad.ops.entry import Entry, Sample
from tests.ops import probe
from tests.ops.test_recording import agree
from tests.ops.test_rules import check

HOLOMORPHIC = (
    "exp expm1 exp2 log log2 log10 log1p sqrt square reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh nan_to_num "
    "add subtract multiply divide negative positive power matmul dot inner outer tensordot sum mean cumsum reshape transpose getitem "
    "where concatenate stack take diag trace kron roll flip solve inv det einsum conj real imag angle absolute norm vdot np.copy array "
    "var std prod cumprod pinv eigvalsh svdvals slogdet cholesky lstsq matrix_power multi_dot tensorsolve vecdot matvec vecmat split "
    "np.multiply.reduce np.add.reduce np.add.accumulate np.multiply.outer correlate cov gradient vector_norm matrix_norm fftn rollaxis"
).split()


def complexified(value: Any, seed: int) -> Any:
    """Floats and float arrays with an imaginary part."""
    if isinstance(value, list | tuple):
        return type(value)(complexified(v, seed + k) for k, v in enumerate(value))
    if isinstance(value, float):
        return complex(value, 0.3 + 0.1 * seed)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value + 1j * np.random.default_rng(seed).uniform(0.2, 0.8, value.shape)
    return value


WEIGHTS = {"cov": (5, 6)}
"""Operands that NumPy takes for real numbers."""


def cases() -> list[Any]:
    found = []
    for name, entry in table.entries().items():
        if name not in HOLOMORPHIC or entry.samples is None:
            continue
        for k, sample in enumerate(entry.samples()):
            if "dtype" in sample.params:
                continue
            whole = tuple(a if j in WEIGHTS.get(name, ()) else complexified(a, j) for j, a in enumerate(sample.args))
            found.append(pytest.param(entry, Sample(whole, sample.params), id=f"{name}-{k}"))
            floats = [j for j, a in enumerate(sample.args) if probe.leaves([a])]
            if len(floats) == 2 and name not in ("concatenate", "stack", "where"):
                mixed = tuple(complexified(a, j) if j == floats[0] else a for j, a in enumerate(sample.args))
                found.append(pytest.param(entry, Sample(mixed, sample.params), id=f"{name}-{k}-mixed"))
    return found


EVERY = pytest.mark.parametrize(("entry", "sample"), cases())


@EVERY
def test_complex_rule(entry: Entry, sample: Sample) -> None:
    if entry.name == "power" and any(isinstance(a, complex | float) for a in sample.args):
        pytest.skip("a power of Python numbers goes through guarded helpers of reals")
    check(entry, sample)
    agree(entry, sample, known=True)
    y = entry.fn(*sample.args, **sample.params)
    bars = probe.vjp(entry, probe.direction(y), y, sample, sample.args)
    for bar, x in zip(bars, sample.args, strict=True):
        for b, leaf in zip(probe.leaves([bar]), probe.leaves([x]), strict=False):
            assert np.iscomplexobj(leaf) or not np.iscomplexobj(b), "a real operand has a real cotangent"


def test_convention() -> None:
    """The gradient of a real f of z is df/dx - i df/dy, as in JAX and autograd."""
    z = np.array([0.3 + 0.4j])
    entry = table.entry("np.abs")
    assert entry is not None
    (bar,) = entry.vjp(np.ones(1), np.abs(z), (z,))
    np.testing.assert_allclose(bar, [0.6 - 0.8j])


class Filter:
    """Its weights have a type that is only known at run time."""

    def __init__(self, weights: Any) -> None:
        self.weights = weights


COMPLEX, REAL = Filter(np.exp(1j * np.arange(3.0))), Filter(np.arange(3.0) - 1.3)


@pytest.mark.parametrize("held", [COMPLEX, REAL], ids=["complex", "real"])
@pytest.mark.parametrize("f", [
    lambda x, held: np.sum(np.abs(x * held.weights + 0.2)), lambda x, held: np.sum((x * held.weights).imag ** 2 + x**2),
    lambda x, held: np.sum((x * held.weights).real ** 3), lambda x, held: np.sum(np.angle(x * held.weights + 2.0) + x),
    lambda x, held: np.linalg.norm(x * held.weights), lambda x, held: np.linalg.norm(x * held.weights, 1, 0), lambda x, held: np.var(x * held.weights),
], ids=["abs", "imag", "real", "angle", "norm", "norm_1", "var"])  # fmt: skip
def test_values_that_may_be_complex(f: Any, held: Any) -> None:
    """Rules may not take for real what is only known at run time."""
    srcad.check_grads(lambda x: f(x, held), np.array([0.7, 1.3, 0.4]), order=1)


def _part(z: Any, k: int) -> Any:
    w = z if k > 0 else 0.5  # a number or an array, complex or not: its type is not known before run time
    return np.sum(np.abs(w) ** 2 + np.abs(w) + np.real(w) * np.imag(w) + np.angle(w)) + np.linalg.norm(w)


def _spread(z: Any, k: int) -> Any:
    w = z if k > 0 else np.array([1.0, 2.0, 4.0])
    return np.var(w) + np.std(w) + np.abs(np.vdot(w, w))


def _number(z: Any, k: int) -> Any:
    w = z**2 if k > 0 else np.sum(z)
    return np.abs(w) + np.real(w) * np.imag(w)


def test_numbers_that_a_branch_leaves_complex_or_real() -> None:
    """Where only run time knows whether a value is complex, rules are those of complex numbers."""
    z = np.array([1.0 + 2.0j, 0.5 - 0.3j, -0.7j + 0.2])
    for f in (_part, _spread):
        srcad.check_grads(f, z, 1, order=2)
    srcad.check_grads(_number, 2.0 + 1.0j, 1, order=2)
    srcad.check_grads(lambda x: _part(x if x[0] > 0.0 else 1j, 1), np.array([1.0, 2.0]))


@pytest.mark.parametrize("norm", [
    lambda z: np.linalg.norm(z, 1), lambda z: np.linalg.norm(z, 3), lambda z: np.linalg.norm(z, 0.5), lambda z: np.linalg.norm(z, np.inf),
    lambda z: np.linalg.norm(z[0]) * np.abs(z[1]) + abs(z[2])], ids=["1", "3", "half", "inf", "numbers"])  # fmt: skip
def test_second_derivatives_of_complex_norms(norm: Any) -> None:
    """The sign of a complex number is no constant."""
    srcad.check_grads(norm, np.array([0.3 + 0.4j, -0.2 + 0.7j, 1.1 - 0.5j]), order=2)


def test_transforms_of_what_is_real_at_run_time() -> None:
    """The cotangent of a real operand is real, also where only run time knows that it is one."""
    def f(z: Any, held: Any) -> Any:
        x = np.real(z * held.weights)
        return np.sum(np.abs(np.fft.rfft(x)) ** 2 * np.arange(2.0)) + np.sum(np.imag(np.fft.ifftn(np.imag(z * held.weights), axes=(0,))) ** 3)

    srcad.check_grads(lambda z: f(z, REAL), np.array([0.7 + 0.2j, 1.3 - 0.4j, 0.4 + 1.0j]))


@pytest.mark.parametrize("shape", [(3, 2), (2, 3)])
def test_singular_vectors_of_complex_matrices(shape: tuple[int, int]) -> None:
    """A phase that both vectors of a pair share is free: what does not depend on it is compared."""
    rng = np.random.default_rng(3)
    a = rng.normal(size=shape) + 1j * rng.normal(size=shape)

    def largest(a: Any) -> Any:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return u[:, :1] @ vh[:1] * s[1]

    srcad.check_grads(largest, a)


def test_complete_factors_of_complex_matrices() -> None:
    """The columns that complete q are free up to a rotation."""

    def f(a: Any) -> Any:
        q, r = np.linalg.qr(a, mode="complete")
        return q[:, :2] @ r[:2], q[:, 2:] @ np.conj(q[:, 2:]).T

    rng = np.random.default_rng(4)
    srcad.check_grads(lambda a: f(a)[1] * f(a)[0][:, :1], rng.normal(size=(3, 2)) + 1j * rng.normal(size=(3, 2)))


BEYOND = {
    "arcsin": lambda x: np.arcsin(x + 0j), "arccos": lambda x: np.arccos(x + 0j), "below": lambda x: np.arcsin(np.conj(x + 0j)),
    "arccosh": lambda x: np.arccosh(x + 0j), "emath": lambda x: np.emath.arcsin(x) * np.emath.arccos(-x),
    "arcsinh": lambda x: np.arcsinh(1j * x), "arctanh": lambda x: np.arctanh(x + 0j), "left": lambda x: np.arccosh(x * (-0.7 + 0.4j)),
}  # fmt: skip
"""Inverse functions along their cuts, as in Snell's law beyond the angle of total reflection."""


@pytest.mark.parametrize("f", BEYOND.values(), ids=BEYOND)
def test_the_side_of_a_cut(f: Any) -> None:
    srcad.check_grads(lambda x: np.real(f(x)) + np.imag(f(x)) ** 2, np.array([1.4, 2.3, -1.7, 0.4]), order=2)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="there the sign of a complex number is that of its real part")
def test_the_sign_of_a_complex_number_turns() -> None:
    z = np.array([0.3 + 0.4j, -1.2 + 0.7j])
    srcad.check_grads(lambda z: np.abs(np.sign(z) + np.array([0.2, 0.5])) ** 3, z, order=2)
    with pytest.warns(srcad.CutWarning):
        assert srcad.grad(lambda x: np.sum(np.sign(x) * x))(np.array([0.7, -0.3])).tolist() == [1.0, -1.0]


def test_parts_of_complex_numbers_that_are_missing() -> None:
    z = np.array([complex(np.nan, 0.4), complex(0.3, np.inf), 1.0 + 2.0j])
    _, t = srcad.jvp(np.nan_to_num, (z,), (np.full(3, 1.0 + 1.0j),))
    assert t.tolist() == [1j, 1.0, 1.0 + 1.0j]
