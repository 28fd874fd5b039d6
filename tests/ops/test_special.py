"""Rules for SciPy's functions, which the table takes up when SciPy is there."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcad.errors import NoRule
from srcad.ops import table
from srcad.ops.entry import Entry, Sample
from tests.ops import probe, test_rules
from tests.ops.test_recording import agree, second_order
from tests.ops.test_rules import check

special = pytest.importorskip("scipy.special")
assert table.by_object(special.erf) is not None
CASES = [(f"{n}-{k}", e, s) for n, e in table.entries().items() if n.startswith("special.") and e.samples is not None for k, s in enumerate(e.samples())]
EVERY = pytest.mark.parametrize(("entry", "sample"), [(e, s) for _, e, s in CASES], ids=[n for n, _, _ in CASES])


@EVERY
def test_rule(entry: Entry, sample: Sample) -> None:
    check(entry, sample)
    agree(entry, sample, known=True)


@EVERY
def test_second_order(entry: Entry, sample: Sample) -> None:
    second_order(entry, sample)


@EVERY
def test_single_operands(entry: Entry, sample: Sample) -> None:
    test_rules.test_single_operands(entry, sample)


@EVERY
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_float32(entry: Entry, sample: Sample) -> None:
    """SciPy warns where single precision is not enough for an algorithm, or an integer is one of its floats."""
    test_rules.test_float32(entry, sample)


def test_every_entry_has_samples() -> None:
    assert not [e.name for e in table.entries().values() if e.name.startswith("special.") and e.differentiable and e.samples is None and not e.refused]


def test_real_orders() -> None:
    """Samples have whole orders, since nothing is differentiated by them; the rules hold for any."""
    for name, args in {"jv": (1.3, 0.7), "iv": (0.4, 1.2), "kv": (2.6, 0.9), "gammainc": (1.3, 0.7), "betainc": (0.7, 1.9, 0.4), "stdtr": (2.5, 0.3)}.items():
        spelling = table.by_object(getattr(special, name))
        assert spelling is not None
        f, last = spelling.entry.fn, len(args) - 1
        slope = probe.difference(lambda x, f=f, a=args: f(*a[:-1], x), args[-1:], (1.0,))
        wanted = (False,) * last + (True,)
        np.testing.assert_allclose(spelling.entry.vjp(1.0, f(*args), args, (), wanted)[last], slope, rtol=1e-7)
        with pytest.raises(NoRule, match="has no derivative with respect to argument 1"):
            spelling.entry.vjp(1.0, f(*args), args, (), (True,) * len(args))


def test_refused_functions_say_why() -> None:
    entry = table.by_object(special.smirnov)
    assert entry is not None
    with pytest.raises(NoRule, match=r"scipy\.special\.smirnov"):
        entry.entry.jvp((None, 1.0), 0.1, (2, 0.4))


def test_user_functions_are_found() -> None:
    for name in ("gamma", "expit", "logsumexp", "jv", "ellipj"):
        found = table.by_object(getattr(special, name))
        assert found is not None
        assert found.op.name == f"special.{name}"


LIMITS: list[tuple[str, tuple[Any, ...], int, float]] = [
    ("i1", (0.0,), 0, 0.5), ("j1", (0.0,), 0, 0.5), ("ellipk", (0.0,), 0, np.pi / 8), ("ellipe", (0.0,), 0, -np.pi / 8), ("spence", (1.0,), 0, -1.0),
    ("exprel", (0.0,), 0, 0.5), ("sici", (0.0,), 0, 1.0), ("ellipkinc", (0.7, 0.0), 1, 0.175 - np.sin(1.4) / 8), ("boxcox", (2.0, 0.0), 1, np.log(2.0) ** 2 / 2),
    ("inv_boxcox", (0.3, 0.0), 1, -np.exp(0.3) * 0.045), ("eval_hermite", (0, 0.3), 1, 0.0), ("xlogy", (0.0, 2.0), 1, 0.0),
]


@pytest.mark.parametrize(("name", "args", "k", "slope"), LIMITS)
def test_limits(name: str, args: tuple[Any, ...], k: int, slope: float) -> None:
    """Where a formula would be 0 / 0 the rule has the limit."""
    spelling = table.by_object(getattr(special, name))
    assert spelling is not None
    y = spelling.entry.fn(*args)
    g: Any = (1.0, *(None,) * (len(y) - 1)) if isinstance(y, tuple) else 1.0
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(spelling.entry.vjp(g, y, args, (), tuple(j == k for j in range(len(args))))[k], slope, rtol=1e-12)
