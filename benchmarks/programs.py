"""Programs with adjoints written by hand, as a careful person would write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """A primal, the value and gradient by hand with respect to the first `wrt` arguments, and arguments."""

    name: str
    primal: Callable[..., Any]
    by_hand: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: int = 1


def bump(x1, x2):
    """A product with an exponential."""
    return x1 * math.exp(-(x1**2 + x2**2) / 2)


def bump_by_hand(x1, x2):
    """Value and gradient."""
    e = math.exp(-(x1**2 + x2**2) / 2)
    y = x1 * e
    return y, (e - x1 * y, -x2 * y)


def kepler(e, M):
    """A `while` loop of a few trips."""
    E = M
    step = 1.0
    while abs(step) > 1e-12:
        step = (E - e * math.sin(E) - M) / (1.0 - e * math.cos(E))
        E = E - step
    return E


def kepler_by_hand(e, M):
    """The loop reversed; the tape holds E and step of every trip."""
    E = M
    step = 1.0
    tape = []
    while abs(step) > 1e-12:
        sin, slope = math.sin(E), 1.0 - e * math.cos(E)
        step = (E - e * sin - M) / slope
        tape.append((E, sin, slope, step))
        E = E - step
    E_bar, e_bar, M_bar = 1.0, 0.0, 0.0
    for before, sin, slope, step in reversed(tape):
        r_bar = -E_bar / slope
        slope_bar = -r_bar * step
        e_bar -= r_bar * sin + slope_bar * math.cos(before)
        M_bar -= r_bar
        E_bar += r_bar * slope + slope_bar * e * sin
    return E, (e_bar, M_bar + E_bar)


def rosenbrock(x):
    """Slices of one array."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_by_hand(x):
    """Value and gradient."""
    a = x[1:] - x[:-1] ** 2
    b = 1.0 - x[:-1]
    y = np.sum(100.0 * a**2 + b**2)
    g = np.zeros_like(x)
    a_bar = 200.0 * a
    g[1:] = a_bar
    g[:-1] -= 2.0 * (a_bar * x[:-1] + b)
    return y, g


def network(params, x, labels):
    """Two layers and the cross-entropy."""
    w1, b1, w2, b2 = params
    hidden = np.tanh(x @ w1 + b1)
    scores = hidden @ w2 + b2
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_total = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(log_total - shifted[np.arange(len(labels)), labels])


def network_by_hand(params, x, labels):
    """Softmax minus one-hot, then the chain backwards."""
    w1, b1, w2, b2 = params
    hidden = np.tanh(x @ w1 + b1)
    scores = hidden @ w2 + b2
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    exp = np.exp(shifted)
    total = np.sum(exp, axis=1)
    rows = np.arange(len(labels))
    y = np.mean(np.log(total) - shifted[rows, labels])
    s_bar = exp / total[:, None]
    s_bar[rows, labels] -= 1.0
    s_bar /= len(labels)
    a_bar = (s_bar @ w2.T) * (1.0 - hidden**2)
    return y, [x.T @ a_bar, a_bar.sum(axis=0), hidden.T @ s_bar, s_bar.sum(axis=0)]


def pendulum(angle, length, n):
    """A scalar simulation by the symplectic Euler method."""
    speed = 0.0
    for _ in range(n):
        speed -= 0.01 * 9.81 / length * math.sin(angle)
        angle += 0.01 * speed
    return angle * angle


def pendulum_by_hand(angle, length, n):
    """The steps reversed; the tape holds the angles."""
    speed = 0.0
    tape = []
    k = 0.01 * 9.81 / length
    for _ in range(n):
        tape.append(angle)
        speed -= k * math.sin(angle)
        angle += 0.01 * speed
    y = angle * angle
    angle_bar, speed_bar, k_bar = 2.0 * angle, 0.0, 0.0
    for before in reversed(tape):
        speed_bar += 0.01 * angle_bar
        k_bar -= speed_bar * math.sin(before)
        angle_bar -= speed_bar * k * math.cos(before)
    return y, (angle_bar, -k_bar * k / length)


def cases() -> list[Case]:
    """Every program at its sizes."""
    rng = np.random.default_rng(0)
    params = [rng.standard_normal((64, 64)) / 8, np.zeros(64), rng.standard_normal((64, 10)) / 8, np.zeros(10)]
    return [
        Case("bump", bump, bump_by_hand, (2.0, 0.5), 2),
        Case("kepler", kepler, kepler_by_hand, (0.3, 1.2), 2),
        Case("rosenbrock 10", rosenbrock, rosenbrock_by_hand, (rng.standard_normal(10),)),
        Case("rosenbrock 100,000", rosenbrock, rosenbrock_by_hand, (rng.standard_normal(100_000),)),
        Case("network, batch 64", network, network_by_hand, (params, rng.random((64, 64)), rng.integers(0, 10, 64))),
        Case("pendulum, 1,000 steps", pendulum, pendulum_by_hand, (0.5, 1.0, 1000), 2),
    ]
