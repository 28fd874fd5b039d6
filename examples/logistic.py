"""Logistic regression on a real data set (breast cancer, Wisconsin), fitted by SciPy with `jac=True`."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import srcad

DATA = load_breast_cancer()
X = (DATA.data - DATA.data.mean(axis=0)) / DATA.data.std(axis=0)
SIGN = 2.0 * DATA.target - 1.0  # 1: benign, -1: malignant
RIDGE = 1.0


def loss(w):
    """The negative log-likelihood of weights `w[:-1]` and bias `w[-1]`, with a ridge penalty on the weights."""
    margin = SIGN * (X @ w[:-1] + w[-1])
    return np.sum(np.logaddexp(0.0, -margin)) + 0.5 * RIDGE * np.sum(w[:-1] ** 2)


def fit():
    """The best weights."""
    return minimize(srcad.value_and_grad(loss), np.zeros(X.shape[1] + 1), jac=True, method="L-BFGS-B")


def main() -> None:
    """Fit, and compare with scikit-learn's own fit of the same model."""
    found = fit()
    right = np.mean(np.sign(X @ found.x[:-1] + found.x[-1]) == SIGN)
    reference = LogisticRegression(C=1.0 / RIDGE, tol=1e-8, max_iter=1000).fit(X, DATA.target)
    print(f"loss          {found.fun:.6f}  ({found.nit} iterations, {found.nfev} gradients)")
    print(f"right         {right:.1%} of {len(X)} cases")
    print(f"scikit-learn  {loss(np.append(reference.coef_[0], reference.intercept_)):.6f}, largest difference of a weight ", end="")
    print(f"{np.max(np.abs(found.x[:-1] - reference.coef_[0])):.1e}")
    print()
    print(srcad.value_and_grad(loss).source(found.x))


if __name__ == "__main__":
    main()
