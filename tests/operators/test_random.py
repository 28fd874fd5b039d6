"""Second derivatives of random programs: forward over reverse, reverse over reverse, and differences of the gradient."""
from __future__ import annotations

import contextlib
import io
import warnings

import numpy as np
import pytest

import srcad
from srcad import trees
from tests.property.programs import from_seed, unload
from tests.property.trial import alarm, case_of

SEEDS = (0, 1, *range(3, 16), 75, 196, 258, 265, 492)  # the last ones hold values that are unbound on some path


def flat(value):
    return np.concatenate([np.ravel(leaf) for leaf in trees.leaves(value) if trees.is_float(leaf)])


def direction(x, rng):
    """A tangent in the structure of an argument."""
    found = [rng.normal(size=np.shape(v)) if isinstance(v, np.ndarray) else rng.normal() if trees.is_float(v) else None for v in trees.leaves(x)]
    return trees.rebuilt(x, iter(found))


def moved(x, v, t):
    pairs = zip(trees.leaves(x), trees.leaves(v), strict=True)
    return trees.rebuilt(x, iter([a if b is None else a + t * b for a, b in pairs]))


def second_derivatives(f, args, wrt, seed):
    """The gradient's change along a random direction: by both modes, and by differences with two steps."""
    gradient, v = srcad.grad(f, argnums=wrt), direction(args()[wrt], np.random.default_rng(seed))
    tangents = [v if n == wrt else None for n in range(len(args()))]

    def at(t):
        return flat(gradient(*(moved(a, v, t) if n == wrt else a for n, a in enumerate(args()))))

    forward = flat(srcad.hvp(f, args(), tangents, argnums=wrt))
    backward = flat(srcad.vjp(gradient, *args())[1](v)[wrt])
    steps = [(8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h) for h in (1e-4, 3e-5)]
    return forward, backward, steps


@pytest.mark.parametrize("seed", SEEDS)
def test_second_derivatives(seed):
    name = f"srcad_second_{seed}"
    try:
        case = case_of(from_seed(seed), name)
        with alarm(60.0), warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            forward, backward, (coarse, fine) = second_derivatives(case.function, case.args, case.argnums()[0], seed)
    finally:
        unload(name)
        unload(name + "_dual")
    np.testing.assert_allclose(forward, backward, rtol=1e-7, atol=1e-9)
    scale = 1 + np.max(np.abs(fine))
    if np.max(np.abs(coarse - fine)) < 1e-6 * scale:  # where the program is smooth
        np.testing.assert_allclose(forward, fine, rtol=1e-4, atol=1e-5 * scale)
