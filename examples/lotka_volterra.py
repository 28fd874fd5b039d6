"""Hare and lynx: the Lotka-Volterra equations, integrated by Runge-Kutta, fitted to the record of the Hudson's Bay Company.

The right-hand side is a closure over the parameters, the integrator takes it as an argument, and the gradient of the misfit
goes through both, by reverse mode through all steps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import srcad

RECORD = np.loadtxt(Path(__file__).parent / "data" / "hare_lynx.csv", delimiter=",", skiprows=4)
YEARS, PELTS = RECORD[:, 0], RECORD[:, 1:]
STEPS_PER_YEAR = 8
NAMES = ("hare growth", "predation", "lynx death", "lynx growth", "hares in 1900", "lynxes in 1900")
START = np.log([0.5, 0.025, 0.8, 0.025, 30.0, 4.0])


def rk4_step(rhs, y, h):
    """One step of the classical Runge-Kutta method."""
    k1 = rhs(y)
    k2 = rhs(y + 0.5 * h * k1)
    k3 = rhs(y + 0.5 * h * k2)
    k4 = rhs(y + h * k3)
    return y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def misfit(log_parameters):
    """Half the sum of squared differences between the logarithms of model and record."""
    p = np.exp(log_parameters)

    def rhs(y):
        hare, lynx = y[0], y[1]
        return np.array([hare * (p[0] - p[1] * lynx), lynx * (p[3] * hare - p[2])])

    y = p[4:]
    total = 0.0
    for observed in PELTS:
        residual = np.log(y) - np.log(observed)
        total += 0.5 * np.sum(residual**2)
        for _ in range(STEPS_PER_YEAR):
            y = rk4_step(rhs, y, 1.0 / STEPS_PER_YEAR)
    return total


def fit():
    """The parameters that suit the record best; SciPy takes value and gradient as they come."""
    return minimize(srcad.value_and_grad(misfit), START, jac=True, method="L-BFGS-B")


def main() -> None:
    """Fit, and print the parameters."""
    print(f"misfit before  {misfit(START):.4f}")
    found = fit()
    print(f"misfit after   {found.fun:.4f}  ({found.nit} iterations, {found.nfev} gradients)")
    print(f"gradient left  {np.max(np.abs(found.jac)):.1e}")
    for name, value in zip(NAMES, np.exp(found.x), strict=True):
        print(f"{name:15s} {value:8.4f}")


if __name__ == "__main__":
    main()
