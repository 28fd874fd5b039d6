"""The caller's arrays, whatever their layout: unchanged in every byte, flag and stride, also behind an exception; overlap is refused."""
from __future__ import annotations

import ctypes
import threading

import numpy as np
import pytest

import srcad
from srcad.errors import UnsupportedSyntax
from tests.oracles import differences
from tests.property.agreement import fingerprint

START = np.cos(1.3 * np.arange(48.0)) + 1.6


def _layouts():
    read_only = START[:12].copy().reshape(3, 4)
    read_only.flags.writeable = False
    return {
        "C": START[:12].copy().reshape(3, 4), "F": np.asfortranarray(START[:12].reshape(3, 4)), "strided": START.copy().reshape(6, 8)[::2, ::2],
        "negative": START[:12].copy().reshape(3, 4)[::-1, ::-1], "transposed": START[:12].copy().reshape(4, 3).T, "read-only": read_only,
        "float32": START[:12].astype(np.float32).reshape(3, 4), "one row": START[:4].copy().reshape(1, 4), "no rows": np.empty((0, 4)),
        "offset": START.copy()[5:17].reshape(3, 4),
    }  # fmt: skip


def whole(A, s):
    A *= s
    A += A * A
    return np.sum(A * A)


def parts(A, s):
    A[:, 1:] += A[:, :-1] * s
    A[:, 0] = np.sin(A[:, -1])
    A[A > 2.0] *= 0.5
    return np.sum(A * A)


def views(A, s):
    B = A.T
    B[0] *= s
    for row in A:
        row[1:] *= row[:-1]
    C = A[::-1]
    C[:, 2] += C[:, 0] * B[1, ::-1]
    return np.sum(A * A) + np.sum(B)


def outputs(A, s):
    np.multiply(A, s, out=A)
    np.add.at(A, (slice(None), [0, 0, 1]), s)
    A[:, ::2] = A[:, 1::2]
    return np.sum(np.exp(-A * A))


def swapped(A, s):
    B = np.zeros_like(A)
    for _ in range(3):
        B[:, 1:-1] = (A[:, :-2] + A[:, 2:]) * s
        A, B = B, A
    return np.sum(A * A) + np.sum(B)


PROGRAMS = (whole, parts, views, outputs, swapped)


@pytest.mark.parametrize("layout", _layouts())
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_layout(program, layout):
    """Value, gradient in both modes, and the base buffer of what was given."""
    A, s = _layouts()[layout], 0.7
    before = fingerprint(A)
    if layout == "read-only":
        for call in (lambda: program(A, s), lambda: srcad.grad(program)(A, s), lambda: srcad.jvp(program, (A, s), (A, s))):
            with pytest.raises((ValueError, UnsupportedSyntax), match="read-only"):  # it may depend on the path which array is written
                call()
        return
    mine = np.array(A, copy=True, order="K") if layout != "negative" else A.base.copy().reshape(A.shape)[::-1, ::-1]
    expected = program(mine, s)
    value, (bar, s_bar) = srcad.value_and_grad(program, argnums=(0, 1))(A, s)
    assert fingerprint(A) == before
    assert type(value) is type(expected)
    assert value.tobytes() == expected.tobytes() or layout == "strided"  # a copy is not strided, and NumPy's sums follow the layout
    assert value == pytest.approx(expected, rel=1e-5 if layout == "float32" else 1e-14)
    assert bar.dtype == A.dtype
    assert bar.shape == A.shape
    assert not np.shares_memory(bar, A)
    exact = A.astype(float)
    tolerance = 2e-4 if layout == "float32" else 1e-7
    for n in range(3 if A.size else 0):
        direction = np.cos(0.7 * np.arange(A.size) + n).reshape(A.shape)
        slope = differences.richardson(lambda t: float(program(exact + t * direction, s + t))).value  # noqa: B023 -- called at once
        assert float(np.sum(bar * direction) + s_bar) == pytest.approx(slope, rel=tolerance, abs=tolerance)
        _, tangent = srcad.jvp(program, (A, s), (direction.astype(A.dtype), 1.0))
        assert float(tangent) == pytest.approx(slope, rel=tolerance, abs=tolerance)
    assert fingerprint(A) == before


def stops_half_way(A, B):
    A[0] *= 2.0
    B[:] = A
    if np.sum(A) > -1e9:
        raise RuntimeError("half-way")
    return np.sum(A * B)


def test_unchanged_behind_an_exception():
    A, B = (START[k : k + 24].copy().reshape(4, 6)[::2, ::-1] for k in (0, 24))
    before = fingerprint((A, B))
    for call in (lambda: srcad.grad(stops_half_way, argnums=(0, 1))(A, B), lambda: srcad.vjp(stops_half_way, A, B), lambda: srcad.jvp(stops_half_way, (A, B), (A, B))):
        with pytest.raises(RuntimeError, match="half-way"):
            call()
        assert fingerprint((A, B)) == before


# ---- arguments that are one memory -----------------------------------------------------------------------------------
def first_written(x, y):
    x[0] = 5.0 * x[1]
    return np.sum(x * y)


