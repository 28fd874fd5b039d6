"""Rules for `scipy.special`, which the table takes up when SciPy is there."""
from __future__ import annotations

import numpy as np
import pytest

from srcad.ops import table
from srcad.ops.entry import Entry, Sample
from tests.ops import probe
from tests.ops.test_recording import agree
from tests.ops.test_rules import check

special = pytest.importorskip("scipy.special")
assert table.by_object(special.erf) is not None
CASES = [(f"{n}-{k}", e, s) for n, e in table.entries().items() if n.startswith("special.") and e.samples is not None for k, s in enumerate(e.samples())]


@pytest.mark.parametrize(("entry", "sample"), [(e, s) for _, e, s in CASES], ids=[n for n, _, _ in CASES])
def test_rule(entry: Entry, sample: Sample) -> None:
    fixed = entry.name in ("special.zeta", "special.jv", "special.iv", "special.gammainc", "special.gammaincc")
    if fixed:
        y, t = entry.fn(*sample.args), (None, 1.0)
        slope = probe.difference(lambda x: entry.fn(sample.args[0], x), sample.args[1:], (1.0,))
        np.testing.assert_allclose(entry.jvp(t, y, sample.args), slope, rtol=1e-7)
        np.testing.assert_allclose(entry.vjp(1.0, y, sample.args, (), (False, True))[1], slope, rtol=1e-7)
        return
    check(entry, sample)
    agree(entry, sample, known=True)


def test_user_functions_are_found() -> None:
    for name in ("gamma", "expit", "logsumexp"):
        found = table.by_object(getattr(special, name))
        assert found is not None
        assert found.op.name == f"special.{name}"
