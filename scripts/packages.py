"""The public functions of an installed package on made-up arguments: `python scripts/packages.py PACKAGE [PREFIX]`.

What a function takes is not known.  Arguments are made up until some give finite numbers, the same ones twice; there `check_grads`
compares the value, both modes and differences.  PREFIX chooses modules by the beginning of their names; the other options say
what numbers are made of.  Functions are called at random: none of a package that writes or deletes.  Exit code 1 if one is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import importlib
import inspect
import io
import pkgutil
import signal
import sys
import time
import traceback
import types
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.pop(0)  # the folder of this script has a `coverage` of its own
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from srcad import CutWarning, SrcadError, check_grads
from srcad.testing import CheckFailed, active_leaves

COUNTS = {"n", "N", "m", "k", "num", "order", "degree", "deg", "size", "window", "lag", "tau", "ndim", "axis", "nbins", "bins", "dim"}
"""Parameters of these names get a whole number."""
LEFT_OUT = ("plot", "show", "test", "random", "write", "save", "load", "read", "download", "main", "remove", "delete")
"""Names with one of these words are not called."""


class Late(BaseException):
    """The time is up; no `except Exception` of a package sees it."""


@contextlib.contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise Late after some seconds; what is printed meanwhile is dropped."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def late(*_: object) -> None:
    """The handler of the alarm."""
    raise Late


@dataclass(frozen=True)
class Made:
    """Arguments by letters, of numbers between `low` and `high`."""

    low: float
    high: float
    dtype: str
    length: int
    rng: np.random.Generator

    def array(self, *shape: int) -> Any:
        """An array of rounded numbers."""
        return np.round(self.rng.uniform(self.low, self.high, shape), 3).astype(self.dtype)

    def number(self, scale: float = 1.0) -> Any:
        """A Python float, or a NumPy scalar of another dtype."""
        found = self.array(1)[0] * scale
        return float(found) if self.dtype == "float64" else found.astype(self.dtype)

    def of(self, letter: str) -> Any:
        """The argument that a letter stands for."""
        match letter:
            case "f":
                return self.number()
            case "F":
                return self.number(200.0)
            case "a":
                return np.sort(self.array(self.length))
            case "v":
                return self.array(3) - np.asarray(0.5 * (self.low + self.high), self.dtype)
            case "m":
                square = self.array(3, 3)
                return square @ square.T + np.eye(3, dtype=self.dtype)
            case "r":
                return self.array(self.length, 3)
            case "l":
                return [self.number() for _ in range(3)]
            case "w":
                return self.rng.integers(1, 5, self.length)
        return 2


def guesses(names: Sequence[str]) -> list[str]:
    """Letters for the parameters: the same for all, others for the first and the last ones."""
    k = len(names)
    found = [c * k for c in "favFmvrl"]
    found += [a + b * (k - 1) for a in "avmrlf" for b in "fvmarFwi"]
    found += [b * (k - 1) + a for a in "aw" for b in "fFa"]
    found += [pair + "f" * (k - 2) for pair in ("aa", "mv", "rv", "aw", "rw")]
    counted = ("".join("i" if n in COUNTS else c for n, c in zip(names, guess, strict=True)) for guess in found if len(guess) == k)
    return list(dict.fromkeys(counted))


def finite(value: Any) -> bool:
    """Whether there are floats in a value, and all of them are finite."""
    leaves = [leaf for _, leaf in active_leaves(value)]
    return bool(leaves) and all(np.all(np.isfinite(leaf)) for leaf in leaves)


def bits(value: Any) -> list[bytes]:
    """The floats in a value."""
    return [np.asarray(leaf).tobytes() for _, leaf in active_leaves(value)]


def arguments(f: Callable[..., Any], names: Sequence[str], made: Made) -> tuple[str, tuple[Any, ...]]:
    """The first letters and arguments for which `f` gives finite numbers; no letters if there are none, or they are random."""
    for guess in guesses(names):
        args = tuple(map(made.of, guess))
        if not any(True for _ in active_leaves(args)):
            continue
        try:
            with limit(2.0):
                value = f(*copy.deepcopy(args))
                if finite(value):
                    return (guess, args) if bits(value) == bits(f(*copy.deepcopy(args))) else ("", ())
        except Late:
            return "", ()
        except BaseException:
            continue
    return "", ()


def loose(args: tuple[Any, ...]) -> dict[str, float]:
    """Tolerances: a function that nobody chose loses digits, as of 1 m on the radius of the Earth."""
    single = any(np.finfo(np.asarray(leaf).dtype).bits < np.finfo(np.float64).bits for _, leaf in active_leaves(args))
    return {"rtol": 2e-2, "atol": 1e-3} if single else {"rtol": 1e-4, "atol": 1e-6}


def verdict(f: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> tuple[str, str]:
    """What became of the derivatives of a function, in a word, and why."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            with limit(seconds):
                check_grads(f, *args, **loose(args))
        except Late:
            return "slow", ""
        except CheckFailed as error:
            found, why = error.report, "; ".join(error.report.faults)
            if "nothing could be compared" in why:
                return "rough", ""
            cut = any(isinstance(w.message, CutWarning) for w in said)
            return "cut" if cut else "wrong", f"{found.worst}; {why}"
        except SrcadError as error:
            return "refused", " | ".join(str(error).splitlines()[:3])
        except BaseException as error:
            frames = traceback.extract_tb(error.__traceback__)
            asked = [frame.name for frame in frames if frame.filename.endswith("testing.py")]  # by differences
            own = "primal" in asked or frames[-1].filename.endswith("testing.py")
            return ("rough", "") if own else ("crashed", f"{error!r} at {frames[-1].filename}:{frames[-1].lineno}"[:300])
    return "ok", ""


