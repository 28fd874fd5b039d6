"""What shares memory in NumPy shares it in derivatives: every way to a view, written through the base and through the view."""
from __future__ import annotations

import numpy as np
import pytest

from tests.oracles import dual
from tests.property import subject
from tests.property.agreement import Case
from tests.property.programs import Program, unload

RIGHT = (
    "x[1:3]", "x[...]", "x[None][0]", "x[::-1]", "x.T", "x.real", "np.real(x)", "x.astype(float, copy=False)", "np.asarray(x, dtype=float)",
    "np.asanyarray(x)", "np.atleast_2d(x)[0]", "np.squeeze(x[None, :])", "np.expand_dims(x, 0)[0]", "np.flip(x)", "x.reshape(2, 2).T[0]",
    "x.reshape(2, 2)[1]", "np.ascontiguousarray(x)", "np.array(x, copy=False)", "np.array(x)", "np.copy(x)", "+x", "x.take([0, 1])", "x[[0, 1]]",
    "x[x > -10.0]", "np.concatenate([x])", "np.where(True, x, x)", "x.flatten()", "np.conj(x)", "np.repeat(x, 1)", "np.tile(x, 1)", "(None or x)",
)  # fmt: skip
RIGHT_OR_REFUSED = (
    "np.split(x, 2)[0]", "np.array_split(x, 2)[1]", "np.broadcast_arrays(x, 1.0)[0]", 'np.einsum("ii->i", x.reshape(2, 2))',
    "np.rot90(x.reshape(2, 2)).ravel()", "x.view()", "x.reshape(2, 2).diagonal()", "np.diag(x.reshape(2, 2))", "np.broadcast_to(x, (2, 4))[0]",
    "x.reshape(2, 2).swapaxes(0, 1).ravel()", "np.moveaxis(x.reshape(2, 2), 0, 1)[0]", "np.nan_to_num(x, copy=False)", "x.conj()",
    'x.reshape(2, 2).ravel("F")', 'x.reshape(2, 2, order="F")[0]', "next(iter(x.reshape(2, 2)))", "list(x.reshape(2, 2))[0]",
    "tuple(x.reshape(2, 2))[1]", "[r for r in x.reshape(2, 2)][0]", 'dict(zip("ab", x.reshape(2, 2)))["a"]', "list(reversed(x.reshape(2, 2)))[0]",
    "max(x.reshape(2, 2), key=lambda r: r[0])", "x if x[0] > 0.0 else x[1:]", "[r for i, r in enumerate(x.reshape(2, 2)) if i == 1][0]",
    "np.meshgrid(x, x, copy=False)[0][0]", "np.require(x, dtype=float)", "np.frombuffer(x)",
)  # fmt: skip
WRITES = {
    "base": "    v = {}\n    x[1] = x[0] * 7.0\n    x *= 2.0\n",
    "view": "    v = {}\n    v[0] = x[2] * 7.0\n    v *= 2.0\n",
}


def _verdict(view: str, written: str):
    text = f"import numpy as np\n\n\ndef f(x):\n    x = x * 1.0\n{WRITES[written].format(view)}"
    text += "    return np.sum(v * np.arange(1.0, v.size + 1.0)) + np.sum(x * x)\n"
    plain = Program(text, 0).load("storage_view")["f"]
    known = dual.load(text, "storage_view_dual")["f"] if "frombuffer" not in view else None
    try:
        return subject.judge(Case(view, plain, lambda: (np.array([0.9, -0.4, 1.3, 0.7]),), known))
    finally:
        unload("storage_view")
        unload("storage_view_dual")


@pytest.mark.parametrize("written", WRITES)
@pytest.mark.parametrize("view", RIGHT)
def test_followed(view, written):
    verdict = _verdict(view, written)
    assert verdict.status == "ok", verdict


@pytest.mark.parametrize("written", WRITES)
@pytest.mark.parametrize("view", RIGHT_OR_REFUSED)
def test_never_wrong(view, written):
    verdict = _verdict(view, written)
    assert verdict.status in {"ok", "refused"} or "raises" in verdict.reason, verdict
