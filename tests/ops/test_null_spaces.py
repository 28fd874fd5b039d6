"""Vectors that fill up a basis, of `svd` with full matrices and of a complete `qr`: any that do will do, so no number may depend on which."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

A = np.random.default_rng(0).normal(size=(2, 5))


def vectors(a):
    return np.linalg.svd(a)[2][2:].T


def of_qr(a):
    return np.linalg.qr(a.T, mode="complete")[0][:, 2:]


@pytest.mark.parametrize("basis", [vectors, of_qr])
def test_what_does_not_depend_on_the_basis(basis):
    def projected(a):
        n = basis(a)
        return np.sum(np.cos(np.arange(25.0)).reshape(5, 5) * (n @ n.T)) + np.sum((n.T @ np.arange(5.0)) ** 2)

    srcad.check_grads(projected, A, order=2)


@pytest.mark.parametrize("basis", [vectors, of_qr])
def test_what_does_is_refused(basis):
    gradient = srcad.grad(lambda a: np.sum(basis(a)[0]))
    with pytest.raises(srcad.NotDifferentiable, match="SRC304"):
        gradient(A)


def test_the_other_vectors_are_as_without_them():
    def full(a):
        u, s, vh = np.linalg.svd(a)
        return np.sum(u[0] * s) + np.sum(vh[:2] ** 3)

    def reduced(a):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(u[0] * s) + np.sum(vh**3)

    assert np.allclose(srcad.grad(full)(A), srcad.grad(reduced)(A))