def only_read(x, y):
    z = x * y
    z[0] = 1.0
    return np.sum(z * x)


def in_a_list(xs):
    xs[0][0] = 2.0 * xs[1][1]
    return np.sum(xs[0] * xs[1])


@pytest.mark.parametrize(("mode", "overlap"), [
    *(("grad", o) for o in ("part", "reversed")), *((m, o) for m in ("vjp", "jvp", "hvp") for o in ("same", "part", "view", "reversed")),
])  # fmt: skip
def test_overlap_with_what_is_written_is_refused(mode, overlap):
    x = START[:6].copy()
    x, y = {"same": (x, x), "part": (x[:4], x[2:]), "view": (x, x[:]), "reversed": (x, x[::-1])}[overlap]
    before = fingerprint((x, y))
    calls = {
        "grad": lambda: srcad.grad(first_written)(x, y), "vjp": lambda: srcad.vjp(first_written, x, y),
        "jvp": lambda: srcad.jvp(first_written, (x, y), (x, y)), "hvp": lambda: srcad.hvp(first_written, (x, y), (x, y)),
    }  # fmt: skip
    with pytest.raises(UnsupportedSyntax, match="share memory") as caught:
        calls[mode]()
    assert caught.value.code == "SRC128"
    assert fingerprint((x, y)) == before


def both_written(x, y, s):
    x[0] = 5.0 * x[1] * y[2]
    y[1:] *= x[:-1] * s
    return np.sum(x * y * np.arange(1.0, 5.0))


@pytest.mark.parametrize("view", [False, True])
def test_one_array_given_twice(view):
    """The derivative by an argument that is written is that by its memory, whatever other names that has."""
    x, s = START[:4].copy(), 0.6
    y = x[:] if view else x
    before = fingerprint((x, y))
    whole = srcad.grad(lambda x, s: both_written(x, x, s), argnums=(0, 1))(x, s)
    for n in range(4):
        step = np.eye(4)[n]
        slope = differences.richardson(lambda t: float(both_written(z := x + t * step, z, s))).value  # noqa: B023 -- called at once
        assert whole[0][n] == pytest.approx(slope, rel=1e-8, abs=1e-9)
        for tangents in ((step, None, None), (None, step, None)):
            assert srcad.jvp(both_written, (x, y, s), tangents)[1] == pytest.approx(slope, rel=1e-8, abs=1e-9)
    for wrt in (0, 1):
        value, bar = srcad.value_and_grad(both_written, argnums=wrt)(x, y, s)
        assert value == both_written(z := x.copy(), z, s)
        np.testing.assert_allclose(bar, whole[0], rtol=1e-13)
        assert srcad.grad(both_written, argnums=(wrt, 2))(x, y, s)[1] == pytest.approx(whole[1])
    assert srcad.grad(both_written, argnums=2)(x, y, s) == pytest.approx(whole[1])
    with pytest.raises(UnsupportedSyntax, match="share memory"):
        srcad.grad(both_written, argnums=(0, 1))(x, y, s)
    apart = srcad.grad(both_written)(x, x.copy(), s)
    assert np.max(np.abs(apart - whole[0])) > 0.1
    assert fingerprint((x, y)) == before


# ---- arrays that cannot be written -----------------------------------------------------------------------------------
def stores_if(x, s):
    if s > 0.0:
        x[1:][0] = 2.0 * x[0]
    return np.sum(x * x) * s


def adds(x, s):
    x += s
    return np.sum(x * x)


def through_out(x, s):
    np.multiply(x, s, out=x)
    return np.sum(x)


def to_a_diagonal(x, s):
    d = np.diagonal(x.reshape(1, -1))
    d[0] = s
    return np.sum(x)


def to_a_stretched_one(x, s):
    y = np.broadcast_to(x, (2, 3))
    y[0, 0] = s
    return np.sum(x)


@pytest.mark.parametrize("program", [stores_if, adds, through_out, to_a_diagonal, to_a_stretched_one])
def test_what_is_read_only_raises_what_the_function_raises(program):
    x = START[:3].copy()
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only") as expected:
        program(x, 1.5)
    for call in (lambda: srcad.grad(program)(x, 1.5), lambda: srcad.vjp(program, x, 1.5), lambda: srcad.jvp(program, (x, 1.5), (x, 1.0))):
        with pytest.raises(ValueError, match="read-only") as caught:
            call()
        assert str(caught.value) == str(expected.value)
    if program is stores_if:  # not reached, or written to a copy: fine
        assert srcad.grad(stores_if, argnums=1)(x, -1.5) == pytest.approx(np.sum(x * x))
    assert not x.flags.writeable


# ---- what is no array of numbers -------------------------------------------------------------------------------------
def into_records(x):
    s = np.zeros(3, dtype=[("a", float), ("b", float)])
    s["a"] = x
    return np.sum(s["a"])


def into_objects(x):
    y = np.empty(2, dtype=object)
    y[0] = x[0]
    return y[0] * 2.0


def of_objects(x):
    y = np.array([x[0], x[1]], dtype=object)
    return y[0] * y[1]