def modules(package: str, prefix: str) -> Iterator[types.ModuleType]:
    """A package and what is in it, as far as it can be imported."""
    root = importlib.import_module(package)
    below = pkgutil.walk_packages(getattr(root, "__path__", ()), f"{package}.", onerror=lambda _: None)
    for name in [package, *(m.name for m in below)]:
        found: types.ModuleType | None = None
        if name.startswith(prefix) and not any(word in name.removeprefix(package) for word in ("plot", "test", "__main__")):
            with contextlib.suppress(Exception, SystemExit, Late), limit(30.0):
                found = importlib.import_module(name)
        if found is not None:
            yield found


def functions(module: types.ModuleType) -> Iterator[tuple[str, Callable[..., Any], list[str]]]:
    """The public functions that a module defines, with the names of the parameters that have no defaults."""
    for name, f in sorted(vars(module).items()):
        if name.startswith("_") or not inspect.isfunction(f) or f.__module__ != module.__name__ or any(w in name for w in LEFT_OUT):
            continue
        with contextlib.suppress(ValueError, TypeError):
            parameters = inspect.signature(f).parameters.values()
            needed = [p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
            if 1 <= len(needed) <= 9:
                yield name, f, needed


def main() -> int:
    """Try all, report each that is not as it should be, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("package")
    parser.add_argument("prefix", nargs="?", default="", help="modules whose names begin so")
    parser.add_argument("--low", type=float, default=0.3)
    parser.add_argument("--high", type=float, default=1.9)
    parser.add_argument("--dtype", default="float64")
    parser.add_argument("--length", type=int, default=6, help="of vectors")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0, help="for one function")
    parser.add_argument("--minutes", type=float, default=15.0, help="for all")
    chosen = parser.parse_args()
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, late)
    made = Made(chosen.low, chosen.high, chosen.dtype, chosen.length, np.random.default_rng(chosen.seed))
    tally: Counter[str] = Counter()
    stop, seen = time.monotonic() + 60.0 * chosen.minutes, set[int]()
    for module in modules(chosen.package, chosen.prefix or chosen.package):
        for name, f, needed in functions(module):
            if id(f) in seen or time.monotonic() > stop:
                continue
            seen.add(id(f))
            letters, args = arguments(f, needed, made)
            word, why = verdict(f, args, chosen.seconds) if letters else ("not called", "")
            tally[word] += 1
            if word not in ("ok", "not called"):
                print(f"{word}: {module.__name__}.{name}({letters}) {why}", flush=True)
    print(f"{chosen.package}: {', '.join(f'{n} {word}' for word, n in sorted(tally.items())) or 'no functions'}")
    return 1 if tally["wrong"] or tally["crashed"] else 0


if __name__ == "__main__":
    sys.exit(main())
