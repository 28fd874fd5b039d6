"""A two-layer network that reads handwritten digits, trained by minibatch SGD with a gradient made from its source.

`make demo` runs it: the fit with a progress bar, the primal and the generated adjoint side by side, and what the gradient
costs in units of the primal.
"""

from __future__ import annotations

import argparse
import inspect
import sys
import time

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.syntax import Syntax
from rich.table import Table
from sklearn.datasets import load_digits

import srcad

HIDDEN = 64
CLASSES = 10


@srcad.value_and_grad
def loss(params, x, labels):
    """The mean cross-entropy of the network on images `x`."""
    w1, b1, w2, b2 = params
    hidden = np.tanh(x @ w1 + b1)
    scores = hidden @ w2 + b2
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_total = np.log(np.sum(np.exp(shifted), axis=1))
    right = shifted[np.arange(len(labels)), labels]
    return np.mean(log_total - right)


def load(rng):
    """Images and labels, shuffled and split: 1,437 to train with, 360 to test with."""
    digits = load_digits()
    order = rng.permutation(len(digits.data))
    x, labels = digits.data[order] / 16.0, digits.target[order]
    return (x[:1437], labels[:1437]), (x[1437:], labels[1437:])


def start(rng, pixels):
    """Random weights."""
    return [
        rng.standard_normal((pixels, HIDDEN)) / np.sqrt(pixels),
        np.zeros(HIDDEN),
        rng.standard_normal((HIDDEN, CLASSES)) / np.sqrt(HIDDEN),
        np.zeros(CLASSES),
    ]


def accuracy(params, x, labels):
    """The share of images that are read rightly."""
    w1, b1, w2, b2 = params
    return np.mean(np.argmax(np.tanh(x @ w1 + b1) @ w2 + b2, axis=1) == labels)


def train(params, x, labels, rng, *, epochs, batch=64, rate=0.5, report=lambda value: None):
    """Minibatch stochastic gradient descent."""
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x) - batch + 1, batch):
            chosen = order[first : first + batch]
            value, gradient = loss(params, x[chosen], labels[chosen])
            params = [p - rate * g for p, g in zip(params, gradient, strict=True)]
            report(value)
    return params


def cost(params, x, labels, repeats=200):
    """Seconds for the primal and for value and gradient, the best of several runs of each, taken in turn."""
    best = [np.inf, np.inf]
    for _ in range(repeats):
        for i, call in enumerate((loss.primal, loss)):
            begin = time.perf_counter()
            call(params, x, labels)
            best[i] = min(best[i], time.perf_counter() - begin)
    return tuple(best)


def side_by_side(console, left, right):
    """Two sources next to each other; below each other where the terminal is too narrow."""
    sources = [Syntax(text.rstrip(), "python", theme="ansi_dark", background_color="default") for text in (left, right)]
    widths = [max(map(len, text.splitlines())) for text in (left, right)]
    if sum(widths) + 7 <= console.width:
        table = Table("primal", "generated adjoint", expand=False)
        table.add_row(*sources)
        console.print(table)
    else:
        for title, source in zip(("primal", "generated adjoint"), sources, strict=True):
            console.rule(title)
            console.print(source)


def main() -> None:
    """Train, print the accuracy, the sources and the cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=30, help="passes over the training images")
    parser.add_argument("--repeats", type=int, default=200, help="runs to measure the cost with")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 200)

    rng = np.random.default_rng(0)
    (x, labels), test = load(rng)
    params = start(rng, x.shape[1])
    shown = TextColumn("loss {task.fields[loss]:.3f}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), shown, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("training", total=options.epochs * (len(x) // 64), loss=float("nan"))
        params = train(params, x, labels, rng, epochs=options.epochs, report=lambda value: progress.update(task, advance=1, loss=value))

    console.print(f"accuracy on {len(test[0])} images that it has not seen: {accuracy(params, *test):.1%}")
    console.print()
    side_by_side(console, inspect.getsource(loss.primal), loss.source(params, x[:64], labels[:64]))
    primal, both = cost(params, x[:64], labels[:64], options.repeats)
    console.print()
    console.print(f"primal {primal * 1e6:.0f} µs, value and gradient {both * 1e6:.0f} µs: {both / primal:.2f} times the primal")


if __name__ == "__main__":
    main()
