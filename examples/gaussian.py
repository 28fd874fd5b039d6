"""The smallest example: f(x1, x2) = x1 exp(-(x1² + x2²)/2), its gradient, and the source of its adjoint."""

from __future__ import annotations

import math

import srcad


def f(x1, x2):
    """A bump with a ridge on either side of 0."""
    return x1 * math.exp(-(x1**2 + x2**2) / 2)


def gradient_by_hand(x1, x2):
    """What a textbook gives."""
    bump = math.exp(-(x1**2 + x2**2) / 2)
    return (1 - x1**2) * bump, -x1 * x2 * bump


def main() -> None:
    """Print the gradient at (2, 1/2), the textbook's, and the generated source."""
    df = srcad.value_and_grad(f, argnums=(0, 1))
    value, gradient = df(2.0, 0.5)
    print("value     ", value)
    print("gradient  ", gradient)
    print("by hand   ", gradient_by_hand(2.0, 0.5))
    print()
    print(df.source(2.0, 0.5))


if __name__ == "__main__":
    main()
