"""Power spectra of signals: values bit for bit, derivatives against differences, both modes and second order."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcad

pytest.importorskip("scipy")
from scipy import signal  # noqa: E402

X = np.random.default_rng(5).normal(size=(2, 20))
WINDOW = np.hanning(8)
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "welch": lambda x: signal.welch(x, 2.0, nperseg=8)[1],
    "median": lambda x: signal.welch(x, window=WINDOW, average="median", scaling="spectrum", detrend=False)[1],
    "two_sided": lambda x: signal.welch(x, nperseg=7, nfft=10, noverlap=2, return_onesided=False, detrend="linear")[1],
    "csd": lambda x: np.abs(signal.csd(x[0], x[1] ** 2, nperseg=8)[1]),
    "csd_median": lambda x: signal.csd(x.T, x[::-1].T, nperseg=8, average="median", axis=0)[1].imag,
    "coherence": lambda x: signal.coherence(x[0], x[1], nperseg=8)[1],
    "periodogram": lambda x: np.log(signal.periodogram(x, window="hann", nfft=15)[1][:, 2:]),
    "padded": lambda x: signal.periodogram(x.T, nfft=24, axis=0)[1],
    "spectrogram": lambda x: signal.spectrogram(x, nperseg=8, noverlap=3)[2] * signal.spectrogram(x, nperseg=8)[1][0],
    "stft": lambda x: np.abs(signal.stft(x, nperseg=8)[2]) ** 2,
    "stft_odd": lambda x: signal.stft(x.T, 2.0, nperseg=7, boundary="odd", scaling="psd", axis=0, detrend="constant")[2].real,
    "stft_even": lambda x: signal.stft(x, nperseg=8, noverlap=5, boundary="even", nfft=10, padded=False)[2].imag,
    "stft_constant": lambda x: signal.stft(x, window=WINDOW, nperseg=8, boundary="constant", return_onesided=False)[2].imag,
    "there_and_back": lambda x: signal.istft(signal.stft(x[0], nperseg=8)[2] * 3.0, nperseg=8)[1] ** 2,
    "resample_poly": lambda x: signal.resample_poly(x[0], 3, 2) ** 2,
    "resample_poly_along": lambda x: signal.resample_poly(x, 2, 6, axis=1, window="hamming", padtype="median"),
    "resample_poly_given": lambda x: signal.resample_poly(x[:, :5].T, 4, 3, window=WINDOW[1:], cval=2.0),
    "resample_poly_copied": lambda x: signal.resample_poly(x, 2, 2) ** 2,
    "complex": lambda x: signal.welch(x[0] + 1j * x[1], nperseg=8)[1],
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_modes(name: str) -> None:
    f = PROGRAMS[name]
    value, pullback = srcad.vjp(f, X)
    np.testing.assert_array_equal(value, f(X))
    assert pullback(np.ones_like(value))[0].shape == X.shape
    srcad.check_grads(f, X, order=1)


def test_second_order() -> None:
    srcad.check_grads(lambda x: signal.welch(x, nperseg=4)[1][1], X[0, :8], order=2)


def test_single_precision() -> None:
    value, pullback = srcad.vjp(PROGRAMS["welch"], X.astype(np.float32))
    assert value.dtype == pullback(np.ones_like(value))[0].dtype == np.float32


@pytest.mark.parametrize(("f", "message"), [
    (lambda x: signal.csd(x[0], x[1, :12], nperseg=8)[1], "different lengths"), (lambda x: signal.welch(x[0], window=x[1])[1], "window"),
    (lambda x: signal.spectrogram(x, nperseg=8, mode="angle")[2], "mode='psd'"), (lambda x: signal.welch(x, detrend=np.cumsum)[1], "detrend"),
], ids=["lengths", "window", "mode", "detrend"])  # fmt: skip
def test_refusals(f: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(srcad.SrcadError, match=message):
        srcad.jvp(f, (X,), (X,))


@pytest.mark.parametrize("f", [
    lambda x: signal.lfilter([0.2, 0.4, 0.1], [1.5, -0.3, 0.2], x, zi=signal.lfilter_zi([0.2, 0.4, 0.1], [1.0, -0.2, 0.1]) * x[0]),
    lambda x: signal.sosfilt(np.array([[0.2, 0.4, 0.1, 1.0, -0.2, 0.1]]), x, zi=x[None, :2] ** 2),
], ids=["lfilter", "sosfilt"])  # fmt: skip
def test_filters_by_blocks(f: Callable[[Any], Any]) -> None:
    """The last state of one block is the first of the next."""
    srcad.check_grads(f, X[0])

    def chained(x: Any) -> Any:
        state, total = np.zeros(2), 0.0
        for k in range(4):
            y, state = signal.lfilter([0.2, 0.4, 0.1], [1.5, -0.3, 0.2], x[5 * k : 5 * k + 5], zi=state)
            total += np.sum(y**3)
        return total

    whole = srcad.grad(lambda x: np.sum(signal.lfilter([0.2, 0.4, 0.1], [1.5, -0.3, 0.2], x) ** 3))(X[0])
    np.testing.assert_allclose(srcad.grad(chained)(X[0]), whole, rtol=1e-10)


TAPS, POLES, HALF = np.array([0.3, 0.2, 0.5]), np.array([1.1, -0.3, 0.1]), np.array([[1.0, -0.3, 0.1], [1.0, 0.3, 0.2]])
RESPONSES: list[Callable[..., Any]] = [
    lambda b, a: np.abs(signal.freqz(b, a, worN=8)[1]) ** 2, lambda b, a: signal.freqz(b, a, worN=[0.1, 0.5], fs=3.0)[1].imag,
    lambda b, a: np.log(np.abs(signal.freqz([b[0], a[1] * b[2], 1.0], worN=5, whole=True)[1])),
    lambda b, a: np.abs(signal.freqz_sos(np.hstack([np.stack([b, a]), HALF]), worN=6)[1]),
    lambda b, a: signal.lfilter_zi(b, a) ** 2, lambda b, a: signal.lfilter_zi(b[:2] * a[0], a), lambda b, a: signal.lfilter_zi(b, a[:2]),
]


@pytest.mark.parametrize("f", RESPONSES, ids=range(len(RESPONSES)))
def test_responses_by_the_coefficients(f: Callable[..., Any]) -> None:
    np.testing.assert_array_equal(srcad.vjp(f, TAPS, POLES)[0], f(TAPS, POLES))
    srcad.check_grads(f, TAPS, POLES, order=2)


CHANGED: list[Callable[..., Any]] = [
    lambda b, a: signal.lp2hp(b, a, 1.7), lambda b, a: signal.lp2hp(b[:2], a, a[0])[1], lambda b, a: signal.lp2hp(b, a[:2])[0],
    lambda b, a: signal.bilinear(b, a, 2.5), lambda b, a: signal.bilinear(b[1:], a, a[0])[0], lambda b, a: signal.bilinear(b, a[:1]),
    lambda b, a: signal.bilinear([0.0, *b[:2]], a, 0.5), lambda b, a: signal.lp2hp([*b[:2], 0.0], a),
]


@pytest.mark.filterwarnings("ignore:Badly conditioned")
@pytest.mark.parametrize("f", CHANGED, ids=range(len(CHANGED)))
def test_filters_made_of_others(f: Callable[..., Any]) -> None:
    for found, expected in zip(srcad.vjp(f, TAPS, POLES)[0], f(TAPS, POLES), strict=True):
        np.testing.assert_array_equal(found, expected)
    srcad.check_grads(f, TAPS, POLES, order=2)


SYSTEM = np.array([[-0.7, 0.4], [0.2, -1.1]]), np.array([[0.3, 1.2], [0.7, -0.2]]), np.array([[1.0, 0.4], [0.3, -0.6]]), np.array([[0.2, 0.1], [0.4, 0.3]])


def zeros_poles_gain(b, a):
    zeros, poles, gain = signal.tf2zpk(b, a)
    return np.sum(np.abs(zeros - 0.3) ** 2) * np.sum(np.abs(poles - 0.2) ** 2) * gain


def coefficients(z, p, k):
    b, a = signal.zpk2tf(z, p, k)
    return np.sum(b**3) + np.sum(a**2)


def of_states(a, b, c, d):
    top, below = signal.ss2tf(a, b, c, d)
    return np.sum(top**2) + np.sum(below**3) + np.sum(signal.ss2tf(a, b, c, d, input=1)[0] ** 2)


@pytest.mark.parametrize(("f", "given"), [(zeros_poles_gain, (TAPS, POLES)), (coefficients, (TAPS, POLES, 0.7)), (of_states, SYSTEM)])
def test_other_forms_of_a_system(f: Callable[..., Any], given: tuple[Any, ...]) -> None:
    srcad.check_grads(f, *given, order=2)
    assert srcad.value_and_grad(f)(*given)[0] == f(*given)


@pytest.mark.filterwarnings("ignore:Badly conditioned")
def test_a_leading_zero_is_no_coefficient() -> None:
    zeros = srcad.jacrev(lambda b: np.abs(signal.tf2zpk(b, POLES)[0]))(np.array([0.0, 1.0, 0.3]))
    assert zeros[0, 0] == 0.0
    np.testing.assert_allclose(zeros[0, 1:], [-0.3, 1.0])


def test_responses_at_frequencies_that_move_are_refused() -> None:
    with pytest.raises(srcad.NoRule, match="frequencies"):
        srcad.vjp(lambda w: signal.freqz(TAPS, worN=w)[1].real, TAPS)