def memory(x):
    m = memoryview(x)
    m[0] = 3.0
    return np.sum(x)


def data(x):
    m = x.data
    m[0] = 3.0
    return np.sum(x)


def buffer(x):
    y = np.frombuffer(x)
    y[0] = 3.0
    return np.sum(x)


def pointer(x):
    p = x.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    p[0] = 3.0
    return np.sum(x)


@pytest.mark.parametrize("program", [into_records, into_objects, of_objects, memory, data, buffer, pointer])
def test_other_memory_is_refused(program):
    x = START[:3].copy()
    for call in (lambda: srcad.grad(program)(x), lambda: srcad.vjp(program, x), lambda: srcad.jvp(program, (x,), (x,))):
        with pytest.raises(srcad.SrcadError) as caught:
            call()
        assert "test_arguments.py:" in str(caught.value)


@pytest.mark.parametrize("value", [np.zeros(2, dtype=[("a", float)]), np.array([1.0, 2.0], dtype=object), np.ma.masked_array(np.ones(2), mask=[0, 1])])
def test_a_tangent_of_what_has_no_derivative_is_refused(value):
    with pytest.raises(srcad.SrcadError):
        srcad.grad(np.sum)(value)
    with pytest.raises(srcad.SrcadError, match="nothing that can be differentiated"):
        srcad.jvp(lambda v, t: t * 2.0, (value, 1.0), (value, 1.0))
    assert srcad.jvp(lambda v, t: t * 2.0, (value, 1.0), (None, 1.0))[1] == 2.0


def test_overlap_is_fine_where_nothing_is_written_or_shared():
    x = START[:6].copy()
    bars = srcad.grad(only_read, argnums=(0, 1))(x, x)
    apart = srcad.grad(only_read, argnums=(0, 1))(x, x.copy())
    for one, other in zip(bars, apart, strict=True):
        assert one.tobytes() == other.tobytes()
    even, odd = x[::2], x[1::2]  # one buffer, no common element
    assert srcad.grad(first_written)(even, odd).tobytes() == srcad.grad(first_written)(even.copy(), odd.copy()).tobytes()


def test_one_array_twice_in_a_list_is_refused():
    x = START[:3].copy()
    with pytest.raises(UnsupportedSyntax, match="share memory"):
        srcad.grad(in_a_list)([x, x])
    bars = srcad.grad(in_a_list)([x, x.copy()])
    assert bars[0][0] == 0.0
    assert bars[1][1] == pytest.approx(x[1] + 2.0 * x[0])


# ---- results left in arguments ---------------------------------------------------------------------------------------
def smooth(u, out):
    out[1:-1] = 0.5 * (u[:-2] * u[2:])
    out[0] = out[-1] = 0.0


def loss(u, out):
    smooth(u, out)
    smooth(out, u)
    return np.sum(u * u)


def test_results_in_arguments():
    u, out = START[:6].copy(), START[6:12].copy()
    value, (u_bar, out_bar) = srcad.value_and_grad(loss, argnums=(0, 1))(u, out)
    assert value == loss(u.copy(), out.copy())
    for n in range(3):
        d, e = np.cos(np.arange(6.0) + n), np.sin(np.arange(6.0) + n)
        slope = differences.richardson(lambda t: float(loss(u + t * d, out + t * e))).value  # noqa: B023 -- called at once
        assert float(u_bar @ d + out_bar @ e) == pytest.approx(slope, abs=1e-8)


# ---- pullbacks -------------------------------------------------------------------------------------------------------
def rewinding(x, y):
    z = x * y
    for k in range(3):
        z[k + 1] = np.sin(z[k] * z[k + 1])
        z *= x
        x[k] *= z[k]
    return z


def test_pullbacks_know_only_their_own_run():
    """Called twice, interleaved, after results and arguments were written into, from eight threads."""
    x, y = START[:5].copy(), START[5:10].copy()
    seed = np.arange(1.0, 6.0)
    z, back = srcad.vjp(rewinding, x, y)
    _, other = srcad.vjp(rewinding, y, x)
    expected = [b.copy() for b in back(seed)]
    for n in range(5):
        slope = differences.richardson(lambda t: float(rewinding(x + t * np.eye(5)[n], y.copy()) @ seed)).value  # noqa: B023 -- called at once
        assert expected[0][n] == pytest.approx(slope, rel=1e-8)
    mirrored = [b.copy() for b in other(seed)]
    for bars in (back(seed), other(seed)):
        for bar in bars:
            bar[...] = np.nan
    z[...] = np.nan
    x[...] = np.nan
    y[...] = np.nan
    found: list[list[bytes]] = [[] for _ in range(8)]

    def call(n: int) -> None:
        for _ in range(20):
            one, two = back(seed), other(seed)
            found[n] += [b.tobytes() for b in (*one, *two)]
            one[0][...] = 3.0

    threads = [threading.Thread(target=call, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {tuple(f[k : k + 4]) for f in found for k in range(0, 80, 4)} == {tuple(b.tobytes() for b in (*expected, *mirrored))}
    assert all(len(f) == 80 for f in found)
